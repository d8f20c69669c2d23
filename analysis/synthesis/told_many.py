"""The rule of `told` for many sets of studies at once: what every view of robustness pools with.

One study as it is, two to four averaged over tau (`few_many.py`) with the floor of `floor.py`, five or more by the
batch engine, as a model that the reader chose is for any number of studies. A test holds each set against `told`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from .batch import in_threads, pool_many
from .few_many import FewMany, pool_few_many
from .floor import lengthened, lengthening
from .many_result import SHOWN, ManyResults
from .many_studies import ManyStudies, prepare_many
from .printing import Printout, counted
from .told import CI, FEW, TAU2


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ToldMany(ManyResults):
    """Results of B sets; every array has the shape (B,), NaN where `Pooled` has None and where no study is.

    Attributes
    ----------
    k, estimate, se, ci_low, ci_high, p_value, statistic, tau2, i2, h2, q : ndarray
        As in `Pooled`; of few studies as `told` gives them.
    maxima : ndarray of int
        As in `PooledMany`; 0 of few studies.
    few : ndarray of bool
        Which sets are averaged over the prior of tau.
    level : float
    """

    k: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p_value: np.ndarray
    statistic: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    h2: np.ndarray
    q: np.ndarray
    maxima: np.ndarray
    few: np.ndarray
    level: float

    def _page(self) -> Printout:
        sets = counted(len(self), "set of studies", "sets of studies")
        title = f"{sets}, each pooled by the rule for its number of studies"
        return self._page_of((*SHOWN, "few"), title, self.level)

    def __len__(self) -> int:
        return len(self.k)

    @property
    def q_p_value(self) -> np.ndarray:
        """P of Cochran's Q from chi-square with k - 1 degrees of freedom."""
        return chdtrc(np.maximum(self.k - 1, 1), self.q)


POOLED = (
    "estimate", "se", "ci_low", "ci_high", "p_value", "statistic", "tau2", "i2", "h2", "q", "maxima",
)  # fmt: skip


def told_many(
    yi: Any,
    vi: Any,
    mask: Any = None,
    *,
    tau2: str | float = TAU2,
    ci: str = CI,
    level: float = 0.95,
    chosen: bool | None = None,
) -> ToldMany:
    """Pool B sets of effect sizes, each as `told` would.

    Source: as `told`; :cite:t:`bender2018`; :cite:t:`friede2017`.

    Parameters
    ----------
    yi, vi, mask
        As in `pool_many`.
    tau2, ci, level, chosen
        As in `told`.

    Raises
    ------
    ValueError
        As `pool_many`.

    Examples
    --------
    >>> found = told_many([0.2, 0.9, 0.4], [0.04, 0.05, 0.04], [[True, True, False], [True] * 3])
    >>> found.k.tolist(), found.few.tolist(), found.estimate.round(2).tolist()
    ([2, 3], [True, True], [0.53, 0.48])
    """
    many = prepare_many(yi, vi, mask)
    few = (many.k >= 2) & (many.k <= FEW) & by_rule(tau2, ci, chosen)
    # Sets told by the prior are fitted apart, by Wald; without studies they cost nothing here.
    rest = pool_many(yi, vi, many.present & ~few[:, None], tau2, ci, level)
    values = {name: np.array(getattr(rest, name)) for name in POOLED}
    for name, found in _few(many, few, level).items():
        values[name][few] = found
    for array in values.values():
        array.flags.writeable = False
    return ToldMany(k=many.k, few=few, level=float(level), **values)


def by_rule(tau2: str | float, ci: str, chosen: bool | None = None) -> bool:
    """Whether the rule for few studies decides: nobody chose a model."""
    return (tau2, ci) == (TAU2, CI) if chosen is None else not chosen


def few_of(yi: np.ndarray, vi: np.ndarray, present: np.ndarray, level: float = 0.95) -> FewMany:
    """`pool_few_many` of sets of two to FEW studies each: `present` (B, m) names them, of `yi` (m,) or (B, m)."""
    sets = len(present)
    found = FewMany(*np.full((len(FewMany.__slots__), sets), np.nan))
    k = np.count_nonzero(present, axis=1)
    chosen = np.argsort(~present, axis=1, kind="stable")[:, :FEW]
    if yi.ndim == 1:
        y, v = yi[chosen], vi[chosen]
    else:
        y, v = (np.take_along_axis(values, chosen, axis=1) for values in (yi, vi))
    parts = [
        (rows, count)
        for count in range(2, FEW + 1)
        for rows in np.array_split(np.flatnonzero(k == count), max(1, (k == count).sum() // 1024))
        if len(rows)
    ]

    def run(part: tuple[np.ndarray, int]) -> None:
        rows, count = part
        pooled = pool_few_many(y[rows, :count], v[rows, :count], level)
        for name in FewMany.__slots__:
            getattr(found, name)[rows] = getattr(pooled, name)

    in_threads(run, parts)
    return found


def _few(many: ManyStudies, few: np.ndarray, level: float) -> dict[str, np.ndarray | float]:
    """What replaces the results of the sets that the prior tells, by name."""
    if not few.any():
        return {}
    own = many.effects.ndim == 2
    # One row of effects may stand for all sets.
    shape = many.present.shape if own else many.effects.shape
    yi, vi = (np.broadcast_to(values, shape) for values in (many.effects, many.variances))
    sets = (*((yi[few], vi[few]) if own else (yi, vi)), many.present[few])
    found = few_of(*sets, level)
    wald = pool_many(*sets, TAU2, "wald", level).se
    times = lengthening(found.ci_low, found.ci_high, wald, level)
    values = {name: getattr(found, name) for name in FewMany.__slots__}
    values |= {
        "se": times * found.se,
        "ci_low": lengthened(found.ci_low, found.estimate, times),
        "ci_high": lengthened(found.ci_high, found.estimate, times),
    }
    return values | {"p_value": np.nan, "statistic": np.nan, "maxima": 0}
