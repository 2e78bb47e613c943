"""The filter and order grammar of runs, and paging, against answers that are known by construction."""
import time

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

COUNT = 12


@pytest.fixture(scope="module")
def searched(server):
    client = mlflow.MlflowClient(server.url)
    experiment = client.create_experiment(f"search {time.time_ns()}")
    for i in range(COUNT):
        run = client.create_run(experiment, start_time=1000 + i, run_name=f"run {i:02}").info.run_id
        metrics = [Metric("val/acc", i / 10, 1, 0)]
        if i % 3 == 0:
            metrics.append(Metric("rare", float("nan") if i == 3 else float(-i), 1, 0))
        client.log_batch(
            run,
            metrics=metrics,
            params=[Param("kind", "Forest" if i % 2 else "linear"), Param("n", str(i))],
            tags=[RunTag("odd key", "yes"), RunTag("mlflow.note", f"it's {i}")],
        )
        if i >= 8:
            client.set_terminated(run, "FINISHED")

    def numbers(filter_string="", order_by=None, **options):
        runs = client.search_runs([experiment], filter_string, order_by=order_by, **options)
        return [int(run.data.params["n"]) for run in runs]

    numbers.client, numbers.experiment = client, experiment
    return numbers


@pytest.mark.parametrize(
    "filter_string, expected",
    [
        ("metrics.`val/acc` > 0.85", {9, 10, 11}),
        ('metrics."val/acc" <= 0.1', {0, 1}),
        ("metrics.`val/acc` != 0", set(range(1, 12))),
        ("params.kind = 'linear' and metrics.`val/acc` >= 0.8", {8, 10}),
        ("params.kind LIKE 'F%'", {1, 3, 5, 7, 9, 11}),
        ("params.kind LIKE 'f%'", set()),
        ("parameters.kind ILIKE 'f%' AND params.n != '1'", {3, 5, 7, 9, 11}),
        ("tags.`odd key` = 'yes' AND attributes.status = 'FINISHED'", {8, 9, 10, 11}),
        ('tags.mlflow.note = "it\'s 4"', {4}),
        ("tags.missing IS NULL", set(range(12))),
        ("tags.missing != 'x'", set()),
        ("attributes.run_name = 'run 05'", {5}),
        ("run_name LIKE 'run 1%'", {10, 11}),
        ("start_time >= 1010", {10, 11}),
        ("attribute.`Run Name` = 'run 02'", {2}),
        ("metrics.rare < 0", {6, 9}),
    ],
)
def test_filters(searched, filter_string, expected):
    assert set(searched(filter_string)) == expected


@pytest.mark.parametrize(
    "order_by, expected",
    [
        ([], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (["metrics.`val/acc` ASC"], list(range(12))),
        (["metrics.rare DESC"], [0, 6, 9, 3, 11, 10, 8, 7, 5, 4, 2, 1]),
        (["metrics.rare ASC"], [9, 6, 0, 3, 11, 10, 8, 7, 5, 4, 2, 1]),
        (["params.kind", "attributes.start_time ASC"], [1, 3, 5, 7, 9, 11, 0, 2, 4, 6, 8, 10]),
        (["params.n DESC"], [9, 8, 7, 6, 5, 4, 3, 2, 11, 10, 1, 0]),
    ],
)
def test_order(searched, order_by, expected):
    assert searched(order_by=order_by) == expected


def test_run_ids_by_list(searched):
    ids = [run.info.run_id for run in searched.client.search_runs([searched.experiment])]
    listed = ", ".join(f"'{run_id}'" for run_id in ids[:2])
    assert searched(f"attributes.run_id IN ({listed})") == [11, 10]


def test_pages_hold_every_run_once(searched):
    seen, token, pages = [], None, 0
    while pages == 0 or token:
        page = searched.client.search_runs(
            [searched.experiment], order_by=["metrics.rare DESC"], max_results=5, page_token=token
        )
        seen += [int(run.data.params["n"]) for run in page]
        token, pages = page.token, pages + 1
    assert pages == 3 and seen == [0, 6, 9, 3, 11, 10, 8, 7, 5, 4, 2, 1]


@pytest.mark.parametrize(
    "filter_string",
    ["metrics.a", "metrics.a = 'x'", "params.a = 1", "things.a = 'x'", "a = 'x' OR b = 'y'", "attributes.nothing = 'x'", "params.a > 'x'"],
)
def test_what_is_no_filter_is_the_callers_fault(searched, filter_string):
    with pytest.raises(MlflowException) as error:
        searched(filter_string)
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"


def test_bad_tokens_and_limits_are_refused(searched):
    for options in ({"page_token": "not a token"}, {"max_results": 50_001}):
        with pytest.raises(MlflowException) as error:
            searched.client.search_runs([searched.experiment], **options)
        assert error.value.error_code == "INVALID_PARAMETER_VALUE"


def test_search_runs_as_a_table(client, searched):
    table = mlflow.search_runs([searched.experiment], "params.n = '7'")
    assert table.shape[0] == 1 and table["metrics.val/acc"][0] == 0.7
