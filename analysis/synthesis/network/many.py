"""The same network thousands of times in one call: studies left out, added, repeated, or with new effects.

Leave-one-out, what-if and bootstrap are all a table of how often each study counts. A set of studies that
no longer hangs together is fitted part by part, with one tau2; pairs in different parts have no estimate.

All sets are worked on together: their weighted cross-products are one matrix product, and the score of
the likelihood is followed on a grid of tau2 (to see every maximum) and then bracketed for all at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError

from ..checks import check_choice
from ..printing import Grid, Printed, Printout, counted
from .result import Network
from .rows import Rows

METHODS = ("REML", "ML", "DL", "EE")
# Neighbouring points of the grid differ by this factor in (smallest variance + tau2).
GRID_FACTOR = 4.0
ROUNDS, TOLERANCE = 60, 1e-12
# Cells (sets x coefficients squared, or x rows) that are worked on at a time.
CELLS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Refits(Printed):
    """`m` fits; NaN where there is no estimate.

    Attributes
    ----------
    tau2, q, df : (m,)
    part : int (m, n), equal for treatments that studies of the set link.
    effects, covariance : (m, n), (m, n, n), against the first treatment of each part.
    """

    tau2: np.ndarray
    q: np.ndarray
    df: np.ndarray
    part: np.ndarray
    effects: np.ndarray
    covariance: np.ndarray

    def _page(self) -> Printout:
        split = (self.part != self.part[:, :1]).any(axis=1)
        columns = {"tau2": self.tau2, "q": self.q, "df": self.df, "falls apart": split}
        grid = Grid(range(1, len(self.tau2) + 1), columns)
        title = f"{counted(len(self.tau2), 'fit', 'fits')} of a network"
        return Printout(title, (), (), None, grid=grid)

    def plot(self) -> Any:
        """How often each tau2 occurs."""
        from ..plotting import spread

        return spread(self._page(), self.tau2, "tau²")

    def pair(self, i: int, j: int) -> tuple[np.ndarray, np.ndarray]:
        """Estimate and standard error of treatment i minus j in every set, each (m,)."""
        linked = self.part[:, i] == self.part[:, j]
        c = self.covariance
        variance = c[:, i, i] + c[:, j, j] - 2 * c[:, i, j]
        estimate = self.effects[:, i] - self.effects[:, j]
        return (
            np.where(linked, estimate, np.nan),
            np.where(linked, np.sqrt(np.maximum(variance, 0.0)), np.nan),
        )


def refit_many(
    network: Network, counts: np.ndarray, tau2: str = "REML", effects: np.ndarray | None = None
) -> Refits:
    """Fit many sets of the studies of a network.

    Parameters
    ----------
    network : whose studies are used; a hypothetical study is one of them that other sets leave out.
    counts : (m, k), how often each study counts in each set; 0 leaves it out.
    tau2 : "REML", "ML", "DL" or "EE" (common effect).
    effects : (m, r), effects of the rows (`network.rows`) in each set, if they differ between sets.

    Raises
    ------
    ValueError
        Shapes that do not fit, a negative count, an unknown method.
    """
    check_choice(tau2, "tau2", METHODS)
    counts = np.asarray(counts, dtype=float)
    rows, n = network.rows, len(network.treatments)
    if counts.ndim != 2 or counts.shape[1] != network.k:
        raise InputError(f"counts must have the shape (m, {network.k}); found {counts.shape}")
    if not np.all(counts >= 0):
        raise InputError("counts must be 0 or more")
    m, r = len(counts), len(rows.study)
    if effects is not None and np.shape(effects) != (m, r):
        raise InputError(f"effects must have the shape {(m, r)}; found {np.shape(effects)}")
    part = _parts(network, counts > 0)
    found = Refits(
        np.full(m, np.nan), np.full(m, np.nan), np.zeros(m, dtype=int), part,
        np.zeros((m, n)), np.zeros((m, n, n)),
    )  # fmt: skip
    partitions, kind = np.unique(part, axis=0, return_inverse=True)
    for i, labels in enumerate(partitions):
        columns = np.flatnonzero(labels != np.arange(n))
        if not columns.size:
            continue
        step = max(1, CELLS_AT_ONCE // max(columns.size**2, r))
        members = np.flatnonzero(kind.ravel() == i)
        for start in range(0, len(members), step):
            at = members[start : start + step]
            own = None if effects is None else np.asarray(effects, dtype=float)[at]
            _fit_into(found, at, _Batch.of(rows, counts[at], columns, own), columns, tau2)
    return found


def leave_one_out(k: int) -> np.ndarray:
    """Counts (k, k) that leave out one study at a time."""
    return 1.0 - np.eye(k)


def bootstrap_counts(k: int, m: int, seed: int) -> np.ndarray:
    """Counts (m, k) of studies drawn with replacement."""
    drawn = np.random.default_rng(seed).integers(k, size=(m, k))
    return np.array([np.bincount(row, minlength=k) for row in drawn], dtype=float)


def _parts(network: Network, kept: np.ndarray) -> np.ndarray:
    """The lowest treatment that each treatment is linked with in each set, (m, n)."""
    n = len(network.treatments)
    links = np.zeros((network.k, n, n), dtype=np.float32)
    for block in network.studies.blocks:
        links[block.study[:, None, None], block.arms[:, :, None], block.arms[:, None, :]] = 1.0
    found = np.empty((len(kept), n), dtype=int)
    step = max(1, CELLS_AT_ONCE // (n * n))
    unique, place = np.unique(kept, axis=0, return_inverse=True)
    of_unique = np.empty((len(unique), n), dtype=int)
    for start in range(0, len(unique), step):
        some = unique[start : start + step].astype(np.float32)
        reached = (some @ links.reshape(network.k, -1)).reshape(-1, n, n) > 0
        reached |= np.eye(n, dtype=bool)
        for _ in range(max(1, int(np.ceil(np.log2(n))))):
            as_numbers = reached.astype(np.float32)
            reached = as_numbers @ as_numbers > 0
        of_unique[start : start + step] = reached.argmax(axis=2)
    found[:] = of_unique[place.ravel()]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums at one tau2 of each set: see `projection.py`; `total` is the sum of weights."""

    q: np.ndarray
    rss: np.ndarray
    trace: np.ndarray
    total: np.ndarray
    log_likelihood: np.ndarray
    coefficients: np.ndarray
    inverse: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Sets with the same columns. `effects` (m, r) are residuals of a fit of all rows, `origin` (p,) its
    coefficients, so that Q does not cancel.
    """

    counts: np.ndarray
    effects: np.ndarray
    variances: np.ndarray
    matrix: np.ndarray
    products: np.ndarray
    origin: np.ndarray

    @classmethod
    def of(
        cls, rows: Rows, counts: np.ndarray, columns: np.ndarray, effects: np.ndarray | None
    ) -> _Batch:
        matrix = rows.matrix[:, columns]
        used = counts[:, rows.study]
        # Rows that no set of these counts may lie outside the columns.
        roots = np.where(used.any(axis=0), 1.0, 0.0) / np.sqrt(rows.variances)
        origin = np.linalg.lstsq(roots[:, None] * matrix, roots * rows.effects, rcond=None)[0]
        given = np.broadcast_to(rows.effects, used.shape) if effects is None else effects
        products = (matrix[:, :, None] * matrix[:, None, :]).reshape(len(matrix), -1)
        return cls(used, given - matrix @ origin, rows.variances, matrix, products, origin)

    @property
    def df(self) -> np.ndarray:
        """Rows less coefficients, (m,)."""
        return self.counts.sum(axis=1).astype(int) - self.matrix.shape[1]

    def some(self, at: np.ndarray) -> _Batch:
        """A part of the sets."""
        return _Batch(
            self.counts[at],
            self.effects[at],
            self.variances,
            self.matrix,
            self.products,
            self.origin,
        )

    def sums(self, tau2: np.ndarray) -> _Sums:
        """The sums at tau2, (m,)."""
        p = self.matrix.shape[1]
        single = 1.0 / (self.variances + tau2[:, None])
        weights = self.counts * single
        squared = weights * single
        information = (weights @ self.products).reshape(-1, p, p)
        inverse = np.linalg.inv(information)
        right = (weights * self.effects) @ self.matrix
        coefficients = np.einsum("mij,mj->mi", inverse, right)
        residuals = self.effects - coefficients @ self.matrix.T
        second = (squared @ self.products).reshape(-1, p, p)
        with np.errstate(divide="ignore"):
            logs = (self.counts * np.log(single)).sum(axis=1)
        q = (weights * residuals**2).sum(axis=1)
        return _Sums(
            q=q,
            rss=(squared * residuals**2).sum(axis=1),
            trace=weights.sum(axis=1) - np.einsum("mij,mji->m", inverse, second),
            total=weights.sum(axis=1),
            log_likelihood=0.5 * (logs - np.linalg.slogdet(information)[1] - q),
            coefficients=coefficients,
            inverse=inverse,
        )


def _fit_into(
    found: Refits, at: np.ndarray, batch: _Batch, columns: np.ndarray, method: str
) -> None:
    zero = np.zeros(len(at))
    at_zero = batch.sums(zero)
    estimates = batch.df > 0
    tau2 = zero.copy()
    if method == "DL":
        with np.errstate(divide="ignore", invalid="ignore"):
            moment = (at_zero.q - batch.df) / at_zero.trace
        tau2 = np.where(estimates, np.maximum(0.0, moment), 0.0)
    elif method in ("REML", "ML") and estimates.any():
        tau2[estimates] = _maximum(batch.some(np.flatnonzero(estimates)), method == "REML")
    sums = batch.sums(tau2)
    found.tau2[at] = np.where(estimates | (method == "EE"), tau2, np.nan)
    found.q[at], found.df[at] = np.where(estimates, at_zero.q, 0.0), batch.df
    found.effects[np.ix_(at, columns)] = batch.origin + sums.coefficients
    found.covariance[np.ix_(at, columns, columns)] = sums.inverse


def _maximum(batch: _Batch, restricted: bool) -> np.ndarray:
    """tau2 of the highest maximum of the likelihood of each set, (m,)."""
    m = len(batch.counts)
    smallest = float(batch.variances.min())
    squares = (batch.counts * batch.effects**2).sum(axis=1) / batch.df
    highest = max(float(batch.variances.max()), 2 * float(squares.max()))
    steps = int(np.ceil(np.log1p(highest / smallest) / np.log(GRID_FACTOR)))
    grid = smallest * (GRID_FACTOR ** np.arange(steps + 1) - 1.0)
    rises = np.array([_rising(batch, np.full(m, t), restricted) for t in grid])
    best = np.zeros(m)
    best_height = np.full(m, -np.inf)
    down = np.flatnonzero(rises[0] >= 0)
    best_height[down] = _height(batch.some(down), np.zeros(len(down)), restricted)
    for sets, low, high, at_low, at_high in _brackets(grid, rises):
        part = batch.some(sets)
        root = _root(part, low, high, at_low, at_high, restricted, smallest)
        height = _height(part, root, restricted)
        better = height > best_height[sets]
        best[sets[better]], best_height[sets[better]] = root[better], height[better]
    return best


def _rising(batch: _Batch, tau2: np.ndarray, restricted: bool) -> np.ndarray:
    """Rises through 0 at a maximum: expected over observed sum of squares, less 1."""
    sums = batch.sums(tau2)
    expected = sums.trace if restricted else sums.total
    return np.minimum(expected / np.maximum(sums.rss, 1e-300), 1e6) - 1.0


def _height(batch: _Batch, tau2: np.ndarray, restricted: bool) -> np.ndarray:
    sums = batch.sums(tau2)
    if restricted:
        return sums.log_likelihood
    return 0.5 * ((batch.counts * -np.log(batch.variances + tau2[:, None])).sum(axis=1) - sums.q)


def _brackets(grid: np.ndarray, rises: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """For the first, second ... maximum: sets that have it, and its bracket with the values there."""
    crosses = (rises[:-1] < 0) & (rises[1:] >= 0)
    number = np.cumsum(crosses, axis=0)
    for nth in range(1, int(number[-1].max(initial=0)) + 1):
        steps, sets = np.nonzero(crosses & (number == nth))
        yield sets, grid[steps], grid[steps + 1], rises[steps, sets], rises[steps + 1, sets]


def _root(
    batch: _Batch,
    low: np.ndarray,
    high: np.ndarray,
    at_low: np.ndarray,
    at_high: np.ndarray,
    restricted: bool,
    smallest: float,
) -> np.ndarray:
    """Where `_rising` crosses 0 in each bracket: false position with halved ends (Illinois)."""
    low, high, at_low, at_high = (a.astype(float).copy() for a in (low, high, at_low, at_high))
    active = np.arange(len(low))
    side = np.zeros(len(low), dtype=int)
    root = 0.5 * (low + high)
    for step in range(ROUNDS):
        a, b, fa, fb = low[active], high[active], at_low[active], at_high[active]
        middle = a + (b - a) * (-fa / (fb - fa))
        # Every few rounds a bisection, so that no bracket is stuck at one end.
        if step % 6 == 5:
            middle = 0.5 * (a + b)
        value = _rising(batch.some(active), middle, restricted)
        root[active] = middle
        below = value < 0
        again = side[active] == np.where(below, -1, 1)
        low[active] = np.where(below, middle, a)
        high[active] = np.where(below, b, middle)
        at_low[active] = np.where(below, value, np.where(again, 0.5 * fa, fa))
        at_high[active] = np.where(below, np.where(again, 0.5 * fb, fb), value)
        side[active] = np.where(below, -1, 1)
        width = (high - low)[active]
        done = (np.abs(value) < TOLERANCE) | (width <= TOLERANCE * (high[active] + smallest))
        active = active[~done]
        if not active.size:
            break
    return root
