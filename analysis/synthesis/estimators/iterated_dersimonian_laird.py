"""DL with the weights 1 / (v + tau2) of its own result: Q(tau2) - df = tau2 tr(P).

The right side less the left rises in tau2 (its slope is x'PPx + tr(P) - tau2 tr(PP), and no
eigenvalue of tau2 P exceeds 1), so there is one root, which lies between 0 and PM's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrangements import Arrangements
from ..generalised_q import tau2_where_q_is
from ..heterogeneity import Heterogeneity
from ..many_roots import rising_roots
from ..many_tau2 import Estimates, moments, tau2_where_q_is_many
from ..projection import Projection
from ..regression_data import RegressionData
from ..regression_tau2 import root
from ..regression_tau2 import tau2_where_q_is as residual_tau2_where_q_is
from ..roots import rising_root
from ..studies import Studies
from ..tables import Table, for_each_count
from ..weighted import Slopes, Value, WeightedSums, sums_and_slopes_at
from .kinds import Estimator


@dataclass(frozen=True, slots=True)
class IteratedDerSimonianLaird(Estimator):
    """Between 0, where Q is below its degrees of freedom, and the root of Q = df."""

    @property
    def on_residuals(self) -> bool:
        return True

    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        df = studies.k - 1
        if grid.q[0] <= df:
            return Heterogeneity(0.0)

        def rising(tau2: float) -> tuple[float, float]:
            sums, slopes = sums_and_slopes_at(studies, tau2)
            return _rising(sums, slopes, studies.smallest_variance + tau2, df)

        high = tau2_where_q_is(studies, grid, df)
        return Heterogeneity(rising_root(rising, 0.0, high, studies.smallest_variance))

    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        def rising(some: Table, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            sums, slopes = some.sums_and_slopes(tau2)
            return _rising(sums, slopes, some.smallest + tau2, some.k - 1)

        target = for_each_count(table.k, lambda k: k - 1.0)
        roots, high = np.zeros(len(table.k)), tau2_where_q_is_many(table, at_zero, target)
        above = np.flatnonzero(high > 0)
        low = np.zeros(len(above))
        roots[above] = rising_roots(table.take(above), rising, low, high[above], start=low)
        return moments(roots)

    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        if grid.q[0] <= data.df:
            return Heterogeneity(0.0)

        def rising(tau2: float) -> float:
            sums = data.at(tau2)
            return tau2 * float(sums.trace[0]) + data.df - float(sums.q[0])

        return Heterogeneity(root(rising, 0.0, residual_tau2_where_q_is(data, grid, data.df)))

    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        return data.where_q_is(float(data.df), and_trace=True)

    def error(self, studies: Studies, tau2: float) -> float:
        """DL's formula, 2 df + 4 tau2 tr(P) + 2 tau2^2 tr(PP), at the last weights, as metafor has it.

        Exact for the first weights only, and too large rather than too small.
        """
        sums, slopes = sums_and_slopes_at(studies, tau2)
        squares = tau2**2 * -slopes.trace / (studies.smallest_variance + tau2)
        return math.sqrt(2 * (studies.k - 1) + 4 * tau2 * sums.trace + 2 * squares) / sums.trace


def _rising(sums: WeightedSums, slopes: Slopes, base: Value, df: Value) -> tuple[Value, Value]:
    """tau2 tr(P) - (Q - df), and its slope in log(base)."""
    value = sums.tau2 * sums.trace - (sums.q - df)
    return value, base * (sums.rss + sums.trace) + sums.tau2 * slopes.trace


DLIT = IteratedDerSimonianLaird("DLIT", "DerSimonian-Laird, iterated", variant=True)
