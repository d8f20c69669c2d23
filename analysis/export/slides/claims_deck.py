"""The claims on slides: an overview of all verdicts, then for each claim its answer, its figure and its reasons."""

from __future__ import annotations

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.chosen import chosen_claims
from analysis.export.slides.answer_rows import answer_row, answers_plot, heading_row
from analysis.export.slides.chart import Line
from analysis.export.slides.deck import (
    BODY_BOTTOM,
    LEFT,
    QUIET,
    ROOM,
    Column,
    Deck,
    Foot,
    add_text,
)
from analysis.export.slides.question_deck import SOURCE
from analysis.export.slides.rows import Plot, Row, add_plot, split
from analysis.export.slides.table_slides import table_slides
from analysis.figures.claim import missing_rows, plate_caption
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
        rows = [(c.claim["statement"], c.verdict.value) for c in found]
        notes = "\n".join(f"{c.claim['statement']} {c.verdict.value}. {c.sentence}" for c in found)
        table_slides(deck, title, columns, rows, notes, sizes=(16, 15, 14, 13, 12), bold="second")
    for claim in found:
        _claim_slides(deck, claim, evidence, f"{link.partition('?')[0]}?claim={claim.claim_id}")
    return deck.saved()


def _claim_slides(deck: Deck, found: claims.ClaimAnswer, evidence: Evidence, link: str) -> None:
    title, rest = _opening(found.sentence)
    said = f"“{found.claim['statement'].rstrip('.')}” The data say: {found.verdict.value}"
    notes = "\n".join(
        [said, found.sentence, found.why, "", "What would change this:", *found.entry.would_change]
    )
    drawn = False
    for plate in found.entry.plates:
        captioned = f"{notes}\n\n{plate_caption(plate, evidence)}"
        rows = _rows(plate, evidence)
        for part in split(rows, ()) if rows else ():
            slide, top = deck.slide(title, captioned, link=link, kicker=said)
            top += add_text(slide, plate.title, LEFT, top, ROOM, 20, sizes=(15, 14, 13, 12),
                            colour=QUIET, name="Figure title")  # fmt: skip
            meaning = " ".join(filter(None, (rest, found.why)))
            add_plot(
                slide, _plot(plate, part, evidence, meaning), top + 8, name="Figure",
                text=plate_caption(plate, evidence),
            )  # fmt: skip
            drawn = True
    if not drawn:
        slide, top = deck.slide(title, notes, link=link, kicker=said)
        text = "\n\n".join(
            filter(
                None,
                (rest, found.why, f"What would change this: {' '.join(found.entry.would_change)}"),
            )
        )
        add_text(slide, text, LEFT, top + 14, ROOM, BODY_BOTTOM - top - 14,
                 sizes=(20, 18, 16, 14, 12), name="Reasons")  # fmt: skip


_LONGEST_TITLE = 300


def _opening(text: str) -> tuple[str, str]:
    """What fits a title: the first sentence, or of a long one its first part; and the rest.

    >>> _opening("One trial (Smith et al. 2009) found less pain. Another did not.")
    ('One trial (Smith et al. 2009) found less pain.', 'Another did not.')
    """
    starts = [
        i + 2
        for i in range(40, len(text) - 2)
        if text[i : i + 2] in (". ", "; ") and (text[i] == ";" or text[i + 2].isupper())
    ]
    first = next((i for i in starts if text[i - 2] == "."), len(text) + 1)
    if first - 1 > _LONGEST_TITLE:
        first = next((i for i in reversed(starts) if i <= _LONGEST_TITLE), first)
    title, rest = text[: first - 1].rstrip(" ;."), text[first:]
    return f"{title}.", rest[:1].upper() + rest[1:]


def _rows(plate: claims.Plate, evidence: Evidence) -> list[Row]:
    rows = []
    for layer in plate.layers:
        lines = [
            answer_row(row.label, found)
            for row in layer.rows
            if (found := answer(row.question, evidence)).studies
        ]
        if lines:
            rows += [heading_row(layer.title), *lines]
    return rows


def _plot(plate: claims.Plate, rows: tuple[Row, ...], evidence: Evidence, meaning: str) -> Plot:
    answers = [a for q in plate.questions if (a := answer(q, evidence)).studies]
    notes = [missing_rows(plate, evidence)]
    lines = []
    if plate.mark is not None:
        notes.append(f"Dashed: {plate.mark[1]}.")
        lines.append(Line(plate.mark[1], plate.mark[0], "dash"))
    return answers_plot(
        rows, _rows(plate, evidence), answers, axis_title=plate.axis_title, sides=(plate.left, plate.right),
        lines=lines, meaning=meaning, notes=notes,
    )  # fmt: skip
