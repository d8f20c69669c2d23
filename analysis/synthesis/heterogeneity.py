"""Estimates of the heterogeneity variance tau2: their names, and one door to all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import moments
from .likelihood import maximise
from .studies import Studies
from .weighted import Value, WeightedSums

MOMENT_ESTIMATORS: dict[str, Callable[[Studies, WeightedSums], float]] = {
    "DL": moments.dersimonian_laird,
    "DLIT": moments.iterated_dersimonian_laird,
    "PM": moments.paule_mandel,
    "PMM": moments.median_paule_mandel,
    "EB": moments.paule_mandel,
    "SJIT": moments.paule_mandel,
    "SJ": moments.sidik_jonkman,
    "HS": moments.hunter_schmidt,
    "HSk": moments.hunter_schmidt_corrected,
    "HE": moments.hedges,
}
TAU2_ESTIMATORS = ("REML", *MOMENT_ESTIMATORS, "ML")


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """An estimate of tau2 (in squared units of the studies) and what must be said about it."""

    tau2: float
    notes: tuple[str, ...] = ()


def estimate_tau2(studies: Studies, grid: WeightedSums, method: str) -> Heterogeneity:
    """Estimate tau2, truncated at 0.

    Parameters
    ----------
    studies : Studies
        At least two.
    grid : WeightedSums
        The sums over `tau2_grid(studies)`.
    method : str
        One of TAU2_ESTIMATORS.
    """
    if studies.squared_range == 0:
        return Heterogeneity(0.0)  # equal effects: every estimator gives 0
    if method in MOMENT_ESTIMATORS:
        return Heterogeneity(float(MOMENT_ESTIMATORS[method](studies, grid)))
    tau2, maxima = maximise(studies, grid, restricted=method == "REML")
    if maxima == 1:
        return Heterogeneity(tau2)
    return Heterogeneity(
        tau2, (f"the likelihood of tau2 has {maxima} local maxima: the highest is taken",)
    )


def relative_heterogeneity(
    at_zero: WeightedSums, k: Value, tau2: Value, common_effect: bool
) -> tuple[Value, Value]:
    """I2 in percent, and H2, of one set of studies or (arrays) of many.

    Random effects: from tau2 and the typical sampling variance of :cite:t:`higgins2002`,
    equation 9. Common effect: from Cochran's Q.
    """
    df = k - 1
    if common_effect:
        return 100 * np.maximum(0.0, at_zero.q - df) / np.maximum(at_zero.q, df), at_zero.q / df
    typical_variance = df / at_zero.trace
    return 100 * tau2 / (tau2 + typical_variance), tau2 / typical_variance + 1
