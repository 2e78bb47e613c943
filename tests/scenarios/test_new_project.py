"""`slipway new`: a table that the program has never seen goes the whole circle by the commands that it prints."""
import os
import pathlib
import random
import re
import socket
import subprocess

import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_customers(path, delimiter=",", rows=1200):
    draw = random.Random(7)
    lines = [delimiter.join(["customer", "plan", "it's months", "calls", "signed", "left"])]
    for i in range(rows):
        plan, months, calls = draw.choice(["basic", "family", "pro"]), draw.randint(1, 60), draw.randint(0, 9)
        score = 0.5 * calls - 0.06 * months + (1 if plan == "pro" else 0) + draw.gauss(0, 1)
        cells = [f"C{i:05}", plan, months, "" if i % 50 == 7 else calls, f"2024-03-{1 + i % 28:02}", "yes" if score > 0.8 else "no"]
        lines.append(delimiter.join(map(str, cells)))
    path.write_text("\n".join(lines) + "\n")


def new(slipway, folder, *arguments):
    return subprocess.run([slipway, "new", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_printed_steps_lead_round_the_circle(slipway, tmp_path, delimiter):
    write_customers(tmp_path / "customers.csv", delimiter)
    made = new(slipway, tmp_path, "churn", "--data", "customers.csv", "--target", "left", "--positive", "yes")
    assert made.returncode == 0, made.stderr
    assert "not learned from, since they name their rows: customer, signed" in made.stdout
    steps = re.search(r"```sh\n(.*?)```", (tmp_path / "churn/README.md").read_text(), re.S)[1]
    assert steps in made.stdout
    script = steps.replace(":5000", f":{free_port()}").replace(":8080", f":{free_port()}")
    script = script.replace("slipway server ", f"slipway server --listen ${{SLIPWAY_SERVER#http://}} ")
    # The gates decide: a refusal is an answer, too.
    script = re.sub(r"(?m)^(slipway promote .*)$", r"\1 || test $? = 1", script)
    environment = {**os.environ, "PATH": f"{pathlib.Path(slipway).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", f"trap 'kill $(jobs -p)' EXIT\nset -e\n{script}"], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, timeout=300)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert '{"predictions": [{"probability": 0.' in told
    assert "0 failed" in told and re.search(r"^(promoted: all 2 gates passed|refused: auc)", told, re.M), told
    assert re.search(r" (promoted|refused) +version 2 against 1 ", told), "the story tells it"
    assert re.search(r"^2024-01-01 .* stable$", told, re.M), told


@pytest.mark.parametrize("arguments, said", [
    (["--target", "nosuch"], "nosuch"),
    (["--target", "left"], "say with --positive which one the model looks for"),
    (["--target", "left", "--positive", "maybe"], "holds no, yes, not 'maybe'"),
    (["--target", "plan"], "takes a target of two"),
    (["--target", "left", "--positive", "yes", "--template", "regression"], "regression"),
])
def test_what_cannot_become_a_project_is_refused(slipway, tmp_path, arguments, said):
    write_customers(tmp_path / "customers.csv")
    done = new(slipway, tmp_path, "churn", "--data", "customers.csv", *arguments)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert not (tmp_path / "churn").exists()


def test_nothing_is_overwritten(slipway, tmp_path):
    write_customers(tmp_path / "customers.csv")
    (tmp_path / "churn").mkdir()
    (tmp_path / "churn/mine.txt").write_text("mine")
    done = new(slipway, tmp_path, "churn", "--data", "customers.csv", "--target", "left", "--positive", "yes")
    assert done.returncode != 0 and "there is something at churn already" in done.stderr
    assert [path.name for path in (tmp_path / "churn").iterdir()] == ["mine.txt"]
