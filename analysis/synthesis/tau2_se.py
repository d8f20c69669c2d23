"""Standard errors of estimates of tau2, by the kind of the estimator.

It serves tables and comparison with metafor; an interval estimate +/- 1.96 of it would be poor
with few studies: Q-profile and profile likelihood give the intervals.

Moments: for normal effects with variance S = V + tau2 I, the quadratic form x'Ax has variance
2 tr(ASAS) (:cite:t:`searle1971`, section 2.5), taken at the estimate. Likelihood: the inverse of
the expected information, :cite:t:`viechtbauer2005`.
"""

from __future__ import annotations

import math

import numpy as np

from .studies import Studies
from .weighted import sums_and_slopes_at, sums_at


def information_error(studies: Studies, tau2: float, restricted: bool) -> float:
    """Of a (restricted) likelihood's estimate.

    >>> from analysis.synthesis.studies import prepare
    >>> round(information_error(prepare([0.1, 0.5, 0.9], [0.04] * 3), 1.0, False), 4)
    1.3391
    """
    _, slopes = sums_and_slopes_at(studies, tau2)
    # The square of the base may exceed a double's range.
    root = math.sqrt(2 * (studies.smallest_variance + tau2))
    return root / math.sqrt(-(slopes.trace if restricted else slopes.total))


def generalised_q_error(studies: Studies, tau2: float) -> float:
    """Of the root of Q: its slope there is -x'PPx, of expectation -tr(P) (about -W).

    With var Q = 2 df and the scale factor k / df of Morris's estimate, as metafor has it.
    """
    return math.sqrt(2 / (studies.k - 1)) * studies.k / sums_at(studies, tau2).total


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
