"""The dashboard as it is run in earnest, started for a measurement, and what its processes hold in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from flask_compress.compat import compression

SERVERS = ("waitress", "gunicorn", "celery")
"""One process; two workers; the same with a Redis of its own and a Celery worker."""

HERE = "127.0.0.1"
PACKED = {"Accept-Encoding": "gzip, deflate, br, zstd"}
"""What browsers ask for, so that the server does for a measurement what it does for them."""


def unpacked(answer: HTTPResponse) -> bytes:
    """The body of an answer to a request that asked for it `PACKED`."""
    body = answer.read()
    packing = answer.headers.get("Content-Encoding")
    return compression.zstd.decompress(body) if packing == "zstd" else body


@contextlib.contextmanager
def served(server: str) -> Iterator[tuple[int, list[subprocess.Popen]]]:
    """Start a server and what belongs to it; gives its port and processes."""
    port = _free_port()
    environment = {**os.environ, "PORT": str(port), "HOST": HERE, "EVIDENCE_LOG": "off"}
    environment.pop("REDIS_URL", None)
    with contextlib.ExitStack() as stack:
        processes: list[subprocess.Popen] = []

        def start(*command: str) -> None:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            stack.callback(_stop, process)
            processes.append(process)

        if server == "celery":
            place, redis_port = stack.enter_context(tempfile.TemporaryDirectory()), _free_port()
            environment["REDIS_URL"] = f"redis://{HERE}:{redis_port}/0"
            start(shutil.which("redis-server") or "redis-server", "--port", str(redis_port),
                  "--bind", HERE, "--save", "", "--dir", place)  # fmt: skip
            start(sys.executable, "-m", "celery", "-A", "dashboard.worker", "worker",
                  "--concurrency", "1", "--loglevel", "warning")  # fmt: skip
        if server == "waitress":
            start(sys.executable, "-m", "dashboard", "--port", str(port))
        else:
            start(sys.executable, "-m", "gunicorn", "-c", "dashboard/gunicorn_conf.py",
                  "dashboard.wsgi:server")  # fmt: skip
        _wait(port)
        yield port, processes


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HERE, 0))
        return free.getsockname()[1]


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = HTTPConnection(HERE, port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the server did not start within two minutes")


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def memory(processes: list[subprocess.Popen]) -> float:
    """Private and shared memory in MiB of processes and their children, what they share counted once."""
    return sum(map(_proportional, _family({p.pid for p in processes}))) / 1024


def _family(found: set[int]) -> set[int]:
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = (place / "stat").read_text()
            parents[int(place.name)] = int(stat.rpartition(")")[2].split()[1])
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
