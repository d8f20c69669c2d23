"""REML and ML estimates of tau2: the global maximum of the (restricted) likelihood.

Fisher scoring, the usual way, does not converge for about 0.4% of ordinary sets of 20 studies and
finds whichever local maximum lies nearest. Here the score is tabulated over the whole range in
which a maximum can lie, each change of sign is refined by Brent's method, and the highest of the
maxima found, 0 included, is the estimate. It cannot fail to converge.

Source of the likelihoods: Viechtbauer (2005), Journal of Educational and Behavioral Statistics
30, 261-293; Harville (1977), JASA 72, 320-338.
"""

from __future__ import annotations

import numpy as np

from .roots import rising_root
from .studies import Studies
from .weighted import WeightedSums, sums_at


def expected_rss(sums: WeightedSums, restricted: bool) -> float | np.ndarray:
    """What `rss` is at a stationary point: the score in tau2 is (rss - expected) / 2."""
    return sums.trace if restricted else sums.total


def log_likelihood(studies: Studies, tau2: float, restricted: bool) -> float:
    """Log-likelihood at tau2 and its best mean, but for a constant of the data."""
    sums = sums_at(studies, tau2)
    fit = -0.5 * (float(np.log(studies.variances + tau2).sum()) + float(sums.q))
    return fit - 0.5 * float(np.log(sums.total)) if restricted else fit


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

    def falling(tau2: float) -> float:
        # expected / rss - 1 has the zeros of the score and, being linear in tau2 when all
        # sampling variances are equal, is far easier to solve.
        sums = sums_at(studies, tau2)
        return float(expected_rss(sums, restricted) / sums.rss) - 1.0

    falls = grid.rss <= expected_rss(grid, restricted)
    maxima = [
        rising_root(falling, grid.tau2[i], grid.tau2[i + 1])
        for i in np.flatnonzero(~falls[:-1] & falls[1:])
    ]
    if falls[0]:
        maxima.append(0.0)
    if len(maxima) == 1:
        return maxima[0], 1
    return max(maxima, key=lambda t: log_likelihood(studies, t, restricted)), len(maxima)
