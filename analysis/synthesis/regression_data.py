"""Effect sizes and a design matrix, made ready for the arithmetic of meta-regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import qr

from analysis.errors import InputError, NotEstimable

from .projection import Projection, project
from .studies import Studies, prepare

# A column counts as a combination of the others when less than this share of it is left.
DEPENDENT = 1e-10
# Neighbouring points of the grid differ by this factor in (smallest variance + tau2).
GRID_FACTOR = 1.5


@dataclass(frozen=True, slots=True)
class RegressionData:
    """`k` effects on `p` columns, in order of precision.

    The columns of `basis` (k, p) are orthonormal and span those of the design; `to_coefficients`
    (p, p) turns coefficients of the basis into those of the design; `origin` (p,) are to be added
    after multiplication by `studies.unit`. Where the columns can express a constant, the effects
    are centred, so that a distant origin costs no digits.
    """

    studies: Studies
    effects: np.ndarray
    basis: np.ndarray
    to_coefficients: np.ndarray
    origin: np.ndarray

    @property
    def k(self) -> int:
        """Number of effects."""
        return len(self.effects)

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return self.basis.shape[1]

    @property
    def df(self) -> int:
        """Residual degrees of freedom, k - p."""
        return self.k - self.p

    def at(self, tau2: float) -> Projection:
        """The sums at one tau2 (in squared units); every field has a leading axis of length 1."""
        return project(self.basis, self.effects, self.studies.variances, np.array([tau2]))

    def on(self, tau2: np.ndarray) -> Projection:
        """The sums at many tau2, shape (n,)."""
        return project(self.basis, self.effects, self.studies.variances, tau2)

    @property
    def plain_rss(self) -> float:
        """Residual sum of squares of the unweighted fit, in squared units."""
        residuals = self.effects - self.basis @ (self.basis.T @ self.effects)
        return float(residuals @ residuals)


def prepare_regression(
    yi: Any, vi: Any, matrix: np.ndarray, names: Sequence[str]
) -> RegressionData:
    """Check effects, variances and design matrix, and make them ready.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    matrix : ndarray, shape (k, p)
    names : sequence of p str
        Used in messages.

    Raises
    ------
    ValueError
        As `studies.prepare`; fewer effects than columns; columns that are combinations of others.
    """
    studies = prepare(yi, vi)
    k, p = matrix.shape
    if studies.k != k:
        raise InputError(f"{studies.k} effect sizes, but {k} rows of moderators")
    if k < p:
        raise NotEstimable(f"{p} coefficients ({', '.join(names)}) need more than {k} effect sizes")
    require_full_rank(matrix, names)
    basis, to_coefficients = orthonormal(matrix[studies.order])
    origin = constant_coefficients(matrix, basis, to_coefficients)
    if origin is None:
        effects, origin = studies.effects + studies.centre / studies.unit, np.zeros(p)
    else:
        effects, origin = studies.effects, studies.centre * origin
    return RegressionData(studies, effects, basis, to_coefficients, origin)


def orthonormal(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns with the span of `matrix` (k, p), and what turns coefficients back."""
    lengths = np.sqrt((matrix**2).sum(axis=0))
    basis, triangle = np.linalg.qr(matrix / lengths)
    return basis, np.linalg.inv(triangle) / lengths[:, None]


def constant_coefficients(
    matrix: np.ndarray, basis: np.ndarray, to_coefficients: np.ndarray
) -> np.ndarray | None:
    """Coefficients (p,) with which the columns give 1 throughout; None where they cannot."""
    first = matrix[:, 0]
    if first[0] != 0 and np.all(first == first[0]):
        return np.append(1.0 / first[0], np.zeros(matrix.shape[1] - 1))  # exact
    constant = basis.T @ np.ones(len(matrix))
    if np.abs(basis @ constant - 1).max() >= DEPENDENT:
        return None
    return to_coefficients @ constant


def require_full_rank(matrix: np.ndarray, names: Sequence[str]) -> None:
    """Raise a ValueError that names columns which are 0 or combinations of the others."""
    lengths = np.sqrt((matrix**2).sum(axis=0))
    if zero := [name for name, length in zip(names, lengths, strict=True) if length == 0]:
        raise NotEstimable(f"moderators that are 0 throughout: {', '.join(zero)}")
    triangle, order = qr(matrix / lengths, mode="r", pivoting=True)
    left = np.abs(np.diag(triangle[: matrix.shape[1]]))
    if dependent := [names[order[j]] for j in np.flatnonzero(left < DEPENDENT)]:
        raise NotEstimable(
            f"coefficients that the others determine (leave them out): {', '.join(dependent)}"
        )


def regression_grid(data: RegressionData) -> np.ndarray:
    """Values of tau2 from 0 up to one above which no likelihood estimate can lie.

    For tau2 >= max(v) every weight lies between 1 / (2 tau2) and 1 / tau2. With S the residual
    sum of squares of the unweighted fit, y'PPy <= S / tau2^2, and tr P >= (k - p) / (2 tau2) as
    the inverse of V compressed to the residual space; so both scores are negative from
    max(max(v), 2 S / (k - p)) on.
    """
    smallest, largest = data.studies.variances[0], data.studies.variances[-1]
    top = max(largest, 2 * data.plain_rss / data.df)
    steps = int(np.ceil(np.log1p(top / smallest) / np.log(GRID_FACTOR)))
    return smallest * (GRID_FACTOR ** np.arange(steps + 1) - 1.0)
