"""Two groups compared on a mean: difference, standardised difference, ratio of means.

Every function takes metafor's column names (group 1 is the intervention, group 2 the comparator),
any array-likes that broadcast, and returns ``Effect(yi, vi)`` of the broadcast shape; the sign is
group 1 minus group 2. Group sizes need not be whole, since a shared control arm may have been
divided.

Raises (all functions)
    ``ValueError`` for a size of 0 or less, a negative SD, an infinite or non-numeric entry.
NaN in both ``yi`` and ``vi``
    where an input is missing (NaN), or where the measure does not exist (said in each docstring).

Where metafor 3.8 and 5.1 differ (SMDH's variance, the ratio of means' bias correction) these
functions follow 5.1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require_choice,
    require_sds,
    require_sizes,
    small_sample_correction,
)

SmdVariance = Literal["LS", "LS2", "UB", "AV"]


def two_groups(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> tuple[FloatArray, ...]:
    """Two groups' means, SDs and sizes as checked float arrays of one shape."""
    m1, s1, n1, m2, s2, n2 = columns(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    require_sds(sd1i=s1, sd2i=s2)
    require_sizes(n1i=n1, n2i=n2)
    return m1, s1, n1, m2, s2, n2


def pooled_sd(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> FloatArray:
    """SD pooled over two groups: sqrt(((n1-1) s1^2 + (n2-1) s2^2) / (n1+n2-2)).

    :cite:t:`cohen1988`, chapter 2. NaN where n1 + n2 <= 2.

    >>> float(pooled_sd(3.0, 10, 3.0, 12))
    3.0
    """
    s1, n1, s2, n2 = columns(sd1i=sd1i, n1i=n1i, sd2i=sd2i, n2i=n2i)
    require_sds(sd1i=s1, sd2i=s2)
    require_sizes(n1i=n1, n2i=n2)
    df = np.where(n1 + n2 > 2, n1 + n2 - 2, np.nan)
    # Divided arms can have fewer than one patient: then a negative degree of freedom must not
    # subtract.
    return np.sqrt((np.maximum(n1 - 1, 0) * s1**2 + np.maximum(n2 - 1, 0) * s2**2) / df)


def md(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """Mean difference: yi = m1 - m2, vi = s1^2/n1 + s2^2/n2 (variances not assumed equal).

    :cite:t:`higgins2019`, section 6.5.1.1; :cite:t:`borenstein2009`, chapter 4.
    Where both SDs are 0, ``vi`` is 0 and ``Effect.defined`` is False.

    >>> e = md(5.0, 2.0, 16, 7.0, 3.0, 36)
    >>> float(e.yi), float(e.vi)
    (-2.0, 0.5)
    """
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    return effect(m1 - m2, s1**2 / n1 + s2**2 / n2)


def smd(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    *,
    vtype: SmdVariance = "LS",
) -> Effect:
    """Standardised mean difference, Hedges' g: d = (m1 - m2) / s_pooled, yi = J(N-2) d.

    J is the exact correction of :cite:t:`hedges1981`. Variance, with N = n1 + n2:

    * ``LS``  1/n1 + 1/n2 + yi^2 / (2N)                      :cite:t:`hedges1982`, eq. 8
    * ``LS2`` J^2 (1/n1 + 1/n2 + d^2 / (2N))                 :cite:t:`borenstein2009`, eq. 4.24
    * ``UB``  1/n1 + 1/n2 + (1 - (N-4) / ((N-2) J^2)) yi^2   unbiased; :cite:t:`hedges1983`, eq. 9
    * ``AV``  LS with every yi replaced by the N-weighted mean of all yi given (needs the studies
      together, so its value depends on the set); :cite:t:`hedges1982`, :cite:t:`hunter2004`

    NaN where N <= 3 (J does not exist) or the pooled SD is 0.

    >>> e = smd(103.0, 5.5, 50, 100.0, 4.5, 50)
    >>> round(float(e.yi), 4), round(float(e.vi), 4)
    (0.5924, 0.0418)
    """
    require_choice("vtype", vtype, ("LS", "LS2", "UB", "AV"))
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (m1 - m2) / pooled_sd(s1, n1, s2, n2)
    return standardised(d, n1, n2, vtype)


def standardised(d: FloatArray, n1: FloatArray, n2: FloatArray, vtype: SmdVariance) -> Effect:
    """Hedges' g and its variance from an uncorrected d (Cohen) and the two sizes; see ``smd``."""
    total = n1 + n2
    df = total - 2
    j = small_sample_correction(df)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = j * d
        sizes = 1 / n1 + 1 / n2
        if vtype == "LS":
            vi = sizes + g**2 / (2 * total)
        elif vtype == "LS2":
            vi = j**2 * (sizes + d**2 / (2 * total))
        elif vtype == "UB":
            vi = sizes + (1 - (df - 2) / (df * j**2)) * g**2
        else:
            known = np.isfinite(g)
            mean = np.sum(np.where(known, total * g, 0)) / np.sum(np.where(known, total, 0))
            vi = np.where(known, sizes + mean**2 / (2 * total), np.nan)
    return effect(g, vi)


def smdh(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """Standardised mean difference with unequal variances: d = (m1 - m2) / s, s^2 = (s1^2 + s2^2) /
    2.

    yi = J(N-2) d and vi = yi^2 (s1^4/(n1-1) + s2^4/(n2-1)) / (8 s^4) + (s1^2/(n1-1) + s2^2/(n2-1))
    / s^2: :cite:t:`bonett2008`; :cite:t:`bonett2009`. As in metafor 5.1; metafor 3.8 put n instead of
    n - 1 in the second term, which gives a smaller variance.

    NaN where a group has 1 patient or fewer, N <= 3, or both SDs are 0.
    """
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    df1, df2 = np.where(n1 > 1, n1 - 1, np.nan), np.where(n2 > 1, n2 - 1, np.nan)
    s = np.sqrt((s1**2 + s2**2) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Ratios to s first: s^4 would overflow or vanish on extreme scales.
        q1, q2 = (s1 / s) ** 2, (s2 / s) ** 2
        yi = small_sample_correction(n1 + n2 - 2) * (m1 - m2) / s
        vi = yi**2 * (q1**2 / df1 + q2**2 / df2) / 8 + q1 / df1 + q2 / df2
    return effect(yi, vi)


def rom(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    *,
    correct: bool = True,
) -> Effect:
    """Log ratio of means: yi = log(m1/m2) + (c1 - c2)/2, vi = c1 + c2, with c = s^2 / (n m^2).

    :cite:t:`hedges1999`; the bias correction (c1 - c2)/2 is :cite:t:`lajeunesse2015`, and metafor
    5.1's default. ``correct=False`` leaves it out, as metafor 3.8 did.

    NaN where the means have opposite signs or one is 0: their ratio has no logarithm.

    >>> e = rom(10.0, 2.0, 20, 5.0, 1.0, 20)
    >>> round(float(e.yi), 6), round(float(e.vi), 6)
    (0.693147, 0.004)
    """
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        c1, c2 = (s1 / m1) ** 2 / n1, (s2 / m2) ** 2 / n2
        yi = log_ratio(m1, m2) + (c1 - c2) / 2 * correct
    return effect(yi, c1 + c2)


def log_ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """log(a/b) where a and b have the same sign and neither is 0; NaN elsewhere."""
    usable = np.sign(a) * np.sign(b) > 0
    return np.log(np.abs(np.where(usable, a, np.nan))) - np.log(np.abs(np.where(usable, b, np.nan)))
