"""The queue as Celery sees it, for pages and workers alike; a worker needs nothing of pages to read it."""

from __future__ import annotations

from celery import Celery

from dashboard.jobs.board import ANSWER, CONNECT
from dashboard.jobs.settings import Limits

TASK = "dashboard.work"
QUEUE = "evidence-dashboard"


def celery_app(url: str, limits: Limits) -> Celery:
    """Where jobs are sent and fetched, and how long anything waits for Redis."""
    app = Celery("dashboard", broker=url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,  # how a job ended stands on the board
        task_soft_time_limit=None,
        task_time_limit=limits.limit + 30,
        worker_prefetch_multiplier=1,  # a long job must not keep others waiting behind it
        worker_send_task_events=False,
        worker_max_tasks_per_child=8,  # what jobs needed, some eighty mebibytes, goes; a new copy takes a moment
        broker_connection_timeout=CONNECT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its Redis as long as it takes
        broker_transport_options={
            "socket_timeout": ANSWER,
            "socket_connect_timeout": CONNECT,
            "retry_on_timeout": False,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 0.2,
        },
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    )
    return app
