"""For a process manager that runs several workers: ``gunicorn --workers 2 dashboard.wsgi:server``.

The environment variable ``EVIDENCE_DATA`` names another data folder. Each worker is warm before its
first request (see `dashboard.app.create_app`).
"""

from __future__ import annotations

import os

from dashboard.app import create_app

server = create_app(os.environ.get("EVIDENCE_DATA") or None).server
