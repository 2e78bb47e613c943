"""What `slipway train` writes, loaded by MLflow's stock client, and judged by `slipway evaluate`."""
import hashlib
import json
import xml.etree.ElementTree as ElementTree

import lightgbm
import mlflow
import numpy as np
import pandas as pd
import pytest


def raw_rows(project):
    """As a client would have them: columns with gaps are float, text is text."""
    rows = pd.read_csv(project.folder / "rows.csv")
    rows["holiday"] = rows["holiday"].astype(bool)
    return rows


def hashes(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("learner", ["lightgbm", "logistic"])
def test_pyfunc_takes_raw_columns_and_predicts_the_same(project, learner):
    project.train(learner, learner)
    project.slipway("predict", learner, "--input", "rows.csv", "--output", f"{learner}.csv")
    wanted = pd.read_csv(project.folder / f"{learner}.csv")["probability"]
    model = mlflow.pyfunc.load_model(str(project.folder / learner))
    rows = raw_rows(project)[[column.name for column in model.metadata.signature.inputs]]
    got = model.predict(rows)
    assert list(got.columns) == ["probability"]
    assert np.abs(got["probability"] - wanted).max() < 1e-12
    without_wind = model.predict(rows.drop(columns="wind"))
    assert without_wind["probability"].notna().all()
    with pytest.raises(mlflow.exceptions.MlflowException):
        model.predict(rows.drop(columns="hour"))


def test_lightgbm_flavor_gives_the_booster(project):
    project.train("lightgbm", "booster")
    booster = mlflow.lightgbm.load_model(str(project.folder / "booster"))
    assert booster.feature_name() == ["origin", "wind", "hour", "holiday"]
    assert booster.num_trees() == json.loads((project.folder / "booster/metrics.json").read_text())["rounds"]


def test_two_trainings_write_the_same_bytes(project):
    project.train("logistic, lightgbm", "one", "--threads", "1")
    project.train("logistic, lightgbm", "two", "--threads", "2")
    assert hashes(project.folder / "one") == hashes(project.folder / "two")


def test_offline_training_says_that_nothing_is_logged(project):
    assert "not logged" in project.train("logistic", "offline")


def test_gates_decide_the_exit_code(project):
    project.train("lightgbm", "judged")
    (project.folder / "gates.yaml").write_text(
        "gates:\n- {metric: auc, min: 0.6}\n- {metric: auc, slice: {column: origin}, min: 0.55, min_rows: 200}\n"
        "- {metric: auc, against: champion, min_delta: 0.3}\n"
    )
    command = ["evaluate", "judged", "rows.csv", "--target", "late", "--gates", "gates.yaml"]
    project.slipway(*command, "--json", "alone.json")
    alone = json.loads((project.folder / "alone.json").read_text())
    assert alone["gates"]["passed"] and alone["gates"]["results"][-1]["skipped"]
    project.slipway(*command, "--against", "judged", "--junit", "gates.xml", "--json", "both.json", code=1)
    both = json.loads((project.folder / "both.json").read_text())
    assert [result["passed"] for result in both["gates"]["results"]][-1] is False
    assert both["champion"] == both["metrics"]
    suite = ElementTree.parse(project.folder / "gates.xml").getroot().find("testsuite")
    assert suite.get("failures") == "1" and int(suite.get("tests")) == len(both["gates"]["results"])


def test_a_damaged_model_is_refused(project):
    project.train("lightgbm", "damaged")
    path = project.folder / "damaged/model.lgb"
    path.write_text(path.read_text().replace("leaf_value=", "leaf_value=1", 1))
    output = project.slipway("predict", "damaged", "--input", "rows.csv", "--output", "x.csv", code=3)
    assert "SHA-256 differs" in output
    assert not (project.folder / "x.csv").exists()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["evaluate", "nowhere", "rows.csv", "--target", "late"], "there is no model at nowhere"),
        (["predict", "models:/a@b", "--input", "rows.csv", "--output", "x.csv"], "which server?"),
        (["train", "--config", "no.yaml", "--data", "rows.csv"], "no.yaml"),
        (["train", "--config", "train.yaml", "--data", "rows.csv", "--set", "rounds=-1"], "rounds"),
        (["train", "--config", "train.yaml", "--data", "rows.csv", "--register", "x"], "needs a server"),
    ],
)
def test_mistakes_are_named(project, arguments, said):
    project.train("logistic", "any")
    assert said in project.slipway(*arguments, code=2)


def frame_with_categories(rows=3000):
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "city": pd.Categorical(random.choice(["rome", "oslo", "paris"], rows), categories=["rome", "oslo", "paris"]),
            "grade": pd.Categorical(random.choice([10, 20, 30, 7], rows)),
            "x": random.normal(size=rows),
            "flag": pd.Categorical(random.choice([True, False], rows)),
            "level": pd.Categorical(random.choice(["low", "high"], rows), categories=["low", "high"], ordered=True),
        }
    )
    score = (frame.city == "oslo") * 2 + (frame.grade == 7) * 1.5 + frame.x + (frame.flag == True) + (frame.level == "high")  # noqa: E712
    return frame, (score + random.normal(size=rows) > 2).astype(int)


@pytest.mark.parametrize("with_signature", [False, True])
def test_a_booster_with_pandas_categories_predicts_what_lightgbm_predicts(project, with_signature):
    frame, late = frame_with_categories()
    if not with_signature:
        frame = frame.drop(columns="level")  # an ordered category is told from a number by the signature alone
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, lightgbm.Dataset(frame, late), 20)
    wanted = booster.predict(frame)
    folder = project.folder / f"pandas{with_signature}"
    signature = mlflow.models.infer_signature(frame, wanted) if with_signature else None
    mlflow.lightgbm.save_model(booster, folder, signature=signature)
    frame.to_csv(project.folder / "frame.csv", index=False)
    project.slipway("predict", folder.name, "--input", "frame.csv", "--output", "got.csv")
    got = pd.read_csv(project.folder / "got.csv")["prediction"]
    assert np.abs(got - wanted).max() < 1e-12
    # A value that training did not know is a missing one, in LightGBM too.
    strange = frame.head(1).assign(city="lima")
    strange.to_csv(project.folder / "strange.csv", index=False)
    project.slipway("predict", folder.name, "--input", "strange.csv", "--output", "got.csv")
    missing = frame.head(1).assign(city=pd.Categorical([None], categories=["rome", "oslo", "paris"]))
    assert abs(pd.read_csv(project.folder / "got.csv")["prediction"][0] - booster.predict(missing)[0]) < 1e-12


def test_categories_of_unknown_columns_are_refused(project):
    frame, late = frame_with_categories()
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, lightgbm.Dataset(frame, late), 2)
    mlflow.lightgbm.save_model(booster, project.folder / "ordered")
    frame.to_csv(project.folder / "frame.csv", index=False)
    said = project.slipway("predict", "ordered", "--input", "frame.csv", "--output", "none.csv", code=3)
    assert "does not say which" in said and not (project.folder / "none.csv").exists()
