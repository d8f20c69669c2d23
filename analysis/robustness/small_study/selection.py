"""Selection models: what would the mean be if studies were seen whatever their P?

Step function (with one step at .025: the three-parameter selection model), half-normal, negative
exponential, logistic, power and beta; random or common effects; by maximum likelihood. Sources: see
`selection_weights.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import chdtrc

from analysis.errors import InputError
from analysis.synthesis import pool
from analysis.synthesis.checks import check_choice, check_share, numbers, positive
from analysis.synthesis.coefficients import coefficient_table
from analysis.synthesis.inference import critical_value
from analysis.synthesis.studies import prepare

from .few_studies import enough_studies, few_studies_notes
from .selection_fit import Maximum, Space, maximise
from .selection_likelihood import (
    ALTERNATIVES,
    GREATER,
    LESS,
    TWO_SIDED,
    Seen,
    SmoothLikelihood,
    StepLikelihood,
)
from .selection_result import SelectionModel, SelectionParameter
from .selection_weights import HIGHEST, SMOOTH_WEIGHTS, STEP, WEIGHTS

ML, EE = "ML", "EE"
STEP_STARTS = (0.05, 0.3, 1.0, 3.0)

EMPTY_INTERVAL = "no P lies in some interval between the steps, so its weight cannot be estimated"
TOO_FEW_STUDIES = "{k} studies are too few for {n} parameters"
NO_CURVATURE = "the likelihood is not curved like a maximum here: no standard errors"
AT_EDGE = "{names} at the edge of what is allowed: standard errors take it as known"
RUNS_AWAY = "the likelihood rises to the edge of what is allowed for {names}: not to be relied on"


def selection_model(
    yi: Any,
    vi: Any,
    weight: str = STEP,
    steps: Sequence[float] = (0.025,),
    alternative: str = GREATER,
    tau2: str = ML,
    imprecision: Any = None,
    delta: Sequence[float | None] | None = None,
    level: float = 0.95,
) -> SelectionModel:
    """Fit a selection model by maximum likelihood.

    Source: :cite:t:`hedges1992`; :cite:t:`vevea1995`; :cite:t:`preston2004`;
    :cite:t:`citkowicz2017`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    weight : str
        "step", "half-normal", "negative-exponential", "logistic", "power" or "beta".
    steps : sequence of float
        Where the step function steps, in terms of P; 1 is added at the end if missing.
    alternative : str
        P for effects above 0 ("greater"), below 0 ("less"), or "two-sided". With one-sided P a
        step at .025 is the usual two-sided 5%.
    tau2 : str
        "ML" (random effects) or "EE" (common effect).
    imprecision : str or array_like, shape (k,), optional
        "sei", "vi" or positive numbers that multiply delta: imprecise studies are then selected
        more strictly. They are divided by their largest. Not for "step" and "beta".
    delta : sequence of float or None, optional
        Parameters of the weight function that are taken as known :cite:p:`vevea2005`;
        None where one is to be estimated.
    level : float
        Level of the intervals.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; unknown names; steps that do not rise within (0, 1]; deltas
        of the wrong number or outside what is allowed.

    Examples
    --------
    >>> yi, vi = [0.0, 0.1, 0.3, 0.3, 0.6, 0.8, 0.9], [0.01, 0.02, 0.1, 0.02, 0.06, 0.1, 0.15]
    >>> model = selection_model(yi, vi)
    >>> model.counts, round(model.estimate, 3), round(model.lrt_p_value, 4)
    ((4, 3), -0.009, 0.0032)
    """
    check_choice(weight, "weight", WEIGHTS)
    check_choice(alternative, "alternative", ALTERNATIVES)
    check_choice(tau2, "tau2", (ML, EE))
    check_share(level, "level")
    unadjusted = pool(yi, vi, tau2, level=level)
    studies = prepare(yi, vi)
    # The order of precision makes the result independent of the order of the input.
    effects = studies.centre + studies.unit * studies.effects
    variances = studies.variances * studies.unit**2
    sign = -1.0 if alternative == LESS else 1.0
    factor = _imprecision(imprecision, weight, variances, studies.order)
    seen = Seen(sign * effects, variances, factor, alternative == TWO_SIDED)
    cuts = _steps(steps) if weight == STEP else ()
    parameters = len(cuts) - 1 if weight == STEP else SMOOTH_WEIGHTS[weight].parameters
    fixed = _fixed(delta, weight, parameters)
    likelihood = (
        StepLikelihood(seen, cuts)
        if weight == STEP
        else SmoothLikelihood(seen, SMOOTH_WEIGHTS[weight])
    )
    counts = tuple(likelihood.counts.tolist()) if isinstance(likelihood, StepLikelihood) else ()
    base = float(seen.log_density(sign * unadjusted.estimate, unadjusted.tau2 or 0.0).sum())
    free = np.isnan(fixed)
    common = {
        "weight": weight, "alternative": alternative, "steps": cuts, "counts": counts,
        "k": studies.k, "lrt_df": int(free.sum()), "unadjusted": unadjusted,
        "unadjusted_log_likelihood": base, "level": level,
        "enough_studies": enough_studies(studies.k),
    }  # fmt: skip
    notes = few_studies_notes(studies.k)
    wanted = 1 + (tau2 == ML) + int(free.sum())
    empty = weight == STEP and bool((likelihood.counts[1:][free] == 0).any())
    empty = empty or (weight == STEP and free.any() and counts[0] == 0)
    if empty or studies.k < wanted:
        why = EMPTY_INTERVAL if empty else TOO_FEW_STUDIES.format(k=studies.k, n=wanted)
        return SelectionModel(
            estimate=None, se=None, ci_low=None, ci_high=None, statistic=None, p_value=None,
            tau2=None, tau2_se=None, delta=(), log_likelihood=None, lrt=None, lrt_p_value=None,
            tau2_lrt=None, tau2_lrt_p_value=None, notes=(why, *notes), **common,
        )  # fmt: skip

    space = _space(seen, weight, fixed, tau2 == ML)
    found = _maximum(likelihood, space, sign * unadjusted.estimate, unadjusted.tau2, weight)
    without = None
    if tau2 == ML:
        flat = _space(seen, weight, fixed, False)
        without = _maximum(likelihood, flat, found.mu, 0.0, weight).log_likelihood
    return _result(found, space, base, without, sign, level, notes, common)


def _result(
    found: Maximum,
    space: Space,
    base: float,
    without_tau2: float | None,
    sign: float,
    level: float,
    notes: tuple[str, ...],
    common: dict[str, Any],
) -> SelectionModel:
    """Tests and intervals about the maximum."""
    errors: dict[int, float] = {}
    if found.covariance is not None:
        roots = np.sqrt(np.diag(found.covariance))
        errors = dict(zip(found.inside, roots.tolist(), strict=True))
    se = errors.get(0)
    mean = None
    if se is not None:
        estimate = np.array([sign * found.mu])
        (mean,) = coefficient_table(("mean",), estimate, np.array([[se**2]]), None, level)
    free = common["lrt_df"]
    null = 1.0 if common["weight"] in (STEP, "beta") else 0.0
    half = critical_value(level, None)
    delta = []
    for j, value in enumerate(found.delta.tolist()):
        own = errors.get(2 + j)
        (test,) = coefficient_table(
            (f"delta{j + 1}",),
            np.array([value - null]),
            np.array([[(own or 0.0) ** 2]]),
            None,
            level,
        )
        delta.append(
            SelectionParameter(
                value,
                own,
                None if own is None else max(space.lowest, value - half * own),
                None if own is None else min(space.highest, value + half * own),
                None if own is None else test.p_value,
                fixed=not bool(space.free[j]),
            )
        )
    lrt = max(0.0, 2 * (found.log_likelihood - base)) if free else None
    tau2_lrt = None if without_tau2 is None else max(0.0, 2 * (found.log_likelihood - without_tau2))
    return SelectionModel(
        estimate=sign * found.mu,
        se=se,
        ci_low=None if mean is None else mean.ci_low,
        ci_high=None if mean is None else mean.ci_high,
        statistic=None if mean is None else mean.statistic,
        p_value=None if mean is None else mean.p_value,
        tau2=found.tau2,
        tau2_se=errors.get(1),
        delta=tuple(delta),
        log_likelihood=found.log_likelihood,
        lrt=lrt,
        lrt_p_value=None if lrt is None else float(chdtrc(free, lrt)),
        tau2_lrt=tau2_lrt,
        tau2_lrt_p_value=None if tau2_lrt is None else float(chdtrc(1, tau2_lrt)),
        notes=(*_edges(found, space), *notes),
        **common,
    )


def _edges(found: Maximum, space: Space) -> tuple[str, ...]:
    """What must be said of parameters at their bounds."""
    notes = []
    at_low, away = [], []
    if space.random_effects and 1 not in found.inside:
        (at_low if found.tau2 == 0 else away).append("tau2")
    for j in np.flatnonzero(space.free):
        if 2 + j not in found.inside:
            low = found.delta[j] < (space.lowest + space.highest) / 2
            (at_low if low else away).append(f"delta{j + 1}")
    low, high = space.mu_range
    if not low + 1e-6 * (high - low) < found.mu < high - 1e-6 * (high - low):
        away.append("the mean")
    if away:
        notes.append(RUNS_AWAY.format(names=" and ".join(away)))
    if at_low:
        notes.append(AT_EDGE.format(names=" and ".join(at_low)))
    if found.covariance is None:
        notes.append(NO_CURVATURE)
    return tuple(notes)


def _maximum(
    likelihood: StepLikelihood | SmoothLikelihood,
    space: Space,
    mean: float,
    tau2: float | None,
    weight: str,
) -> Maximum:
    """The best of several descents."""
    unit = likelihood.seen.unit
    if weight == STEP:
        number = len(space.fixed)
        falling = [0.5 ** (j + 1) for j in range(number)]
        starts = [falling, *([start] * number for start in STEP_STARTS)]
    else:
        starts = [list(item) for item in SMOOTH_WEIGHTS[weight].starts]
    for start in starts:
        start[:] = np.where(space.free, start, space.fixed).tolist()
    return maximise(
        likelihood.log_likelihood,
        space,
        mu_starts=(mean, mean / 2, 0.0),
        tau2_starts=(max(tau2 or 0.0, 1e-3 * unit**2), 0.3 * unit**2, unit**2),
        delta_starts=starts,
        unit=unit,
    )


def _space(seen: Seen, weight: str, fixed: np.ndarray, random_effects: bool) -> Space:
    span = float(np.ptp(seen.effects)) + float(np.sqrt(seen.variances.max()))
    lowest, highest = float(seen.effects.min()), float(seen.effects.max())
    return Space(
        mu_range=(lowest - 10 * span, highest + 10 * span),
        largest_tau2=(10 * span) ** 2,
        random_effects=random_effects,
        lowest=0.0 if weight == STEP else SMOOTH_WEIGHTS[weight].lowest,
        highest=HIGHEST,
        fixed=fixed,
    )


def _steps(steps: Sequence[float]) -> tuple[float, ...]:
    found = tuple(numbers(list(steps), "steps", len(steps)).tolist())
    cuts = found if found and found[-1] == 1.0 else (*found, 1.0)
    if len(cuts) < 2 or cuts[0] <= 0 or any(np.diff(cuts) <= 0):
        raise InputError(f"steps must rise and lie above 0, up to 1; found {list(steps)}")
    return cuts


def _fixed(delta: Sequence[float | None] | None, weight: str, parameters: int) -> np.ndarray:
    """Deltas that are given, NaN where they are to be estimated; shape (parameters,)."""
    if delta is None:
        return np.full(parameters, np.nan)
    if len(delta) != parameters:
        raise InputError(f"delta must have {parameters} values here; found {len(delta)}")
    lowest = 0.0 if weight == STEP else SMOOTH_WEIGHTS[weight].lowest
    for item in delta:
        if item is not None and not lowest <= item <= HIGHEST:
            raise InputError(f"delta must lie between {lowest:g} and {HIGHEST:g}; found {item!r}")
    return np.array([np.nan if item is None else float(item) for item in delta])


def _imprecision(given: Any, weight: str, variances: np.ndarray, order: np.ndarray) -> np.ndarray:
    if given is None:
        return np.ones(len(variances))
    if weight in (STEP, "beta"):
        raise InputError(f"the weight function {weight} has no place for imprecision")
    if isinstance(given, str):
        check_choice(given, "imprecision", ("sei", "vi"))
        found = np.sqrt(variances) if given == "sei" else variances
    else:
        found = positive(given, "imprecision", len(variances))[order]
    return found / found.max()
