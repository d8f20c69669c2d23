"""What would it take? The size and result of one more trial that would settle the question, and how likely that is.

A question counts as settled when the interval of all trials, the new one included, excludes no effect (on either side)
or excludes an important benefit. The new trial's true effect is drawn from the predictive distribution of a Bayesian
model of the trials here, its error from its size; the updated analysis is that of the Question.
"""

from __future__ import annotations

import numpy as np

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.wording import kind
from analysis.effects.scale import level_text, printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures import theme
from analysis.figures.chance_curve import Curve, chance_curve
from analysis.figures.extended_funnel import Grid, extended_funnel, regions_of
from analysis.figures.interval_rows import Block, IntervalRow, interval_rows
from analysis.network import indirect_contrast, network_answer, next_trials
from analysis.network.next_trial import (
    CAPTION,
    COLUMNS,
    HELD,
    SIZES,
    next_trial_rows,
    next_trial_sentence,
)
from analysis.question import Question
from analysis.robustness.next_study import Conclusion, with_new_study
from analysis.robustness_views.plan import (
    LARGEST,
    POWER,
    SMALLEST,
    TYPICAL,
    Plan,
    make_plan,
    result_grid,
)
from analysis.robustness_views.plan_words import (
    cautions,
    finding,
    meanings,
    patients,
    percent,
    sentences,
    trial_of,
)
from analysis.robustness_views.planning import (
    Spread,
    probability_better,
    sampling_variance,
    spread_of,
    tau_unit,
)
from analysis.robustness_views.reading import (
    claimed,
    effects_of,
    marks,
    nothing,
    plain_facts,
    plain_figure,
    result_text,
)
from analysis.robustness_views.view import Panel, Progress, View, quiet
from analysis.topic import topic

KEY = "next-trial"

_TOLD = (100.0, 200.0, 500.0, 1000.0, 2000.0)
"""Patients of the trials that tables tell of."""
_SETTLED = tuple(item for item in Conclusion if item is not Conclusion.OPEN)


def _through_others(found: Answer, evidence: Evidence) -> View | None:
    """Where no trial compared the two but others link them: which trial would narrow what the network says."""
    if indirect_contrast(found.question, evidence) is None or "network" not in topic().pages:
        return None
    net = network_answer(found.question, evidence)
    said = next_trial_sentence(net)
    if not said:
        return None
    panel = Panel("next-trials", CAPTION, None, said, COLUMNS, next_trial_rows(net))
    halves = {f"{one.pair[0]}-{one.pair[1]}": list(one.halves) for one in next_trials(net)}
    return View(
        KEY, f"{found.sentence} {said}", (net.sentence, HELD), net.cautions[:1], (panel,),
        {"k": 0, "patients_in_each_group": list(SIZES), "half_widths": halves},
    )  # fmt: skip


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """Extended funnel, chance of settling the question by size, and the answer under several priors."""
    found = answer(question, evidence)
    if found.pooled is None:
        return _through_others(found, evidence) or nothing(KEY, found)
    if question.one_group and claimed(question) is None:
        return _one_group(found)
    spread = spread_of(found)
    unit = tau_unit(found, spread)
    if unit is None or spread.variance is None:
        return _without_sizes(found, spread)
    progress(0, 3, "chance of settling the question, by size")
    plan = _plan(question, evidence)
    progress(1, 3, "every result of a next trial")
    grid = _grid(question, evidence)
    panels = [_funnel_panel(found, grid, plan, narrow), _chance_panel(found, plan, narrow)]
    progress(2, 3, "the answer under several priors")
    panels.append(_priors_panel(found, plan, narrow))
    progress(3, 3, "done")
    return View(
        KEY,
        finding(found, plan),
        tuple(sentences(found, plan)),
        tuple(cautions(found)),
        tuple(panels),
        _facts(found, plan),
    )


# What takes long is the same on every screen and in every file.
@remembered(maxsize=8)
def _plan(question: Question, evidence: Evidence) -> Plan:
    found = answer(question, evidence)
    spread = spread_of(found)
    return make_plan(found, spread, tau_unit(found, spread))


@remembered(maxsize=8)
def _grid(question: Question, evidence: Evidence) -> Grid:
    return result_grid(answer(question, evidence), _plan(question, evidence))


def _one_group(found: Answer) -> View:
    return View(
        KEY,
        "There is no effect to settle here: this is a change or a frequency in one treated group.",
        (
            "A further series, however large, would describe its own patients more precisely. It could not show what "
            "the treatment did, so no size is worked out.",
            "Choose a comparator to see what a further trial could settle.",
        ),
        ("One group: no yardstick of benefit.",),
        facts={"k": len(found.studies), "one_group": True},
    )  # fmt: skip


def _without_sizes(found: Answer, spread: Spread) -> View:
    why = (
        "no study here reports its group sizes, so nothing is known about the spread between patients"
        if spread.variance is None
        else f"on the scale of the {words.MEASURES[found.question.effect_measure]} no prior of the differences between "
        "trials is documented"
    )
    return View(
        KEY,
        f"What a next trial would need cannot be worked out: {why}.",
        (found.sentence,),
        facts={"k": len(found.studies)},
    )


# --- panels --------------------------------------------------------------------------------------
def _funnel_panel(found: Answer, grid: Grid, plan: Plan, narrow: bool) -> Panel:
    q = found.question
    regions = regions_of(found, meanings(found))
    figure = extended_funnel(found, grid, regions, marks=marks(q), narrow=narrow)
    rows = []
    middle = 0.5 * (grid.results[1:] + grid.results[:-1])
    for size in _TOLD:
        variance = sampling_variance(found, plan.spread, middle, np.full(len(middle), size))
        limits = with_new_study(*effects_of(found), middle, variance, q.tau2, q.ci, q.level)
        of = plan.held.conclude(*limits)
        rows.append((f"{size:,.0f}", *(_results(q, grid, of == r.value) for r in regions)))
    letters = tuple(f"{r.letter}: {r.meaning}" for r in regions)
    return Panel(
        id="extended-funnel",
        title=f"What one more {trial_of(q)} would lead to, by its result and its size",
        figure=plain_figure(figure),
        caption=(
            f"{q.title()}: the conclusion of the updated analysis for every result (across) and size (upwards) of one "
            f"further {trial_of(q)} (extended funnel, Langan and others 2012)."
        ),
        columns=("Patients", *letters),
        rows=tuple(rows),
    )


def _results(question: Question, grid: Grid, inside: np.ndarray) -> str:
    """The results of a next trial that lead to one conclusion, as ranges of what is drawn."""
    padded = np.concatenate([[False], inside, [False]])
    starts = np.flatnonzero(padded[1:] & ~padded[:-1])
    ends = np.flatnonzero(~padded[1:] & padded[:-1])
    parts = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        low, high = (printed(question, float(grid.results[i])) for i in (start, end))
        if start == 0 and end == len(inside):
            parts.append("any result")
        elif start == 0:
            parts.append(f"up to {high}")
        elif end == len(inside):
            parts.append(f"{low} and more")
        else:
            parts.append(f"{low} to {high}")
    return "; ".join(parts) or "no result"


def _chance_panel(found: Answer, plan: Plan, narrow: bool) -> Panel:
    q = found.question
    colour = theme.colour(q.intervention)
    chosen = plan.chosen
    curves = [Curve("settled, either way", chosen.settled.tolist(), theme.GREY, "solid", 4.0)]
    if q.one_group:
        parts = (
            (Conclusion.BENEFIT, f"above the claimed {words.CLAIMED_PERCENT}%", colour, "dash"),
            (Conclusion.HARM, f"below the claimed {words.CLAIMED_PERCENT}%", "#56B4E9", "dash"),
        )
        curves += [
            Curve(name, chosen.of[:, item].tolist(), stroke, dash, 2.2) for item, name, stroke, dash in parts
        ]  # fmt: skip
    else:
        benefit = chosen.of[:, Conclusion.BENEFIT] + chosen.of[:, Conclusion.IMPORTANT]
        curves.append(
            Curve(
                f"better with {words.SHORT[q.intervention]}", benefit.tolist(), colour, "dash", 2.2
            )
        )
        if found.mid is not None:
            curves.append(
                Curve(
                    "no important benefit, or worse",
                    (chosen.of[:, Conclusion.NOT_IMPORTANT] + chosen.of[:, Conclusion.HARM]).tolist(),
                    "#56B4E9", "dash", 2.2,
                )
            )  # fmt: skip
        if q.tau2 != "EE":
            curves.append(Curve(
                "settled, if all trials estimated one common effect", plan.common.settled.tolist(),
                theme.GREY, "dot", 2.2,
            )
        )  # fmt: skip
    note = f"Dotted line: the {POWER:.0%} that planners usually ask for."
    figure = chance_curve(
        chosen.sizes.tolist(), curves, POWER, of=trial_of(q), note=note,
        narrow=narrow,
    )  # fmt: skip
    rows = [
        (
            f"{size:,.0f}", percent(plan.chance(size, *_SETTLED)),
            *(percent(plan.chance(size, item)) for item in Conclusion),
        )
        for size in (50.0, *_TOLD, LARGEST)
    ]  # fmt: skip
    rows.append(("endlessly many", percent(plan.endless), *("–" for _ in Conclusion)))
    title = (
        f"About {patients(plan.needed)} patients give a chance of {POWER:.0%}"
        if plan.needed is not None and plan.needed > SMALLEST
        else f"How likely one more {trial_of(q)} is to settle the question"
    )
    names = ("Open", "Better", "Important benefit", "No important benefit", "Worse")
    return Panel(
        id="chance",
        title=title,
        figure=plain_figure(figure),
        caption=(
            f"{q.title()}: chance that the analysis with one more {trial_of(q)} is settled, by the patients in it. Its "
            "true effect is drawn from what the studies here predict."
        ),
        columns=("Patients", "Settled", *names),
        rows=tuple(rows),
    )


def _priors_panel(found: Answer, plan: Plan, narrow: bool) -> Panel:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    drawn, rows = [], []
    for prior, model in plan.fits:
        mean = model.mean
        centre = mean.median
        text = result_text(q, centre, mean.ci_low, mean.ci_high)
        label = prior.tau_name if prior.mean is None else prior.mean_name
        better = percent(probability_better(found, model, 0.0))
        by = (
            (percent(probability_better(found, model, found.mid.value)),)
            if found.mid is not None and not q.one_group
            else ()
        )
        beside = "" if narrow else f";  {', '.join((better, *by))}"
        drawn.append(IntervalRow(label, centre, mean.ci_low, mean.ci_high, text + beside))
        rows.append(
            (prior.tau_name, prior.mean_name, printed(q, centre),
             f"{printed(q, mean.ci_low, False)} to {printed(q, mean.ci_high)}", better, *by)
        )  # fmt: skip
    whole = IntervalRow(
        "As it stands", pooled.estimate, pooled.ci_low, pooled.ci_high,
        result_text(q, pooled.estimate, pooled.ci_low, pooled.ci_high), "whole",
    )  # fmt: skip
    flat = [row for row, (prior, _) in zip(drawn, plan.fits, strict=True) if prior.mean is None]
    held = [row for row, (prior, _) in zip(drawn, plan.fits, strict=True) if prior.mean is not None]
    blocks = [Block("By prior of the difference between trials", tuple(flat))]
    if held:
        blocks.append(Block(f"By prior of the effect ({plan.fits[0][0].tau_name})", tuple(held)))
    blocks.append(Block("", (whole,)))
    note = f"Bars: {level_text(q.level)} credible interval of the mean effect; last row {kind(found.told.result)}."
    what = f"a share above {words.CLAIMED_PERCENT}%" if q.one_group else "being better"
    if not narrow:
        note += f" Behind the interval: probability of {what}"
        note += (
            "." if found.mid is None or q.one_group else f", and by more than {found.mid.value:g}."
        )
    figure = interval_rows(found, blocks, note=note, marks=marks(q), narrow=narrow)
    columns = ["Prior of tau", "Prior of the effect", "Median", f"{level_text(q.level)} credible interval",
               f"Probability of {what}"]  # fmt: skip
    if found.mid is not None and not q.one_group:
        columns.append(f"Probability of being better by more than {found.mid.value:g}")
    sd = plan.spread.sd
    scale = (
        f" Scales in standard deviations between patients (1 SD = {number(sd)} {q.spec.unit})."
        if q.spec.kind == "score" and sd is not None
        else " Scales on the logarithm of the ratio or odds."
    )
    of_effect = (
        " Sceptical: centred on no effect, 5% for an important benefit. Enthusiastic: centred on the important "
        "benefit, 5% for no benefit."
        if held
        else ""
    )
    return Panel(
        id="priors",
        title="The answer under several priors",
        figure=plain_figure(figure),
        caption=(
            f"{q.title()}: posterior of the mean effect. Priors of tau, the difference between trials: "
            f"half-normal or half-Cauchy.{scale}{of_effect}"
        ),
        columns=tuple(columns),
        rows=tuple(rows),
    )


def _facts(found: Answer, plan: Plan) -> dict[str, object]:
    pooled = found.pooled
    assert pooled is not None
    mid = found.mid.value if found.mid is not None and not found.question.one_group else None
    return plain_facts(
        {
            "k": pooled.k,
            "estimate": pooled.estimate,
            "now": plan.now.name.lower(),
            "sd": plan.spread.sd,
            "settle_chance": POWER,
            "patients_needed": plan.needed,
            "patients_needed_common_effect": plan.needed_common,
            "settled_by_endless_trial": plan.endless,
            "settled_by_typical_trial_if_no_difference": plan.if_nothing.settled[0],
            "settled_by_typical_trial_if_important": plan.if_important.settled[0]
            if plan.if_important
            else None,
            "typical_trial": TYPICAL,
            "sizes": plan.chosen.sizes.tolist(),
            "settled": plan.chosen.settled.tolist(),
            "settled_common_effect": plan.common.settled.tolist(),
            "priors": [
                {
                    "tau": list(prior.tau),
                    "mean": list(prior.mean) if prior.mean else None,
                    "median": model.mean.median,
                    "ci_low": model.mean.ci_low,
                    "ci_high": model.mean.ci_high,
                    "probability_better": probability_better(found, model, 0.0),
                    "probability_important": None
                    if mid is None
                    else probability_better(found, model, mid),
                }
                for prior, model in plan.fits
            ],
        }
    )
