"""Where the generalised Q statistic takes a given value: the base of PM, EB and Q-profile.

Q(tau2) = sum of (x_i - m)^2 / (v_i + tau2) decreases in tau2, from Cochran's Q at 0 towards 0, so
each value below Cochran's Q is taken exactly once. Its reciprocal is concave: with Q' = -x'PPx and
Q'' = 2 x'PPPx, the sign of (1 / Q)'' is that of (x'PPx)^2 - (x'PPPx) (x'Px), and Cauchy and Schwarz
make that <= 0. Newton's method on 1 / Q therefore climbs to the root from below and never passes it.
"""

from __future__ import annotations

import numpy as np

from .roots import rising_root
from .studies import Studies
from .weighted import Value, WeightedSums, sums_at


def tau2_where_q_is(studies: Studies, grid: WeightedSums, target: float) -> float:
    """The tau2 at which Q equals `target` > 0; 0 where Q is below it throughout.

    Parameters
    ----------
    studies : Studies
        At least two.
    grid : WeightedSums
        The sums over `tau2_grid(studies)`.
    """
    if grid.q[0] <= target:
        return 0.0
    below = int(np.count_nonzero(grid.q > target)) - 1
    low = float(grid.tau2[below])
    if below + 1 < len(grid.q):
        high = float(grid.tau2[below + 1])
    else:
        high = max(2 * low, largest_root(studies.k, studies.squared_range, target))

    def distance(tau2: float) -> tuple[float, float]:
        sums = sums_at(studies, tau2)
        return q_distance(sums, studies.smallest_variance + tau2, target)

    return rising_root(distance, low, high, studies.smallest_variance, start=low)


def largest_root(k: Value, squared_range: Value, target: Value) -> Value:
    """A tau2 from which on Q <= target: Q <= k R^2 / (4 tau2) (Popoviciu's inequality)."""
    return k * squared_range / (4 * target)


def q_distance(sums: WeightedSums, base: Value, target: Value) -> tuple[Value, Value]:
    """target / Q - 1, which rises through 0 at the root, and its slope in log(`base`)."""
    ratio = target / sums.q
    return ratio - 1.0, ratio * (base * sums.rss / sums.q)
