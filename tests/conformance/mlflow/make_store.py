"""A store with something of everything that MLflow keeps, made by the real MLflow: make_store.py FOLDER [files].

With `files` it is a file store (FOLDER/mlruns), else a database (FOLDER/mlflow.db).
"""
import json
import os
import pathlib
import sqlite3
import sys
import tempfile

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", GIT_PYTHON_REFRESH="quiet", MLFLOW_ALLOW_FILE_STORE="true")
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True)
os.chdir(folder)

import mlflow
import pandas
from mlflow import MlflowClient
from mlflow.entities.issue import IssueSeverity, IssueStatus
from mlflow.entities import AssessmentSource, LoggedModelInput, SpanEvent
from mlflow.entities.model_registry import PromptVersion

in_files = "files" in sys.argv
uri = f"file://{folder}/mlruns" if in_files else f"sqlite:///{folder}/mlflow.db"
mlflow.set_tracking_uri(uri)
mlflow.set_registry_uri(uri)
client = MlflowClient(uri)


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str]) -> list[str]:
        return model_input


def make_runs():
    experiment = client.create_experiment("iris", tags={"team": "a"})
    gone = client.create_experiment("gone")
    client.create_run(gone)
    client.delete_experiment(gone)
    with mlflow.start_run(experiment_id=experiment, run_name="first") as run:
        mlflow.log_params({"lr": "0.1", "depth": "3", "long": "x" * 3000})
        mlflow.set_tag("color", "röd")
        for step in range(50):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        for step, value in enumerate([float("nan"), float("inf"), float("-inf")]):
            mlflow.log_metric("odd", value, step=step)
        data = mlflow.data.from_pandas(pandas.DataFrame({"a": [1.0, 2.0]}), name="train", source="x.csv")
        mlflow.log_input(data, context="training")
        note = pathlib.Path(tempfile.mkdtemp()) / "note.txt"
        note.write_text("hello")
        mlflow.log_artifact(str(note), "notes")
        info = mlflow.pyfunc.log_model(
            name="model", python_model=Echo(), registered_model_name="iris-model", params={"k": "v"}, tags={"t": "1"}
        )
        mlflow.log_metric("acc", 0.9, step=3, model_id=info.model_id, dataset=data)
    with mlflow.start_run(experiment_id="0", run_name="uses the model") as user:
        client.log_inputs(user.info.run_id, models=[LoggedModelInput(info.model_id)])
    client.delete_run(client.create_run(experiment).info.run_id)
    client.set_terminated(client.create_run(experiment).info.run_id, "FAILED")
    return experiment, run.info.run_id, info


def make_models(run_id, info):
    client.update_registered_model("iris-model", "what it is")
    client.set_registered_model_tag("iris-model", "x", "y")
    client.set_model_version_tag("iris-model", "1", "vt", "vv")
    client.set_registered_model_alias("iris-model", "champion", 1)
    client.create_model_version("iris-model", info.model_uri, run_id, description="second", model_id=info.model_id)
    client.create_model_version("iris-model", info.model_uri, run_id)
    client.delete_model_version("iris-model", "3")
    client.create_model_version("iris-model", info.model_uri, run_id, run_link="https://example.org/run")
    client.transition_model_version_stage("iris-model", "2", "Production")
    mlflow.genai.register_prompt("hello-prompt", template="Hi {{name}}", commit_message="m", tags={"a": "b"})
    mlflow.genai.register_prompt("hello-prompt", template="Hello {{name}}")


def make_traces(experiment, run_id):
    mlflow.set_experiment(experiment_id=experiment)

    @mlflow.trace(span_type="LLM", attributes={"model": "m", "n": 3, "half": 0.5})
    def inner(x):
        span = mlflow.get_current_active_span()
        span.add_event(SpanEvent("event", attributes={"q": 1, "text": "a"}))
        span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12})
        return x * 2

    @mlflow.trace
    def outer(x, name):
        mlflow.update_current_trace(
            tags={"tt": "1"}, metadata={"mlflow.trace.session": "s1"}, client_request_id="request-1"
        )
        return {"twice": inner(x), "name": name}

    @mlflow.trace
    def fails():
        raise ValueError("no")

    outer(3, "ü")
    try:
        fails()
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    traces = mlflow.search_traces(locations=[experiment], return_type="list")
    assert len(traces) == 2
    for trace in traces:
        mlflow.log_feedback(
            trace_id=trace.info.trace_id, name="good", value=True, rationale="r", source=AssessmentSource("HUMAN", "me"),
            metadata={"k": "v"},
        )  # fmt: skip
        mlflow.log_expectation(trace_id=trace.info.trace_id, name="wanted", value={"a": [1, 2.5, "x"]})
    if in_files:
        return  # a file store has no place for links
    client.link_traces_to_run([traces[0].info.trace_id], run_id)
    client.link_prompt_versions_to_trace([PromptVersion("hello-prompt", 1, "Hi {{name}}")], traces[1].info.trace_id)


def make_evaluations(experiment, run_id):
    """What only a database keeps: evaluation datasets, scorers and issues."""
    store = mlflow.tracking._get_store()
    dataset = store.create_dataset("questions", {"mlflow.user": "me", "topic": "ü"}, [experiment, "0"])
    store.upsert_dataset_records(
        dataset.dataset_id,
        [
            {"inputs": {"question": "why?", "n": 1.0, "deep": {"a": [1, None]}}, "outputs": ["because", 2],
             "expectations": {"tone": "calm"}, "tags": {"by": "hand"},
             "source": {"source_type": "HUMAN", "source_data": {"user": "me"}}},
            {"inputs": {"question": "wie, ü?"}},
        ],
    )  # fmt: skip
    for threshold in (1, 2):
        definition = json.dumps({"name": "short", "instructions_judge_pydantic_data": {"model": "openai:/gpt", "n": threshold}})
        store.register_scorer(experiment, "short", definition)
    rows = sqlite3.connect(folder / "mlflow.db")
    # Online scoring asks for a gateway endpoint, which the store need not have to be moved.
    scorer = rows.execute("SELECT scorer_id FROM scorers").fetchone()[0]
    rows.execute("INSERT INTO online_scoring_configs VALUES (?, ?, 0.5, ?, ?)", ("c" * 32, scorer, int(experiment), "trace.status = 'OK'"))
    rows.commit()
    store.create_issue(experiment, "slow", "answers take long", IssueStatus.PENDING, severity=IssueSeverity.LOW,
                       root_causes=["a, b", "c"], source_run_id=run_id, categories=["latency"], created_by="me")  # fmt: skip
    store.create_issue(experiment, "odd", "no more is known", IssueStatus.PENDING)


experiment, run_id, info = make_runs()
make_models(run_id, info)
make_traces(experiment, run_id)
if not in_files:
    make_evaluations(experiment, run_id)
    # Through the client, MLflow wants to look the address up.
    rows = sqlite3.connect(folder / "mlflow.db")
    rows.execute("INSERT INTO webhooks (webhook_id, name, url) VALUES ('w', 'hook', 'https://example.org')")
    rows.commit()
