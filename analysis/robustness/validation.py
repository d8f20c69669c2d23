"""Check what comes beside effects and variances: sample sizes, counts, labels, sorting keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.errors import InputError


def positive(values: Any, name: str, k: int) -> np.ndarray:
    """`k` finite numbers above 0, shape (k,).

    Raises
    ------
    ValueError
        Another number of values, values that are not numbers, not finite, or not positive.

    Examples
    --------
    >>> positive([20, 40], "ni", 2).tolist()
    [20.0, 40.0]
    """
    numbers = _numbers(values, name, k)
    _require(numbers > 0, numbers, name, "positive")
    return numbers


def counts(values: Any, name: str, k: int) -> np.ndarray:
    """`k` finite numbers from 0 on, shape (k,).

    Examples
    --------
    >>> counts([0, 3], "ai", 2).tolist()
    [0.0, 3.0]
    """
    numbers = _numbers(values, name, k)
    _require(numbers >= 0, numbers, name, "0 or more")
    return numbers


def finite(values: Any, name: str, k: int) -> np.ndarray:
    """`k` finite numbers, shape (k,).

    Examples
    --------
    >>> finite([-1, 2.5], "yi", 2).tolist()
    [-1.0, 2.5]
    """
    return _numbers(values, name, k)


def labels(values: Any, name: str, k: int) -> list[Any]:
    """`k` labels or sorting keys, none of them missing.

    Examples
    --------
    >>> labels(["NHS", "firm"], "groups", 2)
    ['NHS', 'firm']
    """
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        values = [values]  # a text is one label, not one for each letter
    found = [item.item() if isinstance(item, np.generic) else item for item in values]
    if len(found) != k:
        raise InputError(f"{name} must have one value per study, {k} in all; found {len(found)}")
    for position, item in enumerate(found):
        if item is None or item != item:
            raise InputError(f"{name} must not be missing; found {item} at position {position}")
    return found


def choice(value: Any, name: str, allowed: Sequence[str]) -> str:
    """`value`, which must be one of `allowed`.

    Examples
    --------
    >>> choice("L0", "estimator", ("L0", "R0"))
    'L0'
    """
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}; found {value!r}")
    return value


def share(value: Any, name: str) -> float:
    """A number between 0 and 1, both excluded: a level, an alpha.

    Examples
    --------
    >>> share(0.95, "level")
    0.95
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
        raise InputError(f"{name} must lie between 0 and 1, both excluded; found {value!r}")
    return float(value)


def _numbers(values: Any, name: str, k: int) -> np.ndarray:
    given = np.asarray(values)
    if given.shape != (k,):
        raise InputError(f"{name} must have one value per study, shape ({k},); found {given.shape}")
    try:
        numbers = given.astype(float) if given.dtype.kind in "iufO" else None
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        raise InputError(f"{name} must hold numbers; found {given[:3].tolist()}")
    _require(np.isfinite(numbers), numbers, name, "finite")
    return numbers


def _require(valid: np.ndarray, values: np.ndarray, name: str, rule: str) -> None:
    if not valid.all():
        first = int(np.flatnonzero(~valid)[0])
        raise InputError(f"{name} must be {rule}; found {values[first]} at position {first}")
