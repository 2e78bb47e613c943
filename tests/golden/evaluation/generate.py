"""Writes metrics.json beside itself: what scikit-learn says of fixed samples, for domains/evaluation/metrics_test.cpp.

    $(tools/test_venv golden deps/venv-golden.txt)/bin/python tests/golden/evaluation/generate.py
"""
import json
import pathlib

import numpy as np
from sklearn import metrics


def calibration_error(scores, labels, bins=10):
    place = np.minimum((scores * bins).astype(int), bins - 1)
    total = 0.0
    for i in range(bins):
        inside = place == i
        if inside.any():
            total += inside.sum() * abs(scores[inside].mean() - labels[inside].mean())
    return total / len(scores)


def case(name, scores, labels, threshold):
    predicted = scores >= threshold
    false_rate, true_rate, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    return {
        "name": name,
        "threshold": threshold,
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "metrics": {
            "auc": metrics.roc_auc_score(labels, scores),
            "average_precision": metrics.average_precision_score(labels, scores),
            "log_loss": metrics.log_loss(labels, scores),
            "brier": metrics.brier_score_loss(labels, scores),
            "ece": calibration_error(scores, labels),
            "accuracy": metrics.accuracy_score(labels, predicted),
            "precision": metrics.precision_score(labels, predicted, zero_division=0),
            "recall": metrics.recall_score(labels, predicted),
            "f1": metrics.f1_score(labels, predicted, zero_division=0),
        },
        "roc_false_positive_rate": false_rate.tolist(),
        "roc_true_positive_rate": true_rate.tolist(),
    }


def main():
    random = np.random.default_rng(20)
    smooth = random.beta(2, 5, 400)
    cases = [
        case("distinct scores", smooth, (random.random(400) < smooth).astype(int), 0.5),
        case("many ties", np.round(smooth, 1), (random.random(400) < smooth).astype(int), 0.3),
        case("sure and wrong", np.array([0.0, 1.0, 0.0, 1.0, 0.5]), np.array([0, 1, 1, 0, 1]), 0.5),
        case("all alike", np.full(20, 0.25), np.array([0, 1] * 10), 0.25),
        case("no positive prediction", smooth / 10, (random.random(400) < 0.1).astype(int), 0.9),
    ]
    labels = random.normal(3, 2, 300)
    predictions = labels + random.normal(0.1, 0.7, 300)
    regression = {
        "predictions": predictions.tolist(),
        "labels": labels.tolist(),
        "metrics": {
            "mae": metrics.mean_absolute_error(labels, predictions),
            "rmse": float(np.sqrt(metrics.mean_squared_error(labels, predictions))),
            "r2": metrics.r2_score(labels, predictions),
        },
    }
    target = pathlib.Path(__file__).with_name("metrics.json")
    target.write_text(json.dumps({"cases": cases, "regression": regression}, indent=1) + "\n")


main()
