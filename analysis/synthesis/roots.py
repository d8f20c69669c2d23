"""Roots of functions of tau2 inside a bracket."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

_TIGHTEST = 4 * np.finfo(float).eps  # the smallest relative tolerance that Brent's method accepts


def rising_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where `function` passes from negative to positive between low and high, to the last digits.

    The ends of a bracket may come from a table that differs from `function` by rounding; if an
    end turns out to be on the wrong side, it is the root to that accuracy.

    Source: Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.

    Examples
    --------
    >>> rising_root(lambda t: t - 2.0, 0.0, 8.0)
    2.0
    """
    low, high = float(low), float(high)
    try:
        return float(brentq(function, low, high, xtol=1e-300, rtol=_TIGHTEST, maxiter=1000))
    except ValueError:  # no change of sign
        return low if abs(function(low)) <= abs(function(high)) else high
