"""The log: one line per event, as JSON for machines or as text for a terminal, without personal data.

A line about a request holds time, method, path, status, milliseconds and bytes. It never holds an
address of a reader, a query, a cookie, a header or a body: the query is what somebody wants to know,
and a body may hold somebody's own studies. A path that is no page's is not written out either. JSON lines
name an exception and where it was raised, but not its message, which may quote what a reader sent.

``EVIDENCE_LOG``: ``json``, ``text`` or ``off`` (usual: text from ``python -m dashboard``, JSON under
gunicorn); ``EVIDENCE_LOG_LEVEL``: ``debug``, ``info``, ``warning`` or ``error``.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import TextIO

from flask import Flask, Response, g, request

from dashboard.pages import page_at

REQUESTS = logging.getLogger("dashboard.requests")
_FORMS = ("json", "text", "off")
_LEVELS = ("debug", "info", "warning", "error")
_ADDRESS = re.compile(r"\bip=\S+|(?<!//)\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b")


class JsonLines(logging.Formatter):
    """A record as one line of JSON.

    >>> record = logging.LogRecord("dashboard", 30, "", 0, "found %d", (3,), None)
    >>> line = json.loads(JsonLines().format(record))
    >>> line["level"], line["logger"], line["message"]
    ('warning', 'dashboard', 'found 3')
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": without_addresses(record.getMessage()),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["raised"] = _frames(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A record for somebody at a terminal; exceptions whole, because the terminal is the reader's own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = without_addresses(record.message)
        facts = getattr(record, "facts", {})
        return super().formatMessage(record) + "".join(f" {k}={v}" for k, v in facts.items())


def without_addresses(text: str) -> str:
    """Take network addresses out of a message: servers write those of readers into theirs.

    The server's own, written as ``http://127.0.0.1:8050``, stays.

    >>> without_addresses("Invalid request from ip=192.0.2.7: Invalid HTTP Version")
    'Invalid request from (an address) Invalid HTTP Version'
    """
    return _ADDRESS.sub("(an address)", text)


def start(form: str = "text", level: str = "warning", stream: TextIO | None = None) -> None:
    """Send everything that is logged to one stream, once.

    Parameters
    ----------
    form, level : what to do where the environment says nothing.
    stream : where to; the standard error stream by default.

    Raises
    ------
    SystemExit
        For a value of ``EVIDENCE_LOG`` or ``EVIDENCE_LOG_LEVEL`` that does not exist.
    """
    form = _chosen("EVIDENCE_LOG", form, _FORMS)
    level = _chosen("EVIDENCE_LOG_LEVEL", level, _LEVELS)
    root = logging.getLogger()
    for old in [h for h in root.handlers if getattr(h, "of_dashboard", False)]:
        root.removeHandler(old)
    handler: logging.Handler = logging.StreamHandler(stream or sys.stderr)
    if form == "off":
        handler = logging.NullHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    handler.of_dashboard = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level.upper())
    # Requests are told at the level "info"; others that talk at that level are not asked for.
    for name in ("waitress", "kaleido", "choreographer", "celery", "kombu"):
        logging.getLogger(name).setLevel("WARNING")


def _chosen(name: str, usual: str, allowed: tuple[str, ...]) -> str:
    text = os.environ.get(name, "").strip().lower() or usual
    if text not in allowed:
        raise SystemExit(f"{name}: found {text!r}, allowed: {', '.join(allowed)}")
    return text


def watch(server: Flask) -> None:
    """Write a line for every request."""

    @server.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @server.after_request
    def end(response: Response) -> Response:
        if REQUESTS.isEnabledFor(logging.INFO):
            facts = {
                "method": request.method if request.method in _METHODS else "(another)",
                "path": place(),
                "status": response.status_code,
                "ms": round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
            }
            if (size := response.content_length) is not None:
                facts["bytes"] = size
            if callback := g.get("callback"):
                facts["callback"] = callback
            REQUESTS.info("request", extra={"facts": facts})
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


def place() -> str:
    """A page's own path, or the rule that took the request; never what else somebody typed."""
    if page := page_at(request.path):
        return page.path
    rule = request.url_rule
    return rule.rule if rule is not None and rule.rule != "/<path:path>" else "(no page)"


def _frames(trace: object) -> list[str]:
    """Where an exception came from, innermost last: files by their last two parts, no source lines."""
    frames = traceback.extract_tb(trace)[-12:]  # type: ignore[arg-type]
    return [
        f"{'/'.join(f.filename.replace(os.sep, '/').split('/')[-2:])}:{f.lineno} {f.name}"
        for f in frames
    ]
