"""Moderators as a design matrix: named columns in, one numeric column per coefficient out.

Text and booleans are factors, coded against a reference level; numbers stay as they are. The
design remembers how it coded each moderator, so that new values are coded the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from .checks import numbers

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True)
class Column:
    """One moderator. `levels` are the coded levels of a factor; empty for a numeric moderator."""

    name: str
    levels: tuple[str, ...] = ()
    baseline: str | None = None

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """One name for a number, `name=level` for each coded level of a factor."""
        return tuple(f"{self.name}={level}" for level in self.levels) or (self.name,)


@dataclass(frozen=True, slots=True)
class Design:
    """Design matrix with the names and the coding of its columns.

    Attributes
    ----------
    matrix : ndarray, shape (k, p)
        One row per effect size, one column per coefficient.
    names : tuple of str
        Names of the p coefficients.
    columns : tuple of Column
        The moderators.
    intercept : bool
        Whether the first column is a constant.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    intercept: bool

    def positions(self, *names: str) -> tuple[int, ...]:
        """Positions of coefficients, named themselves or by their moderator.

        Raises
        ------
        ValueError
            A name that is neither.

        Examples
        --------
        >>> plan = design({"blind": ["yes", "no", "part"], "weeks": [1, 4, 12]}, 3)
        >>> plan.positions("blind"), plan.positions("weeks")
        ((1, 2), (3,))
        """
        found: list[int] = []
        for name in names:
            owned = [n for c in self.columns if c.name == name for n in c.coefficient_names]
            wanted = owned or [name]
            if not set(wanted) <= set(self.names):
                allowed = ", ".join(dict.fromkeys((*(c.name for c in self.columns), *self.names)))
                raise InputError(f"no coefficient or moderator {name!r}; there are {allowed}")
            found += [self.names.index(item) for item in wanted]
        return tuple(dict.fromkeys(found))

    def rows(self, moderators: Any) -> np.ndarray:
        """Design rows, shape (n, p), for new values of every moderator.

        Raises
        ------
        ValueError
            Moderators missing or unknown, lengths that differ, a level that was not coded.

        Examples
        --------
        >>> plan = design({"blind": ["yes", "no", "part"]}, 3)
        >>> plan.rows({"blind": ["no", "yes"]}).tolist()
        [[1.0, 0.0, 0.0], [1.0, 0.0, 1.0]]
        """
        values = _columns(moderators)
        expected = tuple(column.name for column in self.columns)
        if set(values) != set(expected):
            raise InputError(
                f"values are needed for the moderators {', '.join(expected) or '(none)'}; "
                f"found {', '.join(values) or '(none)'}"
            )
        lengths = {len(given) for given in values.values()} or {1}
        if len(lengths) > 1:
            raise InputError(f"moderators must have the same length; found {sorted(lengths)}")
        n = lengths.pop()
        parts = [np.ones((n, 1))] if self.intercept else []
        parts += [_coded(column, values[column.name]) for column in self.columns]
        return np.hstack(parts)


def design(
    moderators: Any,
    k: int,
    *,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
) -> Design:
    """Code moderators as a design matrix.

    Parameters
    ----------
    moderators : mapping of str to array_like (k,), DataFrame, ndarray (k, q) or (k,), or None
        Columns of text or booleans are factors. Columns of an array are called x1, x2, ...;
        None gives the intercept alone.
    k : int
        Number of effect sizes.
    intercept : bool
        Without one, the first factor gets a column for each of its levels.
    reference : mapping of str to level
        Reference level of factors; by default the first in sorted order.

    Raises
    ------
    ValueError
        Wrong lengths; values that are missing or not finite; a factor with one level; an unknown
        reference level; no column at all.

    Examples
    --------
    >>> design({"blind": ["yes", "no", "yes"]}, 3, reference={"blind": "yes"}).names
    ('intercept', 'blind=no')
    """
    given = _columns(moderators)
    chosen = {name: str(level) for name, level in (reference or {}).items()}
    if unknown := set(chosen) - set(given):
        raise InputError(f"reference names no moderator: {', '.join(sorted(unknown))}")
    full_coding = not intercept
    columns: list[Column] = []
    for name, values in given.items():
        if len(values) != k:
            raise InputError(f"moderator {name!r} has {len(values)} values for {k} effect sizes")
        if not _is_factor(values):
            if name in chosen:
                raise InputError(f"moderator {name!r} is numeric and has no reference level")
            columns.append(Column(name))
            continue
        columns.append(_factor(name, values, chosen.get(name), full_coding))
        full_coding = False
    if not columns and not intercept:
        raise InputError("a model needs an intercept or at least one moderator")
    names = (INTERCEPT,) if intercept else ()
    names += tuple(name for column in columns for name in column.coefficient_names)
    if len(set(names)) < len(names):
        raise InputError(f"coefficients must have different names; found {', '.join(names)}")
    empty = Design(np.empty((0, len(names))), names, tuple(columns), intercept)
    matrix = empty.rows(given) if columns else np.ones((k, 1))
    return Design(matrix, names, tuple(columns), intercept)


def _columns(moderators: Any) -> dict[str, np.ndarray]:
    if moderators is None:
        return {}
    if hasattr(moderators, "items") and getattr(moderators, "ndim", 2) == 2:
        return {str(name): as_vector(values, str(name)) for name, values in moderators.items()}
    table = np.asarray(moderators)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2:
        raise InputError(f"moderators must have one or two dimensions; found {table.ndim}")
    return {f"x{j + 1}": table[:, j] for j in range(table.shape[1])}


def as_vector(values: Any, name: str) -> np.ndarray:
    listed = np.asarray(values)
    if listed.ndim != 1:
        raise InputError(f"moderator {name!r} must be one-dimensional; found {listed.ndim}")
    return listed


def _is_factor(values: np.ndarray) -> bool:
    if values.dtype.kind == "O":
        return any(isinstance(value, (str, bool, np.bool_)) for value in values)
    return values.dtype.kind in "USTb"


def as_labels(values: np.ndarray, name: str) -> list[str]:
    missing = [i for i, value in enumerate(values) if value is None or value != value]
    if missing:
        raise InputError(f"moderator {name!r} has no value at position {missing[0]} (from 0)")
    return [str(value) for value in values]


def _factor(name: str, values: np.ndarray, baseline: str | None, full: bool) -> Column:
    levels = sorted(set(as_labels(values, name)))
    if len(levels) == 1 and not full:
        raise NotEstimable(f"factor {name!r} has one level only ({levels[0]})")
    if baseline is not None and baseline not in levels:
        raise InputError(f"{name!r} has no level {baseline!r}; it has {', '.join(levels)}")
    if full:
        return Column(name, tuple(levels))
    baseline = levels[0] if baseline is None else baseline
    return Column(name, tuple(level for level in levels if level != baseline), baseline)


def _coded(column: Column, values: np.ndarray) -> np.ndarray:
    if not column.levels:
        return numbers(values, f"moderator {column.name!r}")[:, None]
    labels = as_labels(values, column.name)
    known = {*column.levels, column.baseline}
    if unknown := [label for label in labels if label not in known]:
        raise InputError(
            f"moderator {column.name!r} has no level {unknown[0]!r}; "
            f"it has {', '.join(sorted(level for level in known if level is not None))}"
        )
    return np.array([[label == level for level in column.levels] for label in labels], dtype=float)
