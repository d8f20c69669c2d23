"""Events over person-time: one rate (IR, IRLN, IRS, IRFT) and two compared (IRR, IRD, IRSD).

Arguments are metafor's: events ``xi`` in person-time ``ti``; for two groups ``x1i, t1i, x2i, t2i``.
The unit of time is the caller's (years, weeks); rates are per that unit. Zero counts follow the
``add`` / ``to`` rules of ``analysis.effects.binary``, applied to the events of both groups.

Raises (all functions)
    ``ValueError`` for person-time of 0 or less, a negative count, an infinite entry, an unknown
    ``to``.
NaN in both ``yi`` and ``vi``
    where an input is missing, where ``drop00`` drops the study, or for a logarithm of no events
    with ``to="none"``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require_counts,
    require_positive,
)
from analysis.effects.binary import AddTo, continuity


def ir(xi: ArrayLike, ti: ArrayLike, *, add: float = 0.5, to: AddTo = "only0") -> Effect:
    """Incidence rate: yi = x/t, vi = x/t^2 (Poisson).

    >>> e = ir(8, 16.0)
    >>> float(e.yi), float(e.vi)
    (0.5, 0.03125)
    """
    x, t = _one(xi, ti, add, to)
    return effect(x / t, x / t / t)


def irln(xi: ArrayLike, ti: ArrayLike, *, add: float = 0.5, to: AddTo = "only0") -> Effect:
    """Log incidence rate: yi = log(x/t), vi = 1/x.

    :cite:t:`rothman2008`, chapter 14.
    """
    x, t = _one(xi, ti, add, to)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(np.log(x) - np.log(t), 1 / x)


def irs(xi: ArrayLike, ti: ArrayLike, *, add: float = 0.0, to: AddTo = "only0") -> Effect:
    """Square root of the rate: yi = sqrt(x/t), vi = 1/(4t), which no longer depends on the rate.

    :cite:t:`bartlett1936`. Needs no correction of zeros, hence ``add = 0``.
    """
    x, t = _one(xi, ti, add, to)
    return effect(np.sqrt(x / t), 1 / (4 * t))


def irft(xi: ArrayLike, ti: ArrayLike, *, add: float = 0.0, to: AddTo = "only0") -> Effect:
    """Freeman-Tukey rate: yi = (sqrt(x/t) + sqrt((x+1)/t)) / 2, vi = 1/(4t).

    :cite:t:`freeman1950`, for Poisson counts. Needs no correction of zeros.
    """
    x, t = _one(xi, ti, add, to)
    return effect((np.sqrt(x / t) + np.sqrt((x + 1) / t)) / 2, 1 / (4 * t))


def inverse_irft(values: ArrayLike, ti: ArrayLike) -> FloatArray:
    """Rate from a Freeman-Tukey rate and person-time: the x/t whose ``irft`` is the value; 0 below
    its range.

    Solved from sqrt(p) + sqrt(p + 1/t) = 2y: p = (2y - 1/(2y t))^2 / 4. As with ``inverse_pft``, a
    pooled value has no person-time of its own; the harmonic mean of the studies' stands in.
    """
    y, t = columns(values=values, ti=ti)
    require_positive(ti=t)
    lowest = 1 / (2 * np.sqrt(t))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (2 * y - 1 / (2 * y * t)) ** 2 / 4
    return np.where(y <= lowest, 0.0, rate)


def incidence_rate_ratio(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    *,
    add: float = 0.5,
    to: AddTo = "only0",
    drop00: bool = False,
) -> Effect:
    """Log incidence rate ratio: yi = log((x1/t1) / (x2/t2)), vi = 1/x1 + 1/x2.

    :cite:t:`rothman2008`.

    >>> round(float(incidence_rate_ratio(7, 1344, 11, 1988).yi), 6)
    -0.060506
    """
    x1, t1, x2, t2 = _two(x1i, t1i, x2i, t2i, add, to, drop00)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(x1) - np.log(t1) - np.log(x2) + np.log(t2)
        return effect(yi, 1 / x1 + 1 / x2)


def incidence_rate_difference(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    *,
    add: float = 0.5,
    to: AddTo = "only0",
    drop00: bool = False,
) -> Effect:
    """Incidence rate difference: yi = x1/t1 - x2/t2, vi = x1/t1^2 + x2/t2^2.

    :cite:t:`rothman2008`.
    """
    x1, t1, x2, t2 = _two(x1i, t1i, x2i, t2i, add, to, drop00)
    return effect(x1 / t1 - x2 / t2, x1 / t1 / t1 + x2 / t2 / t2)


def incidence_root_difference(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    *,
    add: float = 0.0,
    to: AddTo = "only0",
    drop00: bool = False,
) -> Effect:
    """Difference of square-root rates: yi = sqrt(x1/t1) - sqrt(x2/t2), vi = 1/(4 t1) + 1/(4 t2).

    :cite:t:`bartlett1936`. Needs no correction of zeros, hence ``add = 0``, as in metafor.
    """
    x1, t1, x2, t2 = _two(x1i, t1i, x2i, t2i, add, to, drop00)
    return effect(np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 1 / (4 * t1) + 1 / (4 * t2))


def _one(xi: ArrayLike, ti: ArrayLike, add: float, to: AddTo) -> tuple[FloatArray, FloatArray]:
    """Events after the continuity rule, and person-time, checked."""
    x, t = columns(xi=xi, ti=ti)
    require_counts(xi=x)
    require_positive(ti=t)
    complete = ~np.isnan(x + t)
    return np.where(complete, x, np.nan) + continuity((x == 0) & complete, add, to), t


def _two(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    add: float,
    to: AddTo,
    drop00: bool,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Events of both groups after the continuity rule, and their person-times, checked."""
    x1, t1, x2, t2 = columns(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
    require_counts(x1i=x1, x2i=x2)
    require_positive(t1i=t1, t2i=t2)
    kept = ~np.isnan(x1 + t1 + x2 + t2)
    if drop00:
        kept &= (x1 > 0) | (x2 > 0)
    added = continuity(((x1 == 0) | (x2 == 0)) & kept, add, to)
    return np.where(kept, x1, np.nan) + added, t1, np.where(kept, x2, np.nan) + added, t2
