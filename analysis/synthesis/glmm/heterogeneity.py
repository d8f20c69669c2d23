"""Tests of heterogeneity in a GLMM, against a model with an effect of its own for each study.

Both tests compare the model without heterogeneity of effects with the saturated one: by their
likelihoods, or by the Wald statistic of the contrasts that the saturated model has in addition.
In UM.RS both keep the random intercepts. A study with a zero cell has an infinite effect of its
own with infinite variance: it counts in the degrees of freedom and the likelihood ratio, and adds
nothing to the Wald statistic (as in metafor, where such a variance is merely very large). Where
no more studies than coefficients are left by that, there is no Wald statistic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc

from .maximise import Maximum, Point, Problem, at_zero, maximise
from .models import Model, saturated_by_arm
from .quadrature import Rule


@dataclass(frozen=True, slots=True)
class HeterogeneityTests:
    """Wald and likelihood-ratio statistics with `df` degrees of freedom; None where not defined."""

    wald: float | None
    lrt: float | None
    df: int

    def p_value(self, statistic: float | None) -> float | None:
        """Upper tail of chi-square."""
        return None if statistic is None else float(chdtrc(self.df, statistic))


def heterogeneity_tests(
    model: Model, effects_design: np.ndarray, problem: Problem, start: Point
) -> HeterogeneityTests:
    """Both tests.

    Parameters
    ----------
    model : Model
    effects_design : ndarray, shape (k, p)
        Design matrix of the effects, k > p.
    problem, start : Problem, Point
        As the model itself was fitted.
    """
    k, p = effects_design.shape
    df = k - p
    random_intercepts = problem.likelihood.effects.shape[1] == 2
    if not random_intercepts:
        null = at_zero(problem, start)
        wald = _weighted_squares(model.plain_yi, model.plain_vi, effects_design)
        return HeterogeneityTests(wald, _ratio(model.saturated, null), df)
    rule = Rule.of(len(np.unique(problem.rule.nodes[:, 0])), 1)
    likelihood = replace(problem.likelihood, effects=problem.likelihood.effects[:, :1])
    null = maximise(replace(problem, likelihood=likelihood, rule=rule), start)
    full_likelihood, perfect = saturated_by_arm(model)
    level = np.zeros((k, 2, 1))
    level[:, 0, 0] = 1.0
    full_problem = Problem(full_likelihood, rule, level, own=1, held=perfect)
    full_start = Point(
        np.array([model.crude[0, 0]]), np.where(perfect, 0.0, model.crude[:, 1]), np.zeros(1)
    )
    full = maximise(full_problem, full_start)
    if not full.converged:
        return HeterogeneityTests(None, None, df)
    wald = _random_intercept_wald(full, perfect, effects_design)
    return HeterogeneityTests(wald, _ratio(full.value, null), df)


def _ratio(saturated: float, null: Maximum) -> float | None:
    return max(0.0, 2 * (saturated - null.value)) if null.converged else None


def _weighted_squares(effects: np.ndarray, variances: np.ndarray, x: np.ndarray) -> float | None:
    """Residual sum of squares of the regression on x with weights 1 / variance."""
    finite = np.isfinite(effects) & np.isfinite(variances)
    if np.count_nonzero(finite) <= x.shape[1]:
        return None
    roots = 1 / np.sqrt(variances[finite])
    target, columns = roots * effects[finite], roots[:, None] * x[finite]
    fitted = columns @ np.linalg.lstsq(columns, target, rcond=None)[0]
    return float(((target - fitted) ** 2).sum())


def _random_intercept_wald(full: Maximum, perfect: np.ndarray, x: np.ndarray) -> float | None:
    """The same when the studies' own effects are correlated through the common level and its SD."""
    finite = ~perfect
    if np.count_nonzero(finite) <= x.shape[1]:
        return None
    bend = -full.expansion.hessian
    sd_free = full.point.sd[0] > 0
    shared = [0, 2] if sd_free else [0]
    # Information of the own effects, the common level (and SD) profiled out.
    across = bend[finite][:, 1, shared]
    information = np.diag(bend[finite, 1, 1]) - across @ np.linalg.solve(
        bend[:, shared][:, :, shared].sum(axis=0), across.T
    )
    effects, columns = full.point.own[finite], x[finite]
    root = np.linalg.cholesky(information)
    target, columns = root.T @ effects, root.T @ columns
    fitted = columns @ np.linalg.lstsq(columns, target, rcond=None)[0]
    return float(((target - fitted) ** 2).sum())
