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

from analysis.errors import InputError

from .arrangements import Arrangements
from .checks import check_level
from .design import design
from .estimators import arranged_tau2
from .intervals import INTERVALS
from .options import COMMON_EFFECT
from .printing import Line, Printed, Printout, p_text
from .regression import MetaRegression, meta_regression
from .regression_data import RegressionData, prepare_regression

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
        raise InputError(f"most must be at least 20; found {most}")
    if not isinstance(tau2, str):
        raise InputError("a permutation test estimates tau2 anew each time: name an estimator")
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
    n = len(arrangements)
    if flipping:
        basis = np.broadcast_to(data.basis, (n, data.k, data.p))
        effects = data.effects * arrangements
    else:
        basis, effects = data.basis[arrangements], np.broadcast_to(data.effects, (n, data.k))
    arranged = Arrangements(data, basis, effects)
    common = tau2_method == COMMON_EFFECT
    sums = arranged.at(np.zeros(n) if common else arranged_tau2(arranged, tau2_method))
    scale = sums.q / data.df
    factor = INTERVALS[ci].factor(scale)
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
