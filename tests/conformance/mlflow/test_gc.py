"""`slipway gc` removes for good what clients deleted, and leaves what a registered version needs."""
import subprocess

from conftest import SLIPWAY, database_flags
from mlflow import MlflowClient


def gc(folder, *options, code=0):
    data = folder / "data"
    done = subprocess.run([SLIPWAY, "gc", "--data", str(data), *database_flags(data), *options], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_deleted_runs_and_experiments_go_with_their_files(own_server, tmp_path):
    client = MlflowClient(own_server.url)

    def run_with_file(experiment):
        run = client.create_run(experiment).info
        client.log_metric(run.run_id, "a", 1)
        (tmp_path / "model.txt").write_text("weights")
        folder = tmp_path / "data/blobs/artifacts" / experiment / run.run_id / "artifacts"
        folder.mkdir(parents=True)
        (folder / "model.txt").write_text("weights")
        return run, folder

    gone = client.create_experiment("gone")
    stays = client.create_experiment("stays")
    in_gone, in_gone_files = run_with_file(gone)
    deleted, deleted_files = run_with_file(stays)
    active, active_files = run_with_file(stays)
    served, served_files = run_with_file(stays)
    client.create_registered_model("served")
    client.create_model_version("served", served.artifact_uri + "/m", run_id=served.run_id)
    client.delete_experiment(gone)
    client.delete_run(deleted.run_id)
    client.delete_run(served.run_id)

    if own_server.database == "sqlite":
        assert "another" in gc(tmp_path, code=3) or "in use" in gc(tmp_path, code=3), "the server holds the database"
    own_server.stop()
    assert "removed 0 runs, 0 logged models, 0 experiments" in gc(tmp_path), "nothing is older than 30 days"
    looked = gc(tmp_path, "--older-than", "0s", "--dry-run")
    assert "would remove 2 runs, 0 logged models, 1 experiments" in looked
    assert f"kept: run {served.run_id} is needed by version 1 of model served" in looked
    assert in_gone_files.exists() and deleted_files.exists()
    assert "removed 2 runs, 0 logged models, 1 experiments" in gc(tmp_path, "--older-than", "0s")
    assert [f.exists() for f in (in_gone_files, deleted_files, active_files, served_files)] == [False, False, True, True]

    client = MlflowClient(own_server.start().url)
    assert client.get_run(active.run_id).data.metrics == {"a": 1}
    assert client.get_run(served.run_id).info.lifecycle_stage == "deleted"
    assert [r.info.run_id for r in client.search_runs([stays], run_view_type=3)] != []
    again = client.create_experiment("gone")
    assert again not in (gone, stays), "the name is free again, the number is not"


def test_mistakes_are_told(tmp_path, own_server):
    client = MlflowClient(own_server.url)
    run = client.create_run("0").info.run_id
    own_server.stop()
    assert "not deleted" in gc(tmp_path, "--older-than", "0s", "--run-ids", run, code=2)
    assert "no data folder" in gc(tmp_path / "nowhere", code=2)
    gc(tmp_path, "--older-than", "soon", code=2)
