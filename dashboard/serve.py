"""The server of ``python -m dashboard``: waitress, with limits, and a stop that finishes what it began."""

from __future__ import annotations

import logging
import select
import signal
import socket
import threading
import time
from types import FrameType
from typing import Any

from flask import Flask
from waitress import create_server
from waitress.server import TcpWSGIServer

from dashboard.request_validation import MOST_BYTES

_LOG = logging.getLogger("dashboard")
_THREADS = 8
_HEADERS = 32 * 1024  # bytes of a request's head, the address included
_PATIENCE = 30.0
_LOOK_EVERY = 0.2
_CONNECTIONS = 1000


def _connections() -> int:
    """How many may be open at a time. A browser keeps up to six, used or not, and whoever comes when all
    are taken waits until another one's is given up: the usual 100 of waitress are 16 readers."""
    if not hasattr(select, "poll"):
        return 400  # Windows looks at 512 at a time
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _CONNECTIONS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:  # macOS gives 256 until asked
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(_CONNECTIONS, wanted // 2)


class Server:
    """An application on a socket that already listens; `run` returns after SIGTERM or Ctrl+C.

    Parameters
    ----------
    app : what to serve.
    listening : the socket; it is closed when nothing new is to be taken.
    patience : seconds for which requests in flight may go on after a signal.
    """

    def __init__(self, app: Flask, listening: socket.socket, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._stopping = threading.Event()
        self._server: TcpWSGIServer = create_server(
            app,
            sockets=[listening],
            threads=_THREADS,
            ident=None,
            max_request_body_size=MOST_BYTES
            + 2**16,  # a little more: the application says it in words
            max_request_header_size=_HEADERS,
            connection_limit=_connections(),
            asyncore_use_poll=hasattr(select, "poll"),
        )

    def run(self) -> None:
        before = signal.signal(signal.SIGTERM, self._stop)
        try:
            while not self._stopping.is_set():
                self._turn()
        except KeyboardInterrupt:
            self._stopping.set()
        finally:
            self._finish()
            signal.signal(signal.SIGTERM, before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()
        self._server.pull_trigger()

    def _turn(self) -> None:
        """One look at all connections."""
        adjustments = self._server.adj
        self._server.asyncore.loop(
            timeout=_LOOK_EVERY,
            map=self._server._map,
            use_poll=adjustments.asyncore_use_poll,
            count=1,
        )

    def _finish(self) -> None:
        """Take no new connection, answer what was asked, then let go."""
        self._server.del_channel()
        self._server.socket.close()
        end = time.monotonic() + self._patience
        while (left := self._in_flight()) and time.monotonic() < end:
            self._turn()
        if left:
            _LOG.warning("stopped with %d requests unanswered", left)
        self._server.task_dispatcher.shutdown(timeout=1)

    def _in_flight(self) -> int:
        channels: list[Any] = list(self._server.active_channels.values())
        return sum(bool(c.requests) or c.total_outbufs_len > 0 for c in channels)
