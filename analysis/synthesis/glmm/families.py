"""Distributions of counts given the linear predictor: binomial, Poisson, noncentral hypergeometric.

All have the log-likelihood x eta - K(eta) + constant, with K the cumulant function: the mean of x
is K', its variance K'', its third central moment K'''.

In all three |K'''| <= K'': for the binomial and Poisson at sight; for the noncentral
hypergeometric because it is a sum of independent, not identical, Bernoulli variables (its
generating function has only real roots: :cite:t:`vatutin1983`).
`quadrature.py` builds a Newton method that cannot fail on this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import gammaln

from ..counts.association import expected_events

# Cells of a table of hypergeometric terms that are worked on at a time.
CELLS_AT_ONCE = 200_000

Cumulants = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Family(Protocol):
    """Cumulant function of the counts of k studies with J arms each."""

    def cumulants(self, eta: np.ndarray) -> Cumulants:
        """K, K', K'' and K''' at eta, each of its shape (..., k, J, Q)."""
        ...


@dataclass(frozen=True, slots=True)
class Binomial:
    """x events among `size`, shape (k, J); eta is the logit. A size of 0 takes an arm out."""

    size: np.ndarray

    def cumulants(self, eta: np.ndarray) -> Cumulants:
        size = self.size[:, :, None]
        small = np.exp(-np.abs(eta))
        softplus = np.maximum(eta, 0) + np.log1p(small)
        minor = small / (1 + small)
        p = np.where(eta > 0, 1 - minor, minor)
        variance = size * (minor / (1 + small))
        return size * softplus, size * p, variance, variance * (1 - 2 * p)


@dataclass(frozen=True, slots=True)
class Poisson:
    """x events in unit exposure; the logarithm of the person-time belongs to eta."""

    def cumulants(self, eta: np.ndarray) -> Cumulants:
        mean = np.exp(eta)
        return mean, mean, mean, mean


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Events of the first group given those of both groups; eta is the log odds ratio.

    Fisher's noncentral hypergeometric distribution. `events`, `n1`, `n2` (k,) are the margins,
    whole numbers; `lowest` (k,) is the least possible count, and `terms` (k, S) holds
    log(C(n1, x) C(n2, m - x)) for x = lowest, lowest + 1, ..., then -inf.
    """

    events: np.ndarray
    n1: np.ndarray
    n2: np.ndarray
    lowest: np.ndarray
    terms: np.ndarray

    @classmethod
    def of(cls, events: np.ndarray, n1: np.ndarray, n2: np.ndarray) -> Hypergeometric:
        """The distribution with these margins, shape (k,) each.

        Examples
        --------
        >>> one = Hypergeometric.of(np.array([2.0]), np.array([3.0]), np.array([4.0]))
        >>> round(float(one.cumulants(np.zeros((1, 1, 1)))[1][0, 0, 0]), 12)  # 2 * 3 / 7
        0.857142857143
        """
        lowest = np.maximum(0.0, events - n2)
        count = np.minimum(n1, events) - lowest + 1
        x = lowest[:, None] + np.arange(count.max())
        inside = np.arange(count.max()) < count[:, None]
        x = np.where(inside, x, lowest[:, None])
        return cls(
            events, n1, n2, lowest,
            np.where(
                inside,
                log_choose(n1[:, None], x) + log_choose(n2[:, None], events[:, None] - x),
                -np.inf,
            ),
        )  # fmt: skip

    def log_probability(self, x: np.ndarray) -> np.ndarray:
        """log(C(n1, x) C(n2, m - x)): the log-likelihood is x eta - K(eta) + this."""
        return log_choose(self.n1, x) + log_choose(self.n2, self.events - x)

    def cumulants(self, eta: np.ndarray) -> Cumulants:
        k, nodes = self.terms.shape[0], eta.shape[-1]
        rows = eta.reshape(-1, k, nodes)
        step = max(1, CELLS_AT_ONCE // (k * nodes * self._width))
        blocks = [self._block(rows[i : i + step]) for i in range(0, len(rows), step)]
        first, second, third, fourth = (
            np.concatenate(part).reshape(eta.shape) for part in zip(*blocks, strict=True)
        )
        return first, second, third, fourth

    @property
    def _width(self) -> int:
        """Terms that matter: nine standard deviations to either side, and some.

        The variance is at most a quarter of the number of Bernoulli variables, S - 1.
        """
        longest = self.terms.shape[1]
        return min(longest, 2 * int(4.5 * np.sqrt(longest)) + 41)

    def _block(self, eta: np.ndarray) -> Cumulants:
        """The cumulants for eta of shape (rows, k, Q)."""
        place, log_terms = self._window(eta)
        share = log_terms + eta[..., None] * place
        peak = share.max(axis=-1)
        share -= peak[..., None]
        np.exp(share, out=share)
        total = share.sum(axis=-1)
        mean = np.einsum("...s,...s->...", share, place) / total
        apart = place - mean[..., None]
        share *= apart
        variance = np.einsum("...s,...s->...", share, apart) / total
        share *= apart
        third = np.einsum("...s,...s->...", share, apart) / total
        lowest = self.lowest[:, None]
        return lowest * eta + peak + np.log(total), lowest + mean, variance, third

    def _window(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places (x - lowest) of the terms that matter at eta, and the terms."""
        width, longest = self._width, self.terms.shape[1]
        if width == longest:
            place = np.broadcast_to(np.arange(float(width)), (*eta.shape, width))
            return place, self.terms[:, None, :]
        margins = (values[:, None] for values in (self.events, self.n1, self.n2))
        mean = expected_events(*margins, np.clip(eta, -100.0, 100.0))
        first = np.floor(mean - self.lowest[:, None]).astype(int) - width // 2
        place = np.clip(first, 0, longest - width)[..., None] + np.arange(width)
        study = np.arange(len(self.events))[:, None, None]
        return place.astype(float), self.terms[study, place]


def log_choose(n: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Logarithm of the binomial coefficient.

    Examples
    --------
    >>> round(float(np.exp(log_choose(np.array(5.0), np.array(2.0)))), 9)
    10.0
    """
    return gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
