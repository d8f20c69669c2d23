"""Hedges's (:cite:t:`hedges1985`, chapter 9): variance of the effects less their mean sampling variance."""

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
from ..weighted import WeightedSums
from .kinds import Estimator


@dataclass(frozen=True, slots=True)
class Hedges(Estimator):
    """Beside moderators: residual variance of the unweighted fit, less what sampling errors add to it."""

    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        return Heterogeneity(float(studies.effects.var(ddof=1) - studies.variances.mean()))

    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        variance, mean_variance = table.spread()
        return moments(variance - mean_variance)

    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        free = 1.0 - (data.basis**2).sum(axis=1)
        return Heterogeneity((data.plain_rss - float(free @ data.studies.variances)) / data.df)

    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        free = 1.0 - np.einsum("nkp,nkp->nk", data.basis, data.basis)
        return (data.plain_rss - free @ data.variances) / data.df

    def error(self, studies: Studies, tau2: float) -> float:
        return form_error(studies, tau2, np.ones(studies.k)) / (studies.k - 1)


HE = Hedges("HE", "Hedges")
