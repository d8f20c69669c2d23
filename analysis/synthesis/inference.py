"""Pooled mean at a given tau2: standard error, confidence interval, test, prediction interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from .intervals import INTERVALS
from .studies import Studies
from .weighted import sums_at


@dataclass(frozen=True, slots=True)
class Mean:
    """The weighted mean, in units of the studies.

    `factor` is what 1 / W was multiplied by to give the squared standard error; `plain_factor` is
    the HKSJ factor before any floor. `df` is None for the normal distribution.
    """

    estimate: float
    se: float
    total: float
    factor: float
    plain_factor: float
    df: int | None


def weighted_mean(studies: Studies, tau2: float, ci: str) -> Mean:
    """Weighted mean of at least two studies, and its standard error.

    wald: se^2 = 1 / W, normal distribution.
    t: the same standard error, t with k - 1 degrees of freedom; :cite:t:`follmann1999`.
    hksj: se^2 = s^2 / W with s^2 = Q(tau2) / (k - 1), t with k - 1 degrees of freedom;
    :cite:t:`hartung2001`; :cite:t:`sidik2002`.
    hksj-adhoc: the same with max(1, s^2), so never narrower than Wald's; :cite:t:`knapp2003`;
    :cite:t:`roever2015`.
    """
    sums = sums_at(studies, tau2)
    df = studies.k - 1
    plain = sums.q / df
    factor = float(INTERVALS[ci].factor(plain))
    return Mean(
        estimate=sums.mean,
        se=math.sqrt(factor / sums.total),
        total=sums.total,
        factor=factor,
        plain_factor=plain,
        df=INTERVALS[ci].df(df),
    )


def critical_value(level: float, df: int | None) -> float:
    """Two-sided critical value of the normal (df None) or t distribution.

    Examples
    --------
    >>> round(critical_value(0.95, None), 4), round(critical_value(0.95, 4), 4)
    (1.96, 2.7764)
    """
    tail = (1 - level) / 2
    return float(-ndtri(tail) if df is None else -stdtrit(df, tail))


def two_sided_p(statistic: float, df: int | None) -> float:
    """Two-sided P of a statistic under the normal (df None) or t distribution.

    Examples
    --------
    >>> round(two_sided_p(1.959963985, None), 6)
    0.05
    """
    tail = ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic))
    return float(2 * tail)


def prediction_half_width(mean: Mean, tau2: float, level: float) -> float:
    """Half the prediction interval: critical value times sqrt(tau2 + se^2).

    The distribution is that of the confidence interval: normal with Wald, t with k - 1 degrees of
    freedom with HKSJ (metafor's convention). :cite:t:`higgins2009` use t with k - 2.
    """
    return critical_value(level, mean.df) * math.sqrt(tau2 + mean.se**2)
