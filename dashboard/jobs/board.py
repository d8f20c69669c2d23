"""What page and job tell each other: JSON values under names in a Redis, each kept for a while.

Values are JSON text: what is read from outside the process is never unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

KEPT = 3600
"""Seconds for which the record of a job stays on the board."""

CONNECT = 2
"""Seconds to wait for a connection."""

ANSWER = 5
"""Seconds to wait for an answer."""

_PREFIX = "evidence-dashboard:"


class BoardLost(Exception):
    """The board cannot be read or written."""


class Board:
    """JSON under names that all machines see. Every method raises `BoardLost` when Redis is out of reach."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT,
            socket_timeout=ANSWER,
            retry=Retry(NoBackoff(), 1),  # once more: a connection may be stale after a restart
            decode_responses=True,
        )

    def get(self, name: str) -> Any:
        """The value, or None when there is none (any more)."""
        text = _reach(self._redis.get, _PREFIX + name)
        return None if text is None else json.loads(text)

    def set(self, name: str, value: Any, seconds: float) -> None:
        """Put a JSON value under a name, for so many seconds."""
        _reach(self._redis.set, _PREFIX + name, as_text(value), px=int(seconds * 1000))

    def add(self, name: str, value: Any, seconds: float) -> Any:
        """The value under a name; this one, when there was none."""
        _reach(self._redis.set, _PREFIX + name, as_text(value), px=int(seconds * 1000), nx=True)
        return self.get(name)

    def join(self, name: str, who: str) -> None:
        """Count somebody in."""
        _reach(self._redis.sadd, _PREFIX + name, who)
        _reach(self._redis.expire, _PREFIX + name, KEPT)

    def leave(self, name: str, who: str) -> int:
        """Count somebody out; how many are left."""
        _reach(self._redis.srem, _PREFIX + name, who)
        return int(_reach(self._redis.scard, _PREFIX + name))

    def length(self, queue: str) -> int:
        """Messages in a queue of Celery's that no worker has taken."""
        return int(_reach(self._redis.llen, queue))


def _reach(do: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return do(*args, **options)
    except redis.RedisError as error:
        raise BoardLost(str(error)) from error


def as_text(value: Any) -> str:
    """JSON as it is kept; numbers that JSON lacks are refused rather than written as ``NaN``."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
