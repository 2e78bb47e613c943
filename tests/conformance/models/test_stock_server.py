"""The commands for models against MLflow's own server: the calls are those of any client."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import mlflow
import pytest
import requests


@pytest.fixture(scope="module")
def stock_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(pathlib.Path(sys.executable).with_name("mlflow"))
    command = [program, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PATH": path}, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url + "/health", timeout=5).ok:
                break
        except requests.ConnectionError:
            time.sleep(0.3)
    else:
        raise RuntimeError((folder / "log").read_text()[-3000:])
    yield url
    os.killpg(process.pid, 15)
    process.wait(60)


def test_train_register_evaluate_and_predict(project, stock_server):
    server = {"SLIPWAY_SERVER": stock_server}
    (project.folder / "gates.yaml").write_text("gates: [{metric: auc, min: 0.6}]\n")
    project.train("logistic, lightgbm", "trained", "--server", stock_server, "--experiment", "flights", "--json")
    made = project.slipway("register", "trained", "--name", "flights", "--experiment", "flights", "--alias", "champion",
                           "--tag", "team=ops", "--json", env=server)
    made = json.loads(made)
    assert made["version"] == "1"

    client = mlflow.MlflowClient(stock_server)
    run = client.get_run(made["run_id"])
    assert run.info.status == "FINISHED" and run.info.run_name == "train late"
    assert run.data.metrics["validation_auc"] > 0.6
    assert run.data.tags["slipway.data_sha256"]
    experiment = client.get_experiment_by_name("flights")
    trials = client.search_runs([experiment.experiment_id], f"tags.`mlflow.parentRunId` = '{made['run_id']}'")
    assert len(trials) == 3 and all(trial.info.status == "FINISHED" for trial in trials)
    trees = [trial for trial in trials if trial.data.params["learner"] == "lightgbm"][0]
    curve = client.get_metric_history(trees.info.run_id, "curve_auc")
    assert max(point.value for point in curve) == pytest.approx(trees.data.metrics["validation_auc"], abs=1e-12)
    version = client.get_model_version_by_alias("flights", "champion")
    assert version.tags["team"] == "ops"

    project.slipway("evaluate", "models:/flights@champion", "rows.csv", "--target", "late", "--gates", "gates.yaml", env=server)
    project.slipway("predict", "models:/flights/latest", "--input", "rows.csv", "--output", "remote.csv", env=server)
    project.slipway("predict", "trained", "--input", "rows.csv", "--output", "local.csv")
    assert (project.folder / "remote.csv").read_bytes() == (project.folder / "local.csv").read_bytes()
    project.slipway("register", "models:/flights/1", "--alias", "other", "--tag", "seen=yes", env=server)
    assert client.get_model_version_by_alias("flights", "other").tags["seen"] == "yes"

    mlflow.set_tracking_uri(stock_server)
    assert mlflow.pyfunc.load_model("models:/flights@champion").metadata.run_id == made["run_id"]


def test_a_folder_that_no_run_knows_gets_one(project, stock_server):
    project.train("logistic", "unknown")
    made = json.loads(project.slipway("register", "unknown", "--name", "loose", "--json", env={"SLIPWAY_SERVER": stock_server}))
    files = mlflow.MlflowClient(stock_server).list_artifacts(made["run_id"], "model")
    assert "model/MLmodel" in [file.path for file in files]


def test_a_failing_training_leaves_a_failed_run(project, stock_server):
    output = project.slipway("train", "--config", "train.yaml", "--data", "rows.csv", "--set", "target=hour", "--server",
                             stock_server, "--experiment", "broken", "--output", "broken", code=2)
    assert "must hold 0 and 1" in output
    client = mlflow.MlflowClient(stock_server)
    runs = client.search_runs([client.get_experiment_by_name("broken").experiment_id])
    assert [run.info.status for run in runs] == ["FAILED"]
