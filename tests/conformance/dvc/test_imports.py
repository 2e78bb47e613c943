"""import, import-url, update, get and get-url: the same .dvc files, data and exit codes as DVC, and DVC finds them clean."""
import re
import shutil

import pytest
from conftest import git, make_repository, snapshot


@pytest.fixture(scope="module")
def source(tmp_path_factory, dvc):
    """A repository with two versions, tracked by data and by Git."""
    folder = make_repository(tmp_path_factory.mktemp("imports") / "src", dvc)
    (folder / "d/sub").mkdir(parents=True)
    (folder / "code").mkdir()
    for path, text in (("d/1", "1"), ("d/sub/ü 2", "2"), ("f", "f"), ("code/x.py", "x"), ("code/y", "y")):
        (folder / path).write_text(text)
    (folder / "code/x.py").chmod(0o755)
    dvc("add", "-q", "d", "f", cwd=folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "tag", "v1")
    (folder / "f").write_text("second")
    dvc("add", "-q", "f", cwd=folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "two")
    git(folder.parent, "clone", "-q", "--bare", str(folder), str(folder.parent / "bare.git"))
    return folder


def written(folder):
    files = {path.name: path.read_text() for path in sorted(folder.glob("*.dvc")) if path.is_file()}
    return files, snapshot_of_data(folder)


def snapshot_of_data(folder):
    return {name: value for name, value in snapshot(folder).items() if not name.startswith((".git/", ".dvc/", ".gitignore"))}


@pytest.mark.parametrize("arguments, code", [
    ("import SRC f", 0),
    ("import SRC f -o old --rev v1", 0),
    ("import SRC d -o dd", 0),
    ("import SRC d/sub -o part", 0),
    ("import SRC d/1", 0),
    ("import SRC code -o c", 0),
    ("import BARE code/x.py -o x", 0),
    ("import file://BARE code/x.py -o x", 0),
    ("import SRC f --no-download", 0),
    ("import SRC f --no-exec", 0),
    ("import SRC/nowhere f", 1),
    ("import SRC f --rev nowhere", 1),
    ("import-url SRC/code/x.py", 0),
    ("import-url SRC/code c", 0),
    ("import-url SRC/code/y --no-download", 0),
    ("import-url SRC/code/y --no-exec", 0),
    ("import-url SRC/nowhere", 1),
    ("import-url SRC/code/y -r s", 1),
    ("get SRC f", 0),
    ("get SRC d -o new", 0),
    ("get SRC d/sub", 0),
    ("get SRC code", 0),
    ("get BARE code/y --rev v1", 0),
    ("get SRC f --rev v1", 0),
    ("get-url SRC/code", 0),
    ("get-url SRC/code/y z", 0),
    ("get-url SRC/nowhere", 1),
])
def test_the_same_files(pair, slipway, dvc, source, arguments, code):
    line = arguments.replace("SRC", str(source)).replace("BARE", str(source.parent / "bare.git"))
    results = []
    for folder, tool in zip(pair, (slipway, dvc)):
        tool(*line.split(), cwd=folder, code=code)
        results.append(written(folder))
    assert results[0] == results[1]
    if code == 0 and "--no" not in line:
        assert dvc("status", "-q", cwd=pair[0], code=0).returncode == 0
        slipway("status", "-q", cwd=pair[1])


def test_what_is_there_is_not_replaced(pair, slipway, dvc, source):
    for line in (f"import {source} f", f"import-url {source}/code/y f", f"get {source} f", f"get-url {source}/f"):
        for folder, tool in zip(pair, (slipway, dvc)):
            (folder / "f").write_text("mine")
            assert "already exists locally" in tool(*line.split(), cwd=folder, code=1).stderr, line
            assert (folder / "f").read_text() == "mine"
    slipway("get", "-f", str(source), "f", cwd=pair[0])
    assert (pair[0] / "f").read_text() == "second"


def test_update_brings_the_new_version(tmp_path, slipway, dvc, source):
    origin = tmp_path / "origin"
    shutil.copytree(source, origin, symlinks=True)
    folders = [make_repository(tmp_path / tool.name, tool) for tool in (slipway, dvc)]
    (tmp_path / "plain").write_text("before")
    for folder, tool in zip(folders, (slipway, dvc)):
        tool("import", "-q", "../origin", "f", cwd=folder)
        tool("import", "-q", "../origin", "f", "--rev", "v1", "-o", "old", cwd=folder)
        tool("import-url", "-q", "../plain", cwd=folder)
        assert "didn't change" in tool("update", "f.dvc", cwd=folder).stdout
    (tmp_path / "plain").write_text("after")
    (origin / "f").write_text("third")
    dvc("add", "-q", "f", cwd=origin)
    git(origin, "commit", "-qam", "three")
    for folder, tool in zip(folders, (slipway, dvc)):
        tool("update", "-q", "f.dvc", "plain.dvc", cwd=folder)
        tool("update", "-q", "old.dvc", "--rev", "HEAD", cwd=folder)
    assert written(folders[0]) == written(folders[1])
    assert (folders[0] / "f").read_text() == "third" and (folders[0] / "plain").read_text() == "after"


def test_pull_brings_imports_from_where_they_came(tmp_path, slipway, source):
    folder = make_repository(tmp_path / "r", slipway)
    for path in ("f", "d", "code"):
        slipway("import", "-q", str(source), path, cwd=folder)
    slipway("import", "-q", str(source), "f", "-o", "later", "--no-download", cwd=folder)
    data = snapshot_of_data(folder)
    shutil.rmtree(folder / ".dvc/cache")
    for name in ("f", "d", "code"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    slipway("pull", "-q", cwd=folder)
    now = snapshot_of_data(folder)
    assert (folder / "later").read_text() == "second"
    assert {name: value for name, value in now.items() if not name.startswith("later")} == {
        name: value for name, value in data.items() if not name.startswith("later")}
    assert slipway("push", "-q", cwd=folder, code=None).returncode == 0, "imports stay where they are"


def test_lists_an_address(slipway, dvc, source):
    for line in (f"list-url {source}/code", f"list-url {source}/d -R", f"ls-url {source}/code/y"):
        said = [sorted(tool(*line.split(), cwd=source).stdout.split("\n")) for tool in (slipway, dvc)]
        assert said[0] == said[1], line
    assert re.search(r'"size": 1', slipway("list-url", "--json", f"{source}/code", cwd=source).stdout)


def test_shows_where_data_is_stored(slipway, dvc, source):
    said = [tool("get", str(source), "f", "--show-url", cwd=source).stdout for tool in (slipway, dvc)]
    assert said[0] == said[1]


def test_names_that_lead_elsewhere_are_refused(pair, slipway, source):
    done = slipway("import", str(source), "../../etc/passwd", cwd=pair[0], code=1)
    assert "outside" in done.stderr
    slipway("import", str(source), "f", "-o", "../elsewhere", cwd=pair[0], code=1)
    assert not (pair[0].parent / "elsewhere").exists()
