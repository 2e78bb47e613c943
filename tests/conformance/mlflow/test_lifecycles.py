"""Runs that are resumed, and experiments that are deleted and brought back."""
import mlflow
from mlflow.entities import ViewType


def test_a_resumed_run_has_not_ended(client, experiment):
    with mlflow.start_run(experiment_id=experiment) as run:
        pass
    assert client.get_run(run.info.run_id).info.end_time is not None
    with mlflow.start_run(run_id=run.info.run_id):
        info = client.get_run(run.info.run_id).info
        assert (info.status, info.end_time) == ("RUNNING", None)
        assert client.search_runs([experiment], "attributes.end_time > 0") == []
    info = client.get_run(run.info.run_id).info
    assert info.status == "FINISHED" and info.end_time >= run.info.start_time


def test_a_restored_experiment_brings_back_what_was_deleted_with_it(client, experiment):
    before, with_it = (client.create_run(experiment).info.run_id for _ in range(2))
    client.delete_run(before)
    client.delete_experiment(experiment)
    assert client.get_run(with_it).info.lifecycle_stage == "deleted"
    client.restore_experiment(experiment)
    active = client.search_runs([experiment], run_view_type=ViewType.ACTIVE_ONLY)
    deleted = client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)
    assert [run.info.run_id for run in active] == [with_it]
    assert [run.info.run_id for run in deleted] == [before]
