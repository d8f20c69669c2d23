"""Leave-one-out: does the result hang on one study, or on one group of studies?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable
from analysis.synthesis.checks import labels as checked_labels
from analysis.synthesis.studies import Studies, prepare

from .refit import Refit, Tell, refit

NO_SPREAD = (
    "without some study the others agree exactly, and their HKSJ standard error is 0: what is "
    "divided by it is NaN"
)


def centred(studies: Studies) -> tuple[np.ndarray, np.ndarray]:
    """Effects measured from the most precise study, and variances, in the order of the input.

    Differences between effects then keep all their digits, however far from 0 the effects lie.
    """
    effects = studies.in_listed_order(studies.effects * studies.unit)
    return effects, studies.in_listed_order(studies.variances * studies.unit**2)


def leave_one_out(
    yi: Any,
    vi: Any,
    groups: Any = None,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    chosen: bool | None = None,
    tell: Tell | None = None,
) -> tuple[Refit, ...]:
    """Pool again without each study, or without each group of studies.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances; at least two.
    groups : array_like of labels, shape (k,), optional
        A funder, a country, a design: studies with the same label are left out together, in the
        order in which labels first appear. If not given, each study is left out, labelled by its
        position.
    tau2, ci, level, chosen, tell
        As in `refit`; tau2 is estimated afresh each time.

    Returns
    -------
    tuple of Refit
        One for each study or group; `label` and `studies` say what was left out.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; one study, or one group, only; a missing label.

    Examples
    --------
    >>> without = leave_one_out([0.1, 0.5, 0.9], [0.04, 0.04, 0.04], ["A", "A", "B"], tau2="EE")
    >>> [(item.label, item.k, round(item.estimate, 2)) for item in without]
    [('A', 1, 0.9), ('B', 2, 0.3)]
    """
    k = prepare(yi, vi).k
    names = list(range(k)) if groups is None else checked_labels(groups, "groups", k)
    members: dict[Any, list[int]] = {}
    for position, name in enumerate(names):
        members.setdefault(name, []).append(position)
    if len(members) < 2:
        what = "study" if groups is None else "group"
        raise NotEstimable(f"there is only one {what}: nothing would be left without it")
    return leave_sets_out(yi, vi, members, tau2, ci, level, chosen, tell)


def leave_sets_out(
    yi: Any,
    vi: Any,
    sets: Mapping[Any, Sequence[int]],
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    chosen: bool | None = None,
    tell: Tell | None = None,
) -> tuple[Refit, ...]:
    """Pool again without each set of studies; sets may overlap (a trial of two countries is in both).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    sets : mapping of a label to positions
        None of them holds all studies.
    tau2, ci, level, chosen, tell
        As in `refit`; tau2 is estimated afresh each time.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; a position that does not exist; a set of all studies.

    Examples
    --------
    >>> sets = {"NL": [0, 1], "BE": [1]}
    >>> without = leave_sets_out([0.1, 0.5, 0.9], [0.04, 0.04, 0.04], sets, tau2="EE")
    >>> [(item.label, item.k, round(item.estimate, 2)) for item in without]
    [('NL', 1, 0.9), ('BE', 2, 0.5)]
    """
    k = prepare(yi, vi).k
    kept = np.ones((len(sets), k), dtype=bool)
    for row, (label, positions) in enumerate(sets.items()):
        if any(not 0 <= position < k for position in positions):
            raise InputError(
                f"positions must be from 0 to {k - 1}; found {list(positions)} in {label!r}"
            )
        kept[row, list(positions)] = False
        if not kept[row].any():
            raise NotEstimable(f"{label!r} holds all studies: nothing would be left without it")
    effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    left_out = [tuple(positions) for positions in sets.values()]
    return refit(effects, variances, kept, list(sets), left_out, tau2, ci, level, chosen, tell)
