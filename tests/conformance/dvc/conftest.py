"""Black-box comparison of `slipway` with the real `dvc`: what one writes, the other reads.

SLIPWAY_BIN is the program under test, DVC_BIN the reference (default: the `dvc` beside this Python).
"""
import hashlib
import os
import pathlib
import stat
import subprocess
import sys

import pytest

SLIPWAY = os.environ.get("SLIPWAY_BIN") or str(pathlib.Path(__file__).parents[3] / "build" / "slipway")
DVC = os.environ.get("DVC_BIN") or str(pathlib.Path(sys.executable).parent / "dvc")


class Tool:
    """One of the two programs."""

    def __init__(self, program, home):
        self.program = program
        self.name = pathlib.Path(program).name
        # Settings of the person who runs the tests must not matter.
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(home / "site"),
            "LC_ALL": "C.UTF-8",
            "SHELL": "/bin/sh",
        }

    def __call__(self, *arguments, cwd, code=0):
        done = subprocess.run([self.program, *arguments], cwd=cwd, env=self.environment, capture_output=True, text=True)
        if code is not None:
            assert done.returncode == code, f"{self.name} {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def __repr__(self):
        return self.name


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def slipway(home):
    return Tool(SLIPWAY, home)


@pytest.fixture(scope="session")
def dvc(home):
    return Tool(DVC, home)


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *arguments], cwd=folder, check=True, capture_output=True
    )


def make_repository(folder, tool):
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    tool("init", "-q", cwd=folder)
    return folder


def snapshot(folder, modes=False):
    """Content (and mode) of each file below a folder."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file():
            continue
        content = hashlib.md5(path.read_bytes()).hexdigest()
        mode = oct(stat.S_IMODE(path.stat().st_mode))
        found[str(path.relative_to(folder))] = (content, mode) if modes else content
    return found


def text_of(folder, *names):
    return {name: (folder / name).read_text() for name in names if (folder / name).exists()}


@pytest.fixture
def pair(tmp_path, slipway, dvc):
    """Two repositories, each made by one of the programs."""
    return make_repository(tmp_path / "ours", slipway), make_repository(tmp_path / "theirs", dvc)
