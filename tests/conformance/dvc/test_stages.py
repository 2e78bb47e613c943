"""Stages put into dvc.yaml, frozen and listed, and the options of repro: both programs do the same in two repositories."""
import json
import os
import re

import pytest

FULL = os.environ.get("SLIPWAY_TEST_FULL") == "1"

BASE = """# the pipeline
stages:
  # first
  a:
    cmd: cp in.txt a.txt  # a copy
    deps:
    - in.txt
    outs:
    - a.txt
"""

ADDITIONS = {
    "everything": (
        ["-n", "b", "-d", "a.txt", "-p", "lr,z", "-p", "o.toml:x", "-o", "b.txt", "-O", "c.txt", "--outs-persist", "p.txt"]
        + ["--outs-persist-no-cache", "pn.txt", "-m", "mc.json", "-M", "m.json", "--plots", "pl.csv"]
        + ["--plots-no-cache", "pn.csv", "--desc", "hello w", "--always-changed", "cat a.txt > b.txt"],
        0,
    ),
    "words": (["-n", "b", "-o", "b c.txt", "cat", "a.txt", "--flag", "-n", ">", "b c.txt"], 0),
    "folder": (["-n", "b", "-w", "sub", "-d", "../a.txt", "-o", "o.txt", "-p", "../params.yaml:", "cp ../a.txt o.txt"], 0),
    "taken name": (["-n", "a", "-o", "x", "true"], 255),
    "taken output": (["-n", "b", "-o", "a.txt", "true"], 255),
    "cycle": (["-n", "b", "-d", "a.txt", "-o", "in.txt", "true"], 255),
    "bad name": (["-n", "b@c", "-o", "x", "true"], 255),
    "no command": (["-n", "b", "-o", "x"], 255),
    "replaced": (["-f", "-n", "a", "-d", "in.txt", "-o", "other.txt", "cp in.txt other.txt"], 0),
}


def prepare(folder):
    (folder / "dvc.yaml").write_text(BASE)
    (folder / "in.txt").write_text("in\n")
    (folder / "params.yaml").write_text("lr: 0.1\nz: 1\n")
    (folder / "sub").mkdir()


def ignored(folder):
    file = folder / ".gitignore"
    return file.read_text() if file.exists() else ""


@pytest.mark.parametrize("name", ADDITIONS)
def test_stages_are_added_alike(pair, slipway, dvc, name):
    arguments, code = ADDITIONS[name]
    said = []
    for tool, folder in zip((slipway, dvc), pair):
        prepare(folder)
        said.append(tool("stage", "add", *arguments, cwd=folder, code=code))
    ours, theirs = pair
    # dvc moves a comment to the column where it was; here it stays two blanks behind its value.
    texts = [re.sub(" +#", " #", (folder / "dvc.yaml").read_text()) for folder in pair]
    assert texts[0] == texts[1]
    assert ignored(ours) == ignored(theirs)
    if code:
        # The stages of a cycle come in any order.
        assert sorted(said[0].stderr.splitlines()[0]) == sorted(said[1].stderr.splitlines()[0])
    lists = [tool("stage", "list", cwd=folder).stdout for tool, folder in zip((slipway, dvc), pair)]
    assert lists[0] == lists[1]


def test_frozen_stages_keep_the_file_otherwise(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        prepare(folder)
        tool("freeze", "a", cwd=folder)
    ours, theirs = pair
    assert (ours / "dvc.yaml").read_text() == (theirs / "dvc.yaml").read_text() == BASE + "    frozen: true\n"
    # The other program takes it back.
    for tool, folder in ((dvc, ours), (slipway, theirs)):
        tool("unfreeze", "a", cwd=folder)
        assert (folder / "dvc.yaml").read_text() == BASE
    for tool, folder in zip((slipway, dvc), pair):
        assert "failed to freeze 'nope' - Stage 'nope' not found" in tool("freeze", "nope", cwd=folder, code=1).stderr


def test_long_descriptions_are_cut(pair, slipway, dvc):
    listed = []
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "dvc.yaml").write_text(f"stages:\n  a:\n    cmd: 'true'\n    desc: {'é' * 100}\n  b:\n    cmd: 'true'\n")
        listed.append(tool("stage", "list", cwd=folder).stdout)
        listed.append(tool("stage", "list", "--name-only", "--all", cwd=folder).stdout)
    assert listed[:2] == listed[2:]


DIAMOND = """stages:
  a:
    cmd: cp in.txt a
    deps: [in.txt]
    outs: [a]
  b:
    cmd: cp a b
    deps: [a]
    outs: [b]
  c:
    cmd: cp a c
    deps: [a]
    outs: [c]
  d:
    cmd: cat b c > d
    deps: [b, c]
    outs: [d]
  lonely:
    cmd: echo x > x
    outs: [x]
"""


def steps(said):
    return [line for line in said.stdout.splitlines() if "tage '" in line]


@pytest.mark.parametrize(
    "options",
    [["--downstream", "b"], ["-p", "b"], ["--force-downstream", "c"], ["--dry", "-s", "b"]]
    + [["b"], ["-s", "d"], ["-P"], ["--glob", "?"], ["-R", "."], ["-f", "b"], ["c", "b"], ["--force-downstream", "-f", "b"]]
    * FULL,
    ids=" ".join,
)
def test_the_plan_of_a_run_is_the_same(pair, slipway, dvc, options):
    plans = []
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "dvc.yaml").write_text(DIAMOND)
        (folder / "in.txt").write_text("in\n")
        tool("repro", "-q", cwd=folder)
        (folder / "in.txt").write_text("changed\n")
        plans.append(steps(tool("repro", *options, cwd=folder)))
    assert plans[0] == plans[1]


def test_failures_are_told_alike(pair, slipway, dvc):
    for option in ("--keep-going", "--ignore-errors"):
        answers = []
        for tool, folder in zip((slipway, dvc), pair):
            (folder / "dvc.yaml").write_text(DIAMOND.replace("cp a b", "exit 3"))
            (folder / "in.txt").write_text("in\n")
            answers.append(tool("repro", "-f", option, cwd=folder, code=None))
        assert answers[0].returncode == answers[1].returncode
        assert steps(answers[0]) == steps(answers[1])
        if option == "--keep-going":
            assert answers[0].stderr == answers[1].stderr


def test_missing_data_counts_as_unchanged_when_asked(pair, slipway, dvc):
    answers = []
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "dvc.yaml").write_text(DIAMOND)
        (folder / "in.txt").write_text("in\n")
        tool("repro", "-q", cwd=folder)
        for name in "abcd":
            (folder / name).unlink()
        answers.append(steps(tool("repro", "--allow-missing", cwd=folder)))
        assert not (folder / "a").exists()
    assert answers[0] == answers[1]


def test_missing_data_is_pulled_when_asked(tmp_path, pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "dvc.yaml").write_text(DIAMOND)
        (folder / "in.txt").write_text("in\n")
        tool("repro", "-q", cwd=folder)
        tool("remote", "add", "-d", "r", str(tmp_path / f"remote-{tool}"), cwd=folder)
        tool("push", "-q", cwd=folder)
        for name in "abcd":
            (folder / name).unlink()
        for path in (folder / ".dvc/cache/files").rglob("*"):
            if path.is_file():
                path.unlink()
        tool("repro", "--pull", "-q", cwd=folder)
        assert [(folder / name).read_text() for name in "abcd"] == ["in\n"] * 3 + ["in\nin\n"]
        assert json.loads(tool("status", "--json", cwd=folder).stdout) == {}


def test_a_missing_pipeline_is_named_alike(pair, slipway, dvc):
    for command in (["repro"], ["stage", "list"], ["repro", "nope"]):
        told = [tool(*command, cwd=folder, code=255).stderr for tool, folder in zip((slipway, dvc), pair)]
        assert told[0].replace("/ours/", "/theirs/") == told[1]


def test_the_help_of_stage_add_shows_a_line_that_works(pair, slipway):
    folder = pair[0]
    prepare(folder)
    slipway("stage", "add", "-n", "run", "-o", "r.txt", "--run", "echo", "r", ">", "r.txt", cwd=folder)
    assert (folder / "r.txt").read_text() == "r\n"
