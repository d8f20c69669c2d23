"""Sidik and Jonkman's (:cite:t:`sidik2005`), with their crude start, the variance of the effects (divisor k).

Above 0 whenever the effects differ, so a tau2 of 0 is never reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrangements import Arrangements
from ..heterogeneity import Heterogeneity
from ..many_tau2 import Estimates, moments
from ..projection import Projection
from ..regression_data import RegressionData
from ..studies import Studies
from ..tables import Table
from ..tau2_se import form_error
from ..weighted import WeightedSums, sums_at
from .kinds import Estimator


@dataclass(frozen=True, slots=True)
class SidikJonkman(Estimator):
    """crude Q(crude) / df."""

    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        crude = float(studies.effects.var())
        return Heterogeneity(crude * sums_at(studies, crude).q / (studies.k - 1))

    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        crude = table.spread()[0] * ((table.k - 1) / table.k)
        return moments(crude * table.sums(crude).q / (table.k - 1))

    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        crude = float(data.effects.var())
        return Heterogeneity(crude * float(data.at(crude).q[0]) / data.df if crude > 0 else 0.0)

    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        crude = data.effects.var(axis=1)
        return crude * data.at(crude).q / data.df

    def error(self, studies: Studies, tau2: float) -> float:
        crude = float(studies.effects.var())
        spread = form_error(studies, tau2, 1.0 / (studies.variances + crude))
        return crude * spread / (studies.k - 1)


SJ = SidikJonkman("SJ", "Sidik-Jonkman")
