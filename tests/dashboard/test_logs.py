"""The log: every request, in a form that machines read, and nothing about who asked what."""

from __future__ import annotations

import io
import json
import logging

import pytest

from dashboard import logs, web
from dashboard.app import create_app


@pytest.fixture(scope="module")
def client():
    return create_app().server.test_client()


@pytest.fixture
def lines(monkeypatch):
    """Start the log as gunicorn's workers do; gives a function that reads what was written."""
    monkeypatch.delenv("EVIDENCE_LOG", raising=False)
    monkeypatch.delenv("EVIDENCE_LOG_LEVEL", raising=False)
    root = logging.getLogger()
    level, written = root.level, io.StringIO()
    logs.start("json", "info", written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(next(h for h in root.handlers if getattr(h, "of_dashboard", False)))
    root.setLevel(level)


def test_a_request_is_one_line_with_its_facts(client, lines):
    client.get("/compare?outcome=pain&intervention=VP", headers={"Cookie": "a=secret"})
    (line,) = lines()
    assert line["message"] == "request"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/compare", 200)
    assert line["ms"] > 0
    assert line["time"].endswith("Z")


def test_nothing_personal_is_written(client, lines):
    told = {"Cookie": "secret1", "User-Agent": "secret2", "X-Forwarded-For": "192.0.2.77"}
    client.get("/compare?outcome=secret3", headers=told)
    client.get("/secret4?x=secret5", headers=told)
    client.post("/_dash-update-component", data='{"a": "secret6"}', content_type="application/json")
    client.open("/", method="SECRET7")
    written = json.dumps(lines()).lower()
    assert "secret" not in written
    assert "192.0.2.77" not in written
    assert "127.0.0.1" not in written
    assert "(no page)" in written


def test_a_fault_names_the_rule_that_took_the_request_and_not_what_was_asked(
    client, lines, monkeypatch
):
    monkeypatch.setattr(web, "_health", lambda health: 1 / 0)
    assert client.get("/healthz?who=secret").status_code == 500
    fault = next(line for line in lines() if line["level"] == "error")
    assert fault["message"] == "GET /healthz failed"
    assert fault["exception"] == "ZeroDivisionError"
    assert "secret" not in json.dumps(lines())


def test_an_exception_is_named_and_placed_but_not_quoted(lines):
    try:
        int("what a reader sent")
    except ValueError:
        logging.getLogger("dashboard").exception("a callback failed")
    (line,) = lines()
    assert line["exception"] == "ValueError"
    assert any("test_logs.py" in place for place in line["raised"])
    assert "what a reader sent" not in json.dumps(line)


def test_addresses_that_a_server_writes_are_taken_out():
    said = logs.without_addresses("Invalid request from ip=2001:db8::1 at 192.0.2.1:5000")
    assert "2001:db8" not in said
    assert "192.0.2.1" not in said


@pytest.mark.parametrize(
    ("name", "value"), [("EVIDENCE_LOG", "xml"), ("EVIDENCE_LOG_LEVEL", "loud")]
)
def test_a_setting_that_does_not_exist_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"{name}: found '{value}', allowed: "):
        logs.start()
