"""Harbord's test for odds ratios: regression of the efficient score.

Source: :cite:t:`harbord2006`. Z is the efficient score and V its hypergeometric variance (Fisher's
information) where the odds ratio is 1; Z / sqrt(V) is regressed on sqrt(V), which is Z / V on 1 /
sqrt(V) with weights V.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.synthesis.checks import check_share

from .result import FunnelRegression
from .two_by_two import regression, tables


def harbord(ai: Any, n1i: Any, ci: Any, n2i: Any, level: float = 0.95) -> FunnelRegression:
    """Regress Z / V on 1 / sqrt(V), weighted by V. Zero cells need no correction.

    Source: :cite:t:`harbord2006`.

    Parameters
    ----------
    ai, n1i, ci, n2i : array_like, shape (k,)
        Events and patients in the two arms.
    level : float
        Level of the confidence intervals.

    Raises
    ------
    ValueError
        As `peters`.

    Examples
    --------
    >>> test = harbord([1, 4, 9, 40], [20, 40, 90, 400], [2, 7, 13, 40], [20, 40, 90, 400])
    >>> round(test.slope.estimate, 2), test.df
    (-1.12, 2)
    """
    check_share(level, "level")
    table = tables(ai, n1i, ci, n2i)
    informative = table.informative
    events, others = table.events[informative], table.non_events[informative]
    n1, n2 = table.n1[informative], table.n2[informative]
    total = n1 + n2
    score = table.events1[informative] - events * n1 / total
    variance = n1 * n2 * events * others / (total**2 * (total - 1))
    left_out = int((~informative).sum())
    predictor = 1 / np.sqrt(variance)
    return regression(
        "Harbord", "1/sqrt(V)", score / variance, variance, predictor, left_out, level
    )
