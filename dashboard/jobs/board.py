"""What page and job tell each other: JSON values under names, each kept for a while.

A `Board` is the only thing that both sides share. One is a folder of this machine (`DiskBoard`), the
other a Redis (`dashboard.jobs.queue.RedisBoard`). Values are JSON text in both: what is read from
outside the process is never unpickled.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import diskcache
from diskcache.core import MODE_PICKLE

MEGABYTES = 200
"""Kept on disk at most; the oldest entries go first."""

KEPT = 3600
"""Seconds for which the record of a job stays on the board."""

_WAIT = 3  # seconds for a lock that another process holds


class BoardLost(Exception):
    """The board cannot be read or written: a full disk, a folder without permission, no Redis."""


class Board(Protocol):
    """Every method raises `BoardLost` when the board is out of reach."""

    def get(self, name: str) -> Any:
        """The value, or None when there is none (any more)."""

    def set(self, name: str, value: Any, seconds: float) -> None:
        """Put a JSON value under a name, for so many seconds."""

    def add(self, name: str, value: Any, seconds: float) -> Any:
        """The value under a name; this one, when there was none."""


class _TextDisk(diskcache.Disk):
    """Text only: a row that claims to be a pickle was not written here."""

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if mode == MODE_PICKLE:
            raise OSError("found a pickle in the cache folder, allowed: text")
        return super().fetch(mode, filename, value, read)


class DiskBoard:
    """A folder that the processes of one machine share; bounded in size.

    Parameters
    ----------
    folder : is made if need be, for this user only.
    megabytes : kept at most.

    Raises
    ------
    BoardLost
        When nothing can be written there.
    """

    def __init__(self, folder: Path, megabytes: float = MEGABYTES) -> None:
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._cache = diskcache.Cache(
                str(folder),
                timeout=_WAIT,
                disk=_TextDisk,
                size_limit=int(megabytes * 1e6),
                eviction_policy="least-recently-stored",
            )
        except _TROUBLES as error:
            raise BoardLost(f"{folder}: {error}") from error
        self.set("probe", 1, 1)

    def get(self, name: str) -> Any:
        text = self._try(self._cache.get, name)
        return None if text is None else json.loads(text)

    def set(self, name: str, value: Any, seconds: float) -> None:
        self._try(self._cache.set, name, as_text(value), expire=seconds)

    def add(self, name: str, value: Any, seconds: float) -> Any:
        self._try(self._cache.add, name, as_text(value), expire=seconds)
        return self.get(name)

    def _try(self, do: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return do(*args, **options)
        except _TROUBLES as error:
            raise BoardLost(f"{self.folder}: {error}") from error


_TROUBLES = (OSError, sqlite3.Error, diskcache.Timeout)


def disk_board() -> DiskBoard:
    """The board in this user's cache folder, else in a temporary one.

    The environment variable ``DASHBOARD_CACHE`` names another folder.

    Raises
    ------
    BoardLost
        When neither can be written.
    """
    chosen = os.environ.get("DASHBOARD_CACHE")
    if chosen:
        return DiskBoard(Path(chosen))
    try:
        return DiskBoard(cache_folder())
    except BoardLost:
        return DiskBoard(_temporary())


def _temporary() -> Path:
    """A folder of this user in the temporary one: all processes of a server must find the same.

    Its name is known to everybody, so it is used only when it is this user's, and closed to others.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"evidence-dashboard-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise BoardLost(f"{folder}: {error}") from error
    closed = not found.st_mode & 0o077 or not hasattr(os, "getuid")
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or not closed:
        raise BoardLost(f"{folder}: found somebody else's, allowed: a folder of this user alone")
    return folder


def cache_folder() -> Path:
    """Where this system keeps what a user's programs can do without.

    >>> cache_folder().name
    'evidence-dashboard'
    """
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "evidence-dashboard"


def as_text(value: Any) -> str:
    """JSON as it is kept; numbers that JSON lacks are refused rather than written as ``NaN``."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
