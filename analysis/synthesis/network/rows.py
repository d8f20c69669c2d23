"""A network as a meta-regression: the contrasts of each study, rotated until they are independent.

In a study with covariance V of its basic contrasts, the true contrasts of the study vary about those of
the network with tau2 Omega, Omega = (I + 11') / 2: every pair of its arms differs by tau2, whichever arm
comes first :cite:p:`higgins1996`. V and Omega are made diagonal together: V = L L', and L^-1 Omega L^-T
= U diag(l) U'. Then the rows of

    diag(l)^-1/2 U' L^-1 (contrasts)      have variances 1 / l + tau2

and are independent, so everything that is known of meta-regression holds of networks: the estimators of
tau2, its interval, Q. Nothing is approximated, and nothing depends on the choice of the basic contrasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..regression_data import RegressionData, prepare_regression
from .studies import Block, NetworkStudies


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Independent rows of a network.

    Attributes
    ----------
    study : int array, shape (r,)
        Place of the study that the row comes from.
    effects, variances : float arrays, shape (r,)
        The true values vary about `matrix @ treatments' effects` with variance tau2.
    matrix : float array, shape (r, n)
        Each row sums to 0.
    """

    study: np.ndarray
    effects: np.ndarray
    variances: np.ndarray
    matrix: np.ndarray

    def of_studies(self, wanted: np.ndarray) -> Rows:
        """The rows of the studies for which `wanted` (bool, shape (k,)) is true."""
        kept = wanted[self.study]
        return Rows(self.study[kept], self.effects[kept], self.variances[kept], self.matrix[kept])

    def regression(self, columns: np.ndarray | None = None) -> RegressionData:
        """The rows on the effects of all treatments but the first, or on other columns (r, p)."""
        matrix = self.matrix[:, 1:] if columns is None else columns
        names = [f"column {i + 1}" for i in range(matrix.shape[1])]
        return prepare_regression(self.effects, self.variances, matrix, names)


def rotated(studies: NetworkStudies) -> Rows:
    """Rows of all studies, those of each study in a run, in the order of `studies.labels`."""
    parts = [_rotated_block(block, studies.n) for block in studies.blocks]
    study, effects, variances, matrix = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(study, kind="stable")
    return Rows(study[order], effects[order], variances[order], matrix[order])


def _rotated_block(block: Block, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    s, p = block.arms.shape
    contrasts = np.zeros((s, p - 1, n))
    at = np.arange(s)[:, None], np.arange(p - 1)
    contrasts[*at, block.arms[:, 1:]] = 1.0
    contrasts[*at, block.arms[:, :1]] = -1.0
    if p == 2:
        return block.study, block.effects[:, 0], block.covariance[:, 0, 0], contrasts[:, 0]
    omega = 0.5 * (np.eye(p - 1) + 1.0)
    back = np.linalg.inv(np.linalg.cholesky(block.covariance))
    values, vectors = np.linalg.eigh(back @ omega @ back.transpose(0, 2, 1))
    turn = np.einsum("sij,sjk->sik", vectors.transpose(0, 2, 1), back) / np.sqrt(values)[..., None]
    return (
        np.repeat(block.study, p - 1),
        np.einsum("sij,sj->si", turn, block.effects).ravel(),
        (1.0 / values).ravel(),
        (turn @ contrasts).reshape(-1, n),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Effects of the treatments at one tau2.

    `effects` (n,) and `covariance` (n, n) are those of treatments minus the first one, whose entries
    are 0; `q` is the weighted sum of squared residuals.
    """

    effects: np.ndarray
    covariance: np.ndarray
    q: float


def fitted(data: RegressionData, tau2: float) -> Fitted:
    """The fit at `tau2` (on the squared scale of the effects) of `Rows.regression()`."""
    n = data.p + 1
    effects, covariance = np.zeros(n), np.zeros((n, n))
    effects[1:], covariance[1:, 1:], q = coefficients_at(data, tau2)
    return Fitted(effects, covariance, q)


def coefficients_at(data: RegressionData, tau2: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients (p,), their covariance (p, p) and Q of a regression of rows at `tau2`."""
    unit = data.studies.unit
    roots = np.sqrt(1.0 / (data.studies.variances + tau2 / unit**2))
    scaled = roots * data.effects
    vectors, triangle = np.linalg.qr(roots[:, None] * data.basis)
    along = vectors.T @ scaled
    left = scaled - vectors @ along
    left -= vectors @ (vectors.T @ left)  # once more, for what rounding left behind
    back = data.to_coefficients @ np.linalg.inv(triangle)
    estimates = unit * (back @ along) + data.origin
    return estimates, unit**2 * (back @ back.T), float(left @ left) if data.df else 0.0
