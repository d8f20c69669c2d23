"""Fail-safe N: how many unseen studies without effect would overturn the result?

Reviewers still ask for it; it says little, for it takes unseen studies to average no effect and
ignores their heterogeneity. Sources: Rosenthal (1979), Psychological Bulletin 86, 638-641; Orwin
(1983), Journal of Educational Statistics 8, 157-159; Rosenberg (2005), Evolution 59, 464-468.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.synthesis.studies import prepare
from analysis.synthesis.weighted import sums_at

from ..checked import share

TARGET_ZERO = "no number of studies without effect brings the mean to exactly 0"


@dataclass(frozen=True, slots=True)
class FailSafeN:
    """`n` is the number of unseen studies; None where no number would do.

    `p_value` is that of the studies at hand (Rosenthal: one-sided, Rosenberg: two-sided), `mean`
    their mean, `target` the mean to which Orwin's N brings it.
    """

    method: str
    k: int
    n: int | None
    p_value: float | None
    mean: float | None
    target: float | None
    alpha: float | None
    notes: tuple[str, ...] = ()


def rosenthal(yi: Any, vi: Any, alpha: float = 0.05) -> FailSafeN:
    """Null studies that bring Stouffer's combined one-sided P to `alpha`.

    (sum z)^2 / z_alpha^2 - k, rounded up, at least 0; z = yi / sqrt(vi).

    Raises
    ------
    ValueError
        Input that `pool` would refuse; alpha outside (0, 1).

    Examples
    --------
    >>> rosenthal([0.3, 0.5, 0.4], [0.01, 0.04, 0.02]).n
    23
    """
    share(alpha, "alpha")
    studies = prepare(yi, vi)
    effects, variances = _unscaled(studies)
    combined = abs(float((effects / np.sqrt(variances)).sum())) / math.sqrt(studies.k)
    n = _rounded_up(studies.k * (combined / float(-ndtri(alpha))) ** 2 - studies.k)
    return FailSafeN("Rosenthal", studies.k, n, float(ndtr(-combined)), None, None, alpha)


def orwin(yi: Any, vi: Any, target: float | None = None, weighted: bool = True) -> FailSafeN:
    """Null studies that bring the mean effect to `target` (half the mean if not given).

    k (mean - target) / target, rounded up; the target is a size, taken to have the mean's sign.
    The mean is weighted by 1 / vi, as in metafor from version 4 on (checked against 5.1);
    `weighted=False` gives Orwin's plain mean, which is what metafor 3.8 printed.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; a target that is not a finite number.

    Examples
    --------
    >>> orwin([0.3, 0.5, 0.4], [0.01, 0.04, 0.02], target=0.1).n
    8
    """
    studies = prepare(yi, vi)
    if target is not None and not math.isfinite(target):
        raise ValueError(f"target must be a finite number; found {target}")
    if weighted:
        mean = studies.centre + studies.unit * float(sums_at(studies, 0.0).mean)
    else:
        mean = studies.centre + studies.unit * float(studies.effects.mean())
    goal = mean / 2 if target is None else math.copysign(target, mean)
    if abs(mean) <= abs(goal):
        return FailSafeN("Orwin", studies.k, 0, None, mean, goal, None)
    if goal == 0:
        return FailSafeN("Orwin", studies.k, None, None, mean, goal, None, (TARGET_ZERO,))
    n = studies.k if target is None else _rounded_up(studies.k * (mean - goal) / goal)
    return FailSafeN("Orwin", studies.k, n, None, mean, goal, None)


def rosenberg(yi: Any, vi: Any, alpha: float = 0.05) -> FailSafeN:
    """Null studies of average weight that bring the common-effect two-sided P to `alpha`.

    k ((sum w y / z)^2 - W) / W, rounded up, at least 0; z the two-sided critical value.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; alpha outside (0, 1).

    Examples
    --------
    >>> rosenberg([0.3, 0.5, 0.4], [0.01, 0.04, 0.02]).n
    15
    """
    share(alpha, "alpha")
    studies = prepare(yi, vi)
    sums = sums_at(studies, 0.0)
    mean = studies.centre + studies.unit * float(sums.mean)
    statistic = abs(mean) * math.sqrt(float(sums.total)) / studies.unit
    critical = float(-ndtri(alpha / 2))
    n = _rounded_up(studies.k * ((statistic / critical) ** 2 - 1))
    return FailSafeN("Rosenberg", studies.k, n, 2 * float(ndtr(-statistic)), mean, None, alpha)


def _unscaled(studies: Any) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances in their own unit, in order of precision."""
    return studies.centre + studies.unit * studies.effects, studies.variances * studies.unit**2


def _rounded_up(number: float) -> int:
    # A whole number that rounding has left a hair too large stays that number.
    return max(0, math.ceil(number * (1 - 1e-12)))
