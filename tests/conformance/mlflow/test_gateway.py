"""The model gateway as the stock client sets it up and uses it, with a model provider of the test."""
import http.server
import json
import socket
import stat
import threading
import time

import mlflow
import pytest
import requests
from mlflow.entities import (
    FallbackConfig,
    FallbackStrategy,
    GatewayEndpointModelConfig,
    GatewayEndpointTag,
    GatewayModelLinkageType,
    GatewayResourceType,
    RoutingStrategy,
)
from mlflow.exceptions import MlflowException
from mlflow.gateway.schemas import chat, embeddings
from mlflow.store.tracking.rest_store import RestStore
from mlflow.utils.rest_utils import MlflowHostCreds

from conftest import Server

SECRET = "sk-a-secret-that-nobody-sees-1234"
OPEN = {"SLIPWAY_ALLOW_PRIVATE_PROVIDERS": "true", "MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES": "http,https"}
CHAT = {
    "id": "chat-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "gpt-test",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
}
EMBEDDINGS = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -1.5]}],
    "model": "embed-test",
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}
MESSAGE = {
    "id": "msg-1",
    "type": "message",
    "role": "assistant",
    "model": "claude-test",
    "content": [
        {"type": "text", "text": "It is "},
        {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Ulm"}},
        {"type": "text", "text": "warm"},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 10, "output_tokens": 4, "cache_read_input_tokens": 2},
}


def openai_chunks():
    def chunk(delta, reason=None):
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test", "choices": [choice]}

    yield chunk({"role": "assistant", "content": "Hel"})
    yield chunk({"content": "lo"})
    yield chunk({}, "stop")
    yield {**chunk({}), "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}


def anthropic_events():
    yield {"type": "message_start", "message": {**MESSAGE, "content": [], "usage": {"input_tokens": 9, "output_tokens": 1}}}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "ping"}
    yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}}}
    yield {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"a": 1}'}}
    yield {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 6}}
    yield {"type": "message_stop"}


class Provider(http.server.ThreadingHTTPServer):
    """Speaks both protocols; keeps every call. The first part of the path may name trouble: /429/v1/chat/completions."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls, self.gate = [], threading.Event()
        self.gate.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def base(self, trouble="ok"):
        return f"http://127.0.0.1:{self.server_address[1]}/{trouble}/v1"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append({"path": self.path, "headers": self.headers, "json": body})
        _, trouble, _, *rest = self.path.partition("?")[0].split("/")
        task = "/".join(rest)
        if trouble.isdigit():
            key = self.headers.get("Authorization") or self.headers.get("x-api-key")
            return self.answer(int(trouble), {"error": {"message": f"no, {key}", "type": "t"}})
        if trouble == "page":
            return self.send(200, "text/html", b"<html>")
        if trouble in ("slow", "endless"):
            time.sleep(5 if trouble == "slow" else 60)
        if trouble == "moved":
            self.send_response(302)
            self.send_header("Location", self.path.replace("moved", "ok"))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if body.get("stream"):
            return self.stream(anthropic_events() if task == "messages" else openai_chunks(), task, trouble)
        self.answer(200, {"messages": MESSAGE, "embeddings": EMBEDDINGS}.get(task, CHAT))

    def stream(self, events, task, trouble):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(events):
            name = f"event: {event['type']}\n" if task == "messages" else ""
            data = f"{name}data: {json.dumps(event)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
            if number == 1:
                self.server.gate.wait(20)
                if trouble == "break":
                    self.close_connection = True
                    return self.connection.shutdown(socket.SHUT_RDWR)
        self.wfile.write(b"0\r\n\r\n")

    def answer(self, status, body):
        self.send(status, "application/json", json.dumps(body).encode())

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("gateway"), environment=OPEN).start()
    yield running
    running.stop()


@pytest.fixture()
def provider():
    server = Provider()
    yield server
    server.gate.set()
    server.shutdown()


@pytest.fixture()
def store(gateway):
    return store_of(gateway)


def store_of(server):
    return RestStore(lambda: MlflowHostCreds(server.url))


def unique(name):
    return f"{name}-{time.time_ns()}"


def model(store, base=None, kind="openai", name="gpt-test", **config):
    auth = {**({"api_base": base} if base else {}), **config}
    secret = store.create_gateway_secret(unique("secret"), {"api_key": SECRET}, provider=kind, auth_config=auth)
    return store.create_gateway_model_definition(unique("model"), secret.secret_id, kind, name)


def primary(definition, weight=1.0):
    return GatewayEndpointModelConfig(definition.model_definition_id, GatewayModelLinkageType.PRIMARY, weight)


def fallback(definition, order):
    return GatewayEndpointModelConfig(definition.model_definition_id, GatewayModelLinkageType.FALLBACK, 1.0, order)


def endpoint(store, *configs, **options):
    return store.create_gateway_endpoint(unique("endpoint"), list(configs), **options)


def invoke(server, name, body, **options):
    return requests.post(f"{server.url}/gateway/{name}/mlflow/invocations", json=body, timeout=60, **options)


def ask(text="Hi", **options):
    return {"messages": [{"role": "user", "content": text}], **options}


def events_of(response):
    lines = [line for line in response.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line[6:]) for line in lines[:-1]]


# ---- what is kept ----


def test_secrets_are_kept_changed_listed_and_deleted(store):
    name = unique("key")
    made = store.create_gateway_secret(name, {"api_key": SECRET}, provider="openai", created_by="ann")
    assert made.masked_values == {"api_key": "sk-...1234"} and made.created_by == "ann"
    assert store.get_secret_info(made.secret_id) == made
    changed = store.update_gateway_secret(made.secret_id, {"a": "first-secret", "b": "short"}, {"organization": "o"})
    assert changed.masked_values == {"a": "fir...cret", "b": "***"}
    assert changed.auth_config == {"organization": "o"} and changed.last_updated_at > made.created_at
    assert changed in store.list_secret_infos(provider="openai")
    assert changed not in store.list_secret_infos(provider="anthropic")
    with pytest.raises(MlflowException, match="already exists") as taken:
        store.create_gateway_secret(name, {"api_key": "x"})
    assert taken.value.error_code == "RESOURCE_ALREADY_EXISTS"
    store.delete_gateway_secret(made.secret_id)
    with pytest.raises(MlflowException, match="not found") as gone:
        store.get_secret_info(made.secret_id)
    assert gone.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_endpoints_have_models_tags_and_bindings(store, gateway):
    first, second = model(store), model(store, kind="anthropic", name="claude")
    made = endpoint(
        store,
        primary(first, 0.5),
        fallback(second, 0),
        routing_strategy=RoutingStrategy.REQUEST_BASED_TRAFFIC_SPLIT,
        fallback_config=FallbackConfig(FallbackStrategy.SEQUENTIAL, 2),
    )
    assert [mapping.model_definition.model_name for mapping in made.model_mappings] == ["gpt-test", "claude"]
    assert made.model_mappings[0].weight == 0.5 and made.model_mappings[1].fallback_order == 0
    assert made.routing_strategy == RoutingStrategy.REQUEST_BASED_TRAFFIC_SPLIT
    assert made.fallback_config == FallbackConfig(FallbackStrategy.SEQUENTIAL, 2)
    assert store.get_experiment(made.experiment_id).name == f"gateway/{made.name}"
    assert store.get_gateway_endpoint(name=made.name) == store.get_gateway_endpoint(made.endpoint_id) == made
    store.detach_model_from_endpoint(made.endpoint_id, second.model_definition_id)
    store.set_gateway_endpoint_tag(made.endpoint_id, GatewayEndpointTag("team", "a"))
    store.create_endpoint_binding(made.endpoint_id, GatewayResourceType.SCORER, "job")
    changed = store.update_gateway_endpoint(made.endpoint_id, name=unique("renamed"), usage_tracking=False)
    assert not changed.usage_tracking and len(changed.model_mappings) == 1
    assert [(tag.key, tag.value) for tag in changed.tags] == [("team", "a")]
    assert made.endpoint_id in [e.endpoint_id for e in store.list_gateway_endpoints(provider="openai")]
    assert made.endpoint_id not in [e.endpoint_id for e in store.list_gateway_endpoints(provider="anthropic")]
    assert [b.resource_id for b in store.list_endpoint_bindings(endpoint_id=made.endpoint_id)] == ["job"]
    with pytest.raises(MlflowException, match="in use by endpoints"):
        store.delete_gateway_model_definition(first.model_definition_id)
    store.delete_gateway_endpoint(made.endpoint_id)
    assert store.list_endpoint_bindings(endpoint_id=made.endpoint_id) == []


def test_what_cannot_be_is_refused(gateway):
    def refused(call, body):
        answer = requests.post(f"{gateway.url}/api/3.0/mlflow/gateway/{call}", json=body, timeout=60)
        assert answer.status_code == 400 and answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"
        assert SECRET not in answer.text
        return answer.json()["message"]

    assert "secret_value" in refused("secrets/create", {"secret_name": "a"})
    assert "secret_value" in refused("secrets/create", {"secret_name": "a", "secret_value": SECRET})
    assert "secret_value" in refused("secrets/create", {"secret_name": "a", "secret_value": {"k": [SECRET]}})
    assert "api_base" in refused("secrets/create", {"secret_name": "a", "secret_value": {"api_base": "http://x"}})
    assert "Invalid endpoint name" in refused("endpoints/create", {"name": "a/b", "model_configs": []})
    assert "linkage_type" in refused("endpoints/create", {"name": "a", "model_configs": [{"model_definition_id": "d"}]})
    assert "at least one model" in refused("endpoints/create", {"name": "a", "model_configs": []})


def test_values_of_secrets_lie_sealed_and_survive_a_restart(own_server, provider):
    own_server.stop()
    own_server.environment = OPEN
    own_server.start()
    made = endpoint(store_of(own_server), primary(model(store_of(own_server), provider.base())))
    own_server.kill()
    data = own_server.folder / "data"
    files = [path for path in own_server.folder.rglob("*") if path.is_file()]
    assert (data / "gateway-secrets.key") in files
    assert stat.S_IMODE((data / "gateway-secrets.key").stat().st_mode) == 0o600
    assert not any(SECRET.encode() in path.read_bytes() for path in files)
    own_server.start()
    assert invoke(own_server, made.name, ask()).status_code == 200
    assert provider.calls[-1]["headers"]["Authorization"] == f"Bearer {SECRET}"
    assert SECRET.encode() not in (own_server.folder / "server.log").read_bytes()
    # With another key the values cannot be had, and nothing says them.
    own_server.stop()
    own_server.environment = {**OPEN, "MLFLOW_CRYPTO_KEK_PASSPHRASE": "another"}
    own_server.start()
    answer = invoke(own_server, made.name, ask())
    assert answer.status_code == 500 and "key" in answer.json()["detail"]["message"]
    config = requests.get(f"{own_server.url}/ajax-api/3.0/mlflow/gateway/secrets/config", timeout=60).json()
    assert config == {"secrets_available": True, "using_default_passphrase": False}


def test_the_page_learns_what_there_is(gateway):
    def fetch(call, **query):
        return requests.get(f"{gateway.url}/ajax-api/3.0/mlflow/gateway/{call}", params=query, timeout=60).json()

    providers = fetch("supported-providers")["providers"]
    assert providers == sorted(providers) and {"openai", "anthropic", "azure"} <= set(providers)
    assert {m["provider"] for m in fetch("supported-models", provider="openai")["models"]} == {"openai"}
    assert fetch("provider-config", provider="openai")["default_mode"] == "api_key"
    info = requests.get(f"{gateway.url}/api/3.0/mlflow/server-info", timeout=60).json()
    assert info["features_enabled"]["gateway"] is True


# ---- what is passed on ----


def test_a_chat_reaches_the_provider_with_its_secret(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base(), organization="org")))
    answer = invoke(gateway, made.name, ask(temperature=0.5, max_tokens=9))
    assert answer.status_code == 200
    parsed = chat.ResponsePayload(**answer.json())
    assert parsed.choices[0].message.content == "Hello" and parsed.provider == "openai"
    assert parsed.usage.total_tokens == 12
    call = provider.calls[-1]
    assert call["path"] == "/ok/v1/chat/completions" and call["json"] == {**ask(temperature=0.5, max_tokens=9), "model": "gpt-test"}
    assert call["headers"]["Authorization"] == f"Bearer {SECRET}" and call["headers"]["OpenAI-Organization"] == "org"


def test_embeddings_and_models(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base(), name="embed-test")))
    answer = invoke(gateway, made.name, {"input": ["a"]})
    assert embeddings.ResponsePayload(**answer.json()).data[0].embedding == [0.25, -1.5]
    assert provider.calls[-1]["path"] == "/ok/v1/embeddings"
    models = requests.get(f"{gateway.url}/gateway/mlflow/v1/models", timeout=60).json()
    assert made.name in [each["id"] for each in models["data"]]


def test_openais_address_takes_the_endpoint_as_its_model(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base())))
    url = f"{gateway.url}/gateway/mlflow/v1/chat/completions"
    answer = requests.post(url, json={"model": made.name, **ask()}, headers={"Authorization": "Bearer mine"}, timeout=60)
    assert answer.json()["choices"][0]["message"]["content"] == "Hello"
    assert provider.calls[-1]["json"]["model"] == "gpt-test"
    assert provider.calls[-1]["headers"]["Authorization"] == f"Bearer {SECRET}"
    assert requests.post(url, json=ask(), timeout=60).json() == {"detail": "Missing required 'model' parameter in request body"}


def test_a_stream_comes_piece_by_piece(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base())))
    provider.gate.clear()
    with invoke(gateway, made.name, ask(stream=True), stream=True) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert json.loads(next(lines)[6:])["choices"][0]["delta"]["content"] == "Hel", "before the provider has ended"
        provider.gate.set()
        rest = [line for line in lines if line]
    assert rest[-1] == b"data: [DONE]"
    chunks = [chat.StreamResponsePayload(**json.loads(line[6:])) for line in rest[:-1]]
    assert chunks[0].choices[0].delta.content == "lo" and chunks[-1].usage.total_tokens == 7
    assert provider.calls[-1]["json"]["stream_options"] == {"include_usage": True}


def test_anthropic_is_spoken_to_in_its_own_words(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base(), "anthropic", "claude-test")))
    body = {
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "t0", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Ulm"}'}}]},
            {"role": "tool", "tool_call_id": "t0", "content": "20"},
        ],
        "temperature": 1.0,
        "stop": ["END"],
        "tools": [{"type": "function", "function": {"name": "weather", "description": "d", "parameters": {"type": "object", "properties": {}}}}],
        "tool_choice": "required",
    }
    parsed = chat.ResponsePayload(**invoke(gateway, made.name, body).json())
    assert parsed.choices[0].message.content == "It is warm" and parsed.choices[0].finish_reason == "tool_calls"
    assert json.loads(parsed.choices[0].message.tool_calls[0].function.arguments) == {"city": "Ulm"}
    assert (parsed.usage.prompt_tokens, parsed.usage.completion_tokens) == (12, 4)
    call = provider.calls[-1]
    assert call["path"] == "/ok/v1/messages" and call["headers"]["x-api-key"] == SECRET
    assert call["headers"]["anthropic-version"] == "2023-06-01" and "Authorization" not in call["headers"]
    sent = call["json"]
    assert sent["system"] == "Be brief" and sent["temperature"] == 0.5 and sent["max_tokens"] == 8192
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "user"]
    assert sent["messages"][1]["content"][0]["input"] == {"city": "Ulm"}
    assert sent["messages"][2]["content"][0] == {"type": "tool_result", "tool_use_id": "t0", "content": "20"}
    assert sent["stop_sequences"] == ["END"] and sent["tool_choice"] == {"type": "any"}
    assert sent["tools"] == [{"name": "weather", "description": "d", "input_schema": {"type": "object", "properties": {}}}]


def test_anthropics_stream_becomes_openais(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base(), "anthropic", "claude-test")))
    chunks = [chat.StreamResponsePayload(**event) for event in events_of(invoke(gateway, made.name, ask(stream=True)))]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hi"
    calls = [chunk.choices[0].delta.tool_calls for chunk in chunks if chunk.choices[0].delta.tool_calls]
    assert calls[0][0].function.name == "f" and calls[1][0].function.arguments == '{"a": 1}'
    assert chunks[-1].choices[0].finish_reason == "tool_calls" and chunks[-1].usage.total_tokens == 15
    assert {chunk.provider for chunk in chunks} == {"anthropic"}


def test_native_requests_are_passed_on_as_they_are(store, gateway, provider):
    openai, anthropic = (
        endpoint(store, primary(model(store, provider.base(), kind, name)))
        for kind, name in [("openai", "gpt-test"), ("anthropic", "claude-test")]
    )

    def post(path, body):
        return requests.post(f"{gateway.url}/gateway/{path}", json=body, headers={"anthropic-beta": "b"}, timeout=60)

    assert post("openai/v1/chat/completions", {"model": openai.name, **ask()}).json() == CHAT
    assert post("openai/v1/embeddings", {"model": openai.name, "input": "a"}).json() == EMBEDDINGS
    assert post("anthropic/v1/messages", {"model": anthropic.name, "max_tokens": 1, **ask()}).json() == MESSAGE
    assert provider.calls[-1]["headers"]["anthropic-beta"] == "b"
    assert provider.calls[-1]["json"] == {"model": "claude-test", "max_tokens": 1, **ask()}
    streamed = post("anthropic/v1/messages", {"model": anthropic.name, "max_tokens": 1, "stream": True, **ask()})
    assert streamed.text.startswith("event: message_start\ndata: ") and "message_stop" in streamed.text
    refused = post("anthropic/v1/messages", {"model": openai.name, **ask()})
    assert refused.status_code == 400 and "Unsupported passthrough endpoint" in refused.json()["detail"]


def test_azure_names_the_deployment_in_the_address(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base(), "azure", "my deployment", api_version="2024-10-21")))
    assert invoke(gateway, made.name, ask()).status_code == 200
    call = provider.calls[-1]
    assert call["path"] == "/ok/v1/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21"
    assert call["headers"]["api-key"] == SECRET and "model" not in call["json"]


def test_traffic_is_shared_by_weights(store, gateway, provider):
    made = endpoint(
        store,
        primary(model(store, provider.base(), name="one"), 1),
        primary(model(store, provider.base(), name="three"), 3),
        primary(model(store, provider.base(), name="none"), 0),
        routing_strategy=RoutingStrategy.REQUEST_BASED_TRAFFIC_SPLIT,
        usage_tracking=False,
    )
    for _ in range(200):
        assert invoke(gateway, made.name, ask()).status_code == 200
    asked = [call["json"]["model"] for call in provider.calls]
    # Three quarters of 200 are 150; beyond 25 is over four standard deviations.
    assert "none" not in asked and 125 <= asked.count("three") <= 175


@pytest.mark.parametrize("stream", [False, True])
def test_fallbacks_answer_for_those_that_fail(store, gateway, provider, stream):
    made = endpoint(
        store,
        primary(model(store, provider.base("500"))),
        fallback(model(store, provider.base(), "anthropic", "claude-test"), 1),
        fallback(model(store, provider.base("page" if not stream else "429")), 0),
    )
    answer = invoke(gateway, made.name, ask(stream=stream))
    assert answer.status_code == 200 and '"provider":"anthropic"' in answer.text
    assert len(provider.calls) == 3
    lost = endpoint(store, primary(model(store, provider.base("500"))), fallback(model(store, provider.base("429")), 0))
    refused = invoke(gateway, lost.name, ask(stream=stream))
    assert refused.status_code == 429
    assert refused.json()["detail"].startswith("All 2 fallback attempts failed. Last error: no, ")


def test_refusals_have_the_providers_status_and_no_secret(store, gateway, provider):
    for trouble, status in [("401", 401), ("404", 404), ("429", 429), ("500", 500), ("page", 502), ("moved", 502)]:
        made = endpoint(store, primary(model(store, provider.base(trouble))))
        for stream in [False, True]:
            if trouble == "page" and stream:
                continue
            answer = invoke(gateway, made.name, ask(stream=stream))
            assert answer.status_code == status, trouble
            assert SECRET not in answer.text
            if trouble.isdigit():
                assert answer.json() == {"detail": "no, Bearer ***"}
    closed = endpoint(store, primary(model(store, "http://127.0.0.1:9/v1")))
    answer = invoke(gateway, closed.name, ask())
    assert answer.status_code == 502 and "127.0.0.1:9" in answer.json()["detail"]


def test_a_stream_that_breaks_off_says_so(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base("break"))))
    answer = invoke(gateway, made.name, ask(stream=True))
    assert answer.status_code == 200
    assert "error" in json.loads(answer.text.strip().split("\n\n")[-1][6:])


def test_bad_requests_are_told_so(store, gateway, provider):
    made = endpoint(store, primary(model(store, provider.base())))
    for body, status, text in [
        ({}, 400, "either chat or embeddings"),
        ({"messages": []}, 400, "Invalid chat payload"),
        ({"messages": [{"content": "x"}]}, 400, "Invalid chat payload"),
        ({"messages": "x"}, 400, "Invalid chat payload"),
        (ask(model="x"), 422, "'model' is not permitted"),
    ]:
        answer = invoke(gateway, made.name, body)
        assert answer.status_code == status and text in answer.json()["detail"]
    unknown = invoke(gateway, "unknown", ask())
    assert unknown.status_code == 404 and unknown.json()["detail"]["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert provider.calls == []
    embed = invoke(gateway, endpoint(store, primary(model(store, provider.base(), "anthropic"))).name, {"input": "a"})
    assert embed.status_code == 501


def test_slow_providers_are_given_up(make_server, provider, monkeypatch):
    monkeypatch.setenv("MLFLOW_GATEWAY_ROUTE_TIMEOUT_SECONDS", "1")
    monkeypatch.setenv("SLIPWAY_PROVIDER_SCHEMES", "http")
    server = make_server("--allow-private-providers")
    made = endpoint(store_of(server), primary(model(store_of(server), provider.base("slow"))))
    start = time.monotonic()
    answer = invoke(server, made.name, ask())
    assert answer.status_code == 504 and time.monotonic() - start < 4


def test_stopping_does_not_wait_for_providers(make_server, provider, monkeypatch):
    monkeypatch.setenv("SLIPWAY_PROVIDER_SCHEMES", "http")
    server = make_server("--allow-private-providers")
    made = endpoint(store_of(server), primary(model(store_of(server), provider.base("endless"))))
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(invoke(server, made.name, ask())))
    waiting.start()
    while not provider.calls:
        time.sleep(0.05)
    start = time.monotonic()
    server.stop()
    assert time.monotonic() - start < 30
    waiting.join()
    assert answers[0].status_code == 502


def test_only_the_public_internet_unless_told_otherwise(own_server, provider):
    store = store_of(own_server)
    for base in ["http://example.com/v1", "https://127.0.0.1/v1", "https://10.0.0.1", "https://[::1]/", "https://169.254.169.254/"]:
        with pytest.raises(MlflowException, match="api_base|scheme|public"):
            store.create_gateway_secret(unique("s"), {"api_key": SECRET}, auth_config={"api_base": base})
    # What was kept when it was allowed is judged again when it is called.
    own_server.stop()
    own_server.environment = OPEN
    own_server.start()
    made = endpoint(store_of(own_server), primary(model(store_of(own_server), provider.base())))
    own_server.stop()
    for environment in [{}, {"SLIPWAY_PROVIDER_SCHEMES": "http,https"}]:
        own_server.environment = environment
        own_server.start()
        answer = invoke(own_server, made.name, ask())
        assert answer.status_code == 502 and provider.calls == []
        own_server.stop()
    own_server.start()


def test_usage_is_kept_as_traces(store, gateway, provider):
    mlflow.set_tracking_uri(gateway.url)
    made = endpoint(store, primary(model(store, provider.base())))
    invoke(gateway, made.name, ask("How many?"))
    events_of(invoke(gateway, made.name, ask(stream=True)))
    failing = endpoint(store, primary(model(store, provider.base("500"))), experiment_id=made.experiment_id)
    invoke(gateway, failing.name, ask())
    traces = mlflow.search_traces(locations=[made.experiment_id], return_type="list")
    by_endpoint = {}
    for trace in traces:
        by_endpoint.setdefault(trace.info.trace_metadata["mlflow.gateway.endpointId"], []).append(trace)
    usages = sorted(trace.info.token_usage["total_tokens"] for trace in by_endpoint[made.endpoint_id])
    assert usages == [7, 12]
    span = by_endpoint[made.endpoint_id][-1].data.spans[0]
    assert span.inputs["messages"][0]["content"] == "How many?"
    assert span.attributes["mlflow.llm.model"] == "gpt-test"
    assert by_endpoint[failing.endpoint_id][0].info.state.value == "ERROR"
    assert SECRET not in repr([trace.to_dict() for trace in traces])
    silent = endpoint(store, primary(model(store, provider.base())), usage_tracking=False)
    assert silent.experiment_id is None and invoke(gateway, silent.name, ask()).status_code == 200


def test_users_share_what_they_made(tmp_path, provider):
    environment = {**OPEN, "SLIPWAY_ADMIN_PASSWORD": "the admin's password"}
    server = Server(tmp_path, "--auth", environment=environment).start()
    ann, bob = (("ann", "password of ann"), ("bob", "password of bob"))
    for name, password in (ann, bob):
        user = {"username": name, "password": password}
        assert server.post("users/create", user, auth=("admin", "the admin's password")).status_code == 200

    def call(method, path, who, body=None, **query):
        url = f"{server.url}/api/3.0/mlflow/{path}"
        return requests.request(method, url, json=body, params=query, auth=who, timeout=60)

    made = call("POST", "gateway/secrets/create", ann, {
        "secret_name": "s", "secret_value": {"api_key": SECRET}, "auth_config": {"api_base": provider.base()},
        "created_by": "somebody else"}).json()["secret"]
    assert made["created_by"] == "ann"
    definition = {"name": "d", "provider": "openai", "model_name": "m", "secret_id": made["secret_id"]}
    assert call("POST", "gateway/model-definitions/create", bob, definition).status_code == 403, "READ is not USE"
    model_id = call("POST", "gateway/model-definitions/create", ann, definition).json()["model_definition"]["model_definition_id"]
    wanted = {"name": "e", "model_configs": [{"model_definition_id": model_id, "linkage_type": "PRIMARY"}]}
    assert call("POST", "gateway/endpoints/create", bob, {**wanted, "name": "f"}).status_code == 403
    endpoint_id = call("POST", "gateway/endpoints/create", ann, wanted).json()["endpoint"]["endpoint_id"]
    assert invoke(server, "e", ask(), auth=ann).status_code == 200
    refused = invoke(server, "e", ask(), auth=bob)
    assert refused.status_code == 403 and refused.json()["detail"]["error_code"] == "PERMISSION_DENIED"
    assert invoke(server, "e", ask()).status_code == 401

    def share(kind, thing, permission):
        body = {"username": "bob", "resource_type": kind, "resource_id": thing, "permission": permission}
        assert call("POST", "users/permissions/grant", ann, body).status_code == 200

    share("gateway_endpoint", endpoint_id, "USE")
    share("gateway_secret", made["secret_id"], "NO_PERMISSIONS")
    assert invoke(server, "e", ask(), auth=bob).status_code == 200, "a secret can be used without being seen"
    assert call("GET", "gateway/secrets/get", bob, secret_id=made["secret_id"]).status_code == 403
    assert call("GET", "gateway/secrets/list", bob).json()["secrets"] == []
    shown = call("GET", "gateway/endpoints/get", bob, endpoint_id=endpoint_id).json()["endpoint"]["model_mappings"][0]
    assert "secret_id" not in shown["model_definition"] and "secret_name" not in shown["model_definition"]
    share("gateway_model_definition", model_id, "NO_PERMISSIONS")
    listed = call("GET", "gateway/endpoints/list", bob).json()["endpoints"][0]["model_mappings"][0]
    assert "model_definition" not in listed and "model_definition_id" not in listed
    assert call("POST", "gateway/endpoints/update", bob, {"endpoint_id": endpoint_id, "name": "g"}).status_code == 403
    assert call("GET", "gateway/endpoints/bindings/list", bob).status_code == 403, "without an endpoint it is for administrators"
    server.stop()
