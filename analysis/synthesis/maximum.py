"""The maximum of a mixed model's likelihood: several starts, L-BFGS-B, then Newton's method.

Variances at 0 and correlations at their bounds are ordinary results here: the parameters are
standard deviations and correlations in closed ranges, in which the likelihood is smooth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from analysis.errors import NoConvergence

from .mixed import Evaluation, MixedModel, evaluate

# Correlations to start from, and multiples of the moment estimate of the total variance.
START_CORRELATIONS = (0.5, 0.0, 0.9, -0.9)
START_FACTORS = (1.0, 0.05, 5.0)
NEWTON_STEPS = 12
# A standard deviation below this share of the typical sampling error is tried as exactly 0.
NEGLIGIBLE = 1e-3


@dataclass(frozen=True, slots=True)
class Maximum:
    """Parameters at the maximum; `gradient_norm` is the largest slope in a free direction."""

    parameters: np.ndarray
    log_likelihood: float
    gradient_norm: float


def maximise_likelihood(
    model: MixedModel,
    restricted: bool,
    *,
    fixed: dict[int, float] | None = None,
    start: np.ndarray | None = None,
) -> Maximum:
    """Maximise over all parameters, or all but those that are held `fixed` (position: value).

    With `start`, from there alone (for profiles, whose neighbours are good starts).
    """
    held = fixed or {}
    bounds = np.array(model.bounds()).reshape(-1, 2)
    for position, value in held.items():
        bounds[position] = value
    free = bounds[:, 0] < bounds[:, 1]
    starts = _starts(model) if start is None else [start]
    found = []
    for guess in starts:
        guess = np.clip(guess, bounds[:, 0], bounds[:, 1])
        if free.any():
            guess = _descend(model, guess, bounds, free, restricted)
            guess = _polish(model, guess, bounds, free, restricted)
        found.append((_value(model, guess, restricted), guess))
    value, best = max(found, key=lambda pair: pair[0])
    if not np.isfinite(value):
        raise NoConvergence("the likelihood cannot be evaluated: the covariance is not positive "
                         "definite at any starting value")  # fmt: skip
    best = _snap(model, best, value, free, restricted)
    last = evaluate(model, best, restricted)
    slopes = _projected(best, last.gradient, bounds, free)
    return Maximum(best, last.log_likelihood, float(np.abs(slopes).max(initial=0.0)))


def _starts(model: MixedModel) -> list[np.ndarray]:
    """Total variance by moments, shared out among the terms in several ways."""
    k, p = model.basis.shape
    variances = model.sampling if model.sampling.ndim == 1 else np.diag(model.sampling)
    residuals = model.y - model.basis @ (model.basis.T @ model.y)
    typical = float(np.median(variances))
    total = max(float(residuals @ residuals) / max(1, k - p) - typical, 0.1 * typical)
    n = len(model.terms)
    shares = [np.full(n, 1.0 / n)]
    if n > 1:
        shares += [np.where(np.arange(n) == i, 0.9, 0.1 / (n - 1)) for i in range(n)]
    correlated = any(term.structure.n_correlation for term in model.terms)
    plans = [(share, 1.0, START_CORRELATIONS[0]) for share in shares]
    plans += [(shares[0], factor, START_CORRELATIONS[0]) for factor in START_FACTORS[1:]]
    if correlated:
        plans += [
            (shares[0], factor, correlation)
            for factor in START_FACTORS[:2]
            for correlation in START_CORRELATIONS[1:]
        ]
    starts = []
    for share, factor, correlation in plans:
        parts = []
        for term, part in zip(model.terms, share, strict=True):
            structure = term.structure
            parts += [np.sqrt(factor * part * total)] * structure.n_sd
            parts += [structure.from_correlation(correlation)] * structure.n_correlation
        starts.append(np.array(parts))
    return starts


def _value(model: MixedModel, parameters: np.ndarray, restricted: bool) -> float:
    found = _try(model, parameters, restricted)
    return -np.inf if found is None else found.log_likelihood


def _try(model: MixedModel, parameters: np.ndarray, restricted: bool) -> Evaluation | None:
    """The model at these parameters; None where rounding makes the covariance indefinite."""
    try:
        found = evaluate(model, parameters, restricted)
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite(found.log_likelihood) else None


def _descend(
    model: MixedModel,
    start: np.ndarray,
    bounds: np.ndarray,
    free: np.ndarray,
    restricted: bool,
) -> np.ndarray:
    parameters = start.copy()

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        parameters[free] = values
        found = _try(model, parameters, restricted)
        if found is None:
            return 1e100, np.zeros(len(values))
        return -found.log_likelihood, -found.gradient[free]

    result = minimize(
        loss,
        start[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, None if np.isinf(high) else high) for low, high in bounds[free]],
        options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 500},
    )
    parameters[free] = result.x
    return parameters.copy()


def _projected(
    parameters: np.ndarray, gradient: np.ndarray, bounds: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """The gradient without directions that are fixed or lead out of the bounds."""
    stuck_low = (parameters <= bounds[:, 0]) & (gradient <= 0)
    stuck_high = (parameters >= bounds[:, 1]) & (gradient >= 0)
    return np.where(free & ~stuck_low & ~stuck_high, gradient, 0.0)


def _polish(
    model: MixedModel,
    parameters: np.ndarray,
    bounds: np.ndarray,
    free: np.ndarray,
    restricted: bool,
) -> np.ndarray:
    """Newton steps with a Hessian from differences of the gradient, as long as they help."""
    current = _try(model, parameters, restricted)
    for _ in range(NEWTON_STEPS):
        if current is None:
            break
        slopes = _projected(parameters, current.gradient, bounds, free)
        active = np.flatnonzero(slopes)
        if not len(active) or np.abs(slopes).max() < 1e-11:
            break
        hessian = _hessian(model, parameters, active, bounds, restricted)
        if hessian is None:
            break
        values, vectors = np.linalg.eigh(hessian)
        if values.max() >= 0:
            break  # not concave here: L-BFGS-B has the last word
        step = vectors @ ((vectors.T @ slopes[active]) / -values)
        proposal = parameters.copy()
        proposal[active] = np.clip(parameters[active] + step, bounds[active, 0], bounds[active, 1])
        following = _try(model, proposal, restricted)
        if following is None:
            break
        rounding = 1e-13 * (1 + abs(current.log_likelihood))
        better = np.abs(_projected(proposal, following.gradient, bounds, free)).max()
        if following.log_likelihood < current.log_likelihood - rounding:
            break
        if better >= np.abs(slopes).max():
            break
        parameters, current = proposal, following
    return parameters


def _hessian(
    model: MixedModel,
    parameters: np.ndarray,
    active: np.ndarray,
    bounds: np.ndarray,
    restricted: bool,
) -> np.ndarray | None:
    columns = []
    for j in active:
        step = 1e-5 * max(abs(parameters[j]), 1e-2)
        ends = []
        for sign in (1, -1):
            moved = parameters.copy()
            moved[j] = min(max(parameters[j] + sign * step, bounds[j, 0]), bounds[j, 1])
            found = _try(model, moved, restricted)
            if found is None:
                return None
            ends.append((moved[j], found.gradient[active]))
        columns.append((ends[0][1] - ends[1][1]) / (ends[0][0] - ends[1][0]))
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2


def _snap(
    model: MixedModel, parameters: np.ndarray, value: float, free: np.ndarray, restricted: bool
) -> np.ndarray:
    """Set standard deviations that have all but vanished to exactly 0 where that costs nothing."""
    variances = model.sampling if model.sampling.ndim == 1 else np.diag(model.sampling)
    small = NEGLIGIBLE * float(np.sqrt(np.median(variances)))
    at = 0
    for term in model.terms:
        for j in range(at, at + term.structure.n_sd):
            if free[j] and 0 < parameters[j] < small:
                trial = parameters.copy()
                trial[j] = 0.0
                if _value(model, trial, restricted) >= value - 1e-10 * (1 + abs(value)):
                    parameters = trial
        at += term.structure.n
    return parameters
