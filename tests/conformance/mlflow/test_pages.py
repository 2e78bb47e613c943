"""Pages of searches name positions: what comes meanwhile repeats nothing, and no other search takes the token."""
import time
import uuid

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from test_filters import start_trace

NUMBER = 5


@pytest.fixture()
def kinds(client, experiment):
    """How to make one of a kind, newest first in its search, and the search itself with an order to spoil a token."""
    mark = uuid.uuid4().hex
    made = iter(range(100, 0, -1))

    def make_model():
        return mlflow.create_external_model(name="m", experiment_id=experiment).model_id

    def make_version(name=f"versions {mark}"):
        try:
            client.create_registered_model(name)
        except MlflowException:
            pass
        source = client.create_run(experiment).info
        return client.create_model_version(name, f"{source.artifact_uri}/m", source.run_id).version

    return {
        "runs": (
            lambda: client.create_run(experiment).info.run_id,
            lambda **page: client.search_runs([experiment], **page),
            lambda run: run.info.run_id,
            ["attributes.run_name"],
        ),
        "experiments": (
            lambda: client.create_experiment(f"{mark} {uuid.uuid4().hex}"),
            lambda **page: client.search_experiments(filter_string=f"name LIKE '{mark}%'", **page),
            lambda found: found.experiment_id,
            ["name"],
        ),
        "registered models": (
            lambda: client.create_registered_model(f"{mark} {next(made):03}").name,
            lambda **page: client.search_registered_models(f"name LIKE '{mark}%'", **page),
            lambda model: model.name,
            ["last_updated_timestamp"],
        ),
        "model versions": (
            make_version,
            lambda **page: client.search_model_versions(f"name = 'versions {mark}'", **page),
            lambda version: str(version.version),
            ["creation_timestamp"],
        ),
        "logged models": (
            make_model,
            lambda **page: client.search_logged_models([experiment], **page),
            lambda model: model.model_id,
            [{"field_name": "name"}],
        ),
        "traces": (
            lambda: start_trace(experiment, request_time=time.time_ns() // 1_000_000),
            lambda **page: client.search_traces(locations=[experiment], include_spans=False, **page),
            lambda trace: trace.info.trace_id,
            ["client_request_id"],
        ),
        "datasets": (
            lambda: mlflow.genai.create_dataset(name=uuid.uuid4().hex, experiment_id=experiment).dataset_id,
            lambda **page: client._tracking_client.store.search_datasets(experiment_ids=[experiment], **page),
            lambda dataset: dataset.dataset_id,
            ["name"],
        ),
    }


@pytest.mark.parametrize(
    "kind", ["runs", "experiments", "registered models", "model versions", "logged models", "traces", "datasets"]
)
def test_what_comes_meanwhile_repeats_nothing(kinds, kind):
    make, search, name_of, _ = kinds[kind]
    wanted = []
    for _ in range(NUMBER):
        wanted.insert(0, str(make()))
        time.sleep(0.002)  # a time of its own
    seen, token = [], None
    while token or not seen:
        page = search(max_results=2, page_token=token)
        seen += [name_of(found) for found in page]
        token = page.token
        if token:
            make()
            time.sleep(0.002)
    assert seen == wanted


@pytest.mark.parametrize(
    "kind", ["runs", "experiments", "registered models", "model versions", "logged models", "traces", "datasets"]
)
def test_a_token_is_of_one_search(kinds, kind):
    make, search, _, other_order = kinds[kind]
    for _ in range(2):
        make()
    token = search(max_results=1).token
    assert token
    with pytest.raises(MlflowException, match="Invalid page token, Order by in the page token does not match") as error:
        search(max_results=1, page_token=token, order_by=other_order)
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"
    assert len(search(max_results=5, page_token=token)) == 1
