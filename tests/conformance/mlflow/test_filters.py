"""What filters take and what they find, where the answer of a stock server is not plain to see."""
import uuid

import mlflow
import pytest
import requests
from mlflow.entities import Metric, TraceInfo, TraceLocation, TraceState
from mlflow.exceptions import MlflowException
from mlflow.tracking.client import TracingClient


def start_trace(experiment, request_time=1000, **fields):
    info = TraceInfo(
        trace_id=f"tr-{uuid.uuid4().hex}",
        trace_location=TraceLocation.from_experiment_id(experiment),
        request_time=request_time,
        state=TraceState.OK,
        **fields,
    )
    return TracingClient().start_trace(info).trace_id


@pytest.fixture()
def things(client, experiment):
    """One of each kind that can be searched, with the searches that know it by a list."""
    run = client.create_run(experiment).info.run_id
    model = mlflow.create_external_model(name="m", experiment_id=experiment).model_id
    name = f"registered {uuid.uuid4().hex}"
    client.create_registered_model(name)
    client.create_model_version(name, f"mlflow-artifacts:/{experiment}/{run}/artifacts/m", run)
    trace = start_trace(experiment)
    dataset = mlflow.genai.create_dataset(name=f"d {uuid.uuid4().hex}", experiment_id=experiment)
    return {
        "runs": lambda items: client.search_runs([experiment], f"attributes.run_id IN {items(run)}"),
        "experiments": lambda items: client.search_experiments(filter_string=f"experiment_id IN {items(experiment)}"),
        "registered models": lambda items: client.search_registered_models(f"name IN {items(name)}"),
        "model versions": lambda items: client.search_model_versions(f"run_id IN {items(run)}"),
        "logged models": lambda items: client.search_logged_models([experiment], f"model_id IN {items(model)}"),
        "traces": lambda items: client.search_traces(
            locations=[experiment], filter_string=f"request_id IN {items(trace)}", include_spans=False
        ),
        "datasets": lambda items: mlflow.genai.search_datasets(
            experiment_ids=[experiment], filter_string=f"name IN {items(dataset.name)}"
        ),
    }


KINDS = ["runs", "experiments", "registered models", "model versions", "logged models", "traces", "datasets"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_may_be_the_text_of_a_python_tuple(things, kind):
    search = things[kind]
    assert len(search(lambda thing: (thing,))) == 1, "('x',)"
    assert len(search(lambda thing: (thing, "999999"))) == 1
    assert len(search(lambda thing: f"('{thing}', '999999' , )")) == 1
    assert len(search(lambda thing: ("999999",))) == 0
    for wrong in ("(,)", "('a',,)", "(,'a')"):
        with pytest.raises(MlflowException) as error:
            search(lambda thing: wrong)
        assert error.value.error_code == "INVALID_PARAMETER_VALUE"


def test_logged_models_are_ordered_by_a_metric_on_the_digest_alone(client, experiment):
    def model(name, **values):
        made = mlflow.create_external_model(name=name, experiment_id=experiment)
        run = client.create_run(experiment).info.run_id
        for digest, value in values.items():
            metric = Metric("acc", value, 1, 0, made.model_id, dataset_name="cities", dataset_digest=digest, run_id=run)
            client.log_batch(run, metrics=[metric])

    model("a", old=0.9, new=0.1)
    model("b", old=0.5, new=0.5)
    model("c", old=0.1, new=0.9)

    def order(**dataset):
        key = {"field_name": "metrics.acc", "ascending": False, **dataset}
        return [found.name for found in client.search_logged_models([experiment], order_by=[key])]

    assert order(dataset_digest="old") == ["a", "b", "c"]
    assert order(dataset_digest="new") == ["c", "b", "a"]
    assert order(dataset_name="cities", dataset_digest="old") == ["a", "b", "c"]


def test_a_trace_without_a_client_request_id_has_none(client, experiment):
    named = start_trace(experiment, client_request_id="x")
    start_trace(experiment)

    def found(filter_string):
        traces = client.search_traces(locations=[experiment], filter_string=filter_string, include_spans=False)
        return [trace.info.trace_id for trace in traces]

    assert found("client_request_id = 'x'") == [named]
    assert found("client_request_id = ''") == []
    assert found("client_request_id != 'y'") == [named]
    assert found("client_request_id LIKE '%'") == [named]


def test_a_logged_model_without_a_source_run_has_none(client, experiment):
    run = client.create_run(experiment).info.run_id
    mlflow.create_external_model(name="from-run", experiment_id=experiment, source_run_id=run)
    mlflow.create_external_model(name="alone", experiment_id=experiment)

    def found(filter_string, **options):
        return [model.name for model in client.search_logged_models([experiment], filter_string, **options)]

    assert found(f"source_run_id = '{run}'") == ["from-run"]
    assert found("source_run_id != 'y'") == ["from-run"]
    for ascending in (True, False):
        order = [{"field_name": "source_run_id", "ascending": ascending}]
        assert found("", order_by=order) == ["from-run", "alone"], "missing ones last"
