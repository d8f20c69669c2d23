"""Whole answers as the rows of a plot: one row for each, on the scale that they share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.details import one_group_caution
from analysis.appraisal.wording import kinds
from analysis.effects.scale import in_percent
from analysis.export.slides.chart import Line, Mark, Scale
from analysis.export.slides.plot import Plot, Row
from analysis.export.slides.question_deck import colour_of, on_axis, pale
from analysis.figures.words import interval_text

_WIDEST = 20.0
"""How far an axis of ratios reaches for the sake of an interval."""


def answer_row(label: str, found: Answer) -> Row:
    """The told result of an answer with its number of studies; pale where studies are to be read one by one."""
    q, told = found.question, found.told
    assert told is not None
    result = told.result
    ends = (on_axis(q, v) for v in (result.estimate, result.ci_low, result.ci_high))
    colour = pale(colour_of(q.intervention)) if found.apart else colour_of(q.intervention)
    mark = Mark(label, *ends, colour, "diamond", 11, 2.5)
    return Row(mark, (label, interval_text(found), str(len(found.studies))))


def heading_row(title: str) -> Row:
    return Row(Mark(title), (title,), heading=True)


def answers_plot(
    rows: tuple[Row, ...], every: Sequence[Row], answers: Sequence[Answer], *, axis_title: str,
    sides: tuple[str, str] = ("", ""), lines: Sequence[Line] = (), meaning: str = "", notes: Sequence[str] = (),
    last: str = "Studies", over: tuple[float, str] | None = None,
) -> Plot:  # fmt: skip
    """The plot of `rows`, on the scale of `every` row of the figure that they are a part of."""
    name = kinds([a.pooled for a in answers], answers[0].question.level)
    said = list(notes)
    if any(a.apart for a in answers):
        said.append("Pale: studies that are to be read one by one; the mark is their mean.")
    drawn = [*lines]
    if not all(a.question.one_group for a in answers):
        ratio = answers[0].question.effect_measure in words.RATIOS
        drawn.append(Line("No effect", 1.0 if ratio else 0.0))
    return Plot(
        rows, (("", "left"), (f"Estimate\n({name})", "right"), (last, "right")), 1,
        scale_for(answers, [row.mark for row in every]), tuple(drawn), sides, axis_title, meaning,
        tuple(said), over,
    )  # fmt: skip


def scale_for(answers: Sequence[Answer], marks: Sequence[Mark]) -> Scale:
    """The range of the intervals; one far wider than the others is cut."""
    question = answers[0].question
    drawn = [m for m in marks if not math.isnan(m.value)]
    wide = [m for m in drawn if m.high > m.low] or drawn
    if question.effect_measure in words.RATIOS:
        wide = [m for m in wide if m.low > 0]
        half = median(math.log(m.high / m.low) / 2 for m in wide)
        low, high = min(m.value for m in drawn), max(m.value for m in drawn)
        return Scale.ratio(
            max(min(m.low for m in wide), low * math.exp(-3 * half), min(low, 1 / _WIDEST)),
            min(max(m.high for m in wide), high * math.exp(3 * half), max(high, _WIDEST)),
        )
    if in_percent(question) and question.one_group:
        return Scale.linear(0, 100, percent=True)
    half = median((m.high - m.low) / 2 for m in wide)
    low, high = min(m.value for m in drawn), max(m.value for m in drawn)
    return Scale.linear(
        min(max(min(m.low for m in wide), low - 3 * half), 0.0),
        max(min(max(m.high for m in wide), high + 3 * half), 0.0),
        percent=in_percent(question),
    )


def caution_of_one_group(answers: Sequence[Answer]) -> str:
    """What figures of one group are not; "" beside comparisons, and for harms, which claim no effect."""
    if not all(found.question.one_group for found in answers):
        return ""
    said = dict.fromkeys(one_group_caution(found.question) for found in answers)
    return " ".join(filter(None, said))
