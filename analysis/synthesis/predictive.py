"""Where the true effect of a new study lies, with the doubt about tau2: predictive distribution for few studies.

The usual prediction interval takes the estimate of tau2 as if it were known. Where that is 0 it repeats
the confidence interval, and with few studies it covers too seldom. Here tau2 has its whole confidence
distribution: H(t) is the probability that Cochran's Q exceeds its observed value if tau2 is t. Given tau2,
a new effect is m + tau Z - s T, with m the weighted mean at tau2, s^2 Hartung and Knapp's variance of it,
Z standard normal and T Student's t with k - 1 degrees of freedom. As in the interval of the mean that is told, s is
never below Wald's error: of studies that happen to agree, a new effect would else be better known than their mean.

Source: :cite:t:`nagashima2019`, who draw from it by a parametric bootstrap; here it is integrated, so that two
runs give the same digits. Distribution of Q: :cite:t:`imhof1961`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import chdtrc, gammaincinv

from analysis.errors import NotEstimable

from .checks import check_level
from .mixture import normal_mixture
from .printing import Line, Printed, Printout
from .studies import Studies, prepare
from .weighted import sums_at, sums_on

LEAST = 3
# Values of tau2 at which Q's distribution is worked out; between them it is interpolated.
TABULATED, STEPS = 48, 160
# Nodes of the integral over T, and of Imhof's integral on the logarithm of its variable.
NODES_OF_T, NODES = 48, 2000
# Up to so many studies eigenvalues are quicker; values taken at once; the integrand's logarithm that is nothing.
FEW, CHUNK, NOTHING = 40, 500, 45.0
LOWEST, HIGHEST = 1e-6, 1e4
# The tail of tau2 that is left out, and how often its upper end is made four times as large at most.
NEGLIGIBLE, WIDENINGS = 1e-4, 12


@dataclass(frozen=True, slots=True, repr=False)
class Predictive(Printed):
    """The predictive distribution of the true effect in a new study.

    Attributes
    ----------
    low, high : float
        Prediction interval at `level`.
    level : float
    median : float
    below : callable
        Probability that the effect lies below a value: the share of settings in which it does.
    """

    low: float
    high: float
    level: float
    median: float
    below: Callable[[float], float] = field(repr=False, compare=False)

    def _page(self) -> Printout:
        line = Line("median", self.median, None, self.low, self.high, kind="prediction")
        title = "Predictive distribution of the true effect in a new study"
        return Printout(title, (line,), (), self.level, interval="PI")

    def plot(self) -> Any:
        """Share of settings whose true effect lies below each value, with the interval's limits."""
        from .plotting import distribution

        return distribution(self._page(), self.below, self.median, self.low, self.high)

    def share_beyond(self, threshold: float, better: float = 1.0) -> float:
        """Share of settings whose true effect is beyond `threshold`, on the side of the sign of `better`.

        >>> found = predictive([0.1, 0.3, 0.35, 0.65, 0.2], [0.01, 0.02, 0.04, 0.03, 0.02])
        >>> round(found.share_beyond(0.0), 2), round(found.share_beyond(0.0, better=-1), 2)
        (0.89, 0.11)
        """
        return 1.0 - self.below(threshold) if better > 0 else self.below(threshold)


def predictive(yi: Any, vi: Any, level: float = 0.95, *, floor: bool = True) -> Predictive:
    """Predictive distribution from at least three studies.

    Source: :cite:t:`nagashima2019`.

    Parameters
    ----------
    yi, vi, level
        As in `pool`.
    floor : bool
        Whether the variance of the mean is never below Wald's; without, as published.

    Raises
    ------
    ValueError
        As `pool`; fewer than three studies.

    Examples
    --------
    >>> found = predictive([0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03])
    >>> round(found.low, 2), round(found.high, 2)
    (-0.63, 1.31)
    """
    check_level(level)
    studies = prepare(yi, vi)
    if studies.k < LEAST:
        raise NotEstimable(f"a prediction needs at least {LEAST} studies; found {studies.k}")
    tau2, weights = _distribution_of_tau2(studies)
    sums = sums_on(studies, tau2)
    df = studies.k - 1
    # T = Z / sqrt(C / df), C chi-square: given C, what is added to tau Z is normal, too.
    stretch = df / (2 * gammaincinv(df / 2, _SHARES))
    factor = np.maximum(sums.q / df, 1.0) if floor else sums.q / df
    variance = tau2[:, None] + (factor / sums.total)[:, None] * stretch
    means = np.broadcast_to(sums.mean[:, None], variance.shape)
    mixed = normal_mixture(
        np.outer(weights, _WEIGHTS).ravel(),
        studies.centre + studies.unit * means.ravel(),
        studies.unit * np.sqrt(np.maximum(variance, np.finfo(float).tiny)).ravel(),
        level,
        1,
    )
    return Predictive(mixed.ci_low, mixed.ci_high, float(level), mixed.median, mixed.below)


def _distribution_of_tau2(studies: Studies) -> tuple[np.ndarray, np.ndarray]:
    """Points of tau2 (in squared units) and their probabilities, from its confidence distribution."""
    sums = sums_at(studies, 0.0)
    if sums.q <= 0:  # equal effects agree with no tau2 but 0
        return np.zeros(1), np.ones(1)
    spectrum = _Spectrum.of(studies)
    typical = (studies.k - 1) / sums.trace
    high = max(typical, studies.squared_range)
    for _ in range(WIDENINGS):
        if 1.0 - spectrum.exceeds(np.array([high]), sums.q)[0] <= NEGLIGIBLE:
            break
        high *= 4.0
    x = np.linspace(0.0, math.asinh(math.sqrt(high / typical)), TABULATED)
    points = typical * np.sinh(x) ** 2
    probability = spectrum.exceeds(points, sums.q)
    probability[0] = chdtrc(studies.k - 1, sums.q)
    probability = np.maximum.accumulate(np.clip(probability, 0.0, 1.0))
    fine = np.linspace(x[0], x[-1], STEPS + 1)
    below = PchipInterpolator(x, probability)(fine)
    middle = typical * np.sinh(0.5 * (fine[1:] + fine[:-1])) ** 2
    weights = np.append(below[0], np.diff(below))
    return np.append(0.0, middle), weights / weights.sum()


@dataclass(frozen=True, slots=True)
class _Spectrum:
    """Cochran's Q at weights w = 1 / v; with variances v + tau2 it is a sum of chi-squares times eigenvalues.

    The matrix of these eigenvalues is diagonal but for one product: D - uu' with D = 1 + tau2 w and
    u = w sqrt(v + tau2) / sqrt(sum w). So its determinants, which are all that Imhof's integral needs, follow
    without the eigenvalues: det(I - isD + isuu') = prod(1 - is d) (1 + is sum u^2 / (1 - is d)). That takes time
    with k, not with its cube; of few studies the eigenvalues are the quicker way.
    """

    variances: np.ndarray

    @classmethod
    def of(cls, studies: Studies) -> _Spectrum:
        return cls(studies.variances)

    def exceeds(self, tau2: np.ndarray, q: float) -> np.ndarray:
        """Probability that Q exceeds q, at each tau2; shape (n,)."""
        w = 1.0 / self.variances
        diagonal = (1.0 + tau2[:, None] * w) / q
        square = w * diagonal / w.sum()
        if len(w) <= FEW:
            outer = np.sqrt(square)[:, :, None] * np.sqrt(square)[:, None, :]
            values = np.linalg.eigvalsh(diagonal[:, :, None] * np.eye(len(w)) - outer)[:, 1:]
            return np.array([_imhof(row, row.max()) for row in values])
        return np.array(
            [_imhof(d, _largest(d, s), s) for d, s in zip(diagonal, square, strict=True)]
        )


# Gauss-Legendre in the root of C's distribution function, for the sake of small C, where T has its tails.
_X, _HEIGHTS = np.polynomial.legendre.leggauss(NODES_OF_T)
_SHARES, _WEIGHTS = 0.25 * (_X + 1.0) ** 2, 0.5 * _HEIGHTS * (_X + 1.0)

_NODES = np.geomspace(LOWEST, HIGHEST, NODES)
_LOGS = np.log(_NODES)


def _imhof(values: np.ndarray, largest: float, square: np.ndarray | None = None) -> float:
    """Probability that a sum of chi-squares times eigenvalues exceeds 1.

    values : the eigenvalues; or, where `square` = u^2 is given, the diagonal of which uu' is taken off.
    largest : of the eigenvalues, about: in its units one range of nodes serves all.
    """
    scaled = _NODES / max(1.0, largest)
    # Half of the values are at least the median: beyond these nodes nothing is left of the integrand.
    reach = 0.125 * len(values) * np.log1p((scaled * np.median(values)) ** 2)
    scaled = scaled[: int(np.searchsorted(reach, NOTHING))]
    angle, height, rest = np.zeros(len(scaled)), np.zeros(len(scaled)), 1.0 + 0j
    for start in range(0, len(values), CHUNK):
        part = slice(start, start + CHUNK)
        product = np.outer(scaled, values[part])
        squared = product * product
        angle += np.arctan(product).sum(axis=1)
        height += np.log1p(squared).sum(axis=1)
        if square is not None:  # i s u^2 / (1 - i s d) = (i s u^2 - s^2 u^2 d) / (1 + s^2 d^2)
            squared = 1.0 / (1.0 + squared)
            rest = rest + scaled * (
                1j * (squared @ square[part]) - (product * squared) @ square[part]
            )
    angle = 0.5 * (angle - np.angle(rest) - scaled)
    height = np.exp(-0.25 * height - 0.5 * np.log(np.abs(rest)))
    return 0.5 + float(np.trapezoid(np.sin(angle) * height, _LOGS[: len(scaled)])) / math.pi


def _largest(diagonal: np.ndarray, square: np.ndarray) -> float:
    """The largest eigenvalue of diag(diagonal) - uu', to a thousandth: it lies between the two largest entries."""
    low, high = np.partition(diagonal, -2)[-2:].tolist()
    for _ in range(20):
        if high - low <= 1e-3 * high:
            break
        middle = 0.5 * (low + high)
        if np.sum(square / (diagonal - middle)) < 1.0:
            low = middle
        else:
            high = middle
    return high
