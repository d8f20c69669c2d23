"""What Dash asks of a manager of background callbacks, answered from a board.

Dash polls a job through the manager: is there progress, is there a result, is it still running? Its own
managers answer "no longer running, no result" in silence when a process was killed, and "still running"
for ever when a Celery worker was. Here a job that works shows a pulse on the board. One that has begun and
whose pulse is gone is lost, whatever the reason, and the page is told so (`JobTrouble`, which reaches the
callback's ``on_error``).

A job's id is also the name under which Dash asks for its result. Dash signs it before the browser sees it.
On the board a job ``j`` has: ``j-asked`` (when, and for what), ``j-pulse`` (done, total, doing; gone when
not renewed), ``j-begun``, ``j-cancelled`` and ``j-end`` (how it ended). The page's name for an attempt has
``-cancelled`` only.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.exceptions import PreventUpdate

from dashboard.jobs.ask import Ask, Stamp
from dashboard.jobs.board import KEPT, Board, BoardLost
from dashboard.jobs.trouble import JobTrouble

_LOG = logging.getLogger("dashboard")
_NOTHING = {"_dash_no_update": "_dash_no_update"}  # how Dash writes "leave the outputs" as JSON


class Manager(BaseBackgroundCallbackManager):
    """The part that local processes and a queue have in common.

    Parameters
    ----------
    board : shared with the jobs.
    stamp : data and code that a job must have.
    patience : seconds without a pulse after which a job counts as lost.
    """

    def __init__(self, board: Board, stamp: Stamp, patience: float) -> None:
        super().__init__(None)
        self.board = board
        self.stamp = stamp
        self.patience = patience

    # --- for the two kinds -------------------------------------------------------------------
    def warm(self) -> None:
        """A job may be asked for soon."""

    def obstacle(self) -> str:
        """Why no job can be started now: a sentence for readers, or ""."""
        return ""

    def start(self, job: str, ask: Mapping[str, object]) -> None:
        """Have the job done; `JobTrouble` when it cannot be."""
        raise NotImplementedError

    def stop(self, job: str) -> None:
        """End the job's process, if it has one."""
        raise NotImplementedError

    def gone(self, job: str) -> bool:
        """Whether a job that has begun certainly has no process any more."""
        raise NotImplementedError

    def waiting(self, job: str, seconds: float) -> str:
        """A job that nobody has begun: a code of trouble, or "" to go on waiting."""
        raise NotImplementedError

    # --- for Dash ----------------------------------------------------------------------------
    def build_cache_key(self, fn: object, args: object, *ignored: object) -> str:
        """A name of its own for each job; results are kept by Question elsewhere (`dashboard.jobs`)."""
        return uuid.uuid4().hex

    def make_job_fn(self, fn: Callable, progress: bool, key: str | None = None) -> Callable:
        return fn

    def call_job_fn(
        self, key: str, job_fn: Callable, args: Sequence[Mapping[str, object]], context: object
    ) -> str:
        """Start a job. The request's context (cookies, address) stays in this process."""
        if not args or not isinstance(args[0], Mapping):
            raise PreventUpdate
        attempt = str(args[0].get("attempt"))[:64]
        try:
            if self.board.get(f"{attempt}-cancelled"):
                raise PreventUpdate  # the reader was faster
            self.board.set(f"{key}-asked", {"at": time.time(), "attempt": attempt}, KEPT)
            self.start(key, {**Ask.from_store(args[0]).to_store(), "attempt": attempt})
        except BoardLost as error:
            _LOG.error("a job could not be started: %s", error)
            raise JobTrouble("queue", key) from error
        return key

    def get_progress(self, key: str) -> list[object] | None:
        """Percent, what is being done, and seconds so far; for the callback's ``progress`` outputs."""
        try:
            asked, pulse = self.board.get(f"{key}-asked"), self.board.get(f"{key}-pulse")
        except BoardLost:
            return None  # `get_result` follows and says so
        if not asked:
            return None
        seconds = f"{max(0, round(time.time() - asked['at']))} s"
        if not pulse:
            return [0, "Waiting for a free process", seconds]
        done, total, doing = pulse["done"], pulse["total"], pulse["doing"]
        return [round(100 * done / total, 1) if total else 0, doing or "Starting", seconds]

    def result_ready(self, key: str) -> bool:
        return self.board.get(f"{key}-end") is not None

    def get_result(self, key: str, job: str | None) -> object:
        """What the callback returns, UNDEFINED while the job works; else `JobTrouble`."""
        try:
            end = self.board.get(f"{key}-end")
            if end is None and self.board.get(f"{key}-cancelled"):
                return _NOTHING
            if end is None:
                self._still_there(key)
                return self.UNDEFINED
        except BoardLost as error:
            _LOG.error("the state of a job cannot be read: %s", error)
            raise JobTrouble("queue", key) from error
        if end.get("trouble"):
            raise JobTrouble(end["trouble"], key)
        return {"attempt": end["attempt"], "trouble": ""}

    def _still_there(self, job: str) -> None:
        """Raise `JobTrouble` for a job that has no result and will have none."""
        begun = self.board.get(f"{job}-begun")  # before the pulse: a job sets that first
        if self.board.get(f"{job}-pulse"):
            trouble = "lost" if self.gone(job) else ""
        elif begun:
            trouble = "lost"
        else:
            asked = self.board.get(f"{job}-asked")
            trouble = self.waiting(job, time.time() - asked["at"]) if asked else "lost"
        if trouble and self.board.get(f"{job}-end") is None:  # it may have ended meanwhile
            raise JobTrouble(trouble, job)

    def job_running(self, job: str) -> bool:
        """Asked after `get_result`, which has raised for a job that no longer works."""
        try:
            return self.board.get(f"{job}-end") is None and not self.board.get(f"{job}-cancelled")
        except BoardLost as error:
            raise JobTrouble("queue", job) from error

    def terminate_job(self, job: str | None) -> None:
        """The reader cancelled, or asked for something else. Never fails: the page goes on anyway."""
        if not job:
            return
        try:
            self.board.set(f"{job}-cancelled", 1, KEPT)
            self.stop(job)
        except (BoardLost, OSError) as error:
            _LOG.warning("a job could not be stopped: %s", error)

    def cancel_attempt(self, attempt: str) -> None:
        """The reader cancelled before the browser knew the job: it ends by itself, or does not begin."""
        try:
            self.board.set(f"{attempt}-cancelled", 1, KEPT)
        except BoardLost as error:
            _LOG.warning("a job could not be cancelled: %s", error)

    def terminate_unhealthy_job(self, job: str | None) -> bool:
        return False

    def get_updated_props(self, key: str) -> dict[str, object]:
        """Jobs set nothing on the side."""
        return {}

    def clear_cache_entry(self, key: str) -> None:
        """Records go by themselves."""

    def get_or_create_signing_secret(self, generate: Callable[[], bytes]) -> bytes:
        """One secret for all servers that share the board."""
        return str(self.board.add("secret", generate().decode(), 10 * 365 * 86400)).encode()

    def attempt(self, job: str) -> str | None:
        """The attempt (see `dashboard.pages.robustness`) that a job stands for, where it is known."""
        try:
            asked = self.board.get(f"{job}-asked")
        except BoardLost:
            return None
        return asked["attempt"] if asked else None
