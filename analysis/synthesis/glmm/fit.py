"""Pool counts by a generalised linear mixed model: the functions that a caller needs.

Proportions: Hamza, van Houwelingen and Stijnen (2008), J Clin Epidemiol 61, 41-51. Two groups: see
`models.py`. Estimation is by maximum likelihood.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from ..coefficients import OmnibusTest, coefficient_table, overall_positions, selection, wald_test
from ..counts.tables import columns, require_counts, require_events, require_positive
from ..counts.tables import rates as checked_rates
from ..counts.tables import tables as checked_tables
from ..design import Design, design
from ..inference import critical_value
from ..options import check_choice, check_level
from ..projection import project
from . import models
from .heterogeneity import HeterogeneityTests, heterogeneity_tests
from .maximise import Maximum, Point, Problem, at_zero, maximise
from .models import IRR_MODELS, ONE_GROUP, OR_MODELS, Model
from .quadrature import Rule
from .result import GlmmPooled

TESTS = ("wald", "t")
DEFAULT_NODES = 7
LARGEST_RULE = 101

ONE_STUDY = "one study: heterogeneity cannot be estimated; its own effect is shown"
NOT_FINITE = "not estimable: {}"
LEFT_OUT = "{} of {} studies left out: no event, or no non-event, in either group"
SATURATED = "as many coefficients as studies: heterogeneity cannot be estimated"
NO_REPEATS = (
    "every count is 0 or 1 and can be no more: heterogeneity cannot be told from chance; "
    "the common effect is shown"
)
NO_WALD = "too few studies without a zero cell for the Wald test of heterogeneity"
NO_TESTS = HeterogeneityTests(None, None, 0)


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
    return _fit("PLO", ONE_GROUP, models.proportion(x, n), moderators, nodes, test, level)


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

    The other arguments, results and errors are those of `glmm_proportion`.

    Examples
    --------
    >>> round(glmm_rate([3, 8, 0, 5], [100.0, 120.0, 60.0, 90.0]).estimate, 3)
    -3.167
    """
    x, t = columns(xi=xi, ti=ti)
    require_counts(xi=x)
    require_positive(ti=t)
    return _fit("IRLN", ONE_GROUP, models.rate(x, t), moderators, nodes, test, level)


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
        raise ValueError("CM.EL needs whole numbers: the exact distribution has no other counts")
    if kept.k == 0:
        return _nothing("OR", model, 0, nodes, level, "no study has both an event and a non-event")
    row = given.informative
    fitted = models.odds_ratio(kept, model, coding)
    return _fit("OR", model, fitted, moderators, nodes, test, level, row)


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
        return _nothing("IRR", model, 0, nodes, level, "no event in any study")
    fitted = models.rate_ratio(kept, model, coding)
    return _fit("IRR", model, fitted, moderators, nodes, test, level, given.informative)


def _fit(
    measure: str,
    name: str,
    model: Model,
    moderators: Any,
    nodes: int | None,
    test: str,
    level: float,
    kept: np.ndarray | None = None,
) -> GlmmPooled:
    """Fit, test and describe; `kept` marks the studies given that are in the model."""
    check_level(level)
    check_choice(test, "test", TESTS)
    nodes = _nodes(nodes, name)
    k = len(model.yi)
    plan = design(moderators, k if kept is None else len(kept))
    x = plan.matrix if kept is None else plan.matrix[kept]
    p = x.shape[1]
    _check_rank(x)
    notes = _left_out(kept)
    if not model.finite:
        reason = "a group has no event, or only events, in all studies together"
        if measure in ("PLO", "IRLN"):
            none = model.likelihood.counts.sum() == 0
            reason = "no study has an event" if none else "every patient had the event"
        return _nothing(measure, name, k, nodes, level, reason, notes)
    problem, start = _problem(model, x, name, nodes)
    estimates_tau2 = k > p and model.repeats
    best = maximise(problem, start) if estimates_tau2 else at_zero(problem, start)
    if not best.converged:
        return _nothing(measure, name, k, nodes, level, best.reason, notes)
    if not estimates_tau2:
        notes += (ONE_STUDY if k == 1 else SATURATED if k <= p else NO_REPEATS,)
    covariance = _covariance(best, p)
    df = k - p if test == "t" and estimates_tau2 else None
    table = coefficient_table(plan.names, best.point.coefficients[:p], covariance, df, level)
    first = table[0]
    tau2 = float(best.point.sd[-1]) ** 2 if estimates_tau2 else None
    sigma2 = float(best.point.sd[0]) ** 2 if name == "UM.RS" and estimates_tau2 else None
    tests = heterogeneity_tests(model, x, problem, start) if estimates_tau2 else NO_TESTS
    if estimates_tau2 and tests.wald is None:
        notes += (NO_WALD,)
    predicts = k >= 3 and p == 1 and plan.intercept and tau2 is not None
    half = critical_value(level, df) * np.sqrt(tau2 + first.se**2) if predicts else None
    i2, h2 = _relative(model, x, tau2)
    return GlmmPooled(
        measure=measure,
        model=name,
        k=k,
        estimate=first.estimate,
        se=first.se,
        ci_low=first.ci_low,
        ci_high=first.ci_high,
        p_value=first.p_value,
        statistic=first.statistic,
        test_df=df,
        tau2=tau2,
        sigma2=sigma2,
        i2=i2,
        h2=h2,
        pi_low=None if half is None else float(first.estimate - half),
        pi_high=None if half is None else float(first.estimate + half),
        q_wald=tests.wald,
        q_wald_p_value=tests.p_value(tests.wald),
        q_lrt=tests.lrt,
        q_lrt_p_value=tests.p_value(tests.lrt),
        q_df=tests.df,
        coefficients=table,
        moderator_test=_moderator_test(plan, best, covariance, df),
        **_fit_statistics(model, best, p, estimates_tau2),
        nodes=nodes,
        converged=True,
        level=float(level),
        notes=notes,
    )


def _problem(model: Model, x: np.ndarray, name: str, nodes: int) -> tuple[Problem, Point]:
    """The model with the effects' design matrix x, shape (k, p), and where to start."""
    k, p = x.shape
    m, d = model.likelihood.arms.shape[1], model.likelihood.effects.shape[1]
    common_level = name == "UM.RS"
    tensor = np.zeros((k, m, p + common_level))
    tensor[:, model.effect, :p] = x
    coefficients = np.linalg.lstsq(x, model.crude[:, model.effect], rcond=None)[0]
    if common_level:
        tensor[:, 0, p] = 1.0
        coefficients = np.append(coefficients, model.crude[0, 0])
    own = np.zeros(k) if model.own is None else model.crude[:, model.own].copy()
    problem = Problem(model.likelihood, Rule.of(nodes, d), tensor, model.own)
    return problem, Point(coefficients, own, np.zeros(d))


def _covariance(best: Maximum, p: int) -> np.ndarray:
    """Covariance of the first p coefficients, shape (p, p), from the observed information."""
    common = len(best.point.coefficients)
    # An SD at 0 is not correlated with the coefficients: the likelihood is even in it.
    above = [j for j, sd in enumerate(best.point.sd) if sd > 0]
    rows = [*range(common), *(common + j for j in above if common + j < len(best.information))]
    return np.linalg.inv(best.information[np.ix_(rows, rows)])[:p, :p]


def _relative(model: Model, x: np.ndarray, tau2: float | None) -> tuple[float | None, float | None]:
    """I2 in percent, and H2, from tau2 and the typical sampling variance."""
    k, p = x.shape
    if tau2 is None:
        return None, None
    order = np.argsort(model.vi, kind="stable")
    sums = project(x[order], model.yi[order], model.vi[order], np.zeros(1))
    typical = (k - p) / float(sums.trace[0])
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1


def _moderator_test(
    plan: Design, best: Maximum, covariance: np.ndarray, df: int | None
) -> OmnibusTest | None:
    p = len(plan.names)
    if not plan.columns:
        return None
    places = overall_positions(p, plan.intercept)
    names = tuple(plan.names[j] for j in places)
    estimates = best.point.coefficients[:p]
    return wald_test(estimates, covariance, selection(places, p), df, names)


def _fit_statistics(
    model: Model, best: Maximum, p: int, estimates_tau2: bool
) -> dict[str, float | None]:
    """Log-likelihood and information criteria."""
    parameters = len(best.point.coefficients) + (len(best.point.sd) if estimates_tau2 else 0)
    parameters += len(model.yi) if model.own is not None else 0
    n, deviance = model.observations, -2 * best.value
    free = n - parameters - 1
    return {
        "log_likelihood": best.value,
        "aic": deviance + 2 * parameters,
        "bic": deviance + parameters * float(np.log(n)),
        "aicc": deviance + 2 * parameters * n / free if free > 0 else None,
    }


def _nodes(nodes: int | None, name: str) -> int:
    if nodes is None:
        return 1 if name == "UM.RS" else DEFAULT_NODES
    if isinstance(nodes, bool) or not isinstance(nodes, (int, np.integer)):
        raise ValueError(f"nodes must be a whole number or None; found {nodes!r}")
    if not 1 <= nodes <= LARGEST_RULE:
        raise ValueError(f"nodes must be from 1 to {LARGEST_RULE}; found {nodes}")
    return int(nodes)


def _check_coding(coding: Any) -> None:
    if not isinstance(coding, (int, float)) or isinstance(coding, bool) or not 0 <= coding <= 1:
        raise ValueError(f"coding must be a number from 0 to 1; found {coding!r}")


def _check_rank(x: np.ndarray) -> None:
    lengths = np.linalg.norm(x, axis=0)
    if np.any(lengths == 0) or np.linalg.matrix_rank(x / lengths) < x.shape[1]:
        raise ValueError(
            f"the moderators carry the same information twice, or none: {x.shape[1]} coefficients "
            f"cannot be told apart by {len(x)} studies"
        )


def _left_out(kept: np.ndarray | None) -> tuple[str, ...]:
    without = 0 if kept is None else int(np.count_nonzero(~kept))
    return (LEFT_OUT.format(without, len(kept)),) if without else ()


def _nothing(
    measure: str,
    name: str,
    k: int,
    nodes: int | None,
    level: float,
    reason: str,
    notes: tuple[str, ...] = (),
) -> GlmmPooled:
    """Result that says why there is no estimate."""
    values: dict[str, Any] = {item.name: None for item in fields(GlmmPooled)}
    return GlmmPooled(
        **values
        | {
            "measure": measure,
            "model": name,
            "k": k,
            "q_df": 0,
            "coefficients": (),
            "nodes": _nodes(nodes, name),
            "converged": False,
            "level": float(level),
            "notes": (NOT_FINITE.format(reason), *notes),
        }
    )
