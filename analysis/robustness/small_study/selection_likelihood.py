"""Likelihood of selection models.

A study with effect y and variance v is seen with a probability in proportion to w(p), p its P. If
true effects are normal with mean mu and variance tau2, its density among the studies seen is

    w(p) phi(y; mu, v + tau2) / A,    A = integral of w(p(y)) phi(y; mu, v + tau2) dy.

In units of the study's own standard error, z = y / sqrt(v), p depends on z alone and phi is a
normal density with mean m = mu / sqrt(v) and standard deviation s = sqrt(1 + tau2 / v) >= 1. So one
fixed grid of z serves all studies and all parameters, and Gauss-Legendre panels one unit wide
give A to about 14 digits; outside the grid w is constant. For step functions A is a sum of normal
probabilities. Sources: see `selection_weights.py`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from .selection_weights import SmoothWeight

GREATER, LESS, TWO_SIDED = "greater", "less", "two-sided"
ALTERNATIVES = (GREATER, LESS, TWO_SIDED)

# Beyond this z a P is 0 or 1 to all digits.
FARTHEST = 8.3
PANEL, NODES = 1.0, 14
GRADED_PANELS = 9
LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


def p_values(z: np.ndarray, alternative: str) -> np.ndarray:
    """P of z statistics: one-sided for large ("greater") or small ("less") values, or two-sided.

    Examples
    --------
    >>> p_values(np.array([1.959964]), "two-sided").round(4).tolist()
    [0.05]
    """
    if alternative == TWO_SIDED:
        return 2 * ndtr(-np.abs(z))
    return ndtr(-z if alternative == GREATER else z)


@dataclass(frozen=True, slots=True)
class Seen:
    """The studies that were seen; effects are turned so that "less" reads as "greater".

    Fields are of shape (k,). `imprecision` enters the weights of some models (1 where not used).
    """

    effects: np.ndarray
    variances: np.ndarray
    imprecision: np.ndarray
    two_sided: bool

    @property
    def p(self) -> np.ndarray:
        """P values, shape (k,)."""
        z = self.effects / np.sqrt(self.variances)
        return p_values(z, TWO_SIDED if self.two_sided else GREATER)

    @property
    def unit(self) -> float:
        """A length on the scale of the effects for the search: their spread or a typical error."""
        return float(max(np.sqrt(np.median(self.variances)), self.effects.std()))

    def log_density(self, mu: float, tau2: float) -> np.ndarray:
        """Log of the normal density without selection, shape (k,)."""
        total = self.variances + tau2
        return -LOG_ROOT_2PI - 0.5 * np.log(total) - 0.5 * (self.effects - mu) ** 2 / total

    def standardised(self, mu: float, tau2: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each z before selection, shape (k,)."""
        return mu / np.sqrt(self.variances), np.sqrt(1 + tau2 / self.variances)


class StepLikelihood:
    """Step function: relative weights 1, delta_2, ..., delta_c in the intervals of P."""

    def __init__(self, seen: Seen, steps: tuple[float, ...]) -> None:
        self.seen = seen
        self.interval = np.searchsorted(steps, seen.p, side="left")
        self.counts = np.bincount(self.interval, minlength=len(steps))
        inner = np.array(steps[:-1])
        bounds = -ndtri(inner / 2 if seen.two_sided else inner)
        self.above = np.concatenate([[np.inf], bounds])
        self.below = np.concatenate([bounds, [0.0 if seen.two_sided else -np.inf]])

    def log_likelihood(self, mu: float, tau2: float, delta: np.ndarray) -> float:
        """`delta` has shape (c - 1,): the weights of all intervals but the first."""
        weights = np.concatenate([[1.0], delta])
        mean, spread = self.seen.standardised(mu, tau2)
        probability = _between(self.below, self.above, mean, spread)
        if self.seen.two_sided:
            probability = probability + _between(self.below, self.above, -mean, spread)
        # A weight of 0 where a study was seen, or everywhere that it could be: likelihood 0.
        with np.errstate(divide="ignore", invalid="ignore"):
            log_weight = np.log(weights)[self.interval]
            log_seen = np.log(probability @ weights)
            return _sum(self.seen.log_density(mu, tau2) + log_weight - log_seen)


class SmoothLikelihood:
    """A smooth weight function of P."""

    def __init__(self, seen: Seen, weight: SmoothWeight) -> None:
        self.seen, self.weight = seen, weight
        margin = weight.p_margin
        self.own_terms = weight.terms(np.clip(seen.p, margin, 1 - margin))
        one_sided = margin / 2 if seen.two_sided else margin
        self.far = float(-ndtri(one_sided)) if margin else FARTHEST
        corners = [-self.far, 0.0, self.far]
        if seen.two_sided and margin:
            # 1 - P is in proportion to |z| near 0, so that its powers have a corner or a peak
            # there, up to where P is kept below 1 - margin: panels shrink towards it.
            nearest = float(-ndtri((1 - margin) / 2))
            graded = np.geomspace(nearest, 1.0, GRADED_PANELS + 1).tolist()
            corners = [-self.far, *(-z for z in reversed(graded)), *graded, self.far]
        self.z, widths = _nodes(corners)
        self.log_widths = np.log(widths) - LOG_ROOT_2PI
        alternative = TWO_SIDED if seen.two_sided else GREATER
        ends = np.array([-np.inf, np.inf])
        p = np.clip(p_values(np.append(self.z, ends), alternative), margin, 1 - margin)
        self.terms = weight.terms(p)
        same = bool((seen.imprecision == 1).all())
        self.imprecision = np.ones((1, 1)) if same else seen.imprecision[:, None]

    def log_likelihood(self, mu: float, tau2: float, delta: np.ndarray) -> float:
        """`delta` has shape (parameters,)."""
        own = self.weight.log_weight(self.own_terms, self.seen.imprecision, delta)
        mean, spread = (item[:, None] for item in self.seen.standardised(mu, tau2))
        inside = self.log_widths - 0.5 * ((self.z - mean) / spread) ** 2 - np.log(spread)
        below = log_ndtr((-self.far - mean) / spread)
        above = log_ndtr((mean - self.far) / spread)
        exponents = np.concatenate([inside, below, above], axis=1)
        exponents += self.weight.log_weight(self.terms, self.imprecision, delta)
        highest = exponents.max(axis=1)
        log_seen = highest + np.log(np.exp(exponents - highest[:, None]).sum(axis=1))
        return _sum(self.seen.log_density(mu, tau2) + own - log_seen)


def _nodes(corners: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss-Legendre panels between corners."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    z, widths = [], []
    for low, high in itertools.pairwise(corners):
        edges = np.linspace(low, high, math.ceil((high - low) / PANEL) + 1)
        half = np.diff(edges)[:, None] / 2
        z.append(((edges[:-1, None] + half) + half * nodes).ravel())
        widths.append((half * weights).ravel())
    return np.concatenate(z), np.concatenate(widths)


def _between(
    below: np.ndarray, above: np.ndarray, mean: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Normal probability between bounds (c,), for each study: shape (k, c)."""
    low = (below - mean[:, None]) / spread[:, None]
    high = (above - mean[:, None]) / spread[:, None]
    # In the upper tail the difference is taken between small numbers, not between ones.
    upper = low > 0
    return np.where(upper, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))


def _sum(terms: np.ndarray) -> float:
    total = float(terms.sum())
    return total if math.isfinite(total) else -math.inf
