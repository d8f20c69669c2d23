"""For a process manager that runs several workers: ``gunicorn -c dashboard/gunicorn_conf.py dashboard.wsgi:server``.

The environment variable ``EVIDENCE_DATA`` names another data folder. Each worker is warm before its
first request (see `dashboard.app.create_app`). Without a study nothing is served: the process says why and ends.
"""

from __future__ import annotations

import os
import sys

from analysis.evidence import load_evidence
from dashboard.app import build

_EVIDENCE = load_evidence(os.environ.get("EVIDENCE_DATA") or None)
for _fault in _EVIDENCE.faults[:10]:
    print(f"  {_fault}", file=sys.stderr)
if _EVIDENCE.studies.empty:
    print(f"No study could be read from {_EVIDENCE.folder}.", file=sys.stderr)
    sys.exit(3)  # gunicorn's word for "does not start": with another status it would try for ever

server = build(_EVIDENCE).server
