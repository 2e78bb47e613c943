"""`make install` gives a tree that works wherever it is moved to, without the checkout."""
import os
import pathlib
import re
import subprocess

import pytest


@pytest.fixture
def moved_tree(slipway, tmp_path):
    build = pathlib.Path(slipway).parent.parent
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path / "prefix"], check=True, capture_output=True)
    return (tmp_path / "prefix").rename(tmp_path / "moved elsewhere")


def run(tree, *arguments, cwd):
    done = subprocess.run([tree / "bin/slipway", *arguments], capture_output=True, text=True, cwd=cwd, timeout=60,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)})
    return done.returncode, done.stdout + done.stderr


def test_it_brings_all_but_the_c_library(moved_tree):
    for file in (moved_tree / "bin/slipway", *moved_tree.glob("lib/slipway/*.so*")):
        needed = re.findall(r"^\s(\S+) => (.+) \(", subprocess.run(
            ["ldd", file], capture_output=True, text=True, check=True,
            env={**os.environ, "LD_LIBRARY_PATH": str(moved_tree / "lib/slipway")}).stdout, re.M)
        outside = {name for name, path in needed if not pathlib.Path(path).is_relative_to(moved_tree)}
        assert outside <= {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0"}, (file, outside)


def test_it_finds_its_libraries_and_works(moved_tree, tmp_path):
    code, text = run(moved_tree, "doctor", cwd=tmp_path)
    assert code == 0 and "FAILED" not in text, text
    assert text.count(str(moved_tree / "lib/slipway")) == 3
    assert not (tmp_path / "slipway-data").exists(), "looking around must not create the data folder"
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "t.sql").write_text("COPY (SELECT * FROM read_csv('t.csv')) TO 't.parquet' (FORMAT parquet);")
    assert run(moved_tree, "sql", "t.sql", cwd=tmp_path)[0] == 0
    code, text = run(moved_tree, "profile", "t.parquet", cwd=tmp_path)
    assert code == 0 and "2 rows" in text, text


def test_nothing_in_it_names_the_checkout(moved_tree):
    checkout = str(pathlib.Path(__file__).resolve().parent.parent.parent).encode()
    for file in (moved_tree / "bin/slipway", moved_tree / "lib/slipway/libslipway_arrow.so"):
        assert checkout not in file.read_bytes(), file
