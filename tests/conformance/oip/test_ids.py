"""A client that sends one request id for ever, and a proxy that does: every prediction reaches the monitor."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import tritonclient.http as triton

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from served_model import COLUMNS, ROOT, ROWS, Served  # noqa: E402
from test_oip import matrix_input  # noqa: E402


class RepeatedIds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        program = os.path.abspath(os.environ.get("SLIPWAY_BIN", ROOT / "build/slipway"))
        cls.log = folder / "log"
        with cls.log.open("w") as log:
            cls.server = subprocess.Popen([program, "server", "--listen", "127.0.0.1:0", "--data", str(folder / "data")], stderr=log)
        while not (found := re.search(r"serves (http://\S+)", cls.log.read_text())):
            assert cls.server.poll() is None, cls.log.read_text()
            time.sleep(0.05)
        cls.url = found[1]
        cls.served = Served(flags=["--server", cls.url]).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()
        cls.server.terminate()
        cls.server.wait(timeout=30)
        cls.folder.cleanup()

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def recent(self, count):
        deadline = time.monotonic() + 30
        while True:
            found = json.loads(self.call("/api/slipway/v1/models/late/recent?format=json"))
            if found["rows"] >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def test_all_of_them_arrive_and_it_is_told(self):
        with triton.InferenceServerClient(f"127.0.0.1:{self.served.port}") as client:
            for _ in range(5):
                answer = client.infer("late", matrix_input(ROWS, True), request_id="constant")
                self.assertEqual(answer.get_response()["id"], "constant")
        body = json.dumps({"dataframe_split": {"columns": COLUMNS, "data": [[1400.0, 7, 3.5]]}})
        for _ in range(5):
            self.served.request("/invocations", body, {"Content-Type": "application/json", "X-Request-Id": "proxy"})
        self.assertEqual(self.recent(20)["rows"], 20)
        self.assertIn('slipway_monitor_reused_prediction_ids_total{model="late"} 16', self.call("/metrics"))
        self.assertEqual(self.log.read_text().count("prediction ids are used again"), 1)
        labels = {"prediction_ids": ["constant-0", "proxy", "constant-1"], "labels": [1, 0, 1]}
        receipt = json.loads(self.call("/api/slipway/v1/models/late/labels", labels))
        self.assertEqual(receipt, {"joined": 3, "waiting": 0, "repeated": 0, "ambiguous": 3})
        labelled = [label for label in self.recent(20)["columns"]["label"] if label is not None]
        self.assertEqual(sorted(labelled), [0, 1, 1])


if __name__ == "__main__":
    unittest.main()
