"""Estimators of the heterogeneity variance tau2: a file for each, and one list of them all.

What stands in `ESTIMATORS` is offered, in this order, by `pool` and all that pools, the command line, the pages
and the multiverse, and is tried by the engine's tests. How to add one: docs/howto/estimator.md.
"""

from __future__ import annotations

import numpy as np

from ..arrangements import Arrangements
from ..heterogeneity import Heterogeneity
from ..many_tau2 import Estimates
from ..projection import Projection
from ..regression_data import RegressionData
from ..studies import Studies
from ..tables import Table
from ..weighted import WeightedSums
from .dersimonian_laird import DL
from .hedges import HE
from .hunter_schmidt import HS, HSK
from .iterated_dersimonian_laird import DLIT
from .kinds import Estimator
from .likelihoods import ML, REML
from .median_paule_mandel import PMM
from .paule_mandel import EB, PM, SJIT
from .sidik_jonkman import SJ

ESTIMATORS: dict[str, Estimator] = {
    estimator.name: estimator
    for estimator in (
        REML,
        DL,
        PM,
        ML,
        EB,
        SJ,
        HS,
        HE,
        HSK,
        DLIT,
        SJIT,
        PMM,
    )
}
TAU2_ESTIMATORS = tuple(ESTIMATORS)
IN_METAFOR = frozenset(
    ("EE", "REML", "DL", "PM", "PMM", "ML", "EB", "SJ", "SJIT", "HS", "HSk", "HE")
)
"""What metafor's `rma` has as `method`, the common effect too, and finds for every set of studies. DLIT is not among
them: metafor repeats its step, which need not settle."""


def estimate_tau2(studies: Studies, grid: WeightedSums, method: str) -> Heterogeneity:
    """Estimate tau2 of at least two studies, truncated at 0; `grid` are their sums over `tau2_grid(studies)`."""
    if studies.squared_range == 0:
        return Heterogeneity(0.0)  # equal effects: every estimator gives 0
    return _truncated(ESTIMATORS[method].of_studies(studies, grid))


def estimate_many(table: Table, at_zero: WeightedSums, method: str) -> Estimates:
    """Estimate tau2 of each set, truncated at 0; `at_zero` holds the sums at tau2 = 0."""
    found = ESTIMATORS[method].of_many(table, at_zero)
    # Effects that are equal give 0 whatever the estimator.
    return found._replace(tau2=np.where(at_zero.q > 0, np.maximum(found.tau2, 0.0), 0.0))


def residual_tau2(data: RegressionData, grid: Projection, method: str) -> Heterogeneity:
    """Estimate what is left beside moderators, truncated at 0; more effects than coefficients, sums over the grid."""
    return _truncated(ESTIMATORS[method].of_regression(data, grid))


def arranged_tau2(data: Arrangements, method: str) -> np.ndarray:
    """Estimate tau2 of each rearrangement, truncated at 0; shape (n,)."""
    return np.maximum(ESTIMATORS[method].of_arrangements(data), 0.0)


def _truncated(found: Heterogeneity) -> Heterogeneity:
    return Heterogeneity(max(0.0, float(found.tau2)), found.notes)
