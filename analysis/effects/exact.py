"""The exact interval of a proportion, for rare events: no normal approximation, and zero has an upper limit.

:cite:t:`clopper1934`: both limits are quantiles of beta distributions. Its coverage is never below the level.
"""

from __future__ import annotations

import math

from scipy.special import betaincinv

from analysis.errors import InputError


def exact_interval(events: float, total: float, level: float = 0.95) -> tuple[float, float]:
    """Limits of the proportion, 0 to 1.

    Raises
    ------
    ValueError
        When the total is not positive, the events lie outside 0 to the total, or the level outside 0 to 1.

    Examples
    --------
    >>> low, high = exact_interval(0, 100)
    >>> low, round(high, 4)  # 1 - 0.025 ** (1 / 100)
    (0.0, 0.0362)
    >>> [round(limit, 4) for limit in exact_interval(10, 100)]
    [0.049, 0.1762]
    """
    if not (math.isfinite(total) and total > 0):
        raise InputError(f"total: found {total}, allowed: above 0")
    if not 0 <= events <= total:
        raise InputError(f"events: found {events}, allowed: 0 to {total:g}")
    if not 0 < level < 1:
        raise InputError(f"level: found {level}, allowed: between 0 and 1")
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, total - events + 1, tail))
    high = 1.0 if events == total else float(betaincinv(events + 1, total - events, 1 - tail))
    return low, high
