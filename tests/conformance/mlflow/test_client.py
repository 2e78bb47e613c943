"""A walk through MlflowClient: what each call promises, and which error it raises."""
import json
import math
import time

import mlflow
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


class refused:
    """Like pytest.raises, and the error's code must be this one."""

    def __init__(self, code):
        self.code = code
        self.raises = pytest.raises(MlflowException)

    def __enter__(self):
        self.info = self.raises.__enter__()
        return self.info

    def __exit__(self, *details):
        passed = self.raises.__exit__(*details)
        assert self.info.value.error_code == self.code, self.info.value
        return passed


def test_experiments_are_created_renamed_deleted_and_restored(client):
    name = f"e {time.time_ns()}"
    experiment = client.create_experiment(name, tags={"a": "b"})
    with refused("RESOURCE_ALREADY_EXISTS") as error:
        client.create_experiment(name)
    assert "already exists" in str(error.value)
    found = client.get_experiment_by_name(name)
    assert found.experiment_id == experiment and found.tags == {"a": "b"}
    assert found.artifact_location == f"mlflow-artifacts:/{experiment}"
    client.rename_experiment(experiment, name + "!")
    client.set_experiment_tag(experiment, "c", "d")
    assert client.get_experiment(experiment).name == name + "!"
    assert client.get_experiment_by_name(name) is None
    run = client.create_run(experiment).info.run_id
    client.delete_experiment(experiment)
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    with refused("INVALID_PARAMETER_VALUE"):
        client.create_run(experiment)
    client.restore_experiment(experiment)
    assert client.get_run(run).info.lifecycle_stage == "active"
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_experiment("987654")


def test_experiments_are_searched_and_paged(client):
    mark = str(time.time_ns())
    made = [client.create_experiment(f"{mark} {i}", tags={"mark": mark, "odd": str(i % 2)}) for i in range(5)]
    client.delete_experiment(made[4])
    seen, token = [], None
    while True:
        page = client.search_experiments(filter_string=f"tags.mark = '{mark}'", max_results=2, page_token=token)
        seen += [e.experiment_id for e in page]
        token = page.token
        if not token:
            break
    assert seen == made[3::-1]
    everything = client.search_experiments(ViewType.ALL, filter_string=f"name LIKE '{mark}%'", order_by=["name ASC"])
    assert [e.experiment_id for e in everything] == made
    assert len(client.search_experiments(filter_string=f"name ILIKE '{mark}%' AND tags.odd != '0'")) == 2
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_experiments(filter_string="colour = 'red'")


def test_runs_carry_what_is_logged_to_them(client, experiment):
    run = client.create_run(experiment, run_name="r", tags={"x": "y"}).info.run_id
    client.log_param(run, "lr", 0.1)
    client.log_param(run, "lr", 0.1)
    with refused("INVALID_PARAMETER_VALUE") as error:
        client.log_param(run, "lr", 0.2)
    assert "Changing param values is not allowed" in str(error.value)
    now = int(time.time() * 1000)
    client.log_batch(
        run,
        metrics=[Metric("m", i, now + i, i) for i in range(1000 - 2)],
        params=[Param("p", "q" * 7000)],
        tags=[RunTag("t", "u")],
    )
    client.log_metric(run, "inf", float("inf"))
    client.log_metric(run, "nan", float("nan"), step=-3)
    found = client.get_run(run)
    assert found.data.metrics["m"] == 997
    assert found.data.metrics["inf"] == 1.7976931348623157e308
    assert math.isnan(found.data.metrics["nan"])
    assert len(found.data.params["p"]) == 6000
    assert found.data.tags["t"] == "u" and found.data.tags["mlflow.runName"] == "r"
    assert len(client.get_metric_history(run, "m")) == 998
    assert client.get_metric_history(run, "never") == []
    client.set_tag(run, "mlflow.runName", "other")
    assert client.get_run(run).info.run_name == "other"
    client.delete_tag(run, "t")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.delete_tag(run, "t")
    client.set_terminated(run, "FAILED", end_time=now)
    assert client.get_run(run).info.status == "FAILED" and client.get_run(run).info.end_time == now
    client.delete_run(run)
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_metric(run, "m", 1)
    client.restore_run(run)
    client.log_metric(run, "m", 1)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_run("0" * 32)


def test_inputs_and_outputs_are_kept(client, experiment):
    run = client.create_run(experiment).info.run_id
    dataset = Dataset("train", "d1", "local", "{}", schema="s", profile="p")
    for _ in range(2):
        client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
    model = client.create_logged_model(experiment, name="net", source_run_id=run, params={"depth": "3"})
    client.log_outputs(run, [LoggedModelOutput(model.model_id, step=2)])
    found = client.get_run(run)
    assert [used.dataset.name for used in found.inputs.dataset_inputs] == ["train"]
    assert [(made.model_id, made.step) for made in found.outputs.model_outputs] == [(model.model_id, 2)]


def test_logged_models_live_through_their_states(client, experiment):
    run = client.create_run(experiment).info.run_id
    names = ["a", "b", "c"]
    made = [client.create_logged_model(experiment, name=n, source_run_id=run, model_type="net").model_id for n in names]
    client.finalize_logged_model(made[0], "READY")
    client.set_logged_model_tags(made[0], {"k": "v"})
    client.log_metric(run, "acc", 0.5, model_id=made[0], dataset_name="d", dataset_digest="1")
    client.log_metric(run, "acc", 0.9, model_id=made[1])
    model = client.get_logged_model(made[0])
    assert str(model.status) == "READY" and model.tags["k"] == "v" and model.metrics[0].value == 0.5
    client.delete_logged_model_tag(made[0], "k")
    assert "k" not in client.get_logged_model(made[0]).tags

    def found(**query):
        return [m.model_id for m in client.search_logged_models([experiment], **query)]

    assert found(filter_string="metrics.acc > 0.4", order_by=[{"field_name": "metrics.acc", "ascending": False}]) == made[1::-1]
    assert found(filter_string="name = 'c'") == [made[2]]
    assert found(datasets=[{"dataset_name": "d"}]) == [made[0]]
    page = client.search_logged_models([experiment], max_results=2)
    rest = client.search_logged_models([experiment], max_results=2, page_token=page.token)
    assert {m.model_id for m in [*page, *rest]} == set(made) and not rest.token
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_logged_models([experiment], filter_string="name = 'x'", page_token=page.token)
    client.delete_logged_model(made[2])
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_logged_model(made[2])


def test_models_versions_aliases_and_stages(client, experiment):
    name = f"m{time.time_ns()}"
    run = client.create_run(experiment).info
    client.create_registered_model(name, tags={"t": "1"}, description="d")
    with refused("RESOURCE_ALREADY_EXISTS"):
        client.create_registered_model(name)
    source = f"{run.artifact_uri}/model"
    for expected in ("1", "2"):
        made = client.create_model_version(name, source, run.run_id, tags={"n": expected}, description="v")
        assert made.version == expected and made.status == "READY" and made.current_stage == "None"
    assert client.get_model_version_download_uri(name, "1") == source
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "champion", "2")
    assert client.get_model_version_by_alias(name, "champion").version == "2"
    assert client.get_registered_model(name).aliases == {"champion": "2"}
    with refused("INVALID_PARAMETER_VALUE") as error:
        client.get_model_version_by_alias(name, "nobody")
    assert "alias nobody not found" in str(error.value)
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "production", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert [v.version for v in client.get_latest_versions(name, ["Production"])] == ["2"]
    client.update_model_version(name, "1", "new words")
    client.set_model_version_tag(name, "1", "k", "")
    assert client.get_model_version(name, "1").tags == {"n": "1", "k": ""}
    client.delete_model_version_tag(name, "1", "k")
    found = client.search_model_versions(f"name = '{name}' AND tags.n = '2'")
    assert [v.version for v in found] == ["2"] and found[0].aliases == ["champion"]
    client.delete_model_version(name, "2")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_model_version(name, "2")
    assert client.create_model_version(name, source, run.run_id).version == "3"
    client.delete_registered_model_alias(name, "champion")
    client.rename_registered_model(name, name + "x")
    assert client.get_model_version(name + "x", "3").name == name + "x"
    assert [m.name for m in client.search_registered_models(f"name LIKE '{name}%' AND tags.t = '1'")] == [name + "x"]
    client.delete_registered_model(name + "x")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(name + "x")


@pytest.mark.parametrize("source", ["/etc", "file:///etc", "{uri}/../../x", "{uri}/%2e%2e/x", "runs:/other/m", "http://10.0.0.1/x"])
def test_versions_take_files_only_from_where_they_belong(client, experiment, source):
    name = f"s{time.time_ns()}"
    run = client.create_run(experiment).info
    client.create_registered_model(name)
    with refused("INVALID_PARAMETER_VALUE"):
        client.create_model_version(name, source.format(uri=run.artifact_uri), run.run_id)


def test_prompts_live_in_the_registry(client):
    name = f"prompt{time.time_ns()}"
    mlflow.genai.register_prompt(name, "Say {{word}} to {{name}}")
    prompt = mlflow.genai.load_prompt(f"prompts:/{name}/1")
    assert prompt.format(word="hello", name="you") == "Say hello to you"
    assert name not in [m.name for m in client.search_registered_models()]


def test_models_logged_the_old_way_are_noted_on_the_run(client, experiment, server):
    run = client.create_run(experiment).info.run_id
    model = {"artifact_path": "m", "flavors": {}, "utc_time_created": "now", "run_id": run}
    assert server.post("runs/log-model", {"run_id": run, "model_json": json.dumps(model)}).json() == {}
    assert json.loads(client.get_run(run).data.tags["mlflow.log-model.history"]) == [model]


def test_traced_calls_are_kept_with_their_spans(client, experiment):
    mlflow.set_experiment(experiment_id=experiment)

    @mlflow.trace
    def outer(x):
        return inner(x) + 1

    @mlflow.trace
    def inner(x):
        return x * 2

    assert outer(20) == 41
    mlflow.flush_trace_async_logging()
    traces = mlflow.search_traces(locations=[experiment], return_type="list")
    assert len(traces) == 1 and {span.name for span in traces[0].data.spans} == {"outer", "inner"}
    trace_id = traces[0].info.trace_id
    client.set_trace_tag(trace_id, "checked", "yes")
    assert mlflow.get_trace(trace_id).info.tags["checked"] == "yes"
    found = client.search_traces(locations=[experiment], filter_string="tags.checked = 'yes' AND name = 'outer'")
    assert [trace.info.trace_id for trace in found] == [trace_id]


def test_names_of_experiments_are_refused_in_mlflows_words(client):
    for name in ("", "  "):
        with pytest.raises(MlflowException, match="Invalid experiment name"):
            client.create_experiment(name)
    client.create_experiment("popular")
    with pytest.raises(MlflowException, match=r"Experiment\(name=popular\) already exists"):
        client.create_experiment("popular")
