"""How pages reach jobs: opened once per application, asked for what is kept, and for obstacles."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from analysis.evidence import Evidence
from analysis.laboratory.view import View
from dashboard.jobs.ask import Ask, Stamp
from dashboard.jobs.board import BoardLost, disk_board
from dashboard.jobs.manager import Manager
from dashboard.jobs.settings import limits

_LOG = logging.getLogger("dashboard")


@dataclass(frozen=True, slots=True)
class Jobs:
    """What a page knows of jobs.

    Attributes
    ----------
    manager : for Dash; None where there are no jobs.
    why_not : a sentence for readers where there are none; else "".
    """

    manager: Manager | None
    why_not: str = ""

    def kept(self, ask: Ask) -> View | None:
        """A result from before, if there is one and it can be read."""
        if self.manager is None:
            return None
        try:
            stored = self.manager.board.get(ask.key(self.manager.stamp))
            return View.from_json(stored) if stored else None
        except (BoardLost, KeyError, TypeError, ValueError) as error:
            _LOG.warning("a kept result cannot be read: %s", error)
            return None

    def usable(self) -> str:
        """Why no job can be started now: a sentence, or "" when one can.

        A queue that does not answer is left to the job, which then says so: another try may find it.
        """
        return self.why_not if self.manager is None else self.manager.obstacle()


def may_leave(evidence: Evidence) -> bool:
    """Whether work on this evidence may be handed to another process and kept.

    Never with a reader's own studies: they are worked on in the reader's request and forgotten.
    """
    return not evidence.personal


def open_jobs(evidence: Evidence, redis: str = "") -> Jobs:
    """Decide how long work is done.

    Parameters
    ----------
    evidence : what the pages show; jobs read the same folder.
    redis : the address of a Redis; "" for processes of this machine.
    """
    stamp, allowed = Stamp.of(evidence), limits()
    if redis:
        from dashboard.jobs.queue import Queue, RedisBoard, celery_app  # only where it is used

        return Jobs(Queue(RedisBoard(redis), celery_app(redis, allowed), stamp, allowed))
    from dashboard.jobs.processes import Processes

    try:
        return Jobs(Processes(disk_board(), evidence.folder, stamp, allowed))
    except BoardLost as error:
        _LOG.warning("no folder for jobs, long work is done in the request: %s", error)
        return Jobs(None, NO_FOLDER)


NO_FOLDER = (
    "This server has no folder to write to, so this was worked out without a progress bar and was not "
    "kept."
)
