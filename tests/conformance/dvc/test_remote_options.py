"""Rarer ways to push, pull and import: with dependencies, with the run cache, past what is missing, through SSH."""
import http.server
import os
import pathlib
import shutil
import subprocess
import threading

import pytest
import ssh_peer
from conftest import Tool, git, make_repository, snapshot


@pytest.fixture
def pipeline(tmp_path, slipway):
    """raw -> middle -> end, and one file that has nothing to do with it."""
    folder = make_repository(tmp_path / "r", slipway)
    slipway("remote", "add", "-q", "-d", "s", str(tmp_path / "s"), cwd=folder)
    for name in ("raw", "other"):
        (folder / name).write_text(name)
        slipway("add", "-q", name, cwd=folder)
    for before, after in (("raw", "middle"), ("middle", "end")):
        slipway("stage", "add", "-q", "-n", after, "-d", before, "-o", after, f"sed s/^/x/ {before} > {after}", cwd=folder)
    slipway("repro", "-q", cwd=folder)
    return folder


def fresh(home, *folders):
    for folder in (*folders, home / "site"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("flags", ["-d end", "-d middle", "end", "--run-cache", "--no-run-cache", "--run-cache end"])
def test_what_is_pushed_of_a_pipeline(pipeline, tmp_path, slipway, dvc, home, flags):
    stored = []
    for tool in (slipway, dvc):
        fresh(home, tmp_path / "s")
        tool("push", *flags.split(), cwd=pipeline)
        stored.append(set(snapshot(tmp_path / "s")))
    assert stored[0] == stored[1]


@pytest.mark.parametrize("flags", ["-d end", "--run-cache"])
def test_what_is_fetched_of_a_pipeline(pipeline, tmp_path, slipway, dvc, home, flags):
    slipway("push", "-q", "--run-cache", cwd=pipeline)
    fetched = []
    for tool in (slipway, dvc):
        fresh(home, pipeline / ".dvc/cache")
        tool("fetch", *flags.split(), cwd=pipeline)
        fetched.append(set(snapshot(pipeline / ".dvc/cache")))
    assert fetched[0] == fetched[1]


def test_missing_data_is_passed_over_when_told_to(pipeline, tmp_path, slipway, dvc, home):
    slipway("push", "-q", cwd=pipeline)
    lost = [path for path in (tmp_path / "s/files/md5").rglob("*") if path.is_file() and path.read_text() == "other"]
    lost[0].unlink()
    for flags, code in ((["--allow-missing"], 0), ([], 1)):
        left = []
        for tool in (slipway, dvc):
            fresh(home, pipeline / ".dvc/cache")
            for name in ("raw", "other", "middle", "end"):
                (pipeline / name).unlink(missing_ok=True)
            tool("pull", *flags, cwd=pipeline, code=code)
            left.append({name for name in ("raw", "other", "middle", "end") if (pipeline / name).exists()})
        assert left[0] == left[1] == {"raw", "middle", "end"}


def test_a_remote_that_stands_on_another(pipeline, tmp_path, slipway, dvc, home):
    slipway("remote", "add", "-q", "sub", "remote://s/a/b", cwd=pipeline)
    stored = []
    for tool in (slipway, dvc):
        fresh(home, tmp_path / "s")
        tool("push", "-q", "-r", "sub", cwd=pipeline)
        stored.append(set(snapshot(tmp_path / "s")))
    assert stored[0] == stored[1] and all(path.startswith("a/b/files/md5/") for path in stored[0])
    original = snapshot(pipeline / ".dvc/cache/files")
    shutil.rmtree(pipeline / ".dvc/cache/files")
    slipway("fetch", "-q", "-r", "sub", cwd=pipeline)
    assert snapshot(pipeline / ".dvc/cache/files") == original


@pytest.mark.parametrize("source", ["file", "folder"])
def test_data_goes_straight_to_a_remote(pair, tmp_path, slipway, dvc, home, source):
    place = tmp_path / "outside"
    (place / "folder" / "sub").mkdir(parents=True)
    for name in ("file", "folder/a", "folder/sub/b"):
        (place / name).write_text(name)
    seen = []
    for folder, tool in zip(pair, (slipway, dvc)):
        fresh(home, tmp_path / "s")
        tool("remote", "add", "-q", "-d", "s", str(tmp_path / "s"), cwd=folder)
        tool("import-url", "-q", "--to-remote", str(place / source), "data", cwd=folder)
        assert not (folder / "data").exists()
        # DVC leaves files here that it tried links with.
        stored = {path for path in snapshot(tmp_path / "s") if not path.endswith(".tmp")}
        seen.append(((folder / "data.dvc").read_text(), stored))
        tool("pull", "-q", cwd=folder)
        assert (folder / "data").exists()
    assert seen[0] == seen[1]


def test_options_of_the_remote_of_another_repository(pair, tmp_path, slipway, dvc, home):
    source = make_repository(tmp_path / "source", dvc)
    (source / "f").write_text("f")
    dvc("add", "-q", "f", cwd=source)
    dvc("remote", "add", "-q", "-d", "s", str(tmp_path / "wrong"), cwd=source)
    dvc("remote", "add", "-q", "t", str(tmp_path / "s"), cwd=source)
    dvc("push", "-q", "-r", "t", cwd=source)
    git(source, "add", "-A")
    git(source, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "--bare", str(source), str(tmp_path / "bare.git"))
    shutil.rmtree(source)
    url = f"file://{tmp_path}/bare.git"
    seen = []
    for folder, tool in zip(pair, (slipway, dvc)):
        tool("get", "-q", url, "f", "-o", "a", "--remote-config", f"url={tmp_path}/s", cwd=folder)
        tool("get", "-q", url, "f", "-o", "b", "--remote", "t", cwd=folder)
        tool("import", "-q", url, "f", "-o", "c", "--remote", "s", "--remote-config", f"url={tmp_path}/s", cwd=folder)
        assert [(folder / name).read_text() for name in "abc"] == ["f"] * 3
        seen.append((folder / "c.dvc").read_text())
    assert seen[0] == seen[1]


@pytest.fixture
def peer(home):
    with ssh_peer.running(home) as running:
        yield running


@pytest.fixture
def agent(home, peer):
    """Its environment: an agent that holds the key."""
    started = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    values = dict(part.split("=", 1) for part in started.replace("\n", ";").split(";") if "=" in part)
    subprocess.run(["ssh-add", "-q", peer.key], env={**os.environ, **values}, check=True)
    yield values
    os.kill(int(values["SSH_AGENT_PID"]), 15)


def with_settings(tool, **values):
    out = Tool(tool.program, pathlib.Path(tool.environment["HOME"]))
    out.environment = {**tool.environment, **values}
    return out


def test_ssh_by_password(pipeline, tmp_path, slipway, peer):
    slipway("remote", "add", "-q", "-d", "p", peer.url(f"{tmp_path}/far away"), cwd=pipeline)
    done = slipway("push", cwd=pipeline, code=1)
    assert "does not let us in" in done.stderr
    slipway("remote", "modify", "--local", "p", "password", "wrong", cwd=pipeline)
    slipway("push", cwd=pipeline, code=1)
    slipway("remote", "modify", "--local", "p", "password", ssh_peer.PASSWORD, cwd=pipeline)
    assert slipway("push", cwd=pipeline).stdout.strip() == "4 files pushed"
    assert len(snapshot(tmp_path / "far away")) == 4


def test_ssh_by_agent(pipeline, tmp_path, slipway, peer, agent):
    slipway("remote", "add", "-q", "-d", "p", peer.url(f"{tmp_path}/far"), cwd=pipeline)
    with_agent = with_settings(slipway, **agent)
    with_agent("push", "-q", cwd=pipeline)
    assert len(snapshot(tmp_path / "far")) == 4
    slipway("remote", "modify", "p", "allow_agent", "false", cwd=pipeline)
    with_agent("fetch", "-q", cwd=pipeline)  # there is nothing to fetch
    with_agent("status", "-c", cwd=pipeline, code=1)


def test_a_repository_behind_ssh(pair, tmp_path, slipway, peer, agent):
    source = make_repository(tmp_path / "source", slipway)
    (source / "code").write_text("code")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "one")
    with_settings(slipway, **agent)("get", "-q", peer.url(str(source)), "code", cwd=pair[0])
    assert (pair[0] / "code").read_text() == "code"


class SmartGit(http.server.BaseHTTPRequestHandler):
    """Hands requests to `git http-backend`."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ, "GIT_PROJECT_ROOT": str(self.server.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        environment["CONTENT_LENGTH"] = str(len(body))
        answer = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


def test_a_repository_on_a_web_server(pair, tmp_path, slipway, dvc):
    source = make_repository(tmp_path / "source", slipway)
    (source / "code").write_text("code")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "one")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SmartGit)
    server.root = tmp_path
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/source/.git"
    try:
        for folder, tool in zip(pair, (slipway, dvc)):
            tool("import", "-q", url, "code", cwd=folder)
            assert (folder / "code").read_text() == "code"
        assert (pair[0] / "code.dvc").read_text() == (pair[1] / "code.dvc").read_text()
        done = slipway("get", url + "x", "code", "-o", "new", cwd=pair[0], code=1)
        assert "Failed to clone repo" in done.stderr
    finally:
        server.shutdown()
        server.server_close()
