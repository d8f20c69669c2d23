"""Where the generalised Q statistic takes a given value: the base of PM, EB and Q-profile.

Q(tau2) = sum of (x_i - m)^2 / (v_i + tau2) decreases in tau2, from Cochran's Q at 0 towards 0, so
each value below Cochran's Q is taken exactly once.
"""

from __future__ import annotations

import numpy as np

from .roots import rising_root
from .studies import Studies
from .weighted import WeightedSums, sums_at


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
    first_below = int(np.argmax(grid.q <= target))
    if first_below:
        low, high = grid.tau2[first_below - 1], grid.tau2[first_below]
    else:
        # Q <= k R^2 / (4 tau2), R the range of the effects (Popoviciu's inequality).
        low = grid.tau2[-1]
        high = max(2 * low, studies.k * studies.squared_range / (4 * target))
    return root_between(studies, target, low, high)


def root_between(studies: Studies, target: float, low: float, high: float) -> float:
    """Refine a bracket. 1 / Q is solved, for it is close to linear in tau2."""
    return rising_root(lambda t: target / sums_at(studies, t).q - 1.0, low, high)
