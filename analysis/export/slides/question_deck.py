"""A Question on slides: one slide with its forest plot, or a deck with summary, plot, studies, certainty, sources."""

from __future__ import annotations

import math

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.appraisal.certainty import signals
from analysis.appraisal.sentences import HEADLINE_WORDS
from analysis.appraisal.wording import ends, kind_spelled, patients
from analysis.effects.scale import in_percent, printed, shown
from analysis.evidence import Evidence
from analysis.evidence.records import studies_by_id
from analysis.export.artefacts import NothingToTake
from analysis.export.slides.chart import Line, Mark, Scale, important, over_small
from analysis.export.slides.deck import (
    BODY_BOTTOM,
    LEFT,
    QUIET,
    ROOM,
    SMALLEST,
    Cell,
    Column,
    Deck,
    Foot,
    add_said,
    add_table,
    add_text,
    row_height,
)
from analysis.export.slides.parts import below_words, titled
from analysis.export.slides.plot import Plot, Row
from analysis.export.slides.rows import add_plot, rows_below, split
from analysis.export.slides.rows import shown as shown_rows
from analysis.export.slides.table_slides import table_slides
from analysis.figures import theme
from analysis.figures.axis import value_axis
from analysis.figures.forest_table import (
    ASSUMED,
    POOLED,
    PREDICTION,
    ForestRow,
    cells,
    forest_table,
)
from analysis.figures.standalone import basis
from analysis.figures.words import (
    axis_title,
    caption,
    heterogeneity_line,
    level_text,
    model_line,
    sides,
)
from analysis.prose import capital, counted, words_in
from analysis.question import Question
from analysis.survey.provenance import data_line

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
    _forest_slides(deck, answer, answer.headline)
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
    _forest_slides(deck, answer, _one_by_one(answer))
    _study_slides(deck, answer)
    _certainty_slide(deck, answer, evidence)
    _source_slides(deck, answer, evidence)
    return deck.saved()


def _answered(question: Question, evidence: Evidence) -> Answer:
    answer = ask(question, evidence)
    if answer.pooled is None:
        raise NothingToTake(answer.sentence)
    return answer


def _deck(answer: Answer, evidence: Evidence, link: str) -> Deck:
    source = f"{data_line(evidence)}. {SOURCE}"
    return Deck(answer.headline, answer.sentence, Foot(source, link, evidence.sha256))


# --- the forest plot -----------------------------------------------------------------------------
def _forest_slides(deck: Deck, answer: Answer, title: str) -> None:
    rows, closing = _study_rows(answer), _summary_rows(answer)
    said, caution = answer.sentence, _caution(answer)
    parts = split(rows, closing, rows_below(below_words(title, "studies", said, caution)))
    for own_title, part in titled(title, parts, shown_rows(parts, closing), "studies"):
        slide, top = deck.slide(own_title, _numbers_in_words(answer))
        top += add_said(slide, said, caution, top)
        add_plot(
            slide, _plot(answer, tuple(part)), top + 8, name="Forest plot", text=caption(answer)
        )


def _caution(answer: Answer) -> str:
    """What no copy of the answer may lose."""
    return " ".join(filter(None, (*answer.cautions, answer.change_line)))


def _plot(answer: Answer, rows: tuple[Row, ...]) -> Plot:
    q, table = answer.question, forest_table(answer)
    columns = [
        ("Study", "left"),
        *((name, "right") for name in table.arms),
        (_effect_heading(answer), "right"),
    ]
    spare = [*range(1, 1 + len(table.arms))]
    if not answer.apart and len(answer.studies) > 1:
        spare.insert(0, len(columns))
        columns.append(("Weight", "right"))
    return Plot(
        rows, tuple(columns), 1 + len(table.arms), scale_of(answer), _lines(answer), sides(q),
        axis_title(q), " ".join(answer.details[:1]), _note(answer),
        None if q.one_group else over_small(answer.mid), tuple(spare),
    )  # fmt: skip


def _effect_heading(answer: Answer) -> str:
    """The measure without an abbreviation, over two lines."""
    q = answer.question
    name = (
        axis_title(q).partition(" (")[0] if not q.one_group or q.spec.kind == "score" else "Percent"
    )
    return f"{name.replace('Change from before treatment', 'Change')}\n({level_text(q.level)} interval)"


def _note(answer: Answer) -> tuple[str, ...]:
    """What lines and symbols of the drawing are, what letters stand for, and the model; the notes say more."""
    lines = ["dotted: pooled"] if answer.told is not None and answer.told.together else []
    shapes = {"square": "■", "diamond": "◆", "triangle-up": "▲", "circle": "●", "x": "✕"}
    designs = dict.fromkeys(s.design for s in answer.studies)
    key = "; ".join([*lines, *(f"{shapes[words.SYMBOLS[d]]} {words.DESIGNS[d]}" for d in designs)])
    letters = (
        f"{short}: {name}." for short, name in _SHORT.items() if f" {short} " in answer.sentence
    )
    return f"{capital(key)}.", *letters, _model(answer)


_SHORT = {"CrI": "credible interval", "CI": "confidence interval"}


def _model(answer: Answer) -> str:
    """The model by its name, without how it was fitted; one study has none."""
    told = answer.told
    assert told is not None
    if told.result.k == 1:
        return ""
    line = model_line(answer).rstrip(".").partition(";")[0]
    return f"{line.removesuffix(f', {answer.pooled.tau2_method}')}."


def scale_of(answer: Answer) -> Scale:
    """The axis of the page's figure, in printed values."""
    axis = value_axis(answer)
    if answer.question.effect_measure in words.RATIOS:
        return Scale.ratio(math.exp(axis.low), math.exp(axis.high))
    return Scale.linear(axis.low, axis.high, percent=axis.percent)


def _lines(answer: Answer) -> tuple[Line, ...]:
    q, told = answer.question, answer.told
    assert told is not None
    drawn = []
    if not q.one_group:
        drawn.append(Line("No effect", 1.0 if q.effect_measure in words.RATIOS else 0.0))
        drawn += important(answer.mid)
    if told.together:
        drawn.append(Line("Pooled", on_axis(q, told.result.estimate), "sysDot"))
    return tuple(drawn)


def on_axis(question: Question, value: float) -> float:
    """A pooled-scale value as the chart and its data sheet hold it: as printed, but not rounded."""
    percent = 100.0 if in_percent(question) else 1.0
    return float(shown(question.effect_measure, value)) * percent


def colour_of(treatment: str) -> str:
    return theme.colour(treatment).lstrip("#")


def _study_rows(answer: Answer) -> list[Row]:
    """The studies' rows: a mark as large as its weight, and the cells of the forest table."""
    q, told = answer.question, answer.told
    assert told is not None
    colour, rows = colour_of(q.intervention), []
    for row, weight in zip(forest_table(answer).studies, told.result.weights, strict=True):
        assert row.study is not None
        symbol = SYMBOLS[words.SYMBOLS[row.study.design]]
        ends = (on_axis(q, v) for v in (row.estimate, row.low, row.high))
        mark = Mark(row.label, *ends, colour, symbol, round(5 + 11 * math.sqrt(weight / 100)), 1.5)
        share = () if answer.apart or told.result.k == 1 else (row.weight_text,)
        rows.append(Row(mark, (row.label, *row.arms, row.effect, *share)))
    return rows


def _summary_rows(answer: Answer) -> list[Row]:
    """The rows below the studies; pale where studies are too few to pool."""
    q, table = answer.question, forest_table(answer)
    blank, colour = ("",) * len(table.arms), colour_of(q.intervention)
    share = () if answer.apart else ("",)
    rows = []
    for row in table.summary:
        low, high = on_axis(q, row.low), on_axis(q, row.high)
        if row.kind == PREDICTION:
            mark = Mark(row.label, math.nan, low, high, colour, line=4)
        else:
            hue = pale(colour) if row.kind == ASSUMED else colour
            mark = Mark(row.label, on_axis(q, row.estimate), low, high, hue, "diamond", 13, 3)
        rows.append(Row(mark, (row.label, *blank, row.effect, *share), bold=row.kind == POOLED))
    return rows


def pale(colour: str) -> str:
    """A colour half way to white, for what is shown with less confidence.

    >>> pale("0072B2")
    '7FB8D8'
    """
    return "".join(f"{(int(colour[i : i + 2], 16) + 255) // 2:02X}" for i in (0, 2, 4))


def _numbers_in_words(answer: Answer) -> str:
    """Notes: what to say, the numbers of every study, and what they rest on."""
    studies = [
        f"{row.label} ({words.DESIGNS[row.study.design]}, {row.study.timepoint}): {row.effect}"
        for row in forest_table(answer).studies
        if row.study is not None
    ]
    return "\n".join([basis(answer), str(answer), "", *_method(answer), "", *studies])


def _method(answer: Answer) -> list[str]:
    told = answer.told
    assert told is not None
    if told.result.k == 1:
        return [told.reason]
    return [model_line(answer), heterogeneity_line(answer), told.reason]


# --- the other slides of a deck ------------------------------------------------------------------
def _summary_slide(deck: Deck, answer: Answer) -> None:
    q, told = answer.question, answer.told
    assert told is not None
    slide, top = deck.slide(answer.headline, _numbers_in_words(answer))
    top += 20 + add_said(slide, answer.sentence, _caution(answer), top)
    facts = [] if q.one_group and answer.apart else [
        ("Estimate", printed(q, told.result.estimate)),
        (kind_spelled(told.result).capitalize(), ends(q, told.result.ci_low, told.result.ci_high)),
    ]  # fmt: skip
    if told.prediction is not None:
        facts.append(("Prediction interval", ends(q, told.prediction.low, told.prediction.high)))
    if answer.mid is not None and not q.one_group:
        facts.append(("Minimal important difference", f"{answer.mid.value:g} {q.spec.unit}"))
    facts.append(("Studies", str(len(answer.studies))))
    if size := patients(answer.studies, q.unit):
        facts.append((q.unit[0].upper() + q.unit[1:], size.removesuffix(f" {q.unit}")))
    facts.append(("Results left out, with reasons", str(len(answer.left_out))))
    half = ROOM / 2 - 16
    text = "\n\n".join(answer.details)
    add_text(slide, text, LEFT, top, half, BODY_BOTTOM - top,
             sizes=(22, 20, 18, 16, SMALLEST), name="What it means")  # fmt: skip
    columns = (Column("", half * 0.5), Column("", half * 0.5))
    size_ = 16
    heights = [row_height(fact, columns, size_) + 8 for fact in facts]
    add_table(
        slide, columns, [(Cell(a, colour=QUIET), Cell(b, bold=True)) for a, b in facts], [4, *heights],
        LEFT + half + 32, top, size=size_, name="Numbers",
        text="; ".join(f"{a}: {b}" for a, b in facts),
    )  # fmt: skip


_STUDY_COLUMNS = (
    Column("Study", 175), Column("Kind", 135), Column("When", 85), Column("Patients", 80, "right"),
    Column("Effect and interval", 190, "right"), Column("Keep in mind", 215),
)  # fmt: skip
_MANY_COLUMNS = (
    Column("Study", 330), Column("Kind", 190), Column("When", 110), Column("Patients", 80, "right"),
    Column("Effect and interval", 170, "right"),
)  # fmt: skip
_MANY = 12
"""With more studies than this their remarks and sources stand in the notes: a deck is to be shown, not read out."""


def _one_by_one(answer: Answer) -> str:
    """The title of the drawing in a deck, whose first slide has the finding."""
    tail = "the one study" if len(answer.studies) == 1 else "study by study"
    title, label = answer.question.title(), answer.question.spec.label
    heads = (title, title.rpartition(",")[0], label)
    return next(
        t for h in heads if h and (words_in(t := f"{h}, {tail}") <= HEADLINE_WORDS or h is label)
    )


def _study_slides(deck: Deck, answer: Answer) -> None:
    texts = [_study_texts(row) for row in forest_table(answer).studies]
    many, notes = len(texts) > _MANY, _numbers_in_words(answer)
    if many:
        notes = "\n".join((notes, "", *(f"{t[0]}: {t[-1]}" for t in texts if t[-1])))
        texts = [t[:-1] for t in texts]
    title = f"What {'the study is' if len(texts) == 1 else 'the studies are'}: kind, time and size"
    table_slides(
        deck, title, _MANY_COLUMNS if many else _STUDY_COLUMNS, texts, notes, noun="studies"
    )


def _study_texts(row: ForestRow) -> tuple[str, ...]:
    label, kind, when, size = cells(row)[:4]
    return label, kind, when, size, row.effect, "; ".join(row.remarks)


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
            "These are facts about the studies here, not a rating: a rating is a human judgement.",
            *(f"{remark.text} {remark.source_url}" for s in found for remark in s.remarks),
        ]
    )
    table_slides(
        deck,
        "How certain this is: points for and against",
        columns,
        rows,
        notes,
        noun="signals",
    )


def _source_slides(deck: Deck, answer: Answer, evidence: Evidence) -> None:
    records = studies_by_id(evidence)
    rows = [(study.label, source_text(records[study.study_id])) for study in answer.studies]
    method, sources = " ".join(_method(answer)), "\n".join(": ".join(row) for row in rows)
    if len(rows) > _MANY:
        rows = [
            (
                "Sources",
                f"The {counted(len(rows), 'report')} are listed in the notes of this slide.",
            )
        ]
    rows.insert(0, ("Method", method))
    columns = (Column("", 200), Column("How, and from where", 680))
    table_slides(
        deck, "Method and sources", columns, rows, f"{method}\n\n{sources}", noun="sources"
    )


def source_text(record: dict[str, object]) -> str:
    """Title, journal, year and identifier of a report, as far as they are known."""
    title = str(record["title"]).rstrip(".")
    year = record["year"]
    place = str(record["journal"])
    if isinstance(year, float) and not math.isnan(year):
        place = f"{place} {year:.0f}".strip()
    identifier = f"doi:{record['doi']}" if record["doi"] else str(record["source_url"])
    return ". ".join(part for part in (title, place, identifier) if part) + "."
