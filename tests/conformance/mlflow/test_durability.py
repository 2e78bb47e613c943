"""kill -9 at any moment: whatever was acknowledged is there after the next start."""
import threading

import requests


def test_every_acknowledged_point_survives_kill(own_server):
    run = own_server.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]["run_id"]
    acknowledged = [0] * 8
    done = threading.Event()

    def write(worker):
        session = requests.Session()
        url = f"{own_server.url}/api/2.0/mlflow/runs/log-metric"
        step = 0
        while not done.is_set():
            try:
                answer = session.post(
                    url, json={"run_id": run, "key": f"w{worker}", "value": step, "timestamp": step, "step": step}, timeout=30
                )
            except requests.RequestException:
                return
            if answer.status_code != 200:
                return
            step += 1
            acknowledged[worker] = step
            if min(acknowledged) >= 40:
                done.set()

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    assert done.wait(60)
    own_server.kill()
    for thread in threads:
        thread.join()
    own_server.start()
    data = own_server.get("runs/get", run_id=run).json()["run"]["data"]
    latest = {metric["key"]: metric["value"] for metric in data["metrics"]}
    for worker, count in enumerate(acknowledged):
        points = own_server.get("metrics/get-history", run_id=run, metric_key=f"w{worker}").json()["metrics"]
        assert [point["step"] for point in points] == list(range(len(points)))
        assert len(points) >= count, f"worker {worker}: {count} acknowledged, {len(points)} found"
        assert latest[f"w{worker}"] == len(points) - 1


def test_artifacts_and_models_survive_kill(own_server):
    run = own_server.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]
    path = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    url = f"/api/2.0/mlflow-artifacts/artifacts/{path}/model/weights"
    content = b"w" * (3 << 20)
    assert requests.put(own_server.url + url, data=content, timeout=60).ok
    own_server.post("registered-models/create", {"name": "m"})
    own_server.post("model-versions/create", {"name": "m", "source": f"{run['artifact_uri']}/model", "run_id": run["run_id"]})
    own_server.post("registered-models/alias", {"name": "m", "alias": "champion", "version": "1"})
    own_server.kill()
    own_server.start()
    assert requests.get(own_server.url + url, timeout=60).content == content
    found = own_server.get("registered-models/alias", name="m", alias="champion").json()["model_version"]
    assert found["version"] == "1"
    again = own_server.post("model-versions/create", {"name": "m", "source": f"{run['artifact_uri']}/x", "run_id": run["run_id"]})
    assert again.json()["model_version"]["version"] == "2"
