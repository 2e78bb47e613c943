"""Which keys of tags, params and metrics are refused, as a stock server does."""
import uuid

import mlflow
import pytest
from mlflow.entities import LoggedModelParameter, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking.client import TracingClient
from test_filters import start_trace

BAD = ["../", "..", "/etc/passwd", "a//b", "a/../b", ".", "what?", "a#b", "x" * 251]


@pytest.fixture()
def setters(client, experiment):
    run = client.create_run(experiment).info.run_id
    trace = start_trace(experiment)
    name = f"registered {uuid.uuid4().hex}"
    client.create_registered_model(name)
    client.create_model_version(name, f"mlflow-artifacts:/{experiment}/{run}/artifacts/m", run)
    return {
        "trace tag": lambda key: client.set_trace_tag(trace, key, "v"),
        "run tag": lambda key: client.set_tag(run, key, "v"),
        "param": lambda key: client.log_param(run, key, "v"),
        "metric": lambda key: client.log_metric(run, key, 1),
        "batch": lambda key: client.log_batch(run, [Metric(key, 1, 0, 0)], [Param(key, "v")], [RunTag(key, "v")]),
        "experiment tag": lambda key: client.set_experiment_tag(experiment, key, "v"),
        "model tag": lambda key: client.set_registered_model_tag(name, key, "v"),
        "version tag": lambda key: client.set_model_version_tag(name, "1", key, "v"),
    }


@pytest.mark.parametrize(
    "kind", ["trace tag", "run tag", "param", "metric", "batch", "experiment tag", "model tag", "version tag"]
)
def test_keys_that_are_no_plain_relative_path_are_refused(setters, kind):
    for key in BAD:
        with pytest.raises(MlflowException) as error:
            setters[kind](key)
        assert error.value.error_code == "INVALID_PARAMETER_VALUE", key
    setters[kind]("a/b.c d-e:f_1")


def test_a_whole_trace_is_not_lost_for_an_odd_key(client, experiment):
    trace = start_trace(experiment, tags={"what?": "v"}, trace_metadata={"../": "w"})
    info = TracingClient().get_trace_info(trace)
    assert info.tags["what?"] == "v" and info.trace_metadata["../"] == "w"


def test_logged_models_take_any_key(client, experiment):
    model = mlflow.create_external_model(
        name="m", experiment_id=experiment, params={"lr (adam)?": "1"}, tags={"why?": "so"}
    )
    assert model.params == {"lr (adam)?": "1"} and model.tags["why?"] == "so"
    with pytest.raises(MlflowException) as error:
        client._tracking_client.store.log_logged_model_params(model.model_id, [LoggedModelParameter("x" * 251, "1")])
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"
