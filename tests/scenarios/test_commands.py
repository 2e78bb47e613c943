"""The command line as a whole: help, completion, settings, and the commands that speak to a server."""
import json
import os
import pathlib
import subprocess
import time

import pytest

from conftest import ROOT, Server


def run(slipway, *arguments, cwd=None, **environment):
    done = subprocess.run([slipway, *arguments], capture_output=True, text=True, cwd=cwd, timeout=120,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def commands(slipway):
    names = [line.split()[2] for line in run(slipway, "help", "--markdown")[1].splitlines() if line.startswith("### slipway ")]
    assert len(names) > 25
    return names


def test_the_reference_in_docs_is_what_the_program_says(slipway):
    """`make docs` writes it anew."""
    assert run(slipway, "help", "--markdown")[1] == (ROOT / "docs/cli.md").read_text()


def test_every_group_of_commands_stands_once(slipway):
    headings = [line for line in run(slipway, "help", "--markdown")[1].splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings)), headings


def test_every_command_explains_itself_with_an_example(slipway):
    for name in commands(slipway):
        code, text, _ = run(slipway, name, "--help")
        assert code == 0 and "Usage:" in text and "Example" in text and f"slipway {name}" in text, name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(slipway, shell):
    code, script, _ = run(slipway, "completion", shell)
    assert code == 0
    for name in commands(slipway):
        assert name in script


def test_bash_completes_commands_and_flags(slipway, tmp_path):
    def complete(*words):
        script = (f"source <({slipway} completion bash); COMP_WORDS=({' '.join(repr(word) for word in words)}); "
                  f"COMP_CWORD={len(words) - 1}; $(complete -p slipway | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split()

    assert set(complete("slipway", "re")) >= {"remote", "remove", "repro", "register", "replay", "reproduce"}
    assert "--tokens-file" in complete("slipway", "server", "--tok")
    assert set(complete("slipway", "monitor", "de")) == {"delete"}
    assert "--limit" in complete("slipway", "monitor", "windows", "--li")


def test_without_a_command_there_is_help(slipway):
    code, text, error = run(slipway)
    assert code == 0 and "Usage:" in text and "server" in text and not error


@pytest.mark.parametrize("words, said", [
    (["serv"], "slipway: there is no command 'serv'; did you mean 'serve'?"),
    (["train", "--confg", "x"], "slipway train: there is no flag '--confg'; did you mean '--config'?"),
    (["monitor", "lst"], "slipway monitor: there is no command 'lst'; did you mean 'list'?"),
    (["monitor", "windows", "flights", "--limt=3"], "slipway monitor windows: there is no flag '--limt'; did you mean '--limit'?"),
    (["monitor"], "slipway monitor: one of these must follow: apply, list,"),
    (["version", "twice"], "slipway version: one argument too many: 'twice'"),
    (["help", "nosuch"], "slipway has no command 'nosuch'"),
    (["help", "monitor", "aply"], "slipway monitor has no command 'aply'; did you mean 'apply'?"),
    (["profile", "x.csv", "--delimiter", "ab"], "--delimiter is one character or the word tab, got 'ab'"),
])
def test_a_wrong_word_is_named_with_the_nearest(slipway, words, said):
    code, text, error = run(slipway, *words)
    assert code == 2 and said in error and not text, (code, text, error)
    assert len(error.splitlines()) <= 2, error


def test_help_of_a_command_below_a_command(slipway):
    code, text, _ = run(slipway, "help", "monitor", "apply")
    assert code == 0 and "monitor.yaml" in text


def test_a_password_that_is_wrong_is_called_so(slipway, tmp_path):
    server = Server(slipway, tmp_path)
    environment = {"SLIPWAY_ADMIN_PASSWORD": "the right password"}
    server.start("--auth", **environment)
    try:
        code, _, error = run(slipway, "models", "--server", server.url, SLIPWAY_USERNAME="admin", SLIPWAY_PASSWORD="a wrong one")
        assert code != 0 and "The name or the password is wrong." in error
        assert run(slipway, "models", "--server", server.url, SLIPWAY_USERNAME="admin", SLIPWAY_PASSWORD="the right password")[0] == 0
        assert "Set MLFLOW_TRACKING_USERNAME" in run(slipway, "models", "--server", server.url)[2]
    finally:
        server.stop()


def test_a_setting_comes_from_flag_then_environment_then_file(slipway, tmp_path):
    def origin(**environment):
        code, text, _ = run(slipway, "config", "--json", cwd=tmp_path, **environment)
        assert code == 0
        found = {row["name"]: row for row in json.loads(text)}["listen"]
        return found["value"], found["origin"]

    assert origin() == ("127.0.0.1:5000", "default")
    (tmp_path / "slipway.yaml").write_text("listen: 127.0.0.1:7001\n")
    value, where = origin()
    assert value == "127.0.0.1:7001" and "slipway.yaml" in where
    value, where = origin(SLIPWAY_LISTEN="127.0.0.1:7002")
    assert value == "127.0.0.1:7002" and "SLIPWAY_LISTEN" in where


def test_settings_show_no_secret(slipway):
    secrets = {"SLIPWAY_TOKEN": "sekret-1", "SLIPWAY_DATABASE": "postgresql://someone:sekret-2@db.example.com/slipway"}
    for arguments in (["config"], ["config", "--json"]):
        code, text, _ = run(slipway, *arguments, **secrets)
        assert code == 0 and "sekret" not in text
        assert "postgresql://someone:***@db.example.com/slipway" in text


def test_params_set_changes_one_value_and_nothing_else(slipway, tmp_path):
    (tmp_path / "params.yaml").write_text("# what to learn\ntrain:\n  until: 2013-09-01   # exclusive\n  seed: 1\n")
    assert run(slipway, "params", "set", "params.yaml", "train.until", "2013-10-01", cwd=tmp_path)[0] == 0
    assert (tmp_path / "params.yaml").read_text() == "# what to learn\ntrain:\n  until: 2013-10-01   # exclusive\n  seed: 1\n"


@pytest.mark.parametrize("key, value", [("train.name", "a: b"), ("train.name", "[1"), ("train.quoted", "x"), ("train", "1"),
                                        ("train.absent", "1")])
def test_params_set_refuses_what_it_cannot_write_in_place(slipway, tmp_path, key, value):
    text = "train:\n  name: a\n  quoted: 'x #\n    y'\n"
    (tmp_path / "params.yaml").write_text(text)
    code, _, error = run(slipway, "params", "set", "params.yaml", key, value, cwd=tmp_path)
    assert code == 2 and "params.yaml" in error
    assert (tmp_path / "params.yaml").read_text() == text


@pytest.fixture
def project(slipway, tmp_path):
    """A repository with one stage, whose folder the server may run pipelines in."""
    folder = tmp_path / "project"
    folder.mkdir()
    assert run(slipway, "init", "-q", "--no-scm", cwd=folder)[0] == 0
    (folder / "params.yaml").write_text("word: one\n")
    (folder / "dvc.yaml").write_text("stages:\n  say:\n    cmd: echo ${word} > said.txt\n    params:\n    - word\n    outs:\n    - said.txt\n")
    return folder


def test_a_pipeline_is_applied_run_and_shown(slipway, server, project):
    (project / "pipeline.yaml").write_text("name: say\nsteps:\n- params set params.yaml word two\n- repro\n")
    call = lambda *arguments: run(slipway, "pipeline", *arguments, "--server", server.url, cwd=project)  # noqa: E731
    assert call("apply", "pipeline.yaml")[0] == 0
    code, text, _ = call("list")
    assert code == 0 and "say" in text
    code, text, error = call("run", "say", "--wait")
    assert code == 0, text + error
    assert (project / "said.txt").read_text() == "two\n"
    runs = json.loads(call("runs", "--json")[1])
    runs = runs["runs"] if isinstance(runs, dict) else runs
    assert [one["state"] for one in runs] == ["succeeded"]
    code, text, _ = call("show", runs[0]["id"])
    assert code == 0 and "repro" in text


def test_monitors_and_pipelines_are_removed(slipway, server, project):
    (project / "pipeline.yaml").write_text("name: say\nsteps:\n- repro\n")
    call = lambda *arguments: run(slipway, *arguments, "--server", server.url, cwd=project)  # noqa: E731
    assert call("pipeline", "apply", "pipeline.yaml")[0] == 0
    assert call("pipeline", "run", "say", "--wait")[0] == 0
    assert "is not running" in call("pipeline", "cancel", json.loads(call("pipeline", "runs", "--json")[1])["runs"][0]["id"])[2]
    assert call("pipeline", "delete", "say")[0] == 0
    assert "say" not in call("pipeline", "list")[1]
    assert len(json.loads(call("pipeline", "runs", "--json")[1])["runs"]) == 1, "what ran is not forgotten"
    assert call("pipeline", "delete", "say")[0] == 2
    rows = "".join(f"{i / 100},{i % 10 / 10}\n" for i in range(100))
    (project / "reference.csv").write_text("a,score\n" + rows)
    (project / "monitor.yaml").write_text(f"name: m\nmodel_name: m\nreference: {{path: {project}/reference.csv}}\n")
    assert call("monitor", "apply", "monitor.yaml")[0] == 0
    assert call("monitor", "delete", "m")[0] == 0
    assert call("monitor", "delete", "m")[0] == 2
    for text, said in [("reference: {path: nowhere.csv}", "nowhere.csv"),
                       (f"reference: {{path: {project}/reference.csv}}\nrules: [{{name: r, metric: 'column_drift:zz', op: '>', threshold: 1}}]",
                        "'zz' is no column")]:
        (project / "monitor.yaml").write_text("name: m\nmodel_name: m\n" + text + "\n")
        code, _, error = call("monitor", "apply", "monitor.yaml")
        assert code == 2 and said in error, error


def test_a_failing_pipeline_says_where_and_exits_non_zero(slipway, server, project):
    (project / "dvc.yaml").write_text("stages:\n  say:\n    cmd: echo about to fail; exit 3\n")
    (project / "pipeline.yaml").write_text("name: say\nsteps:\n- repro\n- params set params.yaml word never\n")
    assert run(slipway, "pipeline", "apply", "pipeline.yaml", "--server", server.url, cwd=project)[0] == 0
    code, text, error = run(slipway, "pipeline", "run", "say", "--wait", "--server", server.url, cwd=project)
    assert code != 0 and "about to fail" in text + error
    assert (project / "params.yaml").read_text() == "word: one\n", "no step runs after the failed one"


@pytest.fixture
def two_models(slipway, server, tmp_path):
    """Version 1 knows the rule, version 2 has seen shuffled labels only."""
    def write(path, shift):
        rows = [(i * 37 % 101 / 101, i * 53 % 97 / 97) for i in range(4000)]
        labels = [int(a + b > 1) for a, b in rows]
        labels = labels[shift:] + labels[:shift]
        path.write_text("a,b,label\n" + "".join(f"{a},{b},{y}\n" for (a, b), y in zip(rows, labels)))

    write(tmp_path / "good.csv", 0)
    write(tmp_path / "bad.csv", 1234)
    (tmp_path / "train.yaml").write_text(
        "target: label\nsplit:\n  validate_fraction: 0.2\nlearners: [lightgbm]\nmetric: auc\nsearch:\n  trials: 1\n  seed: 1\nrounds: 20\n")
    for data, alias in (("good.csv", "champion"), ("bad.csv", "challenger")):
        code, text, error = run(slipway, "train", "--config", "train.yaml", "--data", data, "--output", data + ".model", "--register",
                                "m", "--alias", alias, "--server", server.url, cwd=tmp_path)
        assert code == 0, text + error
    (tmp_path / "gates.yaml").write_text("gates:\n- metric: auc\n  against: champion\n  max_regression: 0.0\n")
    return tmp_path


def test_a_worse_challenger_is_refused_and_the_reason_kept(slipway, server, two_models):
    arguments = ["promote", "models:/m@challenger", "--to", "champion", "--data", "good.csv", "--target", "label", "--gates",
                 "gates.yaml", "--server", server.url]
    code, text, error = run(slipway, *arguments, cwd=two_models)
    assert code == 1, text + error
    assert "auc" in text + error
    assert run(slipway, *arguments, "--exit-zero", cwd=two_models)[0] == 0
    _, champion = server.call("GET", "/api/2.0/mlflow/registered-models/alias?name=m&alias=champion")
    assert champion["model_version"]["version"] == "1"
    code, text, _ = run(slipway, "story", "m", "--server", server.url)
    refused = [line for line in text.splitlines() if "refused" in line]
    assert code == 0 and len(refused) == 2 and "auc" in refused[0]


def test_runs_models_and_versions_are_listed(slipway, server, two_models):
    code, text, error = run(slipway, "models", "--server", server.url)
    assert code == 0 and "challenger=2" in text and "champion=1" in text, text + error
    code, text, _ = run(slipway, "models", "m", "--server", server.url)
    rows = {line.split()[0]: line for line in text.splitlines()[1:]}
    assert code == 0 and set(rows) == {"1", "2"} and "champion" in rows["1"] and "challenger" in rows["2"]
    code, text, _ = run(slipway, "runs", "--server", server.url, "--limit", "1000")
    assert code == 0 and "FINISHED" in text and "auc" in text
    runs = json.loads(run(slipway, "runs", "--server", server.url, "--json", "--filter", "attributes.status = 'FINISHED'")[1])
    assert len(runs) >= 2
    code, _, error = run(slipway, "runs", "--experiment", "nosuch", "--server", server.url)
    assert code == 2 and "there is no experiment 'nosuch'" in error
    code, _, error = run(slipway, "models", "nosuch", "--server", server.url)
    assert code == 2 and "nosuch" in error


def test_labels_that_are_no_two_classes_are_refused(slipway, server, two_models):
    (two_models / "amounts.csv").write_text("a,b,label\n0.1,0.2,17.5\n0.3,0.4,2\n")
    code, _, error = run(slipway, "promote", "models:/m@challenger", "--to", "champion", "--data", "amounts.csv", "--target", "label",
                         "--gates", "gates.yaml", "--server", server.url, cwd=two_models)
    assert code == 2 and "label" in error
    assert server.call("GET", "/api/2.0/mlflow/registered-models/alias?name=m&alias=champion")[1]["model_version"]["version"] == "1"


def test_a_better_challenger_takes_the_alias(slipway, server, two_models):
    _, _ = server.call("POST", "/api/2.0/mlflow/registered-models/alias", {"name": "m", "alias": "champion", "version": "2"})
    code, text, error = run(slipway, "promote", "models:/m/1", "--to", "champion", "--data", "good.csv", "--target", "label", "--gates",
                            "gates.yaml", "--server", server.url, "--json", cwd=two_models)
    assert code == 0, text + error
    _, champion = server.call("GET", "/api/2.0/mlflow/registered-models/alias?name=m&alias=champion")
    assert champion["model_version"]["version"] == "1"


def test_reproduce_says_what_is_missing(slipway, server, two_models):
    code, text, error = run(slipway, "reproduce", "models:/m@champion", "--server", server.url, cwd=two_models)
    assert code != 0 and "has no copy of its project" in error, text + error


def test_drift_between_two_files(slipway, two_models):
    assert run(slipway, "drift", "good.csv", "good.csv", cwd=two_models)[0] == 0
    (two_models / "moved.csv").write_text("a,b,label\n" + "".join(f"{2 + i / 500},{i * 53 % 97 / 97},{i % 2}\n" for i in range(2000)))
    code, text, error = run(slipway, "drift", "good.csv", "moved.csv", "--html", "drift.html", cwd=two_models)
    line = next((line for line in text.splitlines() if line.startswith("a ")), text + error)
    assert "DRIFT" in line
    assert "<html" in (two_models / "drift.html").read_text()
