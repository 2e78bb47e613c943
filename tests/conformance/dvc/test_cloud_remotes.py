"""What one program sends to a cloud, the other brings, for every kind of storage that DVC has a plugin for and that has
a server to test against. Long, as it makes environments of Python and Node: only with SLIPWAY_TEST_FULL=1."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import memory_s3
import pytest
import ssh_peer
from conftest import Tool, make_repository, snapshot

ROOT = pathlib.Path(__file__).resolve().parents[3]
# What every emulator of Azure's storage has.
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

pytestmark = pytest.mark.skipif(os.environ.get("SLIPWAY_TEST_FULL") != "1", reason="long")


def made_by(*command):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(done.stdout.strip())


def environment(name):
    return made_by(sys.executable, ROOT / "tools/test_venv", name, ROOT / f"deps/venv-{name}.txt") / "bin"


@pytest.fixture(scope="module")
def cloud_dvc(home):
    tool = Tool(str(environment("dvc-cloud") / "dvc"), home)
    # Its Google plugin would ask the emulator over gRPC what kind of bucket it has.
    tool.environment["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
    return tool


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(port, *command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(400):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def s3(home, place):
    with memory_s3.running() as storage:
        yield "s3://bucket/a", {"endpointurl": storage.origin, "access_key_id": "k", "secret_access_key": "s"}


@contextlib.contextmanager
def ssh(home, place):
    with ssh_peer.running(home) as peer:
        yield peer.url(f"{place}/a"), {"password": ssh_peer.PASSWORD}


@contextlib.contextmanager
def webdav(home, place):
    port = free_port()
    with server(port, environment("webdav") / "wsgidav", "--host", "127.0.0.1", "--port", str(port), "--root", place,
                "--auth", "anonymous", "-q"):
        yield f"webdav://127.0.0.1:{port}/a", {}


@contextlib.contextmanager
def google(home, place):
    port = free_port()
    with server(port, environment("gcs") / "gcp-storage-emulator", "start", "--host", "127.0.0.1", "--port", str(port),
                "--in-memory", "--default-bucket", "bucket", "-q"):
        yield "gs://bucket/a", {"endpointurl": f"http://127.0.0.1:{port}", "allow_anonymous_login": "true"}


@contextlib.contextmanager
def azure(home, place):
    port = free_port()
    program = made_by(ROOT / "tools/test_npm", "azurite") / "node_modules/.bin/azurite-blob"
    with server(port, program, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", place, "--silent",
                "--skipApiVersionCheck"):
        connection = (f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURE_KEY};"
                      f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;")
        subprocess.run([environment("dvc-cloud") / "python", "-c",
                        "import sys; from azure.storage.blob import BlobServiceClient; "
                        "BlobServiceClient.from_connection_string(sys.argv[1]).create_container('container')", connection],
                       check=True)
        yield "azure://container/a", {"connection_string": connection}


@pytest.mark.parametrize("kind", [s3, ssh, webdav, google, azure])
def test_what_one_sends_the_other_brings(tmp_path, slipway, cloud_dvc, home, kind):
    place = tmp_path / "place"
    place.mkdir()
    with kind(home, place) as (address, options):
        folder = make_repository(tmp_path / "r", slipway)
        (folder / "d").mkdir()
        for i in range(20):
            (folder / "d" / f"ü {i}").write_text(str(i))
        (folder / "empty").write_bytes(b"")
        (folder / "big").write_bytes(bytes(range(256)) * 80_000)  # more than one part
        slipway("add", "-q", "d", "empty", "big", cwd=folder)
        original = snapshot(folder)
        original = {name: value for name, value in original.items() if not name.startswith((".dvc/", ".git/"))}
        for i, (sender, receiver) in enumerate(((slipway, cloud_dvc), (cloud_dvc, slipway))):
            name = f"r{i}"
            # DVC does not make the folder on a WebDAV server.
            (place / "a" / name).mkdir(parents=True)
            slipway("remote", "add", "-q", "-d", "-f", "r", f"{address}/{name}", cwd=folder)
            for option, value in options.items():
                slipway("remote", "modify", "--local", "r", option, value, cwd=folder)
            shutil.rmtree(home / "site", ignore_errors=True)
            assert sender("push", cwd=folder).stdout.strip() == "23 files pushed"
            shutil.rmtree(home / "site", ignore_errors=True)
            assert receiver("push", cwd=folder).stdout.strip() == "Everything is up to date."
            receiver("status", "-q", "-c", cwd=folder)
            kept = tmp_path / f"cache{i}"
            (folder / ".dvc/cache").rename(kept)
            for path in ("d", "empty", "big"):
                (folder / path).rename(tmp_path / f"{path}{i}")
            receiver("pull", "-q", cwd=folder)
            found = snapshot(folder)
            assert {name: found.get(name) for name in original} == original
            (folder / ".dvc/local").unlink(missing_ok=True)
