"""Jobs in a queue: Celery workers on this machine or on many take them from a Redis.

Redis is named by ``REDIS_URL``. It carries the queue and the board: pulses, how jobs ended, results. Each
machine runs ``celery -A dashboard.worker worker`` (see `dashboard.worker`). Messages are JSON on every way.

Redis may stop and come back, so nothing here waits long: a call gives up after some seconds, the page
says so, and "Try again" finds the queue when it is back.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.jobs.ask import Stamp
from dashboard.jobs.board import BoardLost, as_text
from dashboard.jobs.child import Limits
from dashboard.jobs.manager import Manager
from dashboard.jobs.trouble import JobTrouble

TASK = "dashboard.work"
QUEUE = "evidence-dashboard"
_CONNECT = 2  # seconds to wait for a connection
_ANSWER = 5  # seconds to wait for an answer
_LOOK_EVERY = 5  # seconds between two looks whether any worker is there
MOST_WAITING = 50
"""Jobs in the queue that nobody has begun; more are asked to come back."""

_PREFIX = "evidence-dashboard:"
_QUEUE_TROUBLES = (OperationalError, redis.RedisError, OSError)


class RedisBoard:
    """JSON under names that all machines see."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=_CONNECT,
            socket_timeout=_ANSWER,
            retry=Retry(NoBackoff(), 1),  # once more: a connection may be stale after a restart
            decode_responses=True,
        )

    def get(self, name: str) -> Any:
        try:
            text = self._redis.get(_PREFIX + name)
        except redis.RedisError as error:
            raise BoardLost(str(error)) from error
        return None if text is None else json.loads(text)

    def set(self, name: str, value: Any, seconds: float) -> None:
        try:
            self._redis.set(_PREFIX + name, as_text(value), px=int(seconds * 1000))
        except redis.RedisError as error:
            raise BoardLost(str(error)) from error

    def add(self, name: str, value: Any, seconds: float) -> Any:
        try:
            self._redis.set(_PREFIX + name, as_text(value), px=int(seconds * 1000), nx=True)
        except redis.RedisError as error:
            raise BoardLost(str(error)) from error
        return self.get(name)

    def length(self, queue: str) -> int:
        """Messages in a queue of Celery's that no worker has taken."""
        try:
            return int(self._redis.llen(queue))
        except redis.RedisError as error:
            raise BoardLost(str(error)) from error


def celery_app(url: str, limits: Limits) -> Celery:
    """The queue as Celery sees it; the same settings for pages and workers."""
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
        broker_connection_timeout=_CONNECT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its Redis as long as it takes
        broker_transport_options={
            "socket_timeout": _ANSWER,
            "socket_connect_timeout": _CONNECT,
            "retry_on_timeout": False,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 0.2,
        },
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    )
    return app


class Queue(Manager):
    """Jobs for whichever worker is free."""

    def __init__(self, board: RedisBoard, app: Celery, stamp: Stamp, limits: Limits) -> None:
        super().__init__(board, stamp, limits.patience)
        self._queue = board
        self._app = app
        self._limits = limits
        self._looked = 0.0
        self._somebody = True

    def start(self, job: str, ask: Mapping[str, object]) -> None:
        if self._queue.length(QUEUE) >= MOST_WAITING:
            raise JobTrouble("busy", job)
        stamp = {"data": self.stamp.data, "code": self.stamp.code}
        try:
            self._app.send_task(
                TASK, (job, dict(ask), stamp), task_id=job, expires=self._limits.limit
            )
        except _QUEUE_TROUBLES as error:
            raise BoardLost(str(error)) from error

    def stop(self, job: str) -> None:
        try:
            with self._app.connection_for_write() as fresh:  # one kept from before may be dead
                self._app.control.revoke(job, terminate=True, connection=fresh)
        except _QUEUE_TROUBLES as error:
            raise BoardLost(str(error)) from error

    def gone(self, job: str) -> bool:
        return False  # on another machine, perhaps: only the pulse tells

    def waiting(self, job: str, seconds: float) -> str:
        if seconds > self._limits.limit:
            return "late"
        if seconds > self._limits.patience and not self._anybody():
            return "nobody"
        return ""

    def _anybody(self) -> bool:
        """Whether a worker answers; all of them may be busy, which is no reason to give up."""
        if time.monotonic() - self._looked > _LOOK_EVERY:
            self._looked = time.monotonic()
            try:
                with self._app.connection_for_write() as fresh:
                    self._somebody = bool(
                        self._app.control.ping(timeout=1, limit=1, connection=fresh)
                    )
            except _QUEUE_TROUBLES as error:
                raise BoardLost(str(error)) from error
        return self._somebody


def redis_url() -> str:
    """The Redis to use; "" for none."""
    return os.environ.get("REDIS_URL", "").strip()
