"""Studies far from all others: the one rule by which a Question may leave them out.

A study is left out when its studentised deleted residual lies beyond the normal quantile at
1 - 0.05 / (2 k): how far its effect lies from what the other studies predict for it, in standard
errors, tau2 of the others included :cite:p:`viechtbauer2010`, with Bonferroni's bound for looking at k studies at once
(the rule that metafor's `reporter` applies). The usual bound of 1.96 would call one sound study in
twenty an outlier.

Choices that keep the rule honest where studies are few:

- below four studies nothing is an outlier: the tau2 of the others would rest on one or two studies;
- the residuals are those of the random-effects model by REML, whatever model the Question asks for: in a
  common-effect model all heterogeneity looks like outliers, and which studies are odd must not
  depend on the estimator chosen next;
- applied once: what looks odd after the first are gone stays.

A study that is left out is listed with this reason. Being far from the others is no fault of a study.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from analysis.synthesis.batch import pool_many

FEWEST = 4
"""Fewer studies than this hold no outlier."""

CHANCE = 0.05
"""Chance, at most and as far as residuals are normal, that the rule leaves out a study when none is odd."""


def bound(k: int) -> float:
    """How far out a studentised deleted residual of k studies must lie.

    >>> [round(bound(k), 2) for k in (4, 10, 40)]
    [2.5, 2.81, 3.23]
    """
    return float(-ndtri(CHANCE / (2 * k)))


def deleted_residuals(yi: Sequence[float], vi: Sequence[float]) -> np.ndarray:
    """Studentised deleted residuals of k >= 2 studies, shape (k,): random effects, REML.

    >>> deleted_residuals([0.1, 0.2, 0.15, 0.2, 1.4], [0.02, 0.03, 0.02, 0.03, 0.02]).round(1).tolist()
    [-0.6, -0.4, -0.5, -0.4, 7.7]
    """
    effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    others = pool_many(effects, variances, ~np.eye(len(effects), dtype=bool), "REML")
    tau2 = np.nan_to_num(others.tau2)  # one other study: tau2 is not estimated
    return (effects - others.estimate) / np.sqrt(variances + tau2 + others.se**2)


def outlying(yi: Sequence[float], vi: Sequence[float]) -> np.ndarray:
    """Which of the studies the rule leaves out: bool, shape (k,).

    >>> outlying([0.1, 0.2, 0.15, 0.2, 1.4], [0.02, 0.03, 0.02, 0.03, 0.02]).tolist()
    [False, False, False, False, True]
    >>> outlying([0.1, 0.2, 9.0], [0.02, 0.03, 0.02]).tolist()
    [False, False, False]
    """
    k = len(yi)
    if k < FEWEST:
        return np.zeros(k, dtype=bool)
    return np.abs(deleted_residuals(yi, vi)) > bound(k)
