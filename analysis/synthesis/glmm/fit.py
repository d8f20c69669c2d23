"""Pool counts by a generalised linear mixed model: the functions that a caller needs.

Proportions: :cite:t:`hamza2008`. Two groups: see `models.py`. Estimation is by maximum likelihood.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.errors import InputError

from ..checks import check_choice
from ..counts.tables import columns, require_counts, require_events, require_positive
from ..counts.tables import rates as checked_rates
from ..counts.tables import tables as checked_tables
from . import models
from .models import IRR_MODELS, ONE_GROUP, OR_MODELS
from .pooled import nothing, pooled
from .result import GlmmPooled


def glmm_proportion(
    xi: Any,
    ni: Any,
    *,
    moderators: Any = None,
    nodes: int | None = None,
    test: str = "wald",
    level: float = 0.95,
) -> GlmmPooled:
    """Binomial-normal model of the logit of one proportion.

    Source: :cite:t:`hamza2008`; :cite:t:`stijnen2010`.

    Parameters
    ----------
    xi, ni : array_like, shape (k,)
        Events and group sizes.
    moderators : mapping of str to array_like (k,), DataFrame, ndarray, or None
        See `analysis.synthesis.design.design`.
    nodes : int or None
        Quadrature nodes per random effect: 1 (Laplace) to 101. None is 7, as in metafor.
    test : str
        "wald" (normal distribution) or "t" (k less the number of coefficients).
    level : float

    Returns
    -------
    GlmmPooled
        With no event anywhere, or events only, the logit has no finite estimate: `estimate` is
        None, `converged` false, and `notes` says so. Likewise when a moderator separates the
        events from the non-events.

    Raises
    ------
    ValueError
        Counts that are not counts (see `analysis.synthesis.counts.tables.tables`); an unknown
        test; moderators that do not fit; a number of nodes or a level out of range.

    Examples
    --------
    >>> result = glmm_proportion([16, 10, 4, 43, 10], [17, 12, 8, 58, 10])
    >>> round(result.back_transformed().estimate, 3)
    0.832
    """
    x, n = columns(xi=xi, ni=ni)
    require_events("xi", x, "ni", n)
    return pooled("PLO", ONE_GROUP, models.proportion(x, n), moderators, nodes, test, level)


def glmm_rate(
    xi: Any,
    ti: Any,
    *,
    moderators: Any = None,
    nodes: int | None = None,
    test: str = "wald",
    level: float = 0.95,
) -> GlmmPooled:
    """Poisson-normal model of the logarithm of one rate: `xi` events in person-time `ti`.

    Source: :cite:t:`stijnen2010`.

    The other arguments, results and errors are those of `glmm_proportion`.

    Examples
    --------
    >>> round(glmm_rate([3, 8, 0, 5], [100.0, 120.0, 60.0, 90.0]).estimate, 3)
    -3.167
    """
    x, t = columns(xi=xi, ti=ti)
    require_counts(xi=x)
    require_positive(ti=t)
    return pooled("IRLN", ONE_GROUP, models.rate(x, t), moderators, nodes, test, level)


def glmm_odds_ratio(
    ai: Any,
    n1i: Any,
    ci: Any,
    n2i: Any,
    *,
    model: str = "UM.FS",
    moderators: Any = None,
    coding: float = 0.5,
    nodes: int | None = None,
    test: str = "wald",
    level: float = 0.95,
) -> GlmmPooled:
    """Random-effects model of the log odds ratio, without effect sizes and corrections of zeros.

    Source: :cite:t:`stijnen2010`; :cite:t:`jackson2018`.

    Studies without any event, or without any non-event, in both groups are left out: they say
    nothing of the odds ratio once their level is conditioned on or free (and so in metafor).

    Parameters
    ----------
    ai, n1i, ci, n2i : array_like, shape (k,)
        Events and patients of the first group (intervention) and of the second (comparator).
    model : str
        UM.FS, UM.RS, CM.AL or CM.EL (see `models.py`). CM.EL needs whole numbers.
    coding : float
        Share of the random effect that the first group takes, 0 to 1; the second takes the rest
        with the opposite sign. 1/2 gives both groups the same variance; 1 adds it to the first.
        Unconditional models only.
    moderators, nodes, test, level
        As for `glmm_proportion`; but for UM.RS, whose integral has two dimensions, None means 1
        node (Laplace), the only choice in metafor. More nodes give a product rule.

    Raises
    ------
    ValueError
        As `glmm_proportion`; an unknown model; a coding outside 0 to 1; for CM.EL, counts that are
        not whole numbers.

    Examples
    --------
    >>> counts = [2, 0, 5, 8], [40, 30, 60, 70], [6, 2, 9, 9], [41, 28, 58, 68]
    >>> round(glmm_odds_ratio(*counts, model="CM.EL").estimate, 3)
    -0.637
    """
    check_choice(model, "model", OR_MODELS)
    _check_coding(coding)
    given = checked_tables(ai, n1i, ci, n2i)
    kept = given.at(given.informative)
    if model == "CM.EL" and any(np.any(c != np.round(c)) for c in (kept.a, kept.b, kept.c, kept.d)):
        raise InputError("CM.EL needs whole numbers: the exact distribution has no other counts")
    if kept.k == 0:
        return nothing("OR", model, 0, nodes, level, "no study has both an event and a non-event")
    row = given.informative
    fitted = models.odds_ratio(kept, model, coding)
    return pooled("OR", model, fitted, moderators, nodes, test, level, row)


def glmm_rate_ratio(
    x1i: Any,
    t1i: Any,
    x2i: Any,
    t2i: Any,
    *,
    model: str = "UM.FS",
    moderators: Any = None,
    coding: float = 0.5,
    nodes: int | None = None,
    test: str = "wald",
    level: float = 0.95,
) -> GlmmPooled:
    """Random-effects model of the log rate ratio: events `x1i`, `x2i` in person-times `t1i`, `t2i`.

    Source: :cite:t:`stijnen2010`.

    `model` is UM.FS, UM.RS (Poisson) or CM.EL (binomial, exact given the events of both groups).
    Studies without any event are left out. The rest is as for `glmm_odds_ratio`.

    Examples
    --------
    >>> counts = [3, 0, 7], [100, 80, 150], [6, 2, 9], [90, 85, 140]
    >>> round(glmm_rate_ratio(*counts, model="CM.EL").estimate, 3)
    -0.602
    """
    check_choice(model, "model", IRR_MODELS)
    _check_coding(coding)
    given = checked_rates(x1i, t1i, x2i, t2i)
    kept = given.at(given.informative)
    if kept.k == 0:
        return nothing("IRR", model, 0, nodes, level, "no event in any study")
    fitted = models.rate_ratio(kept, model, coding)
    return pooled("IRR", model, fitted, moderators, nodes, test, level, given.informative)


def _check_coding(coding: Any) -> None:
    if not isinstance(coding, (int, float)) or isinstance(coding, bool) or not 0 <= coding <= 1:
        raise InputError(f"coding must be a number from 0 to 1; found {coding!r}")
