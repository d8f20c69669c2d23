"""A job's own process, from its begin to its end; knows nothing of pages."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from analysis.evidence import Evidence, load_evidence
from dashboard.jobs.ask import Stamp
from dashboard.jobs.board import BoardLost, DiskBoard
from dashboard.jobs.work import perform

PRELOADED = "DASHBOARD_PRELOAD"
"""Environment variable that tells the helper which evidence to read (`dashboard.jobs.preload`)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and for how many.

    Attributes
    ----------
    patience : seconds without a pulse after which a job counts as lost.
    limit : seconds that a job may take.
    at_once : jobs that may work at the same time; more are asked to come back.
    """

    patience: float = 15
    limit: float = 600
    at_once: int = field(default_factory=lambda: max(2, os.cpu_count() or 1))


@lru_cache(maxsize=1)
def evidence_of(folder: Path) -> Evidence:
    """The evidence of this process; the helper has read it before the copy was made."""
    return load_evidence(folder)


def work(
    board: Path, folder: Path, job: str, ask: dict[str, object], stamp: Stamp, limits: Limits
) -> None:
    """Do one job, and end; Ctrl+C is for the server, which takes its jobs with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with_the_server, daemon=True).start()
    with contextlib.suppress(BoardLost):  # the page will find the job lost, and say so
        perform(
            DiskBoard(board),
            job,
            ask,
            stamp,
            evidence_of(folder),
            patience=limits.patience,
            limit=limits.limit,
            leave=lambda: os._exit(1),
        )


def _go_with_the_server() -> None:
    """A server that was killed cannot end its jobs: they see to it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
