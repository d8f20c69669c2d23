"""Tests on a set of two-by-two tables: no association, and one common odds ratio.

statsmodels' StratifiedTable (release 0.15) has them, too. Its Breslow-Day statistic divides 0 by 0 at an
odds ratio of 1 and loses digits near it, its P values are 1 - cdf and end at 1e-16, its continuity
correction turns round below 1/2, and to import it takes 40 MiB and a second: a test compares both where
they should agree.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from .tables import Tables


def no_association(t: Tables, correct: bool) -> dict[str, float]:
    """Cochran-Mantel-Haenszel test of an odds ratio of 1 in every table, 1 df.

    :cite:t:`mantel1959`; `cochran` with N in place of N - 1 in the variance:
    :cite:t:`cochran1954`. The continuity correction of 1/2 never exceeds the difference that it
    corrects, as in R's mantelhaen.test; metafor and statsmodels let it, so that perfect balance
    gives them a statistic above 0.

    Parameters
    ----------
    t : Tables
        Informative tables, at least one.
    correct : bool
    """
    excess = abs(float(((t.a * t.d - t.b * t.c) / t.total).sum()))
    total = t.total
    spread = (t.a + t.c) * (t.b + t.d) * (t.n1 / total) * (t.n2 / total)
    variance = float((spread / (total - 1)).sum())
    large_variance = float((spread / total).sum())
    corrected = (excess - min(0.5, excess)) ** 2
    cmh = (corrected if correct else excess**2) / variance
    cochran = (corrected if correct else excess**2) / large_variance
    return {
        "cmh": cmh,
        "cmh_p_value": float(chdtrc(1, cmh)),
        "cochran": cochran,
        "cochran_p_value": float(chdtrc(1, cochran)),
    }


def one_odds_ratio(t: Tables, log_or: float) -> dict[str, float | int | None]:
    """Breslow-Day test that all tables share the odds ratio exp(log_or), and Tarone's correction.

    :cite:t:`breslow1980`, section 4.4; :cite:t:`tarone1985`.

    Parameters
    ----------
    t : Tables
        Informative tables.
    log_or : float
        The Mantel-Haenszel estimate.

    Returns
    -------
    dict
        breslow_day, tarone, their P values, and homogeneity_df (tables less 1).
    """
    df = t.k - 1
    if df < 1:
        return {"homogeneity_df": 0}
    events = t.a + t.c
    expected = expected_events(events, t.n1, t.n2, log_or)
    cells = (expected, t.n1 - expected, events - expected, t.n2 - events + expected)
    variance = 1 / sum(1 / cell for cell in cells)
    excess = t.a - expected
    breslow_day = float((excess**2 / variance).sum())
    tarone = max(0.0, breslow_day - float(excess.sum()) ** 2 / float(variance.sum()))
    return {
        "breslow_day": breslow_day,
        "breslow_day_p_value": float(chdtrc(df, breslow_day)),
        "tarone": tarone,
        "tarone_p_value": float(chdtrc(df, tarone)),
        "homogeneity_df": df,
    }


def expected_events(
    events: np.ndarray, n1: np.ndarray, n2: np.ndarray, log_or: float | np.ndarray
) -> np.ndarray:
    """Events of the first group at which a table, with its margins, has this odds ratio.

    The root x of x (n2 - m + x) = psi (n1 - x) (m - x) inside the table's range, by the form of
    the quadratic's solution that neither divides by psi - 1 nor subtracts like numbers.

    Parameters
    ----------
    events, n1, n2 : ndarray
        Events m of both groups together, and their sizes; shapes that broadcast with `log_or`.
    log_or : float or ndarray

    Examples
    --------
    >>> margins = np.array(6.0), np.array(10.0), np.array(10.0)
    >>> float(expected_events(*margins, 0.0)), float(expected_events(*margins, np.log(16 / 6)))
    (3.0, 4.0)
    """
    psi = np.exp(log_or)
    linear = psi * (n1 + events) + n2 - events
    root = np.sqrt(np.maximum(linear**2 - 4 * (psi - 1) * psi * n1 * events, 0.0))
    # Below an odds ratio of 1 and with many events `linear` can be negative: the other form then.
    with np.errstate(divide="ignore", invalid="ignore"):
        stable, other = 2 * psi * n1 * events / (linear + root), (linear - root) / (2 * (psi - 1))
    return np.where(linear >= 0, stable, other)
