"""A server under measurement: started from exec, watched by its process id."""
import contextlib
import http.client
import pathlib
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree_of(pid):
    """The process and all below it: some servers are several."""
    out = [pid]
    for one in out:
        with contextlib.suppress(OSError):
            for task in pathlib.Path(f"/proc/{one}/task").iterdir():
                out += [int(child) for child in (task / "children").read_text().split()]
    return out


def resident_mib(pid):
    total = 0
    for one in tree_of(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total / 1024


class ServerProcess:
    """Runs `command`; first_answer_s is the time from exec to the first 200 of `path`."""

    def __init__(self, command, port, path, folder):
        self.port = port
        begun = time.perf_counter()
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=folder, start_new_session=True)
        while True:
            if self.process.poll() is not None:
                raise SystemExit(f"{command[0]} ended: {(folder / 'log').read_text()[-2000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    break
            time.sleep(0.0005)
        self.first_answer_s = time.perf_counter() - begun

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
