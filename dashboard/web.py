"""What every answer over HTTP carries: security headers, cache rules, /healthz, errors in plain words."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from dash.exceptions import DependencyException
from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from analysis.evidence import Evidence
from dashboard import logs
from dashboard.health import Health
from dashboard.pages import page_at
from dashboard.request_validation import MOST_BYTES

_YEAR = 31_536_000  # seconds
_CATCH_ALL = "/<path:path>"
_INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>(.*?)</script>", re.DOTALL
)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # for whatever is no document of ours: nothing in it runs or loads, should a browser open it as one
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}

_PLAIN = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.55 Arial, Helvetica, "Liberation Sans", sans-serif; max-width: 40rem;
  margin: 4rem auto; padding: 0 1rem; }}
</style>
</head>
<body><main><h1>{title}</h1><p>{text}</p><p><a href="/">Go to the first page</a></p></main></body>
</html>"""


def furnish(server: Flask, evidence: Evidence) -> None:
    """Add health check, headers and error pages to the server under the application."""
    health = Health(evidence)
    server.add_url_rule("/healthz", "healthz", lambda: _health(health))
    server.register_error_handler(HTTPException, _refused)
    # a file of a component library that does not exist, or a path out of its folder
    server.register_error_handler(DependencyException, lambda error: _refused(NotFound()))
    server.register_error_handler(Exception, _failed)
    server.after_request(_finish)


def _health(health: Health) -> tuple[Response, int]:
    found, status = health.look()
    body = jsonify(found)
    body.cache_control.no_store = True
    return body, status


def in_words(title: str, text: str, code: int) -> Response:
    """A small page that says what happened, for a reader or a script that asked for a file."""
    return Response(_PLAIN.format(title=escape(title), text=escape(text)), code)


def _refused(error: HTTPException) -> tuple[str, int]:
    """Anything that the server declines: a file that is not there, a method that is not allowed."""
    code = error.code or 500
    if code in _REFUSALS:
        title, text = _REFUSALS[code]
    elif code < 500:
        title, text = "That did not work", "The request was not understood. Please start again."
    else:
        title, text = _FAILURE
    return _PLAIN.format(title=title, text=text), code


_REFUSALS = {
    400: (
        "That did not work",
        "The request was not understood. If a page was open for a long time, reload it.",
    ),
    404: ("Not found", "There is nothing at this address. The link may be old."),
    413: ("Too large", f"More was sent than is taken at once ({MOST_BYTES // 2**20} MB)."),
}

_FAILURE = (
    "Something went wrong here",
    "The fault is ours, and it was written to the log. Please reload the page; if it happens again, "
    "start from the first page.",
)


def _failed(error: Exception) -> tuple[str, int]:
    """A fault of ours: the log gets the details, the reader a sentence."""
    current_app.logger.error("%s %s failed", request.method, logs.place(), exc_info=error)
    return _PLAIN.format(title=_FAILURE[0], text=_FAILURE[1]), 500


def _finish(response: Response) -> Response:
    if request.endpoint == _CATCH_ALL and response.status_code == 200 and not page_at(request.path):
        response.status_code = 404  # the page itself then says that there is none
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _policy(response.get_data(as_text=True))
        response.cache_control.no_cache = True
    elif request.path.startswith("/assets/") and response.status_code == 200:
        _finish_asset(response)
    elif request.method == "POST":
        response.cache_control.no_store = True  # it may hold a reader's own studies
    return response


def _finish_asset(response: Response) -> None:
    # Read whole and closed here: the compression that follows would leave the file open.
    file = response.response
    response.direct_passthrough = False
    response.get_data()
    if hasattr(file, "close"):
        file.close()
    if "m" in request.args:  # the time of the last change: a changed file has another address
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR
        response.cache_control.immutable = True


def _policy(html: str) -> str:
    """Only this server's files, and exactly the scripts that stand in this document.

    Mantine and Plotly write style attributes, hence `unsafe-inline` for styles; `blob:` and `data:`
    images are pictures that the browser makes for downloads.
    """
    scripts = " ".join(f"'sha256-{_digest(s)}'" for s in _INLINE_SCRIPT.findall(html) if s.strip())
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' blob: data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
