"""What ``/healthz`` says: whether the data, the engine and, where there is one, the queue are in order."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from threading import Lock

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.question import Question
from analysis.synthesis import pool

KEPT = 5.0
"""Seconds for which a finding is told again: whoever asks often costs nothing."""

_QUEUE_WAIT = 0.5  # seconds


class Health:
    """The state of one application, looked at anew when what was found is older than `KEPT`.

    Parameters
    ----------
    evidence : what the pages answer from.
    clock : seconds that only grow.
    """

    def __init__(self, evidence: Evidence, clock: Callable[[], float] = time.monotonic) -> None:
        self._evidence = evidence
        self._clock = clock
        self._lock = Lock()
        self._found: tuple[dict[str, object], int] | None = None
        self._at = -math.inf

    def look(self) -> tuple[dict[str, object], int]:
        """The body and the status: 200, or 503 where no page can be answered.

        A queue that is gone is told but does not take the server out of service: every page but the
        long work still answers.
        """
        with self._lock:
            if self._found is None or self._clock() - self._at >= KEPT:
                self._found = self._look()
                self._at = self._clock()
            return self._found

    def _look(self) -> tuple[dict[str, object], int]:
        checks = {
            "data": "ok" if len(self._evidence.studies) else "no data",
            "engine": engine(self._evidence),
            "queue": queue(os.environ.get("REDIS_URL", "").strip()),
        }
        if checks["data"] != "ok":
            status = "no data"
        elif checks["engine"] != "ok":
            status = "engine at fault"
        else:
            status = "ok" if checks["queue"] in ("ok", "none") else "without queue"
        body = {
            "status": status,
            "checks": checks,
            "data_version": self._evidence.version,
            "reports": len(self._evidence.studies),
            "rows": self._evidence.rows,
            "faults": len(self._evidence.faults),
        }
        return body, 200 if status in ("ok", "without queue") else 503


def engine(evidence: Evidence) -> str:
    """Pool two studies whose result can be worked out by hand, and answer the first page's question.

    Effects 0 and 2 with variances 1: Q = 2, so DerSimonian and Laird's tau2 = (2 - 1) / (2 - 1) = 1, the
    mean 1 and its standard error sqrt((1 + 1) / 2) = 1.

    >>> from analysis.answer import shipped_evidence
    >>> engine(shipped_evidence())
    'ok'
    """
    try:
        known = pool([0.0, 2.0], [1.0, 1.0], tau2="DL", ci="wald")
        found = (known.estimate, known.se, known.tau2, known.q)
        if not all(map(_same, found, (1.0, 1.0, 1.0, 2.0))):
            return "wrong result"
        pooled = answer(Question(), evidence).pooled
        if pooled is not None and not math.isfinite(pooled.estimate):
            return "no finite result"
    except Exception as error:  # whatever it is, the watch over the server has to hear of it
        return f"failed: {type(error).__name__}"
    return "ok"


def _same(found: float, known: float) -> bool:
    return math.isclose(found, known, rel_tol=1e-9)


def queue(url: str) -> str:
    """``none`` where no Redis is named, else whether it answers."""
    if not url:
        return "none"
    import redis

    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=_QUEUE_WAIT, socket_timeout=_QUEUE_WAIT
        ) as there:
            there.ping()
    except (redis.RedisError, ValueError, OSError):
        return "does not answer"
    return "ok"
