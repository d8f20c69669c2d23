"""Posteriors as mixtures over tau: means, spreads, probabilities and quantiles to about 1e-10."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from .printing import Line, Printed, Printout

MOST_STEPS = 400
# Sums of weights are known no better than this; nor is a value.
ROUNDING = 4e-15


@dataclass(frozen=True, slots=True, repr=False)
class Posterior(Printed):
    """The posterior distribution of one quantity.

    Attributes
    ----------
    mean, sd : float or None
        None where it is infinite: with few studies and a prior of tau that has a heavy tail.
    median, ci_low, ci_high : float
        The limits are those of the central interval that holds `level` of the probability.
    level : float
    below : callable
        Probability that the quantity is below a value.
    """

    mean: float | None
    sd: float | None
    median: float
    ci_low: float
    ci_high: float
    level: float
    below: Callable[[float], float] = field(repr=False, compare=False)

    def _page(self) -> Printout:
        line = Line("median", self.median, self.sd, self.ci_low, self.ci_high, kind="mean")
        mean = "infinite" if self.mean is None else f"{self.mean:.4f}"
        above = self.probability_above(0.0)
        # Of a standard deviation it is 1 and says nothing.
        beyond = (("Probability above 0", f"{above:.4f}"),) if above < 1 else ()
        facts = (("Mean", mean), *beyond)
        return Printout("Posterior distribution", (line,), facts, self.level, interval="CrI")

    def plot(self) -> Any:
        """Probability below each value, with the interval's limits."""
        from .plotting import distribution

        return distribution(self._page(), self.below, self.median, self.ci_low, self.ci_high)

    def probability_above(self, threshold: float) -> float:
        """Probability that the quantity exceeds `threshold`."""
        return 1.0 - self.below(threshold)


def normal_mixture(
    weights: np.ndarray, means: np.ndarray, sds: np.ndarray, level: float, moments: float
) -> Posterior:
    """Posterior that is normal given tau; arrays of shape (nodes,), weights summing to 1.

    `moments` is how many of its moments are finite.
    """
    mean = float(weights @ means)
    variance = float(weights @ (sds * sds + (means - mean) ** 2))
    tail = (1.0 - level) / 2.0

    def below(value: float) -> float:
        return float(weights @ ndtr((value - means) / sds))

    def density(value: float) -> float:
        z = (value - means) / sds
        return float(weights @ (np.exp(-0.5 * z * z) / sds)) / math.sqrt(2.0 * math.pi)

    def at(probability: float) -> float:
        # The mixture's quantile lies between the smallest and the largest of its components'.
        quantiles = means + sds * float(ndtri(probability))
        low, high = float(quantiles.min()), float(quantiles.max())
        return quantile(below, density, probability, low, high, float(weights @ quantiles))

    return Posterior(
        mean if moments >= 1 else None,
        math.sqrt(variance) if moments >= 2 else None,
        at(0.5),
        at(tail),
        at(1 - tail),
        level,
        below,
    )


def quantile(
    below: Callable[[float], float],
    density: Callable[[float], float],
    probability: float,
    low: float,
    high: float,
    start: float,
) -> float:
    """Where `below` reaches `probability`, by Newton's method inside a bracket."""
    value = min(max(start, low), high)
    for _ in range(MOST_STEPS):
        excess = below(value) - probability
        if excess < 0:
            low = value
        else:
            high = value
        slope = density(value)
        step = excess / slope if slope > 0 else math.inf
        following = value - step
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(excess) <= ROUNDING or high - low <= ROUNDING * max(abs(low), abs(high)):
            return value
        value = following
    return value
