"""Trim and fill: what would the pooled effect be if the funnel plot were symmetric?

Source: :cite:t:`duval2000a` (algorithm, R0, L0) and :cite:t:`duval2000b` (Q0,
variances). It shows how sensitive the result is to one pattern of
missing studies; it does not give a truer estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.synthesis import Pooled, pool
from analysis.synthesis.checks import check_choice
from analysis.synthesis.printing import Line, Printed, Printout, counted

from .few_studies import enough_studies, few_studies_notes
from .side import LEFT, RIGHT, side_of_missing_studies

ESTIMATORS = ("L0", "R0", "Q0")
LARGEST_ITERATION = 100

NOT_SETTLED = "the number of missing studies does not settle: trimming goes in a circle"
TOO_MANY_TRIMMED = "trimming would leave no study"


@dataclass(frozen=True, slots=True, repr=False)
class TrimAndFill(Printed):
    """Result of trim and fill.

    Attributes
    ----------
    estimator, side : str
        L0, R0 or Q0; "left" or "right", the side on which studies are taken to be missing.
    missing : int or None
        Estimated number of missing studies; None where it does not settle.
    missing_se : float or None
        Its standard error (None where the formula has no value).
    missing_p_value : float or None
        P of the hypothesis that none is missing on that side; R0 only.
    centre : float or None
        Mean of the trimmed studies, about which the others are mirrored.
    filled_yi, filled_vi : ndarray, shape (missing,)
        The filled studies. Read-only.
    observed : Pooled
        Result without filled studies.
    adjusted : Pooled or None
        Result with them.
    enough_studies : bool
        Whether there are the ten studies from which on this says anything.
    notes : tuple of str
        What the reader must know.
    """

    estimator: str
    side: str
    missing: int | None
    missing_se: float | None
    missing_p_value: float | None
    centre: float | None
    filled_yi: np.ndarray = field(compare=False)
    filled_vi: np.ndarray = field(compare=False)
    observed: Pooled
    adjusted: Pooled | None
    enough_studies: bool
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        lines = [
            Line(name, fit.estimate, fit.se, fit.ci_low, fit.ci_high, fit.statistic, fit.test_df, fit.p_value, "mean")
            for name, fit in (("observed", self.observed), ("with filled", self.adjusted)) if fit is not None
        ]  # fmt: skip
        se = "" if self.missing_se is None else f" (SE {self.missing_se:.2f})"
        missing = (
            "not settled" if self.missing is None else f"{self.missing}{se}, on the {self.side}"
        )
        title = f"Trim and fill ({self.estimator}), {counted(self.observed.k, 'study', 'studies')}"
        return Printout(
            title, tuple(lines), (("Missing", missing),), self.observed.level, self.notes
        )


def trim_and_fill(
    yi: Any,
    vi: Any,
    estimator: str = "L0",
    side: str | None = None,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
) -> TrimAndFill:
    """Estimate how many studies are missing on one side, fill them in by mirror images, pool again.

    Source: :cite:t:`duval2000a`; :cite:t:`duval2000b`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    estimator : str
        "L0", "R0" or "Q0".
    side : str, optional
        Where studies are missing, "left" or "right". If not given, "right" where the regression of
        the effects on their standard errors, in the model of `tau2`, falls; else "left".
    tau2, ci, level
        The model, for trimming as for the result, as in `pool`; "EE" for common effect.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; an unknown estimator or side.

    Examples
    --------
    >>> yi, vi = [0.1, 0.2, 0.4, 0.8, 1.2], [0.01, 0.02, 0.05, 0.08, 0.1]
    >>> found = trim_and_fill(yi, vi, tau2="EE")
    >>> found.side, found.missing, found.filled_yi.round(2).tolist()
    ('left', 2, [-0.47, -0.87])
    """
    check_choice(estimator, "estimator", ESTIMATORS)
    if side is not None:
        check_choice(side, "side", (LEFT, RIGHT))
    observed = pool(yi, vi, tau2, ci, level)
    effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    side_notes: tuple[str, ...] = ()
    if side is None:
        side, side_notes = side_of_missing_studies(yi, vi, tau2)
    sign = -1.0 if side == RIGHT else 1.0
    # Equal effects keep the order in which they are listed.
    order = np.argsort(sign * effects, kind="stable")
    turned, spread = sign * effects[order], variances[order]
    unrounded, centre, why = _trim(turned, spread, estimator, tau2)
    notes = (*side_notes, *few_studies_notes(observed.k))
    common = {
        "estimator": estimator,
        "side": side,
        "observed": observed,
        "enough_studies": enough_studies(observed.k),
    }
    if why is not None:
        nothing = _read_only(np.empty(0))
        return TrimAndFill(
            missing=None, missing_se=None, missing_p_value=None, centre=None,
            filled_yi=nothing, filled_vi=nothing, adjusted=None, notes=(why, *notes), **common,
        )  # fmt: skip
    trimmed = max(0, round(unrounded))
    last = slice(observed.k - trimmed, None)
    filled_yi = sign * (2 * centre - turned[last])
    filled_vi = spread[last].copy()
    adjusted = observed
    if trimmed:
        adjusted = pool(
            np.concatenate([effects, filled_yi]),
            np.concatenate([variances, filled_vi]),
            tau2, ci, level,
        )  # fmt: skip
    return TrimAndFill(
        missing=trimmed,
        missing_se=standard_error(estimator, unrounded, observed.k),
        missing_p_value=0.5 ** (trimmed + 1) if estimator == "R0" else None,
        centre=sign * centre,
        filled_yi=_read_only(filled_yi),
        filled_vi=_read_only(filled_vi),
        adjusted=adjusted,
        notes=notes,
        **common,
    )


def _trim(
    effects: np.ndarray, variances: np.ndarray, estimator: str, tau2: str | float
) -> tuple[float, float, str | None]:
    """Number to trim (not rounded) from the upper end, mean of the rest, and why it failed (else None)."""
    k, trimmed = len(effects), 0
    for _ in range(LARGEST_ITERATION):
        if trimmed >= k:
            return 0.0, math.nan, TOO_MANY_TRIMMED
        kept = slice(0, k - trimmed)
        centre = pool(effects[kept], variances[kept], tau2).estimate
        before, found = trimmed, number_missing(effects - centre, estimator)
        trimmed = max(0, round(found))
        if trimmed == before:
            return found, centre, None
    return 0.0, math.nan, NOT_SETTLED


def number_missing(deviations: np.ndarray, estimator: str) -> float:
    """Estimate, neither rounded nor cut off at 0, of the studies missing at the lower end.

    Parameters
    ----------
    deviations : ndarray, shape (k,)
        Effects minus their centre.
    estimator : str
        With T the sum of the ranks of |deviation| that belong to positive deviations, and g the
        highest rank that belongs to a negative one (rank k is the largest |deviation|):
        R0 = k - g - 1; L0 = (4 T - k (k + 1)) / (2 k - 1);
        Q0 = k - 1/2 - sqrt(2 k^2 - 4 T + 1/4).

    Examples
    --------
    >>> number_missing(np.array([-0.1, 0.2, 0.3, 0.6, 0.9]), "R0")
    3.0
    """
    k = len(deviations)
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(deviations), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        negative = ranks[deviations < 0]
        found = k - (negative.max() if len(negative) else 0) - 1
    else:
        positive_sum = ranks[deviations > 0].sum()
        if estimator == "L0":
            found = (4 * positive_sum - k * (k + 1)) / (2 * k - 1)
        else:
            found = k - 0.5 - math.sqrt(max(0.0, 2 * k**2 - 4 * positive_sum + 0.25))
    return float(found)


def standard_error(estimator: str, missing: float, k: int) -> float | None:
    """Standard error of the number of missing studies (:cite:t:`duval2000b`, section 3).

    `missing` is the estimate before it is rounded and cut off at 0, as in metafor. None where the
    formula has no value.
    """
    if estimator == "R0":
        return math.sqrt(2 * max(0.0, missing) + 2)
    m = missing
    variance = (
        k * (k + 1) * (2 * k + 1)
        + 10 * m**3
        + 27 * m**2
        + 17 * m
        - 18 * k * m**2
        - 18 * k * m
        + 6 * k**2 * m
    ) / 24
    if variance < 0:
        return None
    if estimator == "L0":
        return 4 * math.sqrt(variance) / (2 * k - 1)
    below = (k - 0.5) ** 2 - m * (2 * k - m - 1)
    return 2 * math.sqrt(variance) / math.sqrt(below) if below > 0 else None


def _read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
