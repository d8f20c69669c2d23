"""Fit a weighted line through a funnel plot; every regression-shaped test stands on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.synthesis.coefficients import Coefficient, coefficient_table
from analysis.synthesis.least_squares import weighted

# A predictor whose spread is below this share of its size is the same for all studies.
SAME = 1e-9

TOO_FEW_FOR_A_LINE = "a line needs at least three studies that carry information; found {k}"
SAME_PREDICTOR = "all studies have the same value of the predictor: no slope can be estimated"
PERFECT_LINE = (
    "the line passes through every study: its standard errors are 0, and there is no test"
)


@dataclass(frozen=True, slots=True)
class Line:
    """effect = limit + slope * predictor.

    `dispersion` is the residual variance per unit weight, None in a model with an additive tau2.
    """

    slope: Coefficient
    limit: Coefficient
    dispersion: float | None
    notes: tuple[str, ...] = ()


def why_no_line(weights: np.ndarray, predictor: np.ndarray) -> str | None:
    """Why no line can be fitted to these studies; None if one can."""
    if len(weights) < 3:
        return TOO_FEW_FOR_A_LINE.format(k=len(weights))
    if np.ptp(predictor) <= SAME * np.abs(predictor).max():
        return SAME_PREDICTOR
    return None


def fit_line(
    effects: np.ndarray,
    weights: np.ndarray,
    predictor: np.ndarray,
    level: float,
    df: int | None,
    variance_per_weight: float | None = None,
    origin: float = 0.0,
) -> Line:
    """Weighted least squares.

    Parameters
    ----------
    effects, weights, predictor : ndarray, shape (k,)
        At least three studies for which `why_no_line` has nothing to say.
    level : float
        Level of the confidence intervals.
    df : int or None
        Degrees of freedom of the t distribution; None for the normal.
    variance_per_weight : float or None
        What the dispersion is taken to be; None if it is to be estimated.
    origin : float
        Where the effects are measured from; the limit is given as measured from 0.
    """
    # With the predictor centred and scaled, the two columns are orthogonal and equally long:
    # nothing is lost to collinearity, however far the studies lie from a predictor of 0, nor is
    # a column mistaken for 0.
    mean = _weighted_mean(weights, predictor)
    heaviest = weights.max()
    relative = weights / heaviest
    length = float(np.sqrt(relative @ (predictor - mean) ** 2 / relative.sum()))
    design = np.column_stack([np.ones(len(effects)), (predictor - mean) / length])
    found, spread = weighted(effects, design, relative)
    dispersion = float(relative @ (effects - design @ found) ** 2 * heaviest / (len(effects) - 2))
    scale = dispersion if variance_per_weight is None else variance_per_weight
    covariance = spread * (scale / heaviest)

    to_limit_and_slope = np.array([[1.0, -mean / length], [0.0, 1 / length]])
    limit, slope = coefficient_table(
        ("limit", "slope"),
        to_limit_and_slope @ found + np.array([origin, 0.0]),
        to_limit_and_slope @ covariance @ to_limit_and_slope.T,
        df,
        level,
    )
    return Line(slope, limit, dispersion, () if scale > 0 else (PERFECT_LINE,))


def _weighted_mean(weights: np.ndarray, values: np.ndarray) -> float:
    heaviest = values[int(np.argmax(weights))]
    return float(heaviest + weights @ (values - heaviest) / weights.sum())
