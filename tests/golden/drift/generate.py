"""Writes drift.json, the golden values of the drift tests, by Evidently and SciPy of deps/venv-evidently.txt:

    "$(tools/test_venv evidently deps/venv-evidently.txt)/bin/python" tests/golden/drift/generate.py
"""
import json
import math
import os
import pathlib
import warnings

os.environ["DO_NOT_TRACK"] = "1"
warnings.filterwarnings("ignore")

import evidently  # noqa: E402
import numpy as np  # noqa: E402
import scipy  # noqa: E402
from evidently import Report  # noqa: E402
from evidently.core.datasets import infer_column_type  # noqa: E402
from evidently.legacy.calculations.stattests.registry import _get_default_stattest, get_registered_stattest  # noqa: E402
from evidently.legacy.core import ColumnType  # noqa: E402
from evidently.metrics import ValueDrift  # noqa: E402
from scipy import stats  # noqa: E402

from columns import SETS, frame  # noqa: E402

NUMERICAL = ["ks", "wasserstein", "jensenshannon", "psi", "kl_div", "hellinger", "ed", "cramer_von_mises", "anderson",
             "mannw", "t_test"]
CATEGORICAL = ["chisquare", "z", "jensenshannon", "psi", "kl_div", "hellinger"]


def finite(value):
    value = float(value)
    return value if math.isfinite(value) else str(value)


def clean(series):
    return series.replace([-np.inf, np.inf], np.nan).dropna()


def kinds(name):
    if name.startswith("num_"):
        return [ColumnType.Numerical]
    if name.startswith("int_"):
        return [ColumnType.Numerical, ColumnType.Categorical]
    return [ColumnType.Categorical]


def scores(reference, current, kind):
    out = {}
    for method in NUMERICAL if kind == ColumnType.Numerical else CATEGORICAL:
        try:
            result = get_registered_stattest(method, kind)(reference.copy(), current.copy(), kind, None)
            score = result.drift_score
            if method == "cramer_von_mises" and max(len(reference), len(current)) <= 20:
                # Evidently counts the mixes in 32-bit fractions there; SciPy's own count has all digits.
                score = stats.cramervonmises_2samp(reference, current).pvalue
            out[method] = [finite(score), bool(result.drifted)]
        except ValueError:
            continue  # the tool itself refuses the column; what we do there is ours to say
    return out


def one_set(name):
    reference, current = frame(name, False), frame(name, True)
    out = {}
    for column in reference.columns:
        r, c = clean(reference[column]), clean(current[column])
        entry = {"inferred": infer_column_type(current[column]).value}
        for kind in kinds(column):
            default = _get_default_stattest(r, c, kind)
            entry[kind.value] = {"default": default.name, "threshold": default.default_threshold,
                                 "scores": scores(r, c, kind)}
        out[column] = entry
    return out


def whole_report(name):
    """What a user of the tool sees: the value of every column of the set in one report, with its own defaults."""
    reference, current = frame(name, False), frame(name, True)
    result = Report([ValueDrift(column=c) for c in reference.columns]).run(current, reference)
    return {m["config"]["column"]: [finite(m["value"]), m["config"]["method"]] for m in result.dict()["metrics"]}


def kolmogorov_grid():
    """Every branch of the two-sided Kolmogorov distribution: [n, distance, survival]."""
    out = []
    for n in (1, 2, 5, 10, 50, 139, 140, 141, 500, 3000, 99_000, 100_001, 450_000):
        for scaled in (0.02, 0.3, 0.5, 0.8, 0.87, 1.0, 1.3, 1.49, 1.9, 2.5, 4.0, 6.0, 20.0):
            distance = scaled / math.sqrt(n)
            out.append([n, distance, float(stats.kstwo.sf(distance, n))])
        for distance in (0.4 / n, 0.5 / n, 0.7 / n, 1.0 / n, 1 - 0.5 / n, 0.5, 0.6, 1.0):
            out.append([n, distance, float(stats.kstwo.sf(distance, n))])
    return out


def main():
    document = {"versions": {"evidently": evidently.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
                "sets": {name: one_set(name) for name in SETS}, "report": whole_report("small"),
                "kolmogorov": kolmogorov_grid()}
    text = json.dumps(document, indent=None, separators=(",", ":"), allow_nan=False)
    text = text.replace('},"', '},\n"').replace("],[", "],\n[")
    pathlib.Path(__file__).with_name("drift.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
