"""One-row and 100-row requests against `slipway serve`: LightGBM, 200 trees, 30 features, over both protocols, with and
without the prediction log. CPU time per request is the number to trust on a shared machine.

usage: .deps/venv-serving/bin/python bench/serving/run.py [SECONDS]     (SLIPWAY_BIN names the program, wrk must be there)
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import lightgbm
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/conformance/oip"))
from served_model import Served  # noqa: E402

FEATURES = 30
NAMES = [f"feature_{i}" for i in range(FEATURES)]


class BenchServed(Served):
    columns = NAMES
    types = dict.fromkeys(NAMES, "double")
    optional = ()

    def train(self):
        random = numpy.random.default_rng(1)
        features = random.normal(size=(20_000, FEATURES))
        label = (features[:, :5].sum(axis=1) + random.normal(size=20_000)) > 0
        data = lightgbm.Dataset(features, label.astype(float), feature_name=NAMES)
        return lightgbm.train({"objective": "binary", "verbose": -1, "seed": 1, "num_threads": 2}, data, 200)


def bodies(rows):
    values = numpy.random.default_rng(2).normal(size=(rows, FEATURES))
    return {
        "/v2/models/late/infer": {"inputs": [{"name": "input-0", "shape": [rows, FEATURES], "datatype": "FP64",
                                              "data": values.ravel().tolist()}]},
        "/invocations": {"dataframe_split": {"columns": NAMES, "data": values.tolist()}},
    }


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(served, path, body, connections, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(body, file)
        file.flush()
        before = cpu_seconds(served.process.pid)
        out = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(ROOT / "bench/serving/post.lua"),
             served.url + path], env={**os.environ, "BODY_FILE": file.name}, capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(served.process.pid) - before
    if "Non-2xx" in out:
        raise SystemExit("some requests were refused:\n" + out)
    count = int(re.search(r"(\d+) requests in", out)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    p50, p99 = (re.search(rf"^ +{share}% +(\S+)", out, re.M)[1] for share in (50, 99))
    return rate, p50, p99, 1e6 * spent / count


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{'log':4} {'path':24} {'rows':>4} {'conns':>5} {'requests/s':>10} {'p50':>9} {'p99':>9} {'CPU us/request':>15}")
    for log in (False, True):
        with BenchServed(log) as served:
            for rows in (1, 100):
                for path, body in bodies(rows).items():
                    for connections in (1, 8):
                        rate, p50, p99, cpu = measure(served, path, body, connections, seconds)
                        print(f"{'on' if log else 'off':4} {path:24} {rows:4} {connections:5} {rate:10.0f} {p50:>9} {p99:>9} "
                              f"{cpu:15.1f}", flush=True)


if __name__ == "__main__":
    main()
