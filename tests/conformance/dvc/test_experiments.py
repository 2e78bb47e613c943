"""Experiments: what one program runs, saves or renames, the other lists, shows, compares and applies."""
import json
import shutil
import subprocess

import pytest
from conftest import git, make_repository, snapshot

PIPELINE = """
stages:
  prepare:
    cmd: sort data.csv > sorted.csv
    deps: [data.csv]
    outs: [sorted.csv]
  train:
    cmd: python train.py
    deps: [sorted.csv, train.py]
    params: [lr, net.size]
    outs: [model.txt]
    metrics:
    - metrics.json:
        cache: false
    plots:
    - loss.csv
"""

TRAIN = """import json
values = dict(line.split("#")[0].strip().split(": ") for line in open("params.yaml") if line.count(": ") == 1)
lr, size = float(values["lr"]), int(values["size"])
open("model.txt", "w").write(f"{lr} {size}")
json.dump({"loss": 1 / (1 + lr * size), "deep": {"n": size}}, open("metrics.json", "w"))
open("loss.csv", "w").write("step,loss\\n" + "".join(f"{i},{lr / (i + 1)}\\n" for i in range(3)))
"""

FILES = {
    "dvc.yaml": PIPELINE,
    "train.py": TRAIN,
    "params.yaml": "# rate\nlr: 0.1  # small\nnet:\n  size: 3\n  other: a\n",
    ".gitignore": "*.tmp\n",
}


def make_project(folder, tool):
    make_repository(folder, tool)
    git(folder, "config", "user.name", "t")
    git(folder, "config", "user.email", "t@localhost")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "data.csv").write_text("b\na\nc\n")
    tool("add", "-q", "data.csv", cwd=folder)
    tool("repro", "-q", cwd=folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


def read(folder, *words):
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def experiments_of(folder):
    found = {}
    for line in read(folder, "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps").splitlines():
        name, commit = line.split()
        parts = name.split("/")
        if len(parts) == 5 and len(parts[2]) == 2:
            found[parts[4]] = commit
    return found


@pytest.fixture(scope="module")
def template(tmp_path_factory, dvc):
    return make_project(tmp_path_factory.mktemp("template") / "project", dvc)


@pytest.fixture
def twins(tmp_path, template):
    """Two copies of one project; the same commits in both."""
    out = []
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        shutil.copytree(template, tmp_path / name / "project", symlinks=True)
        out.append(tmp_path / name / "project")
    return out


@pytest.fixture
def project(twins):
    return twins[0]


RUNS = {
    "changed": ["exp", "run", "-n", "one", "-S", "lr=0.5"],
    "deep": ["exp", "run", "-n", "one", "-S", "net.size=7", "-S", "+net.extra=a"],
    "unchanged": ["exp", "run", "-n", "one"],
    "forced": ["exp", "run", "-n", "one", "-f"],
    "single": ["exp", "run", "-n", "one", "-s", "train", "-S", "lr=2.5"],
    "message": ["exp", "run", "-n", "one", "-m", "my words", "-S", "lr=0.5"],
    "temporary": ["exp", "run", "--temp", "-n", "one", "-S", "lr=0.5"],
    "saved": ["exp", "save", "-n", "one"],
    "saved with more": ["exp", "save", "-n", "one", "-I", "more.txt", "-m", "kept"],
}


@pytest.mark.parametrize("words", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("changed", [False, True], ids=["clean", "dirty"])
def test_the_same_commit_is_kept(slipway, dvc, twins, words, changed):
    ours, theirs = twins
    for folder in twins:
        (folder / "more.txt").write_text("more\n")
        if changed:
            (folder / "params.yaml").write_text(FILES["params.yaml"].replace("3", "4"))
            (folder / "train.py").write_text(TRAIN + "# changed\n")
            (folder / "data.csv").write_text("d\nb\n")
    slipway(*words, cwd=ours)
    dvc(*words, cwd=theirs)
    mine, other = experiments_of(ours), experiments_of(theirs)
    assert set(mine) == set(other)
    for name in mine:
        # dvc save leaves a file of its own among those of the experiment.
        trees = [read(folder, "ls-tree", "-r", commit).splitlines() for folder, commit in
                 ((ours, mine[name]), (theirs, other[name]))]
        assert trees[0] == [line for line in trees[1] if not line.endswith(".dvc/tmp/repro.dat")]
        for what in ("%B", "%P"):
            assert read(ours, "log", "-1", f"--format={what}", mine[name]) == read(
                theirs, "log", "-1", f"--format={what}", other[name]
            )
    # What is changed is the same; dvc may leave it staged.
    states = [{tuple(line.split()) for line in read(folder, "status", "--short").splitlines()} for folder in twins]
    assert states[0] == states[1]
    assert read(ours, "symbolic-ref", "HEAD") == read(theirs, "symbolic-ref", "HEAD")
    drop = {name for name in snapshot(ours) | snapshot(theirs) if name.startswith((".git/", ".dvc/tmp", ".dvc/cache"))}
    assert {k: v for k, v in snapshot(ours).items() if k not in drop} == {
        k: v for k, v in snapshot(theirs).items() if k not in drop
    }


@pytest.fixture(scope="module")
def many(tmp_path_factory, slipway, dvc):
    """One project with experiments of both programs, on two commits."""
    folder = make_project(tmp_path_factory.mktemp("many") / "project", slipway)
    slipway("exp", "run", "-q", "-n", "ours", "-S", "lr=0.2", cwd=folder)
    dvc("exp", "run", "-q", "-n", "theirs", "-S", "lr=0.3", cwd=folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "next")
    git(folder, "tag", "v1")
    slipway("exp", "run", "-q", "--temp", "-n", "ours-temp", "-S", "net.size=5", cwd=folder)
    dvc("exp", "run", "-q", "--temp", "-n", "theirs-temp", "-S", "lr=0.4", cwd=folder)
    (folder / "params.yaml").write_text(FILES["params.yaml"].replace("0.1", "0.9"))
    slipway("exp", "save", "-n", "ours-saved", cwd=folder)
    dvc("exp", "save", "-n", "theirs-saved", cwd=folder)
    return folder


LOOKS = [
    ["exp", "show", "--csv"],
    ["exp", "show", "--csv", "-A", "--precision", "3"],
    ["exp", "show", "--md"],
    ["exp", "show", "--md", "-n", "2", "--only-changed"],
    ["exp", "show", "--md", "--drop", "lr|Created", "--hide-workspace"],
    ["exp", "show", "--csv", "--sort-by", "lr"],
    ["exp", "show", "--csv", "--sort-by", "metrics.json:loss", "--sort-order", "desc"],
    ["exp", "show", "--csv", "--sha", "-T", "--keep", "lr", "--drop", ".*"],
    ["exp", "list"],
    ["exp", "list", "-A"],
    ["exp", "list", "--rev", "HEAD~1"],
    ["exp", "list", "-A", "--name-only"],
    ["exp", "list", "-n", "2", "--sha-only"],
    ["exp", "diff"],
    ["exp", "diff", "ours", "theirs"],
    ["exp", "diff", "ours-temp", "theirs-saved", "--md"],
    ["exp", "diff", "HEAD", "ours", "--all", "--no-path", "--precision", "3"],
]


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_both_print_the_same(slipway, dvc, many, words):
    ours, theirs = slipway(*words, cwd=many).stdout, dvc(*words, cwd=many).stdout
    if words[:3] == ["exp", "list", "-A"]:  # dvc lists commits in no order
        ours, theirs = sorted(ours.splitlines()), sorted(theirs.splitlines())
    assert ours == theirs


@pytest.mark.parametrize(
    "words",
    [
        ["exp", "show", "--json"],
        ["exp", "show", "--json", "-A"],
        ["exp", "show", "--json", "-n", "-1", "--param-deps"],
        ["exp", "diff", "--json"],
        ["exp", "diff", "--json", "HEAD", "theirs", "--all"],
    ],
    ids=" ".join,
)
def test_both_say_the_same_in_json(slipway, dvc, many, words):
    assert json.loads(slipway(*words, cwd=many).stdout) == json.loads(dvc(*words, cwd=many).stdout)


@pytest.mark.parametrize("name", ["ours", "theirs", "ours-temp", "theirs-temp", "v1"])
def test_apply(slipway, dvc, many, tmp_path, name):
    results = []
    for tool in (slipway, dvc):
        folder = tmp_path / tool.name
        shutil.copytree(many, folder, symlinks=True)
        (folder / "mine.txt").write_text("untracked\n")
        (folder / "train.py").write_text("# about to be overwritten\n")
        said = tool("exp", "apply", name, cwd=folder).stdout
        files = {k: v for k, v in snapshot(folder).items() if not k.startswith((".git/", ".dvc/tmp", ".dvc/cache"))}
        refs = read(folder, "rev-parse", "refs/exps/exec/EXEC_APPLY", "refs/exps/apply/ORIG_HEAD", "HEAD")
        results.append((said.splitlines()[-1], files, refs, read(folder, "status", "--short")))
        # Nothing is lost: what was overwritten can be had back.
        assert read(folder, "show", "refs/exps/apply/stash:train.py") == "# about to be overwritten"
    assert results[0] == results[1]


def test_branch_rename_remove(slipway, dvc, twins, template):
    results = []
    for tool, folder in zip((slipway, dvc), twins):
        dvc("exp", "run", "-q", "-n", "one", "-S", "lr=0.5", cwd=folder)
        dvc("exp", "run", "-q", "-n", "two", "-S", "lr=0.6", cwd=folder)
        said = []
        for words in (
            ["exp", "branch", "one"],
            ["exp", "branch", "one", "named"],
            ["exp", "rename", "one", "other"],
            ["exp", "rename", "two", "two"],
            ["exp", "remove", "other", "two"],
            ["exp", "list", "-A"],
        ):
            said.append(tool(*words, cwd=folder).stdout)
        results.append((said[1:], sorted(read(folder, "for-each-ref", "--format=%(refname)", "refs/heads").split())))
    assert results[0][1] == results[1][1]
    assert [text for text in results[0][0] if "branch" not in text] == [
        text for text in results[1][0] if "branch" not in text
    ]


FAULTS = [
    ["exp", "run", "-S", "absent=1"],
    ["exp", "run", "-S", "lr=["],
    ["exp", "run", "-S", "lr=1,2"],
    ["exp", "run", "-n", "a/b"],
    ["exp", "run", "-n", "taken"],
    ["exp", "run", "absent"],
    ["exp", "apply", "absent"],
    ["exp", "branch", "absent"],
    ["exp", "remove", "absent"],
    ["exp", "remove"],
    ["exp", "rename", "absent", "x"],
    ["exp", "save", "-n", "taken"],
    ["exp", "diff", "absent"],
    ["exp", "show", "--rev", "absent"],
    ["exp", "show", "--sort-by", "absent"],
]


def test_faults_have_the_same_codes_and_change_nothing(slipway, dvc, twins):
    for tool, folder in zip((slipway, dvc), twins):
        tool("exp", "run", "-q", "-n", "taken", "-S", "lr=3", cwd=folder)
    for words in FAULTS:
        before = snapshot(twins[0])
        ours, theirs = slipway(*words, cwd=twins[0], code=None), dvc(*words, cwd=twins[1], code=None)
        assert ours.returncode == theirs.returncode, (words, ours.stderr, theirs.stderr)
        after = snapshot(twins[0])
        keep = [name for name in before | after if not name.startswith(".dvc/tmp")]
        assert {k: before.get(k) for k in keep} == {k: after.get(k) for k in keep}, words


def test_before_the_first_commit(slipway, dvc, tmp_path):
    folder = make_repository(tmp_path / "empty", slipway)
    for words in (["exp", "show", "--json"], ["exp", "run"], ["exp", "list"]):
        ours, theirs = slipway(*words, cwd=folder, code=None), dvc(*words, cwd=folder, code=None)
        assert ours.returncode == theirs.returncode, (words, ours.stderr, theirs.stderr)


def test_a_failing_stage_keeps_nothing(slipway, project):
    (project / "train.py").write_text("raise SystemExit(3)\n")
    slipway("exp", "run", "-n", "bad", cwd=project, code=255)
    slipway("exp", "run", "--temp", "-n", "bad", cwd=project, code=255)
    assert experiments_of(project) == {}
    assert not list((project / ".dvc/tmp/exps/standalone").glob("*"))


def test_a_rehearsal_changes_nothing(slipway, project):
    # dvc fails here: it looks for data.csv in a copy to which it brings no data.
    before = {k: v for k, v in snapshot(project).items() if not k.startswith((".git/", ".dvc/"))}
    said = slipway("exp", "run", "--dry", "-S", "lr=0.5", cwd=project).stdout
    assert "Running stage 'train'" in said and "Stage 'prepare' didn't change" in said
    assert {k: v for k, v in snapshot(project).items() if not k.startswith((".git/", ".dvc/"))} == before
    assert experiments_of(project) == {}


def test_a_temporary_run_leaves_the_workspace(slipway, project):
    (project / "needed.tmp").write_text("ignored by Git\n")
    (project / "train.py").write_text(TRAIN + 'open("needed.tmp").read()\n')
    before = {k: v for k, v in snapshot(project).items() if not k.startswith((".git/", ".dvc/"))}
    slipway("exp", "run", "--temp", "-n", "one", "-C", "needed.tmp", "-S", "lr=8", cwd=project)
    assert {k: v for k, v in snapshot(project).items() if not k.startswith((".git/", ".dvc/"))} == before
    assert read(project, "show", experiments_of(project)["one"] + ":params.yaml").splitlines()[1] == "lr: 8  # small"
    assert read(project, "fsck", "--strict", "--no-dangling") == ""
