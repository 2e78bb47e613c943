#!/usr/bin/env python3
"""Pipelines beside dvc: repro with nothing to do, the first run, and status, of STAGES trivial stages.

    SLIPWAY_BIN=build/release/src/slipway DVC_BIN=.deps/venv-dvc/bin/dvc bench/data/pipelines.py

The floor is the commands alone, started one after the other by one shell. Wall and CPU seconds (of the program and all
it starts), medians of RUNS; dvc's own caches are fresh for each run. Both programs work on a temporary folder.
"""
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

STAGES = int(os.environ.get("STAGES", "100"))
RUNS = int(os.environ.get("RUNS", "3"))
TOOLS = {"slipway": os.environ.get("SLIPWAY_BIN", "slipway"), "dvc": os.environ.get("DVC_BIN", "dvc")}


def commands():
    return [f"cp in{i}.txt out{i}.txt" for i in range(STAGES)]


def prepare(folder):
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    lines = ["stages:"]
    for i, command in enumerate(commands()):
        (folder / f"in{i}.txt").write_text(f"{i}\n")
        lines += [f"  s{i}:", f"    cmd: {command}", f"    deps: [in{i}.txt]", f"    outs: [out{i}.txt]"]
    (folder / "dvc.yaml").write_text("\n".join(lines) + "\n")


def timed(words, folder, site):
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(site), "SHELL": "/bin/sh"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_run(tool, root):
    folder, site = root / "repository", root / "site"
    prepare(folder)
    subprocess.run([tool, "init", "-q"], cwd=folder, check=True, env={**os.environ, "DVC_SITE_CACHE_DIR": str(site)})
    found = {"first run": timed([tool, "repro"], folder, site)}
    found["repro, nothing to do"] = timed([tool, "repro"], folder, site)
    found["status"] = timed([tool, "status"], folder, site)
    return found


def floor(root):
    prepare(root / "floor")
    script = "\n".join(f"/bin/sh -c '{command}'" for command in commands())
    return {"first run": timed(["/bin/sh", "-c", script], root / "floor", root)}


def main():
    results = {}
    for name in [*TOOLS, "the commands alone"]:
        for _ in range(RUNS):
            root = pathlib.Path(tempfile.mkdtemp(prefix="slipway-pipelines-"))
            try:
                found = floor(root) if name not in TOOLS else one_run(os.path.abspath(shutil.which(TOOLS[name]) or TOOLS[name]), root)
            finally:
                shutil.rmtree(root)
            for what, figures in found.items():
                results.setdefault((what, name), []).append(figures)
    print(f"{STAGES} stages, medians of {RUNS} runs")
    print(f"{'':24}{'':20}{'wall s':>10}{'CPU s':>10}")
    for (what, name), figures in sorted(results.items()):
        wall, cpu = (statistics.median(column) for column in zip(*figures))
        print(f"{what:24}{name:20}{wall:10.3f}{cpu:10.3f}")


if __name__ == "__main__":
    main()
