"""What the program does when it is told to stop or to read again, and when nobody can read what it prints."""
import os
import random
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from conftest import Server
from test_commands import commands

OLD, NEW = "token-of-the-old-days", "token-of-the-new-days"

CONFIG = """target: late
split: {validate_fraction: 0.25}
learners: [lightgbm]
search: {trials: 50, seed: 5, space: {num_leaves: [4, 16]}}
rounds: 400
early_stopping_rounds: 400
reference_rows: 200
"""


def status_with(url, token):
    request = urllib.request.Request(url + "/api/slipway/v1/monitors", headers={"Authorization": f"Bearer {token}"})
    try:
        return urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


def wait_for(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_a_hang_up_makes_the_server_read_again(slipway, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text(f"{OLD} reader ann\n")
    server = Server(slipway, tmp_path, flags=["--tokens-file", str(tokens)]).start()
    log = server.folder / "server.log"

    def hang_up(expected):
        before = log.read_text().count(expected)
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: log.read_text().count(expected) > before, f"no '{expected}' in the log")

    assert (status_with(server.url, OLD), status_with(server.url, NEW)) == (200, 401)
    tokens.write_text(f"{NEW} reader ann\n")
    hang_up("reloaded what=tokens")
    assert (status_with(server.url, OLD), status_with(server.url, NEW)) == (401, 200)
    tokens.write_text("king of nothing\n")
    hang_up("not reloaded, the old one stays")
    assert status_with(server.url, NEW) == 200
    (server.folder / "slipway.yaml").write_text("log-level: error\n")
    tokens.write_text(f"{NEW} reader ann\n")

    def is_quiet():
        size = len(log.read_text())
        assert status_with(server.url, NEW) == 200
        time.sleep(0.2)
        return len(log.read_text()) == size

    assert not is_quiet(), "each request has its line"
    server.process.send_signal(signal.SIGHUP)
    wait_for(is_quiet, "the level did not change")
    server.stop()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_leaves_no_run_behind(slipway, server, tmp_path, how):
    numbers = random.Random(1)
    rows = [f"{numbers.random()},{numbers.random()},{int(numbers.random() < 0.5)}" for _ in range(5000)]
    (tmp_path / "rows.csv").write_text("a,b,late\n" + "\n".join(rows) + "\n")
    (tmp_path / "train.yaml").write_text(CONFIG)

    def runs():
        status, found = server.call("GET", "/api/2.0/mlflow/experiments/get-by-name?experiment_name=flights")
        if status != 200:
            return []
        query = {"experiment_ids": [found["experiment"]["experiment_id"]], "max_results": 1000}
        return [run["info"]["status"] for run in server.call("POST", "/api/2.0/mlflow/runs/search", query)[1].get("runs", [])]

    training = subprocess.Popen([slipway, "train", "--config", "train.yaml", "--data", "rows.csv", "--output", "model", "--server",
                                 server.url, "--experiment", "flights"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(lambda: runs().count("RUNNING") >= 2 or training.poll() is not None, "no trial began")
    training.send_signal(how)
    text = training.communicate(timeout=60)[0]
    assert training.returncode == 130, text
    assert "marked as KILLED" in text
    statuses = runs()
    assert "RUNNING" not in statuses and statuses.count("KILLED") == 2, statuses


def test_output_that_cannot_be_written_is_an_error_of_every_command(slipway, tmp_path):
    calls = [[name, "--help"] for name in commands(slipway)] + [["version"], ["--version"], ["help"], ["config"], ["completion", "bash"]]
    (tmp_path / "t.sql").write_text("SELECT 1 AS a;")
    for arguments in [*calls, ["sql", "t.sql"]]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([slipway, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 3 and "cannot write to standard output: No space left on device" in done.stderr, arguments


def test_a_reader_that_goes_away_ends_a_command_without_a_word(slipway):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([slipway, "help", "--markdown"], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert done.returncode == 141 and done.stderr == b""
