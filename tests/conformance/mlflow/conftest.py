"""MLflow's stock client against a real `slipway server` on a free port with a folder of its own.

SLIPWAY_BIN is the program under test (default: build/slipway).
"""
import os
import pathlib
import re
import signal
import subprocess
import time

# Before mlflow is imported: no reports home, and a failing call fails now instead of being repeated for minutes.
os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", MLFLOW_HTTP_REQUEST_MAX_RETRIES="1", GIT_PYTHON_REFRESH="quiet"
)

import pytest
import requests

SLIPWAY = os.environ.get("SLIPWAY_BIN") or str(pathlib.Path(__file__).parents[3] / "build" / "slipway")


class Server:
    """One server process; `kill` is kill -9, `start` goes on with the same data folder."""

    flags = []
    environment = {}

    def __init__(self, folder, *flags, environment=None):
        self.folder = folder
        self.flags = [*self.flags, *flags]
        self.environment = {**self.environment, **(environment or {})}
        self.process = None
        self.url = None

    def start(self):
        log = self.folder / "server.log"
        offset = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [SLIPWAY, "server", "--listen", "127.0.0.1:0", "--data", str(self.folder / "data"), *self.flags],
                stdout=out,
                stderr=out,
                env={**os.environ, **self.environment},
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(rb"http://127\.0\.0\.1:(\d+)", log.read_bytes()[offset:])
            if found:
                self.url = f"http://127.0.0.1:{int(found[1])}"
                return self
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(60) == 0, "SIGTERM must end in a clean exit"

    def post(self, path, json, **options):
        return requests.post(f"{self.url}/api/2.0/mlflow/{path}", json=json, timeout=60, **options)

    def get(self, path, /, **params):
        return requests.get(f"{self.url}/api/2.0/mlflow/{path}", params=params, timeout=60)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server")).start()
    yield running
    running.stop()


@pytest.fixture()
def own_server(tmp_path):
    running = Server(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture()
def make_server(tmp_path):
    """Starts a server of one's own with these flags."""
    running = []

    def make(*flags):
        running.append(Server(tmp_path, *flags).start())
        return running[-1]

    yield make
    for server in running:
        server.stop()


@pytest.fixture()
def client(server):
    import mlflow

    mlflow.set_tracking_uri(server.url)
    return mlflow.MlflowClient()


@pytest.fixture()
def experiment(client, request):
    return client.create_experiment(f"{request.node.name} {time.time_ns()}")
