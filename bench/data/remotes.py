#!/usr/bin/env python3
"""Push and pull of FILES small files beside dvc, and beside a bare concurrent client of the same storage.

    SLIPWAY_BIN=build/release/src/slipway DVC_BIN=... bench/data/remotes.py [local] [moto] [memory]

DVC_BIN needs dvc-s3 (deps/venv-dvc-cloud.txt). Storage: `local` a folder; `moto`, an S3 server of Python that is the limit
itself; `memory`, an S3 server that is quick (tests/conformance/dvc/memory_s3.py). The bare client of S3 is `curl
--parallel` as many at a time as both programs have; that of a folder is `cp -r`.

Wall and CPU seconds of the client, medians of RUNS. dvc's own caches are fresh for each run. SIZE bytes a file.
"""
import contextlib
import os
import pathlib
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = int(os.environ.get("FILES", "20000"))
SIZE = int(os.environ.get("SIZE", "4096"))
RUNS = int(os.environ.get("RUNS", "3"))
JOBS = 4 * (os.cpu_count() or 1)
TOOLS = {"slipway": os.environ.get("SLIPWAY_BIN", "slipway"), "dvc": os.environ.get("DVC_BIN", "dvc")}
TOOLS = {name: os.path.abspath(shutil.which(program) or program) for name, program in TOOLS.items()}


def environment(root):
    return {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(root / "site"), "HOME": str(root),
            "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}


def timed(words, folder, root):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(words, cwd=folder, env=environment(root), capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{words[:4]}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def fill(folder):
    numbers = random.Random(7)
    for i in range(FILES):
        place = folder / f"{i // 500:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i}").write_bytes(numbers.randbytes(SIZE))


@contextlib.contextmanager
def server(words, find):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in process.stdout:
            if find in line:
                origin = line[line.index("http://"):].split()[0]
                break
        # A full pipe would stop it.
        subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        yield origin
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def storage(kind, root):
    """The address of a remote, and the origin of its server."""
    if kind == "local":
        yield str(root / "remote"), None
        return
    if kind == "memory":
        words = [sys.executable, ROOT / "tests/conformance/dvc/memory_s3.py"]
    else:
        venv = subprocess.run([sys.executable, ROOT / "tools/test_venv", "s3", ROOT / "deps/venv-s3.txt"], check=True,
                              capture_output=True, text=True).stdout.strip()
        words = [f"{venv}/bin/moto_server", "-H", "127.0.0.1", "-p", "0"]
    with server(words, "http://127.0.0.1:") as origin:
        if kind == "moto":
            urllib.request.urlopen(urllib.request.Request(f"{origin}/bucket", method="PUT")).close()
        yield "s3://bucket/data", origin


def put_away(root, *folders):
    """Out of the way, not removed: for seconds after a removal ext4 is slow to make files."""
    for folder in folders:
        if folder.exists():
            folder.rename(tempfile.mkdtemp(prefix="old", dir=root) + "/old")


def with_tool(tool, kind, root):
    folder = root / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    fill(folder / "data")
    with storage(kind, root) as (address, origin):
        commands = [["init", "-q"], ["add", "-q", "data"], ["remote", "add", "-q", "-d", "r", address]]
        if origin:
            commands.append(["remote", "modify", "r", "endpointurl", origin])
        for command in commands:
            # The same preparation for both.
            timed([TOOLS["slipway"], *command], folder, root)
        found = {"push": timed([tool, "push", "-q"], folder, root)}
        found["push, nothing to do"] = timed([tool, "push", "-q"], folder, root)
        put_away(root, folder / "data", folder / ".dvc/cache", root / "site")
        found["fetch"] = timed([tool, "fetch", "-q"], folder, root)
        put_away(root, folder / ".dvc/cache", root / "site")
        found["pull"] = timed([tool, "pull", "-q"], folder, root)
    return found


def curl(lines, root):
    (root / "curl").write_text("\n".join(lines) + "\n")
    words = ["curl", "-s", "-f", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "k:s", "-Z", "--parallel-immediate",
             "--parallel-max", str(JOBS), "-K", str(root / "curl")]
    return timed(words, root, root)


def bare(kind, root):
    fill(root / "data")
    with storage(kind, root) as (address, origin):
        if not origin:
            return {"push": timed(["cp", "-r", root / "data", address], root, root),
                    "fetch": timed(["cp", "-r", address, root / "copy"], root, root)}
        names = [f"{i // 500:03}/{i}" for i in range(FILES)]
        place = origin + "/bucket/data"
        up = [f'url = "{place}/{name}"\nupload-file = "{root}/data/{name}"\noutput = "/dev/null"' for name in names]
        down = [f'url = "{place}/{name}"\noutput = "{root}/copy/{name}"' for name in names]
        for name in names:
            (root / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        return {"push": curl(up, root), "fetch": curl(down, root)}


def main():
    kinds = sys.argv[1:] or ["local", "moto", "memory"]
    print(f"{FILES} files of {SIZE} bytes, medians of {RUNS} runs")
    print(f"{'':8}{'':22}{'':10}{'wall s':>10}{'CPU s':>10}{'files/s':>10}")
    for kind in kinds:
        results = {}
        for name in [*TOOLS, "bare"]:
            for _ in range(RUNS):
                root = pathlib.Path(tempfile.mkdtemp(prefix="slipway-remotes-"))
                try:
                    found = bare(kind, root) if name == "bare" else with_tool(TOOLS[name], kind, root)
                finally:
                    shutil.rmtree(root)
                    time.sleep(6)
                for what, figures in found.items():
                    results.setdefault((what, name), []).append(figures)
        for (what, name), figures in results.items():
            wall, cpu = (statistics.median(column) for column in zip(*figures))
            print(f"{kind:8}{what:22}{name:10}{wall:10.3f}{cpu:10.3f}{FILES / wall:10.0f}", flush=True)


if __name__ == "__main__":
    main()
