"""The worker for the queue of jobs: ``celery -A dashboard.worker worker --concurrency 2``.

Run one on each machine that should work, with ``REDIS_URL`` as the dashboard has it, and with
``EVIDENCE_DATA`` where the dashboard serves another data folder. Data and program must be the same as the
dashboard's: a worker that differs refuses, and the page says so.
"""

from __future__ import annotations

import gc
import os

from celery.signals import worker_before_create_process

from analysis.evidence import load_evidence
from dashboard.jobs.ask import Stamp
from dashboard.jobs.board import Board
from dashboard.jobs.broker import TASK, celery_app
from dashboard.jobs.settings import limits, redis_url
from dashboard.jobs.work import perform
from dashboard.memory import give_back

if not redis_url():
    raise SystemExit(
        "REDIS_URL: found nothing, allowed: an address such as redis://localhost:6379/0"
    )

_LIMITS = limits()
_EVIDENCE = load_evidence(os.environ.get("EVIDENCE_DATA") or None)  # before the pool is copied
app = celery_app(redis_url(), _LIMITS)
_BOARDS: dict[int, Board] = {}  # one for each process: connections are not to be shared


@worker_before_create_process.connect
def share(**_: object) -> None:
    """What is loaded is shared with the copy that does the jobs, and no collector touches it there."""
    give_back()
    gc.freeze()


@app.task(name=TASK)
def work(job: str, ask: dict[str, object], stamp: dict[str, str]) -> None:
    """Do one job of the queue."""
    board = _BOARDS.setdefault(os.getpid(), Board(redis_url()))
    perform(board, job, ask, Stamp(**stamp), _EVIDENCE, _LIMITS)
    give_back()  # a job may have needed a hundred mebibytes
