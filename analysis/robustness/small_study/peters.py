"""Peters' test for log odds ratios: regression on the inverse of the sample size.

Source: :cite:t:`peters2006`. The weights use the events and non-events of both arms together,
so that they do not depend on the odds ratio.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checked import share
from .few_studies import enough_studies, few_studies_notes
from .line import fit_line, why_no_line
from .result import FunnelRegression
from .two_by_two import NO_INFORMATION, tables


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
    share(level, "level")
    table = tables(ai, n1i, ci, n2i, yi=yi)
    informative = table.informative
    events, others = table.events[informative], table.non_events[informative]
    weights = 1 / (1 / events + 1 / others)
    predictor = 1 / (events + others)
    effects = table.effects[informative]
    k = len(effects)
    dropped = int((~informative).sum())
    notes = ((NO_INFORMATION.format(dropped),) if dropped else ()) + few_studies_notes(k)
    why = why_no_line(weights, predictor)
    line = None
    if why is None:
        origin = float(effects[np.argmax(weights)])
        line = fit_line(effects - origin, weights, predictor, level, k - 2, origin=origin)
    return FunnelRegression(
        test="Peters",
        predictor="ninv",
        model="multiplicative",
        k=k,
        slope=None if line is None else line.slope,
        limit=None if line is None else line.limit,
        df=None if line is None else k - 2,
        tau2=None,
        dispersion=None if line is None else line.dispersion,
        level=level,
        enough_studies=enough_studies(k),
        notes=(why, *notes) if line is None else (*line.notes, *notes),
    )
