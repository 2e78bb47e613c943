"""MLflow's API, the same load on `slipway server`, FastTrackML and `mlflow server`, one after the other. Rates are what wrk saw;
processor time is that of the whole server and steadier on a shared machine.

usage: bench/tracking/run.py SLIPWAY FASTTRACKML MLFLOW      (programs; "-" leaves one out)
environment: SECONDS_PER_CALL (3), RUNS to search in (100000), wrk must be there
"""
import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "server"))
from server_process import ServerProcess, free_port, resident_mib, tree_of  # noqa: E402

SECONDS = int(os.environ.get("SECONDS_PER_CALL", 3))
RUNS = int(os.environ.get("RUNS", 100_000))
API = "/api/2.0/mlflow/"


def cpu_seconds(pid):
    ticks = 0
    for one in tree_of(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.used = time.monotonic()

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        # Servers drop connections that were quiet for some seconds; one that was closed here is opened anew.
        if time.monotonic() - self.used > 2:
            self.connection.close()
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.used = time.monotonic()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]}")
        return json.loads(content or b"{}")

    def create_experiment(self, name):
        return self.call("POST", API + "experiments/create", {"name": name})["experiment_id"]

    def create_run(self, experiment, number=0):
        start = 1_700_000_000_000 + number * 1000
        body = {"experiment_id": experiment, "start_time": start, "run_name": f"run-{number}",
                "tags": [{"key": "mlflow.user", "value": "bench"}, {"key": "mlflow.source.name", "value": "train.py"}]}
        return self.call("POST", API + "runs/create", body)["run"]["info"]["run_id"]


class Bench:
    def __init__(self, label, command, port, health, runs_to_write, runs_to_search):
        self.label, self.port = label, port
        self.folder = tempfile.TemporaryDirectory(prefix="bench")
        self.server = ServerProcess(command(self.folder.name), port, health, pathlib.Path(self.folder.name))
        self.pid = self.server.process.pid
        self.client = Client(port)
        self.runs_to_write, self.runs_to_search = runs_to_write, runs_to_search
        time.sleep(1)
        self.say("start to first 200", f"{self.server.first_answer_s * 1000:.0f} ms; idle {resident_mib(self.pid):.0f} MiB")

    def say(self, what, result):
        print(f"{self.label:12} {what:46} {result}", flush=True)

    def measure(self, what, call, connections=1, body="", unit="/s", scale=1):
        environment = {**os.environ, "CALL": call, "RUNS_FILE": self.runs_file, "EXPERIMENT": self.experiment, "BODY": body}
        before = cpu_seconds(self.pid)
        out = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "120s", "--latency", "-s", str(HERE / "calls.lua"),
             f"http://127.0.0.1:{self.port}"], env=environment, capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(self.pid) - before
        if "Non-2xx" in out:
            raise SystemExit(f"{self.label}: some requests of {what} were refused:\n{out}")
        count = int(re.search(r"(\d+) requests in", out)[1])
        if count == 0:
            return self.say(what, f"no answer in {SECONDS} s")
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]) * scale
        p50 = re.search(r"^ +50% +(\S+)", out, re.M)[1]
        self.say(f"{what}, {connections} connection{'s' * (connections > 1)}",
                 f"{rate:10,.0f}{unit}  p50 {p50:>9}  CPU {1000 * spent / count:8.3f} ms a request")

    def write_calls(self):
        self.experiment = self.client.create_experiment("writes")
        runs = [self.client.create_run(self.experiment, i) for i in range(self.runs_to_write)]
        self.runs_file = os.path.join(self.folder.name, "runs.txt")
        pathlib.Path(self.runs_file).write_text("\n".join(runs) + "\n")
        for connections in (1, 8):
            self.measure("log-metric", "log-metric", connections)
        for connections in (1, 8):
            self.measure("log-batch of 1,000 points", "log-batch", connections, unit=" points/s", scale=1000)
        for connections in (1, 8):
            self.measure("create-run", "create-run", connections)
        for connections in (1, 8):
            self.measure("get-run", "get-run", connections)

    def load(self, experiment):
        """Runs of 10 params, 10 metrics and 5 tags with random values, by four clients."""
        def some(first):
            client, chance = Client(self.port), random.Random(first)
            for number in range(first, self.runs_to_search, 4):
                run = client.create_run(experiment, number)
                start = 1_700_000_000_000 + number * 1000
                client.call("POST", API + "runs/log-batch", {
                    "run_id": run,
                    "metrics": [{"key": f"m{k}", "value": chance.random(), "timestamp": start, "step": 0} for k in range(10)],
                    "params": [{"key": f"p{k}", "value": str(chance.randrange(100))} for k in range(10)],
                    "tags": [{"key": f"t{k}", "value": str(chance.randrange(10))} for k in range(5)]})

        begun, before = time.perf_counter(), cpu_seconds(self.pid)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(some, range(4)))
        self.say(f"{self.runs_to_search:,} runs written", f"{time.perf_counter() - begun:.0f} s; CPU "
                 f"{1000 * (cpu_seconds(self.pid) - before) / self.runs_to_search:.2f} ms a run")

    def searches(self):
        experiment = self.client.create_experiment("searches")
        self.load(experiment)
        for what, filter_text, order in (
                ("metric filter, order by another", "metrics.m0 > 0.5", ["metrics.m1 DESC"]),
                ("default order", "", []),
                ("param and tag", "params.p0 = '7' and tags.t1 = '3'", []),
                ("param and tag, order by a metric", "params.p0 = '7' and tags.t1 = '3'", ["metrics.m1 DESC"])):
            body = json.dumps({"experiment_ids": [experiment], "filter": filter_text, "order_by": order, "max_results": 100})
            self.client.call("POST", API + "runs/search", json.loads(body))
            self.measure(f"search: {what}", "search", body=body)

    def histories(self, points):
        run = self.client.create_run(self.experiment)
        for start in range(0, points, 1000):
            self.client.call("POST", API + "runs/log-batch", {"run_id": run, "metrics": [
                {"key": "loss", "value": 1 / (i + 1), "timestamp": 1_700_000_000_000 + i * 50, "step": i}
                for i in range(start, start + 1000)]})
        path = f"{API}metrics/get-history?run_id={run}&run_uuid={run}&metric_key=loss&max_results=25000"
        begun, token, pages = time.perf_counter(), "", 0
        while True:
            page = self.client.call("GET", path + (f"&page_token={token}" if token else ""))
            token, pages = page.get("next_page_token"), pages + 1
            if not token:
                break
        self.say(f"history of {points:,} points, {pages} pages", f"{1000 * (time.perf_counter() - begun):.0f} ms with the client")
        self.measure("history, one page of 25,000", "get", body=path)
        if self.label != "FastTrackML":
            self.measure("1,000 samples of it", "get", body="/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?"
                         f"run_ids={run}&metric_key=loss&max_results=1000")

    def finish(self):
        self.say("resident after the load", f"{resident_mib(self.pid):.0f} MiB")
        self.server.stop()
        self.folder.cleanup()


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    slipway, fasttrackml, mlflow = sys.argv[1:]
    peers = [
        ("Slipway", slipway, lambda port: lambda folder: [slipway, "server", "--listen", f"127.0.0.1:{port}", "--data",
                                                           folder + "/data"], "/health", 3000, RUNS, 100_000),
        ("FastTrackML", fasttrackml, lambda port: lambda folder: [
            fasttrackml, "server", "--listen-address", f"127.0.0.1:{port}", "--database-uri", f"sqlite://{folder}/fml.db",
            "--default-artifact-root", folder + "/artifacts", "--log-level", "error"], "/health", 1000, RUNS, 100_000),
        ("MLflow", mlflow, lambda port: lambda folder: [
            mlflow, "server", "--host", "127.0.0.1", "--port", str(port), "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
            "--artifacts-destination", folder + "/artifacts"], "/health", 50, min(RUNS, 1000), 10_000),
    ]
    print(f"load average before: {os.getloadavg()[0]:.2f}; MLflow is given fewer runs and points, since writing them would take hours")
    for label, program, command, health, to_write, to_search, points in peers:
        if program == "-":
            continue
        port = free_port()
        bench = Bench(label, command(port), port, health, to_write, to_search)
        bench.write_calls()
        bench.searches()
        bench.histories(points)
        bench.finish()


if __name__ == "__main__":
    main()
