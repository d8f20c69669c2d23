"""REML and ML estimates of tau2: the global maximum of the (restricted) likelihood.

Fisher scoring, the usual way, does not converge for about 0.4% of ordinary sets of 20 studies and
finds whichever local maximum lies nearest. Here the score is tabulated over the whole range in
which it can change sign more than once, as finely as it takes to miss no maximum
(`isolate`), each change is refined by Newton's method inside its bracket, and the highest
of the maxima found, 0 included, is the estimate. It cannot fail to converge.

Source of the likelihoods: :cite:t:`viechtbauer2005`; :cite:t:`harville1977`.
"""

from __future__ import annotations

import math

import numpy as np

from .isolate import isolate
from .roots import rising_root
from .studies import Studies
from .weighted import (
    Slopes,
    Value,
    WeightedSums,
    sums_and_slopes_at,
    sums_at,
    sums_on,
)


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

    def ratio_on(_: np.ndarray, tau2: np.ndarray) -> np.ndarray:
        sums = sums_on(studies, tau2)
        return expected_rss(sums, restricted) / sums.rss

    def descent(tau2: float) -> tuple[float, float]:
        return falling(*sums_and_slopes_at(studies, tau2), restricted)

    smallest = studies.smallest_variance
    # rss is 0 where effects are all but equal.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = expected_rss(grid, restricted) / grid.rss
        steps = isolate(grid.tau2[:, None], ratio[:, None], np.array([smallest]), ratio_on)
    starts = secant(steps.low, steps.high, steps.at_low, steps.at_high).tolist()
    maxima = [
        rising_root(descent, low, high, smallest, start)
        for low, high, start in zip(steps.low.tolist(), steps.high.tolist(), starts, strict=True)
    ]
    if not ratio[0] < 1:
        maxima.append(0.0)
    if len(maxima) == 1:
        return maxima[0], 1
    return max(maxima, key=lambda t: log_likelihood(studies, t, restricted)), len(maxima)


def secant(low: Value, high: Value, at_low: Value, at_high: Value) -> Value:
    """Where the line through expected / rss at low (below 1) and high (1 or above) crosses 1."""
    return low + (high - low) * ((1.0 - at_low) / (at_high - at_low))
