"""Files and folders: add, status, checkout, remotes. Bytes on disk are compared, then each program reads the other's."""
import json
import os
import random
import shutil

import pytest
from conftest import git, snapshot, text_of

NAMES = ["a", "B", "_x", "0", "z z", "ünï", "日本", 'q"uote', "back\\slash", "tab\tname", "emoji😀", "dot.txt", "-dash",
         "%41", "#h", "{b}", "[x]", "st*r", "!no"]


def random_tree(folder, dice, depth=0):
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(dice.randint(1, 6)):
        path = folder / (dice.choice(NAMES) + dice.choice(["", str(dice.randint(0, 99))]))
        if path.exists():
            continue
        if depth < 3 and dice.random() < 0.3:
            random_tree(path, dice, depth + 1)
            continue
        path.write_bytes(dice.choice([b"", b"same", b"a\r\nb\r\n", dice.randbytes(3000), dice.randbytes(1_500_000)]))
        if dice.random() < 0.2:
            path.chmod(0o755)


def put_data(folder, seed):
    random_tree(folder / "data", random.Random(seed))
    (folder / "one.bin").write_bytes(b"one\n")
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)


def mutate(folder, seed):
    dice = random.Random(seed + 1000)
    for name in sorted(snapshot(folder / "data")):
        chance = dice.random()
        if chance < 0.2:
            (folder / "data" / name).unlink()
        elif chance < 0.4:
            with open(folder / "data" / name, "ab") as file:
                file.write(b"mut")
    (folder / "data" / "new file").write_bytes(b"new")


@pytest.mark.parametrize("seed", [1, 2])
def test_what_one_tracks_the_other_reads(pair, slipway, dvc, tmp_path, seed):
    ours, theirs = pair
    both = ((slipway, ours), (dvc, theirs))
    crossed = ((dvc, ours), (slipway, theirs))
    for tool, folder in both:
        put_data(folder, seed)
        tool("add", "-q", "data", "one.bin", "run.sh", cwd=folder)
    names = ["data.dvc", "one.bin.dvc", "run.sh.dvc", ".gitignore", ".dvc/config", ".dvc/.gitignore", ".dvcignore"]
    assert text_of(ours, *names) == text_of(theirs, *names)
    assert snapshot(ours / ".dvc/cache", modes=True) == snapshot(theirs / ".dvc/cache", modes=True)
    original = snapshot(ours / "data")
    for tool, folder in crossed:
        assert json.loads(tool("status", "--json", cwd=folder).stdout) == {}
        assert tool("status", "-q", cwd=folder).returncode == 0

    for folder in (ours, theirs):
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "data")
        mutate(folder, seed)
    answers = [json.loads(tool("status", "--json", cwd=ours).stdout) for tool in (slipway, dvc)]
    assert answers[0] == answers[1] != {}
    assert slipway("status", cwd=ours).stdout == dvc("status", cwd=ours).stdout
    slipway("status", "-q", cwd=ours, code=1)
    refused = [tool("checkout", cwd=ours, code=None) for tool in (slipway, dvc)]
    assert refused[0].returncode == refused[1].returncode == 255
    for tool, folder in crossed:
        tool("checkout", "-q", "-f", cwd=folder)
        assert snapshot(folder / "data") == original

    for tool, folder in both:
        tool("remote", "add", "-d", "storage", "../storage-" + folder.name, cwd=folder)
        tool("push", "-q", cwd=folder)
    assert snapshot(tmp_path / "storage-ours", modes=True) == snapshot(tmp_path / "storage-theirs", modes=True)
    assert (ours / ".dvc/config").read_text().replace("ours", "X") == (theirs / ".dvc/config").read_text().replace("theirs", "X")
    for tool, folder in crossed:
        shutil.rmtree(folder / ".dvc/cache")
        shutil.rmtree(folder / "data")
        tool("pull", "-q", cwd=folder)
        assert snapshot(folder / "data") == original
        assert os.access(folder / "run.sh", os.X_OK)
        assert tool("status", "-q", "-c", cwd=folder).returncode == 0


@pytest.mark.parametrize("kind", ["hardlink", "symlink"])
def test_links_of_one_are_clean_for_the_other(pair, slipway, dvc, kind):
    ours, theirs = pair
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        (folder / ".dvc/config").write_text(f"[cache]\n    type = {kind}\n")
        put_data(folder, 4)
        tool("add", "-q", "data", "one.bin", cwd=folder)
    assert text_of(ours, "data.dvc", "one.bin.dvc") == text_of(theirs, "data.dvc", "one.bin.dvc")
    shape = [
        [(path.is_symlink(), path.stat().st_nlink > 1, path.stat().st_mode) for path in sorted(folder.rglob("data/**/*"))]
        for folder in (ours, theirs)
    ]
    assert shape[0] == shape[1]
    for tool, folder in ((dvc, ours), (slipway, theirs)):
        assert json.loads(tool("status", "--json", cwd=folder).stdout) == {}


def test_both_write_the_same_file_again_and_remove_it(pair, slipway, dvc):
    ours, theirs = pair
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        (folder / "f").write_text("1")
        (folder / "d").mkdir()
        (folder / "d/x").write_text("1")
        (folder / "d/y").write_text("2")
        tool("add", "-q", "f", "d", cwd=folder)
        (folder / "f.dvc").write_text("# comment\n" + (folder / "f.dvc").read_text() + "desc: a text  # kept\nmeta:\n  who: me\n")
        (folder / "f").write_text("22")
        (folder / "d/y").write_text("33")
        tool("add", "-q", "f", "d/y", cwd=folder)
    assert text_of(ours, "f.dvc", "d.dvc") == text_of(theirs, "f.dvc", "d.dvc")
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        (folder / "f").write_text("333")
        tool("commit", "-q", "-f", "f.dvc", cwd=folder)
    assert text_of(ours, "f.dvc") == text_of(theirs, "f.dvc")
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        tool("remove", "f.dvc", cwd=folder)
    assert text_of(ours, ".gitignore", "f.dvc") == text_of(theirs, ".gitignore", "f.dvc")


def test_ignore_files_mean_the_same(pair, slipway, dvc):
    ours, theirs = pair
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        for name in ("d/a.log", "d/keep.log", "d/tmp/x", "d/sub/tmp/y", "d/sub/b", "d/__pycache__/z"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
        (folder / ".dvcignore").write_text("*.log\n!keep.log\n/d/tmp\n__pycache__/\n")
        (folder / ".gitignore").write_text("*.bin\n")
        (folder / "wide.bin").write_text("w")
        tool("add", "-q", "d", "wide.bin", cwd=folder)
    assert text_of(ours, "d.dvc", ".gitignore") == text_of(theirs, "d.dvc", ".gitignore")


def test_remote_commands_write_the_same_configuration(pair, slipway, dvc):
    ours, theirs = pair
    for tool, folder in ((slipway, ours), (dvc, theirs)):
        tool("remote", "add", "-d", "a", "../a", cwd=folder)
        tool("remote", "add", "b", "s3://bucket/path", cwd=folder)
        tool("remote", "modify", "a", "jobs", "4", cwd=folder)
        tool("remote", "modify", "--local", "b", "region", "eu", cwd=folder)
        tool("remote", "default", "b", cwd=folder)
        tool("remote", "add", "c", "../c", cwd=folder)
        tool("remote", "remove", "c", cwd=folder)
    assert text_of(ours, ".dvc/config", ".dvc/config.local") == text_of(theirs, ".dvc/config", ".dvc/config.local")


CASES = [
    ["status"], ["add", "nope"], ["add", "../out"], ["add", "tracked.txt"], ["checkout", "zzz"], ["push", "-r", "none"],
    ["push"], ["repro"], ["repro", "nostage"], ["remote", "add", "x"], ["remote", "list"], ["remote", "remove", "x"],
    ["remove", "nope.dvc"], ["init"], ["commit", "nope"], ["dag"], ["status", "--bogus"], ["add"],
]


def test_exit_codes_are_those_of_dvc(pair, slipway, dvc, tmp_path):
    (tmp_path / "out").write_text("o")
    for folder in pair:
        (folder / "d").mkdir()
        (folder / "d/x").write_text("1")
        (folder / "tracked.txt").write_text("t")
        git(folder, "add", "tracked.txt")
        slipway("add", "-q", "d", cwd=folder)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "i")
    codes = [[tool(*case, cwd=folder, code=None).returncode for case in CASES] for tool, folder in zip((slipway, dvc), pair)]
    assert dict(zip(map(" ".join, CASES), codes[0])) == dict(zip(map(" ".join, CASES), codes[1]))
    slipway("status", cwd=tmp_path, code=253)
