"""What is left of a network when its treatments' effects are taken out, as independent numbers.

With Z the orthonormal complement of the design and D the rows' variances, Z'y has the covariance Z'DZ +
tau2 I. Its eigenvectors turn it into k - p independent numbers with variances l + tau2 and mean 0, for
every tau2 at once (the spectral decomposition of :cite:t:`patterson1971`). Q, REML and the Q-profile
interval are then sums over k - p terms, and no tau2 costs a regression.
"""

from __future__ import annotations

import numpy as np

from ..projection import Projection
from ..regression_data import RegressionData
from ..studies import prepare

# Eigenvalues are known to rounding of the largest: with variances further apart the small ones would not be.
WIDEST = 1e5


class Residuals(RegressionData):
    """The residual numbers, with the interface of a regression on no columns."""

    def at(self, tau2: float) -> Projection:
        """The sums at one tau2 (in squared units)."""
        return self.on(np.array([tau2]))

    def on(self, tau2: np.ndarray) -> Projection:
        """The sums at many tau2, shape (n,)."""
        weights = 1.0 / (self.studies.variances + tau2[:, None])
        weighted = weights * self.effects
        trace, nothing = weights.sum(axis=1), np.zeros((len(tau2), 0))
        return Projection(
            tau2,
            total=trace,
            q=weighted @ self.effects,
            rss=(weighted * weighted).sum(axis=1),
            trace=trace,
            coefficients=nothing,
            root=np.zeros((len(tau2), 0, 0)),
            log_det=np.zeros(len(tau2)),
        )


def residual_space(data: RegressionData) -> RegressionData:
    """The residual numbers of `data` with their own unit; `data` itself where they would lose digits."""
    variances = data.studies.variances
    if data.df == 0 or variances[-1] > WIDEST * variances[0]:
        return data
    complement = np.linalg.qr(data.basis, mode="complete")[0][:, data.p :]
    values, vectors = np.linalg.eigh((complement.T * variances) @ complement)
    unit = data.studies.unit
    numbers = unit * (vectors.T @ (complement.T @ data.effects))
    studies = prepare(numbers, unit**2 * values)
    effects = studies.effects + studies.centre / studies.unit
    k = len(effects)
    return Residuals(studies, effects, np.zeros((k, 0)), np.zeros((0, 0)), np.zeros(0))
