"""Clients that write side by side and remember what was acknowledged. Every attempt writes something of its own, also a second
attempt at what failed; so `check` sees what was lost and what is there twice: each acknowledged write is there exactly once, each
other one once or not at all, and a batch is there whole or not at all."""
import collections
import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse

API = "/api/2.0/mlflow/"
KINDS = ["log-metric", "log-batch", "set-tag", "create-run"]
BATCH_METRICS = 5


class Writers:
    """`servers` are tried in turn by whoever got no answer. With `kinds` one may leave out or add (upload) what is written."""

    def __init__(self, servers, experiment, count=32, kinds=KINDS):
        self.servers, self.experiment, self.kinds = servers, experiment, kinds
        self.stopping = threading.Event()
        self.workers = [Worker(self, number) for number in range(count)]
        self.threads = [threading.Thread(target=worker.work, daemon=True) for worker in self.workers]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive(), "a writer hangs"

    def acknowledged(self):
        return sum(len(done) for worker in self.workers for done in worker.acknowledged.values())

    def wait_for_more(self, count, seconds=60):
        """Until that many writes more were acknowledged."""
        wanted, deadline = self.acknowledged() + count, time.monotonic() + seconds
        while self.acknowledged() < wanted:
            assert time.monotonic() < deadline, f"only {self.acknowledged()} of {wanted} writes were acknowledged: {self.refusals()}"
            time.sleep(0.01)

    def refusals(self):
        """Answers that were neither 200 nor the end of the connection, with how often they came."""
        return collections.Counter(refusal for worker in self.workers for refusal in worker.refusals)

    def check(self, server):
        names = collections.Counter(run["info"]["run_name"] for run in search_runs(server, self.experiment))
        for worker in self.workers:
            worker.check(server, names)


def search_runs(server, experiment):
    token = ""
    while True:
        page = server.post("runs/search", {"experiment_ids": [experiment], "max_results": 5000, "page_token": token}).json()
        yield from page.get("runs", [])
        token = page.get("next_page_token")
        if not token:
            return


class Worker:
    def __init__(self, writers, number):
        self.writers, self.number = writers, number
        self.attempted = {kind: set() for kind in writers.kinds}
        self.acknowledged = {kind: set() for kind in writers.kinds}
        self.refusals = []
        self.connection, self.server = None, random.Random(number).choice(writers.servers)
        self.run = self.artifacts = None

    def work(self):
        while self.run is None and not self.writers.stopping.is_set():
            made = self.call("POST", f"{API}runs/create", {"experiment_id": self.writers.experiment, "run_name": f"of {self.number}"})
            if made:
                self.run = made["run"]["info"]["run_id"]
                self.artifacts = made["run"]["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
        for attempt in itertools.count():
            for kind in self.writers.kinds:
                if self.writers.stopping.is_set():
                    return
                self.attempted[kind].add(attempt)
                if self.write(kind, attempt) is not None:
                    self.acknowledged[kind].add(attempt)

    def write(self, kind, n):
        if kind == "upload":
            path = f"/api/2.0/mlflow-artifacts/artifacts/{self.artifacts}/files/{n}"
            return self.call("PUT", path, self.content(n))
        body = {
            "log-metric": lambda: {"run_id": self.run, "key": "single", "value": n, "step": n, "timestamp": n},
            "log-batch": lambda: {
                "run_id": self.run,
                "metrics": [{"key": f"batch{i}", "value": n, "step": n, "timestamp": n} for i in range(BATCH_METRICS)],
                "params": [{"key": f"param{n}", "value": str(n)}],
                "tags": [{"key": f"batch{n}", "value": str(n)}],
            },
            "set-tag": lambda: {"run_id": self.run, "key": f"tag{n}", "value": str(n)},
            "create-run": lambda: {"experiment_id": self.writers.experiment, "run_name": self.name(n)},
        }[kind]()
        return self.call("POST", API + ("runs/create" if kind == "create-run" else f"runs/{kind}"), body)

    def name(self, n):
        return f"{self.number}.{n}"

    def content(self, n):
        return f"file {n} of {self.number}".encode() * 100

    def call(self, method, path, body):
        """The answer, or None; then the next call goes to another server."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.server.url).netloc, timeout=60)
            self.connection.request(method, path, content, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            read = answer.read()
            if answer.status == 200:
                return json.loads(read or b"{}")
            self.refusals.append((answer.status, read[:200]))
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            time.sleep(0.02)
        servers = self.writers.servers
        if len(servers) > 1 and self.connection is None:
            self.server = servers[(servers.index(self.server) + 1) % len(servers)]
        return None

    def found(self, kind, here):
        """Whether what is there of this kind is what may be there."""
        assert self.acknowledged[kind] <= here, f"{kind}: acknowledged and gone: {sorted(self.acknowledged[kind] - here)[:5]}"
        assert here <= self.attempted[kind], f"{kind}: there and never written: {sorted(here - self.attempted[kind])[:5]}"

    def check(self, server, names):
        if self.run is None:
            return
        assert names[f"of {self.number}"] >= 1
        data = server.get("runs/get", run_id=self.run).json()["run"]["data"]
        tags = {tag["key"]: tag["value"] for tag in data.get("tags", [])}
        points = {key: self.points(server, key) for key in ["single"] + [f"batch{i}" for i in range(BATCH_METRICS)]}
        for kind in self.writers.kinds:
            if kind == "log-metric":
                self.found(kind, set(points["single"]))
            elif kind == "log-batch":
                batches = set(points["batch0"])
                self.found(kind, batches)
                assert all(set(points[f"batch{i}"]) == batches for i in range(BATCH_METRICS)), "a batch is there by half"
                assert {int(param["key"].removeprefix("param")) for param in data.get("params", [])} == batches
                assert {int(key.removeprefix("batch")) for key in tags if key.startswith("batch")} == batches
            elif kind == "set-tag":
                self.found(kind, {int(key.removeprefix("tag")) for key in tags if key.startswith("tag")})
            elif kind == "create-run":
                mine = {name: count for name, count in names.items() if name.startswith(f"{self.number}.")}
                assert all(count == 1 for count in mine.values()), f"made twice: {[n for n, c in mine.items() if c > 1][:5]}"
                self.found(kind, {int(name.split(".")[1]) for name in mine})
            elif kind == "upload":
                self.check_files(server)

    def points(self, server, key):
        history = server.get("metrics/get-history", run_id=self.run, metric_key=key).json().get("metrics", [])
        steps = [point["step"] for point in history]
        assert len(set(steps)) == len(steps), f"{key}: points are there twice"
        assert all(point["value"] == point["step"] == point["timestamp"] for point in history)
        return steps

    def check_files(self, server):
        listed = server.get("artifacts/list", run_id=self.run, path="files").json().get("files", [])
        self.found("upload", {int(file["path"].rsplit("/", 1)[1]) for file in listed})
        for n in sorted(self.acknowledged["upload"]):
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
            connection.request("GET", f"/api/2.0/mlflow-artifacts/artifacts/{self.artifacts}/files/{n}")
            assert connection.getresponse().read() == self.content(n), f"file {n} of {self.run} is not what was sent"
            connection.close()
