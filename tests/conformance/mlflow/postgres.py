"""A PostgreSQL server of the tests' own in a temporary folder, reached through a socket in it: no port, no network, no state.
`database(key)` is the URL of a database that belongs to that key, made empty at the first call."""
import atexit
import functools
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse


class Postgres:
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        assert found, "PostgreSQL's server is not installed, and its tests must run; type: make setup-test"
        self.binaries = os.path.dirname(found[-1])
        self.folder = tempfile.mkdtemp(prefix="slipway-postgres-")
        self.process = None
        self.databases = {}
        atexit.register(self.remove)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        initdb = ["initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "slipway", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(self.command(*initdb), check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.start()

    def command(self, program, *arguments):
        """It refuses to run as root, and must not outlive a test run that is killed."""
        user = ["--reuid=postgres", f"--regid={pwd.getpwnam('postgres').pw_gid}", "--init-groups"] if os.geteuid() == 0 else []
        return ["setpriv", "--pdeathsig=KILL", *user, f"{self.binaries}/{program}", *arguments]

    def start(self):
        # Unlike most tests' servers, this one is killed: what it acknowledged has to be on disk (no -F).
        settings = ["-c", "max_connections=100", "-c", "shared_buffers=32MB"]
        with open(f"{self.folder}/server.log", "ab") as log:
            command = self.command("postgres", "-D", f"{self.folder}/data", "-k", self.folder, "-h", "", *settings)
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        deadline = time.monotonic() + 60
        while subprocess.run([f"{self.binaries}/pg_isready", "-q", "-h", self.folder]).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, open(f"{self.folder}/server.log").read()[-3000:]
            time.sleep(0.05)

    def kill(self):
        """As a power cut would: no checkpoint, no farewell."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database):
        return f"postgresql://slipway@/{database}?host={urllib.parse.quote(self.folder, safe='')}"

    def run(self, statement, database="postgres"):
        command = [f"{self.binaries}/psql", "-h", self.folder, "-U", "slipway", "-d", database, "-qAt", "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout.strip()

    def database(self, key):
        if key not in self.databases:
            self.make(key, "template1")
        return self.url(self.databases[key])

    def copy(self, source, target):
        self.make(target, self.databases[source])

    def make(self, key, template):
        name = f"test_{len(self.databases)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.databases[key] = name


@functools.cache
def postgres():
    """The test run's one server, started when first asked for."""
    return Postgres()
