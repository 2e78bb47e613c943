"""MLflow's own web page, from the files of its installed package, in a real browser: no request of it may fail but those for
features that are not here.

SCREENSHOTS names a folder where pictures of the pages are kept to be looked at.
"""
import os
import pathlib
import re
import shutil
import subprocess
import time

import mlflow
import pytest
import requests

PAGE = pathlib.Path(mlflow.__file__).parent / "server/js/build"
# Features that are not here; the page asks for them and does without. (Without users, users/current is 404 at MLflow too.)
ABSENT = {
    "/ajax-api/2.0/mlflow/users/current",
}
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture()
def page(make_server):
    return make_server("--mlflow-page", str(PAGE))


def test_the_page_and_its_files_come_from_the_package(page):
    index = requests.get(page.url, timeout=60)
    assert index.status_code == 200 and index.content == (PAGE / "index.html").read_bytes()
    assert index.headers["Content-Type"].startswith("text/html")
    for file in ("favicon.ico", "manifest.json", *(f"static/js/{path.name}" for path in (PAGE / "static/js").glob("main.*.js"))):
        answer = requests.get(f"{page.url}/static-files/{file}", timeout=60)
        assert answer.status_code == 200 and answer.content == (PAGE / file).read_bytes(), file
    assert requests.get(f"{page.url}/static-files/nothing.js", timeout=60).status_code == 404
    assert requests.get(f"{page.url}/static-files/%2e%2e/%2e%2e/handlers.py", timeout=60).status_code == 400
    assert "Slipway" in requests.get(f"{page.url}/home", timeout=60).text


def test_a_folder_without_the_page_is_told(make_server, tmp_path):
    with pytest.raises(RuntimeError, match="no index.html"):
        make_server("--mlflow-page", str(tmp_path))


def fill(server, tmp_path):
    mlflow.set_tracking_uri(server.url)
    experiment = mlflow.set_experiment("browsed").experiment_id
    client = mlflow.MlflowClient()
    for number in range(3):
        with mlflow.start_run(run_name=f"run {number}") as run:
            mlflow.log_params({"rate": 0.1 * number, "depth": number})
            for step in range(50):
                mlflow.log_metric("loss", 1 / (step + 1 + number), step=step)
            (tmp_path / "notes.txt").write_text("some notes")
            mlflow.log_artifact(str(tmp_path / "notes.txt"))
            mlflow.log_dict({"flavors": {}}, "model/MLmodel")
    client.create_registered_model("browsed-model")
    client.create_model_version("browsed-model", f"runs:/{run.info.run_id}/model", run.info.run_id)
    with mlflow.start_span("asked") as span:
        span.set_inputs({"question": "why?"})
        span.set_outputs("because")
    mlflow.flush_trace_async_logging()
    return experiment, run.info.run_id


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium")
def test_every_page_loads(page, tmp_path):
    experiment, run = fill(page, tmp_path)
    pictures = pathlib.Path(os.environ.get("SCREENSHOTS") or tmp_path / "pictures")
    pictures.mkdir(exist_ok=True)
    places = {
        "experiments": "/#/experiments",
        "runs": f"/#/experiments/{experiment}/runs",
        "charts": f"/#/experiments/{experiment}/runs?compareRunsMode=CHART",
        "traces": f"/#/experiments/{experiment}/traces",
        "run": f"/#/experiments/{experiment}/runs/{run}",
        "run-metrics": f"/#/experiments/{experiment}/runs/{run}/model-metrics",
        "artifacts": f"/#/experiments/{experiment}/runs/{run}/artifacts",
        "models": "/#/models",
        "model": "/#/models/browsed-model",
        "version": "/#/models/browsed-model/versions/1",
    }
    for name, place in places.items():
        log = page.folder / "server.log"
        before = len(log.read_bytes())
        subprocess.run(
            [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             f"--user-data-dir={tmp_path / 'browser'}", "--window-size=1500,1000", "--timeout=15000",
             "--virtual-time-budget=15000", f"--screenshot={pictures / name}.png", page.url + place],
            check=True, capture_output=True, timeout=180,
        )
        time.sleep(0.2)
        asked = re.findall(r" request method=(\S+) path=(\S+) status=(\d+)", log.read_bytes()[before:].decode())
        assert any("ajax-api" in path or "graphql" in path for _, path, _ in asked), f"{name} asked for nothing"
        assert [one for one in asked if int(one[2]) >= 400 and one[1] not in ABSENT] == [], name
