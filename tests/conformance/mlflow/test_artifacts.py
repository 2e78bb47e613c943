"""Artifacts up and down: folders, odd names, large files, ranges, and paths that try to get out."""
import hashlib
import http.client
import os
import pathlib
import time

import mlflow
import pytest
import requests
from test_wire import raw

PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def test_folders_go_up_and_come_down_the_same(client, experiment, tmp_path):
    run = client.create_run(experiment).info.run_id
    names = ["a.txt", "sub/b.bin", "sub/deep er/ü 100%.txt", "sub/empty", "x+y.txt", "q&a=1.txt"]
    source = tmp_path / "up"
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"" if name.endswith("empty") else name.encode() * 100)
    client.log_artifacts(run, str(source), "data")
    client.log_artifact(run, str(source / "a.txt"))
    assert [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run)] == [("a.txt", False, 500), ("data", True, None)]
    assert [f.path for f in client.list_artifacts(run, "data/sub")] == ["data/sub/b.bin", "data/sub/deep er", "data/sub/empty"]
    assert client.list_artifacts(run, "a.txt") == [] and client.list_artifacts(run, "nothing") == []
    down = pathlib.Path(client.download_artifacts(run, "data", str(tmp_path)))
    assert {str(p.relative_to(down)): p.read_bytes() for p in down.rglob("*") if p.is_file()} == {
        name: (source / name).read_bytes() for name in names
    }


def test_a_question_mark_is_part_of_a_name(server, client, experiment, tmp_path):
    run = client.create_run(experiment).info
    for name in ("why?.txt", "a?x=2.txt"):
        (tmp_path / name).write_text(name)
    client.log_artifact(run.run_id, str(tmp_path / "why?.txt"))
    client.log_artifact(run.run_id, str(tmp_path / "a?x=2.txt"), "deep?er")
    assert [file.path for file in client.list_artifacts(run.run_id)] == ["deep?er", "why?.txt"]
    assert [file.path for file in client.list_artifacts(run.run_id, "deep?er")] == ["deep?er/a?x=2.txt"]
    # The client cuts the one path that it is asked for at its question mark, but not those that it finds in a folder.
    down = pathlib.Path(client.download_artifacts(run.run_id, ""))
    assert {str(p.relative_to(down)): p.read_text() for p in down.rglob("*") if p.is_file()} == {
        "why?.txt": "why?.txt", "deep?er/a?x=2.txt": "a?x=2.txt",
    }
    # What leads out is refused behind the mark too.
    folder = run.artifact_uri.removeprefix("mlflow-artifacts:/")
    for bad in ("a?/../../b", "a?/%2e%2e/b", "a?%23", "a?%zz"):
        assert raw(server, "PUT", f"{PROXY}/{folder}/{bad}", b"x")[0] == 400, bad
    assert raw(server, "DELETE", f"{PROXY}/{folder}/why?.txt")[0] == 200
    assert [file.path for file in client.list_artifacts(run.run_id)] == ["deep?er"]


def test_names_that_only_other_clients_can_send(server, client, experiment):
    run = client.create_run(experiment).info
    folder = f"{PROXY}/{run.artifact_uri.removeprefix('mlflow-artifacts:/')}"
    assert raw(server, "PUT", f"{folder}/%2541.txt", b"one")[0] == 200
    assert raw(server, "PUT", f"{folder}/A.txt", b"two")[0] == 200
    listed = server.get("artifacts/list", run_id=run.run_id).json()["files"]
    assert [file["path"] for file in listed] == ["%41.txt", "A.txt"], "one is not taken for the other"
    assert raw(server, "GET", f"{folder}/%2541.txt") == (200, b"one")
    assert raw(server, "GET", f"{folder}/%41.txt") == (200, b"two")
    for sharp in ("a%23b", "a%2523b"):
        status, body = raw(server, "PUT", f"{folder}/{sharp}", b"x")
        assert status == 400 and b"Invalid path" in body


def test_the_runs_own_list_is_relative_to_its_root(server, client, experiment):
    run = client.create_run(experiment).info
    client.log_text(run.run_id, "x", "d/e/f.txt")
    listed = server.get("artifacts/list", run_id=run.run_id, path="d/e").json()
    assert listed == {"root_uri": run.artifact_uri, "files": [{"path": "d/e/f.txt", "is_dir": False, "file_size": 1}]}


def test_a_large_file_streams_both_ways(server, tmp_path):
    size = 64 << 20
    content = os.urandom(1 << 20) * (size >> 20)

    def pieces():
        for start in range(0, size, 1 << 20):
            yield content[start : start + (1 << 20)]

    url = f"{server.url}{PROXY}/0/large.bin"
    assert requests.put(url, data=pieces(), timeout=120).json() == {}
    digest = hashlib.sha256()
    with requests.get(url, stream=True, timeout=120) as answer:
        assert answer.headers["Content-Length"] == str(size)
        for piece in answer.iter_content(1 << 20):
            digest.update(piece)
    assert digest.digest() == hashlib.sha256(content).digest()
    part = requests.get(url, headers={"Range": "bytes=10-19"}, timeout=60)
    assert part.status_code == 206 and part.content == content[10:20]


def test_overwriting_replaces_and_deleting_removes_folders(server):
    url = f"{server.url}{PROXY}/0/over"
    for content in (b"long content", b"short"):
        requests.put(f"{url}/x.txt", data=content, timeout=60)
    assert requests.get(f"{url}/x.txt", timeout=60).content == b"short"
    assert requests.get(url, timeout=60).status_code == 400, "a folder is no file"
    requests.delete(url, timeout=60)
    gone = requests.get(f"{url}/x.txt", timeout=60)
    assert gone.status_code == 404 and gone.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert requests.get(f"{server.url}{PROXY}", params={"path": "0/over"}, timeout=60).json() == {}


def test_an_upload_that_breaks_off_leaves_nothing(server):
    connection = http.client.HTTPConnection(server.url.split("//")[1], timeout=60)
    connection.putrequest("PUT", f"{PROXY}/0/half.bin")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(b"x" * 1000)
    connection.close()
    assert requests.get(f"{server.url}{PROXY}/0/half.bin", timeout=60).status_code == 404


def test_pages_among_artifacts_are_only_offered_as_files(server):
    url = f"{server.url}{PROXY}/0/page ü.html"
    requests.put(url, data=b"<script>alert(1)</script>", timeout=60)
    headers = requests.get(url, timeout=60).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''page%20%C3%BC.html" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Content-Security-Policy"] == "sandbox"


HOSTILE = [
    "../secret",
    "a/../../secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "%2e%2e%2fsecret",
    "%252e%252e%252fsecret",
    "a%2f..%2f..%2fsecret",
    "..%5csecret",
    "%5c..%5csecret",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "C:%5cwindows",
    "a%00b",
    "a%23b",
    "a%0ab",
    "%ff%fe",
    "%25252e%25252e/secret",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_no_path_gets_out_of_the_artifacts(server, path):
    for method, body in (("GET", None), ("PUT", b"evil"), ("DELETE", None)):
        status, content = raw(server, method, f"{PROXY}/{path}", body, {"Content-Type": "application/octet-stream"})
        assert status in (400, 404), (method, path, status, content)
        assert status == 400 or method == "GET" or b"ENDPOINT" in content, (method, path)
    status, content = raw(server, "GET", f"{PROXY}?path={path}")
    assert status == 400 or content == b"{}", path
    outside = [p.name for p in server.folder.rglob("*") if p.is_file() and "artifacts" not in p.parts]
    assert not any("secret" in name or "passwd" in name or "windows" in name for name in outside)


def test_a_run_whose_files_are_elsewhere_is_not_listed_by_us(server, client):
    experiment = client.create_experiment(f"elsewhere {time.time_ns()}", artifact_location="file:///etc")
    run = client.create_run(experiment).info.run_id
    answer = server.get("artifacts/list", run_id=run)
    assert answer.status_code == 400 and "not stored by this server" in answer.json()["message"]


@pytest.mark.parametrize(
    "name, content_type, disposition",
    [
        ("a.txt", "text/plain", "attachment; filename=a.txt"),
        ("MLmodel", "text/plain", "attachment; filename=MLmodel"),
        ("conda.yaml", "text/plain", "attachment; filename=conda.yaml"),
        ("plot.png", "image/png", "attachment; filename=plot.png"),
        ("page.html", "text/html", "attachment; filename=page.html"),
        ("data.bin", "application/octet-stream", "attachment; filename=data.bin"),
        ("two words.txt", "text/plain", 'attachment; filename="two words.txt"'),
    ],
)
def test_files_go_out_under_their_name_and_type(server, client, experiment, tmp_path, name, content_type, disposition):
    run = client.create_run(experiment).info.run_id
    (tmp_path / name).write_bytes(b"x")
    client.log_artifact(run, str(tmp_path / name))
    answer = requests.get(f"{server.url}/get-artifact", params={"run_id": run, "path": name}, timeout=60)
    assert answer.content == b"x"
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == disposition


def test_new_experiments_lie_where_the_server_was_told(tmp_path, make_server):
    folder = tmp_path / "shared"
    server = make_server("--default-artifact-root", str(folder))
    client = mlflow.MlflowClient(server.url)
    experiment = client.create_experiment("of its own")
    run = client.create_run(experiment).info
    assert run.artifact_uri == f"file://{folder}/{experiment}/{run.run_id}/artifacts"
    (tmp_path / "a.txt").write_text("put there by the client")
    client.log_artifact(run.run_id, str(tmp_path / "a.txt"))
    assert (folder / experiment / run.run_id / "artifacts" / "a.txt").read_text() == "put there by the client"


def test_a_root_may_be_the_address_of_this_server(tmp_path, make_server):
    server = make_server("--default-artifact-root", "http://127.0.0.1:1/api/2.0/mlflow-artifacts/artifacts")
    client = mlflow.MlflowClient(server.url)
    run = client.create_run(client.create_experiment("by url")).info
    requests.put(f"{server.url}{PROXY}/1/{run.run_id}/artifacts/a.txt", data=b"here").raise_for_status()
    answer = requests.get(f"{server.url}/get-artifact", params={"run_id": run.run_id, "path": "a.txt"}, timeout=60)
    assert answer.content == b"here"
    assert [file["path"] for file in server.get("artifacts/list", run_id=run.run_id).json()["files"]] == ["a.txt"]
