"""Pool many subsets of the same studies: what leave-one-out and cumulative analysis stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.synthesis import pool


@dataclass(frozen=True, slots=True)
class Refit:
    """The pooled result of a subset of the studies; fields as in `Pooled`.

    Attributes
    ----------
    label : object
        What was left out (leave-one-out) or added (cumulative).
    studies : tuple of int
        Positions of the studies left out, or added, in the order of the input.
    """

    label: Any
    studies: tuple[int, ...]
    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float | None
    statistic: float | None
    tau2: float | None
    i2: float | None
    h2: float | None
    q: float | None
    q_p_value: float | None
    notes: tuple[str, ...]


FROM_POOLED = (
    "k", "estimate", "se", "ci_low", "ci_high", "p_value", "statistic", "tau2", "i2", "h2", "q",
    "q_p_value", "notes",
)  # fmt: skip


def refit(
    yi: np.ndarray,
    vi: np.ndarray,
    kept: np.ndarray,
    labels: list[Any],
    studies: list[tuple[int, ...]],
    tau2: str | float,
    ci: str,
    level: float,
) -> tuple[Refit, ...]:
    """Pool each subset.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and their sampling variances.
    kept : ndarray of bool, shape (n, k)
        Which studies are in each of the n subsets; at least one.
    labels, studies : list, length n
        What the result carries.
    tau2, ci, level
        As in `pool`.

    Examples
    --------
    >>> y, v = np.array([0.1, 0.5]), np.array([0.04, 0.04])
    >>> found = refit(y, v, np.array([[True, True]]), ["both"], [()], "EE", "wald", 0.95)
    >>> round(found[0].estimate, 6)
    0.3
    """
    results = []
    for row, label, positions in zip(kept, labels, studies, strict=True):
        pooled = pool(yi[row], vi[row], tau2, ci, level)
        taken = {name: getattr(pooled, name) for name in FROM_POOLED}
        results.append(Refit(label, positions, **taken))
    return tuple(results)
