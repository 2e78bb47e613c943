"""Traces by MLflow's stock client, and by plain OTLP."""
import gzip
import json
import threading
import time

import mlflow
import pytest
import requests
from mlflow.entities import AssessmentSource, AssessmentSourceType, Feedback, SpanType, TraceState
from mlflow.entities.trace_metrics import AggregationType, MetricAggregation, MetricViewType
from mlflow.exceptions import MlflowException
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse


@pytest.fixture()
def tracing(client, experiment):
    """The id of an experiment of its own, where traces go."""
    mlflow.set_experiment(experiment_id=experiment)
    yield experiment


def last_trace(server):
    mlflow.flush_trace_async_logging()
    return mlflow.get_trace(mlflow.get_last_active_trace_id())


@mlflow.trace(span_type=SpanType.TOOL, attributes={"unit": "cm", "depth": 3})
def measure(x):
    return {"length": x * 2.5, "parts": [1, None, "ü"]}


@mlflow.trace(name="plan", span_type=SpanType.AGENT)
def plan(x):
    with mlflow.start_span("ask", span_type=SpanType.CHAT_MODEL) as span:
        span.set_inputs({"messages": [{"role": "user", "content": "how long?"}], "model": "m-1"})
        span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15})
        span.set_outputs("short")
    if x < 0:
        raise ValueError("negative length")
    return measure(x)


def otlp(experiment, spans, resource=None, **header):
    request = ExportTraceServiceRequest()
    batch = request.resource_spans.add()
    for key, value in (resource or {}).items():
        batch.resource.attributes.add(key=key).value.string_value = value
    scope = batch.scope_spans.add()
    for number, (trace, span, parent, name, attributes) in enumerate(spans):
        added = scope.spans.add(
            trace_id=trace.to_bytes(16, "big"), span_id=span.to_bytes(8, "big"), name=name,
            start_time_unix_nano=10**18 + number * 1000, end_time_unix_nano=10**18 + number * 1000 + 5_000_000,
        )
        if parent:
            added.parent_span_id = parent.to_bytes(8, "big")
        for key, value in attributes.items():
            added.attributes.add(key=key).value.string_value = value
    return request


def post(server, body, experiment, content_type="application/x-protobuf", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if experiment is not None:
        headers["x-mlflow-experiment-id"] = experiment
    return requests.post(f"{server.url}/v1/traces", data=body, headers={"Content-Type": content_type, **headers}, timeout=60)


def test_a_traced_function_comes_back_with_its_spans(server, tracing):
    assert plan(4) == {"length": 10.0, "parts": [1, None, "ü"]}
    trace = last_trace(server)
    assert trace.info.state == TraceState.OK
    assert trace.info.experiment_id == tracing
    assert trace.info.tags["mlflow.traceName"] == "plan"
    assert trace.info.tags["mlflow.trace.spansLocation"] == "TRACKING_STORE"
    assert trace.info.tags["mlflow.artifactLocation"].endswith(f"/traces/{trace.info.trace_id}/artifacts")
    assert trace.info.token_usage == {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15}
    root, *children = trace.data.spans
    assert (root.name, root.span_type, root.parent_id) == ("plan", "AGENT", None)
    assert root.inputs == {"x": 4}
    by_name = {span.name: span for span in children}
    assert by_name["ask"].parent_id == root.span_id
    assert by_name["ask"].inputs["messages"][0]["content"] == "how long?"
    assert by_name["measure"].outputs == {"length": 10.0, "parts": [1, None, "ü"]}
    assert by_name["measure"].get_attribute("depth") == 3
    assert by_name["measure"].get_attribute("unit") == "cm"
    assert root.start_time_ns <= by_name["ask"].start_time_ns <= by_name["ask"].end_time_ns <= root.end_time_ns


def test_an_exception_is_an_error_with_its_event(server, tracing):
    with pytest.raises(ValueError):
        plan(-1)
    trace = last_trace(server)
    assert trace.info.state == TraceState.ERROR
    root = next(span for span in trace.data.spans if span.parent_id is None)
    assert root.status.status_code == "ERROR"
    assert "negative length" in root.status.description
    assert root.events[0].attributes["exception.type"] == "ValueError"


def test_searches(server, tracing):
    for x in (1, 2, -3):
        try:
            plan(x)
        except ValueError:
            pass
    mlflow.flush_trace_async_logging()

    def found(filter_string, **options):
        return mlflow.search_traces(
            locations=[tracing], filter_string=filter_string, return_type="list", **options
        )

    assert len(found("")) == 3
    assert len(found("status = 'ERROR'")) == 1
    assert len(found("status IN ('OK', 'ERROR') AND name = 'plan'")) == 3
    assert len(found("name RLIKE '^pl.n$'")) == 3
    assert len(found("name LIKE 'PLAN'")) == 0 and len(found("name ILIKE 'PLAN'")) == 3
    assert len(found("span.name = 'measure'")) == 2
    assert len(found("span.type = 'CHAT_MODEL' AND span.status = 'OK'")) == 3
    assert len(found("span.attributes.unit = 'cm'")) == 2
    assert len(found("span.attributes.unit LIKE '%c%'")) == 2
    assert len(found("span.attributes.unit RLIKE '^cm$'")) == 2
    assert len(found("trace.text LIKE '%how long?%'")) == 3
    assert len(found("span.content LIKE '%negative%'")) == 1
    assert len(found("trace.execution_time_ms >= 0 AND timestamp_ms > 0 AND end_time > 0")) == 3
    assert len(found("metadata.`mlflow.trace_schema.version` = '3'")) == 3
    assert len(found("tags.nothing IS NULL")) == 3 and found("tags.nothing IS NOT NULL") == []
    for direction, descending in (("ASC", False), ("DESC", True)):
        times = [trace.info.timestamp_ms for trace in found("", order_by=[f"timestamp_ms {direction}"])]
        assert times == sorted(times, reverse=descending)
    first = mlflow.MlflowClient().search_traces(locations=[tracing], max_results=2, include_spans=False)
    rest = mlflow.MlflowClient().search_traces(locations=[tracing], max_results=2, page_token=first.token)
    assert len(first) == 2 and len(rest) == 1 and not rest.token
    frame = mlflow.search_traces(locations=[tracing])
    assert set(frame["state"]) == {"OK", "ERROR"}
    for bad in ("color = 'red'", "status > 'OK'", "span.depth = 'x'", "name RLIKE '('", "feedback.x > 'y'"):
        with pytest.raises(MlflowException, match="INVALID_PARAMETER_VALUE|Invalid|Expected"):
            found(bad)


def test_tags_are_set_and_deleted_but_for_the_servers(server, tracing):
    plan(1)
    trace_id = last_trace(server).info.trace_id
    mlflow.set_trace_tag(trace_id, "team", "blue")
    assert mlflow.get_trace(trace_id).info.tags["team"] == "blue"
    assert len(mlflow.search_traces(locations=[tracing], filter_string="tags.team = 'blue'", return_type="list")) == 1
    mlflow.delete_trace_tag(trace_id, "team")
    assert "team" not in mlflow.get_trace(trace_id).info.tags
    answer = requests.patch(
        f"{server.url}/api/3.0/mlflow/traces/{trace_id}/tags",
        json={"key": "mlflow.artifactLocation", "value": "file:///etc"}, timeout=30,
    )
    assert answer.status_code == 400


def test_runs_and_sessions(server, tracing, client):
    with mlflow.start_run() as run:
        plan(1)
    inside = last_trace(server).info
    plan(2)
    outside = last_trace(server).info

    @mlflow.trace
    def talk():
        mlflow.update_current_trace(metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "u"}, tags={"a": "b"})

    talk()
    session = last_trace(server).info
    assert session.trace_metadata["mlflow.trace.session"] == "s-1" and session.tags["a"] == "b"

    def found(filter_string):
        traces = client.search_traces(locations=[tracing], filter_string=filter_string, include_spans=False)
        return {trace.info.trace_id for trace in traces}

    assert found(f"run_id = '{run.info.run_id}'") == {inside.trace_id}
    client.link_traces_to_run([outside.trace_id], run.info.run_id)
    assert found(f"attributes.run_id = '{run.info.run_id}'") == {inside.trace_id, outside.trace_id}
    assert found("metadata.`mlflow.trace.session` = 's-1'") == {session.trace_id}


def test_delete_traces(server, tracing, client):
    for x in range(4):
        plan(x)
    mlflow.flush_trace_async_logging()
    traces = mlflow.search_traces(locations=[tracing], order_by=["timestamp_ms ASC"], return_type="list")
    ids = [trace.info.trace_id for trace in traces]
    assert client.delete_traces(tracing, trace_ids=ids[2:3]) == 1
    assert client.delete_traces(tracing, max_timestamp_millis=int(time.time() * 1000) + 1000, max_traces=1) == 1
    left = {trace.info.trace_id for trace in mlflow.search_traces(locations=[tracing], return_type="list")}
    assert left == {ids[1], ids[3]}
    assert client.delete_traces(tracing, max_timestamp_millis=int(time.time() * 1000) + 1000) == 2
    with pytest.raises(MlflowException, match="not found"):
        client.get_trace(ids[1])


def test_assessments(server, tracing):
    plan(1)
    trace_id = last_trace(server).info.trace_id
    human = AssessmentSource(source_type=AssessmentSourceType.HUMAN, source_id="h")
    good = mlflow.log_feedback(trace_id=trace_id, name="good", value=True, source=human, rationale="it is", metadata={"k": "v"})
    mlflow.log_feedback(trace_id=trace_id, name="score", value=4.5)
    mlflow.log_feedback(trace_id=trace_id, name="parts", value={"a": 1, "b": [True]})
    mlflow.log_feedback(trace_id=trace_id, name="broken", error=ValueError("no judge"))
    want = mlflow.log_expectation(trace_id=trace_id, name="want", value=["x", {"y": 2}], source=human)
    assert good.assessment_id.startswith("a-") and good.valid
    read = mlflow.get_assessment(trace_id, good.assessment_id)
    assert (read.value, read.rationale, read.metadata, read.source.source_id) == (True, "it is", {"k": "v"}, "h")
    assert mlflow.get_assessment(trace_id, want.assessment_id).value == ["x", {"y": 2}]
    by_name = {one.name: one for one in mlflow.get_trace(trace_id).info.assessments}
    assert by_name["score"].value == 4.5 and by_name["parts"].value == {"a": 1, "b": [True]}
    assert by_name["broken"].error.error_message == "no judge"

    changed = mlflow.update_assessment(
        trace_id, good.assessment_id, Feedback(name="good", value=False, rationale="it is not", metadata={"m": "n"})
    )
    assert (changed.value, changed.rationale, changed.metadata) == (False, "it is not", {"k": "v", "m": "n"})
    mlflow.override_feedback(trace_id=trace_id, assessment_id=good.assessment_id, value=True)
    assert mlflow.get_assessment(trace_id, good.assessment_id).valid is False

    def found(filter_string):
        return len(mlflow.search_traces(locations=[tracing], filter_string=filter_string, return_type="list"))

    assert found("feedback.good = 'true'") == 1 and found("feedback.good = 'false'") == 0
    assert found("feedback.score > 4") == 1 and found("feedback.score >= 5") == 0
    assert found("expectation.want IS NOT NULL") == 1 and found("feedback.want IS NULL") == 1
    mlflow.delete_assessment(trace_id, want.assessment_id)
    with pytest.raises(MlflowException, match="not found"):
        mlflow.get_assessment(trace_id, want.assessment_id)
    with pytest.raises(MlflowException, match="not found"):
        mlflow.log_feedback(trace_id="tr-" + "0" * 32, name="x", value=1)


def test_metrics_and_correlation(server, tracing, client):
    for x in (1, 2, -1):
        try:
            plan(x)
        except ValueError:
            pass
    mlflow.flush_trace_async_logging()
    store = client._tracing_client.store

    def metrics(view, name, *aggregations, **options):
        return store.query_trace_metrics(
            experiment_ids=[tracing], view_type=view, metric_name=name, aggregations=list(aggregations), **options
        )

    count = MetricAggregation(AggregationType.COUNT)
    by_status = metrics(MetricViewType.TRACES, "trace_count", count, dimensions=["trace_status"])
    assert {point.dimensions["trace_status"]: point.values["COUNT"] for point in by_status} == {"OK": 2, "ERROR": 1}
    tokens = metrics(MetricViewType.TRACES, "total_tokens", MetricAggregation(AggregationType.SUM))
    assert tokens[0].values["SUM"] == 45
    spans = metrics(MetricViewType.SPANS, "span_count", count, filters=["span.type = 'TOOL'"])
    assert spans[0].values["COUNT"] == 2
    now = int(time.time() * 1000)
    latency = metrics(
        MetricViewType.TRACES, "latency", MetricAggregation(AggregationType.PERCENTILE, 50.0),
        dimensions=["trace_name"], time_interval_seconds=3600, start_time_ms=now - 3_600_000, end_time_ms=now + 1000,
    )
    assert set(latency[0].dimensions) == {"time_bucket", "trace_name"} and latency[0].values["P50.0"] >= 0
    found = store.calculate_trace_filter_correlation([tracing], "status = 'OK'", "span.name = 'measure'")
    assert (found.total_count, found.filter1_count, found.joint_count) == (3, 2, 2)
    assert found.npmi == pytest.approx(1)


def test_otlp_by_protobuf_gzip_and_json(server, tracing, client):
    spans = [(0xA1, 1, 0, "root", {"mlflow.spanInputs": '{"q": 1}', "session.id": "s"}), (0xA1, 2, 1, "leaf", {"k": "v"})]
    answer = post(server, otlp(tracing, spans, {"service.name": "shop"}).SerializeToString(), tracing)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/x-protobuf"
    assert ExportTraceServiceResponse.FromString(answer.content) == ExportTraceServiceResponse()
    trace = client.get_trace(f"tr-{0xA1:032x}")
    assert [span.name for span in trace.data.spans] == ["root", "leaf"]
    assert trace.data.spans[0].inputs == {"q": 1}
    assert trace.info.tags["service.name"] == "shop" and trace.info.trace_metadata["mlflow.trace.session"] == "s"
    assert trace.info.request_preview == '{"q": 1}' and trace.info.execution_duration == 5

    packed = gzip.compress(otlp(tracing, [(0xA2, 1, 0, "zipped", {})]).SerializeToString())
    assert post(server, packed, tracing, Content_Encoding="gzip").status_code == 200
    assert client.get_trace(f"tr-{0xA2:032x}").data.spans[0].name == "zipped"

    written = {"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": f"{0xA3:032x}", "spanId": f"{7:016x}", "name": "json", "startTimeUnixNano": str(10**18),
        "endTimeUnixNano": str(10**18 + 1), "status": {"code": 1},
        "attributes": [{"key": "n", "value": {"intValue": "5"}}, {"key": "l", "value": {"arrayValue": {"values": [{"doubleValue": 0.5}]}}}],
    }]}]}]}
    answer = post(server, json.dumps(written), tracing, "application/json")
    assert answer.status_code == 200 and answer.json() == {}
    read = client.get_trace(f"tr-{0xA3:032x}").data.spans[0]
    assert read.get_attribute("n") == 5 and read.get_attribute("l") == [0.5]

    with mlflow.start_run() as run:
        pass
    body = otlp(tracing, [(0xA4, 1, 0, "in a run", {})]).SerializeToString()
    assert post(server, body, tracing, x_mlflow_run_id=run.info.run_id).status_code == 200
    assert len(client.search_traces(locations=[tracing], filter_string=f"run_id = '{run.info.run_id}'")) == 1


def test_what_otlp_refuses(server, tracing, client):
    body = otlp(tracing, [(0xB1, 1, 0, "x", {})]).SerializeToString()
    assert post(server, body, None).status_code == 422
    assert post(server, body, tracing, "text/plain").status_code == 400
    assert post(server, body, "987654321").status_code == 404
    assert post(server, b"", tracing).status_code == 400
    assert post(server, b"\xff\xff\xff\xff", tracing).status_code == 400
    assert post(server, b"not gzip", tracing, Content_Encoding="gzip").status_code == 400
    bomb = gzip.compress(b"\0" * (200 << 20))
    assert post(server, bomb, tracing, Content_Encoding="gzip").status_code == 413
    broken = otlp(tracing, [(0xB1, 1, 0, "x", {}), (0xB1, 2, 1, "y", {})])
    broken.resource_spans[0].scope_spans[0].spans[1].span_id = b""
    assert post(server, broken.SerializeToString(), tracing).status_code == 422
    assert client.search_traces(locations=[tracing]) == [], "all or nothing"


def test_ten_thousand_spans(server, tracing, client):
    spans = [(0xC1, 1, 0, "root", {})] + [(0xC1, i, 1 + i // 10, f"step {i}", {"k": "v" * 50}) for i in range(2, 10_001)]
    body = otlp(tracing, spans).SerializeToString()
    start = time.monotonic()
    assert post(server, body, tracing).status_code == 200
    stored = time.monotonic() - start
    raw = requests.get(f"{server.url}/api/3.0/mlflow/traces/get", params={"trace_id": f"tr-{0xC1:032x}"}, timeout=60)
    read = time.monotonic() - start - stored
    assert len(raw.json()["trace"]["spans"]) == 10_000
    assert stored < 20 and read < 20, (stored, read)
    assert len(client.get_trace(f"tr-{0xC1:032x}").data.spans) == 10_000
    print(f"stored in {stored:.2f} s, read in {read:.2f} s")


def test_spans_of_one_trace_from_many_threads(server, tracing, client):
    def send(number):
        spans = [(0xD1, number, 0 if number == 1 else 1, f"s{number}", {})]
        assert post(server, otlp(tracing, spans).SerializeToString(), tracing).status_code == 200

    threads = [threading.Thread(target=send, args=(number,)) for number in range(1, 33)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trace = client.get_trace(f"tr-{0xD1:032x}")
    assert len(trace.data.spans) == 32 and trace.info.state == TraceState.OK


def test_the_older_calls(server, tracing):
    begun = server.post("traces", {
        "experiment_id": tracing, "timestamp_ms": 1000, "request_metadata": [{"key": "m", "value": "1"}],
        "tags": [{"key": "mlflow.traceName", "value": "old"}],
    }).json()["trace_info"]
    assert begun["status"] == "IN_PROGRESS"
    path = f"{server.url}/api/2.0/mlflow/traces/{begun['request_id']}"
    ended = requests.patch(path, json={"timestamp_ms": 1500, "status": "OK", "tags": [{"key": "t", "value": "2"}]}, timeout=30)
    assert ended.json()["trace_info"]["execution_time_ms"] == 500
    assert requests.get(f"{path}/info", timeout=30).json()["trace_info"]["status"] == "OK"
    found = server.get("traces", experiment_ids=tracing, filter="name = 'old'").json()
    assert [one["request_id"] for one in found["traces"]] == [begun["request_id"]]


def test_the_trace_as_a_file_for_the_web_page(server, tracing):
    plan(1)
    trace = last_trace(server)
    answer = requests.get(
        f"{server.url}/ajax-api/3.0/mlflow/get-trace-artifact", params={"request_id": trace.info.trace_id}, timeout=30
    )
    assert answer.headers["Content-Disposition"].startswith("attachment")
    spans = answer.json()["spans"]
    assert len(spans) == 3 and json.loads(spans[0]["attributes"]["mlflow.spanInputs"]) == {"x": 1}
    assert mlflow.entities.Span.from_dict(spans[0]).name == "plan"
    stolen = {"request_id": trace.info.trace_id, "path": "../../../../etc/passwd"}
    assert requests.get(f"{server.url}/ajax-api/2.0/mlflow/get-trace-artifact", params=stolen, timeout=30).status_code == 400


def test_traces_survive_a_kill(own_server):
    mlflow.set_tracking_uri(own_server.url)
    mlflow.set_experiment(experiment_id="0")
    plan(1)
    trace_id = last_trace(own_server).info.trace_id
    own_server.kill()
    own_server.start()
    mlflow.set_tracking_uri(own_server.url)
    assert len(mlflow.get_trace(trace_id).data.spans) == 3


def test_a_link_to_a_run_may_come_before_its_trace(server, client, tracing):
    run = client.create_run(tracing).info.run_id
    trace = "tr-" + f"{77:032x}"
    client.link_traces_to_run([trace], run)
    sent = requests.post(
        f"{server.url}/v1/traces", data=otlp(tracing, [(77, 7, 0, "late", {})]).SerializeToString(),
        headers={"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": tracing},
    )
    assert sent.status_code == 200, sent.text
    found = client.search_traces(locations=[tracing], filter_string=f"attribute.run_id = '{run}'")
    assert [one.info.trace_id for one in found] == [trace]


def test_assessments_of_one_millisecond_keep_their_order(tracing):
    measure(1)
    trace = last_trace(None)
    source = AssessmentSource(AssessmentSourceType.HUMAN, "somebody")
    names = ["z", "m", "a", "k", "b"]
    for name in names:
        mlflow.log_assessment(
            trace.info.trace_id, Feedback(name=name, value=True, source=source, create_time_ms=5, last_update_time_ms=5)
        )
    assert [one.name for one in mlflow.get_trace(trace.info.trace_id).info.assessments] == names


def test_the_root_span_names_the_service(server, client, tracing):
    spans = [(88, 1, 0, "root", {}), (88, 2, 1, "child", {})]
    requests.post(
        f"{server.url}/v1/traces", data=otlp(tracing, spans, {"service.name": "shop"}).SerializeToString(),
        headers={"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": tracing},
    ).raise_for_status()
    root, child = client.get_trace("tr-" + f"{88:032x}").data.spans
    assert root.get_attribute("service.name") == "shop"
    assert child.get_attribute("service.name") is None
