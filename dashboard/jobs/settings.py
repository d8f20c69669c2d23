"""How long to wait for long work, and what whoever runs the server may set; see docs/serving.md."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait.

    Attributes
    ----------
    patience : seconds without a pulse after which a job counts as lost.
    limit : seconds that a job may take.
    """

    patience: float = 15
    limit: float = 600


def limits(environment: Mapping[str, str] | None = None) -> Limits:
    """``JOB_PATIENCE`` and ``JOB_LIMIT`` in seconds; usual values where not set.

    Raises
    ------
    SystemExit
        For a value that is no number above zero; the message names it.

    >>> limits({"JOB_PATIENCE": "5"}).patience
    5.0
    """
    given = os.environ if environment is None else environment
    usual = Limits()
    return Limits(
        patience=_number(given, "JOB_PATIENCE", usual.patience),
        limit=_number(given, "JOB_LIMIT", usual.limit),
    )


def redis_url() -> str:
    """The Redis to use; "" for none."""
    return os.environ.get("REDIS_URL", "").strip()


def _number(given: Mapping[str, str], name: str, usual: float) -> float:
    text = given.get(name, "").strip()
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise SystemExit(f"{name}: found {text!r}, allowed: a number above 0")
    return value
