"""Servers as they are run in earnest: what is asked is answered, also while they stop, or they say why not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.evidence_folder import copy_data

ROOT = Path(__file__).resolve().parents[2]
SLOW = """
    import time
    from flask import Flask
    server = Flask("slow")

    @server.get("/slow")
    def slow():
        open({began!r}, "w").close()
        time.sleep(1)
        return "whole" * 50_000
"""
ON_WAITRESS = """
    import socket
    from slow import server
    from dashboard.serve import Server
    Server(server, socket.create_server(("127.0.0.1", {port}))).run()
"""

GUNICORN = [
    sys.executable, "-m", "gunicorn", "-c", "dashboard/gunicorn_conf.py", "dashboard.wsgi:server"
]  # fmt: skip

posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows knows no SIGTERM, and no gunicorn"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@posix
@pytest.mark.parametrize("kind", ["waitress", "gunicorn"])
def test_a_request_in_flight_is_answered_after_the_signal_to_stop(kind, tmp_path):
    port, began = free_port(), tmp_path / "began"
    (tmp_path / "slow.py").write_text(textwrap.dedent(SLOW.format(began=str(began))))
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", textwrap.dedent(ON_WAITRESS.format(port=port))]
    if kind == "gunicorn":
        settings = tmp_path / "settings.py"
        ours = (ROOT / "dashboard/gunicorn_conf.py").read_text(encoding="utf-8")
        settings.write_text(ours.replace("def when_ready", "def _not_this_application"))
        command = [sys.executable, "-m", "gunicorn", "-c", str(settings), "slow:server"]
        environment |= {"PORT": str(port), "WEB_CONCURRENCY": "1"}
    got: list[bytes] = []

    def ask() -> None:
        with urlopen(f"http://127.0.0.1:{port}/slow", timeout=30) as answer:
            got.append(answer.read())

    with subprocess.Popen(command, env=environment, cwd=tmp_path) as process:
        try:
            until(lambda: listens(port))
            asking = threading.Thread(target=ask)
            asking.start()
            until(began.exists)
            assert asking.is_alive()
            process.send_signal(signal.SIGTERM)
            asking.join()
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    assert got == [b"whole" * 50_000]


def test_a_reader_is_answered_although_many_browsers_keep_connections_open(tmp_path):
    """Each keeps up to six; waitress's usual limit of 100 let the seventeenth reader wait for minutes."""
    port = free_port()
    (tmp_path / "slow.py").write_text(textwrap.dedent(SLOW.format(began="never")))
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", textwrap.dedent(ON_WAITRESS.format(port=port))]
    with (
        subprocess.Popen(command, env=environment, cwd=tmp_path) as process,
        contextlib.ExitStack() as kept,
    ):
        try:
            until(lambda: listens(port))
            for _ in range(240):
                kept.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            assert status(port, b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n") == 404
        finally:
            process.terminate()
            process.wait(timeout=30)


@posix
def test_gunicorn_with_our_settings_is_warm_limited_and_logs_without_addresses(tmp_path):
    port = free_port()
    log = tmp_path / "log"
    environment = {**os.environ, "PORT": str(port), "WEB_CONCURRENCY": "1"}
    environment.pop("EVIDENCE_LOG", None)
    with (
        log.open("w") as file,
        subprocess.Popen(GUNICORN, env=environment, cwd=ROOT, stderr=file) as process,
    ):
        try:
            until(lambda: listens(port))
            health = HTTPConnection("127.0.0.1", port, timeout=60)
            health.request("GET", "/healthz?who=secret")
            assert json.load(health.getresponse())["checks"]["engine"] == "ok"
            health.close()
            assert status(port, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n") in (
                400,
                414,
            )
            assert status(port, b"nonsense\r\n\r\n") == 400
            process.terminate()
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    requests = [line for line in lines if line["logger"] == "dashboard.requests"]
    assert [(r["path"], r["status"]) for r in requests] == [("/healthz", 200)]
    assert "secret" not in log.read_text()
    assert "ip=" not in log.read_text()


def status(port: int, request: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return int(connection.makefile("rb").readline().split()[1])


@posix
def test_gunicorn_does_not_try_for_ever_without_data(tmp_path):
    environment = {
        **os.environ, "PORT": str(free_port()), "WEB_CONCURRENCY": "1", "EVIDENCE_DATA": str(tmp_path),
    }  # fmt: skip
    ended = subprocess.run(
        GUNICORN, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 3
    assert f"No study could be read from {tmp_path}." in ended.stderr
    assert "Traceback" not in ended.stderr


BROKEN = {
    "no files": lambda folder: [file.unlink() for file in folder.glob("*.csv")],
    "empty studies": lambda folder: (folder / "studies.csv").write_bytes(b""),
    "half a file": lambda folder: _cut(folder / "studies.csv", 30),
    "no text": lambda folder: (folder / "studies.csv").write_bytes(bytes(range(256)) * 50),
    "a folder in its place": lambda folder: _folder(folder / "studies.csv"),
}


def _cut(file: Path, size: int) -> None:
    file.write_bytes(file.read_bytes()[:size])


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_data_without_a_readable_study_end_the_command_with_a_sentence(spoil, tmp_path, capsys):
    from dashboard.__main__ import main

    folder = copy_data(tmp_path / "data")
    spoil(folder)
    assert main(["--port", str(free_port()), "--data", str(folder)]) == 2
    said = capsys.readouterr().err
    assert f"No study could be read from {folder}." in said
    assert "Traceback" not in said


SPOILT = {
    "a table lost": lambda folder: (folder / "contrasts.csv").unlink(),
    "a table cut off": lambda folder: _cut(folder / "arm_results.csv", 60_000),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_table_that_is_damaged_is_named_and_every_page_still_answers(spoil, tmp_path):
    from analysis.evidence import load_evidence
    from dashboard.app import build
    from dashboard.pages import pages
    from tests.callback_requests import ADDRESS, LIST, Callbacks

    folder = copy_data(tmp_path / "data")
    spoil(folder)
    evidence = load_evidence(folder)
    assert evidence.faults
    client = build(evidence).server.test_client()
    assert client.get("/healthz").json["faults"] == len(evidence.faults)
    callbacks = Callbacks(client.get(LIST).json)
    for page in pages():
        place = {"path": page.path, "query": "", "narrow": False}
        answer = client.post(
            ADDRESS, json=callbacks.body("content.children", {"place.data": place})
        )
        assert answer.status_code == 200, page.path
        assert "could not be worked out" not in answer.text, page.path
