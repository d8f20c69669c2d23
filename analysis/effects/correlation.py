"""Correlations as effects: raw (COR), Fisher's z (ZCOR), unbiased (UCOR), point-biserial from two
groups (RPB).

Array-likes that broadcast; ``Effect(yi, vi)`` of the broadcast shape.

Raises (all functions)
    ``ValueError`` for a correlation outside -1 to 1, a size of 0 or less, a negative SD, an
    infinite entry.
NaN in both ``yi`` and ``vi``
    where an input is missing, where the sample is too small for the measure (said in each
    docstring), and for Fisher's z of a perfect correlation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import hyp2f1

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require_correlations,
    require_sizes,
)
from analysis.effects.continuous import pooled_sd, two_groups


def cor(ri: ArrayLike, ni: ArrayLike) -> Effect:
    """Raw correlation: yi = r, vi = (1 - r^2)^2 / (n - 1).

    :cite:t:`hunter2004`, ch. 3. NaN for n <= 1.

    >>> float(cor(0.5, 10).vi)
    0.0625
    """
    r, n = _correlation(ri, ni)
    return effect(r, (1 - r**2) ** 2 / np.where(n > 1, n - 1, np.nan))


def ucor(ri: ArrayLike, ni: ArrayLike) -> Effect:
    """Unbiased correlation: yi = r 2F1(1/2, 1/2; (n-2)/2; 1 - r^2), vi = (1 - yi^2)^2 / (n - 1).

    :cite:t:`olkin1958` (exact, by the hypergeometric function). NaN for n <= 4.
    """
    r, n = _correlation(ri, ni)
    enough = np.where(n > 4, n, np.nan)
    yi = r * hyp2f1(0.5, 0.5, (enough - 2) / 2, 1 - r**2)
    return effect(yi, (1 - yi**2) ** 2 / (enough - 1))


def zcor(ri: ArrayLike, ni: ArrayLike) -> Effect:
    """Fisher's z: yi = atanh(r), vi = 1 / (n - 3).

    :cite:t:`fisher1921`. NaN for n <= 3 or abs(r) = 1.

    >>> round(float(zcor(0.5, 28).yi), 6), float(zcor(0.5, 28).vi)
    (0.549306, 0.04)
    """
    r, n = _correlation(ri, ni)
    with np.errstate(divide="ignore"):
        return effect(np.arctanh(r), 1 / np.where(n > 3, n - 3, np.nan))


def inverse_zcor(values: ArrayLike) -> FloatArray:
    """Correlation from Fisher's z: tanh(y)."""
    return np.tanh(np.asarray(values, dtype=float))


def rpb(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """Point-biserial correlation of group with outcome: yi = d / sqrt(d^2 + h), h = (N-2)/n1 +
    (N-2)/n2.

    d is uncorrected (Cohen). vi = h^2 (1/n1 + 1/n2 + d^2/(2N)) / (d^2 + h)^3, the delta method for
    group sizes fixed by design: :cite:t:`jacobs2017`. NaN where N <= 2 or the pooled SD is 0.
    """
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    total = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (m1 - m2) / pooled_sd(s1, n1, s2, n2)
        h = (total - 2) / n1 + (total - 2) / n2
        vi = h**2 * (1 / n1 + 1 / n2 + d**2 / (2 * total)) / (d**2 + h) ** 3
        return effect(d / np.sqrt(d**2 + h), vi)


def _correlation(ri: ArrayLike, ni: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Correlation and size, checked."""
    r, n = columns(ri=ri, ni=ni)
    require_correlations(ri=r)
    require_sizes(ni=n)
    return r, n
