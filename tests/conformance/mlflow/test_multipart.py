"""Large artifacts in parts: the stock client sends them side by side to addresses that the server gives it."""
import hashlib
import os
import pathlib

import pytest
import requests


MPU = "api/2.0/mlflow-artifacts/mpu"
PART = 5 << 20


@pytest.fixture()
def run(client, experiment):
    return client.create_run(experiment).info


@pytest.fixture()
def big_file(tmp_path):
    path = tmp_path / "big ü.bin"
    path.write_bytes(os.urandom(1 << 20) * 23 + b"the end")
    return path


@pytest.fixture()
def small_limits(monkeypatch):
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(6 << 20))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(PART))


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def unfinished(server):
    """Uploads that were begun, by other tests too."""
    staging = server.folder / "data/blobs/.staging"
    return set(os.listdir(staging)) if staging.exists() else set()


def test_the_client_uploads_in_parts_by_itself(server, client, run, big_file, small_limits, tmp_path):
    before = unfinished(server)
    begun = (server.folder / "server.log").read_bytes().count(b"mpu/part")
    client.log_artifact(run.run_id, str(big_file), "models")
    parts = (server.folder / "server.log").read_bytes().count(b"mpu/part") - begun
    assert parts >= 5, "23 MiB in parts of 5"
    assert [(f.path, f.file_size) for f in client.list_artifacts(run.run_id, "models")] == [("models/big ü.bin", big_file.stat().st_size)]
    (tmp_path / "down").mkdir()
    assert digest(client.download_artifacts(run.run_id, "models/big ü.bin", str(tmp_path / "down"))) == digest(big_file)
    assert unfinished(server) <= before


def begin(server, run, count, **headers):
    folder = run.artifact_uri.removeprefix("mlflow-artifacts:/")
    answer = requests.post(f"{server.url}/{MPU}/create/{folder}", json={"path": "/tmp/x/f.bin", "num_parts": count}, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return folder, answer.json()


def finish(server, folder, upload, parts, call="complete"):
    body = {"path": "f.bin", "upload_id": upload["upload_id"], "parts": parts}
    return requests.post(f"{server.url}/{MPU}/{call}/{folder}", json=body, timeout=60)


def send(upload, number, content):
    credential = upload["credentials"][number - 1]
    assert credential["part_number"] == number
    answer = requests.put(credential["url"], data=content, headers=credential["headers"], timeout=60)
    return answer, {"part_number": number, "etag": answer.headers.get("ETag"), "url": credential["url"]}


def test_parts_in_any_order_and_again(server, client, run):
    folder, upload = begin(server, run, 3)
    sent = {}
    for number, content in ((3, b"tail"), (2, b"b" * PART), (1, b"x" * PART), (1, b"a" * PART)):
        answer, sent[number] = send(upload, number, content)
        assert answer.status_code == 200
    assert client.list_artifacts(run.run_id) == []
    assert finish(server, folder, upload, [sent[1], sent[2]]).status_code == 400
    assert finish(server, folder, upload, [sent[1], sent[2], {**sent[3], "etag": '"other"'}]).status_code == 400
    assert finish(server, folder, upload, [sent[n] for n in (1, 2, 3)]).json() == {}
    content = requests.get(f"{server.url}/get-artifact", params={"run_id": run.run_id, "path": "f.bin"}, timeout=60).content
    assert content == b"a" * PART + b"b" * PART + b"tail"
    assert send(upload, 1, b"a" * PART)[0].status_code == 404, "it is over"


def test_an_aborted_upload_is_gone(server, client, run):
    before = unfinished(server)
    folder, upload = begin(server, run, 2)
    send(upload, 1, b"a" * PART)
    for _ in range(2):
        assert finish(server, folder, upload, [], "abort").json() == {}
    assert send(upload, 2, b"b")[0].status_code == 404
    assert client.list_artifacts(run.run_id) == []
    assert unfinished(server) <= before


def test_odd_requests_are_refused(server, run):
    folder, upload = begin(server, run, 2)
    url = upload["credentials"][0]["url"]
    assert send(upload, 1, b"abc")[0].status_code == 200
    assert requests.put(upload["credentials"][0]["url"], data=b"abcd", timeout=60).status_code == 400, "another size"
    assert requests.put(url, data=iter([b"abc"]), timeout=60).status_code == 400, "no length"
    assert requests.put(url.replace("part_number=1", "part_number=9"), data=b"abc", timeout=60).status_code == 400
    assert requests.put(url.replace("part_number=1", "part_number=x"), data=b"abc", timeout=60).status_code == 400
    assert requests.put(url.replace("f.bin", "g.bin"), data=b"abc", timeout=60).status_code == 404, "the id is of another file"
    for body in ({"path": "f"}, {"path": "f", "num_parts": 10_001}, {"path": "f", "num_parts": 0}, {"path": "..", "num_parts": 1}, {}):
        expected = 200 if body == {"path": "f"} else 400
        assert requests.post(f"{server.url}/{MPU}/create/{folder}", json=body, timeout=60).status_code == expected, body
    assert requests.post(f"{server.url}/{MPU}/create/a/%2e%2e/b", json={"path": "f"}, timeout=60).status_code == 400


def test_addresses_and_credentials_are_those_of_the_request(server, run):
    _, upload = begin(server, run, 1, **{"Authorization": "Bearer secret-of-this-request", "X-Forwarded-Proto": "https", "Host": "127.0.0.1"})
    credential = upload["credentials"][0]
    assert credential["url"].startswith("https://127.0.0.1/api/2.0/mlflow-artifacts/mpu/part/")
    assert credential["headers"] == {"Authorization": "Bearer secret-of-this-request"}


def test_a_local_disk_has_no_addresses_of_its_own(server, client, run):
    info = requests.get(f"{server.url}/api/3.0/mlflow/server-info", timeout=60).json()
    assert (info["multipart_uploads_enabled"], info["multipart_downloads_enabled"]) == (True, False)
    client.log_text(run.run_id, "x", "a.txt")
    folder = run.artifact_uri.removeprefix("mlflow-artifacts:/")
    answer = requests.get(f"{server.url}/api/2.0/mlflow-artifacts/presigned/{folder}/a.txt", timeout=60)
    assert (answer.status_code, answer.json()["error_code"]) == (501, "NOT_IMPLEMENTED")
    assert requests.get(f"{server.url}/api/2.0/mlflow-artifacts/presigned/{folder}/none", timeout=60).status_code == 404
