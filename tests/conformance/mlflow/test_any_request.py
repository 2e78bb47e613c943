"""Whatever is asked, the server answers, quickly, and never that it failed: thousands of requests of every call that the client
knows, well formed and not, with text and numbers that break parsers. Beside them, clients that never end what they began."""
import collections
import concurrent.futures
import http.client
import os
import socket
import threading
import time
import urllib.parse

import pytest
import requests
from any_request import Generator, calls
from conftest import FULL
from test_security import resident

SEED = int(os.environ.get("SLIPWAY_TEST_SEED", "1"))
ROUNDS = 80 if FULL else 4  # in each of four parts; a request of every call in each
CLIENTS = 4
MOST_GROWTH = 96 << 20


def things(server):
    """Something of everything, by the names that fields of requests have."""
    out = collections.defaultdict(list)
    for n in range(3):
        experiment = server.post("experiments/create", {"name": f"e{time.time_ns()}"}).json()["experiment_id"]
        run = server.post("runs/create", {"experiment_id": experiment, "tags": [{"key": "a", "value": "b"}]}).json()["run"]["info"]
        server.post("runs/log-batch", {"run_id": run["run_id"], "metrics": [{"key": "loss", "value": n, "step": n, "timestamp": n}], "params": [{"key": "lr", "value": "0.1"}]})
        model = server.post("logged-models", {"experiment_id": experiment, "name": "m"}).json()["model"]["info"]["model_id"]
        name = f"m{time.time_ns()}"
        server.post("registered-models/create", {"name": name})
        server.post("model-versions/create", {"name": name, "source": run["artifact_uri"] + "/m", "run_id": run["run_id"]})
        server.post("registered-models/alias", {"name": name, "alias": "champion", "version": "1"})
        trace = f"tr-{n}{os.urandom(8).hex()}"
        info = {"trace_id": trace, "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}, "request_time": "2024-01-01T00:00:00Z", "state": "OK"}
        assert requests.post(f"{server.url}/api/3.0/mlflow/traces", json={"trace": {"trace_info": info}}, timeout=60).ok
        for names, value in [
            (["experiment_id", "experiment_ids", "locations", "dst_experiment_id"], experiment), (["run_id", "run_ids", "run_uuid", "source_run_id"], run["run_id"]),
            (["model_id", "model_ids"], model), (["name", "model_name", "full_name", "new_name"], name), (["version"], "1"), (["alias"], "champion"),
            (["trace_id", "trace_ids", "request_id", "request_ids", "client_request_id"], trace), (["key", "metric_key", "metric_keys", "tag_key"], "loss"),
            (["artifact_path", "path"], run["artifact_uri"].removeprefix("mlflow-artifacts:/") + "/m"), (["source"], run["artifact_uri"] + "/m"),
            (["page_token"], ""), (["stage"], "Production"), (["request_time"], "2024-01-01T00:00:00Z"), (["execution_duration"], "1.5s"),
            (["url"], "https://127.0.0.1/hook"),  # no test calls anybody
        ]:  # fmt: skip
            for one in names:
                out[one].append(value)
    return out


class Watch:
    """Asks for /health all the while; the longest that it took, in seconds."""

    def __init__(self, server):
        self.server, self.longest, self.done = server, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while not self.done.wait(0.05):
            begun = time.monotonic()
            assert requests.get(f"{self.server.url}/health", timeout=30).ok
            self.longest = max(self.longest, time.monotonic() - begun)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join(60)


def send(server, request):
    """The status and the answer; 0 when the server hung up on what it will not read."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
    try:
        connection.putrequest(request.method, request.target)
        if request.body is not None:
            connection.putheader("Content-Length", str(len(request.body)))
            connection.putheader("Content-Type", request.content_type)
        try:
            connection.endheaders(request.body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer may be there already
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected):
        return 0, b""
    finally:
        connection.close()


@pytest.mark.timeout(3600 if FULL else 180)
def test_no_request_makes_the_server_fail(own_server):
    failures, slow, statuses = {}, [], collections.Counter()
    memory = []

    def work(number, rounds):
        generator = Generator(f"{SEED}.{number}.{rounds.start}", things(own_server))
        for turn in rounds:
            for place, call in enumerate(calls()):
                if (place + turn) % CLIENTS != number:
                    continue
                request = generator.request(call)
                begun = time.monotonic()
                status, content = send(own_server, request)
                taken = time.monotonic() - begun
                statuses[status] += 1
                if status >= 500 and status != 501 or own_server.process.poll() is not None:
                    failures.setdefault((request.call, status, content[:60]), (request, content[:300]))
                if taken > 5:
                    slow.append((taken, request.method, request.target[:200], (request.body or b"")[:200]))

    with Watch(own_server) as watch:
        for part in range(4):
            rounds = range(part * ROUNDS, (part + 1) * ROUNDS)
            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                for done in [pool.submit(work, number, rounds) for number in range(CLIENTS)]:
                    done.result()
            memory.append(resident(own_server.process.pid))
    print(dict(statuses), "longest /health", round(watch.longest, 3), "resident MiB", [m >> 20 for m in memory])
    assert own_server.process.poll() is None, "it crashed"
    told = [f"{request.method} {request.target[:300]} {(request.body or b'')[:600]} -> {content}" for request, content in failures.values()]
    assert not failures, "\n".join(told[:20])
    assert not slow, slow[:5]
    assert watch.longest < 1, f"/health took {watch.longest} s"
    assert statuses[200] > sum(statuses.values()) / 50, "requests are so wrong that nothing behind the parsers is reached"
    assert memory[-1] - memory[1] < MOST_GROWTH, memory


def test_slow_clients_hold_up_nobody(own_server):
    """Heads that come byte by byte, bodies that never end, answers that nobody reads."""
    address = own_server.url.removeprefix("http://").split(":")
    address = (address[0], int(address[1]))
    begun = [
        b"GET /health HT", b"POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: localhost\r\nContent-Le",
        b"POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
        b"PUT /api/2.0/mlflow-artifacts/artifacts/0/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc",
        b"POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"GET /api/2.0/mlflow/experiments/search?max_results=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
    ]
    sockets = [(socket.create_connection(address, timeout=10), part) for part in begun * (100 if FULL else 60)]
    for one, part in sockets:
        one.sendall(part)
    try:
        deadline = time.monotonic() + (30 if FULL else 5)
        longest = 0.0
        while time.monotonic() < deadline:
            for one, part in sockets[:: max(1, len(sockets) // 100)]:
                try:
                    one.sendall(b"x" if b"\r\n\r\n" not in part else b"")
                except OSError:
                    pass  # the server may have had enough of it
            started = time.monotonic()
            assert own_server.post("runs/create", {"experiment_id": "0"}).ok
            assert own_server.get("experiments/get", experiment_id="0").ok
            longest = max(longest, time.monotonic() - started)
        assert longest < 1, f"a run took {longest} s beside {len(sockets)} slow clients"
    finally:
        for one, _ in sockets:
            one.close()
    assert own_server.get("experiments/get", experiment_id="0").ok
