"""Jobs in a queue: Celery workers on this machine or on many take them from a Redis.

Redis is named by ``REDIS_URL``. It carries the queue and the board: pulses, how jobs ended, results. Each
machine runs ``celery -A dashboard.worker worker`` (see `dashboard.worker`). Messages are JSON on every way.

Dash polls through its manager: is there progress, is there a result, is it still running? Its own Celery manager
answers "still running" for ever when a worker was killed. Here a job that works shows a pulse on the board. One that
has begun and whose pulse is gone is lost, whatever the reason, and the page is told so (`JobTrouble`, which reaches
the callback's ``on_error``).

What Dash follows is a reader's *attempt*; equal attempts share one *job*, which ends early only when all have
cancelled. On the board an attempt ``a`` has ``a-asked`` (when, and which job) and ``a-cancelled``; a job ``j`` has
``j-wanted`` (its attempts), ``j-pulse`` (done, total, doing; gone when not renewed), ``j-begun``, ``j-cancelled`` and
``j-end`` (how it ended); a result's name has ``-job``, the job that was last to work it out.

Redis may stop and come back, so nothing here waits long: a call gives up after some seconds, the page
says so, and "Try again" finds the queue when it is back.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

import redis
from celery import Celery
from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.exceptions import PreventUpdate
from kombu.exceptions import OperationalError

from analysis.evidence import Evidence
from analysis.robustness_views.view import View
from dashboard.jobs.ask import Ask, Stamp
from dashboard.jobs.board import KEPT, Board, BoardLost
from dashboard.jobs.broker import QUEUE, TASK, celery_app
from dashboard.jobs.settings import Limits, limits
from dashboard.jobs.trouble import JobTrouble

MOST_WAITING = 50
"""Jobs in the queue that nobody has begun; more are asked to come back."""

_LOOK_EVERY = 5  # seconds between two looks whether any worker is there
_NOTHING = {"_dash_no_update": "_dash_no_update"}  # how Dash writes "leave the outputs" as JSON
_QUEUE_TROUBLES = (OperationalError, redis.RedisError, OSError)
_LOG = logging.getLogger("dashboard")


def open_queue(evidence: Evidence, url: str) -> Queue:
    """The queue for pages that show this evidence; workers must have read the same."""
    allowed = limits()
    return Queue(Board(url), celery_app(url, allowed), Stamp.of(evidence), allowed)


class Queue(BaseBackgroundCallbackManager):
    """What Dash asks of a manager of background callbacks, answered from a board.

    Parameters
    ----------
    board : shared with the workers.
    app : where jobs are sent.
    stamp : data and code that a job must have.
    limits : how long to wait.
    """

    def __init__(self, board: Board, app: Celery, stamp: Stamp, limits: Limits) -> None:
        super().__init__(None)
        self.board = board
        self.stamp = stamp
        self._app = app
        self._limits = limits
        self._looked = 0.0
        self._somebody = True

    def kept(self, ask: Ask) -> View | None:
        """A result from before, if there is one and it can be read."""
        try:
            stored = self.board.get(ask.key(self.stamp))
            return View.from_json(stored) if stored else None
        except (BoardLost, KeyError, TypeError, ValueError) as error:
            _LOG.warning("a kept result cannot be read: %s", error)
            return None

    # --- for Dash ----------------------------------------------------------------------------
    def build_cache_key(self, fn: object, args: Sequence[object], *ignored: object) -> str:
        """The reader's attempt; results are kept by Question elsewhere (`Ask.key`)."""
        wish = args[0] if args and isinstance(args[0], Mapping) else {}
        return f"attempt-{str(wish.get('attempt'))[:64]}"

    def make_job_fn(self, fn: Callable, progress: bool, key: str | None = None) -> Callable:
        return fn

    def call_job_fn(
        self, key: str, job_fn: Callable, args: Sequence[Mapping[str, object]], context: object
    ) -> str:
        """Start a job, or join an equal one. The request's context (cookies, address) stays in this process."""
        if not args or not isinstance(args[0], Mapping):
            raise PreventUpdate
        try:
            if self.board.get(f"{key}-cancelled"):
                raise PreventUpdate  # the reader was faster
            self._join(Ask.from_store(args[0]), key)
        except BoardLost as error:
            _LOG.error("a job could not be started: %s", error)
            raise JobTrouble("queue", attempt_of(key)) from error
        return key

    def get_progress(self, key: str) -> list[object] | None:
        """Percent, what is being done, and seconds so far; for the callback's ``progress`` outputs."""
        try:
            asked = self.board.get(f"{key}-asked")
            pulse = asked and self.board.get(f"{asked['job']}-pulse")
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
        asked = self.board.get(f"{key}-asked")
        return bool(asked) and self.board.get(f"{asked['job']}-end") is not None

    def get_result(self, key: str, job: str | None) -> object:
        """What the callback returns, UNDEFINED while the job works; else `JobTrouble`."""
        try:
            if self.board.get(f"{key}-cancelled"):
                return _NOTHING
            asked = self.board.get(f"{key}-asked")
            trouble = self._trouble(asked) if asked else "lost"
        except BoardLost as error:
            _LOG.error("the state of a job cannot be read: %s", error)
            raise JobTrouble("queue", attempt_of(key)) from error
        if trouble is None:
            return self.UNDEFINED
        if trouble:
            raise JobTrouble(trouble, attempt_of(key))
        return {"attempt": attempt_of(key), "trouble": ""}

    def job_running(self, key: str) -> bool:
        """Asked after `get_result`, which has raised for a job that no longer works."""
        try:
            return not self.board.get(f"{key}-cancelled") and not self.result_ready(key)
        except BoardLost as error:
            raise JobTrouble("queue", attempt_of(key)) from error

    def terminate_job(self, key: str | None) -> None:
        """The reader cancelled, or asked for something else. Never fails: the page goes on anyway."""
        if not key:
            return
        try:
            self.board.set(f"{key}-cancelled", 1, KEPT)
            asked = self.board.get(f"{key}-asked")
            if asked and not self.board.leave(f"{asked['job']}-wanted", key):
                self.board.set(f"{asked['job']}-cancelled", 1, KEPT)
                with self._app.connection_for_write() as fresh:  # one kept from before may be dead
                    self._app.control.revoke(asked["job"], terminate=True, connection=fresh)
        except (BoardLost, *_QUEUE_TROUBLES) as error:
            _LOG.warning("a job could not be stopped: %s", error)

    def cancel_attempt(self, attempt: str) -> None:
        """The reader cancelled, perhaps before the browser knew the job: then it does not begin."""
        self.terminate_job(self.build_cache_key(None, [{"attempt": attempt}]))

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

    # --- the job of an attempt ---------------------------------------------------------------
    def _join(self, ask: Ask, key: str) -> None:
        """Let an attempt wait for the job that works on this already, else for a new one."""
        name = f"{ask.key(self.stamp)}-job"
        new = {"job": uuid.uuid4().hex, "at": time.time()}
        at_work = self.board.add(name, new, self._limits.limit)
        self.board.join(f"{at_work['job']}-wanted", key)  # before the look: nobody cancels it now
        if at_work != new and self._trouble(at_work) is not None:  # it came to an end
            self.board.set(name, new, self._limits.limit)
            self.board.join(f"{new['job']}-wanted", key)
            at_work = new
        self.board.set(f"{key}-asked", {"job": at_work["job"], "at": time.time()}, KEPT)
        if at_work == new:
            try:
                self._send(new["job"], ask, key)
            except (BoardLost, JobTrouble):
                self.board.set(name, new, 0.001)  # nobody else is to wait for it
                raise

    def _send(self, job: str, ask: Ask, key: str) -> None:
        if self.board.length(QUEUE) >= MOST_WAITING:
            raise JobTrouble("busy", attempt_of(key))
        stamp = {"data": self.stamp.data, "code": self.stamp.code}
        try:
            self._app.send_task(
                TASK, (job, ask.to_store(), stamp), task_id=job, expires=self._limits.limit
            )
        except _QUEUE_TROUBLES as error:
            raise BoardLost(str(error)) from error

    def _trouble(self, asked: Mapping[str, object]) -> str | None:
        """How a job ended, "" for well; None while it waits or works."""
        job = asked["job"]
        begun = self.board.get(f"{job}-begun")  # before the pulse: a job shows that first
        if self.board.get(f"{job}-cancelled"):
            trouble = "lost"
        elif self.board.get(f"{job}-pulse"):
            trouble = None
        else:
            trouble = "lost" if begun else self._waiting(time.time() - float(asked["at"]))
        end = self.board.get(f"{job}-end")  # last: it may have ended during the look
        return trouble if end is None else str(end.get("trouble") or "")

    def _waiting(self, seconds: float) -> str | None:
        """A job that nobody has begun: a code of trouble, or None to go on waiting."""
        if seconds > self._limits.limit:
            return "late"
        return "nobody" if seconds > self._limits.patience and not self._anybody() else None

    def _anybody(self) -> bool:
        """Whether a worker answers; all of them may be busy, which is no reason to give up."""
        if time.monotonic() - self._looked > _LOOK_EVERY:
            self._looked = time.monotonic()
            try:
                with self._app.connection_for_write() as fresh:
                    self._somebody = bool(
                        self._app.control.ping(timeout=1, limit=1, connection=fresh)
                    )
            except _QUEUE_TROUBLES as error:
                raise BoardLost(str(error)) from error
        return self._somebody


def attempt_of(key: str) -> str:
    """The page's name for an attempt that Dash follows under a key."""
    return key.removeprefix("attempt-")
