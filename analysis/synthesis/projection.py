"""The weighted sums of a meta-regression, at one tau2 or many, for one data set or many.

With weights w_i = 1 / (v_i + tau2), W their diagonal matrix and X the design matrix,
P = W - W X (X' W X)^-1 X' W takes the place that `weighted.py` gives to the weighted mean:

    q      = y' P y          (generalised Q; decreases in tau2)
    rss    = y' P P y
    trace  = tr P            (DerSimonian and Laird's denominator at tau2 = 0)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# From this leverage on, 1 - leverage has lost two digits and is worked out another way.
HEAVY = 0.99
# Cells of a table (rows x studies x coefficients) that are worked on at a time.
CELLS_AT_ONCE = 400_000


@dataclass(frozen=True, slots=True)
class Projection:
    """The sums at each of n values of tau2; shapes (n,), but (n, p) and (n, p, p) as marked.

    `total` is sum w; `coefficients` (n, p) are those of the basis; `root` (n, p, p) is the upper
    triangle R with R' R = X' W X; `log_det` is log det(X' W X).
    """

    tau2: np.ndarray
    total: np.ndarray
    q: np.ndarray
    rss: np.ndarray
    trace: np.ndarray
    coefficients: np.ndarray
    root: np.ndarray
    log_det: np.ndarray


def project(
    basis: np.ndarray, effects: np.ndarray, variances: np.ndarray, tau2: np.ndarray
) -> Projection:
    """The sums at n values of tau2.

    Parameters
    ----------
    basis : ndarray, shape (k, p) or (n, k, p)
        Design matrix of full column rank; rows in order of decreasing precision.
    effects : ndarray, shape (k,) or (n, k)
    variances : ndarray, shape (k,)
    tau2 : ndarray, shape (n,)
    """
    n, (k, p) = len(tau2), basis.shape[-2:]
    basis = np.broadcast_to(basis, (n, k, p))
    effects = np.broadcast_to(effects, (n, k))
    step = max(1, CELLS_AT_ONCE // (k * p))
    if n <= step:
        return Projection(tau2, *_sums(basis, effects, variances, tau2))
    blocks = [
        _sums(basis[i : i + step], effects[i : i + step], variances, tau2[i : i + step])
        for i in range(0, n, step)
    ]
    return Projection(tau2, *(np.concatenate(part) for part in zip(*blocks, strict=True)))


def _sums(
    basis: np.ndarray, effects: np.ndarray, variances: np.ndarray, tau2: np.ndarray
) -> tuple[np.ndarray, ...]:
    weights = 1.0 / (variances + tau2[:, None])
    roots = np.sqrt(weights)
    scaled = roots * effects
    q_factor, r_factor = _qr(roots[..., None] * basis)
    along = np.einsum("nkp,nk->np", q_factor, scaled)
    residuals = scaled - np.einsum("nkp,np->nk", q_factor, along)
    free = 1.0 - np.einsum("nkp,nkp->nk", q_factor, q_factor)
    if np.any(free < 1 - HEAVY):
        _mend_heavy(basis, effects, weights, residuals, free)
    weighted = roots * residuals
    coefficients = np.linalg.solve(r_factor, along[..., None])[..., 0]
    diagonal = np.abs(np.einsum("npp->np", r_factor))
    return (
        weights.sum(axis=1),
        np.einsum("nk,nk->n", residuals, residuals),
        np.einsum("nk,nk->n", weighted, weighted),
        np.einsum("nk,nk->n", weights, free),
        coefficients,
        r_factor,
        2 * np.log(diagonal).sum(axis=1),
    )


def _qr(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if matrices.shape[-1] > 1:
        return np.linalg.qr(matrices)
    lengths = np.sqrt(np.einsum("nkp,nkp->n", matrices, matrices))[:, None, None]
    return matrices / lengths, lengths


def _mend_heavy(
    basis: np.ndarray,
    effects: np.ndarray,
    weights: np.ndarray,
    residuals: np.ndarray,
    free: np.ndarray,
) -> None:
    """Put right, in place, the rows whose weight all but fixes the fit.

    There 1 - h and the residual are small differences of large numbers. Left out, such a study
    has the residual e and, with a = w x' (X' W X)^-1 x from the other studies, h = a / (1 + a):
    so 1 - h = 1 / (1 + a) and its own residual is e / (1 + a), without cancellation
    (:cite:t:`belsley1980`, section 2.1).
    """
    which, row = np.nonzero(free < 1 - HEAVY)
    roots = np.sqrt(weights[which])
    own = roots[np.arange(len(row)), row]
    roots[np.arange(len(row)), row] = 0.0
    q_factor, r_factor = _qr(roots[..., None] * basis[which])
    diagonal = np.abs(np.einsum("npp->np", r_factor))
    # A study that alone carries a coefficient is fitted exactly: its residual is 0.
    alone = diagonal.min(axis=1) <= 1e-14 * diagonal.max(axis=1)
    residuals[which[alone], row[alone]] = 0.0
    free[which[alone], row[alone]] = 0.0
    kept = ~alone
    if not kept.any():
        return
    which, row, own = which[kept], row[kept], own[kept]
    q_factor, r_factor, roots = q_factor[kept], r_factor[kept], roots[kept]
    x = basis[which, row]
    along = np.einsum("nkp,nk->np", q_factor, roots * effects[which])
    fitted = np.einsum("np,np->n", x, np.linalg.solve(r_factor, along[..., None])[..., 0])
    z = np.linalg.solve(r_factor.transpose(0, 2, 1), x[..., None])[..., 0]
    share = 1.0 / (1.0 + own**2 * np.einsum("np,np->n", z, z))
    free[which, row] = share
    residuals[which, row] = own * share * (effects[which, row] - fitted)
