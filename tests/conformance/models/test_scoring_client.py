"""MLflow's own client of scoring servers, which takes no headers, against `slipway serve` with a token."""
import os
import re
import subprocess
import time

import pandas as pd
import pytest
from conftest import SLIPWAY
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

TOKEN = "token-of-the-clients"


def test_the_token_goes_as_the_password_in_its_address(project):
    project.train("logistic", "scored")
    (project.folder / "tokens").write_text(f"{TOKEN} reader clients\n")
    command = [SLIPWAY, "serve", "scored", "--listen", "127.0.0.1:0", "--tokens-file", "tokens"]
    log = project.folder / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=project.folder, stderr=out, env={**os.environ, "SLIPWAY_LOG_LEVEL": "warning"})
    try:
        while not (found := re.search(r" on http://127\.0\.0\.1:(\d+) ", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        rows = pd.read_csv(project.folder / "rows.csv").head(3).drop(columns=["late"])
        client = ScoringServerClient(f"any:{TOKEN}@127.0.0.1", int(found[1]))
        client.wait_server_ready()
        assert len(client.invoke(rows).get_predictions()) == 3
        with pytest.raises(Exception, match="error code 401"):
            ScoringServerClient("127.0.0.1", int(found[1])).invoke(rows)
    finally:
        process.terminate()
        assert process.wait(30) == 0
