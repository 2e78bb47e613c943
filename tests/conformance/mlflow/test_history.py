"""Histories of metrics: paged by the client, of many runs at once, and sampled for charts."""
import math

import pytest
import requests
from mlflow.entities import Metric


@pytest.fixture()
def run(client, experiment):
    return client.create_run(experiment).info.run_id


def log(client, run, key, values, time=lambda i: i):
    for start in range(0, len(values), 1000):
        part = [Metric(key, v, time(start + i), start + i) for i, v in enumerate(values[start : start + 1000])]
        client.log_batch(run, metrics=part)


def test_pages_follow_each_other_without_gaps_while_points_arrive(server, client, run):
    log(client, run, "a", list(range(2500)))
    seen, token = [], None
    while True:
        options = {"page_token": token} if token else {}
        page = server.get("metrics/get-history", run_id=run, metric_key="a", max_results=999, **options).json()
        seen += [m["step"] for m in page["metrics"]]
        token = page.get("next_page_token")
        if not token:
            break
        client.log_metric(run, "a", -1, timestamp=0, step=-len(seen))
    assert seen == list(range(2500))


def test_without_a_limit_all_points_come_in_one_answer(server, client, run):
    log(client, run, "a", [i / 3 for i in range(23_000)])
    history = client.get_metric_history(run, "a")
    assert [m.value for m in history] == [i / 3 for i in range(23_000)]
    answer = server.get("metrics/get-history", run_id=run, metric_key="a").json()
    assert len(answer["metrics"]) == 23_000 and "next_page_token" not in answer
    assert server.get("metrics/get-history", run_id=run, metric_key="none").json() == {}


@pytest.mark.parametrize(
    "options, text",
    [({"max_results": 0}, "max_results"), ({"page_token": "x!"}, "Invalid page token"), ({"page_token": "YWZ0ZXI6MSwy"}, "Invalid page token")],
)
def test_bad_pages_are_refused(server, run, options, text):
    answer = server.get("metrics/get-history", run_id=run, metric_key="a", **options)
    assert answer.status_code == 400 and text in answer.json()["message"]


def test_many_runs_come_by_id_then_time(server, client, experiment):
    runs = [client.create_run(experiment).info.run_id for _ in range(3)]
    for run in runs:
        log(client, run, "a", [1.0, math.nan, 3.0], time=lambda i: 10 - i)
    points = server.get("metrics/get-history-bulk", run_id=runs, metric_key="a").json()["metrics"]
    expected = [(run, step) for run in sorted(runs) for step in (2, 1, 0)]
    assert [(p["run_id"], p["step"]) for p in points] == expected
    assert points[1]["value"] == "NaN"
    few = server.get("metrics/get-history-bulk", run_id=runs, metric_key="a", max_results=4).json()["metrics"]
    assert few == points[:4]
    assert server.get("metrics/get-history-bulk", run_id=runs, metric_key="no").json() == {"metrics": []}


def test_bulk_has_a_ceiling(server, client, experiment):
    runs = [client.create_run(experiment).info.run_id for _ in range(2)]
    for run in runs:
        log(client, run, "a", [0.5] * 15_000)
    points = server.get("metrics/get-history-bulk", run_id=runs, metric_key="a", max_results=10**9).json()["metrics"]
    assert len(points) == 25_000
    assert server.get("metrics/get-history-bulk", run_id=["x"] * 101, metric_key="a").status_code == 400
    assert server.get("metrics/get-history-bulk", metric_key="a").status_code == 400
    assert server.get("metrics/get-history-bulk", run_id=runs).status_code == 400


def test_samples_keep_both_ends(server, client, run):
    log(client, run, "a", list(range(1000)))

    def steps(**options):
        answer = server.get("metrics/get-history-bulk-interval", run_ids=[run], metric_key="a", **options)
        return [m["step"] for m in answer.json().get("metrics", [])]

    assert steps() == list(range(1000))
    assert steps(max_results=1) == [999]
    assert steps(max_results=5) == [0, 200, 400, 600, 999]
    assert steps(max_results=2, start_step=10, end_step=20) == [10, 20]
    assert steps(start_step=5000, end_step=6000) == []


@pytest.mark.parametrize(
    "options",
    [{"max_results": 0}, {"max_results": 2501}, {"start_step": 1}, {"start_step": 2, "end_step": 1}, {"metric_key": ""}, {"run_ids": []},
     {"run_ids": ["x"] * 101}],
)
def test_odd_samples_are_refused(server, run, options):
    answer = server.get("metrics/get-history-bulk-interval", **{"run_ids": [run], "metric_key": "a", **options})
    assert answer.status_code == 400, answer.text


def test_samples_of_an_unknown_run_are_404(server, run):
    answer = server.get("metrics/get-history-bulk-interval", run_ids=[run, "unknown"], metric_key="a")
    assert answer.status_code == 404


def buckets(server, **query):
    return requests.get(f"{server.url}/api/slipway/v1/metrics/buckets", params=query, timeout=60)


def test_buckets_lose_no_spike(server, client, run):
    log(client, run, "a", [1000.0 if i == 777 else i % 10 for i in range(5000)])
    one = buckets(server, key="a", run_id=run, buckets=50).json()["runs"][0]
    assert sum(one["count"]) == 5000 and len(one["count"]) == 50
    assert one["highest"].index(1000) == 7 and one["highest"].count(9) == 49 and set(one["lowest"]) == {0}
    near = buckets(server, key="a", run_id=run, buckets=50, **{"from": 770, "to": 779}).json()["runs"][0]
    assert near["first"] == near["last"] == list(range(770, 780)) and near["highest"][7] == 1000
    by_time = buckets(server, key="a", run_id=[run, run], axis="time", buckets=1).json()["runs"]
    assert [r["count"] for r in by_time] == [[5000], [5000]]


def test_buckets_leave_out_what_has_no_place_in_a_chart(server, client, run):
    log(client, run, "a", [1, math.nan, math.inf])
    one = buckets(server, key="a", run_id=run).json()["runs"][0]
    assert one["count"] == [1, 1, 1] and one["finite"] == [1, 0, 0] and one["highest"] == [1, None, None]
    assert buckets(server, key="none", run_id=run).json()["runs"][0]["count"] == []


@pytest.mark.parametrize(
    "wrong", [{"key": ""}, {"run_id": []}, {"axis": "x"}, {"buckets": 0}, {"buckets": "1e3"}, {"from": 5, "to": 4}]
)
def test_buckets_say_what_is_wrong_with_the_question(server, run, wrong):
    answer = buckets(server, **{"key": "a", "run_id": run, **wrong})
    assert answer.status_code == 400 and answer.json()["error"]["message"]
    assert buckets(server, key="a", run_id="0" * 32).status_code == 404
