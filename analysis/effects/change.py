"""One group measured twice: raw change (MC), standardised change (SMCC, SMCR, SMCRH), log ratio
(ROMC).

metafor's arguments: ``m1i, sd1i`` at the later occasion, ``m2i, sd2i`` at the earlier one (yi is 1
minus 2), ``ni`` patients measured at both, ``ri`` the correlation between the two measurements.
Trials rarely print ``ri``: whatever value stands in must be stated and varied.

A change within one group is no effect of treatment: it holds natural history, regression to the
mean and expectation as well. It is never pooled with a comparison between groups.

Raises (all functions)
    ``ValueError`` for a size of 0 or less, a negative SD, a correlation outside -1 to 1, an
    infinite entry.
NaN in both ``yi`` and ``vi``
    where an input is missing or the measure does not exist (said in each docstring).

ROMC carries the bias correction, and SMCRH the variance, of metafor 5.1; metafor 3.8 differs in
both.
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
    small_sample_correction,
)
from analysis.effects.continuous import log_ratio


def sd_of_change(sd1i: ArrayLike, sd2i: ArrayLike, ri: ArrayLike) -> FloatArray:
    """SD of the change from the two occasions' SDs: sqrt(s1^2 + s2^2 - 2 r s1 s2).

    :cite:t:`higgins2019`, section 6.5.2.8. Written as (s1 - s2)^2 + 2 (1 - r) s1 s2, which cannot fall below 0.

    >>> float(sd_of_change(3.0, 4.0, 0.0))
    5.0
    """
    s1, s2, r = columns(sd1i=sd1i, sd2i=sd2i, ri=ri)
    require_sds(sd1i=s1, sd2i=s2)
    require_correlations(ri=r)
    return np.sqrt((s1 - s2) ** 2 + 2 * (1 - r) * s1 * s2)


def mc(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> Effect:
    """Mean change: yi = m1 - m2, vi = (s1^2 + s2^2 - 2 r s1 s2) / n.

    :cite:t:`becker1988`. ``vi`` is 0 (``Effect.defined`` False) where the change has no spread.

    >>> e = mc(4.0, 3.0, 8.0, 4.0, 25, 0.0)
    >>> float(e.yi), float(e.vi)
    (-4.0, 1.0)
    """
    m1, s1, m2, s2, n, r = _occasions(m1i, sd1i, m2i, sd2i, ni, ri)
    return effect(m1 - m2, sd_of_change(s1, s2, r) ** 2 / n)


def smcc(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> Effect:
    """Change standardised by the SD of the change: yi = J(n-1) (m1 - m2)/s_change, vi = 1/n +
    yi^2/(2n).

    :cite:t:`gibbons1993`. NaN where n <= 2 or the change has no spread.
    """
    m1, s1, m2, s2, n, r = _occasions(m1i, sd1i, m2i, sd2i, ni, ri)
    with np.errstate(divide="ignore", invalid="ignore"):
        return standardised_change((m1 - m2) / sd_of_change(s1, s2, r), n)


def standardised_change(d: FloatArray, n: FloatArray) -> Effect:
    """``smcc`` from the uncorrected d = mean change / SD of the change, and n."""
    yi = small_sample_correction(n - 1) * d
    return effect(yi, 1 / n + yi**2 / (2 * n))


def smcr(m1i: ArrayLike, m2i: ArrayLike, sd1i: ArrayLike, ni: ArrayLike, ri: ArrayLike) -> Effect:
    """Change standardised by one occasion's SD ``sd1i`` (give the baseline SD), equal variances
    assumed.

    yi = J(n-1) (m1 - m2)/sd1, vi = 2(1-r)/n + yi^2/(2n): :cite:t:`becker1988`. As in metafor,
    ``sd1i`` is the standardiser whichever occasion it belongs to. NaN where n <= 2 or ``sd1i`` is
    0.
    """
    m1, m2, s, n, r = columns(m1i=m1i, m2i=m2i, sd1i=sd1i, ni=ni, ri=ri)
    require_sds(sd1i=s)
    require_sizes(ni=n)
    require_correlations(ri=r)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = small_sample_correction(n - 1) * (m1 - m2) / s
    return effect(yi, 2 * (1 - r) / n + yi**2 / (2 * n))


def smcrh(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> Effect:
    """Change standardised by ``sd1i`` (give the baseline SD) when the occasions' variances differ.

    yi = J(n-1) (m1 - m2)/sd1, vi = s_change^2 / (sd1^2 (n-1)) + yi^2 / (2(n-1)):
    :cite:t:`bonett2008` (metafor 5.1; 3.8 divided the first term by n). NaN where n <= 2 or
    ``sd1i`` is 0.
    """
    m1, s1, m2, s2, n, r = _occasions(m1i, sd1i, m2i, sd2i, ni, ri)
    df = np.where(n > 1, n - 1, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = small_sample_correction(df) * (m1 - m2) / s1
        vi = (sd_of_change(s1, s2, r) / s1) ** 2 / df + yi**2 / (2 * df)
    return effect(yi, vi)


def romc(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    ni: ArrayLike,
    ri: ArrayLike,
    *,
    correct: bool = True,
) -> Effect:
    """Log ratio of one group's two means, with c = s^2/(n m^2) per occasion.

    yi = log(m1/m2) + (c1 - c2)/2, vi = c1 + c2 - 2 r s1 s2 / (n m1 m2): :cite:t:`lajeunesse2011`;
    correction: :cite:t:`lajeunesse2015` (metafor 5.1's default; ``correct=False`` gives metafor
    3.8's). NaN where the means have opposite signs or one is 0.
    """
    m1, s1, m2, s2, n, r = _occasions(m1i, sd1i, m2i, sd2i, ni, ri)
    with np.errstate(divide="ignore", invalid="ignore"):
        q1, q2 = s1 / np.abs(m1), s2 / np.abs(m2)
        yi = log_ratio(m1, m2) + (q1**2 - q2**2) / (2 * n) * correct
        vi = ((q1 - q2) ** 2 + 2 * (1 - r) * q1 * q2) / n
    return effect(yi, vi)


def _occasions(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> tuple[FloatArray, ...]:
    """Two occasions' means and SDs, the size and the correlation, checked."""
    m1, s1, m2, s2, n, r = columns(m1i=m1i, sd1i=sd1i, m2i=m2i, sd2i=sd2i, ni=ni, ri=ri)
    require_sds(sd1i=s1, sd2i=s2)
    require_sizes(ni=n)
    require_correlations(ri=r)
    return m1, s1, m2, s2, n, r
