"""Webhooks as the stock client makes them, calling a server of the test."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

import mlflow
import pytest
import requests
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent, WebhookStatus
from mlflow.exceptions import MlflowException
from mlflow.webhooks import constants
from mlflow.webhooks.delivery import _generate_hmac_signature

from conftest import Server

MODEL = WebhookEvent(WebhookEntity.REGISTERED_MODEL, WebhookAction.CREATED)
VERSION = WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED)
ALL_EVENTS = [
    WebhookEvent(entity, action)
    for entity, actions in {
        "registered_model": ["created"],
        "model_version": ["created"],
        "model_version_tag": ["set", "deleted"],
        "model_version_alias": ["created", "deleted"],
        "prompt": ["created"],
        "prompt_version": ["created"],
        "prompt_tag": ["set", "deleted"],
        "prompt_version_tag": ["set", "deleted"],
        "prompt_alias": ["created", "deleted"],
        "budget_policy": ["exceeded"],
    }.items()
    for action in actions
]
OPEN = {"SLIPWAY_ALLOW_PRIVATE_WEBHOOKS": "true", "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https"}


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps every call; answers by path: what `answers` has for it in turn, the last for good, 200 otherwise."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls, self.answers, self.lock = [], {}, threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def wait_for(self, count, path="/hook", seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.lock:
                found = [call for call in self.calls if call["path"] == path]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{count} calls of {path} wanted, {len(found)} came")


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.calls.append(
                {"path": self.path, "headers": self.headers, "body": body, "at": time.monotonic(), "json": json.loads(body)}
            )
            answers = self.server.answers.get(self.path, [(200, {})])
            status, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        if status == "silence":
            time.sleep(headers)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture()
def receiver():
    running = Receiver()
    yield running
    running.shutdown()


@pytest.fixture()
def hooked(tmp_path):
    running = Server(tmp_path, environment=OPEN).start()
    yield running
    running.stop()


@pytest.fixture()
def hooks(hooked):
    return mlflow.MlflowClient(hooked.url, hooked.url)


def test_a_webhook_is_kept_changed_listed_and_deleted(hooks):
    made = hooks.create_webhook("ci", "http://localhost:1/x", [VERSION, MODEL], description="d", secret="s")
    assert (made.name, made.url, made.description, made.status) == ("ci", "http://localhost:1/x", "d", WebhookStatus.ACTIVE)
    assert set(made.events) == {MODEL, VERSION} and made.secret is None
    changed = hooks.update_webhook(made.webhook_id, status=WebhookStatus.DISABLED, events=[MODEL])
    assert changed.status == WebhookStatus.DISABLED and changed.events == [MODEL] and changed.description == "d"
    assert changed.last_updated_timestamp > made.last_updated_timestamp
    for number in range(3):
        hooks.create_webhook(f"n{number}", "http://localhost:1/", [MODEL])
    first = hooks.list_webhooks(max_results=3)
    second = hooks.list_webhooks(max_results=3, page_token=first.token)
    assert [hook.name for hook in [*first, *second]] == ["n2", "n1", "n0", "ci"] and not second.token
    hooks.delete_webhook(made.webhook_id)
    with pytest.raises(MlflowException, match=f"Webhook with ID {made.webhook_id} not found") as failure:
        hooks.get_webhook(made.webhook_id)
    assert failure.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_every_event_of_mlflow_can_be_asked_for(hooks):
    made = hooks.create_webhook("all", "http://localhost:1/", ALL_EVENTS)
    assert hooks.get_webhook(made.webhook_id).events == ALL_EVENTS


def test_what_cannot_be_is_refused(hooked, hooks):
    def create(**changes):
        body = {"name": "n", "url": "http://h/", "events": [{"entity": "PROMPT", "action": "CREATED"}], **changes}
        answer = hooked.post("webhooks", {name: value for name, value in body.items() if value is not None})
        return answer.status_code, answer.json().get("message", "")

    assert create()[0] == 200
    for changes, text in [
        ({"name": None}, "Missing value for required parameter 'name'"),
        ({"name": "-a"}, "is invalid"),
        ({"url": " "}, "cannot be empty or just whitespace"),
        ({"url": "ftp://h"}, "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: http, https."),
        ({"url": "http://[h"}, "Invalid webhook URL"),
        ({"url": "http://me:word@h/"}, "must not hold a user name or password"),
        ({"events": []}, "must be a non-empty list"),
        ({"events": [{"entity": "RUN", "action": "CREATED"}]}, 'Invalid value "RUN"'),
        ({"events": [{"entity": 2, "action": 3}]}, "Invalid action 'deleted' for entity 'model_version'. Valid actions are: ['created']"),
        ({"status": "SLEEPY"}, 'Invalid value "SLEEPY"'),
    ]:
        status, message = create(**changes)
        assert status == 400 and text in message, (changes, message)
    with pytest.raises(MlflowException, match="max_results must be between 1 and 1000"):
        hooks.list_webhooks(max_results=1001)


def test_calls_carry_what_happened(hooked, hooks, receiver):
    hooks.create_webhook("all", receiver.url(), ALL_EVENTS)
    run = hooked.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]
    source = f"{run['artifact_uri']}/model"
    hooks.create_registered_model("m", {"team": "ops"}, "late or not")
    hooks.create_model_version("m", source, run["run_id"], tags={"a": "b"})
    hooks.set_model_version_tag("m", "1", "k", 'v "2"\n')
    hooks.delete_model_version_tag("m", "1", "k")
    hooks.set_registered_model_alias("m", "champion", "1")
    hooks.delete_registered_model_alias("m", "champion")
    hooks.set_registered_model_tag("m", "silent", "no event of MLflow")
    hooks.register_prompt("p", "Hello {{name}}!", commit_message="first", tags={"c": "d"})
    hooks.set_prompt_tag("p", "k", "v")
    hooks.delete_prompt_tag("p", "k")
    hooks.set_prompt_version_tag("p", "1", "k", "v")
    hooks.delete_prompt_version_tag("p", "1", "k")
    hooks.set_prompt_alias("p", "live", 1)
    hooks.delete_prompt_alias("p", "live")
    # Registering a prompt also notes its experiment in a tag.
    receiver.wait_for(15)
    calls = [call["json"] for call in receiver.calls if not call["json"]["data"].get("key", "").startswith("_mlflow")]
    told = {(call["entity"], call["action"]): call["data"] for call in calls}
    assert all(sorted(call) == ["action", "data", "entity", "timestamp"] for call in calls)
    assert told["registered_model", "created"] == {"name": "m", "tags": {"team": "ops"}, "description": "late or not"}
    assert told["model_version", "created"] == {
        "name": "m", "version": "1", "source": source, "run_id": run["run_id"], "tags": {"a": "b"}, "description": None,
    }  # fmt: skip
    assert told["model_version_tag", "set"] == {"name": "m", "version": "1", "key": "k", "value": 'v "2"\n'}
    assert told["model_version_tag", "deleted"] == {"name": "m", "version": "1", "key": "k"}
    assert told["model_version_alias", "created"] == {"name": "m", "alias": "champion", "version": "1"}
    assert told["model_version_alias", "deleted"] == {"name": "m", "alias": "champion"}
    assert told["prompt", "created"]["name"] == "p"
    version = told["prompt_version", "created"]
    assert (version["name"], version["version"], version["template"]) == ("p", "1", "Hello {{name}}!")
    assert version["description"] == "first" and version["tags"] == {"c": "d"}
    assert told["prompt_tag", "set"] == {"name": "p", "key": "k", "value": "v"}
    assert told["prompt_tag", "deleted"] == {"name": "p", "key": "k"}
    assert told["prompt_version_tag", "set"] == {"name": "p", "version": "1", "key": "k", "value": "v"}
    assert told["prompt_version_tag", "deleted"] == {"name": "p", "version": "1", "key": "k"}
    assert told["prompt_alias", "created"] == {"name": "p", "alias": "live", "version": "1"}
    assert told["prompt_alias", "deleted"] == {"name": "p", "alias": "live"}
    order = [(call["entity"], call["action"]) for call in calls]
    assert order.index(("registered_model", "created")) < order.index(("model_version", "created")), "one at a time, in order"


def test_a_signature_is_the_one_that_mlflow_makes(hooks, receiver):
    hooks.create_webhook("signed", receiver.url(), [MODEL], secret="k\u00e9y")
    hooks.create_webhook("plain", receiver.url("/plain"), [MODEL])
    hooks.create_registered_model("m")
    call = receiver.wait_for(1)[0]
    headers, body = call["headers"], call["body"].decode()
    delivery, stamp = headers[constants.WEBHOOK_DELIVERY_ID_HEADER], headers[constants.WEBHOOK_TIMESTAMP_HEADER]
    assert headers[constants.WEBHOOK_SIGNATURE_HEADER] == _generate_hmac_signature("k\u00e9y", delivery, stamp, body)
    digest = hmac.new("k\u00e9y".encode(), f"{delivery}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    assert headers["X-MLflow-Signature"] == "v1," + base64.b64encode(digest).decode()
    assert abs(int(stamp) - time.time()) < 60 and headers["Content-Type"] == "application/json"
    plain = receiver.wait_for(1, "/plain")[0]["headers"]
    assert "X-MLflow-Signature" not in plain and plain["X-MLflow-Delivery-Id"] != delivery


def test_failures_of_the_moment_are_tried_again(hooked, hooks, receiver):
    receiver.answers["/flaky"] = [(500, {}), (503, {}), (200, {})]
    receiver.answers["/busy"] = [(429, {"Retry-After": "2"}), (200, {})]
    receiver.answers["/gone"] = [(404, {})]
    receiver.answers["/moved"] = [(302, {"Location": receiver.url("/elsewhere")})]
    for path in receiver.answers:
        hooks.create_webhook(path[1:], receiver.url(path), [MODEL])
    hooks.create_webhook("dead", "http://127.0.0.1:1/", [MODEL])
    hooks.create_registered_model("m")
    flaky, busy = receiver.wait_for(3, "/flaky"), receiver.wait_for(2, "/busy")
    assert len({call["headers"]["X-MLflow-Delivery-Id"] for call in flaky}) == 1
    assert flaky[1]["at"] - flaky[0]["at"] > 0.9 and flaky[2]["at"] - flaky[1]["at"] > 1.9
    assert 1.9 < busy[1]["at"] - busy[0]["at"] < 10
    assert len(receiver.wait_for(1, "/gone")) == 1 and len(receiver.wait_for(1, "/moved")) == 1
    assert not [call for call in receiver.calls if call["path"] == "/elsewhere"]
    text = requests.get(f"{hooked.url}/metrics", timeout=30).text
    assert 'slipway_webhook_deliveries_total{outcome="failed"}' in text
    assert "slipway_webhook_deliveries_waiting" in text


def test_a_silent_receiver_holds_up_nobody(tmp_path, receiver):
    server = Server(tmp_path, environment={**OPEN, "MLFLOW_WEBHOOK_REQUEST_TIMEOUT": "1"}).start()
    hooks = mlflow.MlflowClient(server.url, server.url)
    receiver.answers["/silent"] = [("silence", 5)]
    hooks.create_webhook("silent", receiver.url("/silent"), [MODEL])
    hooks.create_webhook("quick", receiver.url("/quick"), [MODEL])
    begun = time.monotonic()
    for number in range(20):
        hooks.create_registered_model(f"m{number}")
    assert time.monotonic() - begun < 10
    assert len(receiver.wait_for(20, "/quick", 10)) == 20
    assert receiver.wait_for(2, "/silent")
    server.stop()


def test_only_active_webhooks_are_called(hooks, receiver):
    off = hooks.create_webhook("off", receiver.url("/off"), [MODEL], status=WebhookStatus.DISABLED)
    hooks.create_webhook("on", receiver.url("/on"), [MODEL])
    hooks.create_registered_model("m")
    receiver.wait_for(1, "/on")
    hooks.update_webhook(off.webhook_id, status=WebhookStatus.ACTIVE)
    hooks.create_registered_model("n")
    assert [call["json"]["data"]["name"] for call in receiver.wait_for(1, "/off")] == ["n"]


def test_acknowledged_events_survive_kill(hooked, hooks, receiver):
    receiver.answers["/hook"] = [(503, {"Retry-After": "3600"})]
    hooks.create_webhook("durable", receiver.url(), [MODEL], secret="s")
    for number in range(20):
        hooks.create_registered_model(f"m{number}")
    hooked.kill()
    receiver.answers["/hook"] = [(200, {})]
    before = len(receiver.calls)
    hooked.start()
    deadline = time.monotonic() + 30
    names = set()
    while time.monotonic() < deadline and len(names) < 20:
        names = {call["json"]["data"]["name"] for call in receiver.calls[before:]}
        time.sleep(0.05)
    assert names == {f"m{number}" for number in range(20)}
    assert "X-MLflow-Signature" in receiver.calls[-1]["headers"], "the key of the secrets survives too"


def test_trying_a_webhook_out(hooks, receiver):
    receiver.answers["/broken"] = [(500, {})]
    fine = hooks.create_webhook("fine", receiver.url(), [VERSION], secret="s", status=WebhookStatus.DISABLED)
    result = hooks.test_webhook(fine.webhook_id)
    assert (result.success, result.response_status, result.response_body, result.error_message) == (True, 200, "done", None)
    hooks.test_webhook(fine.webhook_id, WebhookEvent(WebhookEntity.BUDGET_POLICY, WebhookAction.EXCEEDED))
    result = hooks.test_webhook(hooks.create_webhook("broken", receiver.url("/broken"), [MODEL]).webhook_id)
    assert (result.success, result.response_status) == (False, 500)
    result = hooks.test_webhook(hooks.create_webhook("dead", "http://127.0.0.1:1/", [MODEL]).webhook_id)
    assert not result.success and result.response_status is None and "connection refused" in result.error_message
    with pytest.raises(MlflowException, match="Webhook with ID nobody not found"):
        hooks.test_webhook("nobody")


def test_examples_are_those_of_mlflow(hooks, receiver):
    from mlflow.webhooks.types import get_example_payload_for_event

    webhook = hooks.create_webhook("all", receiver.url(), ALL_EVENTS)
    for event in ALL_EVENTS:
        assert hooks.test_webhook(webhook.webhook_id, event).success
        assert receiver.calls[-1]["json"]["data"] == get_example_payload_for_event(event), event


def test_the_secret_is_neither_shown_nor_logged_nor_stored_plainly(hooked, hooks, receiver):
    secret = "a secret that nobody reads"
    webhook = hooks.create_webhook("signed", receiver.url("/x"), [MODEL], secret=secret)
    answers = [hooked.get("webhooks").text, hooked.get(f"webhooks/{webhook.webhook_id}").text]
    hooks.create_registered_model("m")
    receiver.wait_for(1, "/x")
    hooked.stop()
    files = [path for path in hooked.folder.rglob("*") if path.is_file()]
    assert not [text for text in answers if secret in text]
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    assert (hooked.folder / "data" / "webhook-secrets.key").stat().st_mode & 0o777 == 0o600
    hooked.start()


PRIVATE = [
    "https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://0.0.0.0/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://224.0.0.1/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/", "https://[64:ff9b::7f00:1]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[ff02::1]/",
]  # fmt: skip


def test_a_server_calls_only_the_public_internet_unless_told(server, client):
    for url in PRIVATE:
        with pytest.raises(MlflowException, match="Webhook URL must not resolve to a non-public IP address"):
            client.create_webhook("ssrf", url, [MODEL])
    with pytest.raises(MlflowException, match="Allowed schemes are: https."):
        client.create_webhook("ssrf", "http://192.0.2.1/", [MODEL])
    with pytest.raises(MlflowException, match="Cannot resolve Webhook URL hostname 'no-such-host.invalid'"):
        client.create_webhook("ssrf", "https://no-such-host.invalid/", [MODEL])
    made = client.create_webhook("public", "https://1.1.1.1/hook", [VERSION])
    with pytest.raises(MlflowException, match="non-public"):
        client.update_webhook(made.webhook_id, url="https://[::1]/")
    client.delete_webhook(made.webhook_id)


def test_a_webhook_made_while_it_was_allowed_is_judged_again(tmp_path, receiver):
    server = Server(tmp_path, environment=OPEN).start()
    hooks = mlflow.MlflowClient(server.url, server.url)
    webhook = hooks.create_webhook("old", receiver.url(), [MODEL])
    server.stop()
    server.environment = {"SLIPWAY_WEBHOOK_SCHEMES": "http"}
    server.start()
    hooks = mlflow.MlflowClient(server.url, server.url)
    result = hooks.test_webhook(webhook.webhook_id)
    assert not result.success and "127.0.0.1 is not a public address" in result.error_message
    hooks.create_registered_model("m")
    deadline = time.monotonic() + 20
    counted = 'slipway_webhook_deliveries_total{outcome="failed"} 1'
    while counted not in requests.get(f"{server.url}/metrics", timeout=30).text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert counted in requests.get(f"{server.url}/metrics", timeout=30).text
    assert receiver.calls == []
    server.stop()
