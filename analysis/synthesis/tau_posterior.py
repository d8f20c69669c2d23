"""The posterior of tau where everything else is normal given tau: its nodes, weights and quantiles.

One dimension is left to integrate, with Gauss-Legendre panels placed where the posterior lives. What is
integrated is a `TauModel`: a pairwise meta-analysis (`bayes.py`) or a network (`network/bayes.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from analysis.errors import InputError

from .checks import check_choice
from .mixture import Posterior, quantile
from .studies import Studies

TAU_PRIORS = ("half-normal", "half-cauchy", "exponential", "uniform")
# What lies so far below the highest log-density is left out (e^-60 = 1e-26).
NEGLIGIBLE = 60.0
# A posterior narrower than this (relative), heaped against the upper limit of a prior that the data
# contradict, cannot be resolved in doubles: it is taken as a point.
NARROWEST = 1e-9
# Points of the search for where the posterior lives, and rounds in which it closes in.
POINTS, ROUNDS = 400, 8
# Panels over the posterior, and Gauss-Legendre nodes in each.
PANELS, NODES = 48, 12


class TauModel(Protocol):
    """What is asked of a model; tau in units of `studies`."""

    @property
    def studies(self) -> Studies:
        """Effects and variances, which tell where tau may lie."""

    @property
    def upper(self) -> float:
        """Upper limit of the prior, may be infinite."""

    @property
    def scale(self) -> float:
        """Scale of the prior, 0 where it has none."""

    def log_density(self, tau: np.ndarray) -> np.ndarray:
        """Log posterior density of tau, shape (n,), but for a constant."""


def check_tau_prior(tau_prior: Any) -> tuple[str, float]:
    """The name and the scale of a prior of tau.

    Raises
    ------
    ValueError
        An unknown name; a scale that is not positive.
    """
    if not isinstance(tau_prior, tuple) or len(tau_prior) != 2:
        raise InputError(f"tau_prior must be a pair of name and scale; found {tau_prior!r}")
    check_choice(tau_prior[0], "the name in tau_prior", TAU_PRIORS)
    scale = tau_prior[1]
    flat = tau_prior[0] == "uniform"
    if not scale > 0 or (math.isinf(scale) and not flat):
        finite = "" if flat else " and finite"
        raise InputError(f"the scale in tau_prior must be positive{finite}; found {scale!r}")
    return tau_prior[0], float(scale)


def log_prior(kind: str, s: float) -> Callable[[np.ndarray], np.ndarray]:
    """Log density of tau, but for a constant; `s` its scale, on the scale of tau."""
    densities: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "half-normal": lambda tau: -0.5 * (tau / s) ** 2,
        "half-cauchy": lambda tau: -np.log1p((tau / s) ** 2),
        "exponential": lambda tau: -tau / s,
        "uniform": np.zeros_like,
    }
    return densities[kind]


def finite_moments(df: int, kind: str, scale: float) -> float:
    """How many moments of tau are finite: its density falls like tau^-a, E tau^m needs a > m + 1.

    `df` is the number of effects less the number of coefficients under a flat prior.
    """
    if kind in ("half-normal", "exponential") or (kind == "uniform" and math.isfinite(scale)):
        return math.inf
    return df + (2 if kind == "half-cauchy" else 0) - 2


def integrate_tau(
    model: TauModel, level: float, moments: float
) -> tuple[np.ndarray, np.ndarray, Posterior]:
    """Nodes of tau (in units), their weights, and the posterior of tau itself (on the scale of yi).

    All is done in x = asinh(tau / s), s the smallest standard error: linear near 0, where the
    density varies on the scale of s at most, and logarithmic in the tail.
    """
    s = math.sqrt(model.studies.smallest_variance)

    def log_density(x: np.ndarray) -> np.ndarray:
        return model.log_density(s * np.sinh(x)) + np.log(np.cosh(x))

    low, high = _support(model, log_density, s)
    if high - low < NARROWEST * high:
        return _point(s * math.sinh(high), model.studies.unit, level)
    nodes, heights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(low, high, PANELS + 1)
    half = 0.5 * (edges[1] - edges[0])
    x = (edges[:-1, None] + half * (nodes + 1.0)).ravel()
    logs = log_density(x)
    highest = float(logs.max())
    masses = (half * np.tile(heights, PANELS)) * np.exp(logs - highest)
    norm = float(masses.sum())
    weights = masses / norm
    cumulative = np.append(0.0, np.cumsum(weights.reshape(PANELS, NODES).sum(axis=1)))

    def below_x(value: float) -> float:
        panel = min(max(int(np.searchsorted(edges, value, side="right")) - 1, 0), PANELS - 1)
        part = 0.5 * (value - edges[panel])
        inside = np.exp(log_density(edges[panel] + part * (nodes + 1.0)) - highest) / norm
        return float(cumulative[panel] + part * (heights @ inside))

    def density_x(value: float) -> float:
        return float(np.exp(log_density(np.array([value]))[0] - highest)) / norm

    unit, middle = model.studies.unit, float(weights @ x)

    def below(value: float) -> float:
        reached = math.asinh(max(value, 0.0) / unit / s)
        return 0.0 if reached <= low else 1.0 if reached >= high else below_x(reached)

    def at(probability: float) -> float:
        return unit * s * math.sinh(quantile(below_x, density_x, probability, low, high, middle))

    tau, tail = s * np.sinh(x), (1.0 - level) / 2.0
    mean = float(weights @ tau)
    sd = math.sqrt(float(weights @ (tau - mean) ** 2))
    posterior = Posterior(
        mean * unit if moments >= 1 else None,
        sd * unit if moments >= 2 else None,
        at(0.5),
        at(tail),
        at(1 - tail),
        level,
        below,
    )
    return tau, weights, posterior


def _point(tau: float, unit: float, level: float) -> tuple[np.ndarray, np.ndarray, Posterior]:
    """All probability at one tau (in units)."""
    value = tau * unit
    posterior = Posterior(
        value, 0.0, value, value, value, level, lambda limit: float(limit >= value)
    )
    return np.array([tau]), np.ones(1), posterior


def _support(
    model: TauModel, log_density: Callable[[np.ndarray], np.ndarray], s: float
) -> tuple[float, float]:
    """Where the density of x is not negligible: found on a grid that closes in on it."""
    studies = model.studies
    largest = max(
        math.sqrt(studies.squared_range), math.sqrt(float(studies.variances[-1])), model.scale, s
    )
    # The tail falls at least like e^-x: no density is left so far beyond every scale of the problem.
    low, high = 0.0, math.asinh(min(model.upper, largest) / s) + 2 * NEGLIGIBLE
    if math.isfinite(model.upper):
        high = min(high, math.asinh(model.upper / s))
    for _ in range(ROUNDS):
        x = np.linspace(low, high, POINTS)
        logs = log_density(x)
        # The highest itself is always kept: of effects 1e20 errors apart, nothing else is.
        kept = np.flatnonzero(logs >= logs.max() - NEGLIGIBLE)
        first, last = max(int(kept[0]) - 1, 0), min(int(kept[-1]) + 1, POINTS - 1)
        low, high = float(x[first]), float(x[last])
        if last - first > POINTS // 2:
            break
    return low, high
