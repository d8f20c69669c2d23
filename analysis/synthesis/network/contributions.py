"""What a network estimate hangs on: the share of every comparison, study and path in it.

The estimate of a pair is a flow of evidence from one treatment to the other: along each comparison runs
its entry in the hat matrix, and the flow has no cycles. A random walker who follows the flow takes each
path with a certain probability; a path gives its probability in equal parts to its comparisons, and a
comparison to its studies by their weights in it. Shares are not negative and add up to 1.

:cite:t:`davies2022`; :cite:t:`koenig2013`. All paths are summed without being listed, by the number of
steps before and after each comparison.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError

from ..printing import Grid, Printed, Printout
from .result import Network, check_model
from .studies import Block, NetworkStudies

# Shares below this are rounding, or paths that nobody needs to see.
NEGLIGIBLE = 1e-12
LEAST_PATH = 1e-4
MOST_PATHS = 1000


@dataclass(frozen=True, slots=True, repr=False)
class Contributions(Printed):
    """Shares in the estimate of one pair, each list the largest first.

    `paths` are lists of treatments with their shares, those of at least `LEAST_PATH`, at most
    `MOST_PATHS`.
    """

    pair: tuple[str, str]
    comparisons: tuple[tuple[tuple[str, str], float], ...]
    studies: tuple[tuple[str, float], ...]
    paths: tuple[tuple[tuple[str, ...], float], ...]

    def _page(self) -> Printout:
        names = [f"{first} v {second}" for (first, second), _ in self.comparisons]
        names += [f"study {study}" for study, _ in self.studies]
        shares = [share for _, share in (*self.comparisons, *self.studies)]
        title = f"What {self.pair[0]} v {self.pair[1]} rests on"
        paths = ", ".join(f"{' - '.join(path)} {share:.2f}" for path, share in self.paths[:5])
        grid = Grid(names, {"share": shares})
        return Printout(title, (), (("Likeliest paths", paths),), None, grid=grid)

    def plot(self) -> Any:
        """The share of each comparison, and of each study."""
        from ..plotting import bars

        page = self._page()
        assert page.grid is not None
        return bars(page, page.grid.names, page.grid.columns["share"], "Share of the estimate")


def contributions(
    network: Network, treat1: str, treat2: str, model: str = "random"
) -> Contributions:
    """Shares of comparisons, studies and paths in the estimate of `treat1` against `treat2`.

    Source: :cite:t:`davies2022`; :cite:t:`koenig2013`.

    Parameters
    ----------
    model : "random" or "common".

    Raises
    ------
    ValueError
        An unknown or the same treatment.
    """
    check_model(model)
    a, b = network.place(treat1), network.place(treat2)
    if a == b:
        raise InputError(f"found {treat1!r} twice; allowed: two treatments")
    tau2 = (network.tau2 or 0.0) if model == "random" else 0.0
    names, studies = network.treatments, network.studies
    weights = comparison_weights(studies, tau2)
    step = _walk(weights, a, b)
    shares = _edge_shares(step, a, b)
    edges = [
        ((names[i], names[j]), float(shares[i, j]))
        for i, j in np.argwhere(shares > NEGLIGIBLE).tolist()
    ]
    both = shares + shares.T
    of_study = _study_shares(studies, tau2, weights, both)
    paths = [(tuple(names[i] for i in path), share) for path, share in _paths(step, a, b)]
    return Contributions(
        (treat1, treat2),
        tuple(sorted(edges, key=lambda item: -item[1])),
        tuple(sorted(of_study, key=lambda item: -item[1])),
        tuple(paths),
    )


def comparison_shares(network: Network, model: str = "random") -> np.ndarray:
    """Shares of every comparison in every estimate, shape (n, n, n, n).

    Source: :cite:t:`davies2022`.

    [a, b, i, j] is the share of the comparison of i and j (in either direction) in that of a and b.
    """
    check_model(model)
    n = len(network.treatments)
    weights = comparison_weights(
        network.studies, (network.tau2 or 0.0) if model == "random" else 0.0
    )
    found = np.zeros((n, n, n, n))
    for a in range(n):
        for b in range(a):
            shares = _edge_shares(_walk(weights, a, b), a, b)
            found[a, b] = found[b, a] = shares + shares.T
    return found


def comparison_weights(studies: NetworkStudies, tau2: float) -> np.ndarray:
    """Weight of each comparison, studies taken together, shape (n, n).

    A study with several arms gives each of its pairs the weight that its covariance leaves to it
    :cite:p:`ruecker2014`.
    """
    weights = np.zeros((studies.n, studies.n))
    for block in studies.blocks:
        np.add.at(weights, (block.arms[:, :, None], block.arms[:, None, :]), _own(block, tau2))
    return weights


def _own(block: Block, tau2: float) -> np.ndarray:
    """Weights of the pairs of each study, shape (s, p, p), the diagonal 0."""
    p = block.arms.shape[1]
    spread = np.concatenate([-np.ones((p - 1, 1)), np.eye(p - 1)], axis=1)
    varied = block.covariance + 0.5 * tau2 * (np.eye(p - 1) + 1.0)
    weights = -(spread.T @ np.linalg.inv(varied) @ spread)
    weights[:, np.arange(p), np.arange(p)] = 0.0
    # Arms that are far from independent can leave a pair less than nothing.
    return np.maximum(weights, 0.0)


def _walk(weights: np.ndarray, a: int, b: int) -> np.ndarray:
    """Probability of each step from one treatment to another, on the way from a to b; (n, n)."""
    n = len(weights)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    kept = [i for i in range(n) if i != b]
    source = np.zeros(n)
    source[a] = 1.0
    potential = np.zeros(n)
    potential[kept] = np.linalg.solve(laplacian[np.ix_(kept, kept)], source[kept])
    flow = weights * (potential[:, None] - potential)
    flow[flow < NEGLIGIBLE] = 0.0
    out = flow.sum(axis=1, keepdims=True)
    step = np.divide(flow, out, out=np.zeros_like(flow), where=out > 0)
    step[b] = 0.0
    return step


def _edge_shares(step: np.ndarray, a: int, b: int) -> np.ndarray:
    """Share of each directed comparison, shape (n, n)."""
    n = len(step)
    before, after = np.zeros((n, n)), np.zeros((n, n))  # [steps, treatment]
    before[0, a], after[0, b] = 1.0, 1.0
    for steps in range(1, n):
        before[steps] = before[steps - 1] @ step
        after[steps] = step @ after[steps - 1]
    length = 1.0 + np.arange(n)[:, None] + np.arange(n)
    return step * (before.T @ (1.0 / length) @ after)


def _study_shares(
    studies: NetworkStudies, tau2: float, weights: np.ndarray, shares: np.ndarray
) -> list[tuple[str, float]]:
    per_weight = np.divide(shares, weights, out=np.zeros_like(shares), where=weights > 0)
    found = np.zeros(studies.k)
    for block in studies.blocks:
        at = block.arms[:, :, None], block.arms[:, None, :]
        found[block.study] = 0.5 * (_own(block, tau2) * per_weight[at]).sum(axis=(1, 2))
    return list(zip(studies.labels, found.tolist(), strict=True))


def _paths(step: np.ndarray, a: int, b: int) -> list[tuple[list[int], float]]:
    """Paths from a to b with their probabilities, the likeliest first."""
    found: list[tuple[list[int], float]] = []
    waiting: list[tuple[float, list[int]]] = [(-1.0, [a])]
    while waiting and len(found) < MOST_PATHS:
        negative, path = heapq.heappop(waiting)
        if path[-1] == b:
            found.append((path, -negative))
            continue
        for following in np.flatnonzero(step[path[-1]]).tolist():
            share = negative * float(step[path[-1], following])
            if share <= -LEAST_PATH:
                heapq.heappush(waiting, (share, [*path, following]))
    return found
