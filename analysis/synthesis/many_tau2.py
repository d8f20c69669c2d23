"""Estimates of tau2 for many sets of studies at once, by the formulas that serve one set.

Each function takes a `Table` of n sets and returns arrays of shape (n,), in squared units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from . import moments
from .generalised_q import largest_root, q_distance
from .isolate import isolate
from .likelihood import expected_rss, falling, secant
from .many_result import for_each_count
from .many_roots import rising_roots
from .tables import Table
from .weighted import WeightedSums


class Estimates(NamedTuple):
    """Estimates of tau2, and the number of local maxima of each likelihood (1 for moments)."""

    tau2: np.ndarray
    maxima: np.ndarray


def estimate_many(table: Table, at_zero: WeightedSums, method: str) -> Estimates:
    """Estimate tau2 of each set, truncated at 0, by one of TAU2_ESTIMATORS.

    `at_zero` holds the sums at tau2 = 0.
    """
    if method in ("REML", "ML"):
        return _likelihood(table, restricted=method == "REML")
    tau2 = _MOMENTS[method](table, at_zero)
    # Effects that are equal give 0 whatever the estimator.
    return Estimates(np.where(at_zero.q > 0, tau2, 0.0), np.ones(len(tau2), dtype=np.intp))


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


def _likelihood(table: Table, restricted: bool) -> Estimates:
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


def _paule_mandel(table: Table, at_zero: WeightedSums) -> np.ndarray:
    return tau2_where_q_is_many(table, at_zero, lambda k: k - 1.0)


def _median_paule_mandel(table: Table, at_zero: WeightedSums) -> np.ndarray:
    median = for_each_count(table.k, lambda k: moments.chi_square_median(k - 1))
    return tau2_where_q_is_many(table, at_zero, median)


def _iterated_dersimonian_laird(table: Table, at_zero: WeightedSums) -> np.ndarray:
    def rising(some: Table, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return moments.dlit(*some.sums_and_slopes(tau2), some.smallest + tau2, some.k - 1)

    roots, high = np.zeros(len(table.k)), _paule_mandel(table, at_zero)
    above = np.flatnonzero(high > 0)
    low = np.zeros(len(above))
    roots[above] = rising_roots(table.take(above), rising, low, high[above], start=low)
    return roots


def _hedges(table: Table, at_zero: WeightedSums) -> np.ndarray:
    variance, mean_variance = table.spread()
    return np.maximum(0.0, variance - mean_variance)


def _sidik_jonkman(table: Table, at_zero: WeightedSums) -> np.ndarray:
    crude = table.spread()[0] * ((table.k - 1) / table.k)
    return moments.sj(crude, table.sums(crude), table.k)


_MOMENTS: dict[str, Callable[[Table, WeightedSums], np.ndarray]] = {
    "DL": lambda table, at_zero: moments.dl(at_zero, table.k),
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "SJIT": _paule_mandel,
    "PMM": _median_paule_mandel,
    "DLIT": _iterated_dersimonian_laird,
    "SJ": _sidik_jonkman,
    "HS": lambda table, at_zero: moments.hs(at_zero, table.k),
    "HSk": lambda table, at_zero: moments.hsk(at_zero, table.k),
    "HE": _hedges,
}
