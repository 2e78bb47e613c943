"""The features of a flight do not change when the future changes: no leakage.

The future after a moment is shifted and overwritten in every raw table; the features of flights judged before that moment
must come out the same, cell for cell.
"""
import csv
import pathlib
import shutil
import subprocess

import pytest

MOMENT = "2013-03-10"  # the future starts here; three months of data keep the test quick
LAST = "2013-03-20"


def features(slipway, project, until):
    def sql(*arguments):
        subprocess.run([slipway, "sql", *arguments], cwd=project, check=True, capture_output=True, text=True)

    sql("sql/ingest.sql", "--set", f"until={until}")
    sql("sql/features.sql", "--set", "flights=data/flights.parquet", "--set", "from=2013-02-01", 
        "--set", "holdout=0 days", "--set", "output=data/features.parquet", "--set", "held_out=data/last.parquet")
    (project / "dump.sql").write_text(
        f"SELECT * FROM read_parquet('data/features.parquet') WHERE judged_at < TIMESTAMP '{MOMENT}' ORDER BY flight_id;")
    done = subprocess.run([slipway, "sql", "dump.sql", "--output", "dump.csv"], cwd=project, check=True, capture_output=True, text=True)
    assert done.returncode == 0
    with open(project / "dump.csv", newline="") as file:
        return list(csv.reader(file))


def rewrite(path, change):
    """Applies `change` to each row (a dict) of a CSV file; keeps the columns."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        change(row)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def project(flights_project):
    raw = flights_project / "data/raw"
    # The first months are enough; the rest would only cost time.
    with open(raw / "flights.csv") as file:
        lines = file.readlines()
    header, rows = lines[0], [line for line in lines[1:] if line.split(",")[1] in ("1", "2", "3")]
    (raw / "flights.csv").write_text(header + "".join(rows))
    return flights_project


def test_a_changed_future_changes_no_feature_of_the_past(slipway, project):
    before = features(slipway, project, LAST)
    assert len(before) > 20_000, "the test needs rows to compare"

    def shift_flight(row):
        # A flight that is judged after the moment leaves after it too, so its facts are the future.
        if row["time_hour"] >= MOMENT + "T02":
            for column in ("dep_delay", "arr_delay"):
                if row[column] != "NA":
                    row[column] = str(int(row[column]) + 300)

    def shift_weather(row):
        if row["time_hour"] >= MOMENT:
            row["temp"] = "-40"
            row["visib"] = "0"

    rewrite(project / "data/raw/flights.csv", shift_flight)
    rewrite(project / "data/raw/weather.csv", shift_weather)
    assert features(slipway, project, LAST) == before


def test_what_is_reported_later_changes_no_feature_of_the_past(slipway, project):
    assert features(slipway, project, "2013-03-14") == features(slipway, project, LAST)


def test_the_check_itself_would_notice_a_leak(slipway, project):
    """Shifting the past does change features: the comparison above can fail."""
    before = features(slipway, project, LAST)

    def shift_flight(row):
        if row["time_hour"] < MOMENT and row["dep_delay"] != "NA":
            row["dep_delay"] = str(int(row["dep_delay"]) + 300)

    rewrite(project / "data/raw/flights.csv", shift_flight)
    assert features(slipway, project, LAST) != before
