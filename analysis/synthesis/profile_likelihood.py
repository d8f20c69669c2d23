"""Profile-likelihood confidence interval of tau2.

It holds every tau2 whose (restricted) log-likelihood, at its best mean, lies within half the chi-square
quantile with 1 degree of freedom of the maximum. Source: :cite:t:`hardy1996`; :cite:t:`viechtbauer2007`,
section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtri

from analysis.errors import NotEstimable

from .checks import check_choice, check_level
from .estimators import estimate_tau2
from .heterogeneity import relative_heterogeneity
from .likelihood import expected_rss, log_likelihood
from .printing import Line, Printed, Printout
from .roots import rising_root
from .studies import Studies, prepare
from .weighted import WeightedSums, sums_at, sums_on, tau2_grid

# The likelihood falls without end, so the search for the upper limit grows until it is outside.
GROWTH = 4.0


@dataclass(frozen=True, slots=True, repr=False)
class Tau2Profile(Printed):
    """Estimate of tau2, I2 (percent) and H2 with limits; `level`, `tau2_method` and notes.

    `notes` says so where the interval was not one piece: the outermost limits are given.
    """

    tau2: float
    tau2_ci_low: float
    tau2_ci_high: float
    i2: float
    i2_ci_low: float
    i2_ci_high: float
    h2: float
    h2_ci_low: float
    h2_ci_high: float
    level: float
    tau2_method: str
    notes: tuple[str, ...]
    studies: Studies = field(repr=False, compare=False)

    def _page(self) -> Printout:
        lines = tuple(
            Line(sign, getattr(self, name), None, getattr(self, f"{name}_ci_low"),
                 getattr(self, f"{name}_ci_high"))
            for name, sign in (("tau2", "tau²"), ("i2", "I² (%)"), ("h2", "H²"))
        )  # fmt: skip
        title = f"Profile likelihood of tau² ({self.tau2_method})"
        return Printout(title, lines, (), self.level, self.notes)

    def plot(self) -> Any:
        """How far the likelihood lies below its maximum at each tau2; the interval's limits are marked."""
        from .plotting import curve

        unit, restricted = self.studies.unit**2, self.tau2_method == "REML"
        x = np.linspace(0.0, 1.25 * self.tau2_ci_high, 201)
        top = log_likelihood(self.studies, self.tau2 / unit, restricted)
        y = [log_likelihood(self.studies, t / unit, restricted) - top for t in x]
        limits = (self.tau2_ci_low, self.tau2_ci_high)
        up = "Log-likelihood, less its maximum"
        return curve(self._page(), x.tolist(), y, "tau²", up, (self.tau2, 0.0), limits)


def profile_likelihood(yi: Any, vi: Any, tau2: str = "REML", level: float = 0.95) -> Tau2Profile:
    """Profile-likelihood interval of tau2, I2 and H2 from at least two studies.

    Source: :cite:t:`hardy1996`; :cite:t:`viechtbauer2007`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances.
    tau2 : str
        "REML" or "ML": the likelihood that is profiled.
    level : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        As `pool`; fewer than two studies; effects that are all equal (then any likelihood falls
        from 0 on and its scale says nothing about tau2).

    Examples
    --------
    >>> found = profile_likelihood([0.1, 0.3, 0.35, 0.9], [0.01, 0.02, 0.04, 0.03])
    >>> round(found.tau2_ci_low, 3), round(found.tau2_ci_high, 3)
    (0.011, 1.006)
    """
    check_choice(tau2, "tau2", ("REML", "ML"))
    check_level(level)
    studies = prepare(yi, vi)
    if studies.k < 2:
        raise NotEstimable("a profile-likelihood interval needs at least two studies; found 1")
    if studies.squared_range == 0:
        raise NotEstimable(
            "all effects are equal: the likelihood of tau2 says nothing about its size"
        )
    grid = sums_on(studies, tau2_grid(studies))
    estimated = estimate_tau2(studies, grid, tau2)
    restricted = tau2 == "REML"
    low, high, pieces = _limits(studies, grid, estimated.tau2, restricted, level)
    notes = estimated.notes
    if pieces > 1:
        notes += (f"the interval falls into {pieces} pieces: its outermost limits are given",)
    at_zero, unit = grid.first(), studies.unit**2
    (i2, h2), (i2_low, h2_low), (i2_high, h2_high) = (
        relative_heterogeneity(at_zero, studies.k, value, common_effect=False)
        for value in (estimated.tau2, low, high)
    )
    return Tau2Profile(
        estimated.tau2 * unit, low * unit, high * unit, i2, i2_low, i2_high, h2, h2_low, h2_high,
        float(level), tau2, notes, studies,
    )  # fmt: skip


def _limits(
    studies: Studies, grid: WeightedSums, estimate: float, restricted: bool, level: float
) -> tuple[float, float, int]:
    """Outermost limits in squared units, and the number of pieces on the grid."""
    quantile = float(ndtri((1 - level) / 2)) ** 2
    highest = log_likelihood(studies, estimate, restricted)

    def excess(tau2: float) -> float:
        """Above 0 outside the interval."""
        return 2 * (highest - log_likelihood(studies, tau2, restricted)) - quantile

    points = np.unique(np.append(grid.tau2, estimate)).tolist()
    while excess(points[-1]) <= 0:
        points.append(GROWTH * points[-1])
    outside = np.array([excess(point) > 0 for point in points])
    outside[points.index(estimate)] = False
    inside = np.flatnonzero(~outside)
    first, last = int(inside[0]), int(inside[-1])
    smallest = studies.smallest_variance
    low = 0.0
    if first:
        entering = _with_slope(studies, lambda t: -excess(t), restricted, sign=-1.0)
        low = rising_root(entering, points[first - 1], points[first], smallest)
    leaving = _with_slope(studies, excess, restricted, sign=1.0)
    high = rising_root(leaving, points[last], points[last + 1], smallest)
    pieces = 1 + int(np.count_nonzero(np.diff(inside) > 1))
    return low, high, pieces


def _with_slope(
    studies: Studies, value: Callable[[float], float], restricted: bool, sign: float
) -> Callable[[float], tuple[float, float]]:
    """`value` with its slope: that of twice the log-likelihood is the score, rss - expected."""

    def function(tau2: float) -> tuple[float, float]:
        sums = sums_at(studies, tau2)
        score = sums.rss - expected_rss(sums, restricted)
        return value(tau2), -sign * score * (studies.smallest_variance + tau2)

    return function
