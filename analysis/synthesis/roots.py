"""Roots of rising functions of tau2: Newton's method that cannot leave its bracket."""

from __future__ import annotations

import math
from collections.abc import Callable

# Newton's step squares the error (relative to the smallest v + tau2, the scale on which all
# functions here are smooth), so after a step this small the error is below rounding.
SMALL_STEP = 1e-8
# Relative width at which a bracket holds nothing but rounding.
CLOSED = 1e-15
# Halving a bracket that spans a double's whole range takes fewer steps of bisection.
MOST_STEPS = 1200


def rising_root(
    function: Callable[[float], tuple[float, float]],
    low: float,
    high: float,
    smallest_variance: float,
    start: float | None = None,
) -> float:
    """Where `function` passes from negative to positive between low and high.

    Parameters
    ----------
    function : callable
        Gives, at a tau2, the value and the slope in log(smallest_variance + tau2).
    low, high : float
        0 <= low < high. The value is negative (or rounds to 0) at low, positive (or 0) at high.
    smallest_variance : float
        The smallest sampling variance: tau2 is known to rounding relative to it plus tau2.
    start : float, optional
        Where to begin, between low (the default) and high.

    Each step is Newton's, unless that leaves the bracket, which each value narrows, or is longer
    than half the step before it: then the bracket is halved in log(smallest_variance + tau2). So
    steps or bracket shrink by half at least each time, and it always ends.

    Source: :cite:t:`press2007`, section 9.4.

    Examples
    --------
    >>> rising_root(lambda t: (t - 2.0, 1.0 + t), 0.0, 8.0, 1.0, start=3.0)
    2.0
    """
    tau2, last_step = low if start is None else start, 4 * (high - low)
    for _ in range(MOST_STEPS):
        value, slope = function(tau2)
        if value < 0:
            low = tau2
        elif value > 0:
            high = tau2
        else:
            return tau2
        newton = tau2 - (smallest_variance + tau2) * value / slope if slope > 0 else -1.0
        if low <= newton <= high and abs(newton - tau2) <= 0.5 * last_step:
            last_step = abs(newton - tau2)
            tau2 = newton
            if last_step <= SMALL_STEP * (smallest_variance + tau2):
                return tau2
        else:
            last_step = high - low
            if last_step <= CLOSED * (smallest_variance + low):
                return tau2
            middle = math.sqrt(smallest_variance + low) * math.sqrt(smallest_variance + high)
            tau2 = min(max(middle - smallest_variance, low), high)
    return tau2
