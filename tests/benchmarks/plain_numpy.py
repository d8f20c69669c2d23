"""The mark to beat: what a careful analyst would write in NumPy in half an hour.

Fisher scoring for REML over rows of an array, the step halved where its sign turns, so that it
converges; DerSimonian and Laird in three lines. It finds a local maximum, not the highest.
"""

from __future__ import annotations

import numpy as np

STEPS, TOLERANCE = 200, 1e-10


def dl(yi: np.ndarray, vi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """tau2, mean and its standard error of each row by DerSimonian and Laird."""
    w = 1.0 / vi
    total = w.sum(axis=1)
    mean = (w * yi).sum(axis=1) / total
    q = (w * (yi - mean[:, None]) ** 2).sum(axis=1)
    tau2 = np.maximum(0.0, (q - (yi.shape[1] - 1)) / (total - (w * w).sum(axis=1) / total))
    return (tau2, *pooled(yi, vi, tau2))


def pooled(yi: np.ndarray, vi: np.ndarray, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and its standard error at a tau2 per row."""
    w = 1.0 / (vi + tau2[:, None])
    total = w.sum(axis=1)
    return (w * yi).sum(axis=1) / total, total**-0.5


def reml(
    yi: np.ndarray, vi: np.ndarray, present: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """tau2, mean and standard error of each row by REML; `present` marks the studies of a row."""
    vi = vi if present is None else np.where(present, vi, np.inf)
    tau2 = np.full(len(vi), 0.0) + np.nanmedian(np.where(np.isinf(vi), np.nan, vi))
    step, damp, left = np.zeros(len(vi)), np.ones(len(vi)), np.arange(len(vi))
    for _ in range(STEPS):
        w = 1.0 / (vi[left] + tau2[left, None])
        total, squares = w.sum(axis=1), (w * w).sum(axis=1)
        residual = yi[left] - ((w * yi[left]).sum(axis=1) / total)[:, None]
        rss = (w * w * residual * residual).sum(axis=1)
        information = squares - 2 * (w**3).sum(axis=1) / total + (squares / total) ** 2
        new = (rss - (total - squares / total)) / information
        damp[left] = np.where(new * step[left] < 0, 0.5 * damp[left], damp[left])
        moved = np.maximum(0.0, tau2[left] + damp[left] * new)
        done = np.abs(moved - tau2[left]) < TOLERANCE
        step[left], tau2[left] = new, moved
        left = left[~done]
        if len(left) == 0:
            break
    w = 1.0 / (vi + tau2[:, None])
    total = w.sum(axis=1)
    return tau2, (w * yi).sum(axis=1) / total, total**-0.5
