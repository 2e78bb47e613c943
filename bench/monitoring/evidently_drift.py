"""The same work by Evidently: usage: evidently_drift.py FOLDER, after `bench_drift --write FOLDER`.

Run it in the environment of deps/venv-evidently.txt; only the run of the report is timed, not reading, not HTML.
"""
import os
import resource
import sys
import time

os.environ["DO_NOT_TRACK"] = "1"

import pandas as pd  # noqa: E402
from evidently import Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402


def main():
    folder = sys.argv[1]
    reference = pd.read_parquet(f"{folder}/reference.parquet")
    current = pd.read_parquet(f"{folder}/current.parquet")
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.monotonic()
    Report([DataDriftPreset()]).run(current, reference)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"evidently drift, {len(reference)} rows x {reference.shape[1]} columns: {wall:.3f} s wall, {cpu:.3f} s CPU, "
          f"{(after.ru_maxrss - before.ru_maxrss) // 1024} MiB over the tables")


if __name__ == "__main__":
    main()
