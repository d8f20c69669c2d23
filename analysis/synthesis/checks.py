"""What goes in is checked here, and what is wrong with it is said here: numbers, lengths, labels, options, levels.

Every message has the same shape: the argument, what it must be, what was found, and where.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from analysis.errors import InputError

POSITIVE_VARIANCE = "positive (it is a variance)"
NO_STUDY = "yi and vi are empty; at least one study is needed"


def numbers(
    values: Any, name: str, k: int | None = None, rule: str = "finite (leave out studies without an effect)"
) -> np.ndarray:  # fmt: skip
    """One-dimensional array of finite floats, of length `k` where that is known.

    >>> numbers([-1, 2.5], "yi").tolist()
    [-1.0, 2.5]
    """
    given = np.asarray(values)
    if given.ndim != 1:
        raise InputError(f"{name} must be one-dimensional; found {given.ndim} dimensions")
    if k is not None:
        one_for_each(given, name, k)
    if given.dtype.kind == "O" and not any(isinstance(value, (str, bytes)) for value in given):
        # "0.3" would turn into a number in silence; what else cannot be converted is reported below.
        with contextlib.suppress(TypeError, ValueError):
            given = given.astype(float)
    if given.dtype.kind not in "iuf":
        raise InputError(f"{name} must hold numbers; found {given[:3].tolist()}")
    found = given.astype(float)
    require(np.isfinite(found), found, name, rule)
    return found


def positive(values: Any, name: str, k: int | None = None) -> np.ndarray:
    """Finite numbers above 0.

    >>> positive([20, 40], "ni", 2).tolist()
    [20.0, 40.0]
    """
    found = numbers(values, name, k, "finite")
    require(found > 0, found, name, "positive")
    return found


def counts(values: Any, name: str, k: int | None = None) -> np.ndarray:
    """Finite numbers from 0 on.

    >>> counts([0, 3], "ai", 2).tolist()
    [0.0, 3.0]
    """
    found = numbers(values, name, k, "finite")
    require(found >= 0, found, name, "a count of 0 or more")
    return found


def one_for_each(values: Sequence[Any] | np.ndarray, name: str, k: int) -> None:
    """As many values as there are effect sizes."""
    if len(values) != k:
        raise InputError(
            f"{name} must have one value for each effect size, {k} in all; found {len(values)}"
        )


def same_length(**named: Sequence[Any] | np.ndarray) -> None:
    """Arguments of one length."""
    lengths = [len(values) for values in named.values()]
    if len(set(lengths)) > 1:
        *most, last = named
        found = " and ".join(map(str, lengths))
        if len(lengths) > 2:
            found = ", ".join(f"{name} {n}" for name, n in zip(named, lengths, strict=True))
        raise InputError(f"{', '.join(most)} and {last} must have the same length; found {found}")


def labels(values: Any, name: str, k: int) -> list[Any]:
    """`k` labels or sorting keys, none of them missing.

    >>> labels(["NHS", "firm"], "groups", 2)
    ['NHS', 'firm']
    """
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        values = [values]  # a text is one label, not one for each letter
    found = [item.item() if isinstance(item, np.generic) else item for item in values]
    one_for_each(found, name, k)
    for position, item in enumerate(found):
        if item is None or item != item:
            raise InputError(f"{name} must not be missing; found {item} at position {position}")
    return found


def require(
    valid: np.ndarray, values: np.ndarray, name: str, rule: str, used: np.ndarray | None = None
) -> None:
    """Name the first value that breaks the rule, its place, and how many do; `used`: those that count."""
    if valid.all():
        return
    faults = np.argwhere(~valid if used is None else used & ~valid)
    if not len(faults):
        return
    place = ", ".join(map(str, faults[0]))
    of = values.size if used is None else np.count_nonzero(used)
    raise InputError(
        f"{name} must be {rule}; found {values[tuple(faults[0])]} at position {place} "
        f"(counting from 0), {len(faults)} of {of} in all"
    )


def check_choice(value: Any, name: str, allowed: Sequence[Any]) -> None:
    """`value` is one of `allowed`."""
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(map(str, allowed))}; found {value!r}")


def check_level(level: Any) -> None:
    """The level of intervals."""
    check_share(level, "level")


def check_share(value: Any, name: str) -> None:
    """A number between 0 and 1: a level, an alpha.

    >>> check_share(0.95, "level")
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < 1:
        raise InputError(f"{name} must lie between 0 and 1, both excluded; found {value!r}")
