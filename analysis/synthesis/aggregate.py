"""One effect size for each study, from several that share patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError

from .checks import numbers
from .covariance import correlated
from .design import as_labels, as_vector
from .inference import critical_value
from .printing import Grid, Line, Printed, Printout, counted

LEVEL = 0.95  # of the intervals in the figure


@dataclass(frozen=True, slots=True, repr=False)
class Aggregated(Printed):
    """Clusters in order of first appearance, with effect, sampling variance and number of effects."""

    clusters: tuple[str, ...]
    yi: np.ndarray
    vi: np.ndarray
    sizes: tuple[int, ...]

    def _page(self) -> Printout:
        half = critical_value(LEVEL, None) * np.sqrt(self.vi)
        lines = tuple(
            Line(*values, kind="study")
            for values in zip(
                self.clusters, self.yi.tolist(), np.sqrt(self.vi).tolist(),
                (self.yi - half).tolist(), (self.yi + half).tolist(), strict=True,
            )
        )  # fmt: skip
        effects = counted(sum(self.sizes), "effect size", "effect sizes")
        title = f"{counted(len(self.clusters), 'cluster', 'clusters')} from {effects}"
        grid = Grid(self.clusters, {"yi": self.yi, "vi": self.vi, "effects": self.sizes})
        return Printout(title, (), (), LEVEL, studies=lines, grid=grid)


def aggregate(
    yi: Any, vi: Any, clusters: Any, rho: float = 0.6, *, weighted: bool = True
) -> Aggregated:
    """Merge the effects of each cluster, taking their sampling errors as correlated.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    clusters : labels, shape (k,)
    rho : float
        Correlation of sampling errors within a cluster, from -1 up to, but not, 1 if weighted.
    weighted : bool
        True: the weighted mean with the least variance, weights V^-1 1. (With a high rho and
        unequal variances a weight can be negative.) False: the plain mean.

    Raises
    ------
    ValueError
        As `covariance.correlated`; a correlation matrix that is not positive definite.

    Source: :cite:t:`gleser2009`; :cite:t:`borenstein2009`, chapter 24 (plain mean).

    Examples
    --------
    >>> merged = aggregate([0.2, 0.4, 0.5], [0.1, 0.1, 0.2], ["a", "a", "b"], rho=0.5)
    >>> merged.clusters, merged.yi.round(3).tolist(), merged.vi.round(3).tolist()
    (('a', 'b'), [0.3, 0.5], [0.075, 0.2])
    """
    effects = numbers(yi, "yi")
    covariance = correlated(vi, clusters, rho)
    if len(effects) != len(covariance):
        raise InputError(f"{len(effects)} effects for {len(covariance)} variances")
    labels = np.array(as_labels(as_vector(clusters, "clusters"), "clusters"))
    names = tuple(dict.fromkeys(labels.tolist()))
    merged, variances, sizes = [], [], []
    for name in names:
        own = np.flatnonzero(labels == name)
        block = covariance[np.ix_(own, own)]
        errors = np.sqrt(np.diag(block))
        smallest = np.linalg.eigvalsh(block / np.outer(errors, errors))[0]
        if weighted and smallest < 1e-10:
            raise InputError(f"rho = {rho} is not possible among {len(own)} effects ({name})")
        ones = np.ones(len(own))
        weights = np.linalg.solve(block, ones) if weighted else ones
        weights = weights / weights.sum()
        # Around the first effect, so that a distant origin costs no digits.
        origin = effects[own[0]]
        merged.append(origin + float(weights @ (effects[own] - origin)))
        variance = float(weights @ block @ weights)
        if not variance > 0:
            raise InputError(f"rho = {rho} is not possible among {len(own)} effects ({name})")
        variances.append(variance)
        sizes.append(len(own))
    return Aggregated(names, np.array(merged), np.array(variances), tuple(sizes))
