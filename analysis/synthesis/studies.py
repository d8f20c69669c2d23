"""Effect sizes made ready for arithmetic: checked, ordered, centred and scaled once.

Every method of this package works on `Studies` rather than on raw input, so that none of them has
to defend itself against bad numbers, a distant origin or an awkward unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError

from .checks import NO_STUDY, POSITIVE_VARIANCE, numbers, require, same_length

# Squares of effects and of weights must stay inside the range of a double, with room to spare.
LARGEST_EFFECT = 1e60
SMALLEST_VARIANCE, LARGEST_VARIANCE = 1e-60, 1e60


@dataclass(frozen=True, slots=True)
class Studies:
    """`k` studies with effects `(yi - centre) / unit` and variances `vi / unit**2`.

    The studies stand in order of precision (then of effect), so results do not depend, even in
    the last digit, on the order in which the studies were listed. The most precise study is first
    and is the origin: equal effects are then exact zeros, sums of squares do not cancel however
    far from 0 the effects lie, and a study that outweighs all others by many orders of magnitude
    costs no digits. `unit` is a power of two near the smallest standard error, so scaling is
    exact.
    """

    effects: np.ndarray
    variances: np.ndarray
    centre: float
    unit: float
    order: np.ndarray
    # (1, x, x^2) of every study but the first, shape (k - 1, 3): weights times this are power sums.
    powers: np.ndarray

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.effects)

    @property
    def smallest_variance(self) -> float:
        """Sampling variance of the most precise study, in units squared."""
        return float(self.variances[0])

    @property
    def squared_range(self) -> float:
        """Squared difference between the largest and the smallest effect, in units squared."""
        return float(np.ptp(self.effects)) ** 2

    def in_listed_order(self, values: np.ndarray) -> np.ndarray:
        """Put values that stand in order of precision back into the order of the input."""
        listed = np.empty_like(values)
        listed[self.order] = values
        return listed


def prepare(yi: Any, vi: Any) -> Studies:
    """Check effects and sampling variances, and make them ready for arithmetic.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances: lists, tuples, arrays or pandas Series.

    Raises
    ------
    ValueError
        No study; different lengths; not one-dimensional; not numbers; NaN or infinite; a variance
        that is not positive; magnitudes beyond 1e60.
    """
    effects, variances = numbers(yi, "yi"), numbers(vi, "vi")
    same_length(yi=effects, vi=variances)
    if len(effects) == 0:
        raise InputError(NO_STUDY)
    require(variances > 0, variances, "vi", POSITIVE_VARIANCE)
    require(
        (variances >= SMALLEST_VARIANCE) & (variances <= LARGEST_VARIANCE),
        variances,
        "vi",
        f"between {SMALLEST_VARIANCE:g} and {LARGEST_VARIANCE:g}",
    )
    require(
        np.abs(effects) <= LARGEST_EFFECT, effects, "yi", f"within +/- {LARGEST_EFFECT:g} of 0"
    )
    order = _by_precision(effects, variances)
    effects, variances = effects[order], variances[order]
    centre = float(effects[0])
    unit = unit_of(float(variances[0]))
    effects = (effects - centre) / unit
    powers = np.empty((len(effects) - 1, 3))
    powers[:, 0], powers[:, 1] = 1.0, effects[1:]
    np.square(effects[1:], out=powers[:, 2])
    return Studies(effects, variances / unit**2, centre, unit, order, powers)


def unit_of(smallest_variance: float) -> float:
    """The power of two next above the smallest standard error."""
    return 2.0 ** math.frexp(math.sqrt(smallest_variance))[1]


def _by_precision(effects: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Order by variance, then by effect; the second only where variances are equal."""
    order = variances.argsort()
    ordered = variances[order]
    if (ordered[1:] == ordered[:-1]).any():
        return np.lexsort((effects, variances))
    return order
