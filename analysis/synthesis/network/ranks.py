"""Probabilities of ranks, without simulation noise from run to run.

The effects are normal, so the ranks' probabilities are integrals over cones, without a closed form from
four treatments on. They are averaged over a scrambled Sobol net with fixed seeds: the same digits every
time, and the spread between independent scramblings gives the error. The mean rank needs no integral: it
is 1 + (n - 1) (1 - P-score).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from ..printing import Grid, Printed, Printout
from .result import Network, check_model

SCRAMBLINGS, LOG2_POINTS = 8, 13


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ranks(Printed):
    """`probability[i, r]` (n, n) that treatment i has rank r + 1 (1 is the best); `error` is the largest
    standard error among them; `median` (n,) the median rank; `treatments` (n,) their names.
    """

    probability: np.ndarray
    median: np.ndarray
    error: float
    treatments: tuple[str, ...]
    model: str

    def _page(self) -> Printout:
        columns = {f"rank {r + 1}": self.probability[:, r] for r in range(len(self.median))}
        facts = (("Largest error of these", f"{self.error:.1g}"),)
        title = f"Probabilities of ranks, {len(self.treatments)} treatments ({self.model} effects)"
        grid = Grid(self.treatments, {"median": self.median, **columns})
        return Printout(title, (), facts, None, grid=grid)

    def plot(self) -> Any:
        """A bar for each treatment, cut by rank, the best first."""
        from ..plotting import stacked

        parts = [f"rank {r + 1}" for r in range(len(self.median))]
        return stacked(self._page(), self.treatments, parts, self.probability, "Probability")


def rank_probabilities(network: Network, model: str = "random") -> Ranks:
    """How probable each rank of each treatment is; `model` is "random" or "common".

    Source: :cite:t:`ruecker2015` (P-scores, the mean rank in closed form).
    """
    check_model(model)
    covariance = network.covariance if model == "random" else network.covariance_common
    pairs = network.random if model == "random" else network.common
    effects = pairs.estimate[:, 0] if network.small == "good" else -pairs.estimate[:, 0]
    values, vectors = np.linalg.eigh(covariance)
    # The widest directions first, where the net is the most even. The first treatment is fixed: one
    # direction has no width.
    root = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, :0:-1]
    tables = np.array([_table(effects, root, seed) for seed in range(SCRAMBLINGS)])
    probability = tables.mean(axis=0)
    error = float(tables.std(axis=0, ddof=1).max()) / np.sqrt(SCRAMBLINGS)
    median = 1 + (np.cumsum(probability, axis=1) < 0.5).sum(axis=1)
    return Ranks(probability, median, error, network.treatments, model)


def _table(effects: np.ndarray, root: np.ndarray, seed: int) -> np.ndarray:
    """Frequencies of the ranks on one scrambling, shape (n, n)."""
    from scipy.stats import (
        qmc,  # takes 30 MiB and a quarter of a second, which most work does without
    )

    n = len(effects)
    net = qmc.Sobol(n - 1, rng=np.random.default_rng(seed)).random_base2(LOG2_POINTS)
    # Away from the edges of the cube, where the normal quantile is infinite.
    drawn = effects + ndtri(np.clip(net, 2.0**-33, 1 - 2.0**-33)) @ root.T
    place = drawn.argsort(axis=1) + n * np.arange(n)  # (treatment at rank r) + n r
    counts = np.bincount(place.ravel(), minlength=n * n).reshape(n, n).T
    return counts / len(drawn)
