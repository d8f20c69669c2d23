"""The likelihood of one study with its random effects integrated out, and its derivatives.

Given standard normal u, the linear predictors of the arms of a study are eta + B u. The integral
over u is done by adaptive Gauss-Hermite quadrature: the rule is centred at the mode of the
integrand and scaled by its curvature there (:cite:t:`liu1994`; :cite:t:`pinheiro1995`). One node
is Laplace's approximation; with two random effects the rule is a product. lme4, on which metafor's
rma.glmm stands, uses the same rule, so results agree node for node. (statsmodels'
BinomialBayesMixedGLM maximises over tau in a way that drives it to 0, and its GEE estimates
another quantity: neither serves.)

Derivatives of the approximation itself, not of the integral that it stands for, are found by
complex steps: Im f(x + ih) / h is f'(x) to all digits (:cite:t:`squire1998`). Central
differences of these give the second derivatives. The families are asked at real eta only: an
imaginary part of 1e-30 follows the derivative exactly.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from .families import Binomial, Family

IMAGINARY_STEP = 1e-30
# Steps in the real direction are this fraction of the smallest standard error, at most 1.
REAL_STEP = 1e-4
MODE_TOLERANCE = 1e-9
MODE_STEPS = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """Gauss-Hermite rule for d standard normal variables: nodes (Q, d), weights (Q,)."""

    nodes: np.ndarray
    log_weights: np.ndarray

    @classmethod
    def of(cls, points: int, dimensions: int) -> Rule:
        """The rule with `points` nodes along each dimension, weights ready for adaptive use.

        Examples
        --------
        >>> rule = Rule.of(3, 1)
        >>> rule.nodes[:, 0].round(4).tolist()
        [-1.7321, 0.0, 1.7321]
        """
        x, w = hermegauss(points)
        axes = np.meshgrid(*[x] * dimensions, indexing="ij")
        nodes = np.stack([axis.ravel() for axis in axes], axis=-1)
        log_w = np.log(w) - 0.5 * np.log(2 * np.pi) + x**2 / 2
        grids = np.meshgrid(*[log_w] * dimensions, indexing="ij")
        return cls(nodes, sum(grid.ravel() for grid in grids))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Counts of k studies with J arms, m linear predictors and d random effects each.

    Attributes
    ----------
    family : Family
    counts, offset : ndarray, shape (k, J)
        Events, and a known part of eta.
    arms : ndarray, shape (J, m)
        eta = offset + arms @ (the study's m linear predictors) + (effects * sd) @ u.
    effects : ndarray, shape (J, d)
        How the d random effects enter the arms.
    constant : ndarray, shape (k,)
        Part of the log-likelihood that no parameter touches.
    """

    family: Family
    counts: np.ndarray
    offset: np.ndarray
    arms: np.ndarray
    effects: np.ndarray
    constant: np.ndarray

    def smallest_error(self) -> float:
        """About the smallest standard error of an arm on the scale of eta; at most 1."""
        rarer = self.counts
        if isinstance(self.family, Binomial):
            rarer = np.minimum(rarer, self.family.size - rarer)
        return 1 / np.sqrt(max(1.0, float(rarer.max())))


@dataclass(frozen=True, slots=True)
class Expansion:
    """Log-likelihood of each study and its derivatives by (m linear predictors, d SDs).

    `value` (k,), `gradient` (k, m + d), `hessian` (k, m + d, m + d).
    """

    value: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray


def log_likelihood(
    model: Likelihood, rule: Rule, predictors: np.ndarray, sd: np.ndarray
) -> np.ndarray:
    """Marginal log-likelihood of each study, shape (k,).

    Parameters
    ----------
    predictors : ndarray, shape (k, m)
    sd : ndarray, shape (d,)
        Standard deviations of the random effects; the sign does not matter.
    """
    eta, loadings = _eta(model, predictors[None], sd[None])
    mode = _mode(model, eta, loadings)
    return _integrate(model, rule, eta, loadings, mode)[0]


def expand(model: Likelihood, rule: Rule, predictors: np.ndarray, sd: np.ndarray) -> Expansion:
    """Marginal log-likelihood of each study with first and second derivatives."""
    m, d = predictors.shape[1], len(sd)
    r = m + d
    step = REAL_STEP * model.smallest_error()
    units = np.eye(r)
    shifts = np.concatenate([np.zeros((1, r)), step * units, -step * units])
    points = (shifts[:, None, :] + 1j * IMAGINARY_STEP * units).reshape(-1, r)
    eta, loadings = _eta(model, predictors[None], sd[None])
    mode = _mode(model, eta, loadings)
    eta, loadings = _eta(model, predictors + points[:, None, :m], sd + points[:, m:])
    # Newton's method squares the error: 1e-5 of real step, then the imaginary part, settle here.
    for _ in range(3):
        move, _root = _newton_step(model, eta, loadings, mode)
        mode = mode + move
    found = _integrate(model, rule, eta, loadings, mode).reshape(2 * r + 1, r, -1)
    slopes = np.moveaxis(found.imag, -1, 0) / IMAGINARY_STEP
    hessian = (slopes[:, 1 : r + 1] - slopes[:, r + 1 :]) / (2 * step)
    return Expansion(found[0, 0].real, slopes[:, 0], (hessian + hessian.swapaxes(1, 2)) / 2)


def _eta(
    model: Likelihood, predictors: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """eta at u = 0, shape (P, k, J), and loadings B, shape (P, J, d)."""
    return model.offset + predictors @ model.arms.T, model.effects * sd[:, None, :]


def _cumulants(family: Family, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """K, K', K'' at real eta, or at eta with an imaginary part next to nothing."""
    if not np.iscomplexobj(eta):
        return family.cumulants(eta)[:3]
    orders = family.cumulants(eta.real)
    tilt = 1j * eta.imag
    first, second, third = (low + tilt * high for low, high in itertools.pairwise(orders))
    return first, second, third


def _newton_step(
    model: Likelihood, eta: np.ndarray, loadings: np.ndarray, u: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's step towards the mode, and L with L L' the inverse of the curvature at u.

    Shapes: u and step (P, k, d), L (P, k, d, d).
    """
    at = eta + np.einsum("pjd,pkd->pkj", loadings, u)
    _, mean, variance = _cumulants(model.family, at[..., None])
    slope = np.einsum("pjd,pkj->pkd", loadings, model.counts - mean[..., 0]) - u
    curvature = np.einsum("pjd,pkj,pje->pkde", loadings, variance[..., 0], loadings)
    root = _inverse_root(curvature + np.eye(u.shape[-1]))
    return np.einsum("pkde,pkfe,pkf->pkd", root, root, slope), root


def _inverse_root(matrix: np.ndarray) -> np.ndarray:
    """Lower triangle L with L L' = matrix^-1, for 1 x 1 and 2 x 2, complex too."""
    root = np.zeros_like(matrix)
    if matrix.shape[-1] == 1:
        root[..., 0, 0] = 1 / np.sqrt(matrix[..., 0, 0])
        return root
    a, b, c = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    determinant = a * c - b * b
    root[..., 0, 0] = np.sqrt(c / determinant)
    root[..., 1, 0] = -b / determinant / root[..., 0, 0]
    root[..., 1, 1] = 1 / np.sqrt(c)
    return root


def _mode(model: Likelihood, eta: np.ndarray, loadings: np.ndarray) -> np.ndarray:
    """Mode of each study's integrand, shape (P, k, d), real.

    Damped Newton with step log(1 + r) / r, r the change of eta: as |K'''| <= K'', this converges
    from anywhere (:cite:t:`sun2019`, section 4).
    """
    u = np.zeros((*eta.shape[:2], loadings.shape[-1]))
    for _ in range(MODE_STEPS):
        move, _root = _newton_step(model, eta, loadings, u)
        change = np.abs(np.einsum("pjd,pkd->pkj", loadings, move)).max(axis=-1, keepdims=True)
        damping = np.divide(np.log1p(change), change, out=np.ones_like(change), where=change > 0)
        u = u + damping * move
        if np.abs(move).max() < MODE_TOLERANCE:
            break
    return u


def _integrate(
    model: Likelihood, rule: Rule, eta: np.ndarray, loadings: np.ndarray, mode: np.ndarray
) -> np.ndarray:
    """Adaptive quadrature at the mode, shape (P, k)."""
    _move, root = _newton_step(model, eta, loadings, mode)
    u = mode[:, :, None, :] + np.einsum("pkde,qe->pkqd", root, rule.nodes)
    at = eta[..., None] + np.einsum("pjd,pkqd->pkjq", loadings, u)
    cumulant, _mean, _variance = _cumulants(model.family, at)
    exponent = (model.counts[:, :, None] * at - cumulant).sum(axis=2)
    exponent = exponent - (u * u).sum(axis=-1) / 2 + rule.log_weights
    peak = exponent.real.max(axis=-1)
    log_sum = np.log(np.exp(exponent - peak[..., None]).sum(axis=-1))
    log_scale = np.log(np.einsum("pkdd->pkd", root)).sum(axis=-1)
    return log_sum + peak + log_scale + model.constant
