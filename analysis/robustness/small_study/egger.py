"""Egger's test: are the effects of imprecise studies larger than those of precise ones?

Sources: :cite:t:`egger1997` (classical: weighted
regression with multiplicative dispersion; their intercept is the slope on the standard error
here); :cite:t:`sterne2005` (mixed-effects).
"""

from __future__ import annotations

from typing import Any

from .funnel_regression import MIXED_EFFECTS, funnel_regression
from .result import FunnelRegression


def egger(
    yi: Any,
    vi: Any,
    model: str = MIXED_EFFECTS,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
) -> FunnelRegression:
    """Egger's regression of the effects on their standard errors.

    Source: :cite:t:`egger1997`; :cite:t:`sterne2005`.

    Parameters, errors and models are those of `funnel_regression`. The mixed-effects form is the
    default, as in metafor. For odds ratios the effect and its standard error are correlated by
    construction; Harbord's or Peters' test should be read instead.

    Examples
    --------
    >>> test = egger([0.1, 0.3, 0.5, 0.6, 0.9], [0.01, 0.02, 0.04, 0.09, 0.16], "multiplicative")
    >>> round(test.statistic, 2), round(test.p_value, 4), test.enough_studies
    (6.3, 0.0081, False)
    """
    return funnel_regression(yi, vi, None, "sei", model, tau2, ci, level, test="Egger")
