"""`remote` and the options of push, fetch, pull and status -c: the same files, words and exit codes as DVC."""
import os
import shutil

import pytest
from conftest import git, make_repository, snapshot

CHECKS = [
    ("remote add x foo://bar", 251),
    ("remote add s /elsewhere", 251),
    ("remote modify s jobs abc", 251),
    ("remote modify s jobs 0", 251),
    ("remote modify s foo abc", 251),
    ("remote modify s verify abc", 251),
    ("remote modify s type hardlink,xyz", 251),
    ("remote modify s shared xyz", 251),
    ("remote modify h auth zzz", 251),
    ("remote modify h read_timeout zzz", 251),
    ("remote modify h read_timeout -- -1", 251),
    ("remote modify b read_timeout 1.5", 251),
    ("remote modify nope jobs 1", 251),
    ("remote default nope", 251),
    ("remote remove nope", 251),
    ("remote rename nope u", 251),
    ("remote rename s b", 251),
    ("push -r nope", 1),
    ("push nothere", 1),
    ("push --glob n*", 1),
    ("fetch nothere", 1),
    ("status -c nothere", 1),
]


def words_of(done):
    """The error line, without the program's own name."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return [line.replace("slipway", "dvc").replace("Failed to collect 'workspace': ", "") for line in lines]


def test_refusals_are_the_same(pair, slipway, dvc):
    for folder in pair:
        for arguments in ("-d s /tmp/nowhere", "h http://localhost/x", "b s3://bucket"):
            dvc("remote", "add", "-q", *arguments.split(), cwd=folder)
    for line, code in CHECKS:
        said = [words_of(tool(*line.split(), cwd=pair[0], code=code)) for tool in (slipway, dvc)]
        assert said[0] == said[1], line


def test_the_same_calls_write_the_same_configuration(pair, slipway, dvc):
    calls = [
        "remote add -d a ../a", "remote add b s3://bucket/x", "remote add --local c https://host/y", "remote add e /e",
        "remote modify a jobs 3", "remote modify b region eu-west-1",
        "remote rename a f", "remote remove e", "remote modify b -u region",
        "remote default --local b", "remote add -f b /other", "remote add g remote://f/sub", "remote rename b h", "remote remove f",
    ]
    for call in calls:
        for folder, tool in zip(pair, (slipway, dvc)):
            tool(*call.split(), cwd=folder)
        for name in ("config", "config.local"):
            texts = [(folder / ".dvc" / name).read_text() if (folder / ".dvc" / name).exists() else "" for folder in pair]
            assert texts[0] == texts[1], (call, name)
    assert slipway("remote", "default", cwd=pair[0]).stdout == dvc("remote", "default", cwd=pair[0]).stdout


@pytest.fixture
def versions(tmp_path, slipway):
    """Three versions of a folder: on a branch, under a tag, and here; none of it pushed."""
    folder = make_repository(tmp_path / "r", slipway)
    slipway("remote", "add", "-q", "-d", "s", str(tmp_path / "s"), cwd=folder)
    for version, name in (("one", "branch"), ("two", "tag"), ("three", None)):
        (folder / "d" / "e").mkdir(parents=True, exist_ok=True)
        (folder / "d" / "same").write_text("same")
        (folder / "d" / "e" / "file").write_text(version)
        slipway("add", "-q", "d", cwd=folder)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", version)
        if name:
            git(folder, *(("branch", "other") if name == "branch" else ("tag", "v2")))
    return folder


@pytest.mark.parametrize("flags", ["", "-a", "-T", "-A", "-a -T", "d/e", "-R .", "--glob d*"])
def test_versions_that_are_pushed(versions, tmp_path, slipway, dvc, home, flags):
    stored = []
    for tool in (slipway, dvc):
        shutil.rmtree(tmp_path / "s", ignore_errors=True)
        shutil.rmtree(home / "site", ignore_errors=True)
        tool("push", *flags.split(), cwd=versions)
        stored.append(set(snapshot(tmp_path / "s")))
    # DVC pushes a part of a folder with the folder's object, which says that all of it is there; we send all of it.
    assert stored[0] == stored[1] or (flags == "d/e" and stored[0] > stored[1])


@pytest.mark.parametrize("flags", ["", "-a", "-T", "-A", "d/e", "--max-size 3", "--max-size 100", "--type metrics"])
def test_versions_that_are_fetched(versions, tmp_path, slipway, dvc, home, flags):
    slipway("push", "-q", "-A", cwd=versions)
    fetched = []
    for tool in (slipway, dvc):
        shutil.rmtree(versions / ".dvc/cache")
        shutil.rmtree(home / "site", ignore_errors=True)
        said = tool("fetch", *flags.split(), cwd=versions).stdout
        fetched.append((said, set(snapshot(versions / ".dvc/cache"))))
        slipway("fetch", "-q", "-A", cwd=versions)
    assert fetched[0] == fetched[1]


def test_nothing_to_bring_it_from(versions, slipway, dvc):
    shutil.rmtree(versions / ".dvc/cache")
    for line, code in (("pull -r s", 1), ("fetch -r s", 0), ("push -r s", 0), ("fetch", 0)):
        said = []
        for tool in (slipway, dvc):
            # Otherwise the data in the workspace would be in the way.
            shutil.rmtree(versions / "d", ignore_errors=True)
            if line == "fetch":
                tool("remote", "default", "-q", "--unset", cwd=versions)
            done = tool(*line.split(), cwd=versions, code=code)
            said.append(["Everything is up to date." in done.stdout] + [
                part in done.stderr for part in ("No remote provided", "do not exist neither", "Checkout failed")])
        assert said[0] == said[1], line


def test_an_output_with_a_remote_of_its_own(tmp_path, slipway, dvc):
    folder = make_repository(tmp_path / "r", slipway)
    for name in ("standard", "own"):
        slipway("remote", "add", "-q", name, str(tmp_path / name), cwd=folder)
    slipway("remote", "default", "standard", cwd=folder)
    for name in ("a", "b"):
        (folder / name).write_text(name)
        slipway("add", "-q", name, cwd=folder)
    with open(folder / "b.dvc", "a") as file:
        file.write("  remote: own\n")
    slipway("push", "-q", cwd=folder)
    held = {name: len(snapshot(tmp_path / name)) for name in ("standard", "own")}
    assert held == {"standard": 1, "own": 1}
    assert dvc("push", cwd=folder).stdout.strip() == "Everything is up to date."
    shutil.rmtree(folder / ".dvc/cache")
    slipway("pull", "-q", cwd=folder)
    # Another remote that is asked for has only what names no other.
    shutil.rmtree(tmp_path / "standard")
    slipway("push", "-q", "-r", "standard", cwd=folder)
    assert len(snapshot(tmp_path / "standard")) == 1


def test_options_of_a_remote_are_checked_by_every_command(pair, slipway, dvc):
    with open(pair[0] / ".dvc/config", "a") as file:
        file.write("['remote \"r\"']\n    url = /x\n    user = me\n")
    for tool in (slipway, dvc):
        assert "extra keys not allowed @ data['remote']['r']['user']" in tool("status", cwd=pair[0], code=251).stderr
