"""Settings of gunicorn: ``gunicorn -c dashboard/gunicorn_conf.py dashboard.wsgi:server``; see docs/serving.md.

Everything that differs between places comes from the environment; what the pages need stands here.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8050')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# Threads, because browsers open connections ahead of need and a synchronous worker would wait on each.
worker_class = "gthread"
threads = 4
keepalive = 5

# The longest view takes a second or two, so a minute without a sign of life is a fault.
timeout = 60
graceful_timeout = 30

# Whatever a library may leak ends with the worker; the jitter keeps workers from ending together.
max_requests = 20_000
max_requests_jitter = 5_000

limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# Where heartbeats are written must not be a disk that can be slow or full.
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# No door but the one to the pages.
control_socket_disable = True

# One line per request is written by `dashboard.logs`, without addresses and queries.
accesslog = None
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dashboard.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": []},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": [], "propagate": False},
    },
}


# Data and libraries are read once, and workers are copies that share them: half the memory of two readings.
preload_app = True


def when_ready(server: Any) -> None:
    """Warm before the first worker is made: all of them begin with the pages, and nobody waits for one."""
    from dashboard import memory, warm

    warm.set_up(server.app.callable)
    if os.environ.get("EVIDENCE_WARM", "").strip().lower() != "no":
        warm.visit_pages_in_a_copy(server.app.callable)
    memory.give_back()
    gc.freeze()  # or each worker's collector would touch, and so copy, all that is shared


def post_worker_init(worker: Any) -> None:
    from dashboard import logs

    logs.start("json", "info")
