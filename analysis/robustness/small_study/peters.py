"""Peters' test for log odds ratios: regression on the inverse of the sample size.

Source: :cite:t:`peters2006`. The weights use the events and non-events of both arms together,
so that they do not depend on the odds ratio.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.synthesis.checks import check_share

from .result import FunnelRegression
from .two_by_two import regression, tables


def peters(yi: Any, ai: Any, n1i: Any, ci: Any, n2i: Any, level: float = 0.95) -> FunnelRegression:
    """Regress log odds ratios on 1 / n, weighted by 1 / (1 / events + 1 / non-events).

    Source: :cite:t:`peters2006`.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Log odds ratios, with whatever correction for zero cells the analysis uses.
    ai, n1i, ci, n2i : array_like, shape (k,)
        Events and patients in the two arms.
    level : float
        Level of the confidence intervals.

    Raises
    ------
    ValueError
        Lengths that differ, values that are not finite numbers, more events than patients, a level
        outside (0, 1).

    Examples
    --------
    >>> test = peters([-0.9, -0.7, -0.4, 0.0], [1, 4, 9, 40], [20, 40, 90, 400], [2, 7, 13, 40],
    ...     [20, 40, 90, 400])
    >>> round(test.slope.estimate, 1), test.predictor
    (-50.4, 'ninv')
    """
    check_share(level, "level")
    table = tables(ai, n1i, ci, n2i, yi=yi)
    informative = table.informative
    events, others = table.events[informative], table.non_events[informative]
    weights = 1 / (1 / events + 1 / others)
    predictor = 1 / (events + others)
    effects = table.effects[informative]
    left_out = int((~informative).sum())
    origin = float(effects[np.argmax(weights)]) if len(effects) else 0.0
    effects = effects - origin
    return regression("Peters", "ninv", effects, weights, predictor, left_out, level, origin)
