"""`slipway server` as the remote of the real DVC: pushed to, pulled from, with damage and strangers kept out."""
import hashlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from conftest import SLIPWAY, make_repository, snapshot

TOKENS = "write-token-of-this-test writer robot\nread-token-of-this-test reader dashboard\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, folder, *flags):
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([SLIPWAY, "server", "--listen", f"127.0.0.1:{port}", "--data", folder, *flags],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.origin + "/health")
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def data(self, repository):
        return f"{self.origin}/api/slipway/v1/data/{repository}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(str(tmp_path_factory.mktemp("server") / "data"))
    yield running
    running.stop()


def with_data(folder, tool):
    make_repository(folder, tool)
    (folder / "d").mkdir()
    for i in range(30):
        (folder / "d" / f"ü {i}").write_text(str(i))
    (folder / "big").write_bytes(bytes(range(256)) * 12_000)
    (folder / "empty").write_bytes(b"")
    tool("add", "-q", "d", "big", "empty", cwd=folder)
    return folder


def forget(folder):
    shutil.rmtree(folder / ".dvc/cache")
    shutil.rmtree(folder / "d")
    (folder / "big").unlink()
    (folder / "empty").unlink()


@pytest.mark.parametrize("sender, receiver", [("dvc", "slipway"), ("slipway", "dvc"), ("dvc", "dvc")])
def test_both_programs_push_and_pull(tmp_path, slipway, dvc, server, sender, receiver):
    tools = {"dvc": dvc, "slipway": slipway}
    folder = with_data(tmp_path / "r", slipway)
    original = snapshot(folder / "d")
    slipway("remote", "add", "-q", "-d", "s", server.data(f"{sender}-{receiver}"), cwd=folder)
    assert tools[sender]("push", cwd=folder).stdout.strip() == "33 files pushed"
    assert slipway("push", cwd=folder).stdout.strip() == "Everything is up to date."
    forget(folder)
    tools[receiver]("pull", "-q", cwd=folder)
    assert snapshot(folder / "d") == original and (folder / "big").stat().st_size == 256 * 12_000


def put(url, content, method="PUT", headers=None):
    request = urllib.request.Request(url, data=content, method=method, headers=headers or {})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


def status_of(url):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, method="HEAD")).status
    except urllib.error.HTTPError as error:
        return error.code


def test_an_object_is_what_its_name_says(server):
    md5 = hashlib.md5(b"content").hexdigest()
    good = f"{server.data('checks')}/files/md5/{md5[:2]}/{md5[2:]}"
    assert status_of(good) == 404
    assert put(good, b"other content") == 400
    assert status_of(good) == 404, "what is damaged is not kept"
    assert put(good, b"content", "POST") == 201 and status_of(good) == 200
    assert put(good, b"damage") == 400
    assert urllib.request.urlopen(good).read() == b"content", "and replaces nothing"
    assert put(f"{server.data('other')}/files/md5/{md5[:2]}/{md5[2:]}x", b"content") == 404
    assert put(f"{server.data('..%2Fup')}/files/md5/{md5[:2]}/{md5[2:]}", b"content") == 400
    assert status_of(f"{server.data('other')}/files/md5/{md5[:2]}/{md5[2:]}") == 404, "repositories are apart"


def test_who_may_push(tmp_path, slipway, dvc):
    (tmp_path / "tokens").write_text(TOKENS)
    guarded = Server(str(tmp_path / "data"), "--tokens-file", str(tmp_path / "tokens"))
    try:
        folder = with_data(tmp_path / "r", slipway)
        slipway("remote", "add", "-q", "-d", "s", guarded.data("project"), cwd=folder)
        assert "401" in slipway("push", cwd=folder, code=1).stderr
        slipway("remote", "modify", "s", "auth", "custom", cwd=folder)
        slipway("remote", "modify", "s", "custom_auth_header", "Authorization", cwd=folder)
        slipway("remote", "modify", "--local", "s", "password", "Bearer read-token-of-this-test", cwd=folder)
        assert "403" in slipway("push", cwd=folder, code=1).stderr
        slipway("remote", "modify", "--local", "s", "password", "Bearer write-token-of-this-test", cwd=folder)
        dvc("push", "-q", cwd=folder)
        slipway("remote", "modify", "--local", "s", "password", "Bearer read-token-of-this-test", cwd=folder)
        forget(folder)
        slipway("pull", "-q", cwd=folder)
    finally:
        guarded.stop()
