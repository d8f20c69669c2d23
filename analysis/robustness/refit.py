"""Pool many subsets of the same studies: what leave-one-out and cumulative analysis stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.synthesis.pool import NO_SPREAD, ONE_STUDY
from analysis.synthesis.result import Pooled
from analysis.synthesis.told_many import told_many

Tell = Callable[[tuple[int, ...]], Pooled | None]
"""What is told of the studies at some positions, where more than their effects tells it; else None."""


@dataclass(frozen=True, slots=True)
class Refit:
    """The pooled result of a subset of the studies; fields as in `Pooled`, None included.

    Attributes
    ----------
    label : object
        What was left out (leave-one-out) or added (cumulative).
    studies : tuple of int
        Positions of the studies left out, or added, in the order of the input.
    """

    label: Any
    studies: tuple[int, ...]
    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float | None
    statistic: float | None
    tau2: float | None
    i2: float | None
    h2: float | None
    q: float | None
    q_p_value: float | None
    notes: tuple[str, ...]


FEW_STUDIES = "so few studies are averaged over a prior of tau: there is no P value"
SEVERAL_MAXIMA = "the likelihood of tau2 has {} local maxima: the highest is taken"

FROM_POOLED = (
    "k", "estimate", "se", "ci_low", "ci_high", "p_value", "statistic", "tau2", "i2", "h2", "q",
    "q_p_value",
)  # fmt: skip


def refit(
    yi: np.ndarray,
    vi: np.ndarray,
    kept: np.ndarray,
    labels: list[Any],
    studies: list[tuple[int, ...]],
    tau2: str | float,
    ci: str,
    level: float,
    chosen: bool | None = None,
    tell: Tell | None = None,
) -> tuple[Refit, ...]:
    """Pool each subset.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and their sampling variances.
    kept : ndarray of bool, shape (n, k)
        Which studies are in each of the n subsets; at least one.
    labels, studies : list, length n
        What the result carries.
    tau2, ci, level, chosen
        As in `told`.
    tell : callable, optional
        Asked first, with the positions of each subset.

    Examples
    --------
    >>> y, v = np.array([0.1, 0.5]), np.array([0.04, 0.04])
    >>> found = refit(y, v, np.array([[True, True]]), ["both"], [()], "EE", "wald", 0.95)
    >>> round(found[0].estimate, 6)
    0.3
    """
    many = told_many(yi, vi, kept, tau2=tau2, ci=ci, level=level, chosen=chosen)
    columns = {name: _without_nan(getattr(many, name)) for name in FROM_POOLED}
    found = []
    for row, (label, positions) in enumerate(zip(labels, studies, strict=True)):
        told = tell(tuple(np.flatnonzero(kept[row]).tolist())) if tell else None
        if told is None:
            values = {name: column[row] for name, column in columns.items()}
            notes = _notes(many.k[row], many.maxima[row], many.few[row], values["p_value"])
        else:
            values, notes = {name: getattr(told, name) for name in FROM_POOLED}, told.notes
        found.append(Refit(label, positions, notes=notes, **values))
    return tuple(found)


def _without_nan(values: np.ndarray) -> list[Any]:
    """Python numbers, None for what could not be estimated."""
    return [None if value != value else value for value in values.tolist()]


def _notes(k: int, maxima: int, few: bool, p_value: float | None) -> tuple[str, ...]:
    notes = []
    if k == 1:
        notes.append(ONE_STUDY)
    if maxima > 1:
        notes.append(SEVERAL_MAXIMA.format(maxima))
    if p_value is None:
        notes.append(FEW_STUDIES if few else NO_SPREAD)
    return tuple(notes)
