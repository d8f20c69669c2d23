"""The weighted sums on which every estimator here stands, at one value of tau2 or at many.

With weights w_i = 1 / (v_i + tau2), W their sum, m the weighted mean and r_i = x_i - m:

    q      = sum w_i r_i^2          (generalised Q; decreases in tau2)
    rss    = sum w_i^2 r_i^2
    trace  = W - sum w_i^2 / W      (trace of P; DerSimonian and Laird's denominator at tau2 = 0)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .studies import Studies

# Neighbouring points of the grid differ by this factor in (smallest variance + tau2). All sums
# are smooth in log(v_i + tau2) on a scale of about 1, so nothing happens between two points.
GRID_FACTOR = 1.5
# Rows of the grid are evaluated together as long as the table stays inside the processor's cache.
CELLS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class WeightedSums:
    """The sums at each of `tau2`; all fields have the shape of `tau2`: () or (n,)."""

    tau2: float | np.ndarray
    total: float | np.ndarray
    mean: float | np.ndarray
    q: float | np.ndarray
    rss: float | np.ndarray
    trace: float | np.ndarray


def sums_at(studies: Studies, tau2: float) -> WeightedSums:
    """The sums at one tau2 (in squared units of the studies)."""
    weights = 1.0 / (studies.variances + tau2)
    # The first study is the heaviest. Setting it apart keeps every term of the trace positive:
    # W - sum w^2 / W would lose all digits when that study holds nearly all the weight.
    heaviest, others = weights[0], weights[1:]
    other_total = others.sum()
    total = heaviest + other_total
    mean = weights @ studies.effects / total
    residuals = studies.effects - mean
    weighted = weights * residuals
    trace = other_total + (others / total) @ (heaviest - others)
    return WeightedSums(tau2, total, mean, weighted @ residuals, weighted @ weighted, trace)


def sums_on(studies: Studies, tau2: np.ndarray) -> WeightedSums:
    """The same sums at many tau2, shape (n,), as tables of shape (n, k) cut into blocks of rows."""
    rows = max(1, CELLS_AT_ONCE // studies.k)
    blocks = [_table(studies, tau2[i : i + rows]) for i in range(0, len(tau2), rows)]
    return WeightedSums(tau2, *(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _table(studies: Studies, tau2: np.ndarray) -> tuple[np.ndarray, ...]:
    weights = 1.0 / (studies.variances + tau2[:, None])
    heaviest, others = weights[:, :1], weights[:, 1:]
    other_total = others.sum(axis=1)
    total = heaviest[:, 0] + other_total
    mean = weights @ studies.effects / total
    residuals = studies.effects - mean[:, None]
    weighted = weights * residuals
    q = np.einsum("ij,ij->i", weighted, residuals)
    rss = np.einsum("ij,ij->i", weighted, weighted)
    trace = other_total + np.einsum("ij,ij->i", others, heaviest - others) / total
    return total, mean, q, rss, trace


def tau2_grid(studies: Studies) -> np.ndarray:
    """Values of tau2 from 0 up to one above which no likelihood estimate can lie.

    With R the range of the effects, rss <= W R^2 / (4 tau2) (Popoviciu's inequality), while for
    tau2 >= max(v) no weight exceeds twice another, so trace >= W (k - 1) / (k + 1) >= W / 3.
    Hence both scores are negative from max(max(v), R^2) on.
    """
    smallest, largest = studies.variances[0], studies.variances[-1]
    top = max(largest, studies.squared_range)
    steps = int(np.ceil(np.log1p(top / smallest) / np.log(GRID_FACTOR)))
    return smallest * (GRID_FACTOR ** np.arange(steps + 1) - 1.0)
