"""The promise: a normal scikit-learn script runs with nothing changed but the tracking URI."""
import json
import math
import os
import pathlib
import subprocess
import sys

import pytest


# The client itself starts Python several times to find out what the model needs; slow on a busy machine.
@pytest.mark.timeout(600)
def test_a_scikit_learn_script_trains_logs_registers_loads_and_predicts(server, client):
    script = pathlib.Path(__file__).with_name("train_iris.py")
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "MLFLOW_TRACKING_URI": server.url},
        cwd=server.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    run = client.get_run(done.stdout.split("run ")[-1].split()[0])

    assert run.info.status == "FINISHED" and run.info.run_name == "first"
    assert run.data.metrics["loss"] == 0.2
    assert math.isnan(run.data.metrics["broken"])
    assert run.data.metrics["training_accuracy_score"] > 0.9
    assert run.data.params["max_iter"] == "200" and run.data.params["seed"] == "7"
    assert run.data.tags["team"] == "botany" and run.data.tags["mlflow.source.name"].endswith("train_iris.py")
    contexts = {tag.value for used in run.inputs.dataset_inputs for tag in used.tags}
    assert "training" in contexts
    assert run.outputs.model_outputs

    assert [p.value for p in client.get_metric_history(run.info.run_id, "loss")] == [1, 0.5, 1 / 3, 0.25, 0.2]
    names = {file.path: file.is_dir for file in client.list_artifacts(run.info.run_id)}
    assert names["notes"] is True
    assert "training_confusion_matrix.png" in names

    version = client.get_model_version_by_alias("iris", "champion")
    assert version.version == "1" and version.run_id == run.info.run_id and version.status == "READY"
    # The client's entity does not carry the version's model_id; the source names it.
    model = client.get_logged_model(version.source.removeprefix("models:/"))
    assert model.status.name == "READY"
    # Server and client both note the version there, each in its own spelling.
    assert {"name": "iris", "version": 1} in json.loads(model.tags["mlflow.modelVersions"])
