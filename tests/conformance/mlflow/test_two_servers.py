"""Two servers on one PostgreSQL database and one S3 bucket, as behind a load balancer: each may die at any moment and nothing is
lost; what both do at the same time is done once, and whoever comes second gets an answer that says so."""
import collections
import concurrent.futures
import random
import threading

import pytest
import requests
from conftest import FULL, Server, query, stored_points
from object_store import object_store
from postgres import postgres
from test_webhooks import OPEN, Receiver
from writers import KINDS, Writers

ROUNDS = 20 if FULL else 4


class Pair:
    """Two servers with a data folder each, as on two machines; all that matters is in the database and the bucket."""

    def __init__(self, folder, *flags, environment=None):
        self.data = folder / "shared"  # names the database to `query`
        shared = ["--database", postgres().database(str(self.data)), "--blobs", object_store().bucket()]
        self.servers = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            # Not a database for each: both get the one above.
            self.servers.append(
                Server(folder / name, *shared, *flags, environment={**object_store().environment, **(environment or {})}, database="sqlite")
            )
        self.at_once(lambda server: server.start())

    def at_once(self, work, times=1):
        """Calls `work` with each server at the same moment, and so on; what it returned, by turn."""
        barrier = threading.Barrier(len(self.servers))

        def one(server):
            barrier.wait(60)
            return work(server)

        with concurrent.futures.ThreadPoolExecutor(len(self.servers)) as pool:
            return [[done.result() for done in [pool.submit(one, server) for server in self.servers]] for _ in range(times)]

    def race(self, work, clients=8):
        """Several clients at once, half of them at each server."""
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            return list(pool.map(lambda number: work(self.servers[number % 2], number), range(clients)))

    def stop(self):
        for server in self.servers:
            server.stop()


@pytest.fixture()
def pair(tmp_path):
    two = Pair(tmp_path)
    yield two
    two.stop()


@pytest.mark.timeout(900 if FULL else 120)
def test_each_is_killed_in_turn_and_nothing_is_lost(pair):
    moments = random.Random(2)
    experiment = pair.servers[0].post("experiments/create", {"name": "shared"}).json()["experiment_id"]
    with Writers(pair.servers, experiment, count=16, kinds=[*KINDS, "upload"]) as writers:
        for round in range(ROUNDS):
            writers.wait_for_more(moments.randint(100, 400))
            victim = pair.servers[round % 2]
            victim.kill()
            writers.wait_for_more(100)  # the other goes on
            victim.start()
        writers.wait_for_more(100)
        writers.stop()
    assert not writers.refusals(), writers.refusals()
    for server in pair.servers:
        writers.check(server)
    points = sum(len(worker.points(pair.servers[0], key)) for worker in writers.workers if worker.run
                 for key in ("single", "batch0", "batch1", "batch2", "batch3", "batch4"))  # fmt: skip
    assert stored_points(pair.data, "postgresql") == points


def statuses(answers):
    assert all(answer.status_code < 500 for answer in answers), [answer.text for answer in answers if answer.status_code >= 500]
    return collections.Counter(answer.status_code for answer in answers)


def test_a_name_is_given_once(pair):
    for turn in range(10):
        made = pair.race(lambda server, _: server.post("experiments/create", {"name": f"e{turn}"}))
        assert statuses(made) == {200: 1, 400: 7}
        assert {answer.json()["error_code"] for answer in made if not answer.ok} == {"RESOURCE_ALREADY_EXISTS"}
        made = pair.race(lambda server, _: server.post("registered-models/create", {"name": f"m{turn}"}))
        assert statuses(made) == {200: 1, 400: 7}
        assert {answer.json()["error_code"] for answer in made if not answer.ok} == {"RESOURCE_ALREADY_EXISTS"}
    renamed = pair.race(lambda server, n: server.post("registered-models/rename", {"name": f"m{n}", "new_name": "the one"}))
    assert statuses(renamed)[200] == 1 and set(statuses(renamed)) == {200, 400}
    renamed = pair.race(lambda server, n: server.post("experiments/update", {"experiment_id": str(n + 1), "new_name": "the one"}))
    assert statuses(renamed)[200] == 1 and set(statuses(renamed)) == {200, 400}


def test_numbers_are_given_once_and_none_is_left_out(pair):
    one = pair.servers[0]
    run = one.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]
    one.post("registered-models/create", {"name": "m"})
    made = []
    for _ in range(5):
        made += pair.race(lambda server, _: server.post("experiments/create", {"name": f"x{random.random()}"}))
    assert statuses(made) == {200: 40}
    assert len({answer.json()["experiment_id"] for answer in made}) == 40
    body = {"name": "m", "source": f"{run['artifact_uri']}/model", "run_id": run["run_id"]}
    made = []
    for _ in range(5):
        made += pair.race(lambda server, _: server.post("model-versions/create", body))
    assert statuses(made) == {200: 40}
    assert sorted(int(answer.json()["model_version"]["version"]) for answer in made) == list(range(1, 41))


def test_both_write_to_one_run(pair):
    one, two = pair.servers
    run = one.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]["run_id"]

    def write(server, number):
        answers = []
        for step in range(number, 400, 8):
            metric = {"run_id": run, "key": "m", "value": step, "step": step, "timestamp": step}
            answers.append(server.post("runs/log-metric", metric))
            answers.append(server.post("runs/set-tag", {"run_id": run, "key": "newest", "value": str(step)}))
        return answers

    assert set(statuses(sum(pair.race(write), []))) == {200}
    for server in (one, two):
        points = server.get("metrics/get-history", run_id=run, metric_key="m").json()["metrics"]
        assert [point["step"] for point in points] == list(range(400))
        data = server.get("runs/get", run_id=run).json()["run"]["data"]
        assert data["metrics"][0]["step"] == 399
    assert stored_points(pair.data, "postgresql") == 400
    for turn in range(10):
        param = pair.race(lambda server, number: server.post("runs/log-parameter", {"run_id": run, "key": f"p{turn}", "value": str(number)}))
        assert statuses(param) == {200: 1, 400: 7}, "the first value stays"


def test_what_one_wrote_the_other_reads_at_once(pair):
    one, two = pair.servers
    for turn in range(20):
        name = f"e{turn}"
        experiment = one.post("experiments/create", {"name": name}).json()["experiment_id"]
        assert two.get("experiments/get-by-name", experiment_name=name).json()["experiment"]["experiment_id"] == experiment
        run = two.post("runs/create", {"experiment_id": experiment}).json()["run"]["info"]
        place = f"/api/2.0/mlflow-artifacts/artifacts/{run['artifact_uri'].removeprefix('mlflow-artifacts:/')}/file"
        assert requests.put(one.url + place, data=b"%d" % turn, timeout=60).ok
        assert requests.get(two.url + place, timeout=60).content == b"%d" % turn
        one.post("runs/delete", {"run_id": run["run_id"]})
        assert two.post("runs/set-tag", {"run_id": run["run_id"], "key": "k", "value": "v"}).status_code == 400


def test_parts_of_an_upload_may_go_to_either(pair):
    one, two = pair.servers
    run = one.post("runs/create", {"experiment_id": "0"}).json()["run"]["info"]
    folder = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    parts = [b"a" * (5 << 20), b"b" * 1000]
    body = {"path": "f.bin", "num_parts": 2}
    made = requests.post(f"{one.url}/api/2.0/mlflow-artifacts/mpu/create/{folder}", json=body, timeout=60).json()
    sent = []
    for part, credential, server in zip(parts, made["credentials"], (one, two)):
        place = credential["url"] if credential["url"].startswith("http") else one.url + credential["url"]
        answer = requests.put(place.replace(one.url, server.url), data=part, headers=credential.get("headers"), timeout=60)
        assert answer.ok, answer.text
        sent.append({"part_number": credential["part_number"], "etag": answer.headers["ETag"]})
    body = {"path": "f.bin", "upload_id": made["upload_id"], "parts": sent}
    done = requests.post(f"{two.url}/api/2.0/mlflow-artifacts/mpu/complete/{folder}", json=body, timeout=60)
    assert done.ok, done.text
    content = requests.get(f"{one.url}/api/2.0/mlflow-artifacts/artifacts/{folder}/f.bin", timeout=60).content
    assert content == b"".join(parts)


def test_a_call_is_made_once(tmp_path):
    """Webhooks: whoever of the two comes first makes the call, with the secret that was given to either."""
    receiver = Receiver()
    two = Pair(tmp_path, environment={**OPEN, "SLIPWAY_WEBHOOK_SECRET_KEY": "of both"})
    try:
        hook = {"name": "hook", "url": receiver.url(), "secret": "s", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}
        made = requests.post(f"{two.servers[0].url}/api/2.0/mlflow/webhooks", json=hook, timeout=60)
        assert made.ok, made.text
        for n in range(40):
            assert two.servers[n % 2].post("registered-models/create", {"name": f"m{n}"}).ok
        receiver.wait_for(40)
        deliveries = lambda: query(two.data, "SELECT count(*) FROM webhook_deliveries", "postgresql")[0][0]  # noqa: E731
        assert wait_until(lambda: deliveries() == 0)
        calls = [call["json"]["data"]["name"] for call in receiver.wait_for(40)]
        assert sorted(calls) == sorted(f"m{n}" for n in range(40)), "each once"
        assert all("X-MLflow-Signature" in call["headers"] for call in receiver.calls)
    finally:
        two.stop()
        receiver.shutdown()


def test_a_secret_that_only_one_can_read_is_used_by_that_one(tmp_path):
    """Without a common key, each server's own file has one: calls wait for the server that can sign them."""
    receiver = Receiver()
    two = Pair(tmp_path, environment=OPEN)
    try:
        hook = {"name": "hook", "url": receiver.url(), "secret": "s", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}
        assert requests.post(f"{two.servers[0].url}/api/2.0/mlflow/webhooks", json=hook, timeout=60).ok
        for n in range(10):
            assert two.servers[1].post("registered-models/create", {"name": f"m{n}"}).ok
        receiver.wait_for(10, seconds=60)
        assert all("X-MLflow-Signature" in call["headers"] for call in receiver.calls)
    finally:
        two.stop()
        receiver.shutdown()


def wait_until(condition, seconds=30):
    import time

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("times", [10 if FULL else 2])
def test_two_start_on_an_empty_database(tmp_path, times):
    for turn in range(times):
        folder = tmp_path / str(turn)
        folder.mkdir()
        two = Pair(folder)
        found = [server.post("experiments/search", {"max_results": 10}).json()["experiments"] for server in two.servers]
        assert [[one["name"] for one in experiments] for experiments in found] == [["Default"]] * 2
        two.stop()


def test_users_are_made_once(tmp_path):
    two = Pair(tmp_path, "--auth", environment={"SLIPWAY_ADMIN_PASSWORD": "of the admin 1"})
    admin = ("admin", "of the admin 1")
    try:
        for turn in range(5):
            body = {"username": f"ann{turn}", "password": "a long password"}
            made = two.race(lambda server, _: server.post("users/create", body, auth=admin), clients=4)
            assert statuses(made) == {200: 1, 400: 3}, [answer.text for answer in made]
        one, other = two.servers
        ann = ("ann0", "a long password")
        assert other.post("runs/create", {"experiment_id": "0"}, auth=ann).status_code == 403, "she may read, not write"
        assert one.post("experiments/permissions/create", {"experiment_id": "0", "username": "ann0", "permission": "EDIT"}, auth=admin).ok
        assert other.post("runs/create", {"experiment_id": "0"}, auth=ann).ok, "what one was told the other knows"
        change = {"username": "ann0", "password": "another password"}
        assert requests.patch(f"{one.url}/api/2.0/mlflow/users/update-password", json=change, auth=admin, timeout=60).ok
        assert wait_until(lambda: other.post("runs/create", {"experiment_id": "0"}, auth=ann).status_code == 401, seconds=5)
    finally:
        two.stop()
