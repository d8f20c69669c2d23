"""What whoever runs the server may set, by environment variables; see the README."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dashboard.jobs.child import Limits


def limits(environment: Mapping[str, str] | None = None) -> Limits:
    """``JOB_PATIENCE`` and ``JOB_LIMIT`` in seconds, ``JOBS_AT_ONCE``; usual values where not set.

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
        at_once=max(1, round(_number(given, "JOBS_AT_ONCE", usual.at_once))),
    )


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
