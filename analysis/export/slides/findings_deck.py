"""The summary of findings, and the matrix of harms, on slides: native tables that can be edited."""

from __future__ import annotations

from collections.abc import Sequence

from pptx.slide import Slide

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.export.slides.deck import (
    BODY_BOTTOM,
    LEFT,
    QUIET,
    ROOM,
    SMALLEST,
    Column,
    Deck,
    Foot,
    add_text,
)
from analysis.export.slides.question_deck import SOURCE
from analysis.export.slides.table_slides import table_slides
from analysis.figures.fit import fitted
from analysis.findings import Harms, matrix
from analysis.findings.table import findings
from analysis.findings.words import cells, of_100
from analysis.prose import capital
from analysis.survey.provenance import data_line
from analysis.topic.vertebral.patient import Patient

_NOTE = 44.0
"""Points at the bottom for what the data cannot say."""
_GAP = 40.0
_SIDES = {"benefit": "benefits", "harm": "harms"}
_COLUMNS = (
    Column("Outcome", 190), Column("Without", 120), Column("With", 150), Column("Difference", 150),
    Column("Certainty", 110), Column("Distance", 160),
)  # fmt: skip


def findings_pptx(patient: Patient, evidence: Evidence, link: str) -> bytes:
    """Benefits beside harms, each in a few lines, then a table of either."""
    found = findings(patient, evidence)
    name = capital(patient.decision())
    deck = Deck(name, patient.in_words(), _foot(evidence, link))
    notes = "\n".join(row.sentence for row in found.rows)
    slide, top = deck.slide(f"{name}: benefits and harms", notes, kicker=patient.in_words())
    _side_by_side(slide, (("Benefits", found.benefits_said), ("Harms", found.harms_said)), top + 12)
    if found.cannot_say:
        add_text(
            slide, " ".join(found.cannot_say), LEFT, BODY_BOTTOM - _NOTE, ROOM, _NOTE, sizes=(16, 15, SMALLEST),
            colour=QUIET, name="What the data cannot say",
        )  # fmt: skip
    for side, title in _SIDES.items():
        rows = [row for row in found.rows if row.side == side]
        if rows:
            table_slides(
                deck, f"{name}: {title}", _COLUMNS, [cells(row).shown()[:6] for row in rows],
                "\n".join(row.sentence for row in rows), noun="outcomes",
            )  # fmt: skip
    return deck.saved()


def _side_by_side(
    slide: Slide, sides: Sequence[tuple[str, Sequence[str]]], top: float
) -> None:
    """Columns of lines under their headings, in one size of type."""
    half = (ROOM - _GAP) / len(sides)
    height = BODY_BOTTOM - _NOTE - top - 34
    texts = ["\n\n".join(said) for _, said in sides]
    size = min(fitted(text, (20, 18, 17, 16, 15, SMALLEST), half, height)[0] for text in texts)
    for i, ((heading, _), text) in enumerate(zip(sides, texts, strict=True)):
        left = LEFT + i * (half + _GAP)
        add_text(slide, heading, left, top, half, 26, sizes=(20,), bold=True, name=heading)
        add_text(
            slide, text, left, top + 30, half, height, sizes=(size,), name=f"{heading} in short"
        )


def harms_pptx(subject: Harms, evidence: Evidence, link: str) -> bytes:
    """The matrix, of 100, over as many slides as it needs."""
    found = matrix(evidence)
    deck = Deck("Harms", "Events of 100, by treatment and way of counting", _foot(evidence, link))
    room = (ROOM - 250) / len(found.columns)
    columns = (Column("Harm", 250), *(Column(capital(words.SHORT[t]), room) for t in found.columns))
    rows = [
        (f"{line.harm.told.title}, {line.kind}", *(of_100(r) if r is not None else "no count" for r in line.cells))
        for line in found.rows
    ]  # fmt: skip
    notes = (
        "Rates of treated groups without a comparison: they do not say how many events a treatment caused. Kinds of "
        "counting are kept apart. In brackets: 95% intervals; without an event the exact upper limit."
    )
    table_slides(deck, "Harms of 100, by treatment and way of counting", columns, rows, notes)
    return deck.saved()


def _foot(evidence: Evidence, link: str) -> Foot:
    return Foot(f"{data_line(evidence)}. {SOURCE}", link, evidence.sha256)
