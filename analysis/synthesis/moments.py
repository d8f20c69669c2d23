"""Estimates of tau2 by the method of moments: DL, DLIT, HS, HSk, HE, SJ, SJIT, PM, PMM, EB.

The formulas take numbers (one set of studies) or arrays (many).

statsmodels' `combine_effects` has DL and PM, and the tests compare with it where it is right. It is not
called here: it takes one set of studies at a time, and in release 0.15 its DL is not truncated at
0, its Q and its DL denominator cancel, and its PM can overstep the root and return 0.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from .generalised_q import tau2_where_q_is
from .roots import rising_root
from .studies import Studies
from .weighted import Slopes, Value, WeightedSums, sums_and_slopes_at, sums_at


def dersimonian_laird(studies: Studies, grid: WeightedSums) -> float:
    """:cite:t:`dersimonian1986`."""
    return dl(grid.first(), studies.k)


def iterated_dersimonian_laird(studies: Studies, grid: WeightedSums) -> float:
    """DL with the weights 1 / (v + tau2) of its own result: Q(tau2) - (k - 1) = tau2 tr(P).

    The right side less the left rises in tau2 (its slope is x'PPx + tr(P) - tau2 tr(PP), and no
    eigenvalue of tau2 P exceeds 1), so there is one root, which lies between 0 and PM's.
    """
    df = studies.k - 1
    if grid.q[0] <= df:
        return 0.0

    def rising(tau2: float) -> tuple[float, float]:
        return dlit(*sums_and_slopes_at(studies, tau2), studies.smallest_variance + tau2, df)

    high = tau2_where_q_is(studies, grid, df)
    return rising_root(rising, 0.0, high, studies.smallest_variance)


def paule_mandel(studies: Studies, grid: WeightedSums) -> float:
    """:cite:t:`paule1982`: the root of Q(tau2) = k - 1.

    Two other estimators are the same, since their fixed points are the root of this equation: the
    empirical Bayes estimate of :cite:t:`morris1983`, and Sidik and Jonkman's, iterated.
    """
    return tau2_where_q_is(studies, grid, studies.k - 1)


def median_paule_mandel(studies: Studies, grid: WeightedSums) -> float:
    """PM made median-unbiased: the root of Q(tau2) = the median of chi-square with k - 1 df.

    Viechtbauer (2021), in Schmid, Stijnen and White, Handbook of Meta-Analysis, chapter 8.
    """
    return tau2_where_q_is(studies, grid, chi_square_median(studies.k - 1))


def hunter_schmidt(studies: Studies, grid: WeightedSums) -> float:
    """:cite:t:`hunter1990`, in the form of :cite:t:`viechtbauer2005`: (Q - k) / W."""
    return hs(grid.first(), studies.k)


def hunter_schmidt_corrected(studies: Studies, grid: WeightedSums) -> float:
    """HS with :cite:t:`brannick2019`'s correction for few studies.

    (k / (k - 1) Q - k) / W.
    """
    return hsk(grid.first(), studies.k)


def hedges(studies: Studies, grid: WeightedSums) -> float:
    """:cite:t:`hedges1985`, chapter 9: variance of the effects less mean sampling variance."""
    return max(0.0, float(studies.effects.var(ddof=1) - studies.variances.mean()))


def sidik_jonkman(studies: Studies, grid: WeightedSums) -> float:
    """:cite:t:`sidik2005`, with their crude start, the variance of the effects (divisor k).

    Above 0 whenever the effects differ, so a tau2 of 0 is never reported.
    """
    crude = float(studies.effects.var())
    return sj(crude, sums_at(studies, crude), studies.k)


def dl(at_zero: WeightedSums, k: Value) -> Value:
    """(Q - (k - 1)) / trace, truncated at 0."""
    return np.maximum(0.0, (at_zero.q - (k - 1)) / at_zero.trace)


def dlit(sums: WeightedSums, slopes: Slopes, base: Value, df: Value) -> tuple[Value, Value]:
    """tau2 tr(P) - (Q - df), and its slope in log(base)."""
    value = sums.tau2 * sums.trace - (sums.q - df)
    return value, base * (sums.rss + sums.trace) + sums.tau2 * slopes.trace


def chi_square_median(df: Value) -> Value:
    """Median of chi-square."""
    return 2 * gammaincinv(df / 2, 0.5)


def hs(at_zero: WeightedSums, k: Value) -> Value:
    """(Q - k) / W, truncated at 0."""
    return np.maximum(0.0, (at_zero.q - k) / at_zero.total)


def hsk(at_zero: WeightedSums, k: Value) -> Value:
    """(k / (k - 1) Q - k) / W, truncated at 0."""
    return np.maximum(0.0, (k / (k - 1) * at_zero.q - k) / at_zero.total)


def sj(crude: Value, at_crude: WeightedSums, k: Value) -> Value:
    """crude Q(crude) / (k - 1)."""
    return crude * at_crude.q / (k - 1)
