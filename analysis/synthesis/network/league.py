"""All pairs of treatments from the effects against one of them; P-scores."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, stdtr

from ..inference import critical_value
from .result import League

SMALL = ("good", "bad")


def league(effects: np.ndarray, covariance: np.ndarray, level: float, df: int | None) -> League:
    """All pairs, row minus column.

    Parameters
    ----------
    effects, covariance : shapes (n,) and (n, n)
        Treatments minus the first one.
    level : of the intervals.
    df : degrees of freedom of the t distribution; None for the normal.
    """
    estimate = effects[:, None] - effects
    return intervals(estimate, pair_errors(covariance), level, df)


def pair_errors(covariance: np.ndarray) -> np.ndarray:
    """Standard errors of all differences, shape (n, n)."""
    own = np.diag(covariance)
    variance = own[:, None] + own - 2 * covariance
    np.fill_diagonal(variance, 0.0)
    return np.sqrt(np.maximum(variance, 0.0))


def intervals(estimate: np.ndarray, se: np.ndarray, level: float, df: int | None) -> League:
    """Estimates with their intervals."""
    half = critical_value(level, df) * se
    return League(estimate, se, estimate - half, estimate + half)


def p_scores(pairs: League, small: str, df: int | None = None) -> np.ndarray:
    """P-score of each treatment, shape (n,): mean over the others of the one-sided certainty.

    :cite:t:`ruecker2015`. `small` says whether small values are good or bad.
    """
    n = len(pairs.estimate)
    if n < 2:
        return np.full(n, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = pairs.estimate / pairs.se
    np.fill_diagonal(z, 0.0)
    better = -z if small == "good" else z
    certainty = ndtr(better) if df is None else stdtr(df, better)
    np.fill_diagonal(certainty, 0.0)
    return certainty.sum(axis=1) / (n - 1)
