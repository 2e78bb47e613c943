"""A small LightGBM model in MLflow's layout, trained here, and `slipway serve` on it: shared by the tests of the
inference protocols."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

import lightgbm
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[3]
COLUMNS = ["distance", "hour", "delay"]
ROWS = numpy.array([[1400.0, 7, 3.5], [200.0, 21, numpy.nan], [731.25, 12, -4.0]])


class Served:
    """Trains, starts the program on a free port, stops it at the end."""

    columns = COLUMNS
    types = {"distance": "double", "hour": "long", "delay": "double"}
    optional = ("delay",)

    def __init__(self, prediction_log=True, flags=(), environment=None, listen="127.0.0.1:0"):
        self.prediction_log, self.flags, self.environment, self.listen = prediction_log, flags, environment or {}, listen

    def train(self):
        random = numpy.random.default_rng(7)
        features = numpy.column_stack([random.uniform(100, 3000, 2000), random.integers(0, 24, 2000),
                                       random.normal(0, 20, 2000)])
        late = (features[:, 1] * 2 + features[:, 2] + random.normal(0, 10, 2000)) > 30
        data = lightgbm.Dataset(features, late.astype(float), feature_name=COLUMNS)
        settings = {"objective": "binary", "verbose": -1, "num_leaves": 7, "seed": 7, "num_threads": 1}
        return lightgbm.train(settings, data, num_boost_round=20)

    def write_model(self, folder):
        inputs = [{"type": self.types[name], "name": name, "required": name not in self.optional}
                  for name in self.columns]
        folder.mkdir()
        (folder / "model.lgb").write_text(self.booster.model_to_string())
        (folder / "MLmodel").write_text(
            "flavors:\n"
            "  lightgbm:\n"
            "    data: model.lgb\n"
            f"    lgb_version: '{lightgbm.__version__}'\n"
            "    model_class: lightgbm.basic.Booster\n"
            "  python_function:\n"
            "    loader_module: mlflow.lightgbm\n"
            "signature:\n"
            f"  inputs: '{json.dumps(inputs)}'\n"
            "  outputs: '[{\"type\": \"double\", \"required\": true}]'\n"
            "model_uuid: 0123456789abcdef0123456789abcdef\n")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="slipway-conformance-")
        folder = pathlib.Path(self.folder.name)
        self.booster = self.train()
        self.write_model(folder / "model")
        program = os.path.abspath(os.environ.get("SLIPWAY_BIN", ROOT / "build/slipway"))
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            [program, "serve", str(folder / "model"), "--name", "late", "--listen", self.listen,
             "--prediction-log", str(folder / "predictions") if self.prediction_log else "off", *self.flags],
            stderr=self.log, cwd=folder, env={**os.environ, "SLIPWAY_ACCESS_LOG": "false", **self.environment})
        scheme, self.port = self.wait_for_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        return self

    def wait_for_port(self):
        while True:
            self.log.seek(0)
            text = self.log.read()
            found = re.search(r" on (https?)://[0-9.]+:(\d+) ", text)
            if found:
                return found[1], int(found[2])
            try:
                self.process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            self.log.seek(0)
            raise AssertionError("slipway serve ended at once:\n" + self.log.read())

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.log.close()
        self.folder.cleanup()
        assert code == 0, f"slipway serve ended with {code}"

    def expected(self, rows=ROWS):
        return self.booster.predict(rows)

    def request(self, path, body=None, headers=None, method=None):
        """Status, headers and body, whatever the status."""
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.url + path, data=data, headers=headers or {}, method=method)
        if data is not None and "Content-Type" not in (headers or {}):
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()
