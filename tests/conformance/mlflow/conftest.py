"""MLflow's stock client against a real `slipway server` on a free port with a folder of its own.

SLIPWAY_BIN is the program under test (default: build/slipway). SLIPWAY_TEST_DATABASE=postgresql gives every server a database
of its own on a PostgreSQL server of the run's own instead of a SQLite file. SLIPWAY_TEST_FULL=1 runs the long tests too (marked
`full`) and the others that count rounds for more of them; `make conformance` sets it. SLIPWAY_TEST_SHUFFLE=NUMBER runs the tests in
the random order of that number: none may depend on what another left behind.
"""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

# Before mlflow is imported: no reports home, and a failing call fails now instead of being repeated for minutes.
os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", MLFLOW_HTTP_REQUEST_MAX_RETRIES="1", GIT_PYTHON_REFRESH="quiet"
)

import fresh_client
import pytest
import requests
from postgres import postgres

SLIPWAY = os.environ.get("SLIPWAY_BIN") or str(pathlib.Path(__file__).parents[3] / "build" / "slipway")
DATABASE = os.environ.get("SLIPWAY_TEST_DATABASE", "sqlite")
FULL = os.environ.get("SLIPWAY_TEST_FULL", "") not in ("", "0")
SHUFFLE = os.environ.get("SLIPWAY_TEST_SHUFFLE", "")

assert DATABASE in ("sqlite", "postgresql"), f"SLIPWAY_TEST_DATABASE is sqlite or postgresql, not {DATABASE}"


def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes minutes; runs with SLIPWAY_TEST_FULL=1 (make conformance)")


def pytest_collection_modifyitems(config, items):
    if SHUFFLE:
        random.Random(SHUFFLE).shuffle(items)
    if FULL:
        return
    long = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def database_flags(data, database=DATABASE):
    """Which database the commands on this data folder use; the same for each of them."""
    if database == "sqlite":
        return []
    return ["--database", postgres().database(os.path.realpath(data))]


def query(data, statement, database=DATABASE):
    """Runs a statement on the database of this data folder, past the program; values come as Python's own."""
    if database == "sqlite":
        with contextlib.closing(sqlite3.connect(data / "slipway.db")) as opened, opened:
            return opened.execute(statement).fetchall()
    import psycopg2

    with contextlib.closing(psycopg2.connect(postgres().database(os.path.realpath(data)))) as opened, opened:
        with opened.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def stored_points(data, database=DATABASE):
    """How many metric points lie in the database, so that one that is there twice would show."""
    [(count,)] = query(data, "SELECT coalesce(sum(length(points)), 0) / 24 FROM metric_tails", database)
    for (chunk,) in query(data, "SELECT substr(points, 2, 10) FROM metric_chunks", database):
        for place, byte in enumerate(bytes(chunk)):
            count += (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                break
    return count


def copy_data(source, target):
    """A copy of a data folder with its database; no program may be using it."""
    shutil.copytree(source, target)
    if DATABASE == "postgresql":
        postgres().copy(os.path.realpath(source), os.path.realpath(target))


class Server:
    """One server process; `kill` is kill -9, `start` goes on with the same data folder."""

    flags = []
    environment = {}
    prefix = []  # a command that starts the server

    def __init__(self, folder, *flags, environment=None, database=DATABASE):
        self.folder = folder
        self.database = database
        self.flags = [*database_flags(folder / "data", database), *self.flags, *flags]
        self.environment = {**self.environment, **(environment or {})}
        self.process = None
        self.url = None

    def start(self):
        log = self.folder / "server.log"
        offset = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [*self.prefix, SLIPWAY, "server", "--listen", "127.0.0.1:0", "--data", str(self.folder / "data"), *self.flags],
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


@pytest.fixture(autouse=True)
def client_without_memory():
    """Every test begins with MLflow's client as it is in a new process."""
    yield
    fresh_client.forget_everything()


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
