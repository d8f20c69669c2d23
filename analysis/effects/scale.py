"""From the scale on which effects are pooled to the one on which they are printed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.effects.measures import MEASURES
from analysis.vocabulary import RATIOS


def shown(measure: str, values: ArrayLike) -> NDArray[np.float64]:
    """Back-transform pooled-scale values: ratios by exp, proportions by their inverse, others as they are.

    >>> float(shown("RR", 0.0)), float(shown("PLO", 0.0)), float(shown("MD", -0.5))
    (1.0, 0.5, -0.5)
    """
    if measure in RATIOS:
        return np.exp(np.asarray(values, dtype=float))
    if measure in ("PLO", "PAS"):
        return np.asarray(MEASURES[measure].back_transform(values), dtype=float)
    return np.asarray(values, dtype=float)
