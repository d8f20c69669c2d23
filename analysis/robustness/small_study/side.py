"""On which side of the funnel plot would studies be missing?"""

from __future__ import annotations

from typing import Any

from .funnel_regression import MIXED_EFFECTS, funnel_regression

LEFT, RIGHT = "left", "right"

NO_SLOPE = "the effects show no slope on their standard errors: missing studies are sought left"


def side_of_missing_studies(yi: Any, vi: Any, tau2: str | float) -> tuple[str, tuple[str, ...]]:
    """The side by the slope of Egger's regression in the same model, and a note where it has none.

    Where effects fall with their standard errors, imprecise studies with large effects seem to be
    missing: "right"; otherwise "left".

    Examples
    --------
    >>> side_of_missing_studies([0.1, 0.2, 0.6], [0.01, 0.02, 0.09], "EE")
    ('left', ())
    """
    line = funnel_regression(yi, vi, None, "sei", MIXED_EFFECTS, tau2)
    if line.slope is None or line.slope.estimate == 0:
        return LEFT, (NO_SLOPE,)
    return (RIGHT if line.slope.estimate < 0 else LEFT), ()
