"""`slipway import mlflow` takes over what the real MLflow wrote, and `slipway export mlflow` writes what it reads."""
import json
import math
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import mlflow
import pytest
import requests
from conftest import SLIPWAY, Server, copy_data, database_flags, query, stored_points
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.store.tracking.file_store import FileStore
from postgres import postgres

HERE = pathlib.Path(__file__).parent
ALL = ViewType.ALL


def python(*arguments):
    """Without what other tests told MLflow by its environment: their server, their experiment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    clean["MLFLOW_DISABLE_TELEMETRY"] = "true"
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=300, env=clean)
    assert done.returncode == 0, done.stdout + done.stderr


def slipway(*arguments, code=0):
    done = subprocess.run([SLIPWAY, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def report(*arguments, code=0):
    return json.loads(slipway(*arguments, "--json", code=code))


def import_from(source, data, *options, code=0):
    return report("import", "mlflow", "--from", source, "--data", data, *database_flags(data), *options, code=code)


def export_to(database, data, *options, code=0):
    return report("export", "mlflow", "--to", database, "--data", data, *database_flags(data), *options, code=code)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """A store with something of everything, made by the real MLflow; nobody changes it."""
    folder = tmp_path_factory.mktemp("original") / "store"
    python(HERE / "make_store.py", folder)
    return folder


@pytest.fixture(scope="module")
def imported_once(made_once, tmp_path_factory):
    data = tmp_path_factory.mktemp("imported") / "data"
    return data, import_from(made_once / "mlflow.db", data)


@pytest.fixture()
def original(made_once, tmp_path):
    """The test's own copy of the store: a client may write where it seems only to read."""
    shutil.copytree(made_once, tmp_path / "original")
    return tmp_path / "original"


@pytest.fixture()
def imported(imported_once, tmp_path):
    """The test's own copy of what the import made of the store, and what it told."""
    data, told = imported_once
    copy_data(data, tmp_path / "imported")
    return tmp_path / "imported", told


def empty_database(folder):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mlflow.db"
    python("-m", "mlflow", "db", "upgrade", f"sqlite:///{path}")
    return path


def plain(thing):
    """What can be compared: NaN equals itself, order of lists of pairs does not count."""
    if isinstance(thing, float) and not math.isfinite(thing):
        # A database keeps the largest number for infinity, MLflow's as ours.
        return "nan" if math.isnan(thing) else math.copysign(sys.float_info.max, thing)
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in sorted(thing.items())}
    if isinstance(thing, (list, tuple)):
        return [plain(one) for one in thing]
    return thing


def location(uri):
    """The part of a location that does not depend on where the store is."""
    for sign in ("/mlruns/", "/mlartifacts/", "mlflow-artifacts:/"):
        if uri and sign in uri:
            return uri.split(sign)[-1].strip("/")
    return uri


def contents(client):
    """Everything that the client sees, object by object."""
    mlflow.set_tracking_uri(client.tracking_uri)  # files of traces are fetched by it
    out = {"experiments": {}, "runs": {}, "histories": {}, "logged models": {}, "registered": {}, "versions": {}, "traces": {}}
    experiments = client.search_experiments(view_type=ALL)
    for one in experiments:
        times = () if one.experiment_id == "0" else (one.creation_time, one.last_update_time)
        out["experiments"][one.experiment_id] = plain(
            [one.name, one.lifecycle_stage, one.tags, times, location(one.artifact_location)]
        )
    ids = [one.experiment_id for one in experiments]
    for found in client.search_runs(ids, run_view_type=ALL, max_results=1000):
        run = client.get_run(found.info.run_id)  # a search of MLflow's own database leaves the models out
        info, data = run.info, run.data
        out["runs"][info.run_id] = plain(
            [
                [info.experiment_id, info.run_name, info.user_id, info.status, info.start_time, info.end_time],
                [info.lifecycle_stage, location(info.artifact_uri), data.params, data.tags, data.metrics],
                sorted((i.dataset.name, i.dataset.digest, i.dataset.source_type, i.dataset.source, i.dataset.schema,
                        i.dataset.profile, sorted((t.key, t.value) for t in i.tags)) for i in run.inputs.dataset_inputs),
                sorted(i.model_id for i in run.inputs.model_inputs or []),
                sorted((o.model_id, o.step) for o in (run.outputs.model_outputs if run.outputs else [])),
            ]
        )  # fmt: skip
        for key in data.metrics:
            # A file store notes points of models twice.
            points = {(m.step, m.timestamp, plain(m.value)) for m in client.get_metric_history(info.run_id, key)}
            out["histories"][info.run_id, key] = sorted(points, key=str)
    for model in client.search_logged_models(ids, max_results=50):
        metrics = sorted((m.key, plain(m.value), m.timestamp, m.step, m.run_id, m.dataset_name or "", m.dataset_digest or "")
                         for m in model.metrics or [])  # fmt: skip
        out["logged models"][model.model_id] = plain(
            [
                [model.experiment_id, model.name, model.model_type or "", model.source_run_id, str(model.status)],
                [model.creation_timestamp, model.last_updated_timestamp, location(model.artifact_location)],
                [model.params, model.tags, metrics],
            ]
        )
    for model in client.search_registered_models(max_results=100):
        out["registered"][model.name] = plain(
            [model.description or "", model.creation_timestamp, model.last_updated_timestamp, model.tags,
             {alias: str(version) for alias, version in model.aliases.items()}]
        )
    for found in client.search_model_versions(max_results=1000):
        one = client.get_model_version(found.name, found.version)  # MLflow's search leaves aliases out
        out["versions"][one.name, str(one.version)] = plain(
            [one.description or "", one.creation_timestamp, one.last_updated_timestamp, one.current_stage, one.run_id or "",
             one.run_link or "", location(one.source), one.tags, sorted(one.aliases)]
        )  # fmt: skip
    for trace in client.search_traces(locations=ids, max_results=100):
        info = trace.info
        tags = {key: location(value) for key, value in info.tags.items()}
        spans = {}
        for span in trace.data.spans:
            one = span.to_dict()
            one["attributes"] = {key: json.loads(value) for key, value in one["attributes"].items()}
            spans[one["span_id"]] = one
        assessments = [{**one.to_dictionary(), "valid": one.valid is not False} for one in info.assessments]
        assessments.sort(key=lambda one: one["assessment_id"])
        out["traces"][info.trace_id] = plain(
            [info.experiment_id, str(info.state), info.request_time, info.execution_duration, info.client_request_id or "",
             info.request_preview or "", info.response_preview or "", tags, info.trace_metadata, spans, assessments]
        )  # fmt: skip
    out.update(evaluations(client._tracking_client.store, [one for one in experiments if one.lifecycle_stage == "active"]))
    return out


def evaluations(store, experiments):
    """What MLflow's client has no names for, but its stores have."""
    out = {"evaluation datasets": {}, "scorers": {}, "issues": {}}
    if isinstance(store, FileStore):
        return {}
    for dataset in store.search_datasets():
        records, _ = store._load_dataset_records(dataset.dataset_id, max_results=100)
        out["evaluation datasets"][dataset.dataset_id] = plain(
            [
                [dataset.name, dataset.digest, dataset.created_time, dataset.last_update_time, dataset.created_by],
                [dataset.last_updated_by, dataset.tags, json.loads(dataset.schema), json.loads(dataset.profile)],
                sorted(store.get_dataset_experiment_ids(dataset.dataset_id)),
                [one.to_dict() for one in records],
            ]
        )
    for experiment in experiments:
        for latest in store.list_scorers(experiment.experiment_id):
            versions = store.list_scorer_versions(experiment.experiment_id, latest.scorer_name)
            online = store.get_online_scoring_configs([latest.scorer_id])
            out["scorers"][latest.scorer_id] = plain(
                [
                    [[str(v.experiment_id), v.scorer_name, v.scorer_version, v._serialized_scorer, v.creation_time] for v in versions],
                    [[str(o.experiment_id), o.online_scoring_config_id, o.sample_rate, o.filter_string] for o in online],
                ]
            )
    for issue in store.search_issues():
        one = issue.to_dictionary()
        # Not known and none are the same thing over the wire.
        one.update(root_causes=one.get("root_causes") or [], categories=one.get("categories") or [])
        out["issues"][issue.issue_id] = plain({key: value for key, value in one.items() if value is not None})
    return out


def check_equal(here, there):
    for kind in here:
        assert set(here[kind]) == set(there[kind]), kind
        for key in here[kind]:
            assert here[kind][key] == there[kind][key], (kind, key)


@pytest.fixture()
def serve(tmp_path_factory):
    """Starts a server on a data folder that is there already."""
    running = []

    def start(data):
        folder = tmp_path_factory.mktemp("server")
        (folder / "data").symlink_to(data)
        running.append(Server(folder).start())
        return running[-1]

    yield start
    for one in running:
        one.stop()


def direct(database):
    """MLflow's own client on a database, without a server: a SQLite file or a PostgreSQL URL."""
    uri = for_mlflow(database) if str(database).startswith("postgresql:") else f"sqlite:///{database}"
    return MlflowClient(uri, uri)


def for_mlflow(url):
    """SQLAlchemy wants to be told which driver is installed."""
    return url.replace("postgresql://", "postgresql+psycopg2://")


def test_everything_comes_over(original, imported, serve, tmp_path):
    data, told = imported
    assert told["complete"] and not told["problems"], told
    assert told["not_moved"] == {"webhooks": 1}, "what has no place here is named"
    for kind, counts in told["kinds"].items():
        assert counts["in_source"] > 0, f"the store of this test has no {kind}"
        # The default experiment is in every store.
        assert counts["moved"] + (kind == "experiments") == counts["in_source"] == counts["in_target"], kind
    server = serve(data)
    client = MlflowClient(server.url)
    check_equal(contents(direct(original / "mlflow.db")), contents(client))
    run = next(r for r in client.search_runs(["1"]) if r.info.run_name == "first")
    (tmp_path / "files").mkdir()
    there = pathlib.Path(client.download_artifacts(run.info.run_id, "notes/note.txt", str(tmp_path / "files")))
    assert there.read_text() == "hello"
    assert mlflow.pyfunc.load_model("models:/iris-model@champion").predict(["a"]) == ["a"]
    assert mlflow.genai.load_prompt("prompts:/hello-prompt/2").template == "Hello {{name}}"


def test_a_second_time_changes_nothing(made_once, imported):
    data, first = imported
    again = import_from(made_once / "mlflow.db", data)
    assert again["complete"]
    for kind, counts in again["kinds"].items():
        assert (counts["moved"], counts["already_there"]) == (0, first["kinds"][kind]["in_source"]), kind


def test_round_trip_through_the_real_mlflow(original, imported, serve, tmp_path):
    data, _ = imported
    database = empty_database(tmp_path / "back")
    told = export_to(database, data)
    assert told["complete"], told
    before = contents(direct(original / "mlflow.db"))
    check_equal(before, contents(direct(database)))
    assert export_to(database, data)["complete"], "a second export finds everything there"
    run = next(r for r in direct(database).search_runs(["1"]) if r.info.run_name == "first")
    assert (pathlib.Path(run.info.artifact_uri) / "notes/note.txt").read_text() == "hello"
    # And into another Slipway: what the one says, the other says.
    other = tmp_path / "other"
    assert import_from(database, other)["complete"]
    check_equal(contents(MlflowClient(serve(data).url)), contents(MlflowClient(serve(other).url)))
    # MLflow finds a record by its inputs, also one that was written here.
    store = direct(database)._tracking_client.store
    known = {"inputs": {"question": "why?", "deep": {"a": [1, None]}, "n": 1.0}, "tags": {"seen": "again"}}
    counts = store.upsert_dataset_records(store.search_datasets()[0].dataset_id, [known])
    assert counts == {"inserted": 0, "updated": 1}


def test_a_store_of_mlflow_on_postgresql_goes_both_ways(original, imported, serve, tmp_path):
    database = postgres().database(f"MLflow's own, {tmp_path}")
    python("-m", "mlflow", "db", "upgrade", for_mlflow(database))
    told = export_to(database, imported[0], "--artifacts", tmp_path / "mlartifacts")
    assert told["complete"], told
    before = contents(direct(original / "mlflow.db"))
    check_equal(before, contents(direct(database)))
    assert export_to(database, imported[0], "--artifacts", tmp_path / "mlartifacts")["complete"], "a second export finds everything there"
    direct(database).create_run("0", tags={"made": "by MLflow"})
    data = tmp_path / "data"
    told = import_from(database, data)
    assert told["complete"], told
    server = serve(data)
    check_equal(contents(direct(database)), contents(MlflowClient(server.url)))


def test_a_file_store_comes_over(tmp_path, serve, monkeypatch):
    folder = tmp_path / "store"
    python(HERE / "make_store.py", folder, "files")
    data = tmp_path / "data"
    told = import_from(folder / "mlruns", data)
    assert told["complete"] and not told["not_moved"], told
    absent = {kind for kind, counts in told["kinds"].items() if counts["in_source"] == 0}
    evaluations = {kind for kind in told["kinds"] if kind.startswith(("evaluation", "scorer", "online", "issue"))}
    assert absent == {"spans", "trace links"} | evaluations, "a file store keeps spans as files, no links and no evaluations"
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = f"file://{folder}/mlruns"
    server = serve(data)
    before, after = contents(MlflowClient(uri, uri)), contents(MlflowClient(server.url))
    server.stop()
    for histories in (before["histories"], after["histories"]):
        # MLflow reads step 0 from the line of a metric on a dataset, though the file says 3.
        points = [histories.pop(place) for place in list(histories) if place[1] == "acc"]
    assert points[0][0][0] == 3
    assert not any("does not give" in what for what in told["not_moved"]), told["not_moved"]
    check_equal(before, after)
    again = import_from(folder / "mlruns", data)
    assert again["complete"] and sum(counts["moved"] for counts in again["kinds"].values()) == 0
    # Folders that are no experiments, files that are no text, lines that are no points, links out of the store.
    run = next(path.parent for path in folder.glob("mlruns/*/*/metrics/loss")).parent
    (run / "metrics" / "loss").open("a").write("not a point\n1 2 3 4 5 6 7 8\n")
    (run / "params" / "lr").unlink()
    (run / "params" / "lr").symlink_to("/etc/passwd")
    (run / "tags" / "binary").write_bytes(b"\xff\xfe")
    (folder / "mlruns" / "999").mkdir()
    (folder / "mlruns" / "999" / "meta.yaml").write_text("[unclosed")
    broken = import_from(folder / "mlruns", tmp_path / "broken")
    assert [count for what, count in broken["not_moved"].items() if "could not be read" in what] == [2], broken
    assert "root:" not in json.dumps(contents(MlflowClient(serve(tmp_path / "broken").url))["runs"].__str__())


@pytest.fixture()
def real_server(original, tmp_path):
    """MLflow's own server on the store."""
    log = (tmp_path / "mlflow.log").open("wb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{original}/mlflow.db"]
    process = subprocess.Popen([*command, "--port", str(port), "--workers", "1"], stdout=log, stderr=log, cwd=tmp_path,
                               start_new_session=True)  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if requests.get(url + "/health", timeout=5).ok:
                break
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.2)
    yield url
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(60)


def test_a_running_mlflow_server_comes_over(original, real_server, serve, tmp_path):
    data = tmp_path / "data"
    told = import_from(real_server, data)
    assert told["complete"], told
    before, after = contents(direct(original / "mlflow.db")), contents(MlflowClient(serve(data).url))
    # Its files lie on its own disk, and it says so: they stay where they are.
    assert any("does not hand out" in what for what in told["not_moved"])
    check_equal(before, after)


def test_a_running_slipway_server_comes_over_with_its_files(imported, serve, tmp_path):
    url = serve(imported[0]).url
    data = tmp_path / "data"
    told = import_from(url, data)
    assert told["complete"] and told["kinds"]["artifact files"]["moved"] == imported[1]["kinds"]["artifact files"]["moved"]
    assert not told["not_moved"], told
    check_equal(contents(MlflowClient(url)), contents(MlflowClient(serve(data).url)))


def test_looking_changes_nothing(original, tmp_path):
    data = tmp_path / "data"
    told = import_from(original / "mlflow.db", data, "--dry-run")
    assert told["dry_run"] and told["kinds"]["runs"]["moved"] > 0
    assert not data.exists()


def fill(database, runs, points):
    """Many points, faster than MLflow's own calls: rows as MLflow writes them."""
    rows = sqlite3.connect(database)
    for run in range(runs):
        name = f"{run:032x}"
        rows.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, "
            "source_version, lifecycle_stage, artifact_uri, experiment_id) VALUES (?, 'r', 'LOCAL', '', '', 'me', "
            "'FINISHED', 5, '', 'active', ?, 0)",
            (name, f"/nowhere/0/{name}/artifacts"),
        )
        rows.executemany(
            'INSERT INTO metrics (run_uuid, "key", value, "timestamp", step, is_nan) VALUES (?, ?, ?, ?, ?, 0)',
            ((name, f"m{i % 5}", i / 3, 1000 + run * points + i, i) for i in range(points)),
        )
        rows.executemany(
            'INSERT INTO latest_metrics (run_uuid, "key", value, "timestamp", step, is_nan) VALUES (?, ?, ?, ?, ?, 0)',
            ((name, f"m{i % 5}", i / 3, 1000 + run * points + i, i) for i in range(points - 5, points)),
        )
    rows.commit()
    rows.close()


MAKE_OLD_SCHEMA = """
import sys
import sqlalchemy
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base

path, revision = sys.argv[1:]
engine = sqlalchemy.create_engine("sqlite:///" + path)
Base.metadata.create_all(engine)
config = _get_alembic_config("sqlite:///" + path)
with engine.begin() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
"""


@pytest.mark.parametrize("version, revision", [("2.0", "97727af70f4d"), ("2.5", "7f2a7d5fae7d"), ("2.22", "0584bdc529eb")])
def test_older_schemas(tmp_path, serve, version, revision):
    """Tables and columns that a version does not have are absent, as MLflow's own migrations leave them."""
    database = tmp_path / "mlflow.db"
    python("-c", MAKE_OLD_SCHEMA, database, revision)
    rows = sqlite3.connect(database)
    rows.execute("INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) VALUES (0, 'Default', './mlruns/0', 'active')")  # fmt: skip
    rows.execute("INSERT INTO registered_models (name, creation_time) VALUES ('model', 7)")
    rows.execute("INSERT INTO model_versions (name, version, creation_time, current_stage, source) VALUES ('model', 4, 8, 'Staging', './mlruns/0/r/artifacts/m')")  # fmt: skip
    rows.commit()
    rows.close()
    fill(database, runs=3, points=10)
    told = import_from(database, tmp_path / "data")
    assert told["complete"] and revision in told["from"], told
    client = MlflowClient(serve(tmp_path / "data").url)
    assert len(client.search_runs(["0"])) == 3
    version = client.get_model_version("model", "4")
    assert (version.current_stage, version.source) == ("Staging", "mlflow-artifacts:/0/r/artifacts/m")


def test_killed_and_started_again(tmp_path):
    """Killed at several moments; in the end everything is there once."""
    database = empty_database(tmp_path / "source")
    direct(database).search_experiments()  # makes the default one
    fill(database, runs=300, points=2000)
    data = tmp_path / "data"
    command = [SLIPWAY, "import", "mlflow", "--from", str(database), "--data", str(data), *database_flags(data)]
    kills = 0
    for delay in (0.3, 0.5, 0.7, 0.9, 1.1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills >= 2, "the import is over before it can be killed: give it more to do"
    told = import_from(database, data)
    assert told["complete"], told
    assert told["kinds"]["metric points"]["in_target"] == 600_000
    assert stored_points(data) == 600_000
    assert query(data, "SELECT count(*) FROM runs") == [(300,)]
    assert query(data, "SELECT min(step), max(step) FROM metric_series") == [(1995, 1999)]


def test_experiments_that_collide_are_refused_before_anything_is_written(original, own_server, tmp_path):
    client = MlflowClient(own_server.url)
    mine = client.create_experiment("mine")
    run = client.create_run(mine).info.run_id
    own_server.stop()
    data = tmp_path / "data"
    command = [SLIPWAY, "import", "mlflow", "--from", original / "mlflow.db", "--data", data, *database_flags(data)]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 3 and "nothing was moved" in refused.stderr
    assert "1 'iris'" in refused.stderr and "--rename-prefix" in refused.stderr
    told = import_from(original / "mlflow.db", data, "--rename-prefix", "old/")
    assert told["complete"] and len(told["renamed"]) == 1, told
    again = import_from(original / "mlflow.db", data, "--rename-prefix", "old/")
    assert again["complete"] and again["kinds"]["runs"]["moved"] == 0
    client = MlflowClient(own_server.start().url)
    moved = client.get_experiment_by_name("old/iris")
    assert moved.experiment_id not in ("1", mine) and client.get_experiment_by_name("gone").experiment_id == "2"
    assert "first" in {r.info.run_name for r in client.search_runs([moved.experiment_id])}
    assert client.get_run(run).info.experiment_id == mine


def test_other_content_is_reported_and_left_alone(made_once, imported, serve, tmp_path):
    data = tmp_path / "data"
    copy_data(imported[0], data)
    query(data, "UPDATE run_params SET value = '0.2' WHERE key = 'lr'")
    told = import_from(made_once / "mlflow.db", data, code=1)
    assert told["problem_count"] == 1 and "param 'lr' is '0.2' here and '0.1' there" in told["problems"][0]
    assert told["kinds"]["runs"]["skipped"] == 1 and not told["kinds"]["runs"]["equal"]
    client = MlflowClient(serve(data).url)
    assert [r.data.params["lr"] for r in client.search_runs(["1"]) if "lr" in r.data.params] == ["0.2"]


def test_locations_do_not_lead_out_of_the_store(original, tmp_path):
    """Rows that name other places, and links in the folders, bring nothing over."""
    store = tmp_path / "store"
    shutil.copytree(original, store)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("secret")
    rows = sqlite3.connect(store / "mlflow.db")
    run = rows.execute("SELECT run_uuid FROM runs WHERE name = 'first'").fetchone()[0]
    rows.execute("UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)", (str(original), str(store)))
    rows.execute("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", (str(secret), run))
    rows.commit()
    rows.close()
    told = import_from(store / "mlflow.db", tmp_path / "data")
    assert any("outside of the store" in what for what in told["not_moved"]), told
    assert not list((tmp_path / "data").rglob("key.txt"))
    rows = sqlite3.connect(store / "mlflow.db")
    link = store / "mlruns" / "1" / run / "artifacts"
    rows.execute("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", (str(link), run))
    rows.commit()
    rows.close()
    (link / "link").symlink_to(secret)
    (link / "file").symlink_to(secret / "key.txt")
    import_from(store / "mlflow.db", tmp_path / "more")
    assert not list((tmp_path / "more").rglob("key.txt")) and not list((tmp_path / "more").rglob("artifacts/file"))


def test_mistakes_are_told(tmp_path):
    def fault(*arguments):
        done = subprocess.run([SLIPWAY, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        assert done.returncode in (2, 3)
        return done.stderr

    data = tmp_path / "data"
    assert "does not exist" in fault("import", "mlflow", "--from", tmp_path / "no.db", "--data", data)
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE a (b)").connection.commit()
    assert "not an MLflow database" in fault("import", "mlflow", "--from", tmp_path / "other.db", "--data", data)
    assert "mlflow db upgrade sqlite:///" in fault("export", "mlflow", "--to", tmp_path / "out.db", "--data", data)
