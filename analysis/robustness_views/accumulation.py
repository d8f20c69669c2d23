"""How did the answer change as studies were added, and with more rigorous designs?

Study by study in order of publication, study by study from the most precise to the least, and from uncontrolled series
over cohorts and open trials to masked trials. The page on history replays whole reports year by year; here the
studies of today's answer are added one at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.figures.interval_rows import Block, IntervalRow, interval_rows
from analysis.figures.layers import Layer, Line, Mark, layers
from analysis.figures.words import axis_title, interval_text, sides
from analysis.question import Question, overlap
from analysis.robustness.cumulative import cumulative
from analysis.robustness.refit import Refit
from analysis.robustness_views.reading import (
    claimed,
    interval_name,
    listed,
    marks,
    moved_text,
    nothing,
    plain_facts,
    plain_figure,
    reading,
    result_text,
    size_text,
    studies_in,
    teller,
)
from analysis.robustness_views.view import Panel, Progress, View, quiet
from analysis.topic import topic

KEY = "accumulation"


@dataclass(frozen=True, slots=True)
class Step:
    """The pooled result once a study was added; `label` names the study."""

    label: str
    fit: Refit


@dataclass(frozen=True, slots=True)
class Rung:
    """One design on the way to rigour: its name, the kind of number (heading), and its answer."""

    heading: str
    label: str
    answer: Answer


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """Cumulative results by year and by precision, and the answer by design, of one Question."""
    found = answer(question, evidence)
    progress(0, 2, "adding one study at a time")
    by_year, undated = _by_year(found)
    by_precision = _cumulative(found, list(found.studies), [s.vi for s in found.studies])
    progress(1, 2, "from the least to the most rigorous design")
    rungs = ladder(question, evidence)
    panels = [
        *_steps_panel("by-year", found, by_year, "as they were published", narrow),
        *_steps_panel("by-precision", found, by_precision, "from the most precise on", narrow),
        *_design_panel(question, rungs, narrow),
    ]
    progress(2, 2, "done")
    if found.pooled is None:
        empty = nothing(KEY, found)
        said = tuple(_design_sentences(question, rungs))
        return View(KEY, empty.finding, said, (), tuple(panels), _facts(found, [], [], rungs))
    return View(
        KEY,
        _finding(found, by_year, rungs),
        tuple(_sentences(found, by_year, by_precision, rungs)),
        tuple(_cautions(found, by_year, undated, rungs)),
        tuple(panels),
        _facts(found, by_year, by_precision, rungs),
    )


# --- one study at a time -------------------------------------------------------------------------
def _by_year(found: Answer) -> tuple[list[Step], list[str]]:
    """Steps by the year of each trial's main report, and the studies without a year."""
    dated = [s for s in found.studies if not math.isnan(s.year)]
    undated = [s.label for s in found.studies if math.isnan(s.year)]
    return _cumulative(found, dated, [s.year for s in dated]), undated


def _cumulative(found: Answer, studies: list[StudyEffect], order: Sequence[float]) -> list[Step]:
    if not studies:
        return []
    q = found.question
    steps = cumulative(
        [s.yi for s in studies], [s.vi for s in studies], list(order), q.tau2, q.ci, q.level,
        tell=teller(q, studies),
    )  # fmt: skip
    return [Step(studies[fit.studies[0]].label, fit) for fit in steps]


# --- by design -----------------------------------------------------------------------------------
def ladder(question: Question, evidence: Evidence) -> list[Rung]:
    """The same outcome, treatment, time and population from less to more rigorous; rungs without a study are kept.

    One group: the same figure in series, cohorts, open and masked trials. A comparison: what series report of
    the treated group alone (scores only: it shares their axis), then the difference from usual care in cohorts
    and in open trials, then that from a placebo in masked trials; a comparison with another treatment keeps to it.
    """
    open_trials = tuple(d for d in words.RANDOMISED if d not in words.MASKED)
    cohorts = tuple(reversed(words.COHORTS))
    designs = (*words.SERIES, *cohorts, *open_trials, *words.MASKED)
    usual = question.replace(designs=())
    if question.one_group:
        heading = "In treated groups: not an effect of treatment"
        return [
            _rung(heading, f"In {_plural(d)}", usual.replace(designs=(d,)), evidence)
            for d in designs
        ]
    rungs = []
    if question.spec.kind == "score" and not question.measure:
        series = usual.replace(comparator=words.NONE, designs=words.SERIES)
        heading = "Before and after in one group: not an effect of treatment"
        rungs.append(_rung(heading, "Uncontrolled series", series, evidence))
    pairs = [(c, d) for c in words.USUAL[:1] for d in (*cohorts, *open_trials)]
    pairs += [(c, d) for c in words.PLACEBO[:1] for d in words.MASKED]
    if question.comparator not in (*words.USUAL[:1], *words.PLACEBO[:1]):
        pairs = [(question.comparator, d) for d in designs if d in words.COMPARATIVE]
    for comparator, design in pairs:
        if overlap(question.intervention, comparator):
            continue
        asked = usual.replace(comparator=comparator, designs=(design,))
        heading = f"Difference from {words.SPOKEN[comparator]}"
        rungs.append(_rung(heading, _plural(design).capitalize(), asked, evidence))
    return rungs


def _rung(heading: str, label: str, question: Question, evidence: Evidence) -> Rung:
    return Rung(heading, label, answer(question, evidence))


def _plural(design: str) -> str:
    return words.DESIGN_PLURALS[design]


# --- in words ------------------------------------------------------------------------------------
def _finding(found: Answer, by_year: list[Step], rungs: list[Rung]) -> str:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    if len(by_year) < 2:
        what = "one study" if pooled.k == 1 else "fewer than two studies with a reported year"
        return f"Nothing was added: the answer rests on {what}."
    first, last = by_year[0], by_year[-1]
    years = f"{first.fit.label:.0f} to {last.fit.label:.0f}"
    text = (
        f"From {years}, over {studies_in(q, len(by_year))}, the estimate moved "
        f"{moved_text(q, first.fit.estimate, last.fit.estimate)}"
    )
    turns = _turns(found, by_year)
    now = reading(found, last.fit.ci_low, last.fit.ci_high)
    if not now:
        return f"{text}."
    if not turns:
        return f"{text}; the conclusion was “{now}” throughout."
    times = "once" if len(turns) == 1 else f"{len(turns)} times"
    return f"{text}; the conclusion changed {times} and is now “{now}”."


def _turns(found: Answer, steps: list[Step]) -> list[tuple[Step, str, str]]:
    """Steps at which the reading changed, with what it was and what it became."""
    turns = []
    for before, after in pairwise(steps):
        was, became = (reading(found, s.fit.ci_low, s.fit.ci_high) for s in (before, after))
        if was != became:
            turns.append((after, was, became))
    return turns


def _sentences(
    found: Answer, by_year: list[Step], by_precision: list[Step], rungs: list[Rung]
) -> Iterator[str]:
    q = found.question
    for step, was, became in _turns(found, by_year)[:4]:
        yield (
            f"With {_dated(step)} the conclusion changed from “{was}” to “{became}” "
            f"({_value(q, step.fit)})."
        )
    if len(by_year) >= 3:
        moves = [(abs(b.fit.estimate - a.fit.estimate), a, b) for a, b in pairwise(by_year)]
        _, before, after = max(moves, key=lambda move: move[0])
        yield (
            f"The largest single step was {_dated(after)}: "
            f"{moved_text(q, before.fit.estimate, after.fit.estimate)}."
        )
    if len(by_precision) >= 2:
        first, last = by_precision[0], by_precision[-1]
        yield (
            f"From the most precise study ({first.label}, {printed(q, first.fit.estimate)}) on, adding less precise "
            f"ones moved the estimate {moved_text(q, first.fit.estimate, last.fit.estimate)}"
            f"{_by_size(q, last.fit.estimate - first.fit.estimate)}."
        )
    yield from _design_sentences(q, rungs)


def _by_size(question: Question, difference: float) -> str:
    return f" (by {size_text(question, difference)})" if question.spec.kind == "score" else ""


def _design_sentences(question: Question, rungs: list[Rung]) -> Iterator[str]:
    shown = [r for r in rungs if r.answer.studies]
    if not shown:
        yield "No design has a study with a usable result at this time."
        return
    said = "; ".join(f"{_named(r)} {interval_text(r.answer)}, {_count(r.answer)}" for r in shown)
    yield f"From less to more rigorous: {said}."
    compared = [r for r in shown if not r.answer.question.one_group]
    if len(compared) >= 2:
        yield _nearest_step(question, *compared[-2:])
    empty = [r for r in rungs if not r.answer.studies]
    if empty:
        yield f"Without a usable result: {listed([_named(r) for r in empty])}."


def _nearest_step(question: Question, less: Rung, more: Rung) -> str:
    """How the most rigorous comparison differs from the one before it."""
    first, last = (r.answer.told.result.estimate for r in (less, more))
    values = f"{printed(question, last)} against {printed(question, first)}"
    names = f"{more.label.lower()} than in {less.label.lower()}"
    other = "; but these are compared with different things" if less.heading != more.heading else ""
    if first * last < 0:
        return f"{more.label} and {less.label.lower()} point to different sides ({values}){other}."
    how = "smaller" if abs(last) < abs(first) else "larger"
    return f"The difference is {how} in {names} ({values}){other}."


def _dated(step: Step) -> str:
    """The study with its year, which many labels already hold."""
    year = f"{step.fit.label:.0f}"
    return step.label if year in step.label else f"{step.label} {year}"


def _named(rung: Rung) -> str:
    label = rung.label[0].lower() + rung.label[1:]
    if rung.answer.question.one_group:
        return label
    return f"{label} against {words.SHORT[rung.answer.question.comparator]}"


def _count(found: Answer) -> str:
    return studies_in(found.question, len(found.studies))


def _value(question: Question, fit: Refit) -> str:
    return result_text(question, fit.estimate, fit.ci_low, fit.ci_high)


def _cautions(
    found: Answer, by_year: list[Step], undated: list[str], rungs: list[Rung]
) -> Iterator[str]:
    if undated:
        verb = "gives" if len(undated) == 1 else "give"
        yield f"{listed(undated)} {verb} no year and cannot be placed: left out of the order by year."
    if len(by_year) >= 2:
        yield (
            "The intervals on the way are those of a single look: they do not allow for looking again after each study."
        )
        chosen = found.told is not None and found.told.chosen
        if chosen and found.question.ci != "wald" and found.question.tau2 != "EE":
            yield (
                "With the second study the interval becomes wide, because only then does the model learn how far "
                "studies differ, and from two that is hardly known."
            )
    if any(r.answer.question.one_group for r in rungs if r.answer.studies):
        yield (
            "Results of one group include healing, regression to the mean and selection, besides any effect: "
            "they are another kind of number than the comparisons."
        )


# --- panels --------------------------------------------------------------------------------------
def _steps_panel(
    id: str, found: Answer, steps: list[Step], order: str, narrow: bool
) -> Iterator[Panel]:
    if len(steps) < 2:
        return
    q, year = found.question, id == "by-year"
    last = len(steps) - 1
    rows = tuple(
        IntervalRow(
            _dated(s) if year else f"+ {s.label}" if i else s.label,
            s.fit.estimate, s.fit.ci_low, s.fit.ci_high, _value(q, s.fit),
            "whole" if i == last else "usual",
        )
        for i, s in enumerate(steps)
    )  # fmt: skip
    heading = "With each study" + (" as it was published" if year else ", the most precise first")
    note = (
        f"Bars: {interval_name(q)} of all studies up to that row. Dotted line: the result of all."
    )
    if found.mid is not None and not q.one_group:
        note += f" Grey band: smaller than the minimal important difference of {found.mid.value:g}."
    figure = interval_rows(found, [Block(heading, rows)], note=note, marks=marks(q), narrow=narrow)
    table = tuple(
        (
            _dated(s) if year else s.label, str(s.fit.k),
            printed(q, s.fit.estimate),
            f"{printed(q, s.fit.ci_low, False)} to {printed(q, s.fit.ci_high)}",
            reading(found, s.fit.ci_low, s.fit.ci_high) or "–",
        )
        for s in steps
    )  # fmt: skip
    said = "; ".join(f"{row.label} {row.text}" for row in rows)
    yield Panel(
        id=id,
        title=f"The estimate as studies are added, {order}",
        figure=plain_figure(figure),
        caption=f"{q.title()}, study by study, {order}: {said}.",
        columns=("Study added", "Studies", "Estimate", interval_name(q), "Reading"),
        rows=table,
    )


def _design_panel(question: Question, rungs: list[Rung], narrow: bool) -> Iterator[Panel]:
    shown = [r for r in rungs if r.answer.studies]
    if not shown:
        return
    panels = [
        Layer(heading, tuple(Line(r.label, r.answer) for r in shown if r.heading == heading))
        for heading in dict.fromkeys(r.heading for r in shown)
    ]
    left, right = (text.replace("<br>", " ") for text in sides(_between(question, shown)))
    share = claimed(question)
    mark = (
        None
        if share is None
        else Mark(topic().claimed.percent, f"claimed: over {words.CLAIMED_PERCENT}%")
    )
    one_kind = len({r.answer.question.one_group for r in shown}) == 1
    same_comparator = len({r.answer.question.comparator for r in shown}) == 1
    unit = question.spec.unit
    title = axis_title(shown[0].answer.question) if one_kind else unit.capitalize()
    figure = layers(
        panels,
        axis_title=title,
        left=left if same_comparator else _better(question)[0],
        right=right if same_comparator else _better(question)[1],
        mark=mark,
        narrow=narrow,
    )
    rows = tuple(
        (
            _named(r), _count(r.answer) if r.answer.studies else "none",
            interval_text(r.answer) if r.answer.studies else "no usable result",
            _reading(r.answer),
        )
        for r in rungs
    )  # fmt: skip
    said = "; ".join(f"{_named(r)} {interval_text(r.answer)}, {_count(r.answer)}" for r in shown)
    yield Panel(
        id="by-design",
        title="The estimate by design, from the least rigorous to the most",
        figure=plain_figure(figure),
        caption=f"{question.title()}, by design: {said}.",
        columns=("Design", "Studies", f"Estimate ({interval_name(question)})", "Reading"),
        rows=rows,
    )


def _reading(found: Answer) -> str:
    """The reading of what the figure shows."""
    if found.pooled is None:
        return "–"
    result = found.told.result
    return reading(found, result.ci_low, result.ci_high) or "–"


def _between(question: Question, shown: list[Rung]) -> Question:
    """The Question whose sides the axis names: the first comparison, else one group, which has none."""
    compared = [r.answer.question for r in shown if not r.answer.question.one_group]
    return compared[0] if compared else question.replace(comparator=words.NONE, measure="")


def _better(question: Question) -> tuple[str, str]:
    """What lies towards either end where numbers of different kinds share the axis."""
    return ("◀ better", "worse ▶") if question.spec.lower_is_better else ("◀ worse", "better ▶")


def _facts(
    found: Answer, by_year: list[Step], by_precision: list[Step], rungs: list[Rung]
) -> dict[str, object]:
    def told(steps: list[Step]) -> list[dict[str, object]]:
        return [
            {
                "added": s.label, "order": s.fit.label, "k": s.fit.k, "estimate": s.fit.estimate,
                "ci_low": s.fit.ci_low, "ci_high": s.fit.ci_high,
            }
            for s in steps
        ]  # fmt: skip

    return plain_facts(
        {
            "k": len(found.studies),
            "by_year": told(by_year),
            "by_precision": told(by_precision),
            "by_design": [
                {
                    "design": _named(r),
                    "question": r.answer.question.to_query(),
                    "k": len(r.answer.studies),
                    "estimate": r.answer.told.result.estimate if r.answer.studies else None,
                }
                for r in rungs
            ],
        }
    )
