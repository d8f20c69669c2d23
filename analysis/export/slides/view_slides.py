"""Slides of the pages that show more than one answer: the finding, over time, how robust, history, reviews, gaps.

Each function makes the slides of one page from its Question; the title says what the figure shows, the charts are
native, and no slide is made without something to draw.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.appraisal.details import one_group_caution
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.export.artefacts import NothingToTake
from analysis.export.slides.answer_rows import (
    answer_row,
    answers_plot,
    caution_of_one_group,
    heading_row,
)
from analysis.export.slides.chart import Mark, important, over_small
from analysis.export.slides.deck import Column, Deck, Foot, add_said
from analysis.export.slides.parts import below_words, titled
from analysis.export.slides.plot import Row
from analysis.export.slides.question_deck import SOURCE, on_axis
from analysis.export.slides.rows import add_plot, rows_below, shown, split
from analysis.export.slides.table_slides import table_slides
from analysis.figures import theme
from analysis.figures.beside import Group, beside_caption, groups
from analysis.figures.words import axis_title, sides
from analysis.prose import lower_first
from analysis.question import Question
from analysis.room import claims
from analysis.survey.agreement import Pair, pairs, review_figure
from analysis.survey.gaps import comparison_name, gaps, summary
from analysis.survey.history import path, stories, then, years
from analysis.survey.provenance import data_line
from analysis.survey.trajectory import differences
from analysis.topic import topic

_GREY = theme.GREY.lstrip("#")


def finding_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """The front page: pain by kind of study, and patients with relief."""
    if "finding" not in topic().pages:
        raise NothingToTake("This topic has no front page of its own.")
    room, time = claims(), question.time
    time = time if time in room.TIMES else "1m"
    found = room.finding(evidence, time)
    lead = ask(room.questions(room.pain_layers(time)[2:])[1], evidence)
    deck = _deck(lead.headline, evidence, link)
    pain = room.pain_layers(time)
    alone = [layer for layer in pain if layer.rows[0].question.one_group]
    parts = (
        (lead.headline, [layer for layer in pain if layer not in alone], lead.sentence,
         "Panels are different comparisons: compare within a panel only."),
        ("Pain before and after, in one group: not an effect", alone,
         "Pain before and after, in groups of patients who all had the same treatment.",
         one_group_caution(alone[0].rows[0].question) if alone else ""),
        ("Many patients report relief without the procedure, too", room.relief_layers(),
         "Patients with relief, by kind of study. Definitions differ, so these proportions are not an effect.",
         "Panels are different kinds of numbers: compare within a panel only."),
    )  # fmt: skip
    for title, layers, said, caution in parts:
        rows: list[Row] = []
        answers: list[Answer] = []
        for layer in layers:
            there = [
                (r.label, a)
                for r in layer.rows
                if (a := ask(r.question, evidence)).told is not None
            ]
            if there:
                rows += [heading_row(layer.title), *(answer_row(label, a) for label, a in there)]
                answers += [a for _, a in there]
        if answers:
            _plots(deck, title, said, rows, answers, notes="\n".join((found.headline, *found.sentences)),
                   caution=caution)  # fmt: skip
    return _saved(deck, "No study of this topic can be drawn here.")


def time_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """The difference at each time, one row a time."""
    if question.one_group:
        raise NothingToTake("This page shows differences between treatments: choose a comparator.")
    found = [a for a in differences(question, evidence) if a.told is not None]
    title = f"{question.spec.label} over time: {_pair(question)}"
    deck = _deck(title, evidence, link)
    if found:
        counts = Counter(a.verdict.value for a in found if a.verdict is not None)
        said = "; ".join(f"{n} of {len(found)} times: {text}" for text, n in counts.most_common())
        rows = [answer_row(a.question.window.label, a) for a in found]
        notes = "\n".join(f"{a.question.window.label}: {a.sentence}" for a in found)
        _plots(deck, title, _sentence(said), rows, found, notes=notes,
               caution="Each time rests on the studies that reported it.")  # fmt: skip
    return _saved(deck, "No study reports this difference at any time.")


def robust_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """The answer with each study left out in turn."""
    whole = ask(question, evidence)
    if len(whole.studies) < 2:
        raise NothingToTake("With fewer than two studies there is none to leave out.")
    less = [
        (s.label, ask(question.replace(without=(*question.without, s.trial)), evidence))
        for s in whole.studies
    ]
    less = [(label, a) for label, a in less if a.told is not None]
    other = [label for label, a in less if a.verdict != whole.verdict]
    title = f"{question.spec.label}, {_pair(question)}: without one study"
    said = (
        f"Without {_listed(other)}, the verdict would be another."
        if other
        else "The verdict stays the same whichever study is left out."
    )
    if whole.verdict is None:
        said = f"With every study: {whole.in_short}."
    rows = [
        answer_row("All studies", whole),
        *(answer_row(f"Without {label}", a) for label, a in less),
    ]
    deck = _deck(title, evidence, link)
    _plots(deck, title, said, rows, [whole, *(a for _, a in less)],
           notes="\n".join(f"Without {label}: {a.sentence}" for label, a in less),
           caution=" ".join(filter(None, (*whole.cautions, whole.change_line))))  # fmt: skip
    return _saved(deck, "")


def history_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """What was known when: one row for each year in which an answer changed."""
    deck = _deck("What was known when", evidence, link)
    _, last = years(evidence)
    for story in stories(question.time):
        rows: list[Row] = []
        answers: list[Answer] = []
        said: list[str] = []
        for label, q in story.lines:
            steps = [s for s in path(q, evidence, last) if s.answer.told is not None]
            if steps:
                rows += [heading_row(label), *(answer_row(str(s.year), s.answer) for s in steps)]
                answers += [s.answer for s in steps]
                said.append(then(tuple(steps), label, last))
        if answers:
            _plots(deck, f"What was known when, {lower_first(story.title)}", " ".join(said), rows, answers,
                   notes=story.meaning, caution=caution_of_one_group(answers))  # fmt: skip
    return _saved(deck, "No dated report answers these questions.")


def review_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """Published reviews beside our answers, one slide for each kind of number."""
    deck, together = _deck("Published reviews beside our answers", evidence, link), pairs(evidence)
    for one in (False, True):
        for group in groups(together, one_group=one):
            rows = [row for pair in group.pairs for row in _pair_rows(pair)]
            answers = [p.answer for p in group.pairs if p.answer.told is not None]
            if answers:
                _plots(deck, f"Reviews and our answers: {lower_first(group.title)}", _counted(group), rows, answers,
                       notes=beside_caption(group), caution=caution_of_one_group(answers))  # fmt: skip
    return _saved(deck, "No published review reports a number that can be drawn beside ours.")


def gap_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """The map of studies as a table: outcomes down, times across, one table for each comparison."""
    intervention = question.intervention if question.intervention in words.MAPS else next(iter(words.MAPS))  # fmt: skip
    designs = tuple(d for d in question.designs if d in words.COMPARATIVE)
    found = gaps(evidence, intervention, designs, question.etiology)
    deck = _deck("Where studies are missing", evidence, link)
    windows = list(words.WINDOWS.values())
    columns = (
        Column("Number of studies", 230),
        *(Column(w.label, 650 / len(windows), "right") for w in windows),
    )
    for i, (pair, said) in enumerate(zip(found.comparisons, summary(found), strict=True)):
        rows = [
            (line.label, *(str(c.k) if c.k else "–" for c in line.cells[i]))
            for line in found.lines
            if any(c.k for c in line.cells[i])
        ]
        none = [line.label for line in found.lines if not any(c.k for c in line.cells[i])]
        if none:
            said = f"{said} No study at any time: {', '.join(none)}."
        if not rows:
            continue
        name = comparison_name(pair)
        table_slides(
            deck, f"Where studies are missing: {name}", columns, rows, said, noun="outcomes"
        )
    return _saved(deck, "There is no map of this treatment.")


# --- parts ---------------------------------------------------------------------------------------
def _deck(title: str, evidence: Evidence, link: str) -> Deck:
    return Deck(title, "", Foot(f"{data_line(evidence)}. {SOURCE}", link, evidence.sha256))


def _saved(deck: Deck, why_not: str) -> bytes:
    if not deck.count:
        raise NothingToTake(why_not)
    return deck.saved()


def _plots(
    deck: Deck, title: str, said: str, rows: Sequence[Row], answers: Sequence[Answer], *, notes: str,
    caution: str = "",
) -> None:  # fmt: skip
    """As many slides as the rows need, each with the finding under its title."""
    mid = next((a.mid for a in answers if a.mid is not None and not a.question.one_group), None)
    parts = split(rows, (), rows_below(below_words(title, "results", said, caution)))
    for own_title, part in titled(title, parts, shown(parts), "results"):
        slide, top = deck.slide(own_title, f"{said}\n{notes}")
        top += add_said(slide, said, caution, top)
        plot = answers_plot(
            tuple(part), rows, answers, axis_title=_axis(answers), lines=important(mid),
            over=over_small(mid), sides=_sides(answers),
        )  # fmt: skip
        add_plot(slide, plot, top + 8, name="Figure", text=said)


def _compared(answers: Sequence[Answer]) -> list[Question]:
    return [a.question for a in answers if not a.question.one_group]


def _axis(answers: Sequence[Answer]) -> str:
    """What the axis measures; of several kinds of ratios their common name."""
    asked = _compared(answers) or [answers[0].question]
    names = {axis_title(q) for q in asked}
    ratios = all(q.effect_measure in words.RATIOS for q in asked)
    return "Ratio" if ratios and len(names) > 1 else axis_title(asked[0])


def _sides(answers: Sequence[Answer]) -> tuple[str, str]:
    """Whom either end favours; by their part where the rows compare different treatments."""
    asked = _compared(answers)
    if not asked:
        return "", ""
    left, right = sides(asked[0])
    parts = (("intervention", "the treatment"), ("comparator", "the comparator"))
    for part, name in parts:
        if len({getattr(q, part) for q in asked}) > 1:
            short = words.SHORT[getattr(asked[0], part)]
            left, right = left.replace(short, name), right.replace(short, name)
    return left, right


def _pair_rows(pair: Pair) -> list[Row]:
    """A review's number, and ours below it."""
    reading, q = pair.reading, pair.answer.question
    unit = f", {words.PER[q.unit]}" if q.unit != "patients" else ""
    against = "" if q.one_group else f" against {words.COMPARATORS[q.comparator]}"
    head = f"{words.INTERVENTIONS[q.intervention]}{against}, {q.window.label}{unit}"
    if q.spec.kind == "event":
        head = f"{q.spec.label}: {head}"
    ends = [
        math.nan if v is None else on_axis(q, v) for v in (reading.value, reading.low, reading.high)
    ]
    theirs = Mark(name_of(reading.row), *ends, _GREY, "circle", 9, 1.5)
    rows = [heading_row(head), Row(theirs, (name_of(reading.row), review_figure(reading), ""))]
    return [*rows, answer_row("Our answer", pair.answer)] if pair.answer.told is not None else rows


def _counted(group: Group) -> str:
    n = len(group.pairs)
    return f"{n} {'result' if n == 1 else 'results'} of published reviews (circles), each with our answer (diamonds)."


def _pair(q: Question) -> str:
    who = words.INTERVENTIONS[q.intervention]
    return who if q.one_group else f"{who} against {words.COMPARATORS[q.comparator]}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
