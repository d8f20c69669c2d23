"""`dashboard.worker` with a view that is as slow as a test wants: ``celery -A tests.slow_worker worker``."""

from __future__ import annotations

from dashboard.worker import app
from tests import slow_view

slow_view.add()

__all__ = ["app"]
