"""Metrics and parameters of the workspace and of commits, in the files of every kind that both programs read."""
import json

import pytest
from conftest import git, make_repository

PIPELINE = """
stages:
  train:
    cmd: cp next.json m.json && cp next.json cached.json && mkdir -p d && cp next.json d/x.json
    deps: [next.json]
    params:
    - lr
    - deep.a
    - more.toml:
      - table.x
      - list
    - code.py:
      - RATE
      - Net.size
      - Net.name
    - whole.json:
    outs: [d]
    metrics:
    - m.json:
        cache: false
    - cached.json
metrics:
- top.yaml
- d
params:
- extra.yaml
"""

FILES = {
    "params.yaml": "lr: 0.1\ndeep: {a: [1, 2], b: x}\n",
    "more.toml": 'list = [1, 2.5, "a\\u00e9"]\n[table]\nx = 0x10\ny = 1979-05-27\n[[many]]\nz = true\n',
    "code.py": (
        "import os\nRATE = 1e-3\nWORDS: list = ['a', \"b\"\n  'c', ]\nSUM = 1 + 2\nPATH = os.sep\n"
        "class Net(object):\n    '''doc = 1'''\n    size = (1, 2)\n    def __init__(self, x=3):\n        self.name = r'n\\n'\n"
        "        local = 5\n    def other(self):\n        self.no = 1\n"
    ),
    "whole.json": '{"k": {"n": 1e-7, "t": true, "s": "\\u00e9\\ud83d\\ude00"}, "none": null}',
    "extra.yaml": "e: 1\n",
    "top.yaml": "acc: 0.123456789\nnames: [a]\ntext: good\n",
    "next.json": '{"loss": 1.5, "epoch": 3, "nan": NaN, "deep": {"big": 12345678901234567890, "small": 1e-10}}',
}


@pytest.fixture(scope="module")
def history(tmp_path_factory, slipway, dvc):
    """A repository with two commits and a change, made by both programs in turn."""
    folder = make_repository(tmp_path_factory.mktemp("history") / "repository", slipway)
    (folder / "dvc.yaml").write_text(PIPELINE)
    for name, text in FILES.items():
        # dvc cannot look into a file of Python with a tuple when it compares.
        (folder / name).write_text(text.replace("(1, 2)", "[1, 2]"))
    slipway("repro", "-q", cwd=folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "tag", "v1")
    (folder / "next.json").write_text('{"loss": 1.25, "epoch": 4, "fresh": 1, "deep": {"big": 12345678901234567890}}')
    (folder / "params.yaml").write_text("lr: 0.2\ndeep: {a: [1, 3], b: x}\n")
    for name, old, new in (("more.toml", "0x10", "17"), ("code.py", "1e-3", "0.5")):
        (folder / name).write_text((folder / name).read_text().replace(old, new))
    (folder / "top.yaml").write_text("acc: 0.2\ntext: bad\n")
    dvc("repro", "-q", cwd=folder)
    git(folder, "commit", "-qam", "two")
    (folder / "params.yaml").write_text("lr: 0.3\nnew: 1\n")
    return folder


def canonical(value):
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in sorted(value.items())}
    return repr(value)


def test_every_kind_of_parameter_file_is_recorded_alike(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "dvc.yaml").write_text(PIPELINE)
        for name, text in FILES.items():
            (folder / name).write_text(text)
        tool("repro", "-q", cwd=folder)
    ours, theirs = pair
    assert (ours / "dvc.lock").read_text() == (theirs / "dvc.lock").read_text()
    for tool, folder in ((dvc, ours), (slipway, theirs)):
        assert json.loads(tool("status", "--json", cwd=folder).stdout) == {}
    for folder in pair:
        (folder / "code.py").write_text(FILES["code.py"].replace("size = (1, 2)", "size = (1, 3)"))
        (folder / "more.toml").unlink()
        (folder / "whole.json").write_text('{"k": {}, "added": 1}')
    changes = [json.loads(tool("status", "--json", cwd=folder).stdout) for tool, folder in zip((slipway, dvc), pair)]
    assert changes[0] == changes[1]


@pytest.mark.parametrize(
    "command",
    [
        ["metrics", "show"],
        ["metrics", "show", "-a"],
        ["metrics", "show", "-T"],
        ["metrics", "show", "-a", "-T"],
        ["metrics", "show", "top.yaml", "d"],
        ["metrics", "diff"],
        ["metrics", "diff", "HEAD~1"],
        ["metrics", "diff", "v1", "HEAD"],
        ["metrics", "diff", "--all", "v1", "HEAD"],
        ["metrics", "diff", "HEAD~1", "--targets", "top.yaml"],
        ["params", "diff"],
        ["params", "diff", "v1"],
        ["params", "diff", "v1", "HEAD"],
        ["params", "diff", "--all", "v1"],
        ["params", "diff", "--deps", "v1"],
        ["params", "diff", "v1", "--targets", "more.toml"],
    ],
    ids=" ".join,
)
def test_reports_say_the_same(history, slipway, dvc, command):
    ours, theirs = (json.loads(tool(*command, "--json", cwd=history).stdout) for tool in (slipway, dvc))
    assert canonical(ours) == canonical(theirs)


@pytest.mark.parametrize(
    "command", [["metrics", "diff", "v1"], ["params", "diff", "v1"], ["metrics", "show"], ["metrics", "show", "-T"]], ids=" ".join
)
@pytest.mark.parametrize("style", [[], ["--md"]], ids=["plain", "markdown"])
def test_tables_look_the_same(history, slipway, dvc, command, style):
    ours, theirs = (sorted(tool(*command, *style, cwd=history).stdout.splitlines()) for tool in (slipway, dvc))
    assert ours == theirs


def test_an_unknown_revision_is_named(history, slipway, dvc):
    for command in ("metrics", "params"):
        ours, theirs = (tool(command, "diff", "nowhere", cwd=history, code=255) for tool in (slipway, dvc))
        assert ours.stderr == theirs.stderr
