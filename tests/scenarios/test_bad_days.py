"""What goes wrong says what happened and what to do, exits non-zero and loses nothing."""
import http.client
import os
import socket
import subprocess
import sqlite3
import threading

import pytest


def run(slipway, *arguments, cwd=None):
    done = subprocess.run([slipway, *arguments], capture_output=True, text=True, cwd=cwd, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_an_unknown_command_is_told_what_was_meant(slipway):
    code, text = run(slipway, "serv")
    assert code == 2 and "there is no command 'serv'; did you mean 'serve'?" in text


def test_an_unknown_flag_is_a_usage_error(slipway):
    code, text = run(slipway, "server", "--lisen", "x")
    assert code == 2 and "--lisen" in text


def test_a_missing_file_is_named(slipway, tmp_path):
    code, text = run(slipway, "profile", str(tmp_path / "nothing.csv"))
    assert code == 2 and "nothing.csv" in text and "no such file" in text


def test_a_truncated_parquet_file_is_data_loss(slipway, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{i},{i * 2}\n" for i in range(1000)))
    (tmp_path / "t.sql").write_text("COPY (SELECT * FROM read_csv('t.csv')) TO 't.parquet' (FORMAT parquet);")
    assert run(slipway, "sql", "t.sql", cwd=tmp_path)[0] == 0
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(whole[: len(whole) // 2])
    code, text = run(slipway, "profile", "t.parquet", cwd=tmp_path)
    assert code == 3 and "t.parquet" in text


def test_a_port_in_use_says_so(slipway, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, text = run(slipway, "server", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--data", str(tmp_path / "d"))
    assert code == 3 and "in use" in text


def test_a_second_server_on_the_same_data_is_refused(slipway, server):
    code, text = run(slipway, "server", "--listen", "127.0.0.1:0", "--data", str(server.folder / "data"))
    assert code == 3 and "in use by another" in text


def test_a_damaged_database_is_not_touched(slipway, tmp_path):
    data = tmp_path / "d"
    data.mkdir()
    (data / "slipway.db").write_bytes(b"this is no database, " * 500)
    code, text = run(slipway, "server", "--listen", "127.0.0.1:0", "--data", str(data))
    assert code == 3 and "slipway.db" in text and "backup" in text
    assert (data / "slipway.db").read_bytes() == b"this is no database, " * 500


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), reason="root may write everywhere")
def test_a_read_only_folder_is_named(slipway, tmp_path):
    data = tmp_path / "d"
    data.mkdir(mode=0o555)
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    for folder in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and folder.stat().st_uid == 0 and str(folder) != "/":
            folder.chmod(folder.stat().st_mode | 0o011)
    done = subprocess.run([*prefix, slipway, "server", "--listen", "127.0.0.1:0", "--data", str(data)], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 3 and "permission denied" in done.stderr


def test_listening_beyond_loopback_needs_tokens(slipway, tmp_path):
    code, text = run(slipway, "server", "--listen", "0.0.0.0:0", "--data", str(tmp_path / "d"))
    assert code == 3 and "--tokens-file" in text


def test_a_hundred_mebibytes_of_json_are_refused_and_the_server_lives(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    line = b'{"experiment_id":"0","tags":[' + b" " * (100 << 20)
    try:
        connection.request("POST", "/api/2.0/mlflow/runs/create", body=line, headers={"Content-Type": "application/json"})
        assert connection.getresponse().status in (400, 413)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before the end: the server need not read it all
    assert server.call("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0")[0] == 200


def test_a_killed_server_keeps_what_it_acknowledged(server):
    run_ids, acknowledged, stop = [], [], threading.Event()
    for _ in range(4):
        status, answer = server.call("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0", "start_time": 1})
        assert status == 200
        run_ids.append(answer["run"]["info"]["run_id"])

    def write(run_id):
        step = 0
        while not stop.is_set():
            try:
                status, _ = server.call("POST", "/api/2.0/mlflow/runs/log-metric",
                                        {"run_id": run_id, "key": "m", "value": step, "timestamp": step, "step": step})
            except OSError:
                return
            if status == 200:
                acknowledged.append((run_id, step))
            step += 1

    writers = [threading.Thread(target=write, args=(run_id,)) for run_id in run_ids]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 500:
        stop.wait(0.005)
    server.kill()
    stop.set()
    for writer in writers:
        writer.join()
    server.start()
    for run_id in run_ids:
        _, history = server.call("GET", f"/api/2.0/mlflow/metrics/get-history?run_id={run_id}&metric_key=m")
        kept = {point["step"] for point in history.get("metrics", [])}
        lost = {step for id_, step in acknowledged if id_ == run_id} - kept
        assert not lost, f"acknowledged and gone: {sorted(lost)[:5]}"
    with sqlite3.connect(f"file:{server.folder}/data/slipway.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
