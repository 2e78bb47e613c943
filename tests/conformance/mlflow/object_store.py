"""A server that speaks S3 (moto), on a free port for as long as the test run lasts. `environment` is what a program needs to use
it, `bucket` the URL of a bucket of one's own."""
import atexit
import functools
import itertools
import pathlib
import re
import subprocess
import tempfile
import time

import requests

ROOT = pathlib.Path(__file__).parents[3]


class ObjectStore:
    def __init__(self):
        made = subprocess.run([ROOT / "tools/test_venv", "s3", ROOT / "deps/venv-s3.txt"], check=True, stdout=subprocess.PIPE, text=True)
        self.log = tempfile.TemporaryFile()
        command = ["setpriv", "--pdeathsig=KILL", f"{made.stdout.strip()}/bin/moto_server", "-H", "127.0.0.1", "-p", "0"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        atexit.register(self.process.kill)
        self.numbers = itertools.count()
        self.url = None
        deadline = time.monotonic() + 120
        while self.url is None:
            assert self.process.poll() is None and time.monotonic() < deadline, self.read_log()
            time.sleep(0.1)
            found = re.search(r"http://127\.0\.0\.1:\d+", self.read_log())
            self.url = found and found[0]
        self.environment = {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    def read_log(self):
        self.log.seek(0)
        return self.log.read().decode()

    def bucket(self):
        name = f"bucket-{next(self.numbers)}"
        requests.put(f"{self.url}/{name}", timeout=60).raise_for_status()
        return f"s3://{name}/artifacts"


@functools.cache
def object_store():
    """The test run's one store, started when first asked for."""
    return ObjectStore()
