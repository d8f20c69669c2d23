"""``/healthz``: it notices what is broken, tells it, and costs nothing to ask."""

from __future__ import annotations

import socket

import pytest

from analysis.evidence import load_evidence
from dashboard import health
from dashboard.health import KEPT, Health
from tests.evidence_builder import shipped


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)


def test_all_is_well_with_the_shipped_data():
    body, status = Health(shipped()).look()
    assert status == 200
    assert body["status"] == "ok"
    assert body["checks"] == {"data": "ok", "engine": "ok", "queue": "none"}


def test_without_a_study_the_server_is_out_of_service(tmp_path):
    body, status = Health(load_evidence(tmp_path)).look()
    assert (body["status"], status) == ("no data", 503)


def test_an_engine_that_fails_is_noticed(monkeypatch):
    monkeypatch.setattr(health, "pool", lambda *a, **k: 1 / 0)
    body, status = Health(shipped()).look()
    assert (body["status"], status) == ("engine at fault", 503)
    assert body["checks"]["engine"] == "failed: ZeroDivisionError"


def test_an_engine_that_is_wrong_is_noticed(monkeypatch):
    right = health.pool
    monkeypatch.setattr(health, "pool", lambda y, v, **k: right([0.0, 2.1], v, **k))
    body, status = Health(shipped()).look()
    assert status == 503
    assert body["checks"]["engine"] == "wrong result"


def test_a_queue_that_is_gone_is_told_and_pages_stay_in_service(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    body, status = Health(shipped()).look()
    assert (body["status"], status) == ("without queue", 200)
    assert body["checks"]["queue"] == "does not answer"


def test_an_address_of_a_queue_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "nonsense")
    assert Health(shipped()).look()[0]["checks"]["queue"] == "does not answer"


def test_a_finding_is_told_again_for_some_seconds(monkeypatch):
    now = [100.0]
    asked = []
    monkeypatch.setattr(health, "engine", lambda evidence: asked.append(1) or "ok")
    watched = Health(shipped(), clock=lambda: now[0])
    for _ in range(5):
        watched.look()
    assert len(asked) == 1
    now[0] += KEPT
    watched.look()
    assert len(asked) == 2
