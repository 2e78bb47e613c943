"""Remotes on a web server and on S3: what one program sends, the other brings; damage and refusals are said plainly."""
import http.server
import pathlib
import shutil
import subprocess
import sys
import threading
import urllib.request

import pytest
from conftest import make_repository, snapshot

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Storage(http.server.BaseHTTPRequestHandler):
    """GET, HEAD, PUT and POST of files in memory, for whoever knows the password."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def is_allowed(self):
        return self.headers.get("Authorization") == "Basic dTpw"

    def do_GET(self):
        if not self.is_allowed():
            return self.answer(401)
        if self.server.faults:
            self.server.faults -= 1
            return self.answer(503)
        content = self.server.files.get(self.path)
        return self.answer(404) if content is None else self.answer(200, content)

    do_HEAD = do_GET

    def do_PUT(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            content = b""
            while size := int(self.rfile.readline(), 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.is_allowed():
            return self.answer(401)
        self.server.files[self.path] = content
        return self.answer(201)

    do_POST = do_PUT

    def log_message(self, *arguments):
        pass


@pytest.fixture
def web():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    server.daemon_threads = True
    server.files = {}
    server.faults = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def bucket(slipway):
    made = subprocess.run([sys.executable, ROOT / "tools/test_venv", "s3", ROOT / "deps/venv-s3.txt"], check=True,
                          capture_output=True, text=True)
    server = subprocess.Popen([made.stdout.strip() + "/bin/moto_server", "-H", "127.0.0.1", "-p", "0"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if "http://127.0.0.1:" in line:
            origin = line[line.index("http://"):].strip()
            break
    threading.Thread(target=server.stderr.read, daemon=True).start()
    urllib.request.urlopen(urllib.request.Request(origin + "/bucket", method="PUT"))
    yield origin
    server.terminate()
    server.wait()


def with_data(folder, tool):
    make_repository(folder, tool)
    (folder / "d").mkdir()
    for i in range(40):
        (folder / "d" / f"ü {i}").write_text(str(i))
    (folder / "empty").write_bytes(b"")
    tool("add", "-q", "d", "empty", cwd=folder)
    return folder


def use_web(folder, tool, web, password="p"):
    tool("remote", "add", "-f", "-d", "w", f"http://127.0.0.1:{web.server_port}/x", cwd=folder)
    for option, value in (("auth", "basic"), ("user", "u"), ("password", password)):
        tool("remote", "modify", "w", option, value, cwd=folder)


def forget(folder):
    shutil.rmtree(folder / ".dvc/cache")
    shutil.rmtree(folder / "d")
    (folder / "empty").unlink()


def test_a_web_server_holds_the_same_files_for_both(tmp_path, slipway, dvc, web):
    folder = with_data(tmp_path / "r", slipway)
    original = snapshot(folder / "d")
    use_web(folder, slipway, web)
    stored = []
    for tool in (slipway, dvc):
        web.files.clear()
        # DVC remembers what it has seen there.
        shutil.rmtree(tmp_path.parent / "home0" / "site", ignore_errors=True)
        assert tool("push", cwd=folder).stdout.strip() == "42 files pushed"
        stored.append(dict(web.files))
        assert tool("push", cwd=folder).stdout.strip() == "Everything is up to date."
    assert stored[0] == stored[1] and len(stored[0]) == 42
    for tool in (slipway, dvc):
        forget(folder)
        tool("pull", "-q", cwd=folder)
        assert snapshot(folder / "d") == original
        tool("status", "-q", "-c", cwd=folder)


def test_only_what_is_missing_is_sent_and_the_folder_goes_last(tmp_path, slipway, web):
    folder = with_data(tmp_path / "r", slipway)
    use_web(folder, slipway, web)
    slipway("push", "-q", cwd=folder)
    lost = [path for path in web.files if path.endswith(".dir")] + sorted(web.files)[:3]
    before = {path: web.files.pop(path) for path in set(lost)}
    assert slipway("push", cwd=folder).stdout.strip() == f"{len(before)} files pushed"
    order = list(web.files)
    if any(path.endswith(".dir") for path in before):
        assert order[-1].endswith(".dir")


def test_a_server_that_falters_is_asked_again(tmp_path, slipway, web):
    folder = with_data(tmp_path / "r", slipway)
    use_web(folder, slipway, web)
    slipway("push", "-q", cwd=folder)
    forget(folder)
    web.faults = 3
    slipway("pull", "-q", cwd=folder)


def test_damage_on_the_way_is_refused(tmp_path, slipway, web):
    folder = with_data(tmp_path / "r", slipway)
    use_web(folder, slipway, web)
    slipway("push", "-q", cwd=folder)
    forget(folder)
    victim = sorted(path for path in web.files if not path.endswith(".dir"))[0]
    web.files[victim] = b"wrong"
    done = slipway("fetch", cwd=folder, code=1)
    assert "is damaged" in done.stderr and victim in done.stderr
    assert not (folder / ".dvc/cache" / victim.removeprefix("/x/")).exists()


def test_wrong_credentials_are_named(tmp_path, slipway, web):
    folder = with_data(tmp_path / "r", slipway)
    use_web(folder, slipway, web, password="wrong")
    done = slipway("push", cwd=folder, code=1)
    assert "401" in done.stderr and "password" in done.stderr and web.files == {}


def test_a_bucket(tmp_path, slipway, bucket):
    folder = with_data(tmp_path / "r", slipway)
    # More than one part.
    (folder / "big").write_bytes(bytes(range(256)) * 80_000)
    slipway("add", "-q", "big", cwd=folder)
    original = snapshot(folder / "d")
    slipway("remote", "add", "-d", "s", "s3://bucket/a/b", cwd=folder)
    for option, value in (("endpointurl", bucket), ("access_key_id", "k"), ("secret_access_key", "s")):
        slipway("remote", "modify", "s", option, value, cwd=folder)
    assert slipway("push", cwd=folder).stdout.strip() == "43 files pushed"
    assert slipway("push", cwd=folder).stdout.strip() == "Everything is up to date."
    forget(folder)
    (folder / "big").unlink()
    slipway("pull", "-q", cwd=folder)
    assert snapshot(folder / "d") == original
    slipway("status", "-q", "-c", cwd=folder)
    slipway("remote", "modify", "s", "url", "s3://nobody/a", cwd=folder)
    assert "bucket nobody does not exist" in slipway("push", cwd=folder, code=1).stderr
