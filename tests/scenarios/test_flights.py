"""The main job, as a newcomer runs it: examples/flights/run --once, and what it must have come to."""
import json
import os
import re
import socket
import subprocess

import pytest

from conftest import ROOT, Server


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def job(slipway, tmp_path_factory):
    """The folder of the finished job and what it printed."""
    work = tmp_path_factory.mktemp("flights")
    environment = {**os.environ, "WORK": str(work / "work"), "PORT": str(free_port()), "SERVE_PORT": str(free_port()),
                   "SLIPWAY_BIN": slipway}
    done = subprocess.run([ROOT / "examples/flights/run", "--once"], env=environment, capture_output=True, text=True,
                          timeout=900)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return work / "work", done.stdout


@pytest.fixture
def story(slipway, job):
    server = Server(slipway, job[0], "slipway-data").start()
    yield server, json.loads(subprocess.run([slipway, "story", "flights", "--json", "--server", server.url], check=True,
                                            capture_output=True, text=True).stdout)["story"]
    server.stop()


def test_a_corrupted_month_is_refused_with_rows_and_reasons(job):
    assert re.search(r"row \d+", job[1]) and "refused" in job[1].lower(), job[1][:3000]


def test_a_second_repro_does_nothing(job):
    second = job[1].split("a second repro has nothing to do")[1].split("\033[1m[")[0]
    assert "up to date" in second and "Running stage" not in second, second


def test_no_request_fails_while_the_model_is_exchanged(job):
    assert re.search(r"\d{5,} rows in \d+ requests, 0 failed", job[1])


def test_the_loop_closes_and_a_worse_challenger_is_refused(story):
    lines = story[1]
    what = [(line["what"], line["subject"]) for line in lines]
    assert any(kind == "alert" for kind, _ in what), what
    assert any(kind.startswith("pipeline") and "succeeded" in kind for kind, _ in what), what
    promoted = [line for line in lines if line["what"] == "promoted"]
    refused = [line for line in lines if line["what"] == "refused"]
    assert promoted and refused, what
    assert refused[-1]["detail"], "the reason is kept"
    status, champion = story[0].call("GET", "/api/2.0/mlflow/registered-models/alias?name=flights&alias=champion")
    assert status == 200 and champion["model_version"]["version"] == "2"


def test_the_monitor_shows_its_windows_and_alerts(slipway, story):
    def shown(*arguments):
        return subprocess.run([slipway, "monitor", *arguments, "--server", story[0].url], check=True, capture_output=True, text=True).stdout

    assert re.search(r"^flights +flights +2013-12-\d\d +0\.\d+", shown("list"), re.M)
    windows = shown("windows", "flights").splitlines()
    assert windows[0].split()[0] == "from" and len(windows) > 16 and windows[1].startswith("2013-")
    report = shown("report", "flights")
    assert "auc-low" in report and "retrain" in report, report


def test_october_to_december_are_foreseen_better_than_the_reference_figure(slipway, job, tmp_path):
    """Trained on January to September; an untuned LightGBM with weather and plane columns reaches an AUC of 0.6875."""
    def run(*arguments):
        done = subprocess.run([slipway, *arguments], cwd=job[0] / "project", capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    learned, held_out, model = (str(tmp_path / name) for name in ("learn.parquet", "test.parquet", "model"))
    run("sql", "sql/features.sql", "--set", "flights=data/all-flights.parquet", "--set", "from=2013-01-01",
        "--set", "holdout=92 days", "--set", f"output={learned}", "--set", f"held_out={held_out}")
    run("train", "--config", "train.yaml", "--data", learned, "--output", model)
    report = json.loads(run("evaluate", model, held_out, "--target", "late", "--json"))
    assert report["rows"] > 80_000
    assert report["metrics"]["auc"] > 0.6875, report["metrics"]


def test_the_champion_is_rebuilt_bit_for_bit(slipway, job, story):
    done = subprocess.run([slipway, "reproduce", "models:/flights@champion", "--server", story[0].url, "--json"],
                          cwd=job[0] / "project", env={**os.environ, "SLIPWAY_CACHE": str(job[0] / "cache")},
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["identical"] is True, done.stdout
