"""Mantel-Haenszel rate ratio and rate difference from events and person-time.

Source: :cite:t:`rothman2008`, chapter 15; :cite:t:`greenland1985`. statsmodels has neither.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc

from ..checks import check_level
from .result import CountPooled, assemble, not_estimable, uninformative_note
from .tables import Rates, log_rate_ratio, rate_difference, rates

MH = "Mantel-Haenszel"


def mh_rate_ratio(
    x1i: Any, t1i: Any, x2i: Any, t2i: Any, *, level: float = 0.95, correct: bool = True
) -> CountPooled:
    """Mantel-Haenszel log rate ratio.

    Source: :cite:t:`rothman2008`; :cite:t:`greenland1985`.

    Parameters
    ----------
    x1i, t1i : array_like, shape (k,)
        Events and person-time of the first group.
    x2i, t2i : array_like, shape (k,)
        Events and person-time of the second, in the same unit.
    level : float
    correct : bool
        Continuity correction of the test of no association.

    Returns
    -------
    CountPooled
        log(R / S) with R = sum x1 t2 / T, S = sum x2 t1 / T, T = t1 + t2, and
        se^2 = sum (x1 + x2) t1 t2 / T^2 / (R S). Not estimable where a group has no event at all.

    Raises
    ------
    ValueError
        See `analysis.synthesis.counts.tables.rates`; a level outside (0, 1).

    Examples
    --------
    >>> round(mh_rate_ratio([3, 0], [100, 80], [6, 2], [90, 85]).estimate, 4)
    -1.0663
    """
    check_level(level)
    given = rates(x1i, t1i, x2i, t2i)
    notes = uninformative_note(given.informative)
    share1, share2 = given.t1 / (given.t1 + given.t2), given.t2 / (given.t1 + given.t2)
    r, s = float(given.x1 @ share2), float(given.x2 @ share1)
    variance = float((given.x1 + given.x2) @ (share1 * share2))
    tests = _no_association(given, share1, variance, correct)
    if r == 0 or s == 0:
        reason = "no event in any study" if r == s else "a group without any event in all studies"
        return not_estimable("IRR", MH, given.k, reason, level, notes, **tests)
    kept = given.at(given.informative).corrected()
    return assemble(
        "IRR", MH, given.k,
        float(np.log(r) - np.log(s)), float(np.sqrt(variance / r / s)),
        log_rate_ratio(kept), level, notes, **tests,
    )  # fmt: skip


def mh_rate_difference(
    x1i: Any, t1i: Any, x2i: Any, t2i: Any, *, level: float = 0.95
) -> CountPooled:
    """Mantel-Haenszel rate difference; arguments as for `mh_rate_ratio`.

    Source: :cite:t:`rothman2008`.

    With weights t1 t2 / T. Studies without any event take part in the estimate, not in Q.

    Examples
    --------
    >>> round(mh_rate_difference([3, 0], [100, 80], [6, 2], [90, 85]).estimate, 4)
    -0.0306
    """
    check_level(level)
    given = rates(x1i, t1i, x2i, t2i)
    share1, share2 = given.t1 / (given.t1 + given.t2), given.t2 / (given.t1 + given.t2)
    weight = float(given.t1 @ share2)
    kept = given.at(given.informative)
    if kept.k == 0:
        return not_estimable("IRD", MH, given.k, "no event in any study", level)
    return assemble(
        "IRD", MH, given.k,
        float(given.x1 @ share2 - given.x2 @ share1) / weight,
        float(np.sqrt(given.x1 @ share2**2 + given.x2 @ share1**2)) / weight,
        rate_difference(kept.corrected()), level,
    )  # fmt: skip


def _no_association(
    given: Rates, share1: np.ndarray, variance: float, correct: bool
) -> dict[str, float | None]:
    """Test of one rate in both groups, given the events of each study; 1 df."""
    if variance == 0:
        return {"cmh": None, "cmh_p_value": None}
    excess = abs(float((given.x1 - (given.x1 + given.x2) * share1).sum()))
    # The correction never exceeds what it corrects (metafor and statsmodels let it).
    statistic = (excess - min(0.5, excess) * correct) ** 2 / variance
    return {"cmh": statistic, "cmh_p_value": float(chdtrc(1, statistic))}
