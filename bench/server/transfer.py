#!/usr/bin/env python3
"""One large file up into the server and down again, beside `cp` and fsync of the same file on the same disk.

usage: transfer.py SLIPWAY FOLDER [MIBIBYTES]      (FOLDER on the disk in question; needs four times the size there)
"""
import http.client
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from server_process import ServerProcess, free_port, resident_mib

ROUNDS = 3
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


def download(port, target):
    """Not by curl, which writes 16 KiB at a time and would be what is measured."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", ARTIFACT)
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    buffer = memoryview(bytearray(256 << 10))
    with open(target, "wb", buffering=0) as file:
        while got := answer.readinto(buffer):
            file.write(buffer[:got])
        os.fsync(file.fileno())
    connection.close()


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
        times = {"cp + fsync": [], "upload (durable)": [], "download + fsync": []}
        with MemoryWatch(server.process.pid) as memory:
            for _ in range(ROUNDS):  # in turns: a disk whose speed changes by the minute treats all alike
                times["cp + fsync"].append(timed(lambda: copy(source, copied)))
                os.unlink(copied)
                times["upload (durable)"].append(timed(lambda: curl("-T", source, "-H", "Expect:", url)))
                times["download + fsync"].append(timed(lambda: download(port, fetched)))
                same = subprocess.run(["cmp", "-s", source, fetched]).returncode == 0
                os.unlink(fetched)
                curl("-X", "DELETE", url)
        server.stop()
    limit = statistics.median(times["cp + fsync"])
    for name, all_seconds in times.items():
        seconds = statistics.median(all_seconds)
        print(f"{name:18} {seconds:7.2f} s ({min(all_seconds):.2f} to {max(all_seconds):.2f})  {size / seconds / (1 << 20):6.0f} MiB/s  "
              f"{100 * limit / seconds:4.0f} % of cp + fsync   median of {ROUNDS}")
    print(f"resident memory: {memory.before:.1f} MiB before, at most {memory.most:.1f} MiB: "
          f"{memory.most - memory.before:.1f} MiB more; bytes {'equal' if same else 'DIFFER'}")
    if not same:
        raise SystemExit(1)


main()
