#!/usr/bin/env python3
"""From exec to the first 200, and the memory of a server that has nothing to do; MLflow's own server beside it.

usage: startup.py SLIPWAY [MLFLOW]      (MLFLOW: the `mlflow` of an environment that has it; left out, it is not measured)
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from server_process import ServerProcess, free_port, resident_mib


def measure(name, command_of, path, rounds, settle_s):
    times, memory = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as scratch:
            port = free_port()
            server = ServerProcess(command_of(port, scratch), port, path, pathlib.Path(scratch))
            time.sleep(settle_s)
            times.append(server.first_answer_s * 1000)
            memory.append(resident_mib(server.process.pid))
            server.stop()
    print(f"{name:24} exec to first 200: {statistics.median(times):8.1f} ms (worst {max(times):.1f})   "
          f"idle memory: {statistics.median(memory):7.1f} MiB   median of {rounds}", flush=True)


def measure_version(slipway):
    times = []
    for _ in range(30):
        begun = time.perf_counter()
        subprocess.run([slipway, "--version"], check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - begun) * 1000)
    print(f"slipway --version: {statistics.median(times):.1f} ms (best {min(times):.1f}, worst {max(times):.1f}), median of 30")


def main():
    slipway = sys.argv[1]
    measure("slipway server", lambda port, data: [slipway, "server", "--listen", f"127.0.0.1:{port}", "--data", data + "/data"],
            "/health", 10, 0.5)
    if len(sys.argv) > 2:
        mlflow = sys.argv[2]
        measure("mlflow server", lambda port, data: [
            mlflow, "server", "--host", "127.0.0.1", "--port", str(port), "--backend-store-uri", f"sqlite:///{data}/mlflow.db",
            "--default-artifact-root", data], "/health", 2, 5)
    measure_version(slipway)


main()
