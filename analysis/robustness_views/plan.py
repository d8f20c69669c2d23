"""What one more trial would do to an answer: chances by size, conclusions by result and size, fits under priors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.answer import Answer
from analysis.figures.axis import widest
from analysis.figures.extended_funnel import Grid
from analysis.robustness.next_study import (
    Chances,
    Conclusion,
    Yardstick,
    chances_after,
    with_new_study,
)
from analysis.robustness_views.planning import (
    Prior,
    Spread,
    fitted,
    main_prior,
    predictive,
    priors,
    sampling_variance,
    yardstick,
)
from analysis.robustness_views.reading import effects_of
from analysis.synthesis import pool
from analysis.synthesis.bayes import BayesPooled

POWER = 0.8
"""The chance that planners usually ask for."""
SMALLEST, LARGEST = 20.0, 5000.0
"""Patients in the trials that are considered."""
TYPICAL = 500.0
"""Patients of the trial that sentences speak of where no size is asked for."""
ENDLESS = 1e6
"""Patients of a trial that leaves its own effect in no doubt: what it does not settle, no size does."""
_SIZES = 15
_CELLS = 220
_ROWS = 36
_NO_WEIGHT = 1e6
"""Sampling variance, in multiples of the largest here, of a trial that says nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that was worked out: spread, chances in the chosen and in the common-effect model, fits under priors.

    Attributes
    ----------
    now, now_common : the conclusion from the trials here, in the chosen and in the common-effect model.
    uninformed : the conclusion with one more trial that says nothing, but counts as a trial.
    chosen, common : chances by size in the two models, the true effect drawn from the prediction.
    endless : chance that a trial of endless size settles it.
    needed, needed_common : patients for a chance of `POWER`; None where no size reaches it.
    if_nothing, if_important : chances where the new trial's true effect is none, or the important difference.
    fits : the Bayesian model under each prior, that of the prediction first.
    """

    spread: Spread
    held: Yardstick
    now: Conclusion
    now_common: Conclusion
    uninformed: Conclusion
    chosen: Chances
    common: Chances
    endless: float
    needed: float | None
    needed_common: float | None
    if_nothing: Chances
    if_important: Chances | None
    fits: tuple[tuple[Prior, BayesPooled], ...]

    def chance(self, size: float, *conclusions: Conclusion) -> float:
        """Chance of any of some conclusions at a size, in the chosen model."""
        return float(np.interp(math.log(size), np.log(self.chosen.sizes),
                               self.chosen.of[:, list(conclusions)].sum(axis=1)))  # fmt: skip


def make_plan(found: Answer, spread: Spread, unit: float) -> Plan:
    """Work out the chances of one more trial; `unit` scales the priors of tau (`tau_unit`)."""
    q, pooled = found.question, found.pooled
    assert pooled is not None
    common = pool(*effects_of(found), tau2="EE", ci="wald", level=q.level)
    held = yardstick(found)
    points, weights = predictive(found, main_prior(found, unit))
    sizes = [*np.geomspace(SMALLEST, LARGEST, _SIZES).tolist(), ENDLESS]

    def variance(effects: np.ndarray, n: np.ndarray) -> np.ndarray:
        return sampling_variance(found, spread, effects, n)

    def under(tau2: str, ci: str) -> Chances:
        return chances_after(
            *effects_of(found), points, weights, sizes, variance, held, tau2, ci, q.level
        )

    def given(effect: float) -> Chances:
        at = np.array([effect])
        return chances_after(
            *effects_of(found), at, np.ones(1), [TYPICAL], variance, held, q.tau2, q.ci, q.level
        )

    def concluded(low: float, high: float) -> Conclusion:
        return Conclusion(int(held.conclude(np.array([low]), np.array([high]))[0]))

    chosen, of_common = under(q.tau2, q.ci), under("EE", "wald")
    finite, finite_common = (Chances(c.sizes[:-1], c.of[:-1]) for c in (chosen, of_common))
    nothing_new = with_new_study(
        *effects_of(found), [pooled.estimate], [_NO_WEIGHT * max(s.vi for s in found.studies)],
        q.tau2, q.ci, q.level,
    )  # fmt: skip
    mid = held.mid
    return Plan(
        spread=spread,
        held=held,
        now=concluded(pooled.ci_low, pooled.ci_high),
        now_common=concluded(common.ci_low, common.ci_high),
        uninformed=concluded(float(nothing_new[0][0]), float(nothing_new[1][0])),
        chosen=finite,
        common=finite_common,
        endless=float(chosen.settled[-1]),
        needed=finite.size_for(POWER),
        needed_common=finite_common.size_for(POWER),
        if_nothing=given(held.null),
        if_important=None if mid is None else given(held.null + held.better * mid),
        fits=tuple((prior, fitted(found, prior)) for prior in priors(found, unit)),
    )


def result_grid(found: Answer, plan: Plan) -> Grid:
    """What every result of a next trial would lead to, in the model of the Question."""
    q, pooled = found.question, found.pooled
    assert pooled is not None
    predicted = plan.fits[0][1].predicted
    reach = [s.yi for s in found.studies] + [pooled.estimate, plan.held.null]
    if plan.held.mid is not None:
        reach += [plan.held.null + side * 1.3 * plan.held.mid for side in (-1, 1)]
    low, high = min(*reach, predicted.ci_low), max(*reach, predicted.ci_high)
    if not q.one_group and math.isfinite(widest(found)):
        low, high = max(low, -widest(found)), min(high, widest(found))
    room = 0.06 * (high - low)
    edges = np.linspace(low - room, high + room, _CELLS + 1)
    known = [s.patients for s in found.studies if not math.isnan(s.patients)]
    sizes = np.geomspace(
        min([SMALLEST, *(0.8 * n for n in known)]), max([2000.0, *(1.3 * n for n in known)]), _ROWS
    )
    results = 0.5 * (edges[1:] + edges[:-1])
    limits = with_new_study(
        *effects_of(found), results[None, :],
        sampling_variance(found, plan.spread, results[None, :], sizes[:, None]),
        q.tau2, q.ci, q.level,
    )  # fmt: skip
    return Grid(edges, sizes, plan.held.conclude(*limits))
