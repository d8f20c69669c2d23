"""Robust variance estimation with correlated effects: several effects per study, one mean model.

Source: :cite:t:`hedges2010` (weights, tau2); :cite:t:`tipton2015` (small-sample correction: CR2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from .checks import check_level, numbers, one_for_each
from .design import as_labels, as_vector, design
from .printing import Printed, Printout
from .regression_data import require_full_rank
from .robust import RobustFit, robust_coefficients
from .studies import prepare


@dataclass(frozen=True, slots=True, repr=False)
class CorrelatedEffects(Printed):
    """What `correlated_effects` returns.

    `robust` holds coefficients, tests and notes; `tau2` is the variance of true effects between
    studies, `q` the weighted residual sum of squares on which it rests, `i2` its excess over
    expectation in percent; `rho` the correlation that was assumed, `weights` those of the effects
    (k,).
    """

    robust: RobustFit
    tau2: float
    i2: float
    q: float
    rho: float
    weights: np.ndarray

    def _page(self) -> Printout:
        page = self.robust._page()
        facts = (
            ("tau²", f"{self.tau2:.4f}"),
            ("I²", f"{self.i2:.1f}%"),
            ("rho (assumed)", f"{self.rho:g}"),
        )
        return replace(page, title=f"Correlated effects: {page.title}", facts=(*facts, *page.facts))


def correlated_effects(
    yi: Any,
    vi: Any,
    studies: Any,
    moderators: Any = None,
    *,
    rho: float = 0.8,
    small_sample: bool = True,
    level: float = 0.95,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
) -> CorrelatedEffects:
    """Meta-regression of dependent effects without a model of their dependence.

    Source: :cite:t:`hedges2010` (weights, tau2); :cite:t:`tipton2015` (small-sample correction,
    CR2).

    Every study has the same total weight whatever its number of effects: 1 / (k_j (v_j + tau2))
    for each, v_j the mean sampling variance of study j. The correlation rho matters for tau2 only,
    and little; the standard errors do not rest on it.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    studies : labels, shape (k,)
    moderators, level, intercept, reference
        As in `meta_regression`.
    rho : float
        Assumed correlation of sampling errors within a study, 0 to 1.
    small_sample : bool
        CR2 with Satterthwaite's degrees of freedom; otherwise CR1 with n - p.

    Raises
    ------
    ValueError
        Faulty input as in `meta_regression`; rho outside 0 to 1; fewer than two studies, or not
        more studies than coefficients.

    Examples
    --------
    >>> fit = correlated_effects([0.1, 0.3, 0.6, 0.8, 0.2], [0.02] * 5, [1, 1, 2, 2, 3])
    >>> round(fit.robust.coefficients[0].estimate, 3), round(fit.tau2, 3)
    (0.367, 0.073)
    """
    check_level(level)
    if not 0 <= rho <= 1:
        raise InputError(f"rho must lie between 0 and 1; found {rho}")
    prepare(yi, vi)  # raises what is wrong
    effects, variances = numbers(yi, "yi"), numbers(vi, "vi")
    labels = as_labels(as_vector(studies, "studies"), "studies")
    k = len(effects)
    one_for_each(labels, "studies", k)
    groups = np.unique(np.array(labels), return_inverse=True)[1]
    plan = design(moderators, k, intercept=intercept, reference=reference)
    require_full_rank(plan.matrix, plan.names)
    n, p = int(groups.max()) + 1, len(plan.names)
    if n <= p:
        raise NotEstimable(f"{p} coefficients need more than {n} studies")
    sizes = np.bincount(groups)
    means = np.bincount(groups, variances) / sizes
    tau2, q, i2 = _tau2(plan.matrix, effects, groups, sizes, means, rho)
    weights = 1.0 / (sizes * (means + tau2))[groups]
    estimates = _weighted(plan.matrix, effects, weights)
    kind = "CR2" if small_sample else "CR1"
    guarded = robust_coefficients(plan, effects, estimates, 1.0 / weights, groups, kind, level)
    return CorrelatedEffects(guarded, tau2, i2, q, float(rho), weights)


def _weighted(matrix: np.ndarray, effects: np.ndarray, weights: np.ndarray) -> np.ndarray:
    roots, origin = np.sqrt(weights), np.zeros(matrix.shape[1])
    if np.all(matrix[:, 0] == 1):  # a distant origin costs no digits
        origin[0] = float(np.median(effects))
    scale = np.sqrt((matrix**2).sum(axis=0))
    left = effects - matrix @ origin
    solution = np.linalg.lstsq(roots[:, None] * matrix / scale, roots * left, rcond=None)[0]
    return origin + solution / scale


def _tau2(
    matrix: np.ndarray,
    effects: np.ndarray,
    groups: np.ndarray,
    sizes: np.ndarray,
    means: np.ndarray,
    rho: float,
) -> tuple[float, float, float]:
    """tau2 by the method of moments, its Q, and I2 in percent.

    With weights w_j = 1 / (k_j v_j) and V = (X' W X)^-1, a study's sampling covariance being
    v_j ((1 - rho) I + rho J), the expectation of Q is
    n - (1 - rho) tr V sum (w_j / k_j) X_j' X_j - rho tr V sum (w_j / k_j) X_j' J X_j
    + tau2 (sum k_j w_j - tr V sum w_j^2 X_j' J X_j).
    """
    weights = 1.0 / (sizes * means)
    estimates = _weighted(matrix, effects, weights[groups])
    residuals = effects - matrix @ estimates
    each = weights[groups]
    q = float(each @ residuals**2)
    scale = np.sqrt((matrix**2).sum(axis=0))
    x = matrix / scale
    inverse = np.linalg.inv(x.T @ (each[:, None] * x))
    sums = np.zeros((len(sizes), x.shape[1]))
    np.add.at(sums, groups, x)
    plain = x.T @ ((each / sizes[groups])[:, None] * x)
    joint = sums.T @ ((weights / sizes)[:, None] * sums)
    squared = sums.T @ ((weights**2)[:, None] * sums)
    expected = len(sizes) - (1 - rho) * np.trace(inverse @ plain) - rho * np.trace(inverse @ joint)
    slope = float(sizes @ weights) - np.trace(inverse @ squared)
    tau2 = max(0.0, float((q - expected) / slope))
    i2 = 100 * max(0.0, 1 - float(expected) / q) if q > 0 else 0.0
    return tau2, q, i2
