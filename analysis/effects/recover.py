"""Spread that a report does not print: the SD from an SE, interval, t, P, quartiles or range; arms
merged.

Every function returns an *estimate* that the evidence layer flags as recovered. Array-likes that
broadcast; float arrays (or a small tuple of them) of the broadcast shape come back. Units are those
of the input.

Raises (all functions)
    ``ValueError`` for a size of 0 or less (below 2 where an SD needs it), a negative SD or SE,
    values out of order (limits, quartiles, range), P outside 0 to 1, a correlation outside -1 to 1,
    an infinite entry.
NaN
    where an input is missing, or where nothing can be recovered (a difference of 0 with its P: 0/0
    holds no spread).

The sections named are those of the Cochrane Handbook :cite:p:`higgins2019`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.effects.arrays import (
    FloatArray,
    columns,
    require,
    require_sds,
    require_sizes,
)
from analysis.effects.convert import se_from_interval, statistic_from_p
from analysis.errors import InputError, NotEstimable


class Group(NamedTuple):
    """Size, mean and SD of one group."""

    n: float
    mean: float
    sd: float


def sd_from_se(se: ArrayLike, n: ArrayLike) -> FloatArray:
    """SD of one group from the standard error of its mean: se sqrt(n). :cite:t:`higgins2019`, section 6.5.2.2.

    >>> float(sd_from_se(1.7, 25))
    8.5
    """
    s, size = columns(se=se, n=n)
    require_sds(se=s)
    require_sizes(n=size)
    return s * np.sqrt(size)


def sd_from_ci(
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    n: ArrayLike,
    *,
    level: float = 0.95,
    use_t: bool = True,
) -> FloatArray:
    """SD of one group from its mean's confidence interval: sqrt(n) (high - low) / (2 q).

    :cite:t:`higgins2019`, section 6.5.2.2.

    q is the t quantile with n - 1 degrees of freedom (right at every size, and needed below about
    60); ``use_t=False`` takes the normal one, for a report that says it did.

    >>> round(float(sd_from_ci(30.1, 33.5, 25)), 4)
    4.1184
    >>> round(float(sd_from_ci(30.1, 33.5, 120, use_t=False)), 4)
    9.5015
    """
    low, high, size = columns(ci_low=ci_low, ci_high=ci_high, n=n)
    _two_or_more(n=size)
    df = size - 1 if use_t else None
    return np.sqrt(size) * se_from_interval(low, high, level=level, df=df)


def sd_from_t(mean_difference: ArrayLike, t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> FloatArray:
    """Pooled SD of two groups from their difference and its t: SE = MD/t, SD = SE / sqrt(1/n1 +
    1/n2).

    :cite:t:`higgins2019`, section 6.5.2.3: the average SD of the two groups, to be used for both. NaN where t is 0.
    """
    d, stat = columns(mean_difference=mean_difference, t=t)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.abs(d / np.where(stat == 0, np.nan, stat))
    return sd_from_difference_se(se, n1, n2)


def sd_from_p(mean_difference: ArrayLike, p: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> FloatArray:
    """Pooled SD of two groups from their difference and its two-sided P by t test.

    :cite:t:`higgins2019`, section 6.5.2.3.

    t is the quantile with n1 + n2 - 2 degrees of freedom. NaN where the difference is 0. A bound
    ("P < 0.05") entered as its value gives an SD that is too large rather than too small.

    >>> round(float(sd_from_p(3.2, 0.02, 30, 28)), 4)
    5.0852
    """
    d, prob, a, b = columns(mean_difference=mean_difference, p=p, n1=n1, n2=n2)
    require_sizes(n1=a, n2=b)
    require("n2", b, (a + b > 2) | np.isnan(a), "n1 + n2 above 2")
    t = statistic_from_p(prob, df=a + b - 2)
    return sd_from_t(np.where(d == 0, np.nan, d), t, a, b)


def sd_from_difference_se(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> FloatArray:
    """Pooled SD of two groups from the SE of their difference: SE / sqrt(1/n1 + 1/n2).

    :cite:t:`higgins2019`, section 6.5.2.3.
    """
    s, a, b = columns(se=se, n1=n1, n2=n2)
    require_sds(se=s)
    require_sizes(n1=a, n2=b)
    return s / np.sqrt(1 / a + 1 / b)


def sd_from_difference_ci(
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    *,
    level: float = 0.95,
    use_t: bool = True,
) -> FloatArray:
    """Pooled SD of two groups from the interval of their difference, t with n1 + n2 - 2.

    :cite:t:`higgins2019`, section 6.5.2.3.
    """
    low, high, a, b = columns(ci_low=ci_low, ci_high=ci_high, n1=n1, n2=n2)
    require_sizes(n1=a, n2=b)
    require("n2", b, (a + b > 2) | np.isnan(a), "n1 + n2 above 2")
    se = se_from_interval(low, high, level=level, df=a + b - 2 if use_t else None)
    return sd_from_difference_se(se, a, b)


def sd_change_from_t(mean_change: ArrayLike, t: ArrayLike, n: ArrayLike) -> FloatArray:
    """SD of a change in one group from its mean and paired t: sqrt(n) mean/t.

    :cite:t:`higgins2019`, section 6.5.2.2. NaN at t = 0.
    """
    d, stat, size = columns(mean_change=mean_change, t=t, n=n)
    require_sizes(n=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(size) * np.abs(d / np.where(stat == 0, np.nan, stat))


def sd_change_from_p(mean_change: ArrayLike, p: ArrayLike, n: ArrayLike) -> FloatArray:
    """SD of a change in one group from its mean and the paired t test's two-sided P, t with n - 1.

    :cite:t:`higgins2019`, section 6.5.2.3 applied to one group. NaN where the mean change is 0.
    """
    d, prob, size = columns(mean_change=mean_change, p=p, n=n)
    _two_or_more(n=size)
    t = statistic_from_p(prob, df=size - 1)
    return sd_change_from_t(np.where(d == 0, np.nan, d), t, size)


def correlation_from_sds(sd1: ArrayLike, sd2: ArrayLike, sd_change: ArrayLike) -> FloatArray:
    """Pre-post correlation from the SDs of both occasions and of the change. :cite:t:`higgins2019`, section 6.5.2.8.

    r = (s1^2 + s2^2 - s_change^2) / (2 s1 s2). Rounded SDs can push it past 1: that raises, since
    an SD of change below abs(s1 - s2) or above s1 + s2 is impossible.

    >>> float(correlation_from_sds(3.0, 4.0, 5.0))
    0.0
    """
    s1, s2, change = columns(sd1=sd1, sd2=sd2, sd_change=sd_change)
    require_sds(sd1=s1, sd2=s2, sd_change=change)
    slack = 1e-12 * (s1 + s2)
    possible = (change >= np.abs(s1 - s2) - slack) & (change <= s1 + s2 + slack)
    require(
        "sd_change",
        change,
        possible | np.isnan(s1 + s2),
        "between the difference and the sum of the two SDs",
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (s1**2 + s2**2 - change**2) / np.where(s1 * s2 == 0, np.nan, 2 * s1 * s2)
    return np.clip(r, -1, 1)


def merge_arms(n: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Group:
    """One group from several: the mean and SD that all patients together have. :cite:t:`higgins2019`, section 6.5.2.10.

    Parameters
    ----------
    n, mean, sd : one-dimensional, one entry per arm, none missing, each n at least 1.

    Any number of arms at once; the same as the Handbook's formula applied pairwise.

    >>> merged = merge_arms([20, 30], [5.0, 7.0], [2.0, 3.0])
    >>> merged.n, merged.mean, round(merged.sd, 6)
    (50.0, 6.2, 2.80306)
    """
    sizes, means, sds = (np.atleast_1d(a) for a in columns(n=n, mean=mean, sd=sd))
    for name, values in (("n", sizes), ("mean", means), ("sd", sds)):
        if values.size == 0 or np.isnan(values).any():
            raise InputError(
                f"{name} has a missing entry or none; an arm cannot be merged without it"
            )
    require("n", sizes, sizes >= 1, "at least 1 patient per arm")
    require_sds(sd=sds)
    total = float(sizes.sum())
    if total < 2:
        raise NotEstimable(f"the arms hold {total:g} patient together; an SD needs at least 2")
    grand = float(np.sum(sizes * means) / total)
    within = np.sum((sizes - 1) * sds**2)
    between = np.sum(sizes * (means - grand) ** 2)
    return Group(total, grand, float(np.sqrt((within + between) / (total - 1))))


def _two_or_more(**named: FloatArray) -> None:
    """Sizes of which an SD can be taken."""
    for name, values in named.items():
        require(name, values, values > 1, "at least 2 patients")
