"""What the scenarios share: the binary under test, servers on free ports, a copy of the flights project."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def slipway():
    binary = pathlib.Path(os.environ.get("SLIPWAY_BIN") or ROOT / "build/slipway")
    assert binary.exists(), f"{binary} is missing; type: make build"
    return str(binary.resolve())


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("SLIPWAY_", "MLFLOW_")) and name != "SLIPWAY_BIN":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def flights_project(tmp_path):
    project = tmp_path / "project"
    shutil.copytree(ROOT / "examples/flights/project", project)
    subprocess.run([ROOT / "examples/flights/fetch", project / "data/raw"], check=True)
    return project


class Server:
    """A running `slipway server`; kill() is a crash, stop() a clean end, start() brings it back on the same data."""

    def __init__(self, slipway, folder, data="data", flags=()):
        self.slipway, self.folder, self.data, self.flags, self.process = slipway, folder, data, flags, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, *flags, **environment):
        self.log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(
            [self.slipway, "server", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.folder / self.data), *self.flags,
             *flags], stdout=self.log, stderr=self.log, cwd=self.folder, env={**os.environ, **environment})
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(self.url + "/health", timeout=2).status == 200:
                    return self
            time.sleep(0.01)
        raise AssertionError("the server did not come up")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(30) == 0

    def call(self, method, path, body=None):
        """Status and decoded JSON; an error status is no exception."""
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")


@pytest.fixture
def server(slipway, tmp_path):
    one = Server(slipway, tmp_path).start()
    yield one
    if one.process.poll() is None:
        one.stop()
