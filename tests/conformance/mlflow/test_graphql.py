"""The queries of MLflow's web page, word for word as its bundle holds them, and what is refused."""
import math
import pathlib

import mlflow
import numpy
import pytest
import requests


def page_query(name):
    """The query of that name out of the page that MLflow ships."""
    for script in (pathlib.Path(mlflow.__file__).parent / "server/js/build/static/js").glob("*.js"):
        text = script.read_text(errors="replace")
        start = text.find(f"query {name}(")
        if start >= 0:
            return text[start : text.index("`", start)]
    raise AssertionError(f"MLflow's page has no query {name}")


@pytest.fixture()
def ask(server):
    def post(query, variables=None, name=None):
        answer = requests.post(
            f"{server.url}/graphql", json={"operationName": name, "query": query, "variables": variables}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


@pytest.fixture()
def run(client, experiment):
    with mlflow.start_run(experiment_id=experiment, run_name="curves") as run:
        mlflow.log_param("lr", "0.1")
        mlflow.log_metrics({"loss": 0.5, "odd": math.nan}, step=7)
        mlflow.log_input(mlflow.data.from_numpy(numpy.arange(3), name="three"), context="training")
    model = client.create_registered_model(f"graphql {run.info.run_id}").name
    client.create_model_version(model, run.info.artifact_uri + "/model", run_id=run.info.run_id)
    return run.info


def test_an_experiment(ask, client, experiment):
    client.set_experiment_tag(experiment, "team", "a")
    answer = ask(page_query("MlflowGetExperimentQuery"), {"input": {"experimentId": experiment}}, "MlflowGetExperimentQuery")
    assert answer["errors"] is None
    found = answer["data"]["mlflowGetExperiment"]
    assert found["apiError"] is None
    stored = client.get_experiment(experiment)
    assert found["experiment"] == {
        "artifactLocation": stored.artifact_location,
        "creationTime": str(stored.creation_time),
        "effectiveTraceArchivalRetention": "",
        "experimentId": experiment,
        "lastUpdateTime": str(stored.last_update_time),
        "lifecycleStage": "active",
        "name": stored.name,
        "tags": [{"key": "team", "value": "a"}],
    }


def check_run(found, run, experiment):
    info = found["info"]
    assert (info["runUuid"], info["runName"], info["status"]) == (run.run_id, "curves", "FINISHED")
    assert info["startTime"] == str(run.start_time) and int(info["endTime"]) >= run.start_time
    assert found["experiment"]["experimentId"] == experiment
    metrics = {m["key"]: m for m in found["data"]["metrics"]}
    assert metrics["loss"]["value"] == 0.5 and metrics["loss"]["step"] == "7"
    assert metrics["odd"]["value"] is None
    assert found["data"]["params"] == [{"key": "lr", "value": "0.1"}]
    assert found["inputs"]["datasetInputs"][0]["dataset"]["name"] == "three"
    assert found["inputs"]["modelInputs"] == [] and found["outputs"]["modelOutputs"] == []
    assert [(v["name"], v["version"], v["status"]) for v in found["modelVersions"]] == [(f"graphql {run.run_id}", "1", "READY")]


def test_a_run(ask, run, experiment):
    answer = ask(page_query("GetRun"), {"data": {"runId": run.run_id}})
    check_run(answer["data"]["mlflowGetRun"]["run"], run, experiment)


def test_runs(ask, client, run, experiment):
    client.create_run(experiment, run_name="second")
    answer = ask(page_query("SearchRuns"), {"data": {"experimentIds": [experiment], "orderBy": ["attributes.start_time"], "maxResults": 5}})
    runs = answer["data"]["mlflowSearchRuns"]["runs"]
    check_run(runs[0], run, experiment)
    assert runs[1]["info"]["endTime"] == "0" and runs[1]["modelVersions"] == [] and runs[1]["data"]["metrics"] == []
    filtered = ask(page_query("SearchRuns"), {"data": {"experimentIds": [experiment], "filter": "metrics.loss > 1", "runViewType": "ALL"}})
    assert filtered["data"]["mlflowSearchRuns"]["runs"] == []


def test_sampled_histories(ask, client, run):
    for step in range(100):
        client.log_metric(run.run_id, "curve", step, timestamp=step, step=step)
    answer = ask(
        page_query("GetMetricHistoryBulkInterval"),
        {"data": {"runIds": [run.run_id], "metricKey": "curve", "maxResults": 3, "startStep": 10, "endStep": 90}},
    )
    found = answer["data"]["mlflowGetMetricHistoryBulkInterval"]
    assert found["__typename"] == "MlflowGetMetricHistoryBulkIntervalResponse"
    assert [(m["step"], m["value"], m["runId"]) for m in found["metrics"]] == [(s, float(s), run.run_id) for s in ("10", "37", "90")]


def test_files_versions_and_datasets(ask, client, run, experiment):
    client.log_text(run.run_id, "abc", "d/a.txt")
    query = 'query Q($run: String!) { files: mlflowListArtifacts(input: {runId: $run, path: "d"}) { files { path isDir fileSize } } }'
    assert ask(query, {"run": run.run_id})["data"]["files"]["files"] == [{"path": "d/a.txt", "isDir": False, "fileSize": "3"}]
    versions = f"{{ mlflowSearchModelVersions(input: {{filter: \"run_id = '{run.run_id}'\"}}) {{ modelVersions {{ version }} }} }}"
    assert ask(versions)["data"]["mlflowSearchModelVersions"]["modelVersions"] == [{"version": "1"}]
    datasets = f'mutation {{ mlflowSearchDatasets(input: {{experimentIds: ["{experiment}"]}}) {{ datasetSummaries {{ name context }} }} }}'
    assert ask(datasets)["data"]["mlflowSearchDatasets"]["datasetSummaries"] == [{"name": "three", "context": "training"}]


def test_fragments_aliases_and_directives(ask, run):
    query = """
      query Q($id: String!, $full: Boolean = false) {
        first: mlflowGetRun(input: {runId: $id}) { ...names __typename }
        second: mlflowGetRun(input: {runUuid: $id}) { run { info { status @include(if: $full) runId @skip(if: $full) } } }
      }
      fragment names on MlflowGetRunResponse { run { info { label: runName } } }
    """
    data = ask(query, {"id": run.run_id})["data"]
    assert data["first"] == {"run": {"info": {"label": "curves"}}, "__typename": "MlflowGetRunResponse"}
    assert data["second"]["run"]["info"] == {"runId": run.run_id}
    assert ask(query, {"id": run.run_id, "full": True})["data"]["second"]["run"]["info"] == {"status": "FINISHED"}


def test_a_failed_call_is_null_beside_its_message(ask, experiment):
    answer = ask(
        'query { bad: mlflowGetRun(input: {runId: "none"}) { run { info { runId } } } '
        f'good: mlflowGetExperiment(input: {{experimentId: "{experiment}"}}) {{ experiment {{ experimentId }} }} }}'
    )
    assert answer["data"] == {"bad": None, "good": {"experiment": {"experimentId": experiment}}}
    assert "not found" in answer["errors"][0]


@pytest.mark.parametrize(
    "query, text",
    [
        ("{ mlflowGetRun(input: {runId", "Syntax Error"),
        ('{ mlflowGetRun(input: {runId: "a"}) { run { info { secret } } } }', "Cannot query field 'secret' on type 'MlflowRunInfo'"),
        ("{ users { name } }", "Cannot query field 'users' on type 'Query'"),
        ('{ mlflowGetRun(input: {runId: "a"}) { run } }', "must have a selection"),
        ('{ mlflowGetRun(input: {runId: "a"}) { run { info { runId { x } } } } }', "must not have a selection"),
        ("{" + " ".join(f'k{i}: test(inputString: "a") {{ output }}' for i in range(200)) + "}", "at most 10"),
        ("{" + " ".join(f"test{i}" for i in range(11)) + "}", "at most 10 root fields"),
        ("{a" * 11 + "}" * 11, "depth"),
        ("{" * 100_000, "bytes"),
        ("query A {a} query B {b}", "operation name"),
    ],
)
def test_faults_and_greedy_queries_are_told(ask, query, text):
    answer = ask(query)
    assert answer["data"] is None and text in answer["errors"][0]


def test_only_json_is_taken(server):
    assert requests.post(f"{server.url}/graphql", data={"query": "{a}"}, timeout=60).status_code == 400
    assert requests.post(f"{server.url}/graphql", json={}, timeout=60).status_code == 400
    assert requests.get(f"{server.url}/graphql", params={"query": "{a}"}, timeout=60).status_code == 405
