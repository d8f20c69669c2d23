"""Estimates of tau2 by the method of moments: DL, HS, HSk, HE, SJ, PM, EB.

The formulas take numbers (one set of studies) or arrays (many).

statsmodels' `combine_effects` has DL and PM, and the tests compare with it where it is right. It is not
called here: it takes one set of studies at a time, and in release 0.15 its DL is not truncated at
0, its Q and its DL denominator cancel, and its PM can overstep the root and return 0.
"""

from __future__ import annotations

import numpy as np

from .generalised_q import tau2_where_q_is
from .studies import Studies
from .weighted import Value, WeightedSums, sums_at


def dersimonian_laird(studies: Studies, grid: WeightedSums) -> float:
    """DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177-188."""
    return dl(grid.first(), studies.k)


def paule_mandel(studies: Studies, grid: WeightedSums) -> float:
    """Paule and Mandel (1982), J Res Natl Bur Stand 87, 377-385: the root of Q(tau2) = k - 1.

    The empirical Bayes estimate of Morris (1983), JASA 78, 47-55, is the same: its fixed point is
    the root of this equation.
    """
    return tau2_where_q_is(studies, grid, studies.k - 1)


def hunter_schmidt(studies: Studies, grid: WeightedSums) -> float:
    """Hunter and Schmidt (1990), in the form of Viechtbauer (2005): (Q - k) / W."""
    return hs(grid.first(), studies.k)


def hunter_schmidt_corrected(studies: Studies, grid: WeightedSums) -> float:
    """HS with Brannick, Potter, Benitez and Morris's (2019) correction for few studies.

    Organizational Research Methods 22, 490-514: (k / (k - 1) Q - k) / W.
    """
    return hsk(grid.first(), studies.k)


def hedges(studies: Studies, grid: WeightedSums) -> float:
    """Hedges and Olkin (1985), chapter 9: variance of the effects less mean sampling variance."""
    return max(0.0, float(studies.effects.var(ddof=1) - studies.variances.mean()))


def sidik_jonkman(studies: Studies, grid: WeightedSums) -> float:
    """Sidik and Jonkman (2005), Applied Statistics 54, 367-384, with their crude start, the variance of
    the effects (divisor k).

    Above 0 whenever the effects differ, so a tau2 of 0 is never reported.
    """
    crude = float(studies.effects.var())
    return sj(crude, sums_at(studies, crude), studies.k)


def dl(at_zero: WeightedSums, k: Value) -> Value:
    """(Q - (k - 1)) / trace, truncated at 0."""
    return np.maximum(0.0, (at_zero.q - (k - 1)) / at_zero.trace)


def hs(at_zero: WeightedSums, k: Value) -> Value:
    """(Q - k) / W, truncated at 0."""
    return np.maximum(0.0, (at_zero.q - k) / at_zero.total)


def hsk(at_zero: WeightedSums, k: Value) -> Value:
    """(k / (k - 1) Q - k) / W, truncated at 0."""
    return np.maximum(0.0, (k / (k - 1) * at_zero.q - k) / at_zero.total)


def sj(crude: Value, at_crude: WeightedSums, k: Value) -> Value:
    """crude Q(crude) / (k - 1)."""
    return crude * at_crude.q / (k - 1)
