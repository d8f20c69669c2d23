"""Cumulative meta-analysis: how the result built up, study by study.

Source: :cite:t:`lau1992`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.errors import InputError
from analysis.synthesis.checks import labels
from analysis.synthesis.studies import prepare

from .refit import Refit, Tell, refit


def cumulative(
    yi: Any,
    vi: Any,
    order: Any,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    together: bool = False,
    chosen: bool | None = None,
    tell: Tell | None = None,
) -> tuple[Refit, ...]:
    """Pool the first study, the first two, and so on.

    No account is taken of looking at the data repeatedly: intervals and P are those of one look.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    order : array_like, shape (k,)
        What to order by: years, variances, names. Equal values keep the order of the input.
    tau2, ci, level, chosen, tell
        As in `refit`; tau2 is estimated afresh at each step.
    together : bool
        Add studies with equal values in one step.

    Returns
    -------
    tuple of Refit
        One for each step; `label` is its value of `order`, `studies` says what was added.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; values of `order` that are missing or cannot be compared.

    Examples
    --------
    >>> steps = cumulative([0.9, 0.5, 0.1], [0.04, 0.04, 0.04], [2010, 2003, 2010], tau2="EE")
    >>> [(item.label, item.studies, round(item.estimate, 2)) for item in steps]
    [(2003, (1,), 0.5), (2010, (0,), 0.7), (2010, (2,), 0.5)]
    """
    k = prepare(yi, vi).k
    keys = labels(order, "order", k)
    try:
        ranking = sorted(range(k), key=keys.__getitem__)
    except TypeError as error:
        raise InputError(f"values of order must be comparable with one another: {error}") from None
    steps: list[tuple[int, ...]] = []
    for position in ranking:
        if together and steps and keys[steps[-1][0]] == keys[position]:
            steps[-1] = (*steps[-1], position)
        else:
            steps.append((position,))
    kept = np.zeros((len(steps), k), dtype=bool)
    for row, added in enumerate(steps):
        kept[row:, list(added)] = True
    effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    names = [keys[added[0]] for added in steps]
    return refit(effects, variances, kept, names, steps, tau2, ci, level, chosen, tell)
