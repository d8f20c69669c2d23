"""Jobs in processes of their own on this machine: nothing to install, nothing to start.

The server answers with several threads, and a copy of a process with threads (`fork`) may hang on a lock
that another thread held. So one helper without threads is started first (`forkserver`); it reads the
evidence once, and each job is a copy of it, ready in some 20 ms. Where there is no forkserver (Windows) a
job starts from nothing (`spawn`) and reads the evidence itself.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from dashboard.jobs.ask import Stamp
from dashboard.jobs.board import KEPT, BoardLost, DiskBoard
from dashboard.jobs.child import PRELOADED, Limits, work
from dashboard.jobs.manager import Manager
from dashboard.jobs.trouble import JobTrouble

FULL = "The server's disk takes nothing more, so this was worked out without a progress bar and was not kept."

_LOG = logging.getLogger("dashboard")
_ROOT = Path(__file__).resolve().parents[2]
_HOW = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_STARTING = 60
"""Seconds that a new process may take to begin: a cold helper on a slow machine reads all libraries."""


class Processes(Manager):
    """A process for each job.

    Parameters
    ----------
    board : a folder; the jobs open it themselves.
    folder : of the evidence; the jobs read it themselves.
    work : what a job's process runs; a function of a module, so that it can be found there.
    """

    def __init__(
        self,
        board: DiskBoard,
        folder: Path,
        stamp: Stamp,
        limits: Limits,
        work: Callable[[Path, Path, str, dict[str, object], Stamp, Limits], None] = work,
    ) -> None:
        super().__init__(board, stamp, limits.patience)
        self._limits = limits
        self._work = work
        self._evidence = folder
        self._context = multiprocessing.get_context(_HOW)
        self._running: dict[str, multiprocessing.process.BaseProcess] = {}
        self._lock = threading.Lock()
        self._warm = False

    def warm(self) -> None:
        """Start the helper, once, without waiting for it."""
        if not self._warm:
            self._warm = True
            with self._lock:
                self._start_helper()

    def _start_helper(self) -> None:
        """Unless it runs; one that has died is started again."""
        if _HOW != "forkserver":
            return
        from multiprocessing import forkserver

        with _environment(self._evidence):
            forkserver.set_forkserver_preload(["dashboard.jobs.preload"])
            forkserver.ensure_running()

    def obstacle(self) -> str:
        try:
            self.board.set("probe", 1, 1)
        except BoardLost as error:
            _LOG.warning("jobs cannot be told of, long work is done in the request: %s", error)
            return FULL
        return ""

    def start(self, job: str, ask: Mapping[str, object]) -> None:
        with self._lock:
            self._start_helper()
            self._running = {j: p for j, p in self._running.items() if p.is_alive()}
            if len(self._running) >= self._limits.at_once:
                raise JobTrouble("busy", job)
            process = self._context.Process(
                target=self._work,
                args=(self.board.folder, self._evidence, job, dict(ask), self.stamp, self._limits),
                daemon=True,  # goes with the server
            )
            try:
                process.start()
            except (OSError, EOFError) as error:  # no memory, no process to spare, a killed helper
                raise JobTrouble("lost", job) from error
            self._running[job] = process
        self.board.set(f"{job}-process", _identity(process.pid), KEPT)

    def stop(self, job: str) -> None:
        process = _process(self.board.get(f"{job}-process"))
        if process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in (*process.children(recursive=True), process):
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()

    def gone(self, job: str) -> bool:
        known = self.board.get(f"{job}-process")
        return known is not None and _process(known) is None

    def waiting(self, job: str, seconds: float) -> str:
        return "lost" if self.gone(job) or seconds > _STARTING else ""


def _identity(pid: int | None) -> list[float] | None:
    """A process's number and when it was born: numbers are given again."""
    try:
        return [pid, psutil.Process(pid).create_time()] if pid else None
    except psutil.NoSuchProcess:
        return [pid or 0, 0.0]


def _process(identity: list[float] | None) -> psutil.Process | None:
    """The process, if it is still at work."""
    if not identity:
        return None
    try:
        process = psutil.Process(int(identity[0]))
        same = abs(process.create_time() - identity[1]) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


@contextlib.contextmanager
def _environment(folder: Path):
    """What the helper needs to find this program and the evidence; gone again afterwards."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", PRELOADED)}
    paths = [str(_ROOT), *filter(None, [before["PYTHONPATH"]])]
    os.environ.update({"PYTHONPATH": os.pathsep.join(paths), PRELOADED: str(folder)})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
