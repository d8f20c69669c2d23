"""A Question on slides: one slide with its forest plot, or a deck with summary, plot, studies, certainty, sources."""

from __future__ import annotations

import math

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.appraisal.certainty import signals
from analysis.effects.scale import in_percent, printed, shown
from analysis.effects.study_effect import FLAGS, StudyEffect, plain
from analysis.evidence import Evidence
from analysis.evidence.records import studies_by_id
from analysis.export.artefacts import NothingToTake
from analysis.export.slides.chart import Line, Mark, Scale
from analysis.export.slides.deck import (
    BODY_BOTTOM,
    LEFT,
    QUIET,
    ROOM,
    Cell,
    Column,
    Deck,
    Foot,
    add_table,
    add_text,
    row_height,
)
from analysis.export.slides.rows import Plot, Row, add_plot, split
from analysis.export.slides.table_slides import table_slides
from analysis.figures import theme
from analysis.figures.axis import value_axis
from analysis.figures.standalone import basis
from analysis.figures.words import (
    axis_title,
    caption,
    heterogeneity_line,
    level_text,
    model_line,
    range_text,
    sides,
)
from analysis.question import Question
from analysis.survey.provenance import data_line
from analysis.synthesis import Pooled

SOURCE = "Published figures, pooled by a stated method. Not medical advice."
_GREY = theme.GREY.lstrip("#")
SYMBOLS = {
    "square": "square", "diamond": "diamond", "triangle-up": "triangle", "circle": "circle", "x": "x",
}  # fmt: skip
"""Plotly's names of the symbols of designs, and DrawingML's."""


def question_slide(question: Question, evidence: Evidence, link: str) -> bytes:
    """The forest plot with its numbers, on one slide; on more only where one cannot hold all studies legibly.

    Raises
    ------
    NothingToTake
        When no study answers the Question.
    """
    answer = _answered(question, evidence)
    deck = _deck(answer, evidence, link)
    _forest_slides(deck, answer)
    return deck.saved()


def question_deck(question: Question, evidence: Evidence, link: str) -> bytes:
    """Summary, forest plot, studies, certainty, method and sources.

    Raises
    ------
    NothingToTake
        When no study answers the Question.
    """
    answer = _answered(question, evidence)
    deck = _deck(answer, evidence, link)
    _summary_slide(deck, answer)
    _forest_slides(deck, answer)
    _study_slides(deck, answer)
    _certainty_slide(deck, answer, evidence)
    _source_slides(deck, answer, evidence)
    return deck.saved()


def _answered(question: Question, evidence: Evidence) -> Answer:
    answer = ask(question, evidence)
    if answer.pooled is None:
        raise NothingToTake(answer.statement.finding)
    return answer


def _deck(answer: Answer, evidence: Evidence, link: str) -> Deck:
    source = f"{data_line(evidence)}. {SOURCE}"
    return Deck(
        answer.question.title(), answer.statement.finding, Foot(source, link, evidence.sha256)
    )


# --- the forest plot -----------------------------------------------------------------------------
def _forest_slides(deck: Deck, answer: Answer) -> None:
    rows, closing = _study_rows(answer), _summary_rows(answer)
    parts = split(rows, closing)
    for i, part in enumerate(parts, start=1):
        which = f" ({i} of {len(parts)})" if len(parts) > 1 else ""
        slide, top = deck.slide(answer.statement.finding, _numbers_in_words(answer))
        top += add_text(
            slide, f"{basis(answer)}{which}", LEFT, top, ROOM, 20, sizes=(15, 14, 13, 12, 11),
            colour=QUIET, name="Question",
        )  # fmt: skip
        add_plot(slide, _plot(answer, part), top + 8, name="Forest plot", text=caption(answer))


def _plot(answer: Answer, rows: tuple[Row, ...]) -> Plot:
    q = answer.question
    codes = (q.intervention,) if q.one_group else (q.intervention, q.comparator)
    unit = ", % points" if q.effect_measure == "RD" else ""
    name = {"MC": "Change", "PLO": "%", "PAS": "%", "PR": "%"}.get(
        q.effect_measure, q.effect_measure
    )
    columns = [("Study", "left"), *((code, "right") for code in codes)]
    columns.append((f"{name}{unit} ({level_text(q.level)} CI)", "right"))
    if len(answer.studies) > 1:
        columns.append(("Weight", "right"))
    return Plot(
        rows, tuple(columns), 1 + len(codes), scale_of(answer), _lines(answer), sides(q),
        axis_title(q), answer.statement.meaning, _note(answer),
    )  # fmt: skip


def _note(answer: Answer) -> str:
    """The model, the heterogeneity, and what the lines and symbols of the drawing are."""
    lines = []
    if not answer.question.one_group and answer.mid is not None:
        lines.append(
            f"dashed: minimal important difference, {answer.mid.value:g} {answer.question.spec.unit}"
        )
    if len(answer.studies) > 1:
        lines.append("dotted: pooled")
    shapes = {"square": "■", "diamond": "◆", "triangle-up": "▲", "circle": "●", "x": "✕"}
    designs = dict.fromkeys(s.design for s in answer.studies)
    lines += [f"{shapes[words.SYMBOLS[d]]} {words.DESIGNS[d]}" for d in designs]
    key = "; ".join(lines)
    return " ".join([*_method(answer), f"{key[0].upper()}{key[1:]}."])


def scale_of(answer: Answer) -> Scale:
    """The axis of the page's figure, in printed values."""
    axis = value_axis(answer)
    if answer.question.effect_measure in words.RATIOS:
        return Scale.ratio(math.exp(axis.low), math.exp(axis.high))
    return Scale.linear(axis.low, axis.high, percent=axis.percent)


def _lines(answer: Answer) -> tuple[Line, ...]:
    q, pooled = answer.question, answer.pooled
    assert pooled is not None
    found = []
    if not q.one_group:
        null = 1.0 if q.effect_measure in words.RATIOS else 0.0
        found.append(Line("No effect", null))
        if answer.mid is not None:
            found += [
                Line(
                    "Minimal important difference", side * answer.mid.value, "sysDash", "A8B0B7", 1
                )
                for side in (-1, 1)
            ]
    if pooled.k > 1:
        found.append(Line("Pooled", on_axis(q, pooled.estimate), "sysDot"))
    return tuple(found)


def on_axis(question: Question, value: float) -> float:
    """A pooled-scale value as the chart and its data sheet hold it: as printed, but not rounded."""
    percent = 100.0 if in_percent(question) else 1.0
    return float(shown(question.effect_measure, value)) * percent


def colour_of(treatment: str) -> str:
    return theme.colour(treatment).lstrip("#")


def _study_rows(answer: Answer) -> list[Row]:
    q, pooled = answer.question, answer.pooled
    assert pooled is not None
    rows = []
    for study, weight in zip(answer.studies, pooled.weights, strict=True):
        low, high = study.interval(q.level)
        mark = Mark(
            study.label, on_axis(q, study.yi), on_axis(q, low), on_axis(q, high),
            colour_of(q.intervention), SYMBOLS[words.SYMBOLS[study.design]],
            round(5 + 11 * math.sqrt(weight / 100)), 1.5,
        )  # fmt: skip
        arms = [_arm(study.text_t, study.n_t)]
        if not q.one_group:
            arms.append(_arm(study.text_c, study.n_c))
        share = (f"{weight:.1f}%",) if pooled.k > 1 else ()
        rows.append(Row(mark, (study.label, *arms, _effect(q, study.yi, low, high), *share)))
    return rows


def _arm(text: str, n: float) -> str:
    return text if "/" in text else "" if math.isnan(n) else f"n = {plain(n)}"


def _effect(question: Question, value: float, low: float, high: float) -> str:
    return (
        f"{printed(question, value, False)} ({printed(question, low, False)} to "
        f"{printed(question, high, False)})"
    )


def _summary_rows(answer: Answer) -> list[Row]:
    """The pooled effect, the prediction interval, and the common effect; none for a single study."""
    q, pooled, common = answer.question, answer.pooled, answer.common
    assert pooled is not None
    assert common is not None
    if pooled.k == 1:
        return []
    blank = ("",) * (1 if q.one_group else 2)
    random = pooled.tau2_method != "EE"
    colour = colour_of(q.intervention)
    rows = [
        _result_row(q, pooled, "Random effects" if random else "Common effect", colour, blank, True)
    ]
    if pooled.pi_low is not None and pooled.pi_high is not None:
        text = f"{printed(q, pooled.pi_low, False)} to {printed(q, pooled.pi_high, False)}"
        mark = Mark("Prediction interval", math.nan, on_axis(q, pooled.pi_low),
                    on_axis(q, pooled.pi_high), colour, line=4)  # fmt: skip
        rows.append(Row(mark, ("Prediction interval", *blank, text, "")))
    if random:
        rows.append(_result_row(q, common, "Common effect", _GREY, blank, False))
    return rows


def _result_row(
    q: Question, result: Pooled, label: str, colour: str, blank: tuple[str, ...], bold: bool
) -> Row:
    ends = (result.estimate, result.ci_low, result.ci_high)
    mark = Mark(label, *(on_axis(q, v) for v in ends), colour, "diamond", 13 if bold else 11, 3)
    return Row(mark, (label, *blank, _effect(q, *ends), ""), bold=bold)


def _numbers_in_words(answer: Answer) -> str:
    """Notes: what to say, the numbers of every study, and what they rest on."""
    q = answer.question
    said = answer.statement
    studies = [
        f"{s.label} ({words.DESIGNS[s.design]}, {s.timepoint}): "
        f"{printed(q, s.yi)} ({range_text(q, *s.interval(q.level))})"
        for s in answer.studies
    ]
    return "\n".join([str(said), "", *_method(answer), "", *studies])


def _method(answer: Answer) -> list[str]:
    pooled = answer.pooled
    assert pooled is not None
    if pooled.k == 1:
        return ["One study: shown, not pooled."]
    return [
        model_line(answer),
        heterogeneity_line(answer),
        *(f"{n[0].upper()}{n[1:]}." for n in pooled.notes),
    ]


# --- the other slides of a deck ------------------------------------------------------------------
def _summary_slide(deck: Deck, answer: Answer) -> None:
    q, pooled, said = answer.question, answer.pooled, answer.statement
    assert pooled is not None
    slide, top = deck.slide(said.finding, _numbers_in_words(answer))
    top += 20 + add_text(
        slide, q.title(), LEFT, top, ROOM, 20, sizes=(15, 14, 13, 12), colour=QUIET, name="Question"
    )
    facts = [("Estimate", printed(q, pooled.estimate)),
             (f"{level_text(q.level)} confidence interval", range_text(q, pooled.ci_low, pooled.ci_high))]  # fmt: skip
    if pooled.pi_low is not None and pooled.pi_high is not None:
        facts.append(("Prediction interval", range_text(q, pooled.pi_low, pooled.pi_high)))
    if answer.mid is not None and not q.one_group:
        facts.append(("Minimal important difference", f"{answer.mid.value:g} {q.spec.unit}"))
    facts.append(("Studies", str(pooled.k)))
    known = [s.patients for s in answer.studies if not math.isnan(s.patients)]
    if known:
        least = "at least " if len(known) < pooled.k else ""
        facts.append((q.unit[0].upper() + q.unit[1:], f"{least}{sum(known):,.0f}"))
    facts.append(("Printed rows left out, with reasons", str(len(answer.left_out))))
    half = ROOM / 2 - 16
    text = "\n\n".join(part for part in (said.meaning, said.evidence) if part)
    add_text(slide, text, LEFT, top, half, BODY_BOTTOM - top,
             sizes=(22, 20, 18, 16, 14, 12), name="What it means")  # fmt: skip
    columns = (Column("", half * 0.5), Column("", half * 0.5))
    size = 16
    heights = [row_height(fact, columns, size) + 8 for fact in facts]
    add_table(
        slide, columns, [(Cell(a, colour=QUIET), Cell(b, bold=True)) for a, b in facts], [4, *heights],
        LEFT + half + 32, top, size=size, name="Numbers",
        text="; ".join(f"{a}: {b}" for a, b in facts),
    )  # fmt: skip


_STUDY_COLUMNS = (
    Column("Study", 200), Column("Kind", 170), Column("When", 90), Column("Patients", 70, "right"),
    Column("Effect and interval", 170, "right"), Column("Keep in mind", 180),
)  # fmt: skip


def _study_slides(deck: Deck, answer: Answer) -> None:
    q = answer.question
    texts = [_study_texts(q, study) for study in answer.studies]
    table_slides(
        deck, "The studies behind it", _STUDY_COLUMNS, texts, _numbers_in_words(answer),
        sizes=(15, 14, 13, 12, 11),
    )  # fmt: skip


def _study_texts(q: Question, study: StudyEffect) -> tuple[str, ...]:
    low, high = study.interval(q.level)
    return (
        study.label, words.DESIGNS[study.design], study.timepoint,
        "not printed" if math.isnan(study.patients) else plain(study.patients),
        _effect(q, study.yi, low, high), "; ".join(FLAGS[flag] for flag in study.flags),
    )  # fmt: skip


def _certainty_slide(deck: Deck, answer: Answer, evidence: Evidence) -> None:
    found = signals(answer, evidence)
    if not found:
        return
    columns = (
        Column("What weighs on certainty", 190),
        Column("Reading", 120),
        Column("What was found", 570),
    )
    # on the page the published remarks stand below the signals
    said = [s.finding.replace("stands below", "stands in the notes") for s in found]
    rows = [(s.title, s.reading, text) for s, text in zip(found, said, strict=True)]
    notes = "\n".join(
        [
            "These are facts about the studies in hand, not a rating: a rating is a human judgement.",
            *(f"{remark.text} {remark.source_url}" for s in found for remark in s.remarks),
        ]
    )
    table_slides(
        deck, "How certain this is: what speaks for and against", columns, rows, notes,
        sizes=(16, 15, 14, 13, 12, 11),
    )  # fmt: skip


def _source_slides(deck: Deck, answer: Answer, evidence: Evidence) -> None:
    records = studies_by_id(evidence)
    rows = [(study.label, source_text(records[study.study_id])) for study in answer.studies]
    method = " ".join(_method(answer))
    rows.insert(0, ("Method", method))
    columns = (Column("", 220), Column("How, and from where", 660))
    table_slides(deck, "Method and sources", columns, rows, method, sizes=(15, 14, 13, 12, 11))


def source_text(record: dict[str, object]) -> str:
    """Title, journal, year and identifier of a report, as far as they are known."""
    title = str(record["title"]).rstrip(".")
    year = record["year"]
    place = str(record["journal"])
    if isinstance(year, float) and not math.isnan(year):
        place = f"{place} {year:.0f}".strip()
    identifier = f"doi:{record['doi']}" if record["doi"] else str(record["source_url"])
    return ". ".join(part for part in (title, place, identifier) if part) + "."
