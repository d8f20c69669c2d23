"""The floor under the interval of few studies: it is never shorter than Wald's with random effects (REML).

The prior of `few.py` expects true effects to differ by about one standard error, so its interval grows more slowly
than studies that differ by many. Wald's grows with them. Where it is the longer one, the posterior is stretched about
its own mean until its interval is as long: standard error and both limits move away from the estimate in the same
proportion, and the estimate, its weights and tau2 stay. The scale is that of analysis (the logarithm of a ratio).

The same thought as Knapp and Hartung's for their own interval (:cite:t:`knapp2003`). That it costs no length where
studies agree and mends the worst where they do not rests on a simulation: docs/verification.md,
`tests.simulations.few_spread`.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from .inference import critical_value

Numbers = TypeVar("Numbers", float, np.ndarray)


def wald_error(vi: np.ndarray, tau2: float) -> float:
    """Standard error of the mean of one set of studies, tau2 taken as known.

    >>> round(wald_error(np.array([0.5, 0.5]), 1.5), 9)
    1.0
    """
    least = float(vi.min())
    return float(np.sqrt(least / np.sum(1.0 / (vi / least + tau2 / least))))


def lengthening(low: Numbers, high: Numbers, wald: Numbers, level: float) -> Numbers:
    """How many times as long as it is the interval is told; 1 where it is as long as Wald's already.

    Parameters
    ----------
    low, high : float or ndarray
        The limits, of one set of studies or of many.
    wald : float or ndarray
        Standard error of the mean with random effects.
    level : float
    """
    return np.maximum(2.0 * critical_value(level, None) * wald / (high - low), 1.0)


def lengthened(limit: Numbers, estimate: Numbers, times: Numbers) -> Numbers:
    """A limit that many times as far from the estimate.

    >>> float(lengthened(1.5, 1.0, 3.0)), float(lengthened(0.1, 0.3, 1.0))
    (2.5, 0.1)
    """
    # where nothing is stretched nothing is rounded either
    return np.where(times > 1.0, estimate + times * (limit - estimate), limit)
