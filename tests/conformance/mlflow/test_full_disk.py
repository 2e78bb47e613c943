"""A full disk: writes are refused with the reason, reads go on, nothing acknowledged is lost, and with space all writes work again."""
import os
import resource
import shutil
import subprocess

import pytest
import requests
from conftest import FULL, Server
from writers import Writers

MEBIBYTE = 1 << 20


class LimitedFiles(Server):
    """Every file may have this size and no more, which to a writer is a full disk; nobody needs privileges for it."""

    def __init__(self, folder):
        super().__init__(folder, database="sqlite")

    def fill(self):
        self.limit(MEBIBYTE)

    def free(self):
        self.limit(resource.RLIM_INFINITY)

    def limit(self, size):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def start_again(self):
        self.kill()
        self.start()


class SmallDisk(Server):
    """The data folder is a file system of 24 MiB that only this process sees."""

    def __init__(self, folder):
        super().__init__(folder, database="sqlite")
        data = str(folder / "data")
        os.makedirs(data)
        self.prefix = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"', data]

    def fill(self):
        self.ballast = self.inside("ballast")
        with open(self.ballast, "wb", buffering=0) as ballast, pytest.raises(OSError):
            while True:
                ballast.write(bytes(MEBIBYTE // 16))

    def free(self):
        os.remove(self.ballast)

    def inside(self, name=""):
        return f"/proc/{self.process.pid}/root{self.folder}/data/{name}"

    def start_again(self):
        """The file system ends with its process, so what was on it is taken along first: the process stands still meanwhile."""
        self.process.send_signal(19)
        shutil.copytree(self.inside(), self.folder / "kept")
        self.kill()
        shutil.rmtree(self.folder / "data")
        (self.folder / "kept").rename(self.folder / "data")
        self.prefix = []
        self.start()


def may_mount():
    return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0


@pytest.fixture(params=[LimitedFiles, *([SmallDisk] if may_mount() else [])])
def confined(request, tmp_path):
    server = request.param(tmp_path).start()
    yield server
    server.stop()


def refused(answer):
    if answer.status_code == 200:
        return False
    assert answer.status_code == 507, (answer.status_code, answer.text)
    body = answer.json()
    assert body["error_code"] == "RESOURCE_EXHAUSTED"
    assert "free some space" in body["message"] or "too large" in body["message"], body
    return True


@pytest.mark.timeout(300 if FULL else 120)
def test_a_full_disk_stops_writes_and_nothing_else(confined):
    experiment = confined.post("experiments/create", {"name": "e"}).json()["experiment_id"]
    run = confined.post("runs/create", {"experiment_id": experiment}).json()["run"]["info"]
    files = f"{confined.url}/api/2.0/mlflow-artifacts/artifacts/{run['artifact_uri'].removeprefix('mlflow-artifacts:/')}"
    assert requests.put(f"{files}/kept", data=b"k" * 1000, timeout=60).ok
    with Writers([confined], experiment, count=8) as writers:
        writers.wait_for_more(200)
        confined.fill()
        # What lies within the space that files have already goes on for a while.
        kept, last = {}, None
        for n in range(20_000):
            last = confined.post("runs/set-tag", {"run_id": run["run_id"], "key": f"k{n}", "value": str(n) * 800})
            if refused(last):
                break
            kept[f"k{n}"] = str(n) * 800
        assert last.status_code == 507, "the disk is never full"
        for _ in range(5):
            assert refused(requests.put(f"{files}/more", data=os.urandom(8 * MEBIBYTE), timeout=60))
            assert requests.get(f"{files}/more", timeout=60).status_code == 404, "no half of a file"
        assert requests.get(f"{confined.url}/health", timeout=1).ok
        read_back(confined, run["run_id"], kept, files)
        assert confined.post("runs/search", {"experiment_ids": [experiment]}).json()["runs"]
        confined.free()
        assert confined.post("runs/set-tag", {"run_id": run["run_id"], "key": "after", "value": "1"}).ok, "at once"
        assert requests.put(f"{files}/more", data=b"m" * MEBIBYTE, timeout=60).ok
        refusals = sum(writers.refusals().values())
        writers.wait_for_more(200)
        writers.stop()
    assert all(status == 507 for status, _ in writers.refusals()), writers.refusals()
    assert sum(writers.refusals().values()) - refusals <= 8, "those that were under way"
    writers.check(confined)
    confined.start_again()
    files = confined.url + files[files.index("/api/") :]
    writers.check(confined)
    read_back(confined, run["run_id"], {**kept, "after": "1"}, files)
    assert requests.get(f"{files}/more", timeout=60).content == b"m" * MEBIBYTE


def read_back(server, run, tags, files):
    found = {tag["key"]: tag["value"] for tag in server.get("runs/get", run_id=run).json()["run"]["data"]["tags"]}
    assert tags.items() <= found.items()
    assert requests.get(f"{files}/kept", timeout=60).content == b"k" * 1000
