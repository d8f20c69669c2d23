"""`python -m dashboard`: it serves, says where, and says plainly why it cannot."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from dashboard.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_port_in_use_is_named_with_a_way_out(taken_port, capsys):
    assert main(["--port", str(taken_port)]) == 1
    said = capsys.readouterr().err
    assert said == (
        f"Port {taken_port} is in use. "
        f"Choose another one: python -m dashboard --port {taken_port + 1}\n"
    )


def test_an_address_of_another_machine_is_refused_in_plain_words(capsys):
    assert main(["--host", "192.0.2.1", "--port", str(free_port())]) == 1
    assert capsys.readouterr().err.startswith("Cannot listen on 192.0.2.1, port ")


def test_a_folder_without_studies_is_named(tmp_path, capsys):
    assert main(["--port", str(free_port()), "--data", str(tmp_path / "nowhere")]) == 2
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert "No study could be read" in said


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit) as stop:
        main([f"--port={port}"])
    assert stop.value.code == 2
    assert f"found {port!r}, allowed: a number from 1 to 65535" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_prints_the_address_and_serves_there():
    port = free_port()
    command = [sys.executable, "-m", "dashboard", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(2)]
            assert lines[1] == f"Open http://localhost:{port}/ (stop with Ctrl+C)\n"
            assert b'"status":"ok"' in fetch(f"http://127.0.0.1:{port}/healthz")
            assert b"<title>" in fetch(f"http://127.0.0.1:{port}/")
        finally:
            process.terminate()
            process.wait(timeout=10)


def fetch(address: str) -> bytes:
    with urlopen(address, timeout=10) as answer:
        return answer.read()


def test_workers_of_a_process_manager_are_warm_before_their_first_request():
    from dashboard.wsgi import server

    layout = server.test_client().get("/_dash-layout")
    dependencies = server.test_client().get("/_dash-dependencies")
    assert layout.status_code == 200
    assert any("content.children" in callback["output"] for callback in dependencies.json)
