"""What is recorded and kept is never less than what is there: parts of folders, modes, outputs with their own remote."""
import json
import os
import shutil
import stat

import pytest
from conftest import git, make_repository, snapshot, text_of


def put_folder(folder, count=3):
    (folder / "data/sub").mkdir(parents=True)
    for number in range(count):
        (folder / f"data/{number}").write_text(str(number))
    (folder / "data/sub/x").write_text("x")
    (folder / "data/sub/y").write_text("yy")


def forget(folder, what="*"):
    for path in (folder / ".dvc/cache/files/md5").glob(f"*/{what}"):
        path.unlink()


def test_a_part_of_a_folder_whose_list_is_not_in_the_cache(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        put_folder(folder)
        tool("remote", "add", "-q", "-d", "storage", f"../storage-{folder.name}", cwd=folder)
        tool("add", "-q", "data", cwd=folder)
        tool("push", "-q", cwd=folder)
        before = (folder / "data.dvc").read_text()
        shutil.rmtree(folder / "data")
        forget(folder)
        (folder / "data").mkdir()
        (folder / "data/new").write_text("new")
        tool("add", "-q", "data/new", cwd=folder)
        assert "nfiles: 6" in (folder / "data.dvc").read_text()
        recorded = (folder / "data.dvc").read_text()
        # Nobody has the list: nothing is recorded.
        forget(folder)
        shutil.rmtree(folder.parent / f"storage-{folder.name}")
        (folder / "data/other").write_text("other")
        tool("add", "data/other", cwd=folder, code=1)
        assert (folder / "data.dvc").read_text() == recorded != before
    assert text_of(pair[0], "data.dvc") == text_of(pair[1], "data.dvc")


def test_several_parts_at_once_and_parts_that_are_gone(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        put_folder(folder)
        tool("add", "-q", "data", cwd=folder)
        (folder / "data/a").write_text("a")
        (folder / "data/b").write_text("b")
        (folder / "data/0").unlink()
        tool("add", "-q", "data/a", "data/b", "data/0", cwd=folder)
        tool("add", "data/never", cwd=folder, code=1)
        (folder / "one").write_text("1")
        tool("add", "-q", "one", cwd=folder)
        tool("add", "one/in", cwd=folder, code=1)
    assert text_of(pair[0], "data.dvc") == text_of(pair[1], "data.dvc")
    assert snapshot(pair[0] / ".dvc/cache", modes=True) == snapshot(pair[1] / ".dvc/cache", modes=True)


def test_garbage_collection_without_the_list_of_a_folder(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        put_folder(folder)
        tool("add", "-q", "data", cwd=folder)
        forget(folder, "*.dir")
        kept = snapshot(folder / ".dvc/cache")
        done = tool("gc", "-w", cwd=folder, code=None)
        assert done.returncode != 0
        assert snapshot(folder / ".dvc/cache") == kept
        tool("gc", "-w", "-f", cwd=folder)
        assert snapshot(folder / ".dvc/cache") == {}


OWN_REMOTE = """stages:
  s:
    cmd: echo 1 > o1 && echo 2 > o2
    outs:
    - o1:
        remote: Own
    - o2
"""


@pytest.fixture
def with_own_remotes(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        put_folder(folder)
        (folder / "x").write_text("plain")
        tool("remote", "add", "-q", "-d", "Main", "../main-" + folder.name, cwd=folder)
        tool("remote", "add", "-q", "Own", "../own-" + folder.name, cwd=folder)
        tool("add", "-q", "data", "x", cwd=folder)
        with open(folder / "data.dvc", "a") as file:
            file.write("  remote: own\n")
        (folder / "dvc.yaml").write_text(OWN_REMOTE.replace("Own", "own"))
        tool("repro", "-q", cwd=folder)
    return pair


def stored(folder):
    return [snapshot(folder.parent / f"{name}-{folder.name}") for name in ("main", "own")]


def forget_remotes(folder):
    for name in ("main", "own"):
        shutil.rmtree(folder.parent / f"{name}-{folder.name}", ignore_errors=True)
    # dvc remembers what it pushed.
    shutil.rmtree(folder.parent / "site", ignore_errors=True)


def test_outputs_with_a_remote_of_their_own_go_there(with_own_remotes, slipway, dvc, home):
    ours, theirs = with_own_remotes
    for more in ([], ["-r", "main"], ["-r", "own"]):
        for tool, folder in zip((slipway, dvc), (ours, theirs)):
            forget_remotes(folder)
            shutil.rmtree(home / "site", ignore_errors=True)
            tool("push", "-q", *more, cwd=folder)
        assert stored(ours) == stored(theirs)
        assert stored(ours) != [{}, {}]
    for tool, folder in zip((slipway, dvc), (ours, theirs)):
        tool("push", "-q", cwd=folder)
        for more in ([], ["-r", "main"], ["-r", "own"]):
            shutil.rmtree(folder / ".dvc/cache")
            tool("fetch", "-q", *more, cwd=folder)
            (folder / f"fetched-{'-'.join(more)}").write_text(json.dumps(snapshot(folder / ".dvc/cache/files")))
    for path in ours.glob("fetched-*"):
        assert path.read_text() == (theirs / path.name).read_text(), path.name
    # A new version of such an output is new there.
    (ours / "data/0").write_text("changed")
    slipway("add", "-q", "data", cwd=ours)
    assert "data" in json.loads(slipway("status", "-c", "--json", cwd=ours).stdout)


def test_without_a_default_remote_the_others_are_served(with_own_remotes, slipway, dvc, home):
    for tool, folder in zip((slipway, dvc), with_own_remotes):
        forget_remotes(folder)
        shutil.rmtree(home / "site", ignore_errors=True)
        tool("remote", "default", "--unset", cwd=folder)
        assert "no remote specified" in tool("push", cwd=folder, code=1).stderr
    assert stored(with_own_remotes[0]) == stored(with_own_remotes[1]) != [{}, {}]


def test_an_unknown_remote_of_an_output_is_an_error(with_own_remotes, slipway, dvc):
    for tool, folder in zip((slipway, dvc), with_own_remotes):
        (folder / "data.dvc").write_text((folder / "data.dvc").read_text().replace("own", "nowhere"))
        for command in (["push"], ["fetch"], ["status", "-c"]):
            done = tool(*command, cwd=folder, code=None)
            assert done.returncode == 1, (tool, command)
            assert "nowhere" in done.stderr


def modes(folder):
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode)) for path in sorted(folder.rglob("*"))}


def test_a_cache_shared_by_a_group_is_open_to_it(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / ".dvc/config").write_text("[cache]\n    shared = group\n")
        put_folder(folder)
        (folder / "dvc.yaml").write_text("stages:\n  s:\n    cmd: cp x y\n    deps: [x]\n    outs: [y]\n")
        (folder / "x").write_text("x")
        mask = os.umask(0o077)
        tool("add", "-q", "data", cwd=folder)
        tool("repro", "-q", cwd=folder)
        os.umask(mask)
        shutil.rmtree(folder / ".dvc/cache/files/slipway", ignore_errors=True)
    assert modes(pair[0] / ".dvc/cache") == modes(pair[1] / ".dvc/cache")


@pytest.mark.parametrize("kind", ["copy", "hardlink", "symlink"])
def test_a_file_that_can_be_run_stays_so(pair, slipway, dvc, kind):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / ".dvc/config").write_text(f"[cache]\n    type = {kind}\n")
        (folder / "run.sh").write_text("#!/bin/sh\n")
        (folder / "run.sh").chmod(0o755)
        tool("add", "-q", "run.sh", cwd=folder)
        assert os.access(folder / "run.sh", os.X_OK)
        (folder / "run.sh").unlink()
        assert tool("checkout", cwd=folder).stdout == "A       run.sh\n"
        assert (folder / "run.sh").stat().st_mode & stat.S_IXUSR
    assert (ours_mode := (pair[0] / "run.sh").stat().st_mode & 0o700) == (pair[1] / "run.sh").stat().st_mode & 0o700
    assert ours_mode & stat.S_IXUSR
    if kind == "copy":
        for tool, folder in zip((slipway, dvc), pair):
            (folder / "run.sh").chmod(0o644)
            assert tool("checkout", cwd=folder).stdout == "M       run.sh\n"
            assert (folder / "run.sh").stat().st_mode & stat.S_IXUSR


def test_what_was_not_committed_can_be_committed(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "f").write_text("1")
        put_folder(folder)
        (folder / "dvc.yaml").write_text("stages:\n  s:\n    cmd: cp f g\n    deps: [f]\n    outs: [g]\n")
        tool("add", "-q", "--no-commit", "f", "data", cwd=folder)
        tool("repro", "-q", "--no-commit", cwd=folder)
        assert not list((folder / ".dvc/cache").rglob("files/md5/*/*"))
        tool("commit", "-q", cwd=folder)
        assert tool("status", cwd=folder).stdout == "Data and pipelines are up to date.\n"
        (folder / "f").write_text("2")
        tool("commit", "f.dvc", cwd=folder, code=1)
    names = ["f.dvc", "data.dvc", "dvc.lock"]
    assert text_of(pair[0], *names) == text_of(pair[1], *names)
    assert snapshot(pair[0] / ".dvc/cache/files", modes=True) == snapshot(pair[1] / ".dvc/cache/files", modes=True)


def test_a_part_of_a_folder_is_pulled_alone(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        put_folder(folder)
        tool("remote", "add", "-q", "-d", "storage", f"../storage-{folder.name}", cwd=folder)
        tool("add", "-q", "data", cwd=folder)
        tool("push", "-q", cwd=folder)
    for part in ("data/sub", "data/1", "data/sub/x"):
        for tool, folder in zip((slipway, dvc), pair):
            shutil.rmtree(folder / ".dvc/cache")
            shutil.rmtree(folder / "data")
            tool("pull", "-q", part, cwd=folder)
        assert snapshot(pair[0] / "data") == snapshot(pair[1] / "data") != {}
        assert snapshot(pair[0] / ".dvc/cache/files") == snapshot(pair[1] / ".dvc/cache/files")


PARAMETERS = {
    "good.toml": "[train]\nlr = 0.1\nname = \"a\"\n",
    "good.py": "LR = 0.1\nclass Train:\n    name = 'a'\n",
    "params.json": '{"train": {"lr": 0.1}}',
}


def test_parameter_files_of_other_kinds_do_no_harm(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        for name, text in PARAMETERS.items():
            (folder / name).write_text(text)
        (folder / "dvc.yaml").write_text(
            "params: [good.toml, good.py]\nstages:\n  s:\n    cmd: echo 1 > o\n    params:\n"
            "    - good.toml: [train.lr]\n    - good.py: [LR, Train.name]\n    - params.json:\n    outs: [o]\n"
        )
        (folder / "f").write_text("f")
        tool("add", "-q", "f", cwd=folder)
        tool("repro", "-q", cwd=folder)
        (folder / "good.toml").write_text("[train]\nlr = 0.2\n")
        (folder / "f").unlink()
        tool("checkout", "-q", cwd=folder)
    assert text_of(pair[0], "dvc.lock") == text_of(pair[1], "dvc.lock")
    assert slipway("status", "--json", cwd=pair[0]).stdout == dvc("status", "--json", cwd=pair[0]).stdout
    # One that cannot be read is in nobody's way who does not need it.
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "good.toml").write_text("= what\n")
        (folder / "g").write_text("g")
        (folder / "f").unlink()
        codes = {command: tool(*command.split(), cwd=folder, code=None).returncode
                 for command in ("add g", "checkout f.dvc", "checkout", "status f.dvc", "status", "repro", "push",
                                 "data status", "remove g.dvc", "gc -w -f")}
        (folder / "codes").write_text(json.dumps(codes, indent=1))
    assert (pair[0] / "codes").read_text() == (pair[1] / "codes").read_text()


IGNORES = [
    "*.log\n!keep\n", "*.log\n!keep/\n", "keep/**\n!keep/a.log\n", "*\n!keep\n!*.txt\n", "/keep/*\n!/keep/a.log\n",
    "*/\n", "**\n!keep/a.log\n", "!*.log\n*.log\n", "sub/\n!deep\n", "  *.txt  \n!sub/a.txt\n", "**/sub/**\n!**/sub/deep\n",
    "sub\n!sub/deep\n", "deep/\n!sub/deep\n",
]


def test_negated_patterns_take_back_the_same(pair, slipway, dvc):
    names = ("keep/a.log", "keep/b.txt", "sub/a.txt", "sub/deep/c.log", "sub/deep/a.txt", "a.log", "b.txt")
    for tool, folder in zip((slipway, dvc), pair):
        for number, patterns in enumerate(IGNORES):
            for name in names:
                (folder / f"{number}/d/{name}").parent.mkdir(parents=True, exist_ok=True)
                (folder / f"{number}/d/{name}").write_text(f"{number}{name}")
            (folder / f"{number}/.dvcignore").write_text(patterns)
    wanted = [f"{number}/d" for number in range(len(IGNORES))]
    for tool, folder in zip((slipway, dvc), pair):
        for target in wanted:
            tool("add", "-q", target, cwd=folder, code=None)
    for number, patterns in enumerate(IGNORES):
        assert text_of(pair[0], f"{number}/d.dvc") == text_of(pair[1], f"{number}/d.dvc"), patterns
    # The same in the outermost file.
    for tool, folder in zip((slipway, dvc), pair):
        for patterns in IGNORES:
            (folder / ".dvcignore").write_text(patterns.replace("/keep", "/top/keep").replace("sub/", "top/sub/"))
            for name in names:
                (folder / "top" / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / "top" / name).write_text(name)
    for patterns in IGNORES:
        results = []
        for tool, folder in zip((slipway, dvc), pair):
            (folder / ".dvcignore").write_text(patterns)
            found = tool("check-ignore", *(f"top/{name}" for name in names), cwd=folder, code=None).stdout
            results.append(found)
        assert results[0] == results[1], patterns


def test_names_that_a_shell_would_take_apart(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        for name in ("two words", "back\\slash", "it's"):
            (folder / name).write_text(name)
        hint = tool("add", "two words", "back\\slash", "it's", cwd=folder).stdout
        line = next(line for line in hint.splitlines() if "git add" in line)
        git(folder, "add", "-A")
        assert "'two words.dvc'" in line
        (folder / "hint").write_text(" ".join(sorted(line.split())))
    assert text_of(pair[0], ".gitignore", "hint") == text_of(pair[1], ".gitignore", "hint")
    for folder in pair:
        assert not [line for line in os.popen(f"git -C '{folder}' status --porcelain").read().splitlines() if "slash\"" in line and ".dvc" not in line]


def test_the_case_of_a_remote_means_nothing(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / ".dvc/config").write_text(
            "[core]\n    remote = Storage\n    checksum_jobs = 2\n['remote \"Storage\"']\n    URL = ../../up-%s\n" % folder.name
        )
        (folder / "f").write_text("f")
        tool("add", "-q", "f", cwd=folder)
        tool("push", "-q", cwd=folder)
        tool("push", "-q", "-r", "STORAGE", cwd=folder)
        tool("remote", "modify", "STORAGE", "jobs", "2", cwd=folder)
        tool("remote", "modify", "storage", "checksum_jobs", "2", cwd=folder)
        tool("config", "core.checksum_jobs", "3", cwd=folder)
        assert len(snapshot(folder.parent / f"up-{folder.name}")) == 1
        for url in ("foo://x/y", "s4://x/y", "htps://x/y", "file://x/y"):
            tool("remote", "add", "bad", url, cwd=folder, code=251)
        for url in ("foo:/x", "S3://bucket/x", "x:y", "c:/x"):
            tool("remote", "add", "-f", "good", url, cwd=folder, code=0)


def test_each_clears_up_what_the_other_placed(pair, slipway, dvc):
    for tool, other, folder in ((slipway, dvc, pair[0]), (dvc, slipway, pair[1])):
        put_folder(folder)
        (folder / "one").write_text("1")
        (folder / "untouched").write_text("by hand")
        dvc("status", cwd=folder)  # from now on there is a list to share
        tool("add", "-q", "data", "one", cwd=folder)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "with data")
        git(folder, "checkout", "-qb", "other")
        git(folder, "rm", "-q", "data.dvc", "one.dvc")
        git(folder, "commit", "-qm", "without data")
        for placed_by in ("add", "checkout"):
            done = other("checkout", cwd=folder)
            assert done.stdout == "D       data/\nD       one\n", (tool, placed_by)
            assert not (folder / "data").exists() and not (folder / "one").exists()
            assert (folder / "untouched").exists()
            git(folder, "checkout", "-q", "-")
            tool("checkout", "-q", cwd=folder)
            assert (folder / "data/sub/y").read_text() == "yy"
            git(folder, "checkout", "-q", "-")
        # What was changed since is kept by both.
        git(folder, "checkout", "-q", "-")
        tool("checkout", "-q", cwd=folder)
        (folder / "one").write_text("changed")
        git(folder, "checkout", "-q", "-")
        other("checkout", "-q", cwd=folder)
        assert (folder / "one").read_text() == "changed"


def test_what_git_keeps_now_is_not_cleared_up(pair, slipway, dvc):
    folder = pair[0]
    (folder / "one").write_text("1")
    dvc("add", "-q", "one", cwd=folder)
    dvc("remove", "one.dvc", cwd=folder)
    git(folder, "add", "one")
    slipway("checkout", cwd=folder)
    assert (folder / "one").read_text() == "1"


FAULTS = {
    "f.dvc": [
        ("outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  size: 1\n  hsah: md5\n  path: f\n", 4),
        ("outs:\n- path: f\n  hash: md5\nwhat: ever\n", 4),
        ("<<<<<<< HEAD\nouts:\n- path: f\n=======\nouts:\n- path: f\n>>>>>>> other\n", 2),
    ],
    "dvc.yaml": [
        ("stages:\n  s:\n    cmd: echo\n    dep:\n    - f\n", 4),
        ("stages:\n  s:\n    cmd: echo\n    outs:\n    - o:\n        cach: false\n", 6),
        ("stages:\n  s:\n    cmd: echo\nstags:\n", 4),
        ("stages:\n  s:\n    cmd: echo\n   bad: x\n", 4),
    ],
    "dvc.lock": [
        ("schema: '2.0'\nstages:\n  s:\n    cmd: echo\n    otus: []\n", 5),
        ("schema: '2.0'\nstags: {}\n", 2),
        ("schema: '1.0'\nstages: {}\n", 1),
    ],
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_a_file_is_shown_where_it_is(pair, slipway, dvc, name):
    folder = pair[0]
    for text, line in FAULTS[name]:
        (folder / "dvc.yaml").write_text("stages:\n  s:\n    cmd: echo\n    outs: [o]\n")
        (folder / name).write_text(text)
        shown = slipway("status", cwd=folder, code=None)
        judged = dvc("status", cwd=folder, code=None)
        assert shown.returncode == judged.returncode != 0, (name, text, shown, judged)
        assert f"line {line}" in shown.stderr and str(folder / name) in shown.stderr, (text, shown.stderr)
        assert f"  {line} | {text.splitlines()[line - 1]}" in shown.stderr, shown.stderr
        assert ("possible merge conflicts" in shown.stderr) == ("<<<" in text)
        assert (folder / name).read_text() == text
        (folder / name).unlink()


def test_verbose_says_what_is_done_on_standard_error(pair, slipway, tmp_path):
    folder = pair[0]
    put_folder(folder)
    slipway("remote", "add", "-q", "-d", "storage", "../storage", cwd=folder)
    slipway("add", "-q", "data", cwd=folder)
    quiet = slipway("push", cwd=folder)
    assert quiet.stderr == ""
    shutil.rmtree(tmp_path / "storage")
    told = slipway("push", "-v", cwd=folder)
    assert told.stdout == quiet.stdout
    for word in ("data/sub/y", "storage", "done", "after="):
        assert word in told.stderr, told.stderr
    shutil.rmtree(folder / ".dvc/cache")
    told = slipway("pull", "-v", "data/sub", cwd=folder)
    assert "data/sub/x" in told.stderr and "data/1" not in told.stderr
    (folder / "dvc.yaml").write_text("stages:\n  s:\n    cmd: echo 1 > o\n    outs: [o]\n")
    slipway("repro", cwd=folder)
    (folder / "o").write_text("2")
    assert "modified" in slipway("repro", "-v", cwd=folder).stderr


def test_nothing_that_destroys_is_suggested(pair, slipway):
    for typed in ("remov", "rename", "gcc", "move2", "mve"):
        done = slipway(typed, "x", cwd=pair[0], code=None)
        assert done.returncode != 0
        assert "'remove'" not in done.stderr and "'gc'" not in done.stderr
