"""Confidence interval of Henmi and Copas: the common-effect estimate with honest uncertainty.

The common-effect mean gives small studies little weight, so it suffers less from small-study bias than
the random-effects mean; its interval here allows for heterogeneity, and for tau2 being estimated.
Source: :cite:t:`henmi2010`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammainc, ndtri

from analysis.errors import NotEstimable

from .checks import check_level
from .printing import Line, Printed, Printout, counted
from .studies import Studies, prepare
from .weighted import sums_at

# The integrand is smooth and has died out this many standard deviations above where it starts.
NODES, FAR = 200, 12.0


@dataclass(frozen=True, slots=True, repr=False)
class HenmiCopas(Printed):
    """Names and scales as in `Pooled`.

    `tau2` is DerSimonian and Laird's; `critical` is what the standard error is multiplied by.
    """

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    critical: float
    tau2: float
    level: float

    def _page(self) -> Printout:
        mean = Line("mean", self.estimate, self.se, self.ci_low, self.ci_high, kind="mean")
        title = f"Henmi and Copas's interval, {counted(self.k, 'study', 'studies')}"
        return Printout(title, (mean,), (("tau² (DL)", f"{self.tau2:.4f}"),), self.level)


def henmi_copas(yi: Any, vi: Any, level: float = 0.95) -> HenmiCopas:
    """Henmi and Copas's interval from at least two studies.

    Source: :cite:t:`henmi2010`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances.
    level : float
        Between 0 and 1.

    With w = 1 / v, R = sqrt(W) (b - theta), b the common-effect mean and VR = 1 + tau2 W2 the
    variance of R (W2 = sum w^2 / W), the pivot is R / sqrt(VR at the DL estimate of tau2). That
    estimate depends on Q, which given R = r is taken as gamma distributed with its exact mean and
    variance; so P(pivot > u) is an integral over r from u on, set to half of 1 - level.

    Raises
    ------
    ValueError
        As `pool`; fewer than two studies.

    Examples
    --------
    >>> found = henmi_copas([0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03])
    >>> round(found.estimate, 4), round(found.se, 4), round(found.critical, 4)
    (0.266, 0.1276, 2.6483)
    """
    check_level(level)
    studies = prepare(yi, vi)
    if studies.k < 2:
        raise NotEstimable("Henmi and Copas's interval needs at least two studies; found 1")
    at_zero = sums_at(studies, 0.0)
    tau2 = max(0.0, (at_zero.q - (studies.k - 1)) / at_zero.trace)
    q_given_r = QGivenR.at(studies, tau2)
    critical = _critical_value(q_given_r, studies.k - 1, at_zero.trace, level)
    se = studies.unit * math.sqrt(q_given_r.variance_of_r / at_zero.total)
    estimate = studies.centre + studies.unit * at_zero.mean
    return HenmiCopas(
        k=studies.k,
        estimate=estimate,
        se=se,
        ci_low=estimate - critical * se,
        ci_high=estimate + critical * se,
        critical=critical,
        tau2=tau2 * studies.unit**2,
        level=float(level),
    )


@dataclass(frozen=True, slots=True)
class QGivenR:
    """Moments of Q given R = r: mean and variance are linear in r^2.

    Given R, the residuals are normal; with a = 1 + tau2 w and c = a / sqrt(W) the covariances of
    the effects with R, their mean is r (c / VR - 1 / sqrt(W)) and the effects' covariance matrix is
    diag(v + tau2) - c c' / VR.
    """

    variance_of_r: float
    relative_w2: float
    mean: float
    mean_slope: float
    variance: float
    variance_slope: float

    @classmethod
    def at(cls, studies: Studies, tau2: float) -> QGivenR:
        """The moments at a tau2."""
        weights = 1.0 / studies.variances
        shares = weights / weights.sum()
        w2 = float(shares @ weights)
        variance_of_r = 1.0 + tau2 * w2
        scaled = 1.0 + tau2 * weights
        # Q = z'Dz, z normal with mean r m and covariance C; C and m are those of effects, and the
        # removal of the mean, which R determines, is a shift that is part of m.
        away = tau2 * (weights - w2) / variance_of_r  # m sqrt(W)
        squares = scaled * scaled
        c_d_c = float(shares @ squares)
        trace = float(scaled.sum()) - c_d_c / variance_of_r
        trace_squared = (
            float(squares.sum())
            - 2.0 * float(shares @ (squares * scaled)) / variance_of_r
            + (c_d_c / variance_of_r) ** 2
        )
        cross = float(shares @ (scaled * away)) ** 2 / variance_of_r
        return cls(
            variance_of_r=variance_of_r,
            relative_w2=w2,
            mean=trace,
            mean_slope=float(shares @ away**2),
            variance=2.0 * trace_squared,
            variance_slope=4.0 * (float(shares @ (scaled * away**2)) - cross),
        )


@functools.cache
def _gauss_legendre(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on -1 to 1."""
    return np.polynomial.legendre.leggauss(n)


def _critical_value(given: QGivenR, df: int, trace: float, level: float) -> float:
    """The u at which P(pivot > u) = (1 - level) / 2."""
    nodes, heights = _gauss_legendre(NODES)
    sd, tail = math.sqrt(given.variance_of_r), (1.0 - level) / 2.0
    far = FAR * sd

    def excess(u: float) -> float:
        """(1 - level) / 2 less P(pivot > u): rises in u."""
        r = u + 0.5 * far * (nodes + 1.0)
        mean = given.mean + given.mean_slope * r * r
        variance = given.variance + given.variance_slope * r * r
        limit = df + trace * ((r / u) ** 2 - 1.0) / given.relative_w2
        below = gammainc(mean * mean / variance, limit * mean / variance)
        density = np.exp(-0.5 * (r / sd) ** 2) / (sd * math.sqrt(2.0 * math.pi))
        return tail - float(0.5 * far * (heights @ (below * density)))

    # The pivot exceeds u in no more cases than R does, whose quantile is therefore an upper limit.
    highest = -sd * float(ndtri(tail))
    if excess(highest) <= 0:
        return highest
    from scipy.optimize import brentq  # takes a fifth of a second to import

    return float(brentq(excess, 1e-6 * sd, highest, xtol=1e-15 * sd, rtol=1e-14))
