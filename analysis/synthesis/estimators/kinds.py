"""What an estimator of tau2 is, and the three families that most of them belong to.

An estimator answers four times: for one set of studies (`pool`), for many at once (`pool_many`), beside
moderators (`meta_regression`, networks) and for rearranged data (`permutation_test`). A family answers all four
from what makes one of its members different, so a new member is a few lines.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrangements import Arrangements
from ..generalised_q import tau2_where_q_is
from ..heterogeneity import Heterogeneity
from ..likelihood import maximise
from ..many_tau2 import Estimates, moments, most_likely, tau2_where_q_is_many
from ..projection import Projection
from ..regression_data import RegressionData
from ..regression_tau2 import most_likely as most_likely_residual
from ..regression_tau2 import tau2_where_q_is as residual_tau2_where_q_is
from ..studies import Studies
from ..tables import Table, for_each_count
from ..tau2_se import form_error, generalised_q_error, information_error
from ..weighted import Value, WeightedSums, sums_at


@dataclass(frozen=True, slots=True)
class Estimator(ABC):
    """One way to estimate tau2; every tau2 is in squared units of the studies, and may be below 0.

    Attributes
    ----------
    name : as in metafor, where it has it: scripts write it there.
    label : for readers.
    variant : whether it differs little from one that is there: offered, but no choice of its own in a multiverse.
    """

    name: str
    label: str
    variant: bool = False

    @property
    def on_residuals(self) -> bool:
        """Whether what is left of the effects beside the moderators tells it all (a network is then quicker)."""
        return False

    @abstractmethod
    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        """From at least two studies, and their sums over `weighted.tau2_grid`."""

    @abstractmethod
    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        """From each set of a table, and its sums at tau2 = 0."""

    @abstractmethod
    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        """What is left beside moderators; the sums are those over `regression_grid(data)`."""

    @abstractmethod
    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        """The same of many rearrangements of one data set, shape (n,)."""

    @abstractmethod
    def error(self, studies: Studies, tau2: float) -> float:
        """Standard error of the estimate `tau2`."""


@dataclass(frozen=True, slots=True)
class AtZero(Estimator):
    """tau2 = (times Q - expected) / over, from the sums at tau2 = 0.

    `over` is "trace" or "total" (`weighted.py`); `times` and `expected` are functions of the number of studies and
    of the degrees of freedom.
    """

    over: str = "trace"
    expected: Callable[[Value, Value], Value] = lambda k, df: df
    times: Callable[[Value, Value], Value] = lambda k, df: 1

    @property
    def on_residuals(self) -> bool:
        return self.over == "trace"

    def _tau2(self, sums: WeightedSums | Projection, k: Value, df: Value) -> Value:
        return (self.times(k, df) * sums.q - self.expected(k, df)) / getattr(sums, self.over)

    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        return Heterogeneity(self._tau2(grid.first(), studies.k, studies.k - 1))

    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        return moments(self._tau2(at_zero, table.k, table.k - 1))

    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        return Heterogeneity(float(self._tau2(grid, data.k, data.df)[0]))

    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        return self._tau2(data.at(np.zeros(data.n)), data.k, data.df)

    def error(self, studies: Studies, tau2: float) -> float:
        spread = form_error(studies, tau2, 1.0 / studies.variances)
        return (
            self.times(studies.k, studies.k - 1)
            * spread
            / getattr(sums_at(studies, 0.0), self.over)
        )


@dataclass(frozen=True, slots=True)
class WhereQIs(Estimator):
    """The tau2 at which the generalised Q (`generalised_q.py`) equals `target` > 0 of the degrees of freedom."""

    target: Callable[[Value], Value] = lambda df: df

    @property
    def on_residuals(self) -> bool:
        return True

    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        return Heterogeneity(tau2_where_q_is(studies, grid, float(self.target(studies.k - 1))))

    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        target = for_each_count(table.k, lambda k: self.target(k - 1))
        return moments(tau2_where_q_is_many(table, at_zero, target))

    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        return Heterogeneity(residual_tau2_where_q_is(data, grid, float(self.target(data.df))))

    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        return data.where_q_is(float(self.target(data.df)))

    def error(self, studies: Studies, tau2: float) -> float:
        return generalised_q_error(studies, tau2)


@dataclass(frozen=True, slots=True)
class MostLikely(Estimator):
    """The highest maximum of the likelihood, restricted or not (`likelihood.py`)."""

    restricted: bool = True

    @property
    def on_residuals(self) -> bool:
        return self.restricted

    def of_studies(self, studies: Studies, grid: WeightedSums) -> Heterogeneity:
        return Heterogeneity.of_maxima(*maximise(studies, grid, self.restricted))

    def of_many(self, table: Table, at_zero: WeightedSums) -> Estimates:
        return most_likely(table, self.restricted)

    def of_regression(self, data: RegressionData, grid: Projection) -> Heterogeneity:
        return Heterogeneity.of_maxima(*most_likely_residual(data, grid, self.restricted))

    def of_arrangements(self, data: Arrangements) -> np.ndarray:
        return data.most_likely(self.restricted)

    def error(self, studies: Studies, tau2: float) -> float:
        return information_error(studies, tau2, self.restricted)
