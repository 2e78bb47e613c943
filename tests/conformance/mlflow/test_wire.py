"""What goes over the wire: spellings, errors, limits and headers that a client may count on."""
import http.client
import time

import pytest
import requests


@pytest.fixture()
def run(server):
    made = server.post("runs/create", {"experiment_id": "0", "start_time": "12"}).json()["run"]
    assert made["info"]["start_time"] == 12
    return made["info"]["run_id"]


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


def test_names_in_snake_or_camel_and_numbers_as_text(server, run):
    assert server.post("runs/log-metric", {"runId": run, "key": "a", "value": "1.5", "timestamp": "3"}).json() == {}
    assert server.post("runs/log-metric", {"run_uuid": run, "key": "b", "value": "NaN", "timestamp": 3, "step": "-2"}).ok
    assert server.post("runs/update", {"run_id": run, "status": 3}).json()["run_info"]["status"] == "FINISHED"
    data = server.get("runs/get", run_id=run).json()["run"]["data"]
    assert {m["key"]: (m["value"], m["timestamp"], m["step"]) for m in data["metrics"]} == {"a": (1.5, 3, 0), "b": ("NaN", 3, -2)}
    both = server.post("runs/log-metric", {"runId": run, "run_id": run, "key": "a", "value": 1, "timestamp": 1})
    assert both.status_code == 400


def test_bare_non_finite_numbers_and_doubly_encoded_bodies_are_understood(server, run):
    url = f"{server.url}/api/2.0/mlflow/runs/log-metric"
    json_type = {"Content-Type": "application/json; charset=utf-8"}
    body = f'{{"run_id": "{run}", "key": "bare", "value": NaN, "timestamp": 1}}'
    assert requests.post(url, data=body, headers=json_type, timeout=60).json() == {}
    twice = '"' + body.replace("NaN", "2").replace('"', '\\"') + '"'
    assert requests.post(url, data=twice, headers=json_type, timeout=60).json() == {}
    assert len(server.get("metrics/get-history", run_id=run, metric_key="bare").json()["metrics"]) == 2


def test_the_web_pages_prefix_is_the_same_api(server, run):
    answer = requests.get(f"{server.url}/ajax-api/2.0/mlflow/runs/get", params={"run_uuid": run}, timeout=60)
    assert answer.json()["run"]["info"]["run_uuid"] == run


def test_empty_lists_are_left_out(server):
    assert server.post("runs/search", {"experiment_ids": ["0"], "filter": "tags.nobody = 'x'"}).json() == {}
    assert server.get("registered-models/search", filter="name = 'nobody'").json() == {}


@pytest.mark.parametrize(
    "path, body, status, code, text",
    [
        ("runs/create", {}, 400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'experiment_id'"),
        ("experiments/create", {"name": 123}, 400, "INVALID_PARAMETER_VALUE", "Invalid value 123 for parameter 'name' supplied"),
        ("experiments/create", {"name": "Default"}, 400, "RESOURCE_ALREADY_EXISTS", "already exists"),
        ("runs/log-metric", {"run_id": "no", "key": "a", "value": 1, "timestamp": 1}, 404, "RESOURCE_DOES_NOT_EXIST", "not found"),
        ("runs/no-such-call", {}, 404, "ENDPOINT_NOT_FOUND", "no endpoint"),
        ("experiments/search", {"max_results": 0}, 400, "INVALID_PARAMETER_VALUE", "max_results"),
        ("experiments/search", {"view_type": "SOME"}, 400, "INVALID_PARAMETER_VALUE", "view_type"),
        ("runs/search", {"experiment_ids": "abc"}, 400, "INVALID_PARAMETER_VALUE", "experiment"),
    ],
)
def test_errors_name_their_cause(server, path, body, status, code, text):
    answer = server.post(path, body)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert text in answer.json()["message"]


def test_names_that_are_missing_are_404_with_the_code_clients_know(server):
    answer = server.get("experiments/get-by-name", experiment_name="nobody")
    assert answer.status_code == 404 and answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_a_wrong_method_is_405(server):
    assert requests.delete(f"{server.url}/api/2.0/mlflow/runs/get", timeout=60).status_code == 405


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": }', b"\xff\xfe", b'{"a":' * 200, b"nonsense"])
def test_broken_bodies_are_the_callers_fault(server, body):
    for path in ("runs/create", "experiments/search"):
        status, _ = raw(server, "POST", f"/api/2.0/mlflow/{path}", body, {"Content-Type": "application/json"})
        assert status == 400


def test_a_form_is_not_taken_for_json(server):
    answer = requests.post(f"{server.url}/api/2.0/mlflow/experiments/create", data={"name": "x"}, timeout=60)
    assert answer.status_code == 400 and "Content-Type" in answer.json()["message"]


def test_foreign_hosts_and_origins_are_refused(server):
    status, body = raw(server, "GET", "/api/2.0/mlflow/experiments/get?experiment_id=0", headers={"Host": "evil.example"})
    assert status == 403 and b"DNS rebinding" in body
    assert raw(server, "GET", "/health", headers={"Host": "evil.example"}) == (200, b"OK")
    foreign = server.post("experiments/create", {"name": f"x{time.time_ns()}"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403 and "Cross-origin" in foreign.text


def test_the_server_says_what_it_is(server):
    version = requests.get(f"{server.url}/version", timeout=60).text
    assert tuple(int(part) for part in version.split(".")) >= (3, 4)
    info = requests.get(f"{server.url}/api/3.0/mlflow/server-info", timeout=60).json()
    assert info["store_type"] == "SqlStore" and info["artifact_serving_enabled"] is True
