"""kill -9 under 32 writers, again and again, on both databases: what was acknowledged is there exactly once after the next start,
what was not is there once or not at all."""
import random

import pytest
from conftest import FULL, Server, stored_points
from postgres import postgres
from writers import Writers

ROUNDS = 50 if FULL else 5


@pytest.fixture(params=["sqlite", "postgresql"])
def crashing(request, tmp_path):
    """A server on each of the two databases, whichever the others use."""
    server = Server(tmp_path, database=request.param).start()
    yield server
    server.stop()


def experiment_for(server, name):
    return server.post("experiments/create", {"name": name}).json()["experiment_id"]


@pytest.mark.timeout(1800 if FULL else 120)
def test_what_was_acknowledged_is_there_once_after_each_kill(crashing):
    moments = random.Random(1)
    everything = []
    for round in range(ROUNDS):
        with Writers([crashing], experiment_for(crashing, f"round {round}")) as writers:
            writers.wait_for_more(moments.randint(100, 600))
            crashing.kill()
            writers.stop()
            assert not writers.refusals(), writers.refusals()
        crashing.start()
        writers.check(crashing)
        everything.append(writers)
    for writers in everything[:: max(1, ROUNDS // 5)]:
        writers.check(crashing)  # what later kills could have taken
    points = sum(len(worker.points(crashing, key)) for writers in everything for worker in writers.workers if worker.run
                 for key in ("single", "batch0", "batch1", "batch2", "batch3", "batch4"))  # fmt: skip
    assert stored_points(crashing.folder / "data", crashing.database) == points, "readers leave out second copies; the database must hold none either"


@pytest.mark.timeout(600 if FULL else 120)
def test_the_database_server_dies_and_comes_back(tmp_path):
    """PostgreSQL dies as in a power cut: answers are errors meanwhile, and the server goes on by itself."""
    server = Server(tmp_path, database="postgresql").start()
    try:
        for round in range(10 if FULL else 2):
            with Writers([server], experiment_for(server, f"round {round}")) as writers:
                writers.wait_for_more(200)
                postgres().kill()
                postgres().start()
                writers.wait_for_more(200)
                writers.stop()
            assert all(status == 503 for status, _ in writers.refusals()), writers.refusals()
            writers.check(server)
        assert server.process.poll() is None, "it is the same process still"
    finally:
        server.stop()
