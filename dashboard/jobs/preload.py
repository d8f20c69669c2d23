"""Imported by the helper of `dashboard.jobs.processes` only: what every job needs, read once.

Imports no page and starts no thread.
"""

from __future__ import annotations

import os
from pathlib import Path

from dashboard.jobs.child import PRELOADED, evidence_of

if folder := os.environ.get(PRELOADED):
    evidence_of(Path(folder))
