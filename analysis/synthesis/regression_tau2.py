"""Residual heterogeneity in meta-regression: what its estimators stand on, and its Q-profile interval.

`generalised_q.py` and `likelihood.py` with the design matrix in place of the constant; with an intercept alone
they give the same numbers (a test compares them). Formulas
for the general linear case: :cite:t:`raudenbush2009`; :cite:t:`viechtbauer2015`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainccinv, gammaincinv

from .projection import Projection
from .qprofile import Tau2Interval
from .regression_data import RegressionData

TIGHTEST = 4 * np.finfo(float).eps  # the smallest relative tolerance of Brent's method


def tau2_where_q_is(data: RegressionData, grid: Projection, target: float) -> float:
    """The tau2 at which the generalised Q equals `target` > 0; 0 where it is below throughout."""
    if grid.q[0] <= target:
        return 0.0
    first_below = int(np.argmax(grid.q <= target))
    if first_below:
        low, high = grid.tau2[first_below - 1], grid.tau2[first_below]
    else:
        # Q <= S / tau2, S the residual sum of squares of the unweighted fit.
        low = grid.tau2[-1]
        high = max(2 * low, data.plain_rss / target)

    # 1 / Q is solved, for it is close to linear in tau2.
    return root(lambda t: target / float(data.at(t).q[0]) - 1.0, low, high)


def q_profile(data: RegressionData, grid: Projection, level: float) -> Tau2Interval:
    """Q-profile interval: Q(tau2) at the true tau2 is chi-square with k - p degrees of freedom.

    :cite:t:`viechtbauer2007`, section 3.
    """
    tail = (1 - level) / 2
    lower_quantile = 2 * float(gammaincinv(data.df / 2, tail))
    upper_quantile = 2 * float(gammainccinv(data.df / 2, tail))
    if grid.q[0] < lower_quantile:
        return Tau2Interval(0.0, 0.0, empty=True)
    return Tau2Interval(
        tau2_where_q_is(data, grid, upper_quantile),
        tau2_where_q_is(data, grid, lower_quantile),
        empty=False,
    )


def log_likelihood(data: RegressionData, tau2: float, restricted: bool) -> float:
    """(Restricted) log-likelihood of the effects in units, at tau2 and its best coefficients.

    The restricted one is that of k - p orthonormal residual contrasts :cite:p:`harville1974`, so
    it does not depend on how the moderators are scaled.
    """
    sums = data.at(tau2)
    n = data.df if restricted else data.k
    value = -0.5 * (n * np.log(2 * np.pi) + np.log(data.studies.variances + tau2).sum() + sums.q[0])
    return float(value - 0.5 * sums.log_det[0]) if restricted else float(value)


def most_likely(data: RegressionData, grid: Projection, restricted: bool) -> tuple[float, int]:
    """The highest maximum, found as in `likelihood.maximise`: tabulate the score, refine signs; their number."""

    def falling(tau2: float) -> float:
        # expected / rss - 1 has the zeros of the score and is close to linear in tau2.
        sums = data.at(tau2)
        expected = sums.trace if restricted else sums.total
        return float(expected[0] / sums.rss[0]) - 1.0

    falls = grid.rss <= (grid.trace if restricted else grid.total)
    maxima = [
        root(falling, grid.tau2[i], grid.tau2[i + 1])
        for i in np.flatnonzero(~falls[:-1] & falls[1:])
    ]
    if falls[0]:
        maxima.append(0.0)
    if len(maxima) == 1:
        return maxima[0], 1
    return max(maxima, key=lambda t: log_likelihood(data, t, restricted)), len(maxima)


def root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where `rising` changes sign, by Brent's method.

    Each evaluation is a regression, whose slope in tau2 would cost another one, so `roots.py`,
    which rests on slopes, is not used. The ends of the bracket come from a table that may differ
    from `rising` by rounding; an end on the wrong side is the root to that accuracy.
    """
    if rising(low) >= 0:
        return float(low)
    if rising(high) <= 0:
        return float(high)
    return float(brentq(rising, low, high, xtol=1e-300, rtol=TIGHTEST, maxiter=1000))
