"""The built documentation under /docs/; where it was not built, one sentence says how."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Flask, Response, abort
from werkzeug.security import safe_join

from analysis.root import ROOT
from dashboard.web import in_words

BUILT = ROOT / "docs" / "_build"
HOW = (
    "The documentation was not built on this server: pip install -r docs/requirements.txt, then "
    "python -m sphinx docs docs/_build. Its sources are the files of docs/."
)


def serve(server: Flask) -> None:
    """Add /docs/ to the server."""
    server.add_url_rule("/docs/", "docs", lambda: _file("index.html"))
    server.add_url_rule("/docs/<path:name>", "docs_file", _file)


def _file(name: str) -> Response:
    if not (BUILT / "index.html").is_file():
        return in_words("Documentation", HOW, 404)
    path = safe_join(str(BUILT), name)
    if path is None or name.startswith(".") or not Path(path).is_file():
        abort(404)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(Path(path).read_bytes(), mimetype=kind)
