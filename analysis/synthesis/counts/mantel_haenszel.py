"""Mantel-Haenszel odds ratio, risk ratio and risk difference.

No continuity correction enters the estimates: zero cells need none, unless all studies lack the
same cell. statsmodels' StratifiedTable has the odds ratio, with which a test compares; it has no
standard error for the risk ratio and no risk difference.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..checks import check_level
from .association import no_association, one_odds_ratio
from .result import CountPooled, assemble, not_estimable, uninformative_note
from .tables import Tables, log_odds_ratio, log_risk_ratio, risk_difference, tables

MH = "Mantel-Haenszel"


def mh_odds_ratio(
    ai: Any, n1i: Any, ci: Any, n2i: Any, *, level: float = 0.95, correct: bool = True
) -> CountPooled:
    """Mantel-Haenszel log odds ratio.

    Parameters
    ----------
    ai, n1i : array_like, shape (k,)
        Events and patients of the first group (intervention).
    ci, n2i : array_like, shape (k,)
        Events and patients of the second (comparator).
    level : float
    correct : bool
        Continuity correction of the test of no association.

    Returns
    -------
    CountPooled
        Estimate of :cite:t:`mantel1959`; standard error of :cite:t:`robins1986`. Not
        estimable where a d = 0 in every study, or
        b c = 0 in every study.

    Raises
    ------
    ValueError
        See `analysis.synthesis.counts.tables.tables`; a level outside (0, 1).

    Examples
    --------
    >>> result = mh_odds_ratio([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58])
    >>> round(result.estimate, 4), round(result.se, 4), round(result.tarone_p_value, 3)
    (-1.0064, 0.4721, 0.566)
    """
    check_level(level)
    given = tables(ai, n1i, ci, n2i)
    notes = uninformative_note(given.informative)
    # Tables without an event, or without a non-event, add nothing to any sum below.
    kept = given.at(given.informative)
    if kept.k == 0:
        reason = "no study has both an event and a non-event"
        return not_estimable("OR", MH, given.k, reason, level, notes)
    tests = no_association(kept, correct)
    r, s = kept.a * kept.d / kept.total, kept.b * kept.c / kept.total
    concordant, discordant = float(r.sum()), float(s.sum())
    if concordant == 0 or discordant == 0:
        side = "a d" if concordant == 0 else "b c"
        reason = f"{side} is 0 in every study, so the odds ratio has no finite estimate"
        return not_estimable("OR", MH, given.k, reason, level, notes, **tests)
    estimate = math.log(concordant / discordant)
    p, q = (kept.a + kept.d) / kept.total, (kept.b + kept.c) / kept.total
    squared = (
        float(p @ r) / concordant**2
        + float(p @ s + q @ r) / (concordant * discordant)
        + float(q @ s) / discordant**2
    ) / 2
    return assemble(
        "OR", MH, given.k, estimate, math.sqrt(squared),
        log_odds_ratio(kept.corrected()), level, notes,
        **tests, **one_odds_ratio(kept, estimate),
    )  # fmt: skip


def mh_risk_ratio(ai: Any, n1i: Any, ci: Any, n2i: Any, *, level: float = 0.95) -> CountPooled:
    """Mantel-Haenszel log risk ratio; arguments and errors as for `mh_odds_ratio`.

    log(R / S) with R = sum a n2 / N, S = sum c n1 / N, and se^2 = sum (n1 n2 (a + c) - a c N) /
    N^2 / (R S): :cite:t:`greenland1985`, equation 13. A study in which all patients of both
    groups had the event takes part in the estimate, not in Q.

    Examples
    --------
    >>> round(mh_risk_ratio([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58]).estimate, 4)
    -0.9046
    """
    check_level(level)
    given = tables(ai, n1i, ci, n2i)
    notes = uninformative_note(given.a + given.c > 0)
    share1, share2 = given.n1 / given.total, given.n2 / given.total
    r, s = float(given.a @ share2), float(given.c @ share1)
    if r == 0 or s == 0:
        reason = "no event in any study" if r == s else "a group without any event in all studies"
        return not_estimable("RR", MH, given.k, reason, level, notes)
    # n1 n2 (a + c) - a c N = n1 a d + n2 b c, a sum of positive terms.
    spread = share1 * (given.a / given.total) * given.d + share2 * (given.c / given.total) * given.b
    return assemble(
        "RR", MH, given.k,
        float(np.log(r) - np.log(s)), float(np.sqrt(spread.sum() / r / s)),
        log_risk_ratio(_for_q(given)), level, notes,
    )  # fmt: skip


def mh_risk_difference(ai: Any, n1i: Any, ci: Any, n2i: Any, *, level: float = 0.95) -> CountPooled:
    """Mantel-Haenszel risk difference; arguments and errors as for `mh_odds_ratio`.

    With weights n1 n2 / N; standard error of :cite:t:`sato1989`, which holds for few large and
    for many small studies. Studies without any event, or without any non-event, take part in
    the estimate, not in Q.

    Examples
    --------
    >>> round(mh_risk_difference([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58]).estimate, 4)
    -0.0795
    """
    check_level(level)
    given = tables(ai, n1i, ci, n2i)
    if not given.informative.any():
        reason = "no study has both an event and a non-event, so the difference has no error"
        return not_estimable("RD", MH, given.k, reason, level)
    total, n1, n2 = given.total, given.n1, given.n2
    share1, share2 = n1 / total, n2 / total
    weight = float(n1 @ share2)
    estimate = float((given.a * given.d - given.b * given.c) @ (1 / total)) / weight
    p = share1**2 * given.c - share2**2 * given.a + share1 * share2 * (n2 - n1) / 2
    q = (given.a * given.d + given.b * given.c) / (2 * total)
    variance = (estimate * float(p.sum()) + float(q.sum())) / weight**2
    return assemble(
        "RD", MH, given.k, estimate, float(np.sqrt(max(0.0, variance))),
        risk_difference(_for_q(given)), level,
    )  # fmt: skip


def _for_q(given: Tables) -> Tables:
    """Tables whose own effects enter Q."""
    return given.at(given.informative).corrected()
