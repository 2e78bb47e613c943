"""`kill -9` at any moment of the job: the next start finds every acknowledged write, no half file, and goes on."""
import hashlib
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import time

KILLS = 8


def repro(slipway, project, server):
    environment = {**os.environ, "SLIPWAY_SERVER": server.url, "PATH": f"{pathlib.Path(slipway).parent}:{os.environ['PATH']}"}
    return subprocess.Popen([slipway, "repro"], cwd=project, env=environment, start_new_session=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def kill_all(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def check_cache(project):
    """Every object in the cache has the bytes of its name: nothing half written took a final name."""
    for file in (project / ".dvc/cache/files/md5").glob("??/*"):
        assert hashlib.md5(file.read_bytes()).hexdigest() == (file.parent.name + file.name).removesuffix(".dir"), file


def runs_of(server):
    status, found = server.call("GET", "/api/2.0/mlflow/experiments/get-by-name?experiment_name=flights")
    if status == 404:
        return {}
    status, answer = server.call("POST", "/api/2.0/mlflow/runs/search",
                                 {"experiment_ids": [found["experiment"]["experiment_id"]], "max_results": 1000})
    assert status == 200
    return {run["info"]["run_id"]: run["data"].get("metrics", []) for run in answer.get("runs", [])}


def test_the_job_goes_on_after_every_kill(slipway, server, flights_project):
    project = flights_project
    (project / "params.yaml").write_text("until: 2013-04-01T00:00:00Z\n")  # three months keep the test quick
    train = project / "train.yaml"
    train.write_text(train.read_text().replace("rounds: 400", "rounds: 60"))
    subprocess.run([slipway, "init", "-q", "--no-scm"], cwd=project, check=True)
    subprocess.run([slipway, "add", "-q", "data/raw/flights.csv", "data/raw/weather.csv", "data/raw/planes.csv"], cwd=project, check=True)

    moments = random.Random(20130901)
    seen = {}
    for number in range(KILLS):
        process = repro(slipway, project, server)
        time.sleep(moments.uniform(0.05, 3))
        if number % 2:
            seen = runs_of(server)
            server.kill()  # the server dies in the middle of the job too
        kill_all(process)
        if number % 2:
            server.start()
            now = runs_of(server)
            for run_id, metrics in seen.items():
                assert run_id in now and all(metric in now[run_id] for metric in metrics), "an acknowledged write is gone"
        check_cache(project)

    last = repro(slipway, project, server)
    printed, _ = last.communicate(timeout=300)
    assert last.returncode == 0, printed
    killed_lock = (project / "dvc.lock").read_text()
    check_cache(project)
    with sqlite3.connect(f"file:{server.folder}/data/slipway.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    # The same job, never killed, on an empty cache gives the same.
    again = subprocess.run([slipway, "repro", "--force", "--no-run-cache"], cwd=project, capture_output=True, text=True,
                           env={**os.environ, "PATH": f"{pathlib.Path(slipway).parent}:{os.environ['PATH']}"}, timeout=300)
    assert again.returncode == 0, again.stdout + again.stderr
    assert (project / "dvc.lock").read_text() == killed_lock
