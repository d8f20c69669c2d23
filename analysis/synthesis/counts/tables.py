"""Counts made ready for arithmetic: checked once, and the effect of each study that Q needs.

The effect of a single study is needed for Cochran's Q, and for the typical sampling variance
behind I2, never for the pooled estimates themselves; only there is 1/2 added to each cell of a
table that holds a zero (metafor's default), while studies without any event, or without any
non-event, in both groups are left out. This package imports nothing of the project, so it states
these closed formulas itself; they agree with those of `analysis.effects` (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError

from ..checks import numbers, require, same_length

CORRECTION = 0.5


@dataclass(frozen=True, slots=True)
class Tables:
    """`k` two-by-two tables: a, b (first group: events, others), c, d (second); shape (k,) each."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray

    @property
    def k(self) -> int:
        """Number of tables."""
        return len(self.a)

    @property
    def n1(self) -> np.ndarray:
        """Size of the first group."""
        return self.a + self.b

    @property
    def n2(self) -> np.ndarray:
        """Size of the second group."""
        return self.c + self.d

    @property
    def total(self) -> np.ndarray:
        """Patients of both groups."""
        return self.a + self.b + self.c + self.d

    @property
    def informative(self) -> np.ndarray:
        """Where both an event and a non-event occurred; only there is anything to compare."""
        return (self.a + self.c > 0) & (self.b + self.d > 0)

    def at(self, rows: np.ndarray) -> Tables:
        """Some of the tables."""
        return Tables(self.a[rows], self.b[rows], self.c[rows], self.d[rows])

    def corrected(self) -> Tables:
        """1/2 added to each cell of the tables that hold a zero."""
        added = np.where(np.minimum.reduce([self.a, self.b, self.c, self.d]) == 0, CORRECTION, 0.0)
        return Tables(self.a + added, self.b + added, self.c + added, self.d + added)


@dataclass(frozen=True, slots=True)
class Rates:
    """`k` pairs of events and person-time: x1 in t1, x2 in t2; shape (k,) each."""

    x1: np.ndarray
    t1: np.ndarray
    x2: np.ndarray
    t2: np.ndarray

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.x1)

    @property
    def informative(self) -> np.ndarray:
        """Where any event occurred."""
        return self.x1 + self.x2 > 0

    def at(self, rows: np.ndarray) -> Rates:
        """Some of the studies."""
        return Rates(self.x1[rows], self.t1[rows], self.x2[rows], self.t2[rows])

    def corrected(self) -> Rates:
        """1/2 added to both counts of the studies that have a zero."""
        added = np.where(np.minimum(self.x1, self.x2) == 0, CORRECTION, 0.0)
        return Rates(self.x1 + added, self.t1, self.x2 + added, self.t2)


def tables(ai: Any, n1i: Any, ci: Any, n2i: Any) -> Tables:
    """Check counts of events and sizes of two groups.

    Parameters
    ----------
    ai, n1i : array_like, shape (k,)
        Events and patients of the first group.
    ci, n2i : array_like, shape (k,)
        Events and patients of the second.

    Raises
    ------
    ValueError
        No study; lengths that differ; values that are missing, infinite or not numbers; a negative
        count; a size of 0; more events than patients.

    Examples
    --------
    >>> tables([3], [2], [0], [5])
    Traceback (most recent call last):
    analysis.errors.InputError: ai must be at most n1i; found 3.0 at position 0 (counting from 0), 1 of 1 in all
    """
    a, n1, c, n2 = columns(ai=ai, n1i=n1i, ci=ci, n2i=n2i)
    require_events("ai", a, "n1i", n1)
    require_events("ci", c, "n2i", n2)
    return Tables(a, n1 - a, c, n2 - c)


def rates(x1i: Any, t1i: Any, x2i: Any, t2i: Any) -> Rates:
    """Check counts of events and person-times of two groups, shape (k,) each.

    Raises
    ------
    ValueError
        As `tables`; a person-time that is not positive.
    """
    x1, t1, x2, t2 = columns(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
    require_counts(x1i=x1, x2i=x2)
    require_positive(t1i=t1, t2i=t2)
    return Rates(x1, t1, x2, t2)


def columns(**named: Any) -> list[np.ndarray]:
    """Arrays of finite numbers of one length, at least 1."""
    arrays = [numbers(values, name) for name, values in named.items()]
    same_length(**dict(zip(named, arrays, strict=True)))
    if len(arrays[0]) == 0:
        raise InputError(f"{', '.join(named)} are empty; at least one study is needed")
    return arrays


def require_counts(**named: np.ndarray) -> None:
    """Counts of 0 or more."""
    for name, values in named.items():
        require(values >= 0, values, name, "a count of 0 or more")


def require_positive(**named: np.ndarray) -> None:
    """Sizes and person-times above 0."""
    for name, values in named.items():
        require(values > 0, values, name, "above 0")


def require_events(name: str, events: np.ndarray, size_name: str, sizes: np.ndarray) -> None:
    """Counts within sizes."""
    require_counts(**{name: events})
    require_positive(**{size_name: sizes})
    require(events <= sizes, events, name, f"at most {size_name}")


def log_odds_ratio(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Log odds ratio and variance of each table without zeros: :cite:t:`woolf1955`."""
    return np.log(t.a) - np.log(t.b) - np.log(t.c) + np.log(t.d), (
        1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d
    )


def log_risk_ratio(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratio and variance of each table without zeros: :cite:t:`katz1978`."""
    return np.log(t.a) - np.log(t.n1) - np.log(t.c) + np.log(t.n2), (
        t.b / (t.a * t.n1) + t.d / (t.c * t.n2)
    )


def risk_difference(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Risk difference and variance of each table."""
    return t.a / t.n1 - t.c / t.n2, t.a * t.b / t.n1**3 + t.c * t.d / t.n2**3


def log_rate_ratio(r: Rates) -> tuple[np.ndarray, np.ndarray]:
    """Log rate ratio and variance of each study without zeros."""
    return np.log(r.x1) - np.log(r.t1) - np.log(r.x2) + np.log(r.t2), 1 / r.x1 + 1 / r.x2


def rate_difference(r: Rates) -> tuple[np.ndarray, np.ndarray]:
    """Rate difference and variance of each study."""
    return r.x1 / r.t1 - r.x2 / r.t2, r.x1 / r.t1**2 + r.x2 / r.t2**2
