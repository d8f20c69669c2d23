"""Maximum of a selection model's likelihood: many starts, then a descent from the best of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

DESCENTS = 4
# A parameter this close to its bound (relative to the scale of the parameter) lies on it.
AT_BOUND = 1e-6

LogLikelihood = Callable[[float, float, np.ndarray], float]


@dataclass(frozen=True, slots=True)
class Space:
    """Where the maximum is sought.

    mu lies within `mu_range`, tau2 between 0 and `largest_tau2` (or is 0 by assumption), each delta
    between `lowest` and `highest`, unless `fixed` (shape (d,), NaN where free) gives it.
    """

    mu_range: tuple[float, float]
    largest_tau2: float
    random_effects: bool
    lowest: float
    highest: float
    fixed: np.ndarray

    @property
    def free(self) -> np.ndarray:
        """Which deltas are estimated."""
        return np.isnan(self.fixed)


@dataclass(frozen=True, slots=True)
class Maximum:
    """The maximum: mu, tau2, delta (d,), and covariance of the parameters inside their bounds.

    `inside` names the rows of the covariance: positions in (mu, tau2, delta_1, ...). None where
    the curvature is not that of a maximum.
    """

    mu: float
    tau2: float
    delta: np.ndarray
    log_likelihood: float
    inside: tuple[int, ...]
    covariance: np.ndarray | None


def maximise(
    log_likelihood: LogLikelihood,
    space: Space,
    mu_starts: Sequence[float],
    tau2_starts: Sequence[float],
    delta_starts: Sequence[Sequence[float]],
    unit: float,
) -> Maximum:
    """Maximise over mu, tau2 and the free deltas.

    The descent works with mu / unit, tau / unit and the square roots of the deltas: their bound
    at 0 then needs no care, for the likelihood is even in them; beyond the other bounds it is taken
    to be flat. (SciPy's L-BFGS-B, which knows bounds, was 20 times slower on a busy machine: it
    wakes the threads of LAPACK for matrices of four rows.)
    """
    free = space.free

    def unpack(point: np.ndarray) -> tuple[float, float, np.ndarray]:
        mu = min(max(float(point[0]) * unit, space.mu_range[0]), space.mu_range[1])
        tau2 = 0.0
        if space.random_effects:
            tau2 = min((float(point[1]) * unit) ** 2, space.largest_tau2)
        delta = space.fixed.copy()
        roots = point[1 + space.random_effects :]
        delta[free] = np.clip(roots**2, space.lowest, space.highest)
        return mu, tau2, delta

    def cost(point: np.ndarray) -> float:
        value = -log_likelihood(*unpack(point))
        return value if np.isfinite(value) else 1e10

    # From each delta, the best mean and tau2 to start with.
    starts = []
    for delta in delta_starts:
        roots = np.sqrt(np.asarray(delta, dtype=float)[free])
        points = [
            np.array([mu / unit, *([np.sqrt(tau2) / unit] * space.random_effects), *roots])
            for mu, tau2 in itertools.product(mu_starts, tau2_starts)
        ]
        starts.append(min(points, key=cost))
    starts.sort(key=cost)
    ends = [_descend(cost, point, central=False) for point in starts[:DESCENTS]]
    best, _ = _descend(cost, min(ends, key=lambda end: end[1])[0], central=True)
    mu, tau2, delta = unpack(best)
    if tau2 < AT_BOUND**2 * unit**2:
        tau2 = 0.0
    return _with_covariance(log_likelihood, space, mu, tau2, delta, unit)


def _descend(
    cost: Callable[[np.ndarray], float],
    start: np.ndarray,
    central: bool,
) -> tuple[np.ndarray, float]:
    """Descend by BFGS; central differences for the last digits, forward ones to get near."""

    def value_and_gradient(point: np.ndarray) -> tuple[float, np.ndarray]:
        value = cost(point)
        moves = np.diag((1e-5 if central else 1e-7) * np.maximum(1.0, np.abs(point)))
        ahead = np.array([cost(point + move) for move in moves])
        if not central:
            return value, (ahead - value) / np.diag(moves)
        behind = np.array([cost(point - move) for move in moves])
        return value, (ahead - behind) / (2 * np.diag(moves))

    options = {"maxiter": 500, "gtol": 1e-7 if central else 1e-4}
    result = minimize(value_and_gradient, start, jac=True, method="BFGS", options=options)
    return result.x, float(result.fun)


def _with_covariance(
    log_likelihood: LogLikelihood,
    space: Space,
    mu: float,
    tau2: float,
    delta: np.ndarray,
    unit: float,
) -> Maximum:
    """Covariance from the curvature in (mu, tau2, delta), for what lies inside its bounds."""
    point = np.concatenate([[mu, tau2], delta])
    width = space.highest - space.lowest
    inside = [0]
    if space.random_effects and AT_BOUND * unit**2 < tau2 < space.largest_tau2 * (1 - AT_BOUND):
        inside.append(1)
    inside += [
        2 + j
        for j in np.flatnonzero(space.free)
        if space.lowest + AT_BOUND * width < delta[j] < space.highest - AT_BOUND * width
    ]
    scales = np.array([unit, max(tau2, AT_BOUND * unit**2), *np.maximum(delta, AT_BOUND)])

    def at(values: np.ndarray) -> float:
        return log_likelihood(float(values[0]), max(0.0, float(values[1])), values[2:])

    information = -_hessian(at, point, inside, scales)
    covariance = None
    if np.isfinite(information).all():
        # Eigenvalues judge, in units of each parameter, whether this is a maximum.
        size = np.sqrt(np.abs(np.diag(information)))
        if (size > 0).all():
            scaled = information / np.outer(size, size)
            if np.linalg.eigvalsh(scaled)[0] > 1e-10:
                covariance = np.linalg.inv(scaled) / np.outer(size, size)
    return Maximum(mu, tau2, delta, at(point), tuple(inside), covariance)


def _hessian(
    function: Callable[[np.ndarray], float],
    point: np.ndarray,
    free: Sequence[int],
    scales: np.ndarray,
) -> np.ndarray:
    """Second derivatives by central differences, extrapolated once to step 0 (Richardson)."""

    def differences(step: float) -> np.ndarray:
        n = len(free)
        result = np.empty((n, n))
        moves = np.zeros((n, len(point)))
        moves[range(n), list(free)] = step * scales[list(free)]
        centre = function(point)
        for i in range(n):
            for j in range(i, n):
                a, b = moves[i], moves[j]
                if i == j:
                    top = function(point + a) - 2 * centre + function(point - a)
                    result[i, i] = top / a.sum() ** 2
                else:
                    top = (
                        function(point + a + b)
                        - function(point + a - b)
                        - function(point - a + b)
                        + function(point - a - b)
                    )
                    result[i, j] = result[j, i] = top / (4 * a.sum() * b.sum())
        return result

    coarse, fine = differences(4e-3), differences(2e-3)
    return fine + (fine - coarse) / 3
