"""dvc.yaml: dvc.lock, the run cache and messages. Each pipeline is run by both programs, then crossed."""
import json
import os
import subprocess
import time

import pytest
from conftest import snapshot, text_of

PIPELINES = {
    "basic": (
        """
stages:
  a:
    cmd: cp in.txt a.txt
    deps: [in.txt]
    outs: [a.txt]
  b:
    cmd: mkdir -p d && cp a.txt d/x && cp a.txt d/y
    deps: [a.txt]
    outs:
    - d
""",
        "",
    ),
    "params": (
        """
stages:
  a:
    cmd: echo ${lr} ${n.k} > o.txt && echo '{"m":1.5}' > m.json
    deps: [in.txt]
    params:
    - lr
    - n.k
    - n.l
    - f
    - e
    - s
    - t
    - other.yaml:
      - x.y
    - whole.yaml:
    outs: [o.txt]
    metrics:
    - m.json:
        cache: false
""",
        "lr: 0.1\nn: {k: true, l: [1, 2.5, null, 'x', {q: 1e5}]}\nf: 1.0e-5\ne:\ns: 'yes'\nt: '2.0'\n",
    ),
    "templates": (
        """
vars:
- xs: [a, b]
- flags: {lr: 0.1, deep: {on: true, off: false}, l: [1, 'x y']}
stages:
  t:
    foreach: ${xs}
    do:
      cmd: echo ${item} > ${item}.o
      outs: ['${item}.o']
  u:
    foreach: {k1: {v: 1}, k2: {v: 2}}
    do:
      cmd: echo ${key} ${item.v} > ${key}.u
      outs: ['${key}.u']
  m:
    matrix: {p: [x, 1.5], q: [true, {z: 3}]}
    cmd: echo ${item.p} ${key} > m-${key}.o
    outs: ['m-${key}.o']
  f:
    cmd: echo ${flags} \\${HOME} > f.o
    outs: [f.o]
""",
        "",
    ),
    "commands": (
        """
stages:
  a:
    desc: hi
    cmd:
    - echo 1 > o1
    - echo 2 > o2 && chmod +x o2
    outs:
    - o2
    - o1:
        cache: false
    meta: {k: v}
  c:
    cmd: |
      cat o1 o2 > o3
      echo "it's: #1" >> o3
    deps: [o2, o1]
    outs: [o3]
  long:
    cmd: echo """
        + "word " * 60
        + """> l.txt
    deps: [in.txt]
    outs: [l.txt]
  quoted:
    cmd: 'echo ''a: b'' "c # d" """
        + "more: ''words'' " * 12
        + """> q.txt'
    deps: [in.txt]
    outs: [q.txt]
  below:
    cmd: cp ../in.txt o.txt
    wdir: sub
    deps: [../in.txt]
    outs: [o.txt]
""",
        "",
    ),
}


def prepare(folder, pipeline, params):
    (folder / "sub").mkdir()
    (folder / "dvc.yaml").write_text(pipeline)
    (folder / "in.txt").write_text("in\n")
    (folder / "other.yaml").write_text("x: {y: [3]}\n")
    (folder / "whole.yaml").write_text("z: 1\na: text\n")
    if params:
        (folder / "params.yaml").write_text(params)


@pytest.mark.parametrize("name", PIPELINES)
def test_both_record_a_run_in_the_same_bytes(pair, slipway, dvc, name):
    ours, theirs = pair
    for folder in pair:
        prepare(folder, *PIPELINES[name])
    before = [json.loads(tool("status", "--json", cwd=folder).stdout) for tool, folder in ((slipway, ours), (dvc, theirs))]
    assert before[0] == before[1]
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        tool("repro", "-q", cwd=folder)
    lock = (ours / "dvc.lock").read_text()
    assert lock == (theirs / "dvc.lock").read_text()
    assert snapshot(ours / ".dvc/cache", modes=True) == snapshot(theirs / ".dvc/cache", modes=True)
    ignores = (".gitignore", "sub/.gitignore")
    assert text_of(ours, *ignores) == text_of(theirs, *ignores)
    for tool, folder in ((dvc, ours), (slipway, theirs)):
        assert json.loads(tool("status", "--json", cwd=folder).stdout) == {}
        assert "Data and pipelines are up to date." in tool("repro", cwd=folder).stdout
        assert (folder / "dvc.lock").read_text() == lock
    slipway("repro", "-q", "-f", "-j", "3", cwd=ours)
    assert (ours / "dvc.lock").read_text() == lock


def test_each_takes_the_others_run_cache(pair, slipway, dvc):
    ours, theirs = pair
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        prepare(folder, *PIPELINES["params"])
        tool("repro", "-q", cwd=folder)
        first = (folder / "dvc.lock").read_text()
        (folder / "in.txt").write_text("two\n")
        tool("repro", "-q", cwd=folder)
        (folder / "in.txt").write_text("in\n")
    for tool, folder in ((dvc, ours), (slipway, theirs)):
        said = tool("repro", cwd=folder).stdout
        assert "Stage 'a' is cached - skipping run, checking out outputs" in said
        assert (folder / "dvc.lock").read_text() == first
        assert (folder / "m.json").exists()


def test_a_failing_stage_says_what_dvc_says(pair, slipway, dvc):
    answers = []
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "dvc.yaml").write_text("stages:\n  a:\n    cmd: exit 3\n    outs: [x]\n")
        answers.append(tool("repro", cwd=folder, code=255))
        assert not (folder / "dvc.lock").exists()
    assert answers[0].stderr == answers[1].stderr
    assert answers[0].stdout == answers[1].stdout


def test_the_graph_is_drawn_alike(pair, slipway, dvc):
    ours, _ = pair
    prepare(ours, *PIPELINES["basic"])
    assert slipway("dag", "--mermaid", cwd=ours).stdout == dvc("dag", "--mermaid", cwd=ours).stdout


def test_locks_of_one_hold_off_the_other(pair, slipway, dvc):
    ours, _ = pair
    (ours / "in.txt").write_text("in\n")
    command = "touch started; while [ ! -e go ]; do sleep 0.05; done; cp in.txt out.txt"
    (ours / "dvc.yaml").write_text(f"stages:\n  a:\n    cmd: {command}\n    deps: [in.txt]\n    outs: [out.txt]\n")
    for runner, other in ((slipway, dvc), (dvc, slipway)):
        for name in ("started", "go", "out.txt", "dvc.lock"):
            (ours / name).unlink(missing_ok=True)
        running = subprocess.Popen([runner.program, "repro", "-q", "-f"], cwd=ours, env=runner.environment)
        deadline = time.monotonic() + 60
        while not (ours / "started").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # The repository is free while the command runs, its files are not.
        assert other("remote", "list", cwd=ours).returncode == 0
        busy = other("repro", "-f", cwd=ours, code=255)
        assert "blocked by" in busy.stderr
        (ours / "go").touch()
        assert running.wait(60) == 0
        assert json.loads((ours / ".dvc/tmp/rwlock").read_text() or "{}") in ({}, {"read": {}, "write": {}})


def test_the_repository_lock_is_the_same_file(pair, slipway):
    ours, _ = pair
    import fcntl

    (ours / ".dvc/tmp").mkdir(exist_ok=True)
    with open(ours / ".dvc/tmp/lock", "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (ours / "f").write_text("1")
        refused = slipway("add", "f", cwd=ours, code=1)
    assert "Unable to acquire lock" in refused.stderr
    assert not os.path.exists(ours / "f.dvc")
