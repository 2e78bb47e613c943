"""One test for each class of hole that public reports name, each with the reports it is about, on a server that asks nobody
who he is; test_permissions.py does the same for users. What is tried here was possible somewhere once; what must hold is
said in docs/security.md."""
import concurrent.futures
import gzip
import io
import json
import os
import tarfile
import time
import zipfile

import pytest
import requests
from conftest import Server
from requests_by_hand import encoded, graphql, raw

API = "api/2.0/mlflow"


# --- Paths that lead elsewhere: #7166, CVE-2023-1177, -2356, -2780, -6909, -6977, CVE-2024-1483, -1558, -1594, -3848,
# --- CVE-2025-11201 (GHSA-5cvj-7rg6-jggj), PR #10653, PR #19260

# As they reach the server's own decoding, so that every further layer is one more encoding.
LEADS_ELSEWHERE = [
    "../secret", "a/../../secret", "..", "a/..", "/etc/passwd", "//etc/passwd", "..\\secret", "a\\..\\..\\secret", "C:/secret",
    "c:\\secret", "a#/../../secret", "a\x00b", "\x00", "%2e%2e/secret", "%2e%2e%2fsecret", "%252e%252e/secret",
    "%25252e%25252e%25252fsecret", "..%5csecret", "%2fetc%2fpasswd", "a/%2e%2e/%2e%2e/secret", "%00", "%23/../secret",
]


@pytest.fixture()
def outside(own_server):
    """A server, a run in it, and a file beside its artifacts that nobody must get at."""
    secret = own_server.folder / "data" / "secret"
    secret.write_text("nobody's business")
    run = own_server.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]["run_id"]
    requests.put(f"{own_server.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/a", data=b"x", timeout=60)
    own_server.post("registered-models/create", {"name": "m"})
    made = own_server.post("model-versions/create", {"name": "m", "source": f"runs:/{run}/a", "run_id": run})
    assert made.status_code == 200, made.text
    yield own_server, run
    assert secret.read_text() == "nobody's business"


def test_no_route_that_takes_a_path_leads_out(outside):
    server, run = outside
    logged = server.post("logged-models", {"experiment_id": "0", "name": "m"}).json()["model"]["info"]["model_id"]
    proxy = "/api/2.0/mlflow-artifacts"
    for path in LEADS_ELSEWHERE:
        bad = encoded(path)
        calls = [
            ("GET", f"{proxy}/artifacts/{bad}", None),
            ("GET", f"{proxy}/artifacts/0/{bad}", None) if not path.startswith(("/", "%2f", "C:", "c:")) else None,
            ("PUT", f"{proxy}/artifacts/{bad}", b"x"),
            ("DELETE", f"{proxy}/artifacts/{bad}", None) if path not in ("", ".") else None,
            ("GET", f"{proxy}/artifacts?path={bad}", None),
            ("GET", f"/get-artifact?run_uuid={run}&path={bad}", None),
            ("GET", f"/model-versions/get-artifact?name=m&version=1&path={bad}", None),
            ("GET", f"/ajax-api/2.0/mlflow/logged-models/{logged}/artifacts/files?artifact_file_path={bad}", None),
            ("GET", f"/api/2.0/mlflow/logged-models/{logged}/artifacts/directories?artifact_directory_path={bad}", None),
            ("GET", f"/api/2.0/mlflow/artifacts/list?run_id={run}&path={bad}", None),
            ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={bad}", b"x"),
            ("POST", f"{proxy}/mpu/create/{bad}", b'{"path": "f"}'),
            ("GET", f"{proxy}/presigned/{bad}", None),
        ]
        for method, target, body in filter(None, calls):
            status, content = raw(server, method, target, body, {"Content-Type": "application/json"})
            assert status in (400, 404), (method, target, status, content)
            assert b"business" not in content and b"root:" not in content


def test_a_symbolic_link_among_the_artifacts_leads_nowhere(outside):
    server, run = outside
    place = next((server.folder / "data" / "blobs").rglob("artifacts/a")).parent
    (place / "link").symlink_to(server.folder / "data" / "secret")
    (place / "up").symlink_to(server.folder / "data")
    for path in ("link", "up/secret"):
        target = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/{path}"
        answer = requests.get(target, timeout=60)
        assert answer.status_code >= 400 and b"business" not in answer.content
        assert requests.put(target, data=b"overwritten", timeout=60).status_code >= 400 or not (place / path).is_symlink()
        requests.delete(target, timeout=60)


# --- Deleting what one likes: CVE-2023-6831, CVE-2024-1560


def test_deleting_stays_below_the_artifacts_and_never_takes_them_all(outside):
    server, run = outside
    data = server.folder / "data"
    before = {entry.name for entry in data.iterdir()}
    proxy = "/api/2.0/mlflow-artifacts/artifacts"
    for path in ("%2e%2e", "%252e%252e", "%25252e%25252e%25252f", "..%2f..", "0/..%2f..%2f..", "%2e%2e%5c", "", ".", "%2e", "./.", "%2f"):
        status, _ = raw(server, "DELETE", f"{proxy}/{path}")
        assert status in (400, 404, 405), (path, status)
    assert {entry.name for entry in data.iterdir()} == before
    kept = requests.get(f"{server.url}{proxy}/0/{run}/artifacts/a", timeout=60)
    assert kept.status_code == 200, "everybody's artifacts at once are nobody's to delete"


# --- Places that users name: model version sources, artifact locations, file: addresses, #23500


@pytest.mark.parametrize("location", [
    "http:///#/../../../../../../etc/", "mlflow-artifacts:/x#/../../etc", "mlflow-artifacts:/x?/../../../etc", "mlflow-artifacts:/%2e%2e/x",
    "mlflow-artifacts:/../x", "mlflow-artifacts:/%252e%252e/x", "mlflow-artifacts:/a\\..\\b", "mlflow-artifacts:/a\u0000b", "file:///../etc",
])
def test_no_experiment_lies_where_it_leads_elsewhere(server, location):
    answer = server.post("experiments/create", {"name": f"x{time.time_ns()}", "artifact_location": location})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("location", ["file:///etc", "/etc", "s3://somebody/else", "http://169.254.169.254/latest"])
def test_the_server_reads_no_place_but_its_own(server, location):
    made = server.post("experiments/create", {"name": f"x{time.time_ns()}", "artifact_location": location})
    if made.status_code != 200:
        return
    run = server.post("runs/create", {"experiment_id": made.json()["experiment_id"]}).json()["run"]["info"]["run_id"]
    for path in ("hostname", "passwd"):
        answer = requests.get(f"{server.url}/get-artifact", params={"run_uuid": run, "path": path}, timeout=60)
        assert answer.status_code == 400, answer.text
    assert server.get("artifacts/list", run_id=run).status_code == 400
    upload = f"{server.url}/ajax-api/2.0/mlflow/upload-artifact"
    assert requests.post(upload, params={"run_uuid": run, "path": "x"}, data=b"x", timeout=60).status_code == 400


@pytest.mark.parametrize("source", [
    "file:///etc", "/etc", "etc", "file:/etc", "file://localhost/etc", "http:///#/../../etc", "mlflow-artifacts:/", "mlflow-artifacts:/0",
    "mlflow-artifacts:/0/{run}/artifacts/../../..", "mlflow-artifacts:/0/{run}/artifacts/%2e%2e/%2e%2e", "runs:/{other}/m", "models:/nobody/1",
    "http://169.254.169.254/latest/meta-data", "mlflow-artifacts:/0/{run}/artifacts?/../../x", "mlflow-artifacts:/0/{run}/artifactsx",
    "mlflow-artifacts:/0/{run}/artifacts/%252e%252e/x", "mlflow-artifacts:/0/{run}/artifacts/%25252e%25252e%25252fx", "runs:/{run}/%2e%2e/%2e%2e/x",
    "runs:/{run}/a/../../..", "mlflow-artifacts:/0/{run}/artifacts/..%2f..%2fx", "mlflow-artifacts:/0/{run}/artifacts\\..\\..\\x", "models:/../1",
])
def test_a_version_is_made_of_its_own_runs_files_only(server, source):
    run, other = (server.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]["run_id"] for _ in range(2))
    name = f"m{time.time_ns()}"
    server.post("registered-models/create", {"name": name})
    body = {"name": name, "source": source.format(run=run, other=other), "run_id": run}
    answer = server.post("model-versions/create", body)
    assert answer.status_code in (400, 404), answer.text
    shown = requests.get(f"{server.url}/model-versions/get-artifact", params={"name": name, "version": 1, "path": "passwd"}, timeout=60)
    assert shown.status_code == 404


# --- Foreign web pages: DNS rebinding, cross-site requests, frames (CVE-2025-14279, PR #17910; forms:
# --- CVE-2025-1473)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:5000", "127.0.0.1.evil.example", "localhost.evil.example", "[2001:db8::1]", "8.8.8.8", ""])
def test_a_name_that_is_not_ours_is_refused(server, host):
    for path in ("/api/2.0/mlflow/experiments/search?max_results=1", "/no/such/page", "/metrics", "/"):
        status, body = raw(server, "GET", path, headers={"Host": host})
        assert status in (400, 403), (host, path, status, body)


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:1", "[::1]", "[::1]:5000", "10.1.2.3", "192.168.0.9:80"])
def test_our_own_names_are_known_with_any_port(server, host):
    assert raw(server, "GET", "/api/2.0/mlflow/experiments/search?max_results=1", headers={"Host": host})[0] == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", None])
@pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_foreign_page_changes_nothing(server, origin, content_type):
    name = f"x{time.time_ns()}"
    headers = {**origin, **({"Content-Type": content_type} if content_type else {})}
    body = json.dumps({"name": name}).encode()
    for method, target in (("POST", "/api/2.0/mlflow/experiments/create"), ("PUT", f"/api/2.0/mlflow-artifacts/artifacts/0/{name}")):
        assert raw(server, method, target, body, headers)[0] == 403
    assert server.get("experiments/get-by-name", experiment_name=name).status_code == 404


def test_a_form_without_an_origin_is_no_request_either(server):
    """Old browsers send none; a form cannot say that it is JSON."""
    name = f"x{time.time_ns()}"
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        body = json.dumps({"name": name}).encode()
        assert raw(server, "POST", "/api/2.0/mlflow/experiments/create", body, {"Content-Type": content_type})[0] == 400


def test_no_page_is_let_in_by_default(server):
    answer = requests.get(f"{server.url}/{API}/experiments/search?max_results=1", headers={"Origin": "https://evil.example"}, timeout=60)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    asked = requests.options(f"{server.url}/{API}/experiments/create", headers={"Origin": "https://evil.example"}, timeout=60)
    assert asked.status_code >= 400 and "Access-Control-Allow-Origin" not in asked.headers


def test_pages_and_names_that_the_operator_lists_are_let_in(tmp_path):
    class Listed(Server):
        flags = ["--allowed-hosts", "ml.example,app-*.example", "--cors-allowed-origins", "https://portal.example", "--x-frame-options", "DENY"]

    server = Listed(tmp_path).start()
    try:
        search = "/api/2.0/mlflow/experiments/search?max_results=1"
        assert raw(server, "GET", search, headers={"Host": "ml.example"})[0] == 200
        assert raw(server, "GET", search, headers={"Host": "app-7.example:5000"})[0] == 200
        assert raw(server, "GET", search, headers={"Host": "app-7.example.evil"})[0] == 403
        origin = {"Origin": "https://portal.example", "Access-Control-Request-Method": "POST"}
        asked = requests.options(f"{server.url}/{API}/experiments/create", headers=origin, timeout=60)
        assert asked.status_code == 204 and "POST" in asked.headers["Access-Control-Allow-Methods"]
        made = server.post("experiments/create", {"name": "x"}, headers=origin)
        assert made.status_code == 200
        assert made.headers["Access-Control-Allow-Origin"] == "https://portal.example"
        assert made.headers["X-Frame-Options"] == "DENY"
        assert server.post("experiments/create", {"name": "y"}, headers={"Origin": "https://evil.example"}).status_code == 403
    finally:
        server.stop()


# --- Asking for too much: CVE-2025-0453 (#16096), decompression bombs


def test_graphql_answers_few_fields_once(server):
    search = 'mlflowSearchRuns(input: {experimentIds: ["0"]}) { runs { info { runId } } }'
    aliases = "{" + " ".join(f"a{i}: {search}" for i in range(1000)) + "}"
    deep = "{ mlflowGetRun(input: {runId: \"x\"}) " + "{ run " * 500 + "{ info { runId } }" + " }" * 501
    circle = "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }"
    doubling = "{ ...f0 } " + " ".join(f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(60)) + " fragment f60 on Query { test { output } }"
    for query in (aliases, deep, circle, doubling, "{" * 100_000):
        begun = time.monotonic()
        answer = graphql(server, query)
        assert time.monotonic() - begun < 5
        # The doubling one asks for little: each fragment counts once.
        assert answer.status_code in (200, 400) and (not answer.json().get("data") or query == doubling), query[:60]


@pytest.mark.parametrize("call, body", [
    ("runs/search", {"experiment_ids": ["0"], "max_results": 10**9}), ("experiments/search", {"max_results": 10**12}),
    ("runs/search", {"experiment_ids": ["0"], "max_results": -5}), ("logged-models/search", {"experiment_ids": ["0"], "max_results": 10**9}),
])
def test_pages_have_a_largest_size(server, call, body):
    assert server.post(call, body).status_code == 400


def test_a_bomb_is_noticed_while_it_opens(server):
    bomb = gzip.compress(b"\0" * (256 << 20), 9)
    assert len(bomb) < 1 << 20
    process = server.process.pid
    before = resident(process)
    for path, content_type in (("/v1/traces", "application/x-protobuf"), (f"/{API}/runs/log-batch", "application/json")):
        headers = {"Content-Type": content_type, "Content-Encoding": "gzip", "x-mlflow-experiment-id": "0"}
        answer = requests.post(f"{server.url}{path}", data=bomb, headers=headers, timeout=60)
        assert answer.status_code in (400, 413), answer.text[:200]
    assert resident(process) - before < 200 << 20, "it was not all opened first"


def resident(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_endless_keys_names_and_bodies_are_refused_quickly(server):
    run = server.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]["run_id"]
    long = "k" * 1_000_000
    begun = time.monotonic()
    for call, body in [
        ("runs/log-metric", {"run_id": run, "key": long, "value": 1, "timestamp": 1}), ("runs/log-parameter", {"run_id": run, "key": long, "value": "v"}),
        ("runs/set-tag", {"run_id": run, "key": long, "value": "v"}), ("experiments/create", {"name": long}),
        ("registered-models/create", {"name": "m", "tags": [{"key": long, "value": "v"}]}), ("runs/search", {"experiment_ids": ["0"], "filter": f"params.{long} = 'x'"}),
        ("runs/log-batch", {"run_id": run, "metrics": [{"key": "k", "value": 1, "timestamp": 1}] * 100_000}),
        ("runs/search", {"experiment_ids": [str(i) for i in range(400_000)]}), ("logged-models/search", {"experiment_ids": ["1"] * 400_000}),
        ("runs/search", {"experiment_ids": ["0"], "filter": " AND ".join(["params.a = 'x'"] * 20_000)}),
    ]:
        assert server.post(call, body).status_code in (400, 413), call
    nested = b'{"a":' * 200_000 + b"1" + b"}" * 200_000
    assert raw(server, "POST", f"/{API}/experiments/create", nested, {"Content-Type": "application/json"})[0] == 400
    assert raw(server, "GET", "/" + "a/" * 100_000)[0] in (404, 414, 431)
    assert time.monotonic() - begun < 20


def test_many_at_once_do_not_lock_others_out(server):
    def slow(_):
        return graphql(server, '{ mlflowSearchRuns(input: {experimentIds: ["0"], maxResults: 50000}) { runs { info { runId } } } }').status_code

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        running = [pool.submit(slow, i) for i in range(80)]
        begun = time.monotonic()
        assert requests.get(f"{server.url}/health", timeout=10).ok
        assert time.monotonic() - begun < 5
        assert all(one.result() == 200 for one in running)


# --- Pages made of artifacts


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "page.xhtml", "data.xml", "a.html;.png"])
def test_what_users_uploaded_is_never_a_page_of_this_server(server, name):
    run = server.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]["run_id"]
    place = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/{name}"
    assert requests.put(place, data=b"<script>alert(1)</script>", timeout=60).ok
    for url in (place, f"{server.url}/get-artifact?run_uuid={run}&path={encoded(name)}"):
        answer = requests.get(url, timeout=60)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_names_are_text_in_every_page_and_error(server):
    evil = "<script>alert(1)</script>"
    server.post("registered-models/create", {"name": evil})
    assert evil not in requests.get(f"{server.url}/", timeout=60).text
    for path in (f"/{evil}", f"/story/{evil}"):
        answer = requests.get(server.url + path, timeout=60)
        assert "text/html" not in answer.headers["Content-Type"] or evil not in answer.text


# --- Archives with members that lead elsewhere: PR #6961 (CVE-2007-4559), PR #21824


def test_what_is_uploaded_is_never_unpacked(outside):
    """The server keeps archives as they come; what a member is called means nothing to it."""
    server, run = outside
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("../../../secret", "overwritten")
        archive.writestr("/tmp/slipway-zip-slip", "overwritten")
    with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../../../secret"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(server.folder / "data" / "secret")
        archive.addfile(link)
    before = {entry for entry in (server.folder / "data").rglob("*")}
    for name, content, kind in (("m.zip", zipped.getvalue(), "application/zip"), ("m.tar.gz", tarred.getvalue(), "application/gzip")):
        place = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/packed/{name}"
        assert requests.put(place, data=content, headers={"Content-Type": kind}, timeout=60).ok
        assert requests.get(place, timeout=60).content == content
        server.post("model-versions/create", {"name": "m", "source": f"runs:/{run}/packed/{name}", "run_id": run})
    made = {entry.name for entry in (server.folder / "data").rglob("*") if entry not in before and "blobs" in entry.parts}
    assert made == {"packed", "m.zip", "m.tar.gz"}
    assert not os.path.exists("/tmp/slipway-zip-slip")


# --- What errors and logs tell


def test_errors_tell_no_sql_and_no_places(server):
    for call, body in [
        ("experiments/create", {"name": "Default"}), ("runs/search", {"experiment_ids": ["0"], "filter": "params.a = 'x' OR 1=1 --"}),
        ("runs/search", {"experiment_ids": ["0'; DROP TABLE runs; --"]}), ("runs/search", {"experiment_ids": ["99999999999999999999"]}),
        ("runs/search", {"experiment_ids": ["0"], "order_by": ["metrics.`a; DROP TABLE runs` DESC; --"]}), ("registered-models/create", {"name": "a\u0000b"}),
        ("runs/log-metric", {"run_id": "' OR '1'='1", "key": "k", "value": 1, "timestamp": 1}), ("runs/create", {"experiment_id": "0", "start_time": 2**70}),
        ("runs/search", {"experiment_ids": ["0"], "page_token": "x' UNION SELECT 1"}), ("runs/set-tag", {"run_id": "\ud800", "key": "k", "value": "v"}),
    ]:
        answer = requests.post(f"{server.url}/{API}/{call}", data=json.dumps(body), headers={"Content-Type": "application/json"}, timeout=60)
        assert answer.status_code < 500, (call, answer.text)
        for word in ("INSERT INTO", "SELECT ", "constraint", "sqlite", "SQLITE", "UNIQUE", "/work", "/tmp", ".cpp", "Traceback"):
            told = answer.text.replace(json.dumps(body)[1:-1], "")
            assert word not in told or word in json.dumps(body), (call, word, answer.text)
    assert server.get("experiments/get", experiment_id="0").ok
