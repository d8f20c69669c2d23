"""Linear mixed models with known sampling covariance: the likelihood, its gradient, its maximum.

y = X b + Z u + e, with Var(e) = V known and Var(Z u) built from structured random effects. It
carries three-level, multivariate and multi-timepoint models alike. statsmodels' MixedLM is not
used: it cannot hold the sampling variances fixed, so it fits another model (0.197 instead of
0.185 on konstantopoulos2011).

Source of the likelihood and its gradient: :cite:t:`harville1977`, sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .blocks import Stack, blocks_of
from .structures import Structure


@dataclass(frozen=True, slots=True)
class Term:
    """Random effects: effect i belongs to group `groups[i]` and is its inner level `inner[i]`."""

    groups: np.ndarray
    inner: np.ndarray
    structure: Structure


@dataclass(frozen=True, slots=True)
class MixedModel:
    """Data and structure; parameters are those of the terms, one after the other.

    Attributes
    ----------
    y : ndarray, shape (k,)
    basis : ndarray, shape (k, p)
        Design matrix with orthonormal columns.
    sampling : ndarray, shape (k, k) or (k,)
    terms : tuple of Term
    stacks : tuple of Stack
        The blocks of the whole covariance.
    """

    y: np.ndarray
    basis: np.ndarray
    sampling: np.ndarray
    terms: tuple[Term, ...]
    stacks: tuple[Stack, ...]

    @property
    def n_parameters(self) -> int:
        """Number of parameters of all terms."""
        return sum(term.structure.n for term in self.terms)

    def bounds(self) -> list[tuple[float, float]]:
        """Range of each parameter: standard deviations from 0, correlations as the structure says."""
        found: list[tuple[float, float]] = []
        for term in self.terms:
            found += [(0.0, np.inf)] * term.structure.n_sd
            found += [(term.structure.low, term.structure.high)] * term.structure.n_correlation
        return found

    def split(self, parameters: np.ndarray) -> list[np.ndarray]:
        """Parameters of each term."""
        if not self.terms:
            return []
        return np.split(parameters, np.cumsum([term.structure.n for term in self.terms])[:-1])

    def covariance_blocks(self, parameters: np.ndarray) -> list[np.ndarray]:
        """The marginal covariance of each stack, shapes (b, m, m); identity on padding."""
        inner = [
            term.structure.covariance(own)
            for term, own in zip(self.terms, self.split(parameters), strict=True)
        ]
        found = []
        for stack in self.stacks:
            total = _sampling_blocks(stack, self.sampling) + stack.padding
            for term, between in zip(self.terms, inner, strict=True):
                same, level = _pairs(stack, term)
                total = total + same * between[level[:, :, None], level[:, None, :]]
            found.append(total)
        return found


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The model at some parameters.

    `inverse` holds the inverse covariance of each stack; `information_root` (p, p) is R with
    R' R = X' M^-1 X; `weighted_basis` is M^-1 X R^-1 and `pull` M^-1 (y - X b), both in the order
    of the data; `q` is the weighted residual sum of squares.
    """

    log_likelihood: float
    gradient: np.ndarray
    coefficients: np.ndarray
    information_root: np.ndarray
    q: float
    inverse: tuple[np.ndarray, ...]
    weighted_basis: np.ndarray
    pull: np.ndarray


def mixed_model(
    y: np.ndarray, basis: np.ndarray, sampling: np.ndarray, terms: Sequence[Term]
) -> MixedModel:
    """Put a model together and find its blocks."""
    stacks = blocks_of(len(y), sampling, [term.groups for term in terms])
    return MixedModel(y, basis, sampling, tuple(terms), stacks)


def evaluate(model: MixedModel, parameters: np.ndarray, restricted: bool) -> Evaluation:
    """Log-likelihood and its gradient, with the coefficients at their best.

    Raises
    ------
    numpy.linalg.LinAlgError
        The covariance is not positive definite.
    """
    k, p = model.basis.shape
    whitened = np.empty((k, p + 1))
    joined = np.column_stack([model.basis, model.y])
    roots, log_det = [], 0.0
    covariances = model.covariance_blocks(parameters)
    for stack, covariance in zip(model.stacks, covariances, strict=True):
        factor = np.linalg.cholesky(covariance)
        log_det += 2 * float(np.log(np.einsum("bii->bi", factor)).sum())
        root = np.linalg.inv(factor)
        roots.append(root)
        whitened[stack.index[stack.real]] = (root @ stack.pick(joined))[stack.real]
    q_factor, r_factor = np.linalg.qr(whitened[:, :p])
    along = q_factor.T @ whitened[:, p]
    residuals = whitened[:, p] - q_factor @ along
    q = float(residuals @ residuals)
    n = k - p if restricted else k
    value = n * np.log(2 * np.pi) + log_det + q
    if restricted:
        value += 2 * float(np.log(np.abs(np.diag(r_factor))).sum())

    joined = np.column_stack([q_factor, residuals])
    back = np.empty((k, p + 1))
    inverses = []
    gradients = [np.zeros(term.structure.m**2) for term in model.terms]
    for stack, root in zip(model.stacks, roots, strict=True):
        transposed = root.transpose(0, 2, 1)
        inverse = transposed @ root
        inverses.append(inverse)
        own = transposed @ stack.pick(joined)
        back[stack.index[stack.real]] = own[stack.real]
        pull = own[:, :, p]
        score = pull[:, :, None] * pull[:, None, :] - inverse
        if restricted:
            score = score + own[:, :, :p] @ own[:, :, :p].transpose(0, 2, 1)
        for term, total in zip(model.terms, gradients, strict=True):
            same, level = _pairs(stack, term)
            cell = level[:, :, None] * term.structure.m + level[:, None, :]
            total += np.bincount(cell.ravel(), (same * score).ravel(), term.structure.m**2)
    gradient = [
        0.5 * term.structure.jacobian(own).reshape(term.structure.n, -1) @ total
        for term, own, total in zip(model.terms, model.split(parameters), gradients, strict=True)
    ]
    return Evaluation(
        log_likelihood=-0.5 * float(value),
        gradient=np.concatenate(gradient) if gradient else np.zeros(0),
        coefficients=np.linalg.solve(r_factor, along),
        information_root=r_factor,
        q=q,
        inverse=tuple(inverses),
        weighted_basis=back[:, :p],
        pull=back[:, p],
    )


def _sampling_blocks(stack: Stack, sampling: np.ndarray) -> np.ndarray:
    if sampling.ndim == 2:
        return stack.square(sampling)
    return np.eye(stack.index.shape[1]) * (sampling[stack.index] * stack.real)[:, None, :]


def _pairs(stack: Stack, term: Term) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs of a stack share a group of the term, (b, m, m), and their levels, (b, m)."""
    groups = term.groups[stack.index]
    same = (groups[:, :, None] == groups[:, None, :]) & stack.pair
    return same, term.inner[stack.index]
