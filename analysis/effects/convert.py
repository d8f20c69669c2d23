"""From one form of an effect to another: printed interval, P or statistic to ``yi`` and ``vi``; OR
to SMD and back.

Array-likes that broadcast; ``Effect(yi, vi)`` of the broadcast shape. A ratio (``scale="log"``) is
moved to the log scale, where its interval is symmetric; a difference (``scale="raw"``) stays.

Raises (all functions)
    ``ValueError`` for limits out of order, an estimate outside its interval, a ratio of 0 or less,
    P outside 0 to 1 (both ends excluded), a level outside 0 to 1, an infinite entry.
NaN in both ``yi`` and ``vi``
    where an input is missing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtri, stdtrit

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require,
    require_choice,
    require_level,
    require_positive,
    require_sds,
    require_sizes,
)
from analysis.effects.binary import AddTo, odds_ratio
from analysis.effects.change import standardised_change
from analysis.effects.continuous import SmdVariance, pooled_sd, standardised, two_groups

Scale = Literal["raw", "log"]
Distribution = Literal["logistic", "normal"]

# SD of the standard logistic distribution: log odds are differences of such a variable in units of
# its scale.
LOGISTIC_SD = np.pi / np.sqrt(3)
# The logistic's density in the middle matches a normal whose SD is 1.65 (see `or_to_smd`).
COX_FACTOR = 1.65


def quantile(level: float, df: ArrayLike | None = None) -> FloatArray:
    """Two-sided critical value: of the normal distribution, or of t where ``df`` is given.

    >>> round(float(quantile(0.95)), 4), round(float(quantile(0.95, 24)), 4)
    (1.96, 2.0639)
    """
    require_level(level)
    upper = (1 + level) / 2
    if df is None:
        return np.asarray(ndtri(upper))
    (d,) = columns(df=df)
    require_positive(df=d)
    return np.asarray(stdtrit(d, upper))


def se_from_interval(
    ci_low: ArrayLike, ci_high: ArrayLike, *, level: float = 0.95, df: ArrayLike | None = None
) -> FloatArray:
    """Standard error from a symmetric interval: (high - low) / (2 q).

    :cite:t:`higgins2019`, section 6.3.1, 6.5.2.3.

    ``df`` given: q from the t distribution, as for a mean of a small group; otherwise from the
    normal.

    >>> round(float(se_from_interval(30.1, 33.5, df=24)) * 5, 4)
    4.1184
    """
    low, high = columns(ci_low=ci_low, ci_high=ci_high)
    require("ci_high", high, (high >= low) | np.isnan(low), "at least ci_low")
    return (high - low) / (2 * quantile(level, df))


def from_interval(
    estimate: ArrayLike,
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    *,
    scale: Scale = "raw",
    level: float = 0.95,
    df: ArrayLike | None = None,
) -> Effect:
    """Effect from a printed estimate and its confidence interval; ``scale="log"`` for RR, OR, HR,
    IRR.

    yi = estimate or its logarithm, vi = ((high - low) / (2 q))^2 on that scale:
    :cite:t:`higgins2019`, sections 6.3.1 and 6.3.2; :cite:t:`tierney2007`, for hazard ratios. The
    estimate need not be the interval's middle (rounding, exact and bootstrap intervals);
    ``interval_asymmetry`` says how far it is off.

    >>> e = from_interval(1.25, 0.95, 1.64, scale="log")
    >>> round(float(e.yi), 6), round(float(e.vi), 6)
    (0.223144, 0.0194)
    """
    y, low, high = _interval(estimate, ci_low, ci_high, scale)
    se = se_from_interval(low, high, level=level, df=df)
    return effect(y, se**2)


def interval_asymmetry(
    estimate: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, *, scale: Scale = "raw"
) -> FloatArray:
    """How far the estimate lies from the middle of its interval, as a share of the half width: -1
    to 1.

    0 means symmetric; beyond about 0.1 either in size suspect a misprint or the wrong scale. NaN
    for an interval of no width.

    >>> round(float(interval_asymmetry(1.25, 0.95, 1.64, scale="log")), 3)
    0.005
    """
    y, low, high = _interval(estimate, ci_low, ci_high, scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (2 * y - high - low) / np.where(high > low, high - low, np.nan)


def from_se(estimate: ArrayLike, se: ArrayLike) -> Effect:
    """Effect from an estimate and its standard error, both on the scale of analysis: vi = se^2."""
    y, s = columns(estimate=estimate, se=se)
    require_sds(se=s)
    return effect(y, s**2)


def from_statistic(estimate: ArrayLike, statistic: ArrayLike, *, scale: Scale = "raw") -> Effect:
    """Effect from an estimate and its z or t statistic: vi = (yi / statistic)^2. :cite:t:`higgins2019`, section 6.3.1.

    NaN where the statistic is 0, since 0/0 holds no spread.
    """
    y, z = columns(estimate=_on_scale("estimate", estimate, scale), statistic=statistic)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(y, (y / np.where(z == 0, np.nan, z)) ** 2)


def from_p(
    estimate: ArrayLike, p: ArrayLike, *, scale: Scale = "raw", df: ArrayLike | None = None
) -> Effect:
    """Effect from an estimate and its two-sided P: the statistic is the quantile at P/2.

    :cite:t:`higgins2019`, section 6.3.2.

    ``df`` given: t, otherwise normal. "P < 0.001" is a bound: entering 0.001 overstates ``vi``, the
    safe side.

    >>> round(float(from_p(1.25, 0.11, scale="log").vi), 7)
    0.0194944
    """
    (prob,) = columns(p=p)
    return from_statistic(estimate, statistic_from_p(prob, df=df), scale=scale)


def statistic_from_p(p: ArrayLike, *, df: ArrayLike | None = None) -> FloatArray:
    """Size of the z (or, with ``df``, t) statistic behind a two-sided P. :cite:t:`higgins2019`, section 6.5.2.3.

    >>> round(float(statistic_from_p(0.02, df=56)), 4)
    2.3948
    """
    (prob,) = columns(p=p)
    require("p", prob, (prob > 0) & (prob < 1), "a P above 0 and below 1")
    if df is None:
        return np.asarray(-ndtri(prob / 2))
    (d,) = columns(df=df)
    require_positive(df=d)
    return np.asarray(-stdtrit(d, prob / 2))


def smd_from_t(
    ti: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: SmdVariance = "LS"
) -> Effect:
    """Hedges' g from an independent-samples t: d = t sqrt(1/n1 + 1/n2), then as ``smd``.

    :cite:t:`rosenthal1994`, p. 238.
    """
    t, n1, n2 = columns(ti=ti, n1i=n1i, n2i=n2i)
    require_sizes(n1i=n1, n2i=n2)
    return standardised(t * np.sqrt(1 / n1 + 1 / n2), n1, n2, vtype)


def smd_from_p(
    p: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: SmdVariance = "LS"
) -> Effect:
    """Hedges' g from the two-sided P of a t test; the sign of ``p`` carries the sign of the effect.

    A P of exactly 1 or -1 means no difference and gives 0. NaN where n1 + n2 <= 3.
    """
    prob, n1, n2 = columns(p=p, n1i=n1i, n2i=n2i)
    require_sizes(n1i=n1, n2i=n2)
    size = np.abs(prob)
    require("p", prob, (size > 0) & (size <= 1), "a signed P: above 0 and at most 1 in size")
    df = np.where(n1 + n2 > 2, n1 + n2 - 2, np.nan)
    return smd_from_t(-np.sign(prob) * stdtrit(df, size / 2), n1, n2, vtype=vtype)


def smcc_from_t(ti: ArrayLike, ni: ArrayLike) -> Effect:
    """Change standardised by its SD, from a paired t: d = t / sqrt(n), then as ``smcc``."""
    t, n = columns(ti=ti, ni=ni)
    require_sizes(ni=n)
    return standardised_change(t / np.sqrt(n), n)


def or_to_smd(yi: ArrayLike, vi: ArrayLike, *, distribution: Distribution = "logistic") -> Effect:
    """Log OR as a standardised mean difference of the trait behind the cut.

    ``logistic``: times sqrt(3)/pi, :cite:t:`hasselblad1995`, :cite:t:`chinn2000` (metafor's
    OR2DL). ``normal``: divided by 1.65, :cite:t:`cox1970` by way of :cite:t:`sanchez2003`
    (metafor's OR2DN).

    >>> import math
    >>> round(float(or_to_smd(math.log(2.5), 0.04).yi), 6)
    0.505178
    """
    factor = _or_factor(distribution)
    y, v = _yi_vi(yi, vi)
    return effect(y / factor, v / factor**2)


def smd_to_or(yi: ArrayLike, vi: ArrayLike, *, distribution: Distribution = "logistic") -> Effect:
    """Standardised mean difference as a log OR: the inverse of ``or_to_smd``."""
    factor = _or_factor(distribution)
    y, v = _yi_vi(yi, vi)
    return effect(y * factor, v * factor**2)


def d_to_or(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """Log OR from two groups' means (metafor's D2OR): uncorrected d times pi/sqrt(3), vi likewise.

    :cite:t:`hasselblad1995`. metafor takes Cohen's d here, not Hedges' g; so does this. NaN where
    n1 + n2 <= 2 or the pooled SD is 0.
    """
    m1, s1, n1, m2, s2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (m1 - m2) / pooled_sd(s1, n1, s2, n2)
    vi = 1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2))
    return effect(d * LOGISTIC_SD, vi * LOGISTIC_SD**2)


def or2dl(
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike,
    n2i: ArrayLike,
    *,
    add: float = 0.5,
    to: AddTo = "only0",
    drop00: bool = False,
) -> Effect:
    """SMD from counts by way of the log OR, logistic trait (metafor's OR2DL)."""
    log_or = odds_ratio(ai, n1i, ci, n2i, add=add, to=to, drop00=drop00)
    return or_to_smd(log_or.yi, log_or.vi)


def or2dn(
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike,
    n2i: ArrayLike,
    *,
    add: float = 0.5,
    to: AddTo = "only0",
    drop00: bool = False,
) -> Effect:
    """SMD from counts by way of the log OR, normal trait (metafor's OR2DN)."""
    log_or = odds_ratio(ai, n1i, ci, n2i, add=add, to=to, drop00=drop00)
    return or_to_smd(log_or.yi, log_or.vi, distribution="normal")


def delta_inverse_logit(yi: ArrayLike, vi: ArrayLike) -> Effect:
    """Proportion and its variance from a logit by the delta method: p = expit(y), v p^2 (1-p)^2.

    For a table that needs an SE beside a back-transformed proportion; intervals are better
    transformed themselves.

    >>> round(float(delta_inverse_logit(0.8, 0.04).vi), 8)
    0.00183029
    """
    y, v = _yi_vi(yi, vi)
    p = expit(y)
    return effect(p, v * (p * expit(-y)) ** 2)


def _or_factor(distribution: Distribution) -> float:
    """What one SD of the trait is on the log-odds scale."""
    require_choice("distribution", distribution, ("logistic", "normal"))
    return float(LOGISTIC_SD) if distribution == "logistic" else COX_FACTOR


def _yi_vi(yi: ArrayLike, vi: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """An effect and its sampling variance, checked."""
    y, v = columns(yi=yi, vi=vi)
    require("vi", v, v >= 0, "a sampling variance of 0 or more")
    return y, v


def _on_scale(name: str, values: ArrayLike, scale: Scale) -> FloatArray:
    """Values moved to the scale of analysis; a ratio must be above 0."""
    require_choice("scale", scale, ("raw", "log"))
    (array,) = columns(**{name: values})
    if scale == "raw":
        return array
    require(name, array, array > 0, "a ratio above 0")
    return np.log(array)


def _interval(
    estimate: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, scale: Scale
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimate and limits on the scale of analysis, in order."""
    y, low, high = columns(estimate=estimate, ci_low=ci_low, ci_high=ci_high)
    require("ci_high", high, (high >= low) | np.isnan(low), "at least ci_low")
    inside = (y >= low) | np.isnan(low)
    require("estimate", y, inside & ((y <= high) | np.isnan(high)), "within its interval")
    return (
        _on_scale("estimate", y, scale),
        _on_scale("ci_low", low, scale),
        _on_scale("ci_high", high, scale),
    )
