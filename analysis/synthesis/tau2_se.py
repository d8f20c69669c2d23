"""Standard error of the estimate of tau2.

It serves tables and comparison with metafor; an interval estimate +/- 1.96 of it would be poor
with few studies: Q-profile and profile likelihood give the intervals.

Moments: for normal effects with variance S = V + tau2 I, the quadratic form x'Ax has variance
2 tr(ASAS) (Searle, 1971, Linear Models, section 2.5), taken at the estimate. Likelihood: the inverse of
the expected information, Viechtbauer (2005), JEBS 30, 261-293.
"""

from __future__ import annotations

import math

import numpy as np

from .studies import Studies
from .weighted import sums_and_slopes_at, sums_at


def tau2_standard_error(studies: Studies, tau2: float, method: str) -> float:
    """Standard error (in squared units of the studies) of an estimate by one of TAU2_ESTIMATORS.

    Examples
    --------
    >>> from analysis.synthesis.studies import prepare
    >>> round(tau2_standard_error(prepare([0.1, 0.5, 0.9], [0.04] * 3), 1.0, "ML"), 4)
    1.3391
    """
    k, df = studies.k, studies.k - 1
    sums, slopes = sums_and_slopes_at(studies, tau2)
    base = studies.smallest_variance + tau2
    if method == "ML":
        return math.sqrt(2 * base) / math.sqrt(-slopes.total)  # base^2 may exceed a double's range
    if method == "REML":
        return math.sqrt(2 * base) / math.sqrt(-slopes.trace)
    if method in ("EB", "PM", "PMM", "SJIT"):
        # The slope of Q at its root is -x'PPx, of expectation -tr(P) (about -W); with var Q = 2 df
        # and the scale factor k / df of Morris's estimate, as metafor has it.
        return math.sqrt(2 / df) * k / sums.total
    if method == "HE":
        return form_error(studies, tau2, np.ones(k)) / df
    if method == "SJ":
        crude = float(studies.effects.var())
        return crude * form_error(studies, tau2, 1.0 / (studies.variances + crude)) / df
    if method == "DLIT":
        # DL's formula, 2 df + 4 tau2 tr(P) + 2 tau2^2 tr(PP), at the last weights, as metafor has
        # it; exact for the first weights only, and too large rather than too small.
        squares = tau2**2 * -slopes.trace / base
        return math.sqrt(2 * df + 4 * tau2 * sums.trace + 2 * squares) / sums.trace
    at_zero = sums_at(studies, 0.0)
    error = form_error(studies, tau2, 1.0 / studies.variances)
    if method == "DL":
        return error / at_zero.trace
    return error / at_zero.total * (k / df if method == "HSk" else 1.0)


def form_error(studies: Studies, tau2: float, weights: np.ndarray) -> float:
    """Standard deviation of x'Px, P = A - a a' / sum a with A = diag(a), a the weights.

    tr(PSPS) is the sum of (P_ij)^2 S_i S_j. With c = a (v + tau2), its diagonal part is the sum of
    (c (1 - share))^2, its other part (sum e)^2 - sum e^2, e = c share. With the study
    that has the greatest share set apart, nothing cancels.
    """
    scaled = weights * (studies.variances + tau2)
    largest = float(scaled.max())
    scaled /= largest
    shares = weights / weights.sum()
    rest = 1.0 - shares
    most = int(shares.argmax())
    rest[most] = np.delete(shares, most).sum()
    products = scaled * shares
    other = np.delete(products, most)
    others = other.sum()
    between = others * (2 * products[most] + others) - other @ other
    within = (scaled * rest) @ (scaled * rest)
    return largest * math.sqrt(2 * (within + max(0.0, between)))
