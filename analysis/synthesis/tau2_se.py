"""Standard error of the estimate of tau2.

It serves tables and comparison with metafor; an interval estimate +/- 1.96 of it would be poor
with few studies: Q-profile and profile likelihood give the intervals.

Moments: for normal effects with variance S = V + tau2 I, the quadratic form x'Ax has variance
2 tr(ASAS) (Searle, 1971, Linear Models, section 2.5), taken at the estimate. Likelihood: the inverse of
the expected information, :cite:t:`viechtbauer2005`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .studies import Studies
from .weighted import sums_and_slopes_at, sums_at


def tau2_standard_error(studies: Studies, tau2: float, method: str) -> float:
    """Standard error (in squared units of the studies) of an estimate by one of TAU2_ESTIMATORS.

    Raises
    ------
    ValueError
        Another estimator.

    Examples
    --------
    >>> from analysis.synthesis.studies import prepare
    >>> round(tau2_standard_error(prepare([0.1, 0.5, 0.9], [0.04] * 3), 1.0, "ML"), 4)
    1.3391
    """
    try:
        error = _ERRORS[method]
    except KeyError:
        raise ValueError(
            f"no standard error of tau2 is known for {method!r}; allowed: {', '.join(_ERRORS)}"
        ) from None
    return error(studies, tau2)


def _restricted_likelihood(studies: Studies, tau2: float) -> float:
    _, slopes = sums_and_slopes_at(studies, tau2)
    # The square of the base may exceed a double's range.
    return math.sqrt(2 * (studies.smallest_variance + tau2)) / math.sqrt(-slopes.trace)


def _likelihood(studies: Studies, tau2: float) -> float:
    _, slopes = sums_and_slopes_at(studies, tau2)
    return math.sqrt(2 * (studies.smallest_variance + tau2)) / math.sqrt(-slopes.total)


def _generalised_q(studies: Studies, tau2: float) -> float:
    """The slope of Q at its root is -x'PPx, of expectation -tr(P) (about -W).

    With var Q = 2 df and the scale factor k / df of Morris's estimate, as metafor has it.
    """
    return math.sqrt(2 / (studies.k - 1)) * studies.k / sums_at(studies, tau2).total


def _hedges(studies: Studies, tau2: float) -> float:
    return form_error(studies, tau2, np.ones(studies.k)) / (studies.k - 1)


def _sidik_jonkman(studies: Studies, tau2: float) -> float:
    crude = float(studies.effects.var())
    return crude * form_error(studies, tau2, 1.0 / (studies.variances + crude)) / (studies.k - 1)


def _iterated_dersimonian_laird(studies: Studies, tau2: float) -> float:
    """DL's formula, 2 df + 4 tau2 tr(P) + 2 tau2^2 tr(PP), at the last weights, as metafor has it.

    Exact for the first weights only, and too large rather than too small.
    """
    sums, slopes = sums_and_slopes_at(studies, tau2)
    squares = tau2**2 * -slopes.trace / (studies.smallest_variance + tau2)
    return math.sqrt(2 * (studies.k - 1) + 4 * tau2 * sums.trace + 2 * squares) / sums.trace


def _dersimonian_laird(studies: Studies, tau2: float) -> float:
    return form_error(studies, tau2, 1.0 / studies.variances) / sums_at(studies, 0.0).trace


def _hunter_schmidt(studies: Studies, tau2: float) -> float:
    return form_error(studies, tau2, 1.0 / studies.variances) / sums_at(studies, 0.0).total


def _hunter_schmidt_corrected(studies: Studies, tau2: float) -> float:
    return _hunter_schmidt(studies, tau2) * studies.k / (studies.k - 1)


_ERRORS: dict[str, Callable[[Studies, float], float]] = {
    "REML": _restricted_likelihood,
    "ML": _likelihood,
    "DL": _dersimonian_laird,
    "DLIT": _iterated_dersimonian_laird,
    "PM": _generalised_q,
    "PMM": _generalised_q,
    "EB": _generalised_q,
    "SJIT": _generalised_q,
    "SJ": _sidik_jonkman,
    "HS": _hunter_schmidt,
    "HSk": _hunter_schmidt_corrected,
    "HE": _hedges,
}


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
