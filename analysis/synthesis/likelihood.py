"""REML and ML estimates of tau2: the global maximum of the (restricted) likelihood.

Fisher scoring, the usual way, does not converge for about 0.4% of ordinary sets of 20 studies and
finds whichever local maximum lies nearest. Here the score is tabulated over the whole range in
which it can change sign more than once, each change is refined by Newton's method inside its
bracket, and the highest of the maxima found, 0 included, is the estimate. It cannot fail to converge.

Source of the likelihoods: Viechtbauer (2005), Journal of Educational and Behavioral Statistics
30, 261-293; Harville (1977), JASA 72, 320-338.
"""

from __future__ import annotations

import math

import numpy as np

from .roots import rising_root
from .studies import Studies
from .weighted import Slopes, Value, WeightedSums, sums_and_slopes_at, sums_at


def expected_rss(sums: WeightedSums | Slopes, restricted: bool) -> Value:
    """What `rss` is at a stationary point: the score in tau2 is (rss - expected) / 2."""
    return sums.trace if restricted else sums.total


def falling(sums: WeightedSums, slopes: Slopes, restricted: bool) -> tuple[Value, Value]:
    """expected / rss - 1 and its slope in log(smallest v + tau2).

    It has the zeros of the score, negated, and is far easier to solve: it is linear in tau2 when
    all sampling variances are equal.
    """
    ratio = expected_rss(sums, restricted) / sums.rss
    slope = (expected_rss(slopes, restricted) - ratio * slopes.rss) / sums.rss
    return ratio - 1.0, slope


def log_likelihood(studies: Studies, tau2: float, restricted: bool) -> float:
    """Log-likelihood at tau2 and its best mean, but for a constant of the data."""
    sums = sums_at(studies, tau2)
    fit = -0.5 * (float(np.log(studies.variances + tau2).sum()) + sums.q)
    return fit - 0.5 * math.log(sums.total) if restricted else fit


def maximise(studies: Studies, grid: WeightedSums, restricted: bool) -> tuple[float, int]:
    """Maximise the likelihood over tau2 >= 0.

    Parameters
    ----------
    studies : Studies
        At least two, with effects that differ.
    grid : WeightedSums
        The sums over `tau2_grid(studies)`.
    restricted : bool
        REML if true, ML if false.

    Returns
    -------
    tau2 : float
        The estimate, in squared units of the studies.
    maxima : int
        Number of local maxima, the boundary 0 included.
    """

    def descent(tau2: float) -> tuple[float, float]:
        return falling(*sums_and_slopes_at(studies, tau2), restricted)

    expected = expected_rss(grid, restricted)
    falls = grid.rss <= expected
    maxima = [0.0] if falls[0] else []
    for i in np.flatnonzero(~falls[:-1] & falls[1:]):
        low, high = grid.tau2[i : i + 2].tolist()
        start = secant(low, high, *(expected[i : i + 2] / grid.rss[i : i + 2] - 1.0).tolist())
        maxima.append(rising_root(descent, low, high, studies.smallest_variance, start))
    if len(maxima) == 1:
        return maxima[0], 1
    return max(maxima, key=lambda t: log_likelihood(studies, t, restricted)), len(maxima)


def secant(low: Value, high: Value, at_low: Value, at_high: Value) -> Value:
    """Where the line through the values at low (< 0) and high (>= 0) crosses 0."""
    return low + (high - low) * (at_low / (at_low - at_high))
