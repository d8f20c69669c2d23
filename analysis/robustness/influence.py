"""Influence diagnostics: outliers, and studies that move the result.

Source: :cite:t:`viechtbauer2010`. Everything "deleted" comes from fitting again without the study,
tau2 included. Cook's distance and DFFITS of a regression package (statsmodels' `OLSInfluence`) keep
the weights and therefore do not serve; its hat values, and residuals given the weights, are the same
(a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from scipy.special import chdtr

from analysis.synthesis import pool
from analysis.synthesis.studies import prepare

from .leave_out import NO_SPREAD, centred, leave_one_out

ONE_LEFT = "without either of the two studies one is left, whose tau2 is taken as 0"


@dataclass(frozen=True, slots=True)
class Influence:
    """Diagnostics of each study: read-only arrays of shape (k,), in the order of the input.

    Attributes
    ----------
    residual, residual_se, standardised
        y minus the mean of all, its standard error (internal), and their ratio.
    deleted_residual, deleted_se, studentised
        y minus the mean of the others, its standard error (with the others' tau2), and their
        ratio: beyond about +/- 2 an outlier.
    dffits
        By how many standard errors the fitted value changes without the study.
    dfbetas
        By how many standard errors the mean changes.
    cooks_distance
        Squared change of the mean over its squared standard error.
    covariance_ratio
        Squared standard error of the mean without the study over that with it: below 1, the
        result is more precise without.
    tau2_deleted, q_deleted
        Heterogeneity variance and Cochran's Q of the others.
    hat, weights
        Share of the study in the mean, as a fraction and in percent.
    influential : ndarray of bool
        |dffits| > 3 sqrt(1 / (k - 1)), or a lower tail of chi-square (1 df) beyond 50% at Cook's
        distance, or hat > 3 / k, or |dfbetas| > 1: metafor's rule. A flag to look, not a
        reason to leave a study out.
    notes : tuple of str
        What the reader must know.
    """

    residual: np.ndarray = field(compare=False)
    residual_se: np.ndarray = field(compare=False)
    standardised: np.ndarray = field(compare=False)
    deleted_residual: np.ndarray = field(compare=False)
    deleted_se: np.ndarray = field(compare=False)
    studentised: np.ndarray = field(compare=False)
    dffits: np.ndarray = field(compare=False)
    dfbetas: np.ndarray = field(compare=False)
    cooks_distance: np.ndarray = field(compare=False)
    covariance_ratio: np.ndarray = field(compare=False)
    tau2_deleted: np.ndarray = field(compare=False)
    q_deleted: np.ndarray = field(compare=False)
    hat: np.ndarray = field(compare=False)
    weights: np.ndarray = field(compare=False)
    influential: np.ndarray = field(compare=False)
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Lists under the same names, with None for NaN, ready for `json.dumps`."""
        arrays = {item.name: getattr(self, item.name) for item in fields(self)[:-1]}
        plain = {
            name: [None if value != value else value for value in values.tolist()]
            for name, values in arrays.items()
        }
        return plain | {"notes": list(self.notes)}


def influence(yi: Any, vi: Any, tau2: str | float = "REML", ci: str = "wald") -> Influence:
    """Outlier and influence diagnostics of each study.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances; at least two.
    tau2, ci : str
        Model, as in `pool`, whatever the number of studies. HKSJ rescales what has a standard error of
        the mean in it.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; one study only.

    Examples
    --------
    >>> found = influence([0.1, 0.2, 0.15, 0.2, 1.4], [0.02, 0.03, 0.02, 0.03, 0.02], tau2="DL")
    >>> found.studentised.round(1).tolist(), found.influential.tolist()
    ([-0.5, -0.4, -0.4, -0.4, 7.7], [False, False, False, False, True])
    """
    studies = prepare(yi, vi)
    effects, variances = centred(studies)
    k = studies.k
    everything = pool(effects, variances, tau2, ci)
    without = leave_one_out(effects, variances, tau2=tau2, ci=ci, chosen=True)
    between = everything.tau2
    assumed = 0.0 if isinstance(tau2, str) else float(tau2)

    total = variances + between
    others = _sum_of_others(1 / total)
    rest_share = others / (others + 1 / total)  # 1 - hat, without cancellation
    residual = effects - everything.estimate
    residual_se = np.sqrt(total * rest_share)

    means = np.array([item.estimate for item in without])
    variance_of_means = np.array([item.se for item in without]) ** 2
    tau2_deleted = np.array([assumed if item.tau2 is None else item.tau2 for item in without])
    weight_left, weight_all = _weight_sums(variances, tau2_deleted)
    # HKSJ: what 1 / W was multiplied by; 1 with Wald.
    factor = variance_of_means * weight_left if ci != "wald" else np.ones(k)
    deleted_residual = effects - means
    deleted_se = np.sqrt(factor * (variances + tau2_deleted + 1 / weight_left))
    change = everything.estimate - means
    hat = everything.weights / 100
    cooks_distance = _ratio(change**2, np.full(k, everything.se**2))
    dffits = _ratio(change, np.sqrt(factor * hat * (variances + tau2_deleted)))
    dfbetas = _ratio(change, np.sqrt(factor / weight_all))
    flagged = (
        (np.abs(dffits) > 3 * np.sqrt(1 / (k - 1)))
        | (chdtr(1, cooks_distance) > 0.5)
        | (hat > 3 / k)
        | (np.abs(dfbetas) > 1)
    )
    values = {
        "residual": residual,
        "residual_se": residual_se,
        "standardised": residual / residual_se,
        "deleted_residual": deleted_residual,
        "deleted_se": deleted_se,
        "studentised": _ratio(deleted_residual, deleted_se),
        "dffits": dffits,
        "dfbetas": dfbetas,
        "cooks_distance": cooks_distance,
        "covariance_ratio": _ratio(variance_of_means, np.full(k, everything.se**2)),
        "tau2_deleted": tau2_deleted,
        "q_deleted": np.array([0.0 if item.q is None else item.q for item in without]),
        "hat": hat,
        "weights": everything.weights.copy(),
        "influential": flagged,
    }
    for array in values.values():
        array.flags.writeable = False
    notes = (
        *((ONE_LEFT,) if without[0].k == 1 and isinstance(tau2, str) and tau2 != "EE" else ()),
        *((NO_SPREAD,) if everything.se == 0 or (factor == 0).any() else ()),
    )
    return Influence(**values, notes=notes)


def _sum_of_others(weights: np.ndarray) -> np.ndarray:
    """Sum of all weights but each study's own, without cancellation for the heaviest."""
    sums = weights.sum() - weights
    heaviest = int(np.argmax(weights))
    sums[heaviest] = np.delete(weights, heaviest).sum()
    return sums


def _weight_sums(variances: np.ndarray, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each study, with the tau2 of the others: the weight of the others, and of all."""
    left, everything = np.empty(len(tau2)), np.empty(len(tau2))
    for i, between in enumerate(tau2):
        weights = 1 / (variances + between)
        left[i] = weights[:i].sum() + weights[i + 1 :].sum()
        everything[i] = left[i] + weights[i]
    return left, everything


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, NaN where below is 0 (a note says so)."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
