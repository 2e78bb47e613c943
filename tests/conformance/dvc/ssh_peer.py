"""An SSH server of other people (asyncssh) with SFTP and Git, that lets in by password or by key. Used by the tests."""
import asyncio
import contextlib
import subprocess
import threading

import asyncssh

PASSWORD = "pass word"


class Login(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return username == "robot" and password == PASSWORD


async def run_git(process):
    """What `git clone` asks for, and nothing else."""
    command = process.command or ""
    if not command.startswith("git-upload-pack "):
        process.exit(1)
        return
    child = await asyncio.create_subprocess_shell(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    await process.redirect(stdin=child.stdin, stdout=child.stdout)
    await child.wait()
    await process.stdout.drain()
    process.exit(child.returncode)


class Peer:
    def __init__(self, home):
        """`home` is whose .ssh knows the server; the key that is let in is beside it, loaded by nobody."""
        folder = home / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        self.key = home / "peer_key"
        if not self.key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.known = folder / "known_hosts"
        self.port = 0

    async def listen(self):
        server = await asyncssh.create_server(
            Login, "127.0.0.1", 0, server_host_keys=[self.host_key], authorized_client_keys=str(self.key) + ".pub",
            sftp_factory=True, process_factory=run_git, encoding=None)
        self.port = server.sockets[0].getsockname()[1]
        public = self.host_key.export_public_key().decode().strip()
        with open(self.known, "a") as file:
            file.write(f"[127.0.0.1]:{self.port} {public}\n")
        return server

    def url(self, path, user="robot"):
        return f"ssh://{user}@127.0.0.1:{self.port}{path}"


@contextlib.contextmanager
def running(home):
    peer = Peer(home)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(peer.listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield peer
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
