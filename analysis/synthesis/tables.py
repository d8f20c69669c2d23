"""Many sets of studies side by side, ready for arithmetic: what `Studies` is to one set.

A table holds n sets as columns of arrays of shape (m, n). Each set is centred on its own most precise
study and scaled by its own unit, as in `studies.py`; that study is left out of the columns, since it is
the origin. Absent studies have an infinite variance, hence a weight of exactly 0: no masks in the sums.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .weighted import (
    GRID_FACTOR,
    Slopes,
    WeightedSums,
    combine,
    combine_means,
    combine_slopes,
    last_scanned,
)

# With more sets than this the sets run along the rows of memory, otherwise the studies do.
MANY_SETS = 32


def for_each_count(
    k: np.ndarray, function: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    """`function` of the number of studies, worked out once for each number that occurs in `k`."""
    table = np.full(int(k.max(initial=0)) + 1, np.nan)
    counts = np.flatnonzero(np.bincount(k))
    table[counts] = function(counts)
    return lambda some: table[some]


@dataclass(frozen=True, slots=True)
class Table(ABC):
    """`n` sets of studies, each of at least two.

    Attributes
    ----------
    variances : ndarray, shape (m, n)
        Sampling variances in squared units; infinite where a study is absent or the most precise.
    smallest, largest : ndarray, shape (n,)
        Variances of the most and the least precise study of each set.
    k : ndarray of int, shape (n,)
        Number of studies.
    squared_range : ndarray, shape (n,)
        Squared range of the effects, or a bound above it.
    """

    variances: np.ndarray
    smallest: np.ndarray
    largest: np.ndarray
    k: np.ndarray
    squared_range: np.ndarray

    @abstractmethod
    def contract(self, values: np.ndarray, powers: int = 3) -> tuple[np.ndarray, ...]:
        """Sums over the studies of values, values x and values x^2, or the first of these; each of shape (n,)."""

    @abstractmethod
    def take(self, columns: np.ndarray) -> Table:
        """The table of these sets only."""

    def scan(self) -> WeightedSums:
        """The sums on grids as `weighted.tau2_grid` makes them; each field has the shape (points, n)."""
        points = [self.sums(tau2) for tau2 in self._grid()]
        return WeightedSums(*(np.array(column) for column in zip(*points, strict=True)))

    def _grid(self) -> list[np.ndarray]:
        scanned = last_scanned(self.smallest, self.largest) / self.smallest
        steps = int(np.ceil(np.log1p(scanned.max()) / np.log(GRID_FACTOR)))
        close = [self.smallest * (GRID_FACTOR**i - 1.0) for i in range(steps + 1)]
        top = np.maximum(self.largest, self.squared_range)
        return [*close, np.maximum(2.0 * close[-1], top)]

    def sums(self, tau2: np.ndarray) -> WeightedSums:
        """The weighted sums of each set at its own tau2, shape (n,)."""
        base = self.smallest + tau2
        relative = self._relative_weights(base, tau2)
        first = self.contract(relative)
        second = self.contract(np.multiply(relative, relative, out=relative))
        return combine(tau2, base, first, second)

    def sums_at_zero(self) -> WeightedSums:
        """The sums at tau2 = 0, in two thirds of the time: without `rss`, which is NaN."""
        relative = self.smallest / self.variances
        first = self.contract(relative)
        (squares,) = self.contract(np.multiply(relative, relative, out=relative), powers=1)
        return combine(
            np.zeros_like(self.smallest), self.smallest, first, (squares, np.nan, np.nan)
        )

    def means(self, tau2: np.ndarray, with_q: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`total`, `mean` and `q` of the weighted sums only; `q` is NaN where it is not asked for."""
        base = self.smallest + tau2
        sums = self.contract(self._relative_weights(base, tau2), powers=3 if with_q else 2)
        return combine_means(base, (*sums, np.nan)[:3])

    def sums_and_slopes(self, tau2: np.ndarray) -> tuple[WeightedSums, Slopes]:
        """The weighted sums and their slopes."""
        base = self.smallest + tau2
        relative = self._relative_weights(base, tau2)
        first = self.contract(relative)
        powers = relative * relative
        second = self.contract(powers)
        third = self.contract(np.multiply(powers, relative, out=powers))
        return (
            combine(tau2, base, first, second),
            combine_slopes(base, first, second, third),
        )

    def spread(self) -> tuple[np.ndarray, np.ndarray]:
        """Variance of the effects (divisor k - 1) and mean of the sampling variances."""
        present = np.isfinite(self.variances)
        _, total, squares = self.contract(present.astype(float))
        variance = (squares - total * total / self.k) / (self.k - 1)
        variances = np.add.reduce(self.variances, axis=0, where=present) + self.smallest
        return variance, variances / self.k

    def log_determinant(self, tau2: np.ndarray) -> np.ndarray:
        """Sum of log(v + tau2) over the studies of each set."""
        logs = np.log(self.variances + tau2)
        logs[np.isinf(logs)] = 0.0
        return logs.sum(axis=0) + np.log(self.smallest + tau2)

    def _relative_weights(self, base: np.ndarray, tau2: np.ndarray) -> np.ndarray:
        values = self.variances + tau2
        return np.divide(base, values, out=values)


@dataclass(frozen=True, slots=True)
class OwnStudies(Table):
    """Sets whose studies have nothing in common: effects and their squares of shape (m, n)."""

    effects: np.ndarray
    squares: np.ndarray

    def contract(self, values: np.ndarray, powers: int = 3) -> tuple[np.ndarray, ...]:
        weighted = (self.effects, self.squares)[: powers - 1]
        return (
            np.add.reduce(values, axis=0),
            *(np.einsum("ij,ij->j", values, power) for power in weighted),
        )

    def take(self, columns: np.ndarray) -> OwnStudies:
        return OwnStudies(
            self.variances[:, columns],
            self.smallest[columns],
            self.largest[columns],
            self.k[columns],
            self.squared_range[columns],
            self.effects[:, columns],
            self.squares[:, columns],
        )


@dataclass(frozen=True, slots=True)
class SharedStudies(Table):
    """Subsets of one set of studies that share their most precise study.

    `powers` is (1, x, x^2) of the m other studies, shape (3, m): the sums are a matrix product.
    `shared_variances` are theirs, shape (m,).
    """

    powers: np.ndarray
    shared_variances: np.ndarray

    def scan(self) -> WeightedSums:
        """All sets have the same grid, so the sums at a point are one matrix product."""
        tau2 = np.array([point[0] for point in self._grid()])
        base = self.smallest[0] + tau2
        relative = base[:, None] / (self.shared_variances + tau2[:, None])  # (points, m)
        orders = np.stack([relative, relative**2], axis=1)  # (points, 2, m)
        factors = orders[:, :, None] * self.powers  # (points, 2, 3, m)
        present = np.isfinite(self.variances).astype(float)
        # Small products: larger ones would be split over threads by the BLAS, inside ours.
        sums = np.array([[factor @ present for factor in point] for point in factors])
        first, second = sums.transpose(1, 2, 0, 3)
        return combine(np.repeat(tau2[:, None], len(self.k), 1), base[:, None], first, second)

    def contract(self, values: np.ndarray, powers: int = 3) -> tuple[np.ndarray, ...]:
        return tuple(self.powers[:powers] @ values)

    def take(self, columns: np.ndarray) -> SharedStudies:
        return replace(
            self,
            variances=self.variances[:, columns],
            smallest=self.smallest[columns],
            largest=self.largest[columns],
            k=self.k[columns],
            squared_range=self.squared_range[columns],
        )
