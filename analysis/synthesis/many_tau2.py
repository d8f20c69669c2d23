"""tau2 of many sets of studies at once: what the estimators' forms for many sets stand on.

Each function takes a `Table` of n sets and returns arrays of shape (n,), in squared units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .generalised_q import largest_root, q_distance
from .isolate import isolate
from .likelihood import expected_rss, falling, secant
from .many_roots import rising_roots
from .tables import Table
from .weighted import WeightedSums


class Estimates(NamedTuple):
    """Estimates of tau2, and the number of local maxima of each likelihood (1 for moments)."""

    tau2: np.ndarray
    maxima: np.ndarray


def moments(tau2: np.ndarray) -> Estimates:
    """Estimates of a method without a likelihood."""
    return Estimates(tau2, np.ones(len(tau2), dtype=np.intp))


def tau2_where_q_is_many(
    table: Table, at_zero: WeightedSums, target: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The tau2 at which the generalised Q of each set is `target(k)` > 0; 0 where Q is below it."""
    roots = np.zeros(len(table.k))
    above = np.flatnonzero(at_zero.q > target(table.k))
    if len(above) == 0:
        return roots
    if len(above) < len(roots):
        table = table.take(above)

    def distance(some: Table, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return q_distance(some.sums(tau2), some.smallest + tau2, target(some.k))

    high = largest_root(table.k, table.squared_range, target(table.k))
    low = np.zeros(len(above))
    roots[above] = rising_roots(table, distance, low, high, start=low)
    return roots


def most_likely(table: Table, restricted: bool) -> Estimates:
    """Global maximum of the (restricted) likelihood, as `likelihood.maximise` finds it."""

    def ratio_at(sets: np.ndarray, tau2: np.ndarray) -> np.ndarray:
        sums = table.take(sets).sums(tau2)
        return expected_rss(sums, restricted) / sums.rss

    def descent(some: Table, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return falling(*some.sums_and_slopes(tau2), restricted)

    scan = table.scan()
    ratio = expected_rss(scan, restricted) / scan.rss
    steps = isolate(scan.tau2, ratio, table.smallest, ratio_at)
    start = secant(steps.low, steps.high, steps.at_low, steps.at_high)
    inside = table if _is_every(steps.sets, len(table.k)) else table.take(steps.sets)
    roots = rising_roots(inside, descent, steps.low, steps.high, start)
    estimates = np.zeros(len(table.k))
    estimates[steps.sets] = roots
    at_zero = ~(ratio[0] < 1.0)
    maxima = np.bincount(steps.sets, minlength=len(table.k)) + at_zero
    for one in np.flatnonzero(maxima > 1):
        candidates = np.append(roots[steps.sets == one], [0.0] if at_zero[one] else [])
        copies = table.take(np.full(len(candidates), one))
        heights = _log_likelihood(copies, candidates, restricted)
        estimates[one] = candidates[np.argmax(heights)]
    return Estimates(estimates, maxima)


def _is_every(sets: np.ndarray, n: int) -> bool:
    return len(sets) == n and bool((sets == np.arange(n)).all())


def _log_likelihood(table: Table, tau2: np.ndarray, restricted: bool) -> np.ndarray:
    """`likelihood.log_likelihood` of each set."""
    sums = table.sums(tau2)
    fit = -0.5 * (table.log_determinant(tau2) + sums.q)
    return fit - 0.5 * np.log(sums.total) if restricted else fit
