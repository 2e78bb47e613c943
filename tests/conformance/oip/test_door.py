"""Who gets in to `slipway serve`: tokens as stock clients send them, TLS, host names, and what it takes to be reached from
elsewhere."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from served_model import COLUMNS, ROOT, ROWS, Served  # noqa: E402
from test_oip import matrix_input  # noqa: E402

TOKEN = "token-of-the-clients"
BODY = json.dumps({"dataframe_split": {"columns": COLUMNS, "data": [[1400.0, 7, 3.5]]}})
PUBLIC = ["/ping", "/health", "/version", "/v2/health/live", "/v2/health/ready"]


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *arguments], capture_output=True, text=True, timeout=60)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body or done.stderr


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        tokens = pathlib.Path(cls.folder.name) / "tokens"
        tokens.write_text(f"{TOKEN} reader clients\n")
        cls.served = Served(environment={"SLIPWAY_TOKENS_FILE": str(tokens)}).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()
        cls.folder.cleanup()

    def test_nothing_but_probes_without_a_token(self):
        for path in PUBLIC:
            self.assertEqual(self.served.request(path)[0], 200, path)
        for path in ("/v2", "/v2/models/late", "/v2/models/late/ready", "/metrics", "/no/such/page"):
            status, headers, body = self.served.request(path)
            self.assertEqual(status, 401, path)
            self.assertIn("Bearer", headers["WWW-Authenticate"])
            self.assertIn(b"Authorization: Bearer TOKEN", body)
        self.assertEqual(self.served.request("/invocations", BODY)[0], 401)
        self.assertEqual(self.served.request("/invocations", BODY, {"Authorization": "Bearer wrong-token-of-16"})[0], 401)

    def test_triton_shows_it_as_a_header(self):
        with triton.InferenceServerClient(f"127.0.0.1:{self.served.port}") as client:
            self.assertTrue(client.is_server_ready())
            with self.assertRaisesRegex(InferenceServerException, "not authenticated"):
                client.infer("late", matrix_input(ROWS, True))
            headers = {"Authorization": f"Bearer {TOKEN}"}
            answer = client.infer("late", matrix_input(ROWS, True), headers=headers)
            self.assertEqual(answer.as_numpy("prediction").tolist(), self.served.expected().tolist())
            self.assertTrue(client.is_model_ready("late", headers=headers))

    def test_curl_shows_it_either_way(self):
        url = f"{self.served.url}/invocations"
        for shown in (["-H", f"Authorization: Bearer {TOKEN}"], ["-u", f"anybody:{TOKEN}"]):
            status, answer = curl(*shown, "-H", "Content-Type: application/json", "-d", BODY, url)
            self.assertEqual(status, 200, answer)
            self.assertEqual(json.loads(answer)["predictions"], self.served.expected(ROWS[:1]).tolist())

    def test_foreign_host_names_are_refused(self):
        token = ["-H", f"Authorization: Bearer {TOKEN}", "-H", "Host: evil.example"]
        self.assertEqual(curl(*token, f"{self.served.url}/v2")[0], 403)
        self.assertEqual(curl("-H", "Host: balancer.example", f"{self.served.url}/ping")[0], 200)


class Tls(unittest.TestCase):
    def test_certificate_and_token(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate, key, tokens = (pathlib.Path(folder) / name for name in ("cert.pem", "key.pem", "tokens"))
            tokens.write_text(f"{TOKEN} reader clients\n")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
            flags = ["--tls-certificate", certificate, "--tls-key", key, "--tokens-file", tokens]
            with Served(flags=list(map(str, flags))) as served:
                token = ["-H", f"Authorization: Bearer {TOKEN}"]
                self.assertEqual(curl("--cacert", str(certificate), *token, f"{served.url}/v2/models/late")[0], 200)
                self.assertEqual(curl("--cacert", str(certificate), f"{served.url}/v2/models/late")[0], 401)
                self.assertEqual(curl(*token, f"{served.url}/v2/models/late")[0], 0, "the certificate is nobody's that is known")


class Reload(unittest.TestCase):
    def test_a_hang_up_reads_certificate_and_tokens_again(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate, key, tokens = (pathlib.Path(folder) / name for name in ("cert.pem", "key.pem", "tokens"))

            def make_certificate():
                subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
                                "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)

            make_certificate()
            tokens.write_text(f"{TOKEN} reader clients\n")
            flags = ["--tls-certificate", certificate, "--tls-key", key, "--tokens-file", tokens]
            with Served(flags=list(map(str, flags))) as served:
                def status(token):
                    return curl("--cacert", str(certificate), "-H", f"Authorization: Bearer {token}", f"{served.url}/v2")[0]

                self.assertEqual(status(TOKEN), 200)
                make_certificate()
                tokens.write_text("another-token-of-theirs reader clients\n")
                self.assertEqual(status(TOKEN), 0, "the server has the old certificate")
                served.process.send_signal(signal.SIGHUP)
                deadline = time.monotonic() + 30
                while status("another-token-of-theirs") != 200 and time.monotonic() < deadline:
                    time.sleep(0.1)
                self.assertEqual(status("another-token-of-theirs"), 200)
                self.assertEqual(status(TOKEN), 401)


class FromElsewhere(unittest.TestCase):
    def test_it_takes_a_token_or_insisting(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.abspath(os.environ.get("SLIPWAY_BIN", ROOT / "build/slipway"))
            refused = subprocess.run([program, "serve", folder, "--listen", "0.0.0.0:0"], capture_output=True, text=True, timeout=60)
            self.assertEqual(refused.returncode, 3, refused.stderr)
            for way in ("0.0.0.0 can be reached from elsewhere", "--tokens-file", "--allow-unauthenticated"):
                self.assertIn(way, refused.stderr)
        with Served(flags=["--allow-unauthenticated"], listen="0.0.0.0:0") as served:
            self.assertEqual(served.request("/invocations", BODY)[0], 200)


if __name__ == "__main__":
    unittest.main()
