"""Residual heterogeneity in meta-regression: every estimator of tau2, and its Q-profile interval.

These are the estimators of `moments.py` and `likelihood.py` with the design matrix in place of
the constant; with an intercept alone they give the same numbers (a test compares them). Formulas
for the general linear case: :cite:t:`raudenbush2009`; :cite:t:`viechtbauer2015`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainccinv, gammaincinv

from .heterogeneity import Heterogeneity
from .projection import Projection
from .qprofile import Tau2Interval
from .regression_data import RegressionData

TIGHTEST = 4 * np.finfo(float).eps  # the smallest relative tolerance of Brent's method


def residual_tau2(data: RegressionData, grid: Projection, method: str) -> Heterogeneity:
    """Estimate tau2 in squared units, truncated at 0.

    Parameters
    ----------
    data : RegressionData
        With k > p.
    grid : Projection
        The sums on `regression_grid(data)`.
    method : str
        One of `heterogeneity.TAU2_ESTIMATORS`.
    """
    if method in ("REML", "ML"):
        return _maximum(data, grid, restricted=method == "REML")
    if method == "DLIT":
        return Heterogeneity(_iterated_dl(data, grid))
    target = q_target(method, data.df)
    if target is not None:
        return Heterogeneity(tau2_where_q_is(data, grid, target))
    q, studies = float(grid.q[0]), data.studies
    if method == "DL":
        tau2 = (q - data.df) / float(grid.trace[0])
    elif method == "HS":
        tau2 = (q - data.k) / float(grid.total[0])
    elif method == "HSk":
        tau2 = (data.k / data.df * q - data.k) / float(grid.total[0])
    elif method == "HE":
        free = 1.0 - (data.basis**2).sum(axis=1)
        tau2 = (data.plain_rss - float(free @ studies.variances)) / data.df
    elif method == "SJ":
        crude = float(data.effects.var())
        tau2 = crude * float(data.at(crude).q[0]) / data.df if crude > 0 else 0.0
    else:
        raise ValueError(f"no estimator of tau2 is called {method!r}")
    return Heterogeneity(max(0.0, tau2))


def q_target(method: str, df: int) -> float | None:
    """What Q(tau2) is set equal to (DLIT: but for tau2 tr(P)); None where a method does not rest on Q."""
    if method == "PMM":
        return 2 * float(gammaincinv(df / 2, 0.5))
    return float(df) if method in ("PM", "EB", "SJIT", "DLIT") else None


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
    return _root(lambda t: target / float(data.at(t).q[0]) - 1.0, low, high)


def _iterated_dl(data: RegressionData, grid: Projection) -> float:
    """Where Q(tau2) - (k - p) = tau2 tr(P), see `moments.iterated_dersimonian_laird`."""
    if grid.q[0] <= data.df:
        return 0.0

    def rising(tau2: float) -> float:
        sums = data.at(tau2)
        return tau2 * float(sums.trace[0]) + data.df - float(sums.q[0])

    return _root(rising, 0.0, tau2_where_q_is(data, grid, data.df))


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


def _maximum(data: RegressionData, grid: Projection, restricted: bool) -> Heterogeneity:
    """The highest maximum, found as in `likelihood.maximise`: tabulate the score, refine signs."""

    def falling(tau2: float) -> float:
        # expected / rss - 1 has the zeros of the score and is close to linear in tau2.
        sums = data.at(tau2)
        expected = sums.trace if restricted else sums.total
        return float(expected[0] / sums.rss[0]) - 1.0

    falls = grid.rss <= (grid.trace if restricted else grid.total)
    maxima = [
        _root(falling, grid.tau2[i], grid.tau2[i + 1])
        for i in np.flatnonzero(~falls[:-1] & falls[1:])
    ]
    if falls[0]:
        maxima.append(0.0)
    if len(maxima) == 1:
        return Heterogeneity(maxima[0])
    best = max(maxima, key=lambda t: log_likelihood(data, t, restricted))
    return Heterogeneity(
        best, (f"the likelihood of tau2 has {len(maxima)} local maxima: the highest is taken",)
    )


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
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
