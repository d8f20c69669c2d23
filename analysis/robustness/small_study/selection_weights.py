"""Weight functions of selection models: relative probability that a study with this P is seen.

Sources: :cite:t:`hedges1992`, and :cite:t:`vevea1995` (step function); :cite:t:`preston2004`
(half-normal, negative exponential, logistic); :cite:t:`citkowicz2017` (beta).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

STEP = "step"


@dataclass(frozen=True, slots=True)
class SmoothWeight:
    """A smooth weight function of P.

    `terms(p)` are the functions of P in it, shape (parameters or 1, ...), worked out once.
    `log_weight(terms, imprecision, delta)` is the log of the weight. Without selection every delta
    is `null`. Deltas lie between `lowest` and HIGHEST; P is kept `p_margin` away from 0 and 1,
    where weights could be infinite or 0.
    """

    terms: Callable[[np.ndarray], tuple[np.ndarray, ...]]
    log_weight: Callable[[tuple[np.ndarray, ...], np.ndarray, np.ndarray], np.ndarray]
    parameters: int
    null: float
    lowest: float
    p_margin: float
    starts: tuple[tuple[float, ...], ...]


HIGHEST = 100.0

Terms = tuple[np.ndarray, ...]


def _beta(terms: Terms, imprecision: np.ndarray, delta: np.ndarray) -> np.ndarray:
    return (delta[0] - 1) * terms[0] + (delta[1] - 1) * terms[1]


def _exponential(terms: Terms, imprecision: np.ndarray, delta: np.ndarray) -> np.ndarray:
    return -(delta[0] * imprecision) * terms[0]


def _logistic(terms: Terms, imprecision: np.ndarray, delta: np.ndarray) -> np.ndarray:
    exponent = -(delta[0] * imprecision) * terms[0]
    return np.log(2.0) + exponent - np.log1p(np.exp(exponent))


def _one_parameter(
    term: Callable[[np.ndarray], np.ndarray],
    log_weight: Callable[[Terms, np.ndarray, np.ndarray], np.ndarray] = _exponential,
    p_margin: float = 0.0,
) -> SmoothWeight:
    starts = ((0.3,), (1.0,), (3.0,), (8.0,), (20.0,))
    return SmoothWeight(lambda p: (term(p),), log_weight, 1, 0.0, 0.0, p_margin, starts)


SMOOTH_WEIGHTS = {
    "half-normal": _one_parameter(np.square),  # exp(-delta p^2)
    "negative-exponential": _one_parameter(np.positive),  # exp(-delta p)
    "logistic": _one_parameter(np.positive, _logistic),  # 2 exp(-delta p) / (1 + exp(-delta p))
    "power": _one_parameter(lambda p: -np.log1p(-p), p_margin=1e-5),  # (1 - p)^delta
    "beta": SmoothWeight(  # p^(delta1 - 1) (1 - p)^(delta2 - 1)
        terms=lambda p: (np.log(p), np.log1p(-p)),
        log_weight=_beta,
        parameters=2,
        null=1.0,
        lowest=1e-5,
        p_margin=1e-5,
        starts=((1, 1), (0.7, 2), (0.5, 4), (0.9, 0.7), (1.5, 1.5), (2, 8), (0.3, 1)),
    ),
}
WEIGHTS = (STEP, *SMOOTH_WEIGHTS)
