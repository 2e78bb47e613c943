"""Users, passwords and permissions: nobody gets at what is another's by any door, nor round a password. See
test_security.py for what needs no user."""
import base64
import hashlib
import json
import os
import re
import subprocess
import time

import pytest
import requests
from conftest import SLIPWAY, Server, query
from requests_by_hand import encoded, graphql, raw

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
        genai = "api/3.0/mlflow"
        self.dataset = self.post("datasets/create", {"name": "d", "experiment_ids": [self.experiment]}, api=genai)["dataset"]["dataset_id"]
        scorer = {"experiment_id": self.experiment, "name": "s", "serialized_scorer": '{"builtin_scorer_pydantic_data": {"model": "gateway:/e"}}'}
        self.scorer = self.post("scorers/register", scorer, api=genai)["scorer_id"]
        config = requests.put(f"{server.url}/{genai}/scorers/online-config", json={**scorer, "sample_rate": 1}, auth=owner, timeout=60)
        assert config.status_code == 200, config.text
        issue = {"experiment_id": self.experiment, "name": "i", "description": "d"}
        self.issue = self.post("issues", issue, api=genai)["issue"]["issue_id"]
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
        ("GET", f"api/3.0/mlflow/datasets/{two.dataset}"), ("GET", f"api/3.0/mlflow/datasets/{two.dataset}/records"),
        ("GET", f"api/3.0/mlflow/datasets/{two.dataset}/experiment-ids"), ("GET", "api/3.0/mlflow/datasets/search"),
        ("GET", f"api/3.0/mlflow/datasets/search?experiment_ids={two.experiment}"),
        ("GET", f"api/3.0/mlflow/scorers/list?experiment_id={two.experiment}"),
        ("GET", f"api/3.0/mlflow/scorers/get?experiment_id={two.experiment}&name=s"),
        ("GET", f"api/3.0/mlflow/scorers/versions?experiment_id={two.experiment}&name=s"),
        ("GET", f"api/3.0/mlflow/scorers/online-configs?scorer_ids={two.scorer}"), ("GET", f"api/3.0/mlflow/issues/{two.issue}"),
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
    genai = {**body, "experiment_ids": [two.experiment], "records": "[]", "tags": "{}", "dataset_record_ids": [], "serialized_scorer": "{}",
             "sample_rate": 1, "description": "d"}
    for method, path in [
        ("POST", "datasets/create"), ("POST", "datasets/search"), ("DELETE", f"datasets/{two.dataset}"), ("PATCH", f"datasets/{two.dataset}/tags"),
        ("DELETE", f"datasets/{two.dataset}/tags/k"), ("POST", f"datasets/{two.dataset}/add-experiments"),
        ("POST", f"datasets/{two.dataset}/remove-experiments"), ("POST", f"datasets/{two.dataset}/records"),
        ("DELETE", f"datasets/{two.dataset}/records"), ("POST", "scorers/register"), ("DELETE", "scorers/delete"), ("PUT", "scorers/online-config"),
        ("POST", "issues"), ("PATCH", f"issues/{two.issue}"), ("POST", "issues/search"),
    ]:
        answer = two.as_stranger(method, f"api/3.0/mlflow/{path}", json=genai)
        assert answer.status_code == 403, (path, answer.status_code, answer.text[:200])
    # Nor by way of what is his own.
    own = two.as_stranger("POST", f"{API}/experiments/create", json={"name": f"own of {two.stranger[0]}"}).json()["experiment_id"]
    made = two.as_stranger("POST", "api/3.0/mlflow/datasets/create", json={"name": "mine", "experiment_ids": [own]})
    mine = made.json()["dataset"]["dataset_id"]
    share = two.as_stranger("POST", f"api/3.0/mlflow/datasets/{mine}/add-experiments", json={"experiment_ids": [two.experiment]})
    assert share.status_code == 403
    assert two.as_stranger("GET", "api/3.0/mlflow/scorers/list").json() == {"scorers": []}
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
    for row in query(tmp_path / "data", "SELECT password_hash FROM accounts"):
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
    for path in ("pipelines", "audit", f"models/{encoded(two.model)}/story"):
        status = two.as_stranger("GET", f"api/slipway/v1/{path}").status_code
        assert status == 403, (path, status)
    assert two.as_stranger("GET", "api/slipway/v1/monitors").json() == {"monitors": []}
    assert requests.get(f"{two.server.url}/api/slipway/v1/monitors", auth=ADMIN, timeout=60).ok


def test_promoting_takes_what_moving_an_alias_takes(two):
    decisions = f"api/slipway/v1/models/{encoded(two.model)}/decisions"
    decision = {"alias": "champion", "challenger_version": "1", "promote": True, "reason": "mine"}
    alias = f"{API}/registered-models/alias?name={encoded(two.model)}&alias=champion"

    def as_owner(path):
        return requests.get(f"{two.server.url}/{path}", auth=two.owner, timeout=60)

    assert two.as_stranger("POST", decisions, json=decision).status_code == 403
    assert two.as_stranger("GET", decisions).status_code == 403
    share = {"name": two.model, "username": two.stranger[0], "permission": "READ"}
    two.post("registered-models/permissions/create", share)
    assert two.as_stranger("GET", decisions).json() == {"decisions": []}
    assert two.as_stranger("POST", decisions, json=decision).status_code == 403
    assert as_owner(alias).status_code == 400, "the alias is not there"
    assert requests.post(f"{two.server.url}/{decisions}", json=decision, auth=two.owner, timeout=60).status_code == 201
    assert as_owner(alias).json()["model_version"]["version"] == "1"


def test_versioned_data_takes_permission_on_all_experiments(guarded, two):
    content = b"an object"
    path = f"api/slipway/v1/data/project/files/md5/{hashlib.md5(content).hexdigest()[:2]}/{hashlib.md5(content).hexdigest()[2:]}"
    assert two.as_stranger("PUT", path, data=content).status_code == 403
    assert requests.put(f"{guarded.url}/{path}", data=content, auth=ADMIN, timeout=60).status_code == 201
    assert two.as_stranger("GET", path).status_code == 403
    grant = {"username": two.stranger[0], "resource_type": "experiment", "resource_id": "*", "permission": "READ"}
    given = requests.post(f"{guarded.url}/api/3.0/mlflow/users/permissions/grant", json=grant, auth=ADMIN, timeout=60)
    assert given.status_code == 200, given.text
    assert two.as_stranger("GET", path).content == content
    assert two.as_stranger("PUT", path, data=content).status_code == 403


def test_no_secret_is_logged(guarded, two):
    requests.get(f"{guarded.url}/{API}/users/current", auth=(two.owner[0], "a wrong secret xyzzy1"), timeout=60)
    requests.get(f"{guarded.url}/{API}/users/current", headers={"Authorization": "Bearer a wrong token xyzzy2"}, timeout=60)
    requests.get(f"{guarded.url}/{API}/runs/get?run_id=x&token=xyzzy3", auth=two.owner, timeout=60)
    log = (guarded.folder / "server.log").read_text()
    assert f"user={two.owner[0]}" in log
    for secret in ("xyzzy1", "xyzzy2", "xyzzy3", ADMIN[1], two.owner[1], base64.b64encode(":".join(two.owner).encode()).decode()):
        assert secret not in log


# --- With the clients people have


def test_the_stock_client_signs_in_by_name_or_token(tmp_path, monkeypatch):
    pytest.importorskip("flask_wtf", reason="MLflow's auth client cannot be imported without it; make setup installs it")
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
