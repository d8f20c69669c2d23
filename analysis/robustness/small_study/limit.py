"""Limit meta-analysis: the effect in a study of infinite precision.

Source: :cite:t:`ruecker2011`. With s_i = sqrt(v_i + tau2) the model is y_i = beta + s_i (alpha + e_i),
e_i standard normal: alpha is the bias of small studies. A study of infinite precision
(v_i = 0) has the mean beta + tau alpha.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.special import chdtrc

from analysis.synthesis import pool
from analysis.synthesis.coefficients import Coefficient
from analysis.synthesis.printing import (
    Printed,
    Printout,
    coefficient_lines,
    counted,
    statistic_text,
)
from analysis.synthesis.studies import prepare

from .few_studies import enough_studies, few_studies_notes
from .line import fit_line, why_no_line

NO_TAU = "tau2 is 0: every limit effect equals the slope of the line, and G2 has no meaning"


@dataclass(frozen=True, slots=True, repr=False)
class LimitMetaAnalysis(Printed):
    """Result of a limit meta-analysis; what cannot be estimated is None.

    Attributes
    ----------
    k : int
        Number of studies.
    adjusted : Coefficient or None
        Expected effect at infinite precision, beta + tau alpha. Its standard error takes tau2 as
        known and comes from the information of the model.
    bias : Coefficient or None
        alpha, in standard errors.
    tau2 : float or None
        Heterogeneity variance without regard to small-study effects.
    q, q_small, q_residual : float or None
        Cochran's Q, the part that the slope of the radial plot on the standard error explains, and
        the rest; with P from chi-square with k - 1, 1 and k - 2 degrees of freedom.
    g2 : float or None
        Percentage of the variance of limit effects (radial plot) that is not small-study effect.
    limit_effects : ndarray, shape (k,)
        Each study's effect moved to infinite precision. Read-only; empty where there is no line.
    through_origin : float or None
        Mean of the limit effects with weights 1 / vi: the alternative estimate "mu-lim".
    """

    k: int
    adjusted: Coefficient | None
    bias: Coefficient | None
    tau2: float | None
    q: float | None
    q_p_value: float | None
    q_small: float | None
    q_small_p_value: float | None
    q_residual: float | None
    q_residual_p_value: float | None
    g2: float | None
    limit_effects: np.ndarray = field(compare=False)
    through_origin: float | None
    level: float
    enough_studies: bool
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        lines = [
            replace(line, name=name)
            for name, found in (("limit", self.adjusted), ("bias (alpha)", self.bias)) if found is not None
            for line in coefficient_lines([found])
        ]  # fmt: skip
        facts = (
            ("tau²", "not estimable" if self.tau2 is None else f"{self.tau2:.4f}"),
            ("Q of small studies", statistic_text(self.q_small, 1, self.q_small_p_value)),
            ("Q of the rest", statistic_text(self.q_residual, self.k - 2, self.q_residual_p_value)),
        )
        title = f"Limit meta-analysis, {counted(self.k, 'study', 'studies')}"
        return Printout(title, tuple(lines), facts, self.level, self.notes)


def limit_meta_analysis(
    yi: Any, vi: Any, tau2: str | float = "REML", level: float = 0.95
) -> LimitMetaAnalysis:
    """Adjust the pooled effect for small-study effects by letting precision go to infinity.

    Source: :cite:t:`ruecker2011`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances; three or more.
    tau2, level
        As in `pool`.

    Raises
    ------
    ValueError
        Input that `pool` would refuse.

    Examples
    --------
    >>> result = limit_meta_analysis([0.1, 0.3, 0.5, 0.5, 0.9], [0.01, 0.02, 0.04, 0.09, 0.16])
    >>> round(result.adjusted.estimate, 3), round(result.bias.estimate, 2)
    (0.089, 3.01)
    """
    pooled = pool(yi, vi, tau2, level=level)
    studies = prepare(yi, vi)
    k = studies.k
    effects = studies.effects * studies.unit
    variances = studies.variances * studies.unit**2
    notes = few_studies_notes(k)
    between = pooled.tau2 or 0.0
    total = variances + between
    why = why_no_line(1 / variances, np.sqrt(variances)) or why_no_line(1 / total, np.sqrt(total))
    if why is not None:
        empty = _read_only(np.empty(0))
        return LimitMetaAnalysis(
            k, None, None, pooled.tau2, pooled.q, pooled.q_p_value, None, None, None, None, None,
            empty, None, level, enough_studies(k), (why, *notes),
        )  # fmt: skip

    # Measured from tau, the predictor of a study of infinite precision is 0.
    tau = float(np.sqrt(between))
    line = fit_line(
        effects, 1 / total, np.sqrt(total) - tau, level, None, 1.0, origin=studies.centre
    )
    beta = line.limit.estimate - studies.centre - tau * line.slope.estimate
    limits = beta + np.sqrt(between / total) * (effects - beta)
    common = fit_line(effects, 1 / variances, np.sqrt(variances), level, None, 1.0)
    q_residual = common.dispersion * (k - 2)
    q_small = max(0.0, pooled.q - q_residual)
    weights = 1 / variances
    listed = _read_only(studies.in_listed_order(studies.centre + limits))
    return LimitMetaAnalysis(
        k=k,
        adjusted=line.limit,
        bias=line.slope,
        tau2=pooled.tau2,
        q=pooled.q,
        q_p_value=pooled.q_p_value,
        q_small=q_small,
        q_small_p_value=float(chdtrc(1, q_small)),
        q_residual=q_residual,
        q_residual_p_value=float(chdtrc(k - 2, q_residual)),
        g2=_g2(studies.centre + limits, variances) if between > 0 else None,
        limit_effects=listed,
        through_origin=studies.centre + float(weights @ limits / weights.sum()),
        level=level,
        enough_studies=enough_studies(k),
        notes=notes if between > 0 else (NO_TAU, *notes),
    )


def _g2(limits: np.ndarray, variances: np.ndarray) -> float:
    """Percentage of variance that the regression line of the limit radial plot leaves."""
    x, y = 1 / np.sqrt(variances), limits / np.sqrt(variances)
    x, y = x - x.mean(), y - y.mean()
    total = float(y @ y)
    if total == 0:
        return 0.0
    residuals = y - (float(x @ y) / float(x @ x)) * x
    return 100 * float(residuals @ residuals) / total


def _read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
