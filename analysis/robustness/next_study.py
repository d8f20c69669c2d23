"""What would one more study change? The meta-analysis with it, over results and sizes, and how likely each end is.

Sources: :cite:t:`langan2012` (the extended funnel: what the updated meta-analysis would conclude, for every result
of a new study); :cite:t:`sutton2007`, and :cite:t:`roloff2013` (power of the updated meta-analysis, with the new
study drawn from the predictive distribution). They simulate; here the predictive distribution is integrated on a
grid, so that two runs give the same digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from analysis.errors import InputError
from analysis.synthesis.checks import check_share
from analysis.synthesis.studies import prepare
from analysis.synthesis.told_many import told_many

POINTS = 301
"""Results of a new study over which is integrated, each as probable as the others."""
_FINE = 801
"""Points of the distribution of results from which these are read off."""
_TAIL = 4.5
"""Standard errors beyond the most extreme true effect at which the integral ends."""


class Conclusion(IntEnum):
    """What an interval of the benefit (positive: better) excludes.

    IMPORTANT: everything up to the important difference. BENEFIT: no effect, but not that. HARM: no effect, on the
    other side. NOT_IMPORTANT: an important benefit, whatever else it holds short of HARM. OPEN: neither.
    """

    OPEN = 0
    BENEFIT = 1
    IMPORTANT = 2
    NOT_IMPORTANT = 3
    HARM = 4


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What an interval is held against: no effect, which way is better, and the important difference (if any)."""

    null: float
    better: float
    mid: float | None = None

    def conclude(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """`Conclusion` of each interval, as int8.

        Examples
        --------
        >>> found = Yardstick(0.0, -1.0, 1.5).conclude(
        ...     np.array([-3.0, -2.0, -1.0, -2.0, 0.1]), np.array([-1.6, -0.1, 0.4, 0.5, 2.0])
        ... )
        >>> [Conclusion(item).name for item in found]
        ['IMPORTANT', 'BENEFIT', 'NOT_IMPORTANT', 'OPEN', 'HARM']
        """
        a, b = self.better * (low - self.null), self.better * (high - self.null)
        worst, best = np.minimum(a, b), np.maximum(a, b)
        found = np.full(np.shape(worst), Conclusion.OPEN, dtype=np.int8)
        found[worst > 0] = Conclusion.BENEFIT
        if self.mid is not None:
            found[best < self.mid] = Conclusion.NOT_IMPORTANT
            found[worst > self.mid] = Conclusion.IMPORTANT
        found[best < 0] = Conclusion.HARM
        return found


def with_new_study(
    yi: Any,
    vi: Any,
    new_yi: Any,
    new_vi: Any,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the pooled interval with one more study, for each of many that it might be.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        The studies here.
    new_yi, new_vi : array_like
        Result and sampling variance of the new study; shapes that broadcast to (m, ...).
    tau2, ci, level
        As in `told`, whose rule for few studies holds with the new one, too.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits, of the common shape of `new_yi` and `new_vi`.

    Raises
    ------
    ValueError
        Input that `pool` would refuse.

    Examples
    --------
    >>> low, high = with_new_study([0.2, 0.4], [0.04, 0.04], [0.0, 1.0], 0.02, tau2="EE")
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([-0.05, 0.45], [0.35, 0.85])
    """
    studies = prepare(yi, vi)
    effects, variances = np.broadcast_arrays(
        np.asarray(new_yi, dtype=float), np.asarray(new_vi, dtype=float)
    )
    many_y = np.empty((effects.size, studies.k + 1))
    many_v = np.empty_like(many_y)
    many_y[:, :-1], many_v[:, :-1] = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    many_y[:, -1], many_v[:, -1] = effects.ravel(), variances.ravel()
    found = told_many(many_y, many_v, tau2=tau2, ci=ci, level=level)
    return found.ci_low.reshape(effects.shape), found.ci_high.reshape(effects.shape)


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely each `Conclusion` is after a study of each size.

    Attributes
    ----------
    sizes : ndarray, shape (s,)
    of : ndarray, shape (s, 5)
        Probabilities, in the order of `Conclusion`; each row sums to 1.
    """

    sizes: np.ndarray = field(compare=False)
    of: np.ndarray = field(compare=False)

    @property
    def settled(self) -> np.ndarray:
        """Probability that the conclusion is not OPEN, shape (s,)."""
        return 1.0 - self.of[:, Conclusion.OPEN]

    def size_for(self, chance: float) -> float | None:
        """The size from which on every larger size given settles the question with this probability.

        The chance need not rise with size: one more study costs few degrees of freedom less, however
        small it is. Read off between sizes on their logarithm; the first size of all where none
        falls short; None where the largest does.
        """
        short = np.flatnonzero(self.settled < chance)
        if not len(short):
            return float(self.sizes[0])
        last = int(short[-1])
        if last == len(self.sizes) - 1:
            return None
        low, high = self.settled[last : last + 2]
        part = (chance - low) / (high - low)
        ends = np.log(self.sizes[last : last + 2])
        return float(np.exp(ends[0] + part * (ends[1] - ends[0])))


def chances_after(
    yi: Any,
    vi: Any,
    true_effects: np.ndarray,
    weights: np.ndarray,
    sizes: Sequence[float],
    variance: Callable[[np.ndarray, np.ndarray], np.ndarray],
    yardstick: Yardstick,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
) -> Chances:
    """Probability of each conclusion after one more study, by its size.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        The studies here.
    true_effects, weights : ndarray, shape (j,)
        Predictive distribution of the new study's true effect, as points with weights summing to 1.
    sizes : sequence of float
        Sizes of the new study.
    variance : callable
        Sampling variance of a study that has the effect (first) and the size (second argument).
    yardstick
        What is concluded from an interval.
    tau2, ci, level
        The model with which the meta-analysis is updated.

    Raises
    ------
    ValueError
        Input that `pool` would refuse.

    Examples
    --------
    >>> found = chances_after(
    ...     [0.2, 0.3], [0.04, 0.04], np.array([0.25]), np.array([1.0]), [10, 1000],
    ...     lambda effect, n: 4 / n + 0 * effect, Yardstick(0.0, 1.0), tau2="EE",
    ... )
    >>> found.settled.round(2).tolist()
    [0.25, 1.0]
    """
    of_size = np.asarray(sizes, dtype=float)
    spread = np.sqrt(variance(true_effects[None, :], of_size[:, None]))  # (s, j)
    low = (true_effects - _TAIL * spread).min(axis=1)
    high = (true_effects + _TAIL * spread).max(axis=1)
    # Results at equal steps of probability: the integral is fine where the new study is likely to fall.
    steps = (np.arange(POINTS) + 0.5) / POINTS
    results = np.empty((len(of_size), POINTS))
    for row in range(len(of_size)):
        grid = np.linspace(low[row], high[row], _FINE)
        below = ndtr((grid[:, None] - true_effects) / spread[row]) @ weights
        results[row] = np.interp(steps, below, grid)
    limits = with_new_study(yi, vi, results, variance(results, of_size[:, None]), tau2, ci, level)
    found = yardstick.conclude(*limits)
    of = np.stack([(found == item).mean(axis=1) for item in Conclusion], axis=1)
    for values in (of_size, of):
        values.flags.writeable = False
    return Chances(of_size, of)


def patient_variance(vi: Any, n_t: Any, n_c: Any = None) -> float | None:
    """Variance s^2 of one patient that the studies' sampling variances imply, pooled by degrees of freedom.

    v = s^2 (1 / n_t + 1 / n_c), or s^2 / n in one group (`n_c` None). For a mean difference s is the standard
    deviation between patients; for log ratios it depends on how frequent the event is in these studies. None where no
    study has sizes.

    Examples
    --------
    >>> patient_variance([0.2, 0.1], [20, 40], [20, 40])
    2.0
    """
    v, t = np.asarray(vi, dtype=float), np.asarray(n_t, dtype=float)
    c = np.full_like(t, np.inf) if n_c is None else np.asarray(n_c, dtype=float)
    groups = 1 if n_c is None else 2
    freedom = t - 1 if n_c is None else t + c - groups
    usable = np.isfinite(v) & (freedom > 0) & np.isfinite(t) & ~np.isnan(c)
    if not usable.any():
        return None
    s2 = v[usable] / (1 / t[usable] + 1 / c[usable])
    return float(freedom[usable] @ s2 / freedom[usable].sum())


def information_size(difference: float, sd: float, power: float, level: float) -> int:
    """Patients in all, two equal groups, with which one trial would find a difference of means.

    Two-sided t test; the optimal information size of GRADE (Guyatt and others 2011,
    Journal of Clinical Epidemiology 64, 1283-1293).

    Raises
    ------
    ValueError
        A difference or standard deviation that is not positive; power or level outside (0, 1).

    Examples
    --------
    >>> information_size(0.5, 1.0, 0.8, 0.95)
    128
    """
    check_share(power, "power")
    check_share(level, "level")
    for name, value in (("difference", difference), ("sd", sd)):
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} must be positive; found {value!r}")
    size = difference / sd
    if size > 3:  # fewer than two patients per group: the t test has no solution there
        return 4

    def short(per_group: float) -> float:
        df = 2 * per_group - 2
        limit, shift = stdtrit(df, 0.5 + level / 2), size * math.sqrt(per_group / 2)
        wrong = np.nan_to_num(nctdtr(df, shift, -limit))  # NaN where it is too small to be told from 0
        return float(nctdtr(df, shift, limit) - wrong) - (1 - power)

    fewest = 1.5
    if short(fewest) <= 0:
        return 4
    many = 10 + 2 * ((ndtri(0.5 + level / 2) + ndtri(power)) / size) ** 2  # the normal's, and more
    while short(many) > 0:
        many *= 2
    return 2 * math.ceil(brentq(short, fewest, many, xtol=1e-10))
