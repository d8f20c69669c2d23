"""The interval that is told of many sets of equally many studies at once: `told`'s rule, for simulations and maps.

Of two to four studies the posterior of `few.py`, by one quadrature over tau for all sets; of more, `pool_many`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri, roots_legendre

from .batch import pool_many
from .told import CI, FEW, TAU2

_NODES = 64
_STEPS = 40
_CLOSE = 1e-6
"""Of the smallest standard error: the last step of Newton's, after which the error is its square."""
_ROWS = 20_000
"""Sets at a time, so that memory stays small."""


def told_limits(
    yi: np.ndarray, vi: np.ndarray, tau2: str | float = TAU2, ci: str = CI, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Limits that `told` gives, of m sets of k studies.

    Parameters
    ----------
    yi, vi : ndarray, shape (m, k)
    tau2, ci, level
        As in `told`; a model other than the default is taken as the reader's.

    Examples
    --------
    >>> low, high = told_limits(np.array([[-0.70, -0.41]]), np.array([[0.26, 0.14]]))
    >>> low.round(2).tolist(), high.round(2).tolist()  # as `pool_few`
    ([-1.41], [0.34])
    """
    if (tau2, ci) != (TAU2, CI) or not 2 <= yi.shape[1] <= FEW:
        found = pool_many(yi, vi, None, tau2, ci, level)
        return found.ci_low, found.ci_high
    parts = [_few(yi[i : i + _ROWS], vi[i : i + _ROWS], level) for i in range(0, len(yi), _ROWS)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


@lru_cache(maxsize=1)
def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and log weights over the half line: tau / scale = u / (1 - u), u by Gauss and Legendre."""
    x, w = roots_legendre(_NODES)
    u = (x + 1) / 2
    return u / (1 - u), np.log(w / 2) - 2 * np.log1p(-u)


def _few(yi: np.ndarray, vi: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    w = 1 / vi
    first = w.sum(axis=1)
    scale = np.sqrt((yi.shape[1] - 1) / (first - (w * w).sum(axis=1) / first))
    nodes, log_weights = _rule()
    tau = scale[:, None] * nodes  # (m, nodes)
    total = np.zeros_like(tau)
    product = np.zeros_like(tau)
    logs = np.zeros_like(tau)
    for y, v in zip(yi.T, vi.T, strict=True):
        part = 1 / (v[:, None] + tau * tau)
        total += part
        product += part * y[:, None]
        logs += np.log(part)
    means, sds = product / total, 1 / np.sqrt(total)
    off = sum(
        (y[:, None] - means) ** 2 / (v[:, None] + tau * tau)
        for y, v in zip(yi.T, vi.T, strict=True)
    )
    log_density = log_weights - nodes + 0.5 * (logs - np.log(total) - off)
    weights = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    tail = (1 - level) / 2
    return _quantile(weights, means, sds, tail), _quantile(weights, means, sds, 1 - tail)


def _quantile(weights: np.ndarray, means: np.ndarray, sds: np.ndarray, p: float) -> np.ndarray:
    """Of each mixture of normals, shape (m,): Newton's steps, kept inside a bracket that closes."""
    ends = means + sds * float(ndtri(p))
    low, high = ends.min(axis=1), ends.max(axis=1)
    at = (weights * ends).sum(axis=1)
    for _ in range(_STEPS):
        z = (at[:, None] - means) / sds
        gap = (weights * ndtr(z)).sum(axis=1) - p
        slope = (weights * np.exp(-0.5 * z * z) / sds).sum(axis=1) / np.sqrt(2 * np.pi)
        low, high = np.where(gap < 0, at, low), np.where(gap < 0, high, at)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = at - gap / slope
        following = np.where((step > low) & (step < high), step, (low + high) / 2)
        if np.all(np.abs(following - at) <= _CLOSE * sds.min(axis=1)):
            return following
        at = following
    return at
