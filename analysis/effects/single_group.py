"""One group: a proportion (PR, PLN, PLO, PAS, PFT) or a mean (MN, MNLN), with back-transformations.

A proportion of ``xi`` events among ``ni`` patients; a mean ``mi`` with SD ``sdi`` of ``ni``
patients. Rates are in ``analysis.effects.rates``, changes within one group in
``analysis.effects.change``. None of these is an effect of treatment: there is no comparator.

Zeros follow the ``add`` / ``to`` rules of ``analysis.effects.binary``: ``add`` goes to the events
and to the non-events where either is 0. The arcsine measures need none, so their ``add`` is 0, as
in metafor.

Raises (all functions)
    ``ValueError`` for a size of 0 or less, a negative count, events above the size, a negative SD,
    an infinite entry, an unknown ``to``.
NaN in both ``yi`` and ``vi``
    where an input is missing, or for a logarithm that does not exist (``to="none"`` with 0 or all
    events; a mean of 0 or less for MNLN).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require_counts,
    require_sds,
    require_sizes,
    require_within,
)
from analysis.effects.binary import AddTo, continuity
from analysis.errors import InputError


def pr(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.5, to: AddTo = "only0") -> Effect:
    """Raw proportion: yi = x/n, vi = p(1-p)/n.

    >>> e = pr(16, 64)
    >>> float(e.yi), float(e.vi)
    (0.25, 0.0029296875)
    """
    x, n = _proportion(xi, ni, add, to)
    return effect(x / n, x * (n - x) / n**3)


def pln(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.5, to: AddTo = "only0") -> Effect:
    """Log proportion: yi = log(x/n), vi = 1/x - 1/n. Its back-transformed limits can exceed 1."""
    x, n = _proportion(xi, ni, add, to)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(np.log(x) - np.log(n), (n - x) / (x * n))


def plo(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.5, to: AddTo = "only0") -> Effect:
    """Logit proportion (log odds): yi = log(x/(n-x)), vi = 1/x + 1/(n-x).

    >>> round(float(plo(16, 17).yi), 6)
    2.772589
    """
    x, n = _proportion(xi, ni, add, to)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(np.log(x) - np.log(n - x), 1 / x + 1 / (n - x))


def pas(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.0, to: AddTo = "only0") -> Effect:
    """Arcsine proportion: yi = asin(sqrt(x/n)), vi = 1/(4n).

    :cite:t:`bartlett1936`; :cite:t:`ruecker2009`.
    """
    x, n = _proportion(xi, ni, add, to)
    return effect(np.arcsin(np.sqrt(x / n)), 1 / (4 * n))


def pft(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.0, to: AddTo = "only0") -> Effect:
    """Freeman-Tukey double arcsine: yi = (asin(sqrt(x/(n+1))) + asin(sqrt((x+1)/(n+1)))) / 2.

    vi = 1/(4n + 2). :cite:t:`freeman1950`. Half the t of :cite:t:`miller1978`. Mind the limits of the
    way back (``inverse_pft``): :cite:t:`schwarzer2019` advise against it.
    """
    x, n = _proportion(xi, ni, add, to)
    return effect(freeman_tukey(x, n), 1 / (4 * n + 2))


def freeman_tukey(x: FloatArray, n: FloatArray) -> FloatArray:
    """The double arcsine of x events among n, without any check."""
    return (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2


def inverse_logit(values: ArrayLike) -> FloatArray:
    """Proportion from a logit: 1 / (1 + exp(-y)), without overflow.

    >>> float(inverse_logit(0.0))
    0.5
    """
    return np.asarray(expit(np.asarray(values, dtype=float)))


def inverse_pas(values: ArrayLike) -> FloatArray:
    """Proportion from an arcsine proportion: sin(y)^2; a value below 0 gives 0, above pi/2 gives 1.

    Without the clamp sin^2 would turn round at the ends of the range and a wider interval would
    come back narrower.

    >>> inverse_pas([-0.1, 0.0, 2.0]).tolist()
    [0.0, 0.0, 1.0]
    """
    y = np.asarray(values, dtype=float)
    return np.sin(np.clip(y, 0, np.pi / 2)) ** 2


def inverse_pft(values: ArrayLike, ni: ArrayLike) -> FloatArray:
    """Proportion from a double arcsine ``values`` and a group size: :cite:t:`miller1978`.

    With t = 2y: p = (1 - sgn(cos t) sqrt(1 - (sin t + (sin t - 1/sin t)/n)^2)) / 2. Exact for a
    study's own size. Values at or below the transform of 0 events give 0; at or above that of n
    events, 1.

    A pooled value has no size of its own. ``harmonic_mean`` of the studies' sizes is Miller's
    proposal, but the answer depends on it: the same pooled 1.2 is 90% for n = 10 and 87% for n =
    1,000, and with sizes that differ by orders of magnitude it can leave the range of the studies
    :cite:p:`schwarzer2019`. Prefer the logit (PLO) or a binomial-normal model; show this for
    comparison only.

    >>> e = pft(7, 12)
    >>> round(float(inverse_pft(e.yi, 12)), 12) == round(7 / 12, 12)
    True
    """
    y, n = columns(values=values, ni=ni)
    require_sizes(ni=n)
    low, high = freeman_tukey(np.zeros_like(n), n), freeman_tukey(n, n)
    t = 2 * np.clip(y, low, high)
    sine = np.sin(t)
    inside = 1 - (sine + (sine - 1 / sine) / n) ** 2
    p = (1 - np.sign(np.cos(t)) * np.sqrt(np.maximum(inside, 0))) / 2
    return np.where(y <= low, 0.0, np.where(y >= high, 1.0, p))


def harmonic_mean(ni: ArrayLike) -> float:
    """Harmonic mean of group sizes (or person-times): k / sum(1/n), missing ones left out.

    Raises ``ValueError`` for a size of 0 or less, or when none is given.

    >>> round(harmonic_mean([10, 20, 50, 1000]), 4)
    23.3918
    """
    (n,) = columns(ni=ni)
    require_sizes(ni=n)
    known = n[~np.isnan(n)]
    if known.size == 0:
        raise InputError("ni holds no size; allowed: at least one number above 0")
    return float(known.size / np.sum(1 / known))


def mn(mi: ArrayLike, sdi: ArrayLike, ni: ArrayLike) -> Effect:
    """Mean of one group: yi = m, vi = s^2/n.

    >>> float(mn(7.0, 2.0, 16).vi)
    0.25
    """
    m, s, n = _mean(mi, sdi, ni)
    return effect(m, s**2 / n)


def mnln(mi: ArrayLike, sdi: ArrayLike, ni: ArrayLike) -> Effect:
    """Log mean: yi = log(m), vi = s^2/(n m^2), by the delta method.

    NaN where the mean is 0 or less.
    """
    m, s, n = _mean(mi, sdi, ni)
    above = np.where(m > 0, m, np.nan)
    return effect(np.log(above), (s / above) ** 2 / n)


def _proportion(
    xi: ArrayLike, ni: ArrayLike, add: float, to: AddTo
) -> tuple[FloatArray, FloatArray]:
    """Events and size after the continuity rule, checked; NaN in both where either is missing."""
    x, n = columns(xi=xi, ni=ni)
    require_counts(xi=x)
    require_sizes(ni=n)
    require_within("xi", x, "ni", n)
    missing = np.isnan(x + n)
    added = continuity(((x == 0) | (x == n)) & ~missing, add, to)
    return np.where(missing, np.nan, x + added), np.where(missing, np.nan, n + 2 * added)


def _mean(mi: ArrayLike, sdi: ArrayLike, ni: ArrayLike) -> tuple[FloatArray, ...]:
    """Mean, SD and size, checked."""
    m, s, n = columns(mi=mi, sdi=sdi, ni=ni)
    require_sds(sdi=s)
    require_sizes(ni=n)
    return m, s, n
