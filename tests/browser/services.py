"""A real Redis and real Celery workers for tests, started and ended by the test.

Without redis-server these tests are skipped with a reason; with CI=true that is a failure, as with the
browser (`tests/browser/conftest.py`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 60


def redis_program() -> str:
    """The path of redis-server."""
    program = shutil.which("redis-server")
    if program is None:
        why = "no redis-server found (Debian: apt-get install redis-server)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return program


class RedisServer:
    """A Redis on a free port that keeps nothing; `stop` and `start` take the same port."""

    def __init__(self, folder: Path) -> None:
        self._program = redis_program()
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --dir {self._folder}"
        self._process = subprocess.Popen(
            [self._program, *options.split(), "--save", ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, "redis-server")

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


class Worker:
    """A Celery worker of `tests.slow_worker` with one process, in a process group of its own."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._log = log
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "tests.slow_worker", "worker"]
        before = self.said()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--concurrency", "1", "--without-gossip", "--without-mingle", "-l", "INFO"],
                cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_to_say(" ready.", before)

    def said(self) -> int:
        """How long its log is."""
        return self._log.stat().st_size if self._log.exists() else 0

    def wait_to_say(self, words: str, before: int) -> None:
        """Until the words stand in what was added to the log since `said` gave `before`."""
        wait_until(lambda: words.encode() in self._log.read_bytes()[before:], "the worker")

    def kill(self) -> None:
        """As the kernel does when memory is short: at once, and its children with it."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def children(self) -> list[int]:
        """The processes that work on jobs."""
        assert self._process is not None
        return [child.pid for child in psutil.Process(self._process.pid).children()]


def wait_until(true: object, what: str) -> None:
    end = time.monotonic() + _SECONDS
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not start within {_SECONDS} s")
        time.sleep(0.05)
