"""Spread itself as the effect: log SD and log coefficient of variation, of one group, two groups or
a change.

:cite:t:`nakagawa2015` (lnSD, lnCV, lnVR, lnCVR); :cite:t:`senior2020` (bias corrections, paired
versions). Useful here to ask whether a treatment that helps some patients and not others widens the
spread of an outcome.

Inputs, errors and NaN are as in ``analysis.effects.continuous``. NaN where a group has 1 patient or
fewer, an SD is 0, or (CV measures) a mean is not above 0. CVR and CVRC carry the bias correction
that metafor 5.1 applies and 3.8 did not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require_correlations,
    require_sds,
    require_sizes,
)
from analysis.effects.continuous import two_groups


def sdln(sdi: ArrayLike, ni: ArrayLike) -> Effect:
    """Log SD of one group: yi = log(s) + 1/(2(n-1)), vi = 1/(2(n-1)). :cite:t:`nakagawa2015`.

    >>> e = sdln(2.0, 51)
    >>> round(float(e.yi), 6), float(e.vi)
    (0.703147, 0.01)
    """
    s, n = columns(sdi=sdi, ni=ni)
    require_sds(sdi=s)
    require_sizes(ni=n)
    half = _half_df(n)
    return effect(_log(s) + half, half)


def cvln(mi: ArrayLike, sdi: ArrayLike, ni: ArrayLike) -> Effect:
    """Log coefficient of variation: yi = log(s/m) + 1/(2(n-1)), vi = 1/(2(n-1)) + s^2/(n m^2).

    :cite:t:`nakagawa2015`, for normal data, where mean and SD are independent.
    """
    m, s, n = columns(mi=mi, sdi=sdi, ni=ni)
    require_sds(sdi=s)
    require_sizes(ni=n)
    half = _half_df(n)
    return effect(_log(s) - _log(m) + half, half + _relative(m, s, n))


def vr(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> Effect:
    """Log variability ratio: the difference of two ``sdln``. :cite:t:`nakagawa2015`."""
    s1, n1, s2, n2 = columns(sd1i=sd1i, n1i=n1i, sd2i=sd2i, n2i=n2i)
    require_sds(sd1i=s1, sd2i=s2)
    require_sizes(n1i=n1, n2i=n2)
    h1, h2 = _half_df(n1), _half_df(n2)
    return effect(_log(s1) - _log(s2) + h1 - h2, h1 + h2)


def cvr(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """Log coefficient-of-variation ratio, with c = s^2/(n m^2) and h = 1/(2(n-1)) per group.

    yi = log(s1/m1) - log(s2/m2) + (h1 - h2) - (c1 - c2)/2 and vi = h1 + h2 + c1 + c2:
    :cite:t:`nakagawa2015`, with the correction of the mean's logarithm of :cite:t:`senior2020`
    (metafor 5.1; metafor 3.8 left the last term of yi out).
    """
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    h1, h2 = _half_df(n1), _half_df(n2)
    c1, c2 = _relative(m1, s1, n1), _relative(m2, s2, n2)
    yi = _log(s1) - _log(m1) - _log(s2) + _log(m2) + h1 - h2 - (c1 - c2) / 2
    return effect(yi, h1 + h2 + c1 + c2)


def vrc(sd1i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike) -> Effect:
    """Log variability ratio of one group measured twice: yi = log(s1/s2), vi = (1 - r^2)/(n - 1).

    :cite:t:`senior2020`; the corrections 1/(2(n-1)) of the two occasions cancel.
    """
    s1, s2, n, r = columns(sd1i=sd1i, sd2i=sd2i, ni=ni, ri=ri)
    require_sds(sd1i=s1, sd2i=s2)
    require_sizes(ni=n)
    require_correlations(ri=r)
    return effect(_log(s1) - _log(s2), (1 - r**2) * 2 * _half_df(n))


def cvrc(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> Effect:
    """Log coefficient-of-variation ratio of one group measured twice, with c = s^2/(n m^2) per
    occasion.

    yi = log(s1/m1) - log(s2/m2) - (c1 - c2)/2 and vi = (1 - r^2)/(n-1) + c1 + c2 - 2 r sqrt(c1 c2):
    :cite:t:`senior2020` (metafor 5.1; metafor 3.8 left the last term of yi out).
    """
    m1, s1, m2, s2, n, r = columns(m1i=m1i, sd1i=sd1i, m2i=m2i, sd2i=sd2i, ni=ni, ri=ri)
    require_sds(sd1i=s1, sd2i=s2)
    require_sizes(ni=n)
    require_correlations(ri=r)
    c1, c2 = _relative(m1, s1, n), _relative(m2, s2, n)
    yi = _log(s1) - _log(m1) - _log(s2) + _log(m2) - (c1 - c2) / 2
    vi = (1 - r**2) * 2 * _half_df(n) + c1 + c2 - 2 * r * np.sqrt(c1 * c2)
    return effect(yi, vi)


def _log(values: FloatArray) -> FloatArray:
    """Logarithm where it exists, NaN elsewhere."""
    return np.log(np.where(values > 0, values, np.nan))


def _half_df(n: FloatArray) -> FloatArray:
    """1 / (2(n-1)), NaN where n <= 1."""
    return 1 / (2 * np.where(n > 1, n - 1, np.nan))


def _relative(m: FloatArray, s: FloatArray, n: FloatArray) -> FloatArray:
    """Squared coefficient of variation over n, NaN where the mean is not above 0."""
    return (s / np.where(m > 0, m, np.nan)) ** 2 / n
