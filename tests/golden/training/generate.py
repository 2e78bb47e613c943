"""Writes logistic.json beside itself: scikit-learn's logistic regression, for domains/training/logistic_test.cpp.

    $(tools/test_venv golden deps/venv-golden.txt)/bin/python tests/golden/training/generate.py
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression

ROWS = 400
CATEGORIES = 4


def main():
    random = np.random.default_rng(5)
    number = random.normal(10, 3, ROWS)
    gaps = random.normal(0, 1, ROWS)
    missing = random.random(ROWS) < 0.2
    code = random.integers(0, CATEGORIES, ROWS)
    margin = 0.3 * (number - 10) - 0.8 * np.where(missing, 1, gaps) + (code == 2) - 0.5
    label = (random.random(ROWS) < 1 / (1 + np.exp(-margin))).astype(int)

    seen = gaps[~missing]
    design = np.column_stack(
        [
            (number - number.mean()) / number.std(),
            np.where(missing, 0, (gaps - seen.mean()) / seen.std()),
            missing,
            *[code == i for i in range(CATEGORIES)],
        ]
    ).astype(float)
    model = LogisticRegression(C=1 / 2.0, tol=1e-13, max_iter=1000, solver="newton-cholesky").fit(design, label)
    target = pathlib.Path(__file__).with_name("logistic.json")
    document = {
        "l2": 2.0,
        "number": number.tolist(),
        "gaps": [None if absent else value for value, absent in zip(gaps.tolist(), missing)],
        "code": code.tolist(),
        "labels": label.tolist(),
        "bias": model.intercept_[0],
        "weights": model.coef_[0].tolist(),
        "probability": model.predict_proba(design)[:, 1].tolist(),
    }
    target.write_text(json.dumps(document) + "\n")


main()
