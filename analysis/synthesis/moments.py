"""Estimates of tau2 by the method of moments: DL, HS, HE, SJ, PM, EB.

statsmodels' `combine_effects` gives DL and PM, with guards around what it gets wrong (release
0.15, found by running it against metafor):

- its DL estimate can be negative, with NaN and warnings after it: it is not asked then;
- its Q is a difference of two large numbers: effects go in centred on the common-effect mean, so
  that the second of the two is 0;
- the denominator of its DL estimate is such a difference, too, when one study has nearly all the
  weight: the trace of `weighted.py` is used there instead;
- its PM iteration stops in silence at a fixed number of steps, and returns 0 when rounding takes
  a step beyond the root: a root must lie within a hair of what it returns, otherwise the equation
  is solved anew.

It is imported when first needed, since that takes most of a second.
"""

from __future__ import annotations

import numpy as np

from .generalised_q import root_between, tau2_where_q_is
from .studies import Studies
from .weighted import WeightedSums, sums_at

# statsmodels' DL denominator is W - sum w^2 / W. Below this share of W it has lost two digits.
LOST_DIGITS = 0.01
# How far from statsmodels' PM estimate (relative) the root is looked for before starting afresh.
HAIR = 1e-7


def dersimonian_laird(studies: Studies, grid: WeightedSums) -> float:
    """DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177-188."""
    at_zero = sums_at(studies, 0.0)
    if at_zero.q <= studies.k - 1:
        return 0.0
    if at_zero.trace < LOST_DIGITS * at_zero.total:
        return float((at_zero.q - (studies.k - 1)) / at_zero.trace)
    return _statsmodels_tau2(studies, at_zero.mean, method_re="dl")


def paule_mandel(studies: Studies, grid: WeightedSums) -> float:
    """Paule and Mandel (1982), J Res Natl Bur Stand 87, 377-385: the root of Q(tau2) = k - 1."""
    target = studies.k - 1
    if grid.q[0] <= target:
        return 0.0
    guess = _statsmodels_tau2(
        studies, sums_at(studies, 0.0).mean, method_re="pm", atol=1e-9 * target, maxiter=500
    )
    if 0 < guess <= grid.tau2[-1]:
        low, high = guess * (1 - HAIR), guess * (1 + HAIR)
        if sums_at(studies, low).q >= target >= sums_at(studies, high).q:
            return root_between(studies, target, low, high)
    return tau2_where_q_is(studies, grid, target)


def empirical_bayes(studies: Studies, grid: WeightedSums) -> float:
    """Morris (1983), JASA 78, 47-55. Its fixed point is the root of PM's equation."""
    return tau2_where_q_is(studies, grid, studies.k - 1)


def hunter_schmidt(studies: Studies, grid: WeightedSums) -> float:
    """Hunter and Schmidt (1990), in the form of Viechtbauer (2005): (Q - k) / W."""
    at_zero = sums_at(studies, 0.0)
    return max(0.0, float((at_zero.q - studies.k) / at_zero.total))


def hedges(studies: Studies, grid: WeightedSums) -> float:
    """Hedges and Olkin (1985), chapter 9: variance of the effects less mean sampling variance."""
    return max(0.0, float(studies.effects.var(ddof=1) - studies.variances.mean()))


def sidik_jonkman(studies: Studies, grid: WeightedSums) -> float:
    """Sidik and Jonkman (2005), Applied Statistics 54, 367-384, with their crude start, the variance of
    the effects (divisor k).

    Above 0 whenever the effects differ, so a tau2 of 0 is never reported.
    """
    crude = float(studies.effects.var())
    return crude * float(sums_at(studies, crude).q) / (studies.k - 1)


def _statsmodels_tau2(studies: Studies, mean: float, **options: object) -> float:
    from statsmodels.stats.meta_analysis import combine_effects

    # Its PM iteration can divide by 0 on extreme input; what comes of it is checked, or not used.
    with np.errstate(all="ignore"):
        return float(combine_effects(studies.effects - mean, studies.variances, **options).tau2)
