"""The words of errors that people search for and that MLflow's own tests match on."""
import re
import uuid

import mlflow
import pytest
from mlflow.entities import AssessmentSource, Expectation, Feedback
from mlflow.entities.model_registry import RegisteredModelTag
from mlflow.exceptions import MlflowException
from mlflow.tracking.client import TracingClient
from test_filters import start_trace


def refused(words, call, code="INVALID_PARAMETER_VALUE"):
    with pytest.raises(MlflowException, match=re.escape(words)) as error:
        call()
    assert error.value.error_code == code


def test_names_that_are_taken(client):
    model, prompt = (f"{kind} {uuid.uuid4().hex}" for kind in ("model", "prompt"))
    registry = client._get_registry_client().store
    is_prompt = [RegisteredModelTag("mlflow.prompt.is_prompt", "true")]
    client.create_registered_model(model)
    registry.create_registered_model(prompt, tags=is_prompt)
    taken = "RESOURCE_ALREADY_EXISTS"
    refused(f"Registered Model (name={model}) already exists", lambda: registry.create_registered_model(model), taken)
    refused(f"Prompt (name={prompt}) already exists", lambda: registry.create_registered_model(prompt, tags=is_prompt), taken)
    refused(
        f"Tried to create a prompt with name '{model}', but the name is already taken by a registered model.",
        lambda: registry.create_registered_model(model, tags=is_prompt), taken,
    )
    refused(
        f"Tried to create a registered model with name '{prompt}', but the name is already taken by a prompt.",
        lambda: registry.create_registered_model(prompt), taken,
    )


def test_registered_models(client):
    missing = f"missing {uuid.uuid4().hex}"
    refused(f"Registered Model with name={missing} not found", lambda: client.get_model_version_by_alias(missing, "a"), "RESOURCE_DOES_NOT_EXIST")
    refused("Invalid attribute key 'run_id' specified", lambda: client.search_registered_models("run_id = 'x'"))
    refused("Invalid order by key 'creation_timestamp' specified", lambda: client.search_registered_models(order_by=["creation_timestamp"]))
    refused("Invalid attribute key 'run_id' specified", lambda: client.search_model_versions(order_by=["run_id"]))
    refused("Parameter value is either not quoted", lambda: client.search_registered_models("name != something"))
    first, second = (client.create_registered_model(f"{missing} {i}").name for i in range(2))
    client.update_registered_model(first, "changed")
    for key in ("timestamp", "last_updated_timestamp"):
        found = client.search_registered_models(f"name LIKE '{missing}%'", order_by=[f"{key} DESC", "name DESC"])
        assert [model.name for model in found] == [first, second], "the time of the last change"


def test_lists_in_filters(client):
    search = client.search_model_versions
    refused("expected string value, punctuation, or whitespace, but got different type in list", lambda: search("run_id IN (1,2)"))
    refused("expected a non-empty list of string values, but got empty list", lambda: search("run_id IN ()"))
    for wrong in ("run_id IN (,)", "run_id IN ('a',,'b')"):
        refused("expected a non-empty list of string values, but got ill-formed list", lambda: search(wrong))
    refused("Invalid clause(s) in filter string", lambda: search("run_id IN ("))


def test_experiments_and_runs(client, experiment):
    refused("Invalid experiment ID 'x'. Experiment ID must be a valid integer.", lambda: client.get_experiment("x"))
    refused("IS NULL / IS NOT NULL is only supported for tags", lambda: client.search_experiments(filter_string="name IS NULL"))
    refused("IS NULL / IS NOT NULL is only supported for tags and params", lambda: client.search_runs([experiment], "attributes.status IS NULL"))


def test_logged_models(client, experiment):
    for name in ("a/b", "a.b", "a:b", "a%b"):
        refused("Invalid model name", lambda: client.create_logged_model(experiment, name=name))
    for wrong in ("Foo", "name = 'a' OR name = 'b'"):
        refused("Invalid filter string", lambda: client.search_logged_models([experiment], wrong))
    for _ in range(2):
        client.create_logged_model(experiment)
    token = client.search_logged_models([experiment], max_results=1).token

    def again(experiments=(experiment,), **options):
        return lambda: client.search_logged_models(list(experiments), page_token=token, **options)

    refused("Experiment IDs in the page token do not match", again(["0"]))
    refused("Filter string in the page token does not match", again(filter_string="name = 'a'"))
    refused("Order by in the page token does not match", again(order_by=[{"field_name": "name"}]))


def test_traces(client, experiment):
    def search(filter_string):
        return lambda: client.search_traces(locations=[experiment], filter_string=filter_string)

    refused("Invalid comparator '<'", search("status < 'OK'"))
    refused("span.content comparator '=' not one of", search("span.content = 'x'"))
    trace = start_trace(experiment)
    refused("Invalid value \"/.:\\\\.\" for parameter 'key' supplied", lambda: client.set_trace_tag(trace, "/.:\\.", "v"))
    refused("No trace tag with key 'a'", lambda: client.delete_trace_tag(trace, "a"), "RESOURCE_DOES_NOT_EXIST")
    store = TracingClient().store
    refused("Trace with ID tr-none is not found.", lambda: store.get_trace("tr-none"), "RESOURCE_DOES_NOT_EXIST")
    source = AssessmentSource("HUMAN", "me")
    feedback = mlflow.log_assessment(trace, Feedback(name="f", value=1, source=source))
    expectation = mlflow.log_assessment(trace, Expectation(name="e", value=1, source=source))
    for assessment, other, words in (
        (feedback, {"expectation": expectation.expectation}, "Cannot update expectation value on a Feedback assessment"),
        (expectation, {"feedback": feedback.feedback}, "Cannot update feedback value on an Expectation assessment"),
    ):
        refused(words, lambda: store.update_assessment(trace, assessment.assessment_id, **other))


def test_metrics_of_traces(server, experiment):
    def ask(view, **options):
        body = {"experiment_ids": [experiment], "view_type": view, "metric_name": "trace_count" if view == "TRACES" else "span_count"}
        answer = server.post("../../3.0/mlflow/traces/metrics", {**body, "aggregations": [{"aggregation_type": "COUNT"}], **options})
        return answer.json()["message"]

    assert "Invalid identifier 'status'" in ask("TRACES", filters=["status = 'OK'"])
    assert "Filtering by span is only supported for SPANS view type" in ask("TRACES", filters=["span.status = 'OK'"])
    assert "does not require a key" in ask("SPANS", filters=["span.status.extra = 'value'"])
