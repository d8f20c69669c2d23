"""A job at work, in a worker: the view is worked out, a pulse tells how far, the result is kept."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from analysis.evidence import Evidence
from analysis.robustness_views.view import Progress
from dashboard.jobs.ask import Ask, Stamp
from dashboard.jobs.board import KEPT, Board, BoardLost
from dashboard.jobs.settings import Limits

RESULTS_KEPT = 30 * 86400
"""Seconds for which a result is kept; data or code that change give it another name."""

_TELL_EVERY = 0.2  # seconds between two notes about progress
_LOG = logging.getLogger("dashboard")


class Stopped(Exception):
    """Nobody wants the result any more; raised in the middle of the work."""


def perform(
    board: Board,
    job: str,
    asked: Mapping[str, object],
    wanted: Stamp,
    evidence: Evidence,
    limits: Limits,
) -> None:
    """Do a job from its begin to the note of its end.

    Parameters
    ----------
    board : shared with the page.
    job : the job's id.
    asked : `Ask.to_store`.
    wanted : data and code of the page.
    evidence : what this process has.
    limits : how long the page waits for a pulse, and for the end.
    """
    if board.get(f"{job}-cancelled"):
        return
    # The pulse first: a job that has begun without one is given up.
    board.set(f"{job}-pulse", {"done": 0, "total": 0, "doing": ""}, limits.patience)
    board.set(f"{job}-begun", 1, KEPT)
    stamp = Stamp.of(evidence)
    if stamp != wanted:
        _LOG.error("a job is refused: the page has %s, this process %s", wanted, stamp)
        board.set(f"{job}-end", {"trouble": "versions"}, KEPT)
        return
    trouble = ""
    try:
        ask = Ask.from_store(asked)
        with _pulse(board, job, limits) as progress:
            view = ask.view_of(evidence, progress)
        board.set(ask.key(stamp), view.to_json(), RESULTS_KEPT)
    except Stopped:
        return
    except BoardLost:
        _LOG.exception("the result of a job could not be kept")
        trouble = "unkept"
    except Exception:
        _LOG.exception("a job failed")  # not what was asked: the log keeps no queries
        trouble = "failed"
    board.set(f"{job}-end", {"trouble": trouble}, KEPT)


@contextmanager
def _pulse(board: Board, job: str, limits: Limits) -> Iterator[Progress]:
    """Keep the pulse on the board while the work is going on; gives the `Progress` to report to."""
    began = time.monotonic()
    over, done = threading.Event(), threading.Event()
    now = {"done": 0, "total": 0, "doing": ""}
    told = 0.0

    def tell() -> None:
        try:
            board.set(f"{job}-pulse", dict(now), limits.patience)
        except BoardLost as error:
            _LOG.warning("the progress of a job could not be told: %s", error)

    def unwanted() -> bool:
        if time.monotonic() - began > limits.limit:
            board.set(f"{job}-end", {"trouble": "late"}, KEPT)
            return True
        return bool(board.get(f"{job}-cancelled"))

    def beat() -> None:
        while not done.wait(limits.patience / 4):
            tell()
            try:
                if unwanted():
                    over.set()
            except BoardLost:
                continue  # out of reach for now: the work goes on, and may be kept in the end

    def progress(steps: int, total: int, doing: str) -> None:
        nonlocal told
        if over.is_set():
            raise Stopped
        now.update(done=int(steps), total=int(total), doing=str(doing))
        if time.monotonic() - told > _TELL_EVERY:
            told = time.monotonic()
            tell()

    tell()
    thread = threading.Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        done.set()
        thread.join()
