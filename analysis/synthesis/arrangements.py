"""Many rearrangements of one data set, with tau2 of all of them found together.

A loop of regressions would take a thousand times longer: the score is tabulated on one grid for all, then all
brackets are refined at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import elementwise

from .projection import Projection, project
from .regression_data import RegressionData, regression_grid

TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Arrangements:
    """`basis` (n, k, p) and `effects` (n, k) of n rearrangements of `data`."""

    data: RegressionData
    basis: np.ndarray
    effects: np.ndarray

    @property
    def n(self) -> int:
        """Number of rearrangements."""
        return len(self.basis)

    @property
    def k(self) -> int:
        """Number of effects."""
        return self.data.k

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return self.data.df

    @property
    def variances(self) -> np.ndarray:
        """Sampling variances (k,)."""
        return self.data.studies.variances

    @property
    def plain_rss(self) -> np.ndarray:
        """Residual sums of squares of the unweighted fits, (n,)."""
        along = np.einsum("nkp,nk->np", self.basis, self.effects)
        residuals = self.effects - np.einsum("nkp,np->nk", self.basis, along)
        return np.einsum("nk,nk->n", residuals, residuals)

    def at(self, tau2: np.ndarray) -> Projection:
        """The sums of each at its own tau2, (n,)."""
        return project(self.basis, self.effects, self.variances, tau2)

    def where_q_is(self, target: float, and_trace: bool = False) -> np.ndarray:
        """tau2 at which Q equals `target`; `and_trace`: `target` + tau2 tr(P). 0 where Q is below it throughout."""

        def rising(sums: Projection) -> np.ndarray:
            expected = target + (sums.tau2 * sums.trace if and_trace else 0.0)
            return expected / np.maximum(sums.q, TINY) - 1.0

        rss = self.plain_rss
        grid = self._grid(rss)
        # Q <= S / tau2, S the residual sum of squares of the unweighted fit.
        which, found = self._solved(np.append(grid, 2 * grid[-1] + rss.max() / target), rising)
        tau2 = np.empty(self.n)
        tau2[which] = found
        return tau2

    def most_likely(self, restricted: bool) -> np.ndarray:
        """tau2 of the highest maximum of the likelihood."""

        def rising(sums: Projection) -> np.ndarray:
            return (sums.trace if restricted else sums.total) / np.maximum(sums.rss, TINY) - 1.0

        which, found = self._solved(self._grid(self.plain_rss), rising)
        tau2 = np.empty(self.n)
        if len(which) == self.n:
            tau2[which] = found
            return tau2
        v = self.variances
        sums = project(self.basis[which], self.effects[which], v, found)
        height = -np.log(v + found[:, None]).sum(axis=1) - sums.q
        if restricted:
            height -= sums.log_det
        order = np.lexsort((height, which))
        tau2[which[order]] = found[order]  # the last, highest one of each stays
        return tau2

    def _grid(self, plain_rss: np.ndarray) -> np.ndarray:
        """The grid of the arrangement that needs the widest."""
        widest = int(np.argmax(plain_rss))
        basis, effects = self.basis[widest], self.effects[widest]
        return regression_grid(replace(self.data, basis=basis, effects=effects))

    def _solved(
        self, grid: np.ndarray, rising: Callable[[Projection], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which arrangement and where, for each place at which `rising` crosses 0, 0 itself where it starts above."""
        basis, effects, v = self.basis, self.effects, self.variances
        table = np.empty((self.n, len(grid)))
        for j, t in enumerate(grid):
            table[:, j] = rising(self.at(np.full(self.n, t)))
        above = table >= 0
        above[:, -1] = True
        which, left = np.nonzero(~above[:, :-1] & above[:, 1:])
        at_zero = np.flatnonzero(above[:, 0])
        values = np.zeros(len(which) + len(at_zero))
        if len(which):
            roots = elementwise.find_root(
                lambda t, row: rising(project(basis[row], effects[row], v, t)),
                (grid[left], grid[left + 1]),
                args=(which,),
                tolerances={"xatol": 1e-12 * float(v[0]), "xrtol": 1e-12},
            )
            # A bracket that rounding closes has no root inside: its end is the root.
            values[: len(which)] = np.where(roots.success, roots.x, grid[left + 1])
        return np.concatenate([which, at_zero]), values
