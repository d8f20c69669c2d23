"""What a multiverse says: on which side the results fall, and which choice moves them most.

How much a choice moves the answer is measured by switching it alone: all other choices are held, the greatest
difference between the estimates at its levels is taken, and these are averaged over all settings of
the others at which at least two levels have a study. That is in the units of the outcome, compares like with
like where some specifications hold no study, and counts interactions. Beside it stand the greatest single
move; the share of settings at which switching the choice changes what the interval says (on one side of no
effect, or not), which an interval method can do without moving any estimate; and the share of the variance
of the estimates that the choice's own averages explain (eta squared, a main effect).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.robustness.multiverse.run import Multiverse


@dataclass(frozen=True, slots=True)
class Shares:
    """Fractions of the results that have a study; None where a fraction has no meaning.

    "Better" is the side of benefit to patients, for one group against nothing: None. `mid` is the important
    difference, `mark` a value of interest.

    Attributes
    ----------
    better, worse : estimate on the side of benefit, of harm.
    wholly_better, wholly_worse : the whole interval on that side of no effect.
    important, wholly_important : benefit of at least the important difference: estimate, whole interval.
    harmful, wholly_harmful : the same for harm.
    above_mark, wholly_above_mark, wholly_below_mark : against the value of interest.
    """

    better: float | None
    worse: float | None
    wholly_better: float | None
    wholly_worse: float | None
    important: float | None
    wholly_important: float | None
    harmful: float | None
    wholly_harmful: float | None
    above_mark: float | None
    wholly_above_mark: float | None
    wholly_below_mark: float | None


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The rows that take one group of levels of a choice: how many, how many hold a study, and where they lie."""

    rows: int
    with_study: int
    median: float | None
    better: float | None
    important: float | None
    above_mark: float | None


@dataclass(frozen=True, slots=True)
class Movement:
    """How far a choice moves the estimate when it is switched alone; None where it never can be compared.

    `turning` is the fraction of comparable settings of the other choices at which the interval at some of its
    levels lies on one side (of no effect; for one group, of the value of interest) and at others does not, or
    lies on the other. `emptying` is the fraction of settings at which some levels leave a study and others none.
    """

    field: str
    typical: float | None
    greatest: float | None
    turning: float | None
    variance_share: float | None
    emptying: float
    groups: tuple[GroupSummary, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """`none`, `single` count rows without a study and with one; `even` are the shares over distinct results.

    Quartiles and extremes are those of the estimates; None where no row holds a study. `movements` are in order,
    the choice that moves most first.
    """

    rows: int
    none: int
    single: int
    most_studies: int
    lowest: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    highest: float | None
    shares: Shares
    even: Shares
    movements: tuple[Movement, ...]


def summarise(found: Multiverse, *, mid: float | None = None, mark: float | None = None) -> Summary:
    """Summarise a multiverse against no effect, the important difference and a value of interest.

    Parameters
    ----------
    found : Multiverse
    mid : important difference > 0, on the scale of the estimates; None where there is none.
    mark : a value of interest on that scale.
    """
    has = found.k > 0
    estimate, low, high = found.estimate[has], found.ci_low[has], found.ci_high[has]
    sign = 0.0
    if not found.question.one_group:
        sign = -1.0 if found.question.spec.lower_is_better else 1.0
    first = _distinct(found.k[has], estimate, low, high)

    def shares(rows: np.ndarray | slice) -> Shares:
        return _shares(estimate[rows], low[rows], high[rows], sign, mid, mark)

    marks = np.percentile(estimate, [0, 25, 50, 75, 100]).tolist() if has.any() else [None] * 5
    movements = [
        _movement(found, axis, choice.field, sign, mid, mark)
        for axis, choice in enumerate(found.choices)
    ]
    movements.sort(key=lambda m: -1.0 if m.typical is None else m.typical, reverse=True)
    return Summary(
        len(found), int((~has).sum()), int((found.k == 1).sum()), int(found.k.max()), *marks,
        shares=shares(slice(None)), even=shares(first), movements=tuple(movements),
    )  # fmt: skip


def _distinct(*columns: np.ndarray) -> np.ndarray:
    """Positions of the first of each set of equal rows: results were made equal when they were numbered."""
    return np.unique(np.stack(columns), axis=1, return_index=True)[1]


def _shares(
    estimate: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    sign: float,
    mid: float | None,
    mark: float | None,
) -> Shares:
    """`sign` turns the scale so that benefit is positive; 0 where there is neither benefit nor harm."""
    if len(estimate) == 0:
        return Shares(*[None] * 11)
    fractions: dict[str, float | None] = dict.fromkeys(Shares.__dataclass_fields__)
    if sign:
        benefit = sign * estimate
        worst, best = np.sort(np.stack([sign * low, sign * high]), axis=0)
        held = [("better", "wholly_better", "worse", "wholly_worse", 0.0)]
        if mid:
            held.append(("important", "wholly_important", "harmful", "wholly_harmful", mid))
        for above, wholly_above, below, wholly_below, bound in held:
            reached = benefit >= bound if bound else benefit > 0
            fractions[above] = float(np.mean(reached))
            fractions[below] = float(np.mean(-benefit >= bound if bound else benefit < 0))
            fractions[wholly_above] = float(np.mean(worst > bound))
            fractions[wholly_below] = float(np.mean(best < -bound))
    if mark is not None:
        fractions["above_mark"] = float(np.mean(estimate > mark))
        fractions["wholly_above_mark"] = float(np.mean(low > mark))
        fractions["wholly_below_mark"] = float(np.mean(high < mark))
    return Shares(**fractions)


def _movement(
    found: Multiverse, axis: int, field: str, sign: float, mid: float | None, mark: float | None
) -> Movement:
    def by_group(values: np.ndarray) -> np.ndarray:
        """Shape (groups, settings of the other choices)."""
        return np.moveaxis(values.reshape(found.shape), axis, 0).reshape(found.shape[axis], -1)

    grid = by_group(found.estimate)
    has = ~np.isnan(grid)
    several = has.sum(axis=0) >= 2
    highest = np.where(has, grid, -np.inf).max(axis=0)[several]
    lowest = np.where(has, grid, np.inf).min(axis=0)[several]
    moves = highest - lowest
    bound = 0.0 if sign else mark
    turning = None
    if bound is not None and len(moves):
        side = by_group((found.ci_low > bound) * 1.0 - (found.ci_high < bound))
        first = np.where(has, side, 2.0).min(axis=0)[several]
        last = np.where(has, side, -2.0).max(axis=0)[several]
        turning = float(np.mean(first != last))
    groups = []
    for row in grid:
        values = row[~np.isnan(row)]
        shares = _shares(values, values, values, sign, mid, mark)
        groups.append(
            GroupSummary(
                len(row), len(values), float(np.median(values)) if len(values) else None,
                shares.better, shares.important, shares.above_mark,
            )
        )  # fmt: skip
    return Movement(
        field,
        typical=float(moves.mean()) if len(moves) else None,
        greatest=float(moves.max()) if len(moves) else None,
        turning=turning,
        variance_share=_variance_share(grid),
        emptying=float(np.mean(has.any(axis=0) & ~has.all(axis=0))),
        groups=tuple(groups),
    )


def _variance_share(grid: np.ndarray) -> float | None:
    """Sum of squares between the rows of a grid over the total; None where nothing varies."""
    values = grid[~np.isnan(grid)]
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    if total == 0:
        return None
    means = [(len(row), row.mean()) for full in grid if len(row := full[~np.isnan(full)])]
    return round(float(sum(n * (mean - values.mean()) ** 2 for n, mean in means)) / total, 12)
