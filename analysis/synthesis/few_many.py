"""Many sets of two to four studies, each pooled as `few.pool_few` does: one quadrature for all of them.

The model and its sources stand in `few.py`. Tau is integrated in x = asinh(tau / s), s the smallest standard
error of a set, as in `tau_posterior.py`; here with one Gauss-Legendre rule between the limits outside which a
set's density is below e^-38 of its highest. Limits are found by Newton steps that a bracket holds; tau's median
from the integral of the Legendre polynomials through the nodes (:cite:t:`abramowitz1964`, section 22.13).
A test holds mean and limits against `pool_few` to 1e-6 of a standard error, tau2 to 2e-5 of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss, legvander
from scipy.special import ndtr, ndtri

from .few import typical_error

NODES = 64
# The search for where a posterior lives: points, rounds that close in, and what is left out (e^-38 = 3e-17).
POINTS, ROUNDS, NEGLIGIBLE = 32, 5, 38.0
# Sets at once: their arrays stay inside the processor's cache, and from 128 on the BLAS would split their product
# with `_TO_SERIES` over threads of its own, inside ours: three times the work.
SETS_AT_ONCE = 96
# Newton steps at most, and the step after which the next is rounding, as a share of the tail's probability.
STEPS, NEAR = 60, 1e-4

_X, _HEIGHTS = leggauss(NODES)
# Values at the nodes -> coefficients of the Legendre series through them.
_TO_SERIES = (legvander(_X, NODES - 1) * _HEIGHTS[:, None]) * (np.arange(NODES) + 0.5)


@dataclass(frozen=True, slots=True)
class FewMany:
    """What `pool_few_many` returns: arrays of shape (B,), by the names of `Pooled`."""

    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    i2: np.ndarray
    h2: np.ndarray


def pool_few_many(yi: np.ndarray, vi: np.ndarray, level: float = 0.95) -> FewMany:
    """Posterior of the mean effect of B sets of k studies each, under the prior of `pool_few`.

    Parameters
    ----------
    yi, vi : ndarray, shape (B, k)
        Effect sizes and sampling variances: finite, positive, at least two studies; not checked.
    level : float

    Examples
    --------
    >>> found = pool_few_many(np.array([[-0.70, -0.41]]), np.array([[0.26, 0.14]]))
    >>> found.estimate.round(2).tolist(), found.ci_low.round(2).tolist(), found.ci_high.round(2).tolist()
    ([-0.52], [-1.39], [0.32])
    """
    parts = [
        _pooled(yi[at : at + SETS_AT_ONCE], vi[at : at + SETS_AT_ONCE], level)
        for at in range(0, len(yi), SETS_AT_ONCE)
    ]
    if not parts:
        return FewMany(*np.empty((len(FewMany.__slots__), 0)))
    return FewMany(*np.concatenate(parts, axis=1))


def _pooled(yi: np.ndarray, vi: np.ndarray, level: float) -> np.ndarray:
    """All fields of `FewMany`, in their order: shape (8, B)."""
    precise = vi.argmin(axis=1)[:, None]
    centre = np.take_along_axis(yi, precise, axis=1)
    unit = np.sqrt(np.take_along_axis(vi, precise, axis=1))
    y, v = (yi - centre) / unit, vi / unit**2
    at_zero = 1.0 / v
    total = at_zero.sum(axis=1)
    df = y.shape[1] - 1
    typical2 = df / (total - (at_zero * at_zero).sum(axis=1) / total)
    scale = typical_error(v)
    low, high = _support(y, v, scale)
    half = 0.5 * (high - low)[:, None]
    x = low[:, None] + half * (_X + 1.0)
    logs, mean, given = _given_tau(x, y, v, scale)
    density = np.exp(logs - logs.max(axis=1, keepdims=True))
    norm = density @ _HEIGHTS
    weights = density * _HEIGHTS / norm[:, None]
    estimate = (weights * mean).sum(axis=1)
    se = np.sqrt((weights * ((mean - estimate[:, None]) ** 2 + 1.0 / given)).sum(axis=1))
    tail, precision = 0.5 * (1.0 - level), np.sqrt(given)
    ends = [
        _quantile(weights, mean, precision, estimate + se * ndtri(p), p) for p in (tail, 1.0 - tail)
    ]
    tau2 = np.sinh(low + half[:, 0] * (_median(density, norm) + 1.0)) ** 2
    q = (at_zero * y * y).sum(axis=1) - (at_zero * y).sum(axis=1) ** 2 / total
    centre, unit = centre[:, 0], unit[:, 0]
    on_scale = [centre + unit * value for value in (estimate, *ends)]
    return np.array(
        [
            on_scale[0], unit * se, on_scale[1], on_scale[2], tau2 * unit**2, np.maximum(q, 0.0),
            100.0 * tau2 / (tau2 + typical2), tau2 / typical2 + 1.0,
        ]
    )  # fmt: skip


def _given_tau(
    x: np.ndarray, y: np.ndarray, v: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log density of x, and mean and precision of the mean effect given tau: each of the shape of `x` (B, n)."""
    tau = np.sinh(x)
    tau2 = tau * tau
    each = [1.0 / (v[:, i, None] + tau2) for i in range(v.shape[1])]
    total = sum(each)
    mean = sum(w * y[:, i, None] for i, w in enumerate(each)) / total
    q = sum(w * (y[:, i, None] - mean) ** 2 for i, w in enumerate(each))
    logs = sum(np.log(w) for w in each) - np.log(total) + np.log1p(tau2) - q
    return 0.5 * logs - tau / scale[:, None], mean, total


def _support(y: np.ndarray, v: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between which x the density of each set is not negligible: a grid that closes in on it."""
    low = np.zeros(len(y))
    # Beyond both the prior's reach and the effects' range the density only falls.
    high = np.arcsinh(
        np.maximum(2.0 * NEGLIGIBLE * scale, np.ptp(y, axis=1)) + 2.0 * NEGLIGIBLE * scale
    )
    steps = np.linspace(0.0, 1.0, POINTS)
    for _ in range(ROUNDS):
        x = low[:, None] + (high - low)[:, None] * steps
        logs = _given_tau(x, y, v, scale)[0]
        kept = logs >= logs.max(axis=1, keepdims=True) - NEGLIGIBLE
        first = np.maximum(kept.argmax(axis=1) - 1, 0)
        last = np.minimum(POINTS - kept[:, ::-1].argmax(axis=1), POINTS - 1)
        rows = np.arange(len(y))
        low, high = x[rows, first], x[rows, last]
        if ((last - first) > POINTS // 2).all():
            break
    return low, high


def _quantile(
    weights: np.ndarray,
    mean: np.ndarray,
    precision: np.ndarray,
    start: np.ndarray,
    probability: float,
) -> np.ndarray:
    """Where mixtures of normals reach a probability, one per row; `precision`: 1 / sd, `start`: (B,)."""
    each = mean + ndtri(probability) / precision
    low, high = each.min(axis=1), each.max(axis=1)
    value, steep = np.clip(start, low, high), weights * precision / np.sqrt(2 * np.pi)
    for _ in range(STEPS):
        z = (value[:, None] - mean) * precision
        over = _dot(weights, ndtr(z)) - probability
        slope = _dot(steep, np.exp(-0.5 * z * z))
        value, low, high, done = _newton(
            value, over, slope, (low, high), min(probability, 1 - probability)
        )
        if done:
            break
    return value


def _median(density: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """Where half of each density on (-1, 1) lies below, from the polynomial through its values at the nodes."""
    series = np.ascontiguousarray((density @ _TO_SERIES).T)
    low, high = np.full(len(norm), -1.0), np.ones(len(norm))
    # Between the nodes where the sum of their masses passes a half.
    masses = (density * _HEIGHTS).cumsum(axis=1) - 0.5 * density * _HEIGHTS
    value = _X[(masses < 0.5 * norm[:, None]).sum(axis=1).clip(0, NODES - 1)]
    for _ in range(STEPS):
        below, slope = _integrated(series, value)
        value, low, high, done = _newton(value, below / norm - 0.5, slope / norm, (low, high), 0.5)
        if done:
            break
    return value


def _newton(
    value: np.ndarray,
    over: np.ndarray,
    slope: np.ndarray,
    bracket: tuple[np.ndarray, np.ndarray],
    tail: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """One step towards the root inside its bracket: the values, the bracket, and whether all stand still."""
    low, high = np.where(over < 0, value, bracket[0]), np.where(over < 0, bracket[1], value)
    with np.errstate(all="ignore"):
        step = value - over / slope
    inside = (step >= low) & (step <= high)
    step = np.where(inside, step, 0.5 * (low + high))
    still = np.abs(step - value) * slope < NEAR * tail  # steps shrink by squares
    return step, low, high, bool(still.all())


def _integrated(series: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integral from -1 to t of Legendre series (n, B), and value at t; (2n + 1) P_n = P'_(n+1) - P'_(n-1)."""
    before, now = np.ones_like(t), t
    below, value = series[0] * (t + 1.0), series[0].copy()
    for n in range(1, len(series)):
        after = ((2 * n + 1) * t * now - n * before) / (n + 1)
        below += series[n] / (2 * n + 1) * (after - before)
        value += series[n] * now
        before, now = now, after
    return below, value


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", a, b)
