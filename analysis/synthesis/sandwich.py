"""Cluster-robust covariance of weighted least-squares coefficients: CR0, CR1, CR2.

All take weights that are the inverse of a working covariance; what differs from it inside the
clusters is made good by the residuals. CR2 is exactly unbiased if the working covariance is right,
and its t tests have Satterthwaite degrees of freedom.

Source: :cite:t:`liang1986` (CR0); :cite:t:`bell2002` and :cite:t:`pustejovsky2018` (CR2, degrees
of freedom, and the approximate Hotelling test HTZ).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from .coefficients import OmnibusTest

KINDS = ("CR0", "CR1", "CR2")
# Directions in which a cluster's residuals have less than this share of their variance left are
# fixed by the fit, and left alone.
FIXED = 1e-10


@dataclass(frozen=True, slots=True)
class ClusterParts:
    """One cluster's part in the coefficients' error.

    With A the adjustment, W the weights, X the rows of the cluster and C = (X' W X)^-1 of all:
    `loading` (n_i, p) is A' W X C, so that the cluster adds loading' e e' loading to the
    covariance; `own` (p, p) is loading' Phi loading, `cross` (p, p) is loading' X, Phi the
    working covariance. The two are what degrees of freedom need.
    """

    loading: np.ndarray
    own: np.ndarray
    cross: np.ndarray


@dataclass(frozen=True, slots=True)
class Sandwich:
    """Robust covariance (p, p), the parts it is made of, and C = (X' W X)^-1."""

    covariance: np.ndarray
    parts: tuple[ClusterParts, ...]
    bread: np.ndarray


def cluster_sandwich(
    matrix: np.ndarray,
    residuals: np.ndarray,
    working: np.ndarray,
    clusters: np.ndarray,
    kind: str,
) -> Sandwich:
    """Robust covariance of the coefficients.

    Parameters
    ----------
    matrix : ndarray, shape (k, p)
        Design matrix.
    residuals : ndarray, shape (k,)
        Of the fit weighted by the inverse of `working`.
    working : ndarray, shape (k,) or (k, k)
        Working variances, or their covariance matrix with no covariance between clusters.
    clusters : ndarray of int, shape (k,)
        0, 1, ..., n - 1.
    kind : str
        CR0; CR1 (CR0 times n / (n - p)); CR2.
    """
    n, p = int(clusters.max()) + 1, matrix.shape[1]
    order = np.argsort(clusters, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(clusters, minlength=n))[:-1])
    covariances = [
        np.diag(working[own]) if working.ndim == 1 else working[np.ix_(own, own)] for own in members
    ]
    weighted = [
        np.linalg.solve(phi, matrix[own]) for phi, own in zip(covariances, members, strict=True)
    ]
    information = sum(matrix[own].T @ wx for own, wx in zip(members, weighted, strict=True))
    bread = np.linalg.inv(information)
    bread = (bread + bread.T) / 2
    parts, covariance = [], np.zeros((p, p))
    for own, phi, wx in zip(members, covariances, weighted, strict=True):
        loading = wx @ bread
        if kind == "CR2":
            loading = _adjustment(phi, matrix[own], bread).T @ loading
        score = residuals[own] @ loading
        covariance += np.outer(score, score)
        parts.append(ClusterParts(loading, loading.T @ phi @ loading, loading.T @ matrix[own]))
    if kind == "CR1":
        covariance *= n / (n - p)
    return Sandwich(covariance, tuple(parts), bread)


def _adjustment(phi: np.ndarray, x: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """A = D' (D B D')^(-1/2) D with Phi = D' D (D upper triangular) and B = Phi - X C X'.

    B is the variance of the cluster's residuals under the working model, so A residuals have the
    variance Phi again.
    """
    upper = np.linalg.cholesky(phi).T
    residual = phi - x @ bread @ x.T
    values, vectors = np.linalg.eigh(upper @ residual @ upper.T)
    scale = np.linalg.eigvalsh(upper @ phi @ upper.T)[-1]
    kept = values > FIXED * scale
    powers = np.where(kept, values, 1.0) ** -0.5 * kept
    return upper.T @ (vectors * powers) @ vectors.T @ upper


def _cross_products(sandwich: Sandwich, rows: np.ndarray) -> np.ndarray:
    """p_si' Phi p_tj for combinations s, t of the coefficients in clusters i, j: (q, n, q, n).

    p_si is the vector whose product with the true errors is cluster i's part of combination s.
    """
    cross = np.array([rows @ part.cross for part in sandwich.parts])  # (n, q, p)
    products = -np.einsum("isa,ab,jtb->sitj", cross, sandwich.bread, cross)
    own = np.array([rows @ part.own @ rows.T for part in sandwich.parts])
    for i, values in enumerate(own):
        products[:, i, :, i] += values
    return products


def satterthwaite(sandwich: Sandwich, row: np.ndarray) -> float | None:
    """Degrees of freedom of the t test of `row @ coefficients`; None where undefined."""
    # The products are diag(own) - Z C Z' with one row of Z for each cluster: sums over pairs of
    # clusters reduce to sums over clusters.
    own = np.array([row @ part.own @ row for part in sandwich.parts])
    z = np.array([row @ part.cross for part in sandwich.parts])
    inner = sandwich.bread @ (z.T @ z)
    leverage = np.einsum("ia,ab,ib->i", z, sandwich.bread, z)
    trace = float(own.sum() - leverage.sum())
    squares = float(own @ own - 2 * own @ leverage + np.trace(inner @ inner))
    return trace**2 / squares if squares > 0 and trace > 0 else None


def hotelling_test(
    sandwich: Sandwich, estimates: np.ndarray, rows: np.ndarray, names: tuple[str, ...]
) -> OmnibusTest:
    """Approximate Hotelling test (HTZ) that `rows @ coefficients` are all 0.

    Under the working model the covariance of the q combinations is taken as a Wishart matrix with
    eta degrees of freedom: F = (eta - q + 1) / (eta q) Q with q and eta - q + 1. All numbers are
    None where eta - q + 1 is not positive: too few clusters for so many combinations.
    """
    q = len(rows)
    products = _cross_products(sandwich, rows)
    omega = np.einsum("siti->st", products)
    values, vectors = np.linalg.eigh((omega + omega.T) / 2)
    if not values[0] > 0:
        return OmnibusTest(None, q, None, None, names)
    root = (vectors * values**-0.5) @ vectors.T
    standard = np.einsum("as,sitj,tb->aibj", root, products, root)
    diagonal = np.einsum("sisj->sij", standard)
    variance = float(np.einsum("sij,tij->", diagonal, diagonal))
    variance += float(np.einsum("sitj,tisj->", standard, standard))
    eta = q * (q + 1) / variance
    spread = rows @ sandwich.covariance @ rows.T
    scale = np.sqrt(np.diag(spread))
    df = eta - q + 1
    if df <= 0 or not np.all(scale > 0):
        return OmnibusTest(None, q, None, None, names)
    combined = rows @ estimates / scale
    wald = float(combined @ np.linalg.solve(spread / np.outer(scale, scale), combined))
    statistic = max(0.0, df / (eta * q) * wald)
    return OmnibusTest(statistic, q, df, float(fdtrc(q, df, statistic)), names)
