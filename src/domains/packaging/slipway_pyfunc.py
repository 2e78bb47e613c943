"""Loads a model that Slipway trained, for mlflow.pyfunc.load_model: raw columns in, the model's outputs out.

Needs numpy and pandas, and lightgbm for models of that kind. MLflow imports this file from the model directory.
"""
import json
import math
import os

import numpy as np
import pandas as pd


def _text_of(value, kind):
    if kind == "boolean":
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _encode(frame, features):
    matrix = np.full((len(frame), len(features)), np.nan)
    for place, feature in enumerate(features):
        if feature["name"] not in frame.columns:
            if feature["required"]:
                raise ValueError(f"column '{feature['name']}' is missing")
            continue
        column = frame[feature["name"]]
        if feature["kind"] == "number":
            matrix[:, place] = pd.to_numeric(column).astype("float64").to_numpy()
            continue
        codes = {text: code for code, text in enumerate(feature["categories"])}
        for row, value in enumerate(column):
            if not pd.isna(value):
                matrix[row, place] = codes.get(_text_of(value, feature["type"]), math.nan)
    return matrix


class _Trees:
    def __init__(self, path):
        import lightgbm

        self.booster = lightgbm.Booster(model_file=path)

    def score(self, matrix):
        return self.booster.predict(matrix)


class _Logistic:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.model = json.load(file)

    def score(self, matrix):
        total = np.full(len(matrix), self.model["bias"])
        for place, feature in enumerate(self.model["features"]):
            column = matrix[:, place]
            missing = np.isnan(column)
            filled = np.where(missing, 0, column)
            if feature["categories"]:
                part = np.asarray(feature["categories"])[filled.astype(int)]
            else:
                part = (filled - feature["mean"]) / feature["scale"] * feature["weight"]
            total += np.where(missing, feature["missing"], part)
        return 1 / (1 + np.exp(-total))


class _Model:
    def __init__(self, folder):
        with open(os.path.join(folder, "slipway.json"), encoding="utf-8") as file:
            description = json.load(file)
        self.features = description["features"]
        self.output = description["outputs"][0]["name"]
        kinds = {"lightgbm": _Trees, "logistic": _Logistic}
        self.model = kinds[description["kind"]](os.path.join(folder, description["data"]))

    def predict(self, model_input, params=None):
        return pd.DataFrame({self.output: self.model.score(_encode(pd.DataFrame(model_input), self.features))})


def _load_pyfunc(path):
    return _Model(os.path.dirname(path) if os.path.isfile(path) else path)
