"""Find every local maximum of the likelihood of tau2: brackets that hold exactly one each.

Let u = log(smallest v + tau2) and r = log(expected / rss), whose sign is the score's, negated: a
maximum is where r rises through 0. With X the eigenvalues of P over the largest weight, all
between 0 and 1, and E a weighted mean over them,

    (log trace)'' = 2 E X^2 - E X - (E X)^2      lies between -1/4 and 1/4, as does (log W)'';
    (log rss)''   = 6 E X^2 - 2 E X - 4 (E X)^2  lies between -1/2 and 1 (other weights);

so r'' lies between -5/4 and 3/4. On a step of length d, from r = a to r = b,

    r lies above the line by at most 5/8 s (d - s), below it by at most 3/8 s (d - s), so it keeps
    the sign of both ends unless the line comes as close to 0;
    r' differs from (b - a) / d by at most 5/8 d, so r crosses 0 just once if |b - a| > 5/8 d^2.

Steps for which neither is certain are halved. So no maximum is missed, unlike with Fisher scoring,
which finds whichever lies nearest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Bounds of r''.
MOST_CONCAVE, MOST_CONVEX = -1.25, 0.75
# Steps in u shorter than this are not halved: r stays within 0.0004 of 0 wherever a maximum might still
# hide, which moves the log-likelihood by less than k / 100,000.
SHORTEST_STEP = 0.05


class Steps(NamedTuple):
    """Steps of the grid: of which set, from which tau2 to which, and expected / rss at the ends."""

    sets: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_low: np.ndarray
    at_high: np.ndarray

    def where(self, chosen: np.ndarray) -> Steps:
        """Some of the steps."""
        return Steps(*(column[chosen] for column in self))

    def joined(self, other: Steps) -> Steps:
        """These steps and others."""
        return Steps(*map(np.concatenate, zip(self, other, strict=True)))

    @property
    def holds_maximum(self) -> np.ndarray:
        """Whether the score passes from positive to negative. (rss may be 0: the ratio infinite.)"""
        return (self.at_low < 1.0) & ~(self.at_high < 1.0)


def isolate(
    tau2: np.ndarray,
    ratio: np.ndarray,
    smallest: np.ndarray,
    evaluate: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Steps:
    """Steps that hold one local maximum each, and together all but the one at 0.

    Parameters
    ----------
    tau2, ratio : ndarray, shape (points, n)
        A grid per set as `weighted.tau2_grid` makes it, and expected / rss on it.
    smallest : ndarray, shape (n,)
        The smallest sampling variance of each set.
    evaluate : callable
        Gives expected / rss for numbers of sets and one tau2 for each.
    """
    u = np.log(smallest + tau2[:-1])
    chosen = (ratio[:-1] < 1.0) & ~(ratio[1:] < 1.0)
    # The last step holds one maximum at most in any case: see `weighted.last_scanned`.
    doubtful = is_doubtful(ratio[:-2], ratio[1:-1], u[1:] - u[:-1])
    chosen[:-1] &= ~doubtful
    found = _steps(tau2, ratio, chosen)
    if not doubtful.any():
        return found
    open_ = _steps(tau2, ratio, doubtful)
    while len(open_.sets):
        base = smallest[open_.sets]
        length = 0.5 * np.log((base + open_.high) / (base + open_.low))
        middle = open_.low + (base + open_.low) * np.expm1(length)
        at_middle = evaluate(open_.sets, middle)
        halves = Steps(open_.sets, open_.low, middle, open_.at_low, at_middle).joined(
            Steps(open_.sets, middle, open_.high, at_middle, open_.at_high)
        )
        length = np.concatenate([length, length])
        doubtful = is_doubtful(halves.at_low, halves.at_high, length) & (length > SHORTEST_STEP)
        found = found.joined(halves.where(~doubtful & halves.holds_maximum))
        open_ = halves.where(doubtful)
    return found


def _steps(tau2: np.ndarray, ratio: np.ndarray, chosen: np.ndarray) -> Steps:
    """The steps from the points that are chosen to the next ones."""
    at, sets = np.nonzero(chosen)
    return Steps(sets, tau2[at, sets], tau2[at + 1, sets], ratio[at, sets], ratio[at + 1, sets])


def is_doubtful(at_low: np.ndarray, at_high: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Whether expected / rss may cross 1 more often than its values at the ends of a step tell."""
    low, high = np.log(at_low), np.log(at_high)
    crosses = (low < 0) != (high < 0)
    rise, squared = np.abs(high - low), length * length
    bend = np.where(low < 0, -MOST_CONCAVE, MOST_CONVEX) * squared
    near = (np.minimum(np.abs(low), np.abs(high)) < bend / 8) & (rise < bend / 2)
    return np.where(crosses, rise <= -MOST_CONCAVE / 2 * squared, near)
