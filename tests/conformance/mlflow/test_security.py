"""One test for each class of hole that public reports name, each with the reports it is about. What is tried here was
possible somewhere once; what must hold is said in docs/security.md."""
import base64
import concurrent.futures
import gzip
import http.client
import json
import os
import re
import sqlite3
import subprocess
import time
import urllib.parse

import pytest
import requests
from conftest import SLIPWAY, Server

ADMIN = ("admin", "the admin's password")
API = "api/2.0/mlflow"


class AuthServer(Server):
    """A server with users; nobody may do anything that he was not allowed."""

    flags = ["--auth", "--default-permission", "NO_PERMISSIONS"]
    environment = {"SLIPWAY_ADMIN_PASSWORD": ADMIN[1]}

    def user(self, name):
        password = f"password of {name}"
        answer = self.post("users/create", {"username": name, "password": password}, auth=ADMIN)
        assert answer.status_code == 200, answer.text
        return name, password


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    running = AuthServer(tmp_path_factory.mktemp("guarded")).start()
    yield running
    running.stop()


_count = iter(range(10**9))


@pytest.fixture()
def two(guarded):
    """An owner with an experiment full of things, and a stranger."""
    number = next(_count)
    return Things(guarded, guarded.user(f"owner{number}"), guarded.user(f"stranger{number}"), number)


class Things:
    def __init__(self, server, owner, stranger, number):
        self.server, self.owner, self.stranger = server, owner, stranger
        self.experiment = self.post("experiments/create", {"name": f"private {number}"})["experiment_id"]
        self.run = self.post("runs/create", {"experiment_id": self.experiment})["run"]["info"]["run_id"]
        self.post("runs/log-metric", {"run_id": self.run, "key": "m", "value": 1, "timestamp": 1})
        self.model = f"model {number}"
        self.post("registered-models/create", {"name": self.model})
        source = {"name": self.model, "source": f"runs:/{self.run}/m", "run_id": self.run}
        self.post("model-versions/create", source)
        self.logged = self.post("logged-models", {"experiment_id": self.experiment, "name": "m"})["model"]["info"]["model_id"]
        self.trace = f"tr-{number:032d}"
        self.post("traces", trace_in(self.experiment, self.trace), api="api/3.0/mlflow")
        self.file = f"{self.experiment}/{self.run}/artifacts/secret.txt"
        put = requests.put(f"{server.url}/api/2.0/mlflow-artifacts/artifacts/{self.file}", data=b"secret", auth=owner, timeout=60)
        assert put.status_code == 200

    def post(self, path, body, api=API):
        answer = requests.post(f"{self.server.url}/{api}/{path}", json=body, auth=self.owner, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def as_stranger(self, method, path, **options):
        return requests.request(method, f"{self.server.url}/{path}", auth=self.stranger, timeout=60, **options)

    def share(self, permission):
        body = {"username": self.stranger[0], "resource_type": "experiment", "resource_id": self.experiment, "permission": permission}
        self.post("users/permissions/grant", body, api="api/3.0/mlflow")


def trace_in(experiment, trace):
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    info = {"trace_id": trace, "trace_location": location, "request_time": "2025-04-15T08:49:18.699Z", "state": "OK"}
    return {"trace": {"trace_info": info}}


def raw(server, method, target, body=None, headers=None):
    """A request whose target goes out exactly as written."""
    connection = http.client.HTTPConnection(server.url.split("//")[1], timeout=60)
    connection.putrequest(method, target, skip_host=bool(headers and "Host" in headers))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


# --- Paths that lead elsewhere: #7166, CVE-2023-1177, -2356, -2780, -6909, -6977, CVE-2024-1483, -1558, -1594, -3848,
# --- CVE-2025-11201 (GHSA-5cvj-7rg6-jggj), PR #10653, PR #19260

# As they reach the server's own decoding, so that every further layer is one more encoding.
LEADS_ELSEWHERE = [
    "../secret", "a/../../secret", "..", "a/..", "/etc/passwd", "//etc/passwd", "..\\secret", "a\\..\\..\\secret", "C:/secret",
    "c:\\secret", "a#/../../secret", "a\x00b", "\x00", "%2e%2e/secret", "%2e%2e%2fsecret", "%252e%252e/secret",
    "%25252e%25252e%25252fsecret", "..%5csecret", "%2fetc%2fpasswd", "a/%2e%2e/%2e%2e/secret", "%00", "%23/../secret",
]


def encoded(path):
    return urllib.parse.quote(path, safe="")


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
        assert raw(server, "GET", search, headers={"Host": "app-7.example.evil.example"})[0] == 403
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


def graphql(server, query, **options):
    return requests.post(f"{server.url}/graphql", json={"query": query}, timeout=60, **options)


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
        assert answer.status_code in (200, 400) and not (answer.json().get("data")), query[:60]


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


# --- Across experiments: CVE-2026-0545 and CVE-2026-2652 (routes beside the check), GHSA-46r5-x6jq-v8g6 (#21604,
# --- #21708), #23014 (traces), #23317 (the twin of a route), #18486 and #25071 (page routes), #24567 (presigned), #21201


def test_without_a_name_nothing_is_told_at_all(guarded):
    paths = ["api/2.0/mlflow/experiments/search?max_results=1", "graphql", "get-artifact", "v1/traces", "metrics", "", "no/such/page",
             "api/3.0/mlflow/server-info", "ajax-api/3.0/mlflow/assistant/chat", "api/slipway/v1/monitors", "api/slipway/v1/audit", "story/x"]
    for path in paths:
        for method in ("GET", "POST"):
            answer = requests.request(method, f"{guarded.url}/{path}", timeout=60)
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert "Basic" in answer.headers["WWW-Authenticate"]
    for path in ("health", "version"):
        assert requests.get(f"{guarded.url}/{path}", timeout=60).ok


def test_a_stranger_reads_nothing_of_another_by_any_door(two):
    doors = [
        ("GET", f"{API}/experiments/get?experiment_id={two.experiment}"), ("GET", f"{API}/runs/get?run_id={two.run}"),
        ("GET", f"{API}/metrics/get-history?run_id={two.run}&metric_key=m"),
        ("GET", f"{API}/artifacts/list?run_id={two.run}"), ("GET", f"get-artifact?run_id={two.run}&path=secret.txt"),
        ("GET", f"get-artifact?run_uuid={two.run}&path=secret.txt"),
        ("GET", f"api/2.0/mlflow-artifacts/artifacts/{two.file}"), ("GET", f"api/2.0/mlflow-artifacts/artifacts?path={two.experiment}"),
        ("GET", "api/2.0/mlflow-artifacts/artifacts"), ("GET", f"api/2.0/mlflow-artifacts/presigned/{two.file}"),
        ("GET", f"model-versions/get-artifact?name={encoded(two.model)}&version=1&path=x"),
        ("GET", f"ajax-api/2.0/mlflow/logged-models/{two.logged}/artifacts/files?artifact_file_path=x"),
        ("GET", f"{API}/logged-models/{two.logged}"), ("GET", f"{API}/registered-models/get?name={encoded(two.model)}"),
        ("GET", f"{API}/model-versions/get-download-uri?name={encoded(two.model)}&version=1"),
        ("GET", f"api/3.0/mlflow/traces/{two.trace}"), ("GET", f"api/3.0/mlflow/traces/get?trace_id={two.trace}"),
        ("GET", f"{API}/traces/{two.trace}/info"), ("GET", f"api/3.0/mlflow/traces/batchGet?trace_ids={two.trace}"),
    ]
    doors = doors + [(method, path.replace("api/", "ajax-api/", 1)) for method, path in doors if path.startswith("api/")]
    for prefix in ("api", "ajax-api"):
        doors += [
            ("GET", f"{prefix}/2.0/mlflow/metrics/get-history-bulk?run_id={two.run}&metric_key=m"),
            ("GET", f"{prefix}/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={two.run}&metric_key=m"),
            ("GET", f"{prefix}/2.0/mlflow/get-trace-artifact?request_id={two.trace}"),
            ("GET", f"{prefix}/3.0/mlflow/get-trace-artifact?request_id={two.trace}"),
        ]
    for method, path in doors:
        answer = two.as_stranger(method, path)
        assert answer.status_code == 403, (path, answer.status_code, answer.text[:200])
        assert answer.json()["error_code"] == "PERMISSION_DENIED"
    two.share("READ")
    assert two.as_stranger("GET", f"api/2.0/mlflow-artifacts/artifacts/{two.file}").content == b"secret"
    assert two.as_stranger("GET", f"{API}/runs/get?run_id={two.run}").ok
    assert two.as_stranger("GET", f"get-artifact?run_id={two.run}&path=secret.txt").content == b"secret"


def test_whom_a_request_names_and_whom_it_means_are_the_same(two):
    """Permission asked for one thing, answer given about another: names in two places, twice or in another spelling."""
    mine = requests.post(f"{two.server.url}/{API}/experiments/create", json={"name": f"mine of {two.stranger[0]}"}, auth=two.stranger, timeout=60)
    experiment = mine.json()["experiment_id"]
    run = two.as_stranger("POST", f"{API}/runs/create", json={"experiment_id": experiment}).json()["run"]["info"]["run_id"]
    for path in (f"{API}/runs/get?run_id={run}&run_uuid={two.run}", f"{API}/runs/get?run_uuid={run}&run_id={two.run}",
                 f"{API}/runs/get?run_id={run}&run_id={two.run}", f"{API}/runs/get?run_id={run}&runId={two.run}",
                 f"get-artifact?run_id={run}&run_uuid={two.run}&path=secret.txt", f"get-artifact?run_uuid={run}&run_id={two.run}&path=secret.txt",
                 f"get-artifact?run_id={run}&run_id={two.run}&path=secret.txt",
                 f"{API}/metrics/get-history-bulk?run_id={run}&run_id={two.run}&metric_key=m"):
        answer = two.as_stranger("GET", path)
        assert answer.status_code in (400, 403), (path, answer.text[:200])
    body = {"run_id": two.run, "metric_key": "m"}
    got = two.as_stranger("GET", f"{API}/metrics/get-history?run_id={run}&metric_key=m", json=body)
    assert got.json().get("metrics", []) == []
    assert two.as_stranger("GET", f"{API}/metrics/get-history", json=body).status_code == 403
    assert two.as_stranger("POST", f"{API}/runs/set-tag", json={"run_id": run, "run_uuid": two.run, "key": "k", "value": "v"}).status_code in (400, 403)
    assert two.as_stranger("POST", f"{API}/runs/set-tag?run_id={run}", json={"run_id": two.run, "key": "k", "value": "v"}).status_code == 403
    trace = two.as_stranger("POST", f"api/3.0/mlflow/traces/{two.trace}/assessments?trace_id=x", json={"trace_id": "x", "assessment": {"assessment_name": "a"}})
    assert trace.status_code == 403


def test_a_stranger_changes_nothing_of_another(two):
    body = {"experiment_id": two.experiment, "run_id": two.run, "name": two.model, "version": "1", "key": "k", "value": "v", "new_name": "x",
            "max_timestamp_millis": 10**15, "timestamp": 1, "trace_ids": [two.trace], "source": "x", "alias": "a", "stage": "None"}
    for method, path in [
        ("POST", "experiments/update"), ("POST", "experiments/delete"), ("POST", "experiments/set-experiment-tag"), ("POST", "runs/create"),
        ("POST", "runs/update"), ("POST", "runs/delete"), ("POST", "runs/log-metric"), ("POST", "runs/set-tag"), ("POST", "runs/log-batch"),
        ("POST", "logged-models"), ("DELETE", f"logged-models/{two.logged}"), ("PATCH", f"logged-models/{two.logged}"),
        ("POST", "registered-models/rename"), ("DELETE", "registered-models/delete"), ("POST", "registered-models/alias"),
        ("POST", "model-versions/create"), ("DELETE", "model-versions/delete"), ("POST", "model-versions/transition-stage"),
        ("POST", "traces/delete-traces"), ("PATCH", f"traces/{two.trace}/tags"), ("POST", "traces/link-to-run"),
    ]:
        answer = two.as_stranger(method, f"{API}/{path}", json=body)
        assert answer.status_code == 403, (path, answer.status_code, answer.text[:200])
    proxy = "api/2.0/mlflow-artifacts"
    assert two.as_stranger("PUT", f"{proxy}/artifacts/{two.file}", data=b"x").status_code == 403
    assert two.as_stranger("DELETE", f"{proxy}/artifacts/{two.experiment}").status_code == 403
    for action in ("create", "complete", "abort"):
        answer = two.as_stranger("POST", f"{proxy}/mpu/{action}/{two.experiment}/x", json={"path": "f", "num_parts": 1, "upload_id": "u", "parts": []})
        assert answer.status_code == 403
    spans = two.as_stranger("POST", "v1/traces", data=b"", headers={"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": two.experiment})
    assert spans.status_code == 403
    assert two.as_stranger("POST", "api/3.0/mlflow/traces", json=trace_in(two.experiment, "tr-new")).status_code == 403


def test_artifacts_of_nobody_in_particular_are_for_administrators(two):
    proxy = "api/2.0/mlflow-artifacts/artifacts"
    for path in (".", "%2e", "./.", ".//", "999999/x", "loose.txt"):
        for method in ("GET", "PUT", "DELETE"):
            assert raw_as(two, method, f"/{proxy}/{path}") in (400, 403, 404, 405), (method, path)
    assert two.as_stranger("GET", f"{proxy}?path=.").status_code == 403
    assert requests.put(f"{two.server.url}/{proxy}/loose.txt", data=b"x", auth=ADMIN, timeout=60).ok


def raw_as(two, method, target):
    token = base64.b64encode(":".join(two.stranger).encode()).decode()
    return raw(two.server, method, target, b"x" if method == "PUT" else None, {"Authorization": f"Basic {token}"})[0]


def test_an_experiment_of_ones_own_does_not_reach_into_another(two):
    for location in (f"mlflow-artifacts:/{two.experiment}", f"mlflow-artifacts:/{two.experiment}/{two.run}", "mlflow-artifacts:/", "mlflow-artifacts:/424242",
                     f"mlflow-artifacts://127.0.0.1/{two.experiment}", f"mlflow-artifacts:/./{two.experiment}", f"mlflow-artifacts:////{two.experiment}"):
        answer = two.as_stranger("POST", f"{API}/experiments/create", json={"name": f"x{time.time_ns()}", "artifact_location": location})
        assert answer.status_code == 403, (location, answer.text)


def test_graphql_is_no_way_round(two):
    query = f"""{{ mlflowGetRun(input: {{runId: "{two.run}"}}) {{ run {{ info {{ runId }} }} }}
      e: mlflowGetExperiment(input: {{experimentId: "{two.experiment}"}}) {{ experiment {{ name }} }}
      h: mlflowGetMetricHistoryBulkInterval(input: {{runIds: ["{two.run}"], metricKey: "m"}}) {{ metrics {{ value }} }}
      a: mlflowListArtifacts(input: {{runId: "{two.run}"}}) {{ files {{ path }} }}
      s: mlflowSearchRuns(input: {{experimentIds: ["{two.experiment}"]}}) {{ runs {{ info {{ runId }} }} }} }}"""
    data = graphql(two.server, query, auth=two.stranger).json()["data"]
    assert data == {"mlflowGetRun": None, "e": None, "h": None, "a": None, "s": {"runs": []}}
    seen = graphql(two.server, query, auth=two.owner).json()["data"]
    assert seen["mlflowGetRun"]["run"]["info"]["runId"] == two.run and len(seen["s"]["runs"]) == 1


def test_searches_show_full_pages_of_what_one_may_read(guarded):
    owner, reader = guarded.user("paging-owner"), guarded.user("paging-reader")
    readable = set()
    for i in range(12):
        made = guarded.post("experiments/create", {"name": f"paged {i}"}, auth=owner).json()["experiment_id"]
        guarded.post("registered-models/create", {"name": f"paged {i}"}, auth=owner)
        if i % 3 == 0:
            readable.add(f"paged {i}")
            for body in ({"experiment_id": made}, {"name": f"paged {i}"}):
                kind = "experiments" if "experiment_id" in body else "registered-models"
                assert guarded.post(f"{kind}/permissions/create", {**body, "username": reader[0], "permission": "READ"}, auth=owner).ok
    for call, items, filter in (("experiments/search", "experiments", "name LIKE 'paged %'"), ("registered-models/search", "registered_models", "name LIKE 'paged %'")):
        seen, token, pages = [], "", 0
        while token is not None:
            params = {"max_results": 3, "page_token": token, "filter": filter}
            answer = requests.get(f"{guarded.url}/{API}/{call}", params={k: v for k, v in params.items() if v}, auth=reader, timeout=60).json()
            seen += [one["name"] for one in answer.get(items, [])]
            token, pages = answer.get("next_page_token"), pages + 1
        assert sorted(seen) == sorted(readable) and pages == 2, "pages of 3 and 1, none of them thinned out"


# --- Names and passwords


def test_there_is_no_password_to_start_with(tmp_path):
    """A password that everybody knows is none."""

    class Fresh(Server):
        flags = ["--auth"]
        environment = {"SLIPWAY_ADMIN_PASSWORD": ""}

    server = Fresh(tmp_path).start()
    try:
        for password in ("password", "password1234", "admin", "", "slipway"):
            assert requests.get(f"{server.url}/{API}/users/current", auth=("admin", password), timeout=60).status_code == 401
        log = (tmp_path / "server.log").read_text()
        made_up = re.search(r"first administrator 'admin', password (\S{16,}) ", log)[1]
        who = requests.get(f"{server.url}/{API}/users/current", auth=("admin", made_up), timeout=60)
        assert who.json()["user"] == {"id": 1, "username": "admin", "is_admin": True}
        assert log.count(made_up) == 1
        server.stop()
        server.start()
        assert "first administrator" not in (tmp_path / "server.log").read_text()[len(log):]
        assert requests.get(f"{server.url}/{API}/users/current", auth=("admin", made_up), timeout=60).ok
    finally:
        server.stop()
    for row in sqlite3.connect(next((tmp_path / "data").glob("*.db"))).execute("SELECT password_hash FROM accounts"):
        assert row[0].startswith("$argon2id$") and made_up not in row[0]


def test_who_guesses_has_to_wait(guarded):
    name, password = guarded.user(f"guessed{time.time_ns()}")
    statuses = [requests.get(f"{guarded.url}/{API}/users/current", auth=(name, f"guess number {i}"), timeout=60).status_code for i in range(14)]
    assert statuses[:10] == [401] * 10 and set(statuses[10:]) == {429}
    assert requests.get(f"{guarded.url}/{API}/users/current", auth=(name, password), timeout=60).status_code == 429
    other = guarded.user(f"other{time.time_ns()}")
    assert requests.get(f"{guarded.url}/{API}/users/current", auth=other, timeout=60).ok


def test_signing_in_is_cheap_after_the_first_time(guarded):
    user = guarded.user(f"busy{time.time_ns()}")
    with requests.Session() as session:
        session.auth = user
        session.get(f"{guarded.url}/{API}/users/current", timeout=60)
        begun = time.monotonic()
        for _ in range(100):
            assert session.get(f"{guarded.url}/{API}/users/current", timeout=60).ok
        assert time.monotonic() - begun < 2


def test_a_deleted_user_and_an_old_password_are_out_at_once(guarded):
    name, password = guarded.user(f"leaving{time.time_ns()}")
    current = f"{guarded.url}/{API}/users/current"
    assert requests.get(current, auth=(name, password), timeout=60).ok
    change = {"username": name, "password": "quite another password"}
    assert requests.patch(f"{guarded.url}/{API}/users/update-password", json=change, auth=ADMIN, timeout=60).ok
    assert requests.get(current, auth=(name, password), timeout=60).status_code == 401
    assert requests.get(current, auth=(name, change["password"]), timeout=60).ok
    assert requests.delete(f"{guarded.url}/{API}/users/delete", json={"username": name}, auth=ADMIN, timeout=60).ok
    assert requests.get(current, auth=(name, change["password"]), timeout=60).status_code == 401


def test_users_do_not_promote_themselves(two):
    name = two.stranger[0]
    for method, path, body in [
        ("PATCH", "users/update-admin", {"username": name, "is_admin": True}), ("POST", "users/create", {"username": "x", "password": "a long password"}),
        ("DELETE", "users/delete", {"username": two.owner[0]}), ("PATCH", "users/update-password", {"username": two.owner[0], "password": "a long password"}),
        ("POST", "experiments/permissions/create", {"experiment_id": two.experiment, "username": name, "permission": "MANAGE"}),
        ("PATCH", "experiments/permissions/update", {"experiment_id": two.experiment, "username": name, "permission": "MANAGE"}),
        ("POST", "registered-models/permissions/create", {"name": two.model, "username": name, "permission": "MANAGE"}),
    ]:
        assert two.as_stranger(method, f"{API}/{path}", json=body).status_code == 403, path
    grant = {"username": name, "resource_type": "experiment", "resource_id": "*", "permission": "MANAGE"}
    assert two.as_stranger("POST", "api/3.0/mlflow/users/permissions/grant", json=grant).status_code == 403
    for path in ("users/list", f"users/get?username={two.owner[0]}"):
        assert two.as_stranger("GET", f"{API}/{path}").status_code == 403
    two.share("EDIT")
    again = {"username": name, "resource_type": "experiment", "resource_id": two.experiment, "permission": "MANAGE"}
    assert two.as_stranger("POST", "api/3.0/mlflow/users/permissions/grant", json=again).status_code == 403, "sharing takes MANAGE"


def test_permissions_go_with_the_model(two):
    share = {"name": two.model, "username": two.stranger[0], "permission": "READ"}
    two.post("registered-models/permissions/create", share)
    two.post("registered-models/rename", {"name": two.model, "new_name": two.model + " renamed"})
    renamed = encoded(two.model + " renamed")
    assert two.as_stranger("GET", f"{API}/registered-models/get?name={renamed}").ok
    two.post("registered-models/create", {"name": two.model})
    assert two.as_stranger("GET", f"{API}/registered-models/get?name={encoded(two.model)}").status_code == 403, "another model of the old name"
    requests.delete(f"{two.server.url}/{API}/registered-models/delete", json={"name": two.model + " renamed"}, auth=two.owner, timeout=60)
    two.post("registered-models/create", {"name": two.model + " renamed"})
    assert two.as_stranger("GET", f"{API}/registered-models/get?name={renamed}").status_code == 403


def test_slipways_own_api_is_for_administrators_and_tokens(two):
    for path in ("monitors", "pipelines", "audit", "decisions", "events"):
        status = two.as_stranger("GET", f"api/slipway/v1/{path}").status_code
        assert status in (403, 404), (path, status)
    assert requests.get(f"{two.server.url}/api/slipway/v1/monitors", auth=ADMIN, timeout=60).ok


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


def test_no_secret_is_logged(guarded, two):
    requests.get(f"{guarded.url}/{API}/users/current", auth=(two.owner[0], "a wrong secret 4711"), timeout=60)
    requests.get(f"{guarded.url}/{API}/users/current", headers={"Authorization": "Bearer a wrong token 4712"}, timeout=60)
    requests.get(f"{guarded.url}/{API}/runs/get?run_id=x&token=4713", auth=two.owner, timeout=60)
    log = (guarded.folder / "server.log").read_text()
    assert f"user={two.owner[0]}" in log
    for secret in ("4711", "4712", "4713", ADMIN[1], two.owner[1], base64.b64encode(":".join(two.owner).encode()).decode()):
        assert secret not in log


# --- With the clients people have


def test_the_stock_client_signs_in_by_name_or_token(tmp_path, monkeypatch):
    tokens = tmp_path / "tokens"
    tokens.write_text("a-token-of-a-program writer ci\n")

    class Both(AuthServer):
        flags = [*AuthServer.flags, "--tokens-file", str(tokens)]

    server = Both(tmp_path).start()
    try:
        import mlflow
        from mlflow.exceptions import MlflowException
        from mlflow.server.auth.client import AuthServiceClient

        for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        client, users = mlflow.MlflowClient(server.url), AuthServiceClient(server.url)
        with pytest.raises(MlflowException, match="You are not authenticated.") as caught:
            client.search_experiments()
        assert caught.value.error_code == "UNAUTHENTICATED"

        def as_user(name, password):
            monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", name)
            monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", password)

        as_user(*ADMIN)
        ann = users.create_user("ann", "password of ann")
        users.create_user("bob", "password of bob")
        assert users.get_user("ann").id == ann.id and not ann.is_admin
        as_user("ann", "password of ann")
        experiment = client.create_experiment("of ann")
        run = client.create_run(experiment)
        client.log_dict(run.info.run_id, {"a": 1}, "d.json")
        assert users.get_user_permission("ann", "experiment", experiment).permission == "MANAGE"
        users.grant_user_permission("bob", "experiment", experiment, "READ")
        as_user("bob", "password of bob")
        assert client.get_run(run.info.run_id).info.run_id == run.info.run_id
        assert [one.path for one in client.list_artifacts(run.info.run_id)] == ["d.json"]
        with pytest.raises(MlflowException, match="Permission denied") as caught:
            client.log_metric(run.info.run_id, "m", 1)
        assert caught.value.error_code == "PERMISSION_DENIED"
        as_user("ann", "password of ann")
        users.revoke_user_permission("bob", "experiment", experiment)
        users.update_user_password("ann", "a new password of ann", current_password="password of ann")
        as_user("ann", "a new password of ann")
        assert client.get_run(run.info.run_id)
        monkeypatch.delenv("MLFLOW_TRACKING_USERNAME")
        monkeypatch.delenv("MLFLOW_TRACKING_PASSWORD")
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "a-token-of-a-program")
        client.log_metric(run.info.run_id, "m", 1)
        with pytest.raises(MlflowException, match="Permission denied"):
            users.create_user("eve", "password of eve")
    finally:
        server.stop()


def test_the_command_line_manages_users(tmp_path):
    server = AuthServer(tmp_path).start()
    environment = {**os.environ, "SLIPWAY_SERVER": server.url, "SLIPWAY_USERNAME": ADMIN[0], "SLIPWAY_PASSWORD": ADMIN[1]}

    def slipway(*words, given="", code=0):
        done = subprocess.run([SLIPWAY, "user", *words], env=environment, input=given, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
        return done.stdout

    try:
        made = json.loads(slipway("create", "ann", "--json"))
        assert requests.get(f"{server.url}/{API}/users/current", auth=("ann", made["password"]), timeout=60).ok
        assert "password" not in slipway("create", "bob", "--password-stdin", given="password of bob\n")
        slipway("create", "ann", code=2)
        experiment = server.post("experiments/create", {"name": "e"}, auth=ADMIN).json()["experiment_id"]
        slipway("permission", "bob", "experiment", experiment, "EDIT")
        assert json.loads(slipway("permission", "bob", "--json"))["permissions"][0]["permission"] == "EDIT"
        slipway("permission", "bob", "experiment", experiment, "--revoke")
        assert json.loads(slipway("permission", "bob", "--json"))["permissions"] == []
        slipway("role", "ann", "--admin")
        assert [(u["username"], u["is_admin"]) for u in json.loads(slipway("list", "--json"))["users"]] == [("admin", True), ("ann", True), ("bob", False)]
        slipway("password", "bob", "--password-stdin", given="another one of bob\n")
        assert requests.get(f"{server.url}/{API}/users/current", auth=("bob", "another one of bob"), timeout=60).ok
        slipway("delete", "bob")
        slipway("delete", "bob", code=2)
    finally:
        server.stop()
