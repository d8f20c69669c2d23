"""Peto's one-step odds ratio: observed less expected events over their hypergeometric variance.

Source: :cite:t:`yusuf1985`, appendix. Good for rare events and groups of similar size; biased
towards 1 when the effect is strong or the groups differ much :cite:p:`greenland1990`.
statsmodels has no Peto method.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import check_level
from .result import CountPooled, assemble, not_estimable, uninformative_note
from .tables import Tables, tables


def peto(ai: Any, n1i: Any, ci: Any, n2i: Any, *, level: float = 0.95) -> CountPooled:
    """Peto's log odds ratio of k studies.

    Source: :cite:t:`yusuf1985`.

    Parameters
    ----------
    ai, n1i : array_like, shape (k,)
        Events and patients of the first group (intervention).
    ci, n2i : array_like, shape (k,)
        Events and patients of the second (comparator).
    level : float

    Returns
    -------
    CountPooled
        estimate = sum (O - E) / sum V, se = 1 / sqrt(sum V).

    Raises
    ------
    ValueError
        See `analysis.synthesis.counts.tables.tables`; a level outside (0, 1).

    Examples
    --------
    >>> round(peto([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58]).estimate, 4)
    -0.9407
    """
    check_level(level)
    given = tables(ai, n1i, ci, n2i)
    notes = uninformative_note(given.informative)
    kept = given.at(given.informative)
    if kept.k == 0:
        reason = "no study has both an event and a non-event"
        return not_estimable("OR", "Peto", given.k, reason, level, notes)
    excess, variance = _excess(kept)
    total = float(variance.sum())
    return assemble(
        "OR",
        "Peto",
        given.k,
        float(excess.sum()) / total,
        float(1 / np.sqrt(total)),
        (excess / variance, 1 / variance),
        level,
        notes,
    )


def _excess(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Observed less expected events of the first group, and their variance under no effect."""
    events, others, total = t.a + t.c, t.b + t.d, t.total
    # a - n1 (a + c) / N without the cancellation.
    excess = (t.a * t.d - t.b * t.c) / total
    variance = (t.n1 / total) * (t.n2 / total) * events * others / (total - 1)
    return excess, variance
