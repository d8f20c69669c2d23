"""A review's numbers on the scale that a reader knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.effects.measures import Measure
from analysis.effects.single_group import harmonic_mean
from analysis.review.studies import Studies

NOTHING = 1e-15
"""A proportion of no event at all is that of a very low logit (`events.NEVER`): printed as 0."""


def printed(
    measure: Measure, values: Sequence[float | None], size: float | None
) -> list[float | None]:
    """Numbers on the scale that a reader knows; None stays, and what overflows becomes None."""
    found = []
    for value in values:
        back = None if value is None else float(measure.back_transform(value, size))
        back = 0.0 if back is not None and abs(back) < NOTHING else back
        found.append(back if back is None or np.isfinite(back) else None)
    return found


def size_of(studies: Studies) -> float | None:
    """The size with which a pooled double arcsine is read back."""
    return None if studies.sizes is None else float(harmonic_mean(studies.sizes))


def reads_back(studies: Studies) -> bool:
    """Whether effects can be read back: some need sizes that a file may not give."""
    measure = studies.measure
    return bool(measure and (measure.size_column is None or studies.sizes is not None))
