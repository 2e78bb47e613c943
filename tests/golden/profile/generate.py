#!/usr/bin/env python3
"""Writes tests/data/readings.csv, a small table with the usual trouble, and profile.json, what pandas says of it.

Run in the environment that tools/test_venv makes from deps/venv-profile.txt. Both files are checked in; the C++ test
compares with the JSON and needs no Python.
"""
import csv
import json
import pathlib
import random
import statistics

import pandas

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data" / "readings.csv"
QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def write_data():
    source = random.Random(20130101)
    sites = ["north", "south", "Küste", "a, b", 'the "old" one']
    with DATA.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["id", "code", "site", "at", "ok", "temperature", "count", "tiny", "huge", "note"])
        for i in range(200):
            temperature = "" if i % 17 == 3 else repr(round(source.gauss(12.5, 7.25), 3))
            count = "NA" if i % 29 == 7 else str(source.randrange(-3, 40))
            at = f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}T{i % 24:02d}:30:00Z"
            note = source.choice(["", "checked", "re-read", "broken?"])
            out.writerow([i + 1, f"{i % 90:03d}", source.choice(sites), at, str(i % 5 != 0).lower(), temperature, count,
                          repr(source.random() * 1e-9), repr(1e15 + source.random() * 1e3), note])


def numbers_of(values):
    values = values.dropna().astype(float)
    return {
        "min": values.min(), "max": values.max(), "mean": values.mean(),
        # Exact by fractions: pandas loses half of the digits on the column "huge".
        "standard_deviation": statistics.stdev(values.tolist()),
        "zeros": int((values == 0).sum()), "negative": int((values < 0).sum()),
        "quantiles": {str(q): values.quantile(q) for q in QUANTILES},
    }


def column_of(name, values):
    out = {"name": name, "count": int(values.count()), "missing": int(values.isna().sum()),
           "distinct": int(values.nunique())}
    counts = values.value_counts()
    out["top_count"] = int(counts.iloc[0])
    if pandas.api.types.is_datetime64_any_dtype(values):
        out["type"] = "time"
        milliseconds = (values - pandas.Timestamp(0, tz="UTC")) / pandas.Timedelta(milliseconds=1)
        out["numbers"] = numbers_of(milliseconds)
    elif pandas.api.types.is_bool_dtype(values):
        out["type"] = "boolean"
        out["numbers"] = numbers_of(values.astype(float))
    elif pandas.api.types.is_numeric_dtype(values):
        out["type"] = "integer" if (values.dropna() % 1 == 0).all() else "double"
        out["numbers"] = numbers_of(values)
    else:
        out["type"] = "text"
        lengths = values.dropna().str.len()
        out["lengths"] = {"min": int(lengths.min()), "mean": lengths.mean(), "max": int(lengths.max())}
    return out


def main():
    write_data()
    table = pandas.read_csv(DATA, dtype={"code": str}, parse_dates=["at"], float_precision="round_trip",
                            keep_default_na=False, na_values=["", "NA"])
    golden = {"rows": len(table), "duplicate_rows": int(table.duplicated().sum()),
              "columns": [column_of(name, table[name]) for name in table.columns]}
    (HERE / "profile.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
