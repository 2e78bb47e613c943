"""A small table with a learnable label, and models that `slipway train` makes of it without a server."""
import os
import pathlib
import subprocess

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", GIT_PYTHON_REFRESH="quiet")

import numpy as np
import pandas as pd
import pytest

SLIPWAY = os.environ.get("SLIPWAY_BIN") or str(pathlib.Path(__file__).parents[3] / "build" / "slipway")

CONFIG = """target: late
time_column: at
split: {validate_fraction: 0.25}
learners: [%s]
search: {trials: 2, seed: 5, space: {num_leaves: [4, 16]}}
rounds: 40
early_stopping_rounds: 10
reference_rows: 200
"""


class Project:
    """A folder with data and one command line to run in it."""

    def __init__(self, folder):
        self.folder = folder

    def slipway(self, *arguments, code=0, env=None):
        settings = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "SLIPWAY_SERVER"))}
        settings.update({"SLIPWAY_CACHE": str(self.folder / "cache")}, **(env or {}))
        done = subprocess.run(
            [SLIPWAY, *map(str, arguments)], cwd=self.folder, env=settings, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def train(self, learner, output, *more):
        (self.folder / "train.yaml").write_text(CONFIG % learner)
        return self.slipway("train", "--config", "train.yaml", "--data", "rows.csv", "--output", output, *more)


def make_rows(count=3000, seed=1):
    random = np.random.default_rng(seed)
    wind = random.uniform(0, 20, count).round(3)
    origin = random.choice(["EWR", "JFK", "LGA"], count)
    hour = random.integers(5, 20, count)
    holiday = random.random(count) < 0.1
    chance = 0.05 + 0.03 * wind + 0.2 * (origin == "EWR") + 0.02 * (hour - 12)
    return pd.DataFrame(
        {
            "at": pd.date_range("2013-01-01", periods=count, freq="h").strftime("%Y-%m-%dT%H:%M:%SZ"),
            "origin": pd.Series(origin).mask(random.random(count) < 0.05),
            "wind": pd.Series(wind).mask(random.random(count) < 0.1),
            "hour": hour,
            "holiday": np.where(holiday, "true", "false"),
            "late": (random.random(count) < chance).astype(int),
        }
    )


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    made = Project(tmp_path_factory.mktemp("project"))
    make_rows().to_csv(made.folder / "rows.csv", index=False)
    return made
