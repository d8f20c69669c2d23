"""Roots of many rising functions of tau2 at once: `roots.rising_root` for arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .roots import CLOSED, MOST_STEPS, SMALL_STEP
from .tables import Table

# Leaving finished sets out of a table costs about as much as one evaluation of it.
WORTH_LEAVING_OUT = 0.3


def rising_roots(
    table: Table,
    function: Callable[[Table, np.ndarray], tuple[np.ndarray, np.ndarray]],
    low: np.ndarray,
    high: np.ndarray,
    start: np.ndarray,
) -> np.ndarray:
    """Where `function` passes from negative to positive, for each set of a table.

    Parameters
    ----------
    table : Table
        n sets of studies.
    function : callable
        Gives, for a table and one tau2 per set, values and slopes in log(smallest + tau2).
    low, high, start : ndarray, shape (n,)
        Bracket of each root, and where to begin. The rules are those of `roots.rising_root`.
    """
    roots = start.copy()
    if len(start) == 0:
        return roots
    sets = np.arange(len(start))  # of which set each column of the table is
    open_ = np.ones(len(start), dtype=bool)
    tau2, last_step = start.copy(), 4.0 * (high - low)
    for _ in range(MOST_STEPS):
        value, slope = function(table, tau2)
        low = np.where(value < 0, tau2, low)
        high = np.where(value > 0, tau2, high)
        base = table.smallest + tau2
        newton = tau2 - base * value / slope
        step = np.abs(newton - tau2)
        sound = (slope > 0) & (newton >= low) & (newton <= high) & (step <= 0.5 * last_step)
        finished = (value == 0) | (sound & (step <= SMALL_STEP * base))
        if sound.all():
            tau2 = np.where(open_, newton, tau2)
            last_step = step
        else:
            width = high - low
            closed = ~sound & (width <= CLOSED * (table.smallest + low))
            middle = np.sqrt(table.smallest + low) * np.sqrt(table.smallest + high)
            middle = np.minimum(np.maximum(middle - table.smallest, low), high)
            following = np.where(sound, newton, middle)
            tau2 = np.where(open_ & ~closed & (value != 0), following, tau2)
            last_step = np.where(sound, step, width)
            finished |= closed
        open_ &= ~finished
        left = np.count_nonzero(open_)
        if left == 0:
            break
        if left < WORTH_LEAVING_OUT * len(open_):
            roots[sets] = tau2
            keep = np.flatnonzero(open_)
            table, sets, open_ = table.take(keep), sets[keep], open_[keep]
            tau2, low, high, last_step = tau2[keep], low[keep], high[keep], last_step[keep]
    roots[sets] = tau2
    return roots
