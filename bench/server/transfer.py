#!/usr/bin/env python3
"""One large file up into the server and down again, beside `cp` and fsync of the same file on the same disk.

usage: transfer.py SLIPWAY FOLDER [MIBIBYTES]      (FOLDER on the disk in question; needs four times the size there)
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

from server_process import ServerProcess, free_port, resident_mib

ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/bench/large.bin"


class MemoryWatch:
    """The most that the process held while it was watched."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, resident_mib(pid), threading.Event()
        self.before = self.most
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, resident_mib(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def write_file(path, size):
    block = os.urandom(1 << 20)
    with open(path, "wb") as file:
        for number in range(size >> 20):
            file.write(number.to_bytes(8, "little") + block[8:])
        os.fsync(file.fileno())


def timed(run):
    os.sync()
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def copy(source, target):
    subprocess.run(["cp", "--reflink=never", source, target], check=True)
    with open(target, "rb+") as file:
        os.fsync(file.fileno())


def curl(*arguments):
    subprocess.run(["curl", "-fsS", "-o", os.devnull, *arguments], check=True)


def download(url, target):
    subprocess.run(["curl", "-fsS", "-o", target, url], check=True)
    with open(target, "rb+") as file:
        os.fsync(file.fileno())


def main():
    slipway, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    size = (int(sys.argv[3]) if len(sys.argv) > 3 else 4096) << 20
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        scratch = pathlib.Path(scratch)
        source, copied, fetched = (str(scratch / name) for name in ("source", "copied", "fetched"))
        write_file(source, size)
        port = free_port()
        server = ServerProcess([slipway, "server", "--listen", f"127.0.0.1:{port}", "--data", str(scratch / "data")], port,
                               "/health", scratch)
        url = f"http://127.0.0.1:{port}{ARTIFACT}"
        with MemoryWatch(server.process.pid) as memory:
            rows = [("cp + fsync", timed(lambda: copy(source, copied))),
                    ("upload (durable)", timed(lambda: curl("-T", source, "-H", "Expect:", url))),
                    ("download + fsync", timed(lambda: download(url, fetched)))]
            os.unlink(copied)
            rows.append(("cp + fsync again", timed(lambda: copy(source, copied))))
        same = subprocess.run(["cmp", "-s", source, fetched]).returncode == 0
        server.stop()
    limit = min(rows[0][1], rows[3][1])
    for name, seconds in rows:
        print(f"{name:18} {seconds:7.2f} s  {size / seconds / (1 << 20):8.0f} MiB/s  {100 * limit / seconds:4.0f} % of the faster cp + fsync")
    print(f"resident memory: {memory.before:.1f} MiB before, at most {memory.most:.1f} MiB: "
          f"{memory.most - memory.before:.1f} MiB more; bytes {'equal' if same else 'DIFFER'}")
    if not same:
        raise SystemExit(1)


main()
