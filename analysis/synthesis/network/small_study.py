"""Comparison-adjusted Egger test: do the less precise studies of a network lean to one side?

Studies that compare different pairs are made comparable by taking their pair's mean (its direct estimate, under the
network's tau2) from each; then the regression of :cite:t:`egger1997` is run over all. The side only
means something if the treatments are put in an order (new before old, active before placebo), which the reader must
give. :cite:t:`chaimani2012`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtr

from analysis.errors import InputError, NotEstimable

from ..printing import Line, Printed, Printout, counted
from .result import Network


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SmallStudy(Printed):
    """The points of the funnel and the test.

    Attributes
    ----------
    study, treat1, treat2 : of each pairwise comparison, in the order given.
    effect, se : (m,), effect less the mean of its pair, and standard error.
    bias, bias_se, statistic, df, p_value : slope of effect on standard error, in weighted regression.
    """

    study: tuple[str, ...]
    treat1: tuple[str, ...]
    treat2: tuple[str, ...]
    effect: np.ndarray
    se: np.ndarray
    bias: float
    bias_se: float
    statistic: float
    df: int
    p_value: float

    def _page(self) -> Printout:
        line = Line("slope on se", self.bias, self.bias_se, None, None, self.statistic, self.df,
                    self.p_value)  # fmt: skip
        comparisons = counted(len(self.effect), "comparison", "comparisons")
        title = f"Comparison-adjusted Egger test, {comparisons}"
        return Printout(title, (line,), (), None)

    def plot(self) -> Any:
        """The funnel: standard error against each effect less the mean of its pair."""
        from ..plotting import points

        names = [
            f"{study}: {first} v {second}"
            for study, first, second in zip(self.study, self.treat1, self.treat2, strict=True)
        ]
        figure = points(
            self._page(), self.effect.tolist(), self.se.tolist(),
            "Effect less the mean of its pair", "Standard error", names,
        )  # fmt: skip
        return figure.update_yaxes(autorange="reversed")


def small_study(network: Network, order: Sequence[str]) -> SmallStudy:
    """The comparison-adjusted test, over all pairs of all studies.

    Source: :cite:t:`chaimani2012`.

    Parameters
    ----------
    order : all treatments; each comparison is the earlier minus the later one.

    Raises
    ------
    ValueError
        An order that is not one of all treatments; fewer than 3 comparisons, or all of one precision.
    """
    if sorted(order) != sorted(network.treatments):
        allowed = ", ".join(network.treatments)
        raise InputError(
            f"order must name each treatment once ({allowed}); found {', '.join(order)}"
        )
    rank = np.array([list(order).index(name) for name in network.treatments])
    direct = network.direct.estimate
    points = []
    for block in network.studies.blocks:
        for study, arms, effects, covariance in zip(
            block.study.tolist(), block.arms, block.effects, block.covariance, strict=True
        ):
            values = np.append(0.0, effects)
            bordered = np.zeros((len(arms), len(arms)))
            bordered[1:, 1:] = covariance
            for i in range(len(arms)):
                for j in range(i):
                    a, b = (i, j) if rank[arms[i]] < rank[arms[j]] else (j, i)
                    variance = bordered[i, i] + bordered[j, j] - 2 * bordered[i, j]
                    adjusted = values[a] - values[b] - direct[arms[a], arms[b]]
                    points.append((study, arms[a], arms[b], adjusted, variance**0.5))
    points.sort(key=lambda point: point[:3])
    study, first, second, effect, se = zip(*points, strict=True)
    y, x = np.array(effect), np.array(se)
    bias, error, df = _slope(y, x)
    statistic = bias / error
    names = network.treatments
    return SmallStudy(
        tuple(network.studies.labels[s] for s in study),
        tuple(names[i] for i in first),
        tuple(names[i] for i in second),
        y,
        x,
        bias,
        error,
        statistic,
        df,
        2 * float(stdtr(df, -abs(statistic))),
    )


def _slope(effect: np.ndarray, se: np.ndarray) -> tuple[float, float, int]:
    """Slope on the standard error, its own standard error and degrees of freedom; weights 1 / se^2."""
    df = len(effect) - 2
    matrix = np.stack([np.ones(len(se)), se], axis=1) / se[:, None]
    if df < 1 or np.linalg.matrix_rank(matrix) < 2:
        raise NotEstimable(
            f"found {len(effect)} comparisons; allowed: at least 3, of different precision"
        )
    scaled = effect / se
    inverse = np.linalg.inv(matrix.T @ matrix)
    coefficients = inverse @ (matrix.T @ scaled)
    variance = float(((scaled - matrix @ coefficients) ** 2).sum()) / df
    return float(coefficients[1]), float(np.sqrt(variance * inverse[1, 1])), df
