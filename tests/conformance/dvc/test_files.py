"""Commands over files that are tracked already: compare, list, move, unprotect, ignore, configure, clean up."""
import json

import pytest
from conftest import git, snapshot, text_of


def answers(pair, slipway, dvc, *arguments):
    """Both programs in the same folder; what they answer must be one."""
    folder = pair[0]
    ours = slipway(*arguments, cwd=folder, code=None)
    theirs = dvc(*arguments, cwd=folder, code=None)
    assert ours.returncode == theirs.returncode, (arguments, ours.stderr, theirs.stderr)
    return ours.stdout, theirs.stdout


def same_lines(pair, slipway, dvc, *arguments):
    ours, theirs = answers(pair, slipway, dvc, *arguments)
    named = [line.replace("dvc fetch", "slipway fetch").replace("dvc c", "slipway c").replace(
        '"dvc add <file>..." to commit to git or to dvc', '"slipway add <file>..." to commit to git or to slipway')
        for line in theirs.splitlines()]
    # The order of what is printed is that of a set in dvc.
    assert sorted(ours.splitlines()) == sorted(named), arguments
    return ours


def sorted_json(value):
    if isinstance(value, dict):
        return {key: sorted_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((sorted_json(one) for one in value), key=json.dumps)
    return value


def same_json(pair, slipway, dvc, *arguments):
    ours, theirs = answers(pair, slipway, dvc, *arguments, "--json")
    assert sorted_json(json.loads(ours)) == sorted_json(json.loads(theirs)), arguments
    return json.loads(ours)


@pytest.fixture
def changed(pair, slipway):
    """One commit with data, and a workspace that differs in every way."""
    for folder in pair:
        (folder / "d/sub").mkdir(parents=True)
        for i in range(3):
            (folder / f"d/x{i}").write_text(f"x{i}")
            (folder / f"d/sub/ü {i}").write_text(f"s{i}")
        (folder / "one").write_text("one")
        (folder / "two").write_text("two")
        slipway("add", "-q", "d", "one", "two", cwd=folder)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "first")
        (folder / "d/x0").unlink()
        (folder / "d/x1").write_text("changed")
        (folder / "d/x2").rename(folder / "d/sub/moved")
        (folder / "d/new").write_text("new")
        (folder / "one").unlink()
        (folder / "free").write_text("untracked")
    return pair


def test_data_status_says_the_same(changed, slipway, dvc):
    both = (changed, slipway, dvc)
    assert same_json(*both, "data", "status", "--granular")["uncommitted"]["renamed"]
    for flags in ([], ["--granular"], ["--unchanged"], ["--untracked-files"], ["--granular", "d/sub"], ["one"]):
        same_json(*both, "data", "status", *flags)
        same_lines(*both, "data", "status", *flags)
    slipway("add", "-q", "d", cwd=changed[0])
    same_json(*both, "data", "status", "--granular")
    git(changed[0], "commit", "-qam", "second")
    same_lines(*both, "data", "status")


def test_diff_says_the_same(changed, slipway, dvc):
    both = (changed, slipway, dvc)
    for flags in ([], ["--show-hash"], ["--targets", "d/sub"], ["--targets", "one"], ["--hide-missing"]):
        same_json(*both, "diff", *flags)
        assert len(set(answers(*both, "diff", *flags))) == 1
    assert len(set(answers(*both, "diff", "--md", "--show-hash"))) == 1
    slipway("add", "-q", "d", cwd=changed[0])
    git(changed[0], "commit", "-qam", "second")
    for flags in (["HEAD~1"], ["HEAD~1", "HEAD"], ["HEAD", "HEAD~1"], ["HEAD", "HEAD"]):
        same_json(*both, "diff", *flags)
    for wrong in (["nosuch"], ["--targets", "nope"]):
        answers(*both, "diff", *wrong)
    for stored in (changed[0] / ".dvc/cache/files/md5").glob("*/*"):
        if stored.stat().st_size == 3:
            stored.unlink()
    assert same_json(*both, "diff", "--targets", "two")["not in cache"] == [{"path": "two"}]


def test_lists_say_the_same(pair, slipway, dvc):
    folder = pair[0]
    for name in ("d/sub/y", "d/x", "e/f", "e/g", "src.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name * 700)
    (folder / "src.py").chmod(0o755)
    (folder / "empty").mkdir()
    slipway("add", "-q", "d", "e/f", cwd=folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "data")
    (folder / "d/x").unlink()
    (folder / "d/extra").write_text("u")
    (folder / ".dvcignore").write_text("*.log\n")
    (folder / "a.log").write_text("")
    both = (pair, slipway, dvc)
    for flags in ([], ["-R"], ["--dvc-only"], ["-R", "--dvc-only"], ["d"], ["d", "-R"], ["e/f"], ["-R", "-L", "2"]):
        same_json(*both, "list", ".", *flags)
    for flags in (["--size", "--show-hash"], ["-T", "--size"], ["-T", "-L", "1"], ["d", "-T"], ["--rev", "HEAD"],
                  ["--rev", "HEAD", "-R", "--size", "--show-hash"]):
        assert len(set(answers(*both, "ls", ".", *flags))) == 1, flags
    for flags in (["nope"], ["--rev", "nope"], ["-T", "--json"]):
        answers(*both, "ls", ".", *flags)
    for flags in ([], ["d"], ["-s"], ["--rev", "HEAD"], ["e/f"]):
        same_lines(*both, "du", ".", *flags)


def test_move_leaves_the_same(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / "d").mkdir()
        (folder / "sub").mkdir()
        for name in ("a", "d/x", "d/y", "keep.txt"):
            (folder / name).write_text(name)
        tool("add", "-q", "a", "d", cwd=folder)
        tool("move", "a", "b", cwd=folder)
        tool("mv", "b", "sub", cwd=folder)
        tool("move", "d", "sub/data", cwd=folder)
        for wrong in (["sub/data/x", "q"], ["keep.txt", "q"], ["nope", "q"]):
            tool("move", *wrong, cwd=folder, code=1)
    names = ["sub/b.dvc", "sub/data.dvc", ".gitignore", "sub/.gitignore", "a.dvc", "d.dvc", "b.dvc"]
    assert text_of(pair[0], *names) == text_of(pair[1], *names)
    assert snapshot(pair[0] / "sub") == snapshot(pair[1] / "sub")
    (pair[0] / "precious").write_text("not in the cache")
    assert "exists already" in slipway("move", "sub/b", "precious", cwd=pair[0], code=1).stderr
    assert (pair[0] / "precious").read_text() == "not in the cache"


@pytest.mark.parametrize("kind", ["hardlink", "symlink"])
def test_unprotect(pair, slipway, dvc, kind):
    for tool, folder in zip((slipway, dvc), pair):
        (folder / ".dvc/config").write_text(f"[cache]\n    type = {kind}\n")
        (folder / "d").mkdir()
        (folder / "d/x").write_text("x")
        tool("add", "-q", "d", cwd=folder)
        tool("unprotect", "d", cwd=folder)
        tool("unprotect", "nope", cwd=folder, code=255)
    assert snapshot(pair[0] / "d", modes=True) == snapshot(pair[1] / "d", modes=True)
    (pair[0] / "d/x").write_text("changed")
    assert list((pair[0] / ".dvc/cache/files/md5/9d").iterdir())[0].read_text() == "x"


def test_check_ignore(pair, slipway, dvc):
    folder = pair[0]
    (folder / ".dvcignore").write_text("*.log\n!keep.log\n/d/tmp\n# c\n__pycache__/\n")
    (folder / "sub").mkdir()
    (folder / "sub/.dvcignore").write_text("f*\n")
    names = ["a.log", "keep.log", "d/tmp", "d/tmp/x", "x", "sub/foo", "sub/a.log", ".dvc", ".git", "../out"]
    for flags in ([], ["-d"], ["-d", "-n"], ["-d", "-a"]):
        assert len(set(answers(pair, slipway, dvc, "check-ignore", *flags, *names))) == 1, flags
    for wrong in ([], ["-n", "x"], ["-a", "x"], ["x"], ["-q", "-d", "x"]):
        answers(pair, slipway, dvc, "check-ignore", *wrong)


def test_config_and_cache(pair, slipway, dvc, tmp_path):
    steps = [["config", "core.autostage", "true"], ["config", "core.autostage"], ["config", "core.bad", "1"],
             ["config", "--local", "cache.type", "hardlink,copy"], ["config", "-l"], ["config", "-l", "--show-origin"],
             ["config", "no.such"], ["config", "core.nope", "--local"], ["config", "-u", "core.nope"],
             ["config", "core.checksum_jobs", "abc"], ["config", "cache.type", "nonsense"], ["config", "nosec.key", "v"],
             ["config", "remote.foo.jobs", "4"], ["config", "remote.foo.url", "../storage"], ["config", "remote.foo.url"],
             ["config", "bad"], ["config", "-l", "core.x"], ["config", "--global", "core.interactive", "true"],
             ["config", "--global", "core.interactive"],
             ["config", "-u", "core.autostage"], ["cache", "dir"], ["cache", "dir", "../cache"], ["cache", "dir"],
             ["cache", "dir", "--local"], ["cache", "dir", "-u"], ["cache", "dir", "-u"], ["root"]]
    for step in steps:
        done = [tool(*step, cwd=folder, code=None) for tool, folder in zip((slipway, dvc), pair)]
        assert done[0].returncode == done[1].returncode, (step, done[0].stderr, done[1].stderr)
        if done[1].returncode != 254:
            assert done[0].stdout.replace("/ours", "") == done[1].stdout.replace("/theirs", ""), step
        assert text_of(pair[0], ".dvc/config", ".dvc/config.local") == text_of(pair[1], ".dvc/config", ".dvc/config.local"), step
    # Both have written the same file of the user.
    slipway("config", "--global", "-u", "core.interactive", cwd=pair[0])
    dvc("config", "--global", "-u", "core.interactive", cwd=pair[0], code=251)


def test_cache_of_an_older_version_is_taken_over(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        old = folder / ".dvc/cache/90"
        old.mkdir(parents=True)
        (old / "0150983cd24fb0d6963f7d28e17f72").write_text("abc")
        (folder / "f").write_text("abc")
        (folder / "f.dvc").write_text("outs:\n- md5: 900150983cd24fb0d6963f7d28e17f72\n  size: 3\n  path: f\n")
        tool("cache", "migrate", "--dvc-files", cwd=folder)
    assert text_of(pair[0], "f.dvc") == text_of(pair[1], "f.dvc")
    assert snapshot(pair[0] / ".dvc/cache") == snapshot(pair[1] / ".dvc/cache")


def test_gc_keeps_the_same(pair, slipway, dvc):
    for tool, folder in zip((slipway, dvc), pair):
        for version in range(4):
            (folder / "d").mkdir(exist_ok=True)
            (folder / "d/x").write_text(f"{version}")
            (folder / "d/same").write_text("same")
            slipway("add", "-q", "d", cwd=folder)
            git(folder, "add", "-A")
            git(folder, "commit", "-qm", str(version))
        git(folder, "tag", "v0", "HEAD~3")
        kept = []
        for flags in (["-A"], ["--rev", "HEAD~1", "-n", "2"], ["-T"], ["-w"]):
            tool("gc", *flags, "--dry", cwd=folder)
            before = len(snapshot(folder / ".dvc/cache"))
            tool("gc", *flags, "-f", cwd=folder)
            kept.append((before, snapshot(folder / ".dvc/cache")))
        (folder / "kept.json").write_text(json.dumps(kept))
        for wrong, code in ((["-n", "2", "-f"], 255), ([], 255), (["-w"], 1)):
            tool("gc", *wrong, cwd=folder, code=code)
    assert (pair[0] / "kept.json").read_text() == (pair[1] / "kept.json").read_text()
    assert slipway("status", "-q", cwd=pair[0]).returncode == 0
