"""The result of a generalised linear mixed model: a value, and nothing that fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy.special import expit

from ..coefficients import Coefficient, OmnibusTest
from ..printing import (
    Line,
    Printed,
    Printout,
    coefficient_lines,
    counted,
    heterogeneity,
    omnibus_text,
    statistic_text,
)


@dataclass(frozen=True, slots=True)
class BackTransformed:
    """A pooled effect on the scale that readers know: a proportion, a rate, or a ratio.

    `ci_low`, `ci_high`: confidence interval of the mean on the model's scale, transformed.
    `pi_low`, `pi_high`: prediction interval, or None.
    """

    estimate: float
    ci_low: float
    ci_high: float
    pi_low: float | None
    pi_high: float | None


@dataclass(frozen=True, slots=True, repr=False)
class GlmmPooled(Printed):
    """What `glmm_proportion`, `glmm_rate`, `glmm_odds_ratio` and `glmm_rate_ratio` return.

    Effects are on the scale of the model: logit, log rate, log odds ratio, log rate ratio. A
    number that the data cannot give is None, and `notes` says why.

    Attributes
    ----------
    measure, model : str
        PLO, IRLN, OR, IRR; and UM.FS, UM.RS, CM.AL, CM.EL.
    k : int
        Studies in the model: of two groups, those with an event (and for OR a non-event).
    estimate, se, ci_low, ci_high, p_value, statistic : float or None
        With moderators these belong to the first coefficient: the intercept.
    test_df : int or None
        Degrees of freedom of t (number of studies less coefficients); None for the normal.
    tau2 : float or None
        Heterogeneity variance of the effects, maximum likelihood.
    sigma2 : float or None
        Variance of the random intercepts; UM.RS only.
    i2, h2 : float or None
        From tau2 and the typical sampling variance of the studies' own effects (1/2 added where a
        cell is 0), as in `Pooled`.
    pi_low, pi_high : float or None
        Prediction interval of the effect in a new study, from three studies on, no moderators.
    q_wald, q_wald_p_value, q_lrt, q_lrt_p_value : float or None
    q_df : int
        Wald and likelihood-ratio tests of heterogeneity: against an effect of its own for each
        study.
    coefficients : tuple of Coefficient
    moderator_test : OmnibusTest or None
        All coefficients but the intercept; None without moderators.
    log_likelihood, aic, bic, aicc : float or None
        At the maximum, constants included. `aicc` is None where it does not exist.
    nodes : int
        Quadrature nodes per random effect; 1 is Laplace's approximation.
    converged : bool
        False: no finite maximum was found, and nothing is estimated.
    level : float
    notes : tuple of str
    """

    measure: str
    model: str
    k: int
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    statistic: float | None
    test_df: int | None
    tau2: float | None
    sigma2: float | None
    i2: float | None
    h2: float | None
    pi_low: float | None
    pi_high: float | None
    q_wald: float | None
    q_wald_p_value: float | None
    q_lrt: float | None
    q_lrt_p_value: float | None
    q_df: int
    coefficients: tuple[Coefficient, ...]
    moderator_test: OmnibusTest | None
    log_likelihood: float | None
    aic: float | None
    bic: float | None
    aicc: float | None
    nodes: int
    converged: bool
    level: float
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        lines: tuple[Line, ...] = coefficient_lines(self.coefficients)
        if len(lines) < 2:
            lines = (Line("mean", self.estimate, self.se, self.ci_low, self.ci_high, self.statistic,
                          self.test_df, self.p_value, "mean"),)  # fmt: skip
        if self.pi_low is not None:
            lines += (
                Line(
                    "prediction", self.estimate, None, self.pi_low, self.pi_high, kind="prediction"
                ),
            )
        facts = (
            *heterogeneity(self, self.level),
            ("Q (Wald)", statistic_text(self.q_wald, self.q_df, self.q_wald_p_value)),
            ("Q (likelihood ratio)", statistic_text(self.q_lrt, self.q_df, self.q_lrt_p_value)),
        )
        if self.moderator_test is not None:
            test = self.moderator_test
            facts += ((f"Test of {', '.join(test.names)}", omnibus_text(test)),)
        studies = counted(self.k, "study", "studies")
        title = f"Generalised linear mixed model, {self.measure}, {studies} ({self.model}; maximum likelihood)"
        return Printout(title, lines, facts, self.level, self.notes)

    def back_transformed(self) -> BackTransformed | None:
        """The pooled effect as a proportion (PLO), rate (IRLN) or ratio (OR, IRR).

        The inverse of the mean logit is the proportion in a typical study, the median over
        studies, not their mean proportion. None where there is no estimate.

        Examples
        --------
        >>> from analysis.synthesis.glmm import glmm_proportion
        >>> round(glmm_proportion([7, 12, 9], [10, 20, 11]).back_transformed().estimate, 4)
        0.6829
        """
        if self.estimate is None:
            return None
        inverse: Callable[[float], Any] = expit if self.measure == "PLO" else np.exp
        return BackTransformed(
            *(
                None if value is None else float(inverse(value))
                for value in (self.estimate, self.ci_low, self.ci_high, self.pi_low, self.pi_high)
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["coefficients"] = [item.to_dict() for item in self.coefficients]
        test = self.moderator_test
        values["moderator_test"] = (
            None
            if test is None
            else {
                "statistic": test.statistic,
                "df": test.df,
                "df_residual": test.df_residual,
                "p_value": test.p_value,
                "names": list(test.names),
            }
        )
        return values | {"notes": list(self.notes)}
