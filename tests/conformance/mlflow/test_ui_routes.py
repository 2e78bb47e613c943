"""What MLflow's web page asks for beside the client's calls: files by run, model version and logged model, uploads,
datasets of an experiment, and the small questions about features."""
import mlflow
import numpy
import pytest
import requests


@pytest.fixture()
def run(client, experiment):
    run = client.create_run(experiment).info
    client.log_text(run.run_id, "<script>alert(1)</script>", "pages/ü page.html")
    return run


def fetch(server, route, /, **params):
    return requests.get(f"{server.url}/{route}", params=params, timeout=60)


def is_download(answer):
    return (
        answer.headers["Content-Disposition"].startswith("attachment")
        and answer.headers["X-Content-Type-Options"] == "nosniff"
        and "sandbox" in answer.headers["Content-Security-Policy"]
    )


def test_files_of_a_run(server, run):
    for name in ("run_id", "run_uuid"):
        answer = fetch(server, "get-artifact", **{name: run.run_id}, path="pages/ü page.html")
        assert answer.status_code == 200 and answer.text.startswith("<script>") and is_download(answer)
    assert "filename*=UTF-8''%C3%BC%20page.html" in answer.headers["Content-Disposition"]
    assert fetch(server, "get-artifact", run_id=run.run_id, path="pages").status_code == 400
    assert fetch(server, "get-artifact", run_id=run.run_id, path="none").json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert fetch(server, "get-artifact", run_id="none", path="a").status_code == 404
    assert fetch(server, "get-artifact", run_id="none", path="../a").status_code == 400
    assert fetch(server, "get-artifact", run_id=run.run_id).status_code == 400


@pytest.mark.parametrize("path", ["../x", "%2e%2e/x", "a/../../x", "/etc/passwd", "a\\..\\x", "a#b", "C:/x", "%252e%252e/x", "\x00"])
def test_paths_that_lead_out_are_refused(server, client, run, path):
    model = client.create_registered_model(f"paths {run.run_id} {abs(hash(path))}").name
    client.create_model_version(model, run.artifact_uri + "/pages", run_id=run.run_id)
    logged = client.create_logged_model(run.experiment_id).model_id
    for answer in (
        fetch(server, "get-artifact", run_id=run.run_id, path=path),
        fetch(server, "model-versions/get-artifact", name=model, version=1, path=path),
        fetch(server, f"ajax-api/2.0/mlflow/logged-models/{logged}/artifacts/files", artifact_file_path=path),
        requests.post(
            f"{server.url}/ajax-api/2.0/mlflow/upload-artifact", params={"run_uuid": run.run_id, "path": path}, data="x", timeout=60
        ),
    ):
        assert answer.status_code == 400 and "Invalid path" in answer.json()["message"], answer.text


def test_files_of_a_model_version(server, client, run):
    model = client.create_registered_model(f"files {run.run_id}").name
    client.create_model_version(model, run.artifact_uri + "/pages", run_id=run.run_id)
    client.create_model_version(model, f"runs:/{run.run_id}/pages", run_id=run.run_id)
    client.create_model_version(model, f"models:/{model}/1", run_id=run.run_id)
    for version in (1, 2, 3):
        answer = fetch(server, "model-versions/get-artifact", name=model, version=version, path="ü page.html")
        assert answer.status_code == 200 and answer.text.startswith("<script>") and is_download(answer), answer.text
    assert fetch(server, "model-versions/get-artifact", name=model, version=9, path="a").status_code == 404
    assert fetch(server, "model-versions/get-artifact", name=model, version="x", path="a").status_code == 400


def test_files_of_a_logged_model(server, client, experiment, tmp_path):
    model = client.create_logged_model(experiment)
    (tmp_path / "MLmodel").write_text("flavors: {}")
    client.log_model_artifacts(model.model_id, str(tmp_path))
    path = f"ajax-api/2.0/mlflow/logged-models/{model.model_id}/artifacts/files"
    answer = fetch(server, path, artifact_file_path="MLmodel")
    assert answer.text == "flavors: {}" and is_download(answer)
    assert fetch(server, path).status_code == 400
    assert fetch(server, path.replace(model.model_id, "m-none"), artifact_file_path="a").status_code == 404


def test_small_files_are_uploaded(server, client, run):
    url = f"{server.url}/ajax-api/2.0/mlflow/upload-artifact"

    def upload(data, **params):
        return requests.post(url, params={"run_uuid": run.run_id, **params}, data=data, timeout=60)

    assert upload(b"hello", path="notes/a.txt").status_code == 200
    assert fetch(server, "get-artifact", run_id=run.run_id, path="notes/a.txt").content == b"hello"
    most = 10 << 20
    assert upload(b"x" * most, path="most").status_code == 200
    assert "too large" in upload(b"x" * (most + 1), path="more").json()["message"]
    assert "too large" in upload(iter([b"x" * most, b"x"]), path="more").json()["message"], "without a length"
    assert [f.path for f in client.list_artifacts(run.run_id)] == ["most", "notes", "pages"]
    assert upload(b"", path="empty").status_code == 400
    assert upload(b"x").status_code == 400
    assert requests.post(url, params={"path": "a"}, data="x", timeout=60).status_code == 400


def test_datasets_of_experiments(server, client, experiment):
    data = mlflow.data.from_numpy(numpy.arange(4), name="four")
    other = mlflow.data.from_numpy(numpy.arange(5), name="five")
    for context in ("training", "training", "test"):
        with mlflow.start_run(experiment_id=experiment):
            mlflow.log_input(data, context=context)
            mlflow.log_input(other)

    def search(ids, prefix="ajax-api"):
        return requests.post(
            f"{server.url}/{prefix}/2.0/mlflow/experiments/search-datasets", json={"experiment_ids": ids}, timeout=60
        )

    found = search([experiment]).json()["dataset_summaries"]
    assert search([experiment], "api").json()["dataset_summaries"] == found
    assert [(d["name"], d["digest"], d.get("context")) for d in found] == [
        ("five", other.digest, None),
        ("four", data.digest, "test"),
        ("four", data.digest, "training"),
    ]
    assert {d["experiment_id"] for d in found} == {experiment}
    assert search(["999999"]).json() == {}
    assert "at least one" in search([]).json()["message"]
    assert "more than 20" in search(["0"] * 21).json()["message"]


def test_the_page_learns_that_there_is_no_telemetry_and_no_gateway(server):
    telemetry = f"{server.url}/ajax-api/3.0/mlflow/ui-telemetry"
    assert requests.get(telemetry, timeout=60).json()["disable_ui_telemetry"] is True
    assert requests.post(telemetry, json={"records": []}, timeout=60).json() == {"status": "disabled"}
    assert fetch(server, "ajax-api/2.0/mlflow/gateway-proxy", gateway_path="api/2.0/endpoints/").json() == {"endpoints": []}


def test_a_foreign_page_cannot_upload(server, run):
    answer = requests.post(
        f"{server.url}/ajax-api/2.0/mlflow/upload-artifact",
        params={"run_uuid": run.run_id, "path": "a"},
        data="x",
        headers={"Origin": "https://example.org"},
        timeout=60,
    )
    assert answer.status_code == 403
