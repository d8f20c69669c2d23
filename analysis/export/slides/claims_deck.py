"""The claims on slides: an overview of all verdicts, then for each claim its answer, its figure and its reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.answer import answer
from analysis.appraisal.sentences import HEADLINE_WORDS
from analysis.evidence import Evidence
from analysis.export.select_claims import chosen_claims
from analysis.export.slides.answer_rows import (
    answer_row,
    answers_plot,
    caution_of_one_group,
    heading_row,
)
from analysis.export.slides.chart import Line
from analysis.export.slides.deck import (
    ROOM,
    SMALLEST,
    Column,
    Deck,
    Foot,
    add_said,
)
from analysis.export.slides.parts import below_words, titled
from analysis.export.slides.plot import Plot, Row
from analysis.export.slides.question_deck import SOURCE
from analysis.export.slides.rows import add_plot, rows_below, shown, split
from analysis.export.slides.table_slides import table_slides
from analysis.figures.claim import claim_figure_caption, missing_rows
from analysis.figures.fit import whole_sentences
from analysis.prose import lower_first, words_in
from analysis.survey.provenance import data_line
from analysis.topic.vertebral import claims


def claims_deck(chosen: tuple[str, ...], evidence: Evidence, link: str) -> bytes:
    """The claims named by `chosen`, in the register's order; all of them where none is named.

    Raises
    ------
    NothingToTake
        When the data hold none of these claims.
    """
    found = chosen_claims(chosen, evidence)
    title = "What is claimed, and what the data say"
    source = f"{data_line(evidence)}. {SOURCE}"
    deck = Deck(title, f"{len(found)} claims", Foot(source, link, evidence.sha256))
    if len(found) > 1:
        columns = (Column("Claim", 620), Column("What the data say", 260))
        rows = [(c.claim["statement"], f"{c.verdict.mark} {c.verdict.value}") for c in found]
        notes = "\n".join(f"{c.claim['statement']} {c.verdict.value}. {c.sentence}" for c in found)
        table_slides(deck, title, columns, rows, notes, bold="second", noun="claims")
    bare = [c for c in found if not _drawn(c, evidence)]
    for claim in found:
        if claim not in bare:
            _claim_slides(deck, claim, evidence, f"{link.partition('?')[0]}?claim={claim.claim_id}")
    alone = f"{link.partition('?')[0]}?claim={bare[0].claim_id}" if len(bare) == 1 else ""
    _bare_slides(deck, bare, alone)
    return deck.saved()


def _drawn(found: claims.ClaimAnswer, evidence: Evidence) -> list[tuple[claims.ClaimFigure, list[Row]]]:
    """The figures that hold a study, with their rows."""
    made = ((claim_figure, _rows(claim_figure, evidence)) for claim_figure in found.entry.claim_figures)
    return [(claim_figure, rows) for claim_figure, rows in made if rows]


def _claim_slides(deck: Deck, found: claims.ClaimAnswer, evidence: Evidence, link: str) -> None:
    """A slide for each figure: the verdict as its title, the claim above, the numbers below."""
    said = f"“{found.claim['statement'].rstrip('.')}”"
    notes = "\n".join(
        [
            said, found.sentence, *filter(None, (found.through,)), found.why, "",
            "What would change this:", *found.entry.would_change,
        ]
    )  # fmt: skip
    for claim_figure, rows in _drawn(found, evidence):
        title = _title(found, claim_figure)
        captioned = f"{notes}\n\n{claim_figure_caption(claim_figure, evidence)}"
        answers = [answer(q, evidence) for q in claim_figure.questions]
        caution = caution_of_one_group([a for a in answers if a.studies])
        opening = _opening(found.sentence)
        parts = split(
            rows, (), rows_below(below_words(title, "results", opening, caution, kicker=said))
        )
        for own_title, part in titled(title, parts, shown(parts), "results"):
            slide, top = deck.slide(own_title, captioned, link=link, kicker=said)
            top += add_said(slide, opening, caution, top)
            add_plot(
                slide, _plot(claim_figure, tuple(part), evidence, found.why), top + 8, name="Figure",
                text=claim_figure_caption(claim_figure, evidence),
            )  # fmt: skip


def _title(found: claims.ClaimAnswer, claim_figure: claims.ClaimFigure) -> str:
    """The verdict and what the figure shows, in at most 12 words where its title has a short first part."""
    title = f"{found.verdict.grade}: {lower_first(claim_figure.title)}"
    if words_in(title) <= HEADLINE_WORDS:
        return title
    return f"{found.verdict.grade}: {lower_first(claim_figure.title.partition(',')[0])}"


def _opening(text: str) -> str:
    """As many whole sentences as stand in three lines under a title; the notes hold all.

    >>> _opening("One trial found less pain. Another did not.")
    'One trial found less pain. Another did not.'
    """
    kept = whole_sentences(re.split(r"(?<=[.;]) (?=[A-Za-z])", text), SMALLEST, ROOM, 3)
    return f"{kept.rstrip(' ;.')}."


def _bare_slides(deck: Deck, bare: Sequence[claims.ClaimAnswer], link: str) -> None:
    """Claims that no figure bears on, together: why not, and what would change that."""
    if not bare:
        return
    columns = (
        Column("Claim", 250),
        Column("Why it cannot be decided", 280),
        Column("What would change this", 350),
    )
    rows = [(c.claim["statement"], c.why, " ".join(c.entry.would_change)) for c in bare]
    notes = "\n".join(
        f"{c.claim['statement']} {c.verdict.value}. {c.sentence} {' '.join(c.entry.would_change)}"
        for c in bare
    )
    same = len({c.verdict for c in bare}) == 1
    title = bare[0].verdict.value if same else claims.ClaimVerdict.OPEN.value
    table_slides(
        deck,
        title,
        columns,
        rows,
        notes,
        sizes=(18, 17, 16, 15, SMALLEST),
        link=link,
        noun="claims",
    )


def _rows(claim_figure: claims.ClaimFigure, evidence: Evidence) -> list[Row]:
    rows = []
    for layer in claim_figure.layers:
        lines = [
            answer_row(row.label, found)
            for row in layer.rows
            if (found := answer(row.question, evidence)).studies
        ]
        if lines:
            rows += [heading_row(layer.title), *lines]
    return rows


def _plot(claim_figure: claims.ClaimFigure, rows: tuple[Row, ...], evidence: Evidence, meaning: str) -> Plot:
    answers = [a for q in claim_figure.questions if (a := answer(q, evidence)).studies]
    lines = []
    if claim_figure.mark is not None:
        lines.append(Line(claim_figure.mark[1], claim_figure.mark[0], "dash"))
    return answers_plot(
        rows, _rows(claim_figure, evidence), answers, axis_title=claim_figure.axis_title,
        sides=(claim_figure.left, claim_figure.right), lines=lines, meaning=meaning,
        notes=[missing_rows(claim_figure, evidence)], over=claim_figure.mark,
    )  # fmt: skip
