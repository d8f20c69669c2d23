"""From a model to the result: fit, test heterogeneity, say what must be said."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from ..checks import check_choice, check_level
from ..coefficients import OmnibusTest, coefficient_table, overall_positions, selection, wald_test
from ..design import Design, design
from ..inference import critical_value
from ..projection import project
from .heterogeneity import HeterogeneityTests, heterogeneity_tests
from .maximise import Maximum, Point, Problem, at_zero, finer_value, maximise
from .models import Model
from .quadrature import Rule
from .result import GlmmPooled

TESTS = ("wald", "t")
DEFAULT_NODES = 7
LARGEST_RULE = 101

ONE_STUDY = "one study: heterogeneity cannot be estimated; its own effect is shown"
NOT_FINITE = "not estimable: {}"
LEFT_OUT = "{} of {} studies left out: {} in either group"
EMPTY = {"OR": "no event, or no non-event,", "IRR": "no event"}
SATURATED = "as many coefficients as studies: heterogeneity cannot be estimated"
NO_REPEATS = (
    "every count is 0 or 1 and can be no more: heterogeneity cannot be distinguished from chance; "
    "the common effect is shown"
)
NO_WALD = "too few studies without a zero cell for the Wald test of heterogeneity"
QUADRATURE_ERROR = 0.1
COARSE = "quadrature with {} node(s) misses the log-likelihood by {:.2g}: take more nodes"
NO_TESTS = HeterogeneityTests(None, None, 0)


def pooled(
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
    notes = _left_out(measure, kept)
    if not model.finite:
        reason = (
            "an effect without bound fits: a group has no event, or only events, wherever it could"
        )
        if measure in ("PLO", "IRLN"):
            none = model.likelihood.counts.sum() == 0
            reason = "no study has an event" if none else "every patient had the event"
        return nothing(measure, name, k, nodes, level, reason, notes)
    problem, start = _problem(model, x, name, nodes)
    estimates_tau2 = k > p and model.repeats
    best = maximise(problem, start) if estimates_tau2 else at_zero(problem, start)
    if not best.converged:
        return nothing(measure, name, k, nodes, level, best.reason, notes)
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
    if abs(off := finer_value(problem, best) - best.value) > QUADRATURE_ERROR:
        notes += (COARSE.format(nodes, abs(off)),)
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
        raise InputError(f"nodes must be a whole number or None; found {nodes!r}")
    if not 1 <= nodes <= LARGEST_RULE:
        raise InputError(f"nodes must be from 1 to {LARGEST_RULE}; found {nodes}")
    return int(nodes)


def _check_rank(x: np.ndarray) -> None:
    lengths = np.linalg.norm(x, axis=0)
    if np.any(lengths == 0) or np.linalg.matrix_rank(x / lengths) < x.shape[1]:
        raise NotEstimable(
            f"the moderators carry the same information twice, or none: {x.shape[1]} coefficients "
            f"cannot be told apart by {len(x)} studies"
        )


def _left_out(measure: str, kept: np.ndarray | None) -> tuple[str, ...]:
    without = 0 if kept is None else int(np.count_nonzero(~kept))
    return (LEFT_OUT.format(without, len(kept), EMPTY[measure]),) if without else ()


def nothing(
    measure: str,
    name: str,
    k: int,
    nodes: int | None,
    level: float,
    reason: str,
    notes: tuple[str, ...] = (),
) -> GlmmPooled:
    """Result that says why there is no estimate."""
    check_level(level)
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
