"""Location-scale model: moderators of the heterogeneity itself, beside those of the effect.

log tau2_i is linear in the scale moderators; REML or ML by its own likelihood. Source:
:cite:t:`viechtbauer2022`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize

from analysis.errors import InputError, NoConvergence, NotEstimable

from .checks import check_choice, check_level
from .coefficients import (
    Coefficient,
    OmnibusTest,
    coefficient_table,
    overall_positions,
    selection,
    wald_test,
)
from .design import design
from .printing import Printed, Printout, coefficient_lines, omnibus_text
from .projection import project
from .regression import meta_regression
from .regression_data import RegressionData, orthonormal, prepare_regression, require_full_rank

# log tau2, in squared units of the smallest standard error, beyond which a tau2 is as good as 0
# (or the effects as good as without information).
LOWEST, HIGHEST = np.log(1e-6), np.log(1e15)
NO_MAXIMUM = (
    "the scale model has no maximum: the heterogeneity is estimated as 0 for some values of the "
    "scale moderators, so that its logarithm has no estimate"
)


@dataclass(frozen=True, slots=True, repr=False)
class LocationScale(Printed):
    """What `location_scale` returns.

    Attributes
    ----------
    k : int
    coefficients : tuple of Coefficient
        Of the effect.
    scale_coefficients : tuple of Coefficient
        Of log tau2; their errors come from the observed information.
    tau2 : ndarray, shape (k,)
        Heterogeneity variance of each study, in the order of `yi`.
    omnibus, scale_omnibus : OmnibusTest
        Wald tests of each set of moderators; all coefficients but an intercept beside others.
    likelihood_ratio : OmnibusTest or None
        Test of the scale moderators against one tau2 for all: chi-square, to be preferred to the
        Wald test. None where the scale model holds no constant.
    log_likelihood, aic, bic : float
        Restricted with REML.
    method, ci_method, level
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    scale_coefficients: tuple[Coefficient, ...]
    tau2: np.ndarray
    omnibus: OmnibusTest
    scale_omnibus: OmnibusTest
    likelihood_ratio: OmnibusTest | None
    log_likelihood: float
    aic: float
    bic: float
    method: str
    ci_method: str
    level: float

    def _page(self) -> Printout:
        scale = tuple(replace(line, name=f"log tau²: {line.name}")
                      for line in coefficient_lines(self.scale_coefficients))  # fmt: skip
        facts = [(f"Test of {', '.join(self.omnibus.names)}", omnibus_text(self.omnibus))]
        if self.likelihood_ratio is not None:
            facts.append(("Likelihood ratio against one tau²", omnibus_text(self.likelihood_ratio)))
        title = (
            f"Location-scale model, {self.k} studies ({self.method}; {self.ci_method} intervals)"
        )
        return Printout(
            title, (*coefficient_lines(self.coefficients), *scale), tuple(facts), self.level
        )


def location_scale(
    yi: Any,
    vi: Any,
    moderators: Any = None,
    scale_moderators: Any = None,
    *,
    method: str = "REML",
    ci: str = "wald",
    level: float = 0.95,
    intercept: bool = True,
    scale_intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
    scale_reference: Mapping[str, Any] | None = None,
) -> LocationScale:
    """Fit a model of both the effect and its heterogeneity.

    Source: :cite:t:`viechtbauer2022`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    moderators, scale_moderators
        As the moderators of `meta_regression`: of the effect, and of log tau2.
    method : str
        REML or ML.
    ci : str
        wald, or t with k - p (scale: k - number of scale coefficients) degrees of freedom.
    level, intercept, reference, scale_intercept, scale_reference
        As in `meta_regression`.

    Raises
    ------
    ValueError
        Faulty input as in `meta_regression`; a likelihood without a maximum, as when the effects
        of one group are closer together than sampling error lets expect.

    Examples
    --------
    >>> yi = [0.0, 0.1, -0.1, 0.2, -0.3, 1.5, -1.2, 0.9]
    >>> fit = location_scale(yi, [0.01] * 8, scale_moderators={"open": [0, 0, 0, 0, 1, 1, 1, 1]})
    >>> [round(item.estimate, 2) for item in fit.scale_coefficients]
    [-5.02, 5.14]
    """
    check_choice(method, "method", ("REML", "ML"))
    check_choice(ci, "ci", ("wald", "t"))
    check_level(level)
    k = len(np.asarray(yi)) if np.asarray(yi).ndim else 0
    plan = design(moderators, k, intercept=intercept, reference=reference)
    scale_plan = design(scale_moderators, k, intercept=scale_intercept, reference=scale_reference)
    data = prepare_regression(yi, vi, plan.matrix, plan.names)
    require_full_rank(scale_plan.matrix, scale_plan.names)
    p, m = len(plan.names), len(scale_plan.names)
    if k <= max(p, m):
        raise NotEstimable(f"{p} and {m} coefficients need more than {k} effect sizes")
    restricted, unit = method == "REML", data.studies.unit
    rows = scale_plan.matrix[data.studies.order]
    scale_basis, to_scale = orthonormal(rows)
    scale_basis, to_scale = scale_basis * np.sqrt(k), to_scale * np.sqrt(k)
    best, height, information = _maximum(data, scale_basis, restricted)
    tau2 = np.exp(scale_basis @ best)
    log_unit = _log_unit(scale_basis, unit)

    sums = project(data.basis, data.effects, data.studies.variances + tau2, np.zeros(1))
    root = data.to_coefficients @ np.linalg.inv(sums.root[0])
    estimates = unit * (data.to_coefficients @ sums.coefficients[0]) + data.origin
    covariance = unit**2 * (root @ root.T)
    scale_estimates = to_scale @ (best + log_unit)
    scale_covariance = to_scale @ np.linalg.inv(information) @ to_scale.T
    n, parameters = (k - p if restricted else k), p + m
    log_likelihood = height - n * float(np.log(unit))
    df, scale_df = (None, None) if ci == "wald" else (k - p, k - m)
    overall = overall_positions(p, plan.intercept)
    scale_overall = overall_positions(m, scale_plan.intercept)
    likelihood_ratio = None
    if scale_plan.intercept and m > 1:
        single = meta_regression(
            yi, vi, moderators, tau2=method, intercept=intercept, reference=reference
        )
        gain = max(0.0, 2 * (log_likelihood - float(single.log_likelihood or 0.0)))
        likelihood_ratio = wald_test(
            np.array([gain**0.5, *[0.0] * (m - 2)]), np.eye(m - 1), np.eye(m - 1), None,
            scale_plan.names[1:],
        )  # fmt: skip
    return LocationScale(
        k=k,
        coefficients=coefficient_table(plan.names, estimates, covariance, df, level),
        scale_coefficients=coefficient_table(
            scale_plan.names, scale_estimates, scale_covariance, scale_df, level
        ),
        tau2=data.studies.in_listed_order(tau2) * unit**2,
        omnibus=wald_test(
            estimates,
            covariance,
            selection(overall, p),
            df,
            tuple(plan.names[j] for j in overall),
        ),
        scale_omnibus=wald_test(
            scale_estimates,
            scale_covariance,
            selection(scale_overall, m),
            scale_df,
            tuple(scale_plan.names[j] for j in scale_overall),
        ),
        likelihood_ratio=likelihood_ratio,
        log_likelihood=log_likelihood,
        aic=2 * parameters - 2 * log_likelihood,
        bic=parameters * float(np.log(n)) - 2 * log_likelihood,
        method=method,
        ci_method=ci,
        level=float(level),
    )


def _log_unit(scale_basis: np.ndarray, unit: float) -> np.ndarray:
    """Scale coefficients that add 2 log(unit) to every log tau2.

    Raises
    ------
    ValueError
        The scale moderators cannot express a constant.
    """
    shift = np.full(len(scale_basis), 2 * float(np.log(unit)))
    found = scale_basis.T @ shift / len(scale_basis)
    if np.abs(scale_basis @ found - shift).max() > 1e-8 * (1 + abs(shift[0])):
        raise InputError("the scale model needs an intercept, or a factor coded by all its levels")
    return found


def _maximum(
    data: RegressionData, scale_basis: np.ndarray, restricted: bool
) -> tuple[np.ndarray, float, np.ndarray]:
    """Coefficients of log tau2, log-likelihood, and observed information, from several starts."""

    def evaluate(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        return _likelihood(data, scale_basis, parameters, restricted)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = evaluate(parameters)
        return -value, -gradient

    best: tuple[float, np.ndarray] | None = None
    for start in _starts(data, scale_basis):
        found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-8}).x
        found = _newton(evaluate, found)
        value = evaluate(found)[0]
        if best is None or value > best[0]:
            best = value, found
    assert best is not None
    height, parameters = best
    predictor = scale_basis @ parameters
    information = -_hessian(evaluate, parameters)
    inside = predictor.min() > LOWEST and predictor.max() < HIGHEST
    if not inside or not np.linalg.eigvalsh(information)[0] > 1e-8:
        raise NoConvergence(NO_MAXIMUM)
    return parameters, height, information


def _starts(data: RegressionData, scale_basis: np.ndarray) -> list[np.ndarray]:
    """One tau2 for all at three sizes; and log squared residuals regressed on the moderators."""
    residuals = data.effects - data.basis @ (data.basis.T @ data.effects)
    spread = max(data.plain_rss / data.df, 1e-3)
    starts = [
        scale_basis.T @ np.full(data.k, np.log(spread * share)) / data.k
        for share in (0.7, 0.05, 2.0)
    ]
    excess = np.maximum(residuals**2, 0.01 * spread + 0.1 * data.studies.variances)
    starts.append(scale_basis.T @ np.log(excess) / data.k)
    return starts


def _likelihood(
    data: RegressionData, scale_basis: np.ndarray, parameters: np.ndarray, restricted: bool
) -> tuple[float, np.ndarray]:
    """(Restricted) log-likelihood in units, and its gradient in the scale coefficients."""
    tau2 = np.exp(np.clip(scale_basis @ parameters, -300.0, 300.0))
    total = data.studies.variances + tau2
    weights = 1.0 / total
    roots = np.sqrt(weights)
    q_factor, r_factor = np.linalg.qr(roots[:, None] * data.basis)
    scaled = roots * data.effects
    residuals = scaled - q_factor @ (q_factor.T @ scaled)
    n = data.df if restricted else data.k
    value = n * np.log(2 * np.pi) + np.log(total).sum() + residuals @ residuals
    expected = weights
    if restricted:
        value += 2 * np.log(np.abs(np.diag(r_factor))).sum()
        expected = weights * (1.0 - (q_factor**2).sum(axis=1))
    score = 0.5 * tau2 * ((roots * residuals) ** 2 - expected)
    return -0.5 * float(value), scale_basis.T @ score


def _newton(evaluate: Any, parameters: np.ndarray) -> np.ndarray:
    """Newton steps as long as they shrink the gradient and do not lower the likelihood."""
    value, gradient = evaluate(parameters)
    for _ in range(10):
        if np.abs(gradient).max() < 1e-12:
            break
        hessian = _hessian(evaluate, parameters)
        if np.linalg.eigvalsh(hessian)[-1] >= 0:
            break
        proposal = parameters - np.linalg.solve(hessian, gradient)
        following, slope = evaluate(proposal)
        lower = following < value - 1e-12 * (1 + abs(value))
        if lower or np.abs(slope).max() >= np.abs(gradient).max():
            break
        parameters, value, gradient = proposal, following, slope
    return parameters


def _hessian(evaluate: Any, parameters: np.ndarray) -> np.ndarray:
    """Central differences of the exact gradient, refined by Richardson's extrapolation."""

    def differences(step: float) -> np.ndarray:
        return np.array(
            [
                (evaluate(parameters + step * unit)[1] - evaluate(parameters - step * unit)[1])
                / (2 * step)
                for unit in np.eye(len(parameters))
            ]
        )

    hessian = (4 * differences(5e-4) - differences(1e-3)) / 3
    return (hessian + hessian.T) / 2
