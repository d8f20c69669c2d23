"""The limits that a file states for its only study: told as they stand, not as the weight has them."""

from __future__ import annotations

import math

import numpy as np

from analysis.effects.convert import quantile
from analysis.review.studies import Studies

_SAME_WIDTH = 0.01
"""Relative: limits and variance that differ by more are not of one interval."""


def own_limits(studies: Studies, level: float) -> tuple[float, float] | None:
    """Stated limits of one study on the scale of ``yi``; None where there are none of this level.

    They may stand on that scale or, of a ratio, as ratios: the variance beside them, which is as wide, says which.
    """
    if len(studies.yi) != 1:
        return None
    v, yi = studies.records[0].v, float(studies.yi[0])
    low, high = v.get("ci_low", math.nan), v.get("ci_high", math.nan)
    stated = v.get("level", 95.0)
    if not math.isclose(stated / 100 if stated > 1 else stated, level) or not low < high:
        return None
    width = 2 * float(quantile(level)) * math.sqrt(studies.vi[0])
    scales = [(low, high)]
    if low > 0:
        scales.append(tuple(np.log([low, high]).tolist()))
    for a, b in scales:
        if a <= yi <= b and math.isclose(b - a, width, rel_tol=_SAME_WIDTH):
            return a, b
    return None
