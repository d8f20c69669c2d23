"""Permutation tests of a mean and of moderators: P values that do not rest on normality.

For a mean, the signs of the effects are flipped; for moderators, their rows are exchanged among
the studies. The model is refitted each time, and P is the share of test statistics at least as
far from 0 as the one observed. Source: :cite:t:`higgins2004`; :cite:t:`follmann1999`.

All refits run at once, as tables: a loop of `meta_regression` would take a thousand times longer.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import elementwise

from .design import design
from .inference import variance_factor
from .options import COMMON_EFFECT, check_level
from .printing import Line, Printed, Printout, p_text
from .projection import Projection, project
from .regression import MetaRegression, meta_regression
from .regression_data import RegressionData, prepare_regression, regression_grid
from .regression_tau2 import q_target

# Permutations that are refitted at a time.
CHUNK = 512
# Statistics that differ by rounding alone count as equal.
EQUAL = 1e-7


@dataclass(frozen=True, slots=True, repr=False)
class PermutationTest(Printed):
    """P values by permutation.

    Attributes
    ----------
    names : tuple of str
        Coefficients of the model.
    p_values : tuple of float
        Two-sided P of each; the intercept beside moderators is tested against the same
        rearrangements of the rows, as in metafor.
    omnibus_p_value : float
        P of the test of all coefficients but such an intercept.
    permutations : int
        Number of rearrangements, the observed one included.
    exact : bool
        Whether these were all there are.
    fit : MetaRegression
        The model of the data as observed.
    """

    names: tuple[str, ...]
    p_values: tuple[float, ...]
    omnibus_p_value: float
    permutations: int
    exact: bool
    fit: MetaRegression

    def _page(self) -> Printout:
        lines = tuple(
            Line(c.name, c.estimate, c.se, c.ci_low, c.ci_high, c.statistic, c.df, p)
            for c, p in zip(self.fit.coefficients, self.p_values, strict=True)
        )
        how = "all there are" if self.exact else "a sample"
        title = f"Permutation test, {self.permutations} rearrangements ({how})"
        whole = (f"P of {', '.join(self.fit.omnibus.names)}", p_text(self.omnibus_p_value))
        note = "P is by permutation; standard errors and intervals are the model's own"
        return Printout(title, lines, (whole,), self.fit.level, (note,))


def permutation_test(
    yi: Any,
    vi: Any,
    moderators: Any = None,
    *,
    tau2: str = "REML",
    ci: str = "wald",
    level: float = 0.95,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
    most: int = 10_000,
    seed: int = 0,
) -> PermutationTest:
    """Test by permutation: exactly if there are at most `most` rearrangements, else by a sample.

    Source: :cite:t:`higgins2004`; :cite:t:`follmann1999`.

    Parameters
    ----------
    yi, vi, moderators, tau2, ci, level, intercept, reference
        As in `meta_regression`; tau2 not as a number.
    most : int
        Largest number of rearrangements, at least 20.
    seed : int
        Of the sample, which holds the observed arrangement and `most` - 1 drawn ones.

    Raises
    ------
    ValueError
        As `meta_regression`; `most` below 20.

    Examples
    --------
    >>> test = permutation_test([0.1, 0.3, 0.4, 0.2, 0.5], [0.02] * 5, tau2="DL")
    >>> test.permutations, test.p_values[0]
    (32, 0.0625)
    """
    check_level(level)
    if most < 20:
        raise ValueError(f"most must be at least 20; found {most}")
    if not isinstance(tau2, str):
        raise ValueError("a permutation test estimates tau2 anew each time: name an estimator")
    fit = meta_regression(
        yi,
        vi,
        moderators,
        tau2=tau2,
        ci=ci,
        level=level,
        intercept=intercept,
        reference=reference,
    )
    plan = design(moderators, fit.k, intercept=intercept, reference=reference)
    data = prepare_regression(fit.yi, fit.vi, plan.matrix, plan.names)
    flipping = not plan.columns
    if flipping:
        arrangements, total, exact = _signs(fit.k, most, seed)
        # A sign is flipped around 0, so the effects must not be centred.
        effects = fit.yi[data.studies.order] / data.studies.unit
        data = replace(data, effects=effects, origin=np.zeros(1))
    else:
        arrangements, total, exact = _orders(plan.matrix[data.studies.order], most, seed)
    observed = _statistics(data, _observed(flipping, fit.k), flipping, tau2, ci, plan.intercept)
    reached = np.zeros(data.p + 1)
    while chunk := list(itertools.islice(arrangements, CHUNK)):
        found = _statistics(data, np.array(chunk), flipping, tau2, ci, plan.intercept)
        reached += (found >= observed * (1 - EQUAL)).sum(axis=0)
    shares = (reached / total).tolist()
    return PermutationTest(plan.names, tuple(shares[:-1]), shares[-1], total, exact, fit)


def _observed(flipping: bool, k: int) -> np.ndarray:
    return np.ones((1, k)) if flipping else np.arange(k)[None, :]


def _signs(k: int, most: int, seed: int) -> tuple[Iterator[Any], int, bool]:
    """All sign patterns, or the observed one and a sample."""
    if k < 60 and 2**k <= most:
        return itertools.product((1.0, -1.0), repeat=k), 2**k, True
    random = np.random.default_rng(seed)
    drawn = (random.choice((1.0, -1.0), size=k) for _ in range(most - 1))
    return itertools.chain([np.ones(k)], drawn), most, False


def _orders(rows: np.ndarray, most: int, seed: int) -> tuple[Iterator[Any], int, bool]:
    """All distinguishable orders of the rows, or the observed one and a sample.

    Equal rows are interchangeable: a factor of two levels needs k! / (a! b!) orders only.
    """
    k = len(rows)
    kinds, kind_of = np.unique(rows, axis=0, return_inverse=True)
    kind_of = kind_of.ravel()
    counts = np.bincount(kind_of, minlength=len(kinds))
    total = math.factorial(k)
    for count in counts.tolist():
        total //= math.factorial(count)
    if total <= most:
        first = [int(np.flatnonzero(kind_of == kind)[0]) for kind in range(len(kinds))]
        return _distinct(first, counts.tolist(), k), total, True
    random = np.random.default_rng(seed)
    drawn = (random.permutation(k) for _ in range(most - 1))
    return itertools.chain([np.arange(k)], drawn), most, False


def _distinct(first: list[int], counts: list[int], k: int) -> Iterator[list[int]]:
    """Every distinguishable arrangement of `counts[i]` copies of `first[i]`."""
    if k == 0:
        yield []
        return
    for i, left in enumerate(counts):
        if left:
            counts[i] -= 1
            for rest in _distinct(first, counts, k - 1):
                yield [first[i], *rest]
            counts[i] += 1


def _statistics(
    data: RegressionData,
    arrangements: np.ndarray,
    flipping: bool,
    tau2_method: str,
    ci: str,
    has_intercept: bool,
) -> np.ndarray:
    """Absolute statistics of each coefficient, and the omnibus statistic: shape (n, p + 1)."""
    n, v = len(arrangements), data.studies.variances
    if flipping:
        basis = np.broadcast_to(data.basis, (n, data.k, data.p))
        effects = data.effects * arrangements
    else:
        basis, effects = data.basis[arrangements], np.broadcast_to(data.effects, (n, data.k))
    tau2 = _tau2(data, basis, effects, tau2_method)
    sums = project(basis, effects, v, tau2)
    scale = sums.q / data.df
    factor = variance_factor(ci, scale)
    estimates = np.einsum("ab,nb->na", data.to_coefficients, sums.coefficients)
    # A distant origin moves the intercept, not the slopes.
    estimates = estimates + data.origin / data.studies.unit
    root = np.einsum("ab,nbc->nac", data.to_coefficients, np.linalg.inv(sums.root))
    covariance = np.einsum("nac,nbc->nab", root, root) * factor[:, None, None]
    spread = np.sqrt(np.einsum("naa->na", covariance))
    single = np.abs(_ratio(estimates, spread))
    tested = slice(1, None) if has_intercept and data.p > 1 else slice(None)
    standard = _ratio(estimates, spread)[:, tested]
    safe = np.where(spread > 0, spread, 1.0)
    correlation = covariance / safe[:, :, None] / safe[:, None, :]
    inner = correlation[:, tested, tested]
    inner = np.where((spread > 0).all(axis=1)[:, None, None], inner, np.eye(inner.shape[1]))
    joint = np.einsum("na,na->n", standard, np.linalg.solve(inner, standard[..., None])[..., 0])
    return np.column_stack([single, joint])


def _ratio(estimates: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """estimates / spread; where nothing varies, an immense statistic unless the estimate is 0."""
    return np.where(spread > 0, estimates / np.where(spread > 0, spread, 1.0), estimates * 1e30)


def _tau2(data: RegressionData, basis: np.ndarray, effects: np.ndarray, method: str) -> np.ndarray:
    """The estimators of `regression_tau2.py` for n arrangements at once, shape (n,)."""
    n, v, df = len(basis), data.studies.variances, data.df
    if method == COMMON_EFFECT:
        return np.zeros(n)
    at_zero = project(basis, effects, v, np.zeros(n))
    residuals = effects - np.einsum("nkp,np->nk", basis, np.einsum("nkp,nk->np", basis, effects))
    plain_rss = np.einsum("nk,nk->n", residuals, residuals)
    if method == "DL":
        tau2 = (at_zero.q - df) / at_zero.trace
    elif method == "HS":
        tau2 = (at_zero.q - data.k) / at_zero.total
    elif method == "HSk":
        tau2 = (data.k / df * at_zero.q - data.k) / at_zero.total
    elif method == "HE":
        free = 1.0 - np.einsum("nkp,nkp->nk", basis, basis)
        tau2 = (plain_rss - free @ v) / df
    elif method == "SJ":
        crude = effects.var(axis=1)
        tau2 = crude * project(basis, effects, v, crude).q / df
    else:
        tau2 = _solved(data, basis, effects, plain_rss, method)
    return np.maximum(tau2, 0.0)


def _solved(
    data: RegressionData,
    basis: np.ndarray,
    effects: np.ndarray,
    plain_rss: np.ndarray,
    method: str,
) -> np.ndarray:
    """REML, ML and what rests on Q: tabulate on one grid for all, then refine the brackets together."""
    v, n = data.studies.variances, len(basis)
    widest = int(np.argmax(plain_rss))
    grid = regression_grid(replace(data, basis=basis[widest], effects=effects[widest]))
    target = q_target(method, data.df)
    if target is not None:
        grid = np.append(grid, 2 * grid[-1] + plain_rss.max() / target)

    def rising(sums: Projection) -> np.ndarray:
        """Negative below a root and positive above it."""
        if target is not None:
            expected_q = target + (sums.tau2 * sums.trace if method == "DLIT" else 0.0)
            return expected_q / np.maximum(sums.q, 1e-300) - 1.0
        expected = sums.trace if method == "REML" else sums.total
        return expected / np.maximum(sums.rss, 1e-300) - 1.0

    table = np.empty((n, len(grid)))
    for j, t in enumerate(grid):
        table[:, j] = rising(project(basis, effects, v, np.full(n, t)))
    falls = table >= 0
    falls[:, -1] = True
    which, left = np.nonzero(~falls[:, :-1] & falls[:, 1:])
    roots = elementwise.find_root(
        lambda t, row: rising(project(basis[row], effects[row], v, t)),
        (grid[left], grid[left + 1]),
        args=(which,),
        tolerances={"xatol": 1e-12 * float(v[0]), "xrtol": 1e-12},
    ) if len(which) else None  # fmt: skip
    candidates_of = np.concatenate([which, np.flatnonzero(falls[:, 0])])
    values = np.zeros(len(candidates_of))
    if roots is not None:
        # A bracket that rounding closes has no root inside: its end is the root.
        values[: len(which)] = np.where(roots.success, roots.x, grid[left + 1])
    if len(candidates_of) == n:
        tau2 = np.empty(n)
        tau2[candidates_of] = values
        return tau2
    sums = project(basis[candidates_of], effects[candidates_of], v, values)
    height = -np.log(v + values[:, None]).sum(axis=1) - sums.q
    if method == "REML":
        height -= sums.log_det
    order = np.lexsort((height, candidates_of))
    tau2 = np.empty(n)
    tau2[candidates_of[order]] = values[order]  # the last, highest one of each stays
    return tau2
