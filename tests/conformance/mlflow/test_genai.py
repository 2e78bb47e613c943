"""Evaluation datasets, scorers and issues, with the stock client: mlflow.genai.datasets, mlflow.genai.scorers and the store."""
import json
import subprocess
import time

import mlflow
import pytest
import requests
from conftest import SLIPWAY
from mlflow import MlflowClient
from mlflow.entities import Feedback
from mlflow.entities.assessment import IssueReference
from mlflow.entities.issue import IssueSeverity, IssueStatus
from mlflow.exceptions import MlflowException
from mlflow.genai import datasets
from mlflow.genai.judges import make_judge
from mlflow.genai.scorers import Guidelines, get_scorer, list_scorers

GATEWAY_JUDGE = json.dumps({"instructions_judge_pydantic_data": {"model": "gateway:/judge", "instructions": "Is {{ outputs }} polite?"}})


@pytest.fixture()
def store(client):
    return client._tracking_client.store


def test_a_dataset_is_filled_read_changed_and_deleted(client, experiment):
    dataset = datasets.create_dataset("questions", experiment_id=experiment, tags={"team": "a"})
    assert dataset.dataset_id.startswith("d-") and dataset.experiment_ids == [experiment]
    dataset.merge_records([
        {"inputs": {"question": "What is it?"}, "expectations": {"answer": "a server"}, "tags": {"level": "easy"}},
        {"inputs": {"question": "Why?", "depth": 2, "weights": [0.1, 1e-7]}, "expectations": {"score": 0.5}},
    ])
    frame = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert list(frame["inputs"]) == [{"question": "What is it?"}, {"question": "Why?", "depth": 2, "weights": [0.1, 1e-7]}]
    assert frame["expectations"][0] == {"answer": "a server"} and frame["tags"][0]["level"] == "easy"
    assert list(frame["source_type"]) == ["HUMAN", "HUMAN"]
    dataset.merge_records([{"inputs": {"question": "What is it?"}, "expectations": {"short": True}, "outputs": "a ship"}])
    again = datasets.get_dataset(dataset_id=dataset.dataset_id)
    assert again.to_df()["expectations"][0] == {"answer": "a server", "short": True}
    assert again.to_df()["outputs"][0] == "a ship"
    assert json.loads(again.profile) == {"num_records": 2}
    assert json.loads(again.schema)["inputs"] == {"question": "string", "depth": "integer", "weights": "array"}
    assert again.digest != dataset.digest and again.tags["team"] == "a"
    assert again.delete_records([again.to_df()["dataset_record_id"][0]]) == 1
    assert len(again.to_df()) == 1
    datasets.delete_dataset(dataset_id=dataset.dataset_id)
    with pytest.raises(MlflowException, match="not found") as caught:
        datasets.get_dataset(dataset_id=dataset.dataset_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_traces_become_records(client, experiment):
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_span("asked") as span:
        span.set_inputs({"question": "why?"})
        span.set_outputs("because")
    mlflow.flush_trace_async_logging()
    mlflow.log_expectation(trace_id=span.trace_id, name="answer", value="it is so")
    dataset = datasets.create_dataset("of traces", experiment_id=experiment)
    dataset.merge_records([mlflow.get_trace(span.trace_id)])
    record = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df().iloc[0]
    assert record["inputs"] == {"question": "why?"} and record["outputs"] == "because"
    assert record["expectations"] == {"answer": "it is so"}
    assert record["source_type"] == "TRACE" and record["source_id"] == span.trace_id


def test_many_records_come_in_pages(client, experiment, store):
    dataset = datasets.create_dataset("many", experiment_id=experiment)
    dataset.merge_records([{"inputs": {"number": number}} for number in range(2500)])
    inputs = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()["inputs"]
    assert [one["number"] for one in inputs] == list(range(2500))
    page, token = store._load_dataset_records(dataset.dataset_id, max_results=10)
    rest, _ = store._load_dataset_records(dataset.dataset_id, max_results=10, page_token=token)
    assert [record.inputs["number"] for record in page + rest] == list(range(20))


def test_datasets_are_found_tagged_and_shared(client, experiment):
    other = client.create_experiment(f"other {time.time_ns()}")
    first = datasets.create_dataset("first", experiment_id=experiment, tags={"level": "high"})
    second = datasets.create_dataset("second", experiment_id=[experiment, other], tags={"level": "low"})

    def names(**how):
        return [found.name for found in datasets.search_datasets(experiment_ids=[experiment], **how)]

    assert names(order_by=["name ASC"]) == ["first", "second"] and names(max_results=1) == ["second"]
    assert names(filter_string="tags.level = 'high'") == ["first"] and names(filter_string="name LIKE 'sec%'") == ["second"]
    with pytest.raises(MlflowException, match="Invalid attribute key"):
        names(filter_string="color = 'red'")
    datasets.set_dataset_tags(dataset_id=first.dataset_id, tags={"level": "low", "n": 1})
    datasets.delete_dataset_tag(dataset_id=second.dataset_id, key="level")
    assert names(filter_string="tags.level = 'low'") == ["first"]
    assert datasets.get_dataset(dataset_id=first.dataset_id).tags["n"] == "1"
    assert set(datasets.add_dataset_to_experiments(first.dataset_id, [other]).experiment_ids) == {experiment, other}
    assert datasets.remove_dataset_from_experiments(second.dataset_id, [other]).experiment_ids == [experiment]
    with pytest.raises(MlflowException, match="No Experiment with id=999999"):
        datasets.add_dataset_to_experiments(first.dataset_id, ["999999"])


def test_scorers_are_registered_in_versions(client, experiment):
    judge = make_judge(name="polite", instructions="Is {{ outputs }} polite?", model="openai:/gpt-4o-mini", feedback_value_type=str)
    judge.register(experiment_id=experiment)
    make_judge(name="polite", instructions="Is {{ outputs }} very polite?", model="openai:/gpt-4o-mini", feedback_value_type=str).register(
        experiment_id=experiment)
    Guidelines(name="english", guidelines=["English only"]).register(experiment_id=experiment)
    assert sorted(scorer.name for scorer in list_scorers(experiment_id=experiment)) == ["english", "polite"]
    assert "very" in get_scorer(name="polite", experiment_id=experiment).instructions
    assert "very" not in get_scorer(name="polite", experiment_id=experiment, version=1).instructions
    store = client._tracking_client.store
    assert [found.scorer_version for found in store.list_scorer_versions(experiment, "polite")] == [1, 2]
    store.delete_scorer(experiment, "polite", version=2)
    assert store.get_scorer(experiment, "polite").scorer_version == 1
    store.delete_scorer(experiment, "polite")
    with pytest.raises(MlflowException, match="Scorer with name 'polite' not found"):
        store.get_scorer(experiment, "polite")


def test_scorers_with_code_are_refused(experiment, store):
    with pytest.raises(MlflowException, match="carries code"):
        store.register_scorer(experiment, "code", json.dumps({"ensemble": [{"call_source": "import os"}]}))
    for wrong in ("no json", "[1]", json.dumps({"instructions_judge_pydantic_data": {"model": " "}})):
        with pytest.raises(MlflowException):
            store.register_scorer(experiment, "wrong", wrong)


def test_online_scoring_is_kept(experiment, store):
    scorer = store.register_scorer(experiment, "judge", GATEWAY_JUDGE)
    config = store.upsert_online_scoring_config(experiment, "judge", 0.5, "status = 'OK'")
    assert config.scorer_id == scorer.scorer_id and config.experiment_id == experiment
    store.upsert_online_scoring_config(experiment, "judge", 0.8)
    (found,) = store.get_online_scoring_configs([scorer.scorer_id, "none"])
    assert (found.sample_rate, found.filter_string) == (0.8, None)
    store.register_scorer(experiment, "direct", GATEWAY_JUDGE.replace("gateway:/judge", "openai:/gpt-4o"))
    with pytest.raises(MlflowException, match="does not use a gateway model"):
        store.upsert_online_scoring_config(experiment, "direct", 0.5)
    store.register_scorer(experiment, "strict", GATEWAY_JUDGE.replace("polite?", "{{expectations}}?"))
    with pytest.raises(MlflowException, match="requires expectations"):
        store.upsert_online_scoring_config(experiment, "strict", 0.5)
    assert store.upsert_online_scoring_config(experiment, "strict", 0).sample_rate == 0
    for rate, filter_string in ((1.5, None), (0.5, "color = 'red'")):
        with pytest.raises(MlflowException):
            store.upsert_online_scoring_config(experiment, "judge", rate, filter_string)


def test_issues_are_told_judged_and_counted(client, experiment, store):
    mlflow.set_experiment(experiment_id=experiment)
    issue = store.create_issue(experiment, "slow", "takes minutes", severity=IssueSeverity.HIGH, root_causes=["no cache"],
                               categories=["latency"], created_by="me")
    store.create_issue(experiment, "rude", "swears")
    assert issue.issue_id.startswith("iss-") and issue.status == IssueStatus.PENDING
    assert store.get_issue(issue.issue_id) == issue
    with mlflow.start_span("asked") as span:
        pass
    mlflow.flush_trace_async_logging()
    mlflow.log_assessment(trace_id=span.trace_id, assessment=IssueReference(issue_id=issue.issue_id, issue_name="slow"))
    mlflow.log_assessment(trace_id=span.trace_id, assessment=Feedback(name="good", value=False))
    found = store.search_issues(experiment_id=experiment, include_trace_count=True)
    assert [(one.name, one.trace_count) for one in found] == [("slow", 1), ("rude", 0)]
    traces = mlflow.search_traces(locations=[experiment], filter_string=f"issue.id = '{issue.issue_id}'", return_type="list")
    assert [trace.info.trace_id for trace in traces] == [span.trace_id]
    assert store.update_issue(issue.issue_id, status=IssueStatus.RESOLVED).status == IssueStatus.RESOLVED
    assert [one.name for one in store.search_issues(experiment, filter_string="status = 'resolved'")] == ["slow"]
    page = store.search_issues(experiment, max_results=1)
    assert [one.name for one in store.search_issues(experiment, max_results=1, page_token=page.token)] == ["rude"]
    with pytest.raises(MlflowException, match="No Experiment with id=999999"):
        store.create_issue("999999", "lost", "nowhere")


def test_all_of_it_outlives_a_crash_and_goes_with_its_experiment(own_server, tmp_path):
    mlflow.set_tracking_uri(own_server.url)
    client = MlflowClient(own_server.url)
    gone, stays = client.create_experiment("gone"), client.create_experiment("stays")
    dataset = datasets.create_dataset("shared", experiment_id=[gone, stays])
    dataset.merge_records([{"inputs": {"question": "why?"}}])
    store = client._tracking_client.store
    scorer = store.register_scorer(gone, "judge", GATEWAY_JUDGE).scorer_id
    store.upsert_online_scoring_config(gone, "judge", 0.5)
    issue = store.create_issue(gone, "slow", "takes minutes").issue_id
    own_server.kill()
    mlflow.set_tracking_uri(own_server.start().url)
    client = MlflowClient()
    store = client._tracking_client.store
    assert store.get_issue(issue).name == "slow" and len(store.get_online_scoring_configs([scorer])) == 1
    client.delete_experiment(gone)
    own_server.stop()
    subprocess.run([SLIPWAY, "gc", "--data", str(tmp_path / "data"), "--older-than", "0s"], check=True, timeout=60)
    mlflow.set_tracking_uri(own_server.start().url)
    store = MlflowClient()._tracking_client.store
    kept = datasets.get_dataset(dataset_id=dataset.dataset_id)
    assert kept.experiment_ids == [stays] and len(kept.to_df()) == 1
    assert store.get_online_scoring_configs([scorer]) == []
    with pytest.raises(MlflowException, match="not found"):
        store.get_issue(issue)


def test_what_the_web_page_asks_is_answered(server, experiment):
    def ask(method, path, **options):
        answer = requests.request(method, f"{server.url}/ajax-api/3.0/mlflow/{path}", timeout=60, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert ask("GET", "datasets/search", params={"experiment_ids": [experiment]}) == {}
    assert ask("POST", "issues/search", json={"experiment_id": experiment}) == {"next_page_token": ""}
    assert ask("GET", "scorers/list", params={"experiment_id": experiment}) == {"scorers": []}
    assert ask("GET", "assistant/providers")["providers"] == []
    # Pages of the navigation: no MCP servers, no queues of reviews.
    assert ask("GET", "mcp-servers", params={"max_results": 25})["mcp_servers"] == []
    assert ask("GET", "mcp-servers/endpoints")["next_page_token"] is None
    assert ask("GET", "review-queues/list", params={"experiment_id": experiment})["review_queues"] == []
    assert ask("GET", "label-schemas/list", params={"experiment_id": experiment})["label_schemas"] == []
    assert ask("GET", "assistant/config") == {"providers": {}, "projects": {}, "remote_access_allowed": False}
