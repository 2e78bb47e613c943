"""Bad days of transfers: programs that are killed, servers that fail, disks that are full."""
import contextlib
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import time

import memory_s3
import pytest
from conftest import make_repository, snapshot

FULL = os.environ.get("SLIPWAY_TEST_FULL") == "1"
KILLS = 100 if FULL else 10
FILES = 300


@pytest.fixture
def s3():
    with memory_s3.running() as storage:
        yield storage


def with_data(folder, tool, remote, files=FILES, size=2000):
    make_repository(folder, tool)
    (folder / "d").mkdir()
    numbers = random.Random(3)
    for i in range(files):
        (folder / "d" / str(i)).write_bytes(numbers.randbytes(size))
    tool("add", "-q", "d", cwd=folder)
    if isinstance(remote, memory_s3.Storage):
        tool("remote", "add", "-q", "-d", "r", "s3://bucket/x", cwd=folder)
        for option, value in (("endpointurl", remote.origin), ("access_key_id", "k"), ("secret_access_key", "s")):
            tool("remote", "modify", "r", option, value, cwd=folder)
    else:
        tool("remote", "add", "-q", "-d", "r", str(remote), cwd=folder)
    return folder


def stored(remote):
    """Content by path, of what has a final name."""
    if isinstance(remote, memory_s3.Storage):
        return {key.removeprefix("x/"): body for key, body in remote.objects["bucket"].items()}
    return {str(path.relative_to(remote)): path.read_bytes() for path in remote.glob("files/md5/*/*") if path.is_file()}


def check_whole(objects):
    """Each object has the hash of its name, and where a folder's object is, its files are."""
    names = {path.removeprefix("files/md5/").replace("/", "") for path in objects}
    for path, body in objects.items():
        name = path.removeprefix("files/md5/").replace("/", "")
        assert hashlib.md5(body).hexdigest() == name.removesuffix(".dir"), path
        if name.endswith(".dir"):
            assert {entry["md5"] for entry in json.loads(body)} <= names


def killed_after(tool, seconds, *arguments, cwd):
    """Whether it was killed before it ended."""
    process = subprocess.Popen([tool.program, *arguments], cwd=cwd, env=tool.environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def duration(tool, *arguments, cwd):
    begun = time.monotonic()
    tool(*arguments, cwd=cwd)
    return time.monotonic() - begun


def empty(remote):
    if isinstance(remote, memory_s3.Storage):
        remote.objects["bucket"].clear()
    elif remote.exists():
        remote.rename(remote.with_name(f"old{time.monotonic_ns()}"))


def forget(folder):
    for name in ("d", ".dvc/cache"):
        if (folder / name).exists():
            (folder / name).rename(folder.parent / f"old{time.monotonic_ns()}")


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_push_that_is_killed_leaves_nothing_half(tmp_path, slipway, s3, kind):
    remote = s3 if kind == "s3" else tmp_path / "remote"
    folder = with_data(tmp_path / "r", slipway, remote)
    whole = duration(slipway, "push", "-q", cwd=folder)
    expected = stored(remote)
    assert len(expected) == FILES + 1
    numbers = random.Random(5)
    killed = 0
    for _ in range(KILLS):
        empty(remote)
        killed += killed_after(slipway, numbers.uniform(0, whole), "push", "-q", cwd=folder)
        check_whole(stored(remote))
    slipway("push", "-q", cwd=folder)
    assert stored(remote) == expected
    assert killed > 0


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_pull_that_is_killed_goes_on(tmp_path, slipway, dvc, s3, kind):
    remote = s3 if kind == "s3" else tmp_path / "remote"
    folder = with_data(tmp_path / "r", slipway, remote)
    original = snapshot(folder / "d")
    slipway("push", "-q", cwd=folder)
    forget(folder)
    whole = duration(slipway, "pull", "-q", cwd=folder)
    numbers = random.Random(6)
    killed = 0
    for _ in range(KILLS):
        forget(folder)
        killed += killed_after(slipway, numbers.uniform(0, whole), "pull", "-q", cwd=folder)
        cache = folder / ".dvc/cache"
        check_whole({path: body for path, body in stored(cache).items() if not path.endswith(".dir")})
        for path, content in snapshot(folder / "d").items() if (folder / "d").exists() else ():
            assert pathlib.Path(path).name.startswith(".slipway") or original[path] == content
        slipway("pull", "-q", "-f", cwd=folder)
        assert {path: content for path, content in snapshot(folder / "d").items()} == original
    assert killed > 0
    dvc("status", "-q", cwd=folder)


@pytest.mark.parametrize("fault", ["busy", "reset", "slow"])
def test_a_server_that_falters_is_asked_again(tmp_path, slipway, s3, fault):
    folder = with_data(tmp_path / "r", slipway, s3, files=40, size=100_000)
    original = snapshot(folder / "d")
    numbers = random.Random(9)
    rate = 0.02 if fault == "slow" else 0.3
    s3.fault = lambda method, key: fault if numbers.random() < rate else None
    slipway("push", "-q", cwd=folder)
    check_whole(stored(s3))
    assert len(stored(s3)) == 41
    forget(folder)
    slipway("pull", "-q", cwd=folder)
    assert snapshot(folder / "d") == original


def test_wrong_bytes_are_refused_and_the_rest_arrives(tmp_path, slipway, s3):
    folder = with_data(tmp_path / "r", slipway, s3, files=40)
    slipway("push", "-q", cwd=folder)
    forget(folder)
    wrong = sorted(key for key in s3.objects["bucket"] if not key.endswith(".dir"))[:3]
    s3.fault = lambda method, key: "wrong" if key in wrong else None
    done = slipway("fetch", cwd=folder, code=1)
    assert done.stderr.count("is damaged") == 3 and all(key in done.stderr for key in wrong)
    assert len(stored(folder / ".dvc/cache")) == 38
    check_whole({path: body for path, body in stored(folder / ".dvc/cache").items() if not path.endswith(".dir")})
    s3.fault = lambda method, key: None
    assert slipway("fetch", cwd=folder).stdout.strip() == "3 files fetched"


@pytest.mark.parametrize("fault, words", [("denied", "AccessDenied"), ("full", "QuotaExceeded"), ("busy", "503")])
def test_a_server_that_refuses_is_named(tmp_path, slipway, s3, fault, words):
    folder = with_data(tmp_path / "r", slipway, s3, files=5)
    s3.fault = lambda method, key: fault if method == "PUT" else None
    done = slipway("push", cwd=folder, code=1)
    assert words in done.stderr and "s3://bucket/x/files/md5" in done.stderr
    assert stored(s3) == {}
    s3.fault = lambda method, key: None
    assert slipway("push", cwd=folder).stdout.strip() == "6 files pushed"


def test_nobody_answers(tmp_path, slipway, s3):
    folder = with_data(tmp_path / "r", slipway, s3, files=5)
    slipway("remote", "modify", "r", "endpointurl", "http://127.0.0.1:9", cwd=folder)
    done = slipway("push", cwd=folder, code=1)
    assert "cannot reach http://127.0.0.1:9: connection refused" in done.stderr


@contextlib.contextmanager
def small_disk(folder, size):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("a small disk takes the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_the_disk_of_a_remote_is_full(tmp_path, slipway):
    with small_disk(tmp_path / "disk", "1m") as disk:
        folder = with_data(tmp_path / "r", slipway, disk / "remote", size=10_000)
        done = slipway("push", cwd=folder, code=1)
        assert "no space left" in done.stderr.lower()
        found = stored(disk / "remote")
        assert found and not any(path.endswith(".dir") for path in found)
        check_whole(found)
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        slipway("push", "-q", cwd=folder)
        check_whole(stored(disk / "remote"))
        assert len(stored(disk / "remote")) == FILES + 1


def test_the_disk_of_the_cache_is_full(tmp_path, slipway):
    folder = with_data(tmp_path / "r", slipway, tmp_path / "remote", size=10_000)
    original = snapshot(folder / "d")
    slipway("push", "-q", cwd=folder)
    forget(folder)
    with small_disk(tmp_path / "disk", "1m") as disk:
        with open(folder / ".dvc/config", "a") as config:
            config.write(f"[cache]\n    dir = {disk}/cache\n")
        done = slipway("pull", cwd=folder, code=1)
        assert "no space left" in done.stderr.lower()
        check_whole({path: body for path, body in stored(disk / "cache").items() if not path.endswith(".dir")})
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        slipway("pull", "-q", cwd=folder)
        assert snapshot(folder / "d") == original
