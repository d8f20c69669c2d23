"""The files of the claims that a rerun leaves: slides, report and references of each, tables and scripts behind it.

A claim that no data can test rests on no question: it has its slides and its report, and no row in `questions.csv`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress

import plotly.graph_objects as go

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.artefacts import (
    ARTEFACTS,
    CLAIMS,
    Artefact,
    NothingToTake,
    Subject,
    link_to,
    of,
)
from analysis.figures import forest
from analysis.figures.claim import draw_claim_figure
from analysis.figures.standalone import footer_of, provenance, standalone
from analysis.room import claim_answers

OF_THE_KEY = ("tables.xlsx", "script.R", "script.py")
"""Of the Question that a claim's certainty is about, under the claim's name."""

SCRIPTS = ("script.R", "script.py")
"""Of every Question behind a claim, in a folder of their own: claims share Questions."""

COLUMNS = ("claim_id", "verdict", "question", "query", "studies", "scripts")


def claim_files(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """Every file by its name below the folder of the claims; what has nothing to hold is left out."""
    for name, artefact, subject in _jobs(evidence):
        with suppress(NothingToTake):  # these data may not answer what a claim rests on
            yield name, artefact.make(subject, evidence, link_to(subject))
    yield "questions.csv", _questions(evidence)


def _jobs(evidence: Evidence) -> Iterator[tuple[str, Artefact, Subject]]:
    found = claim_answers(evidence)
    subjects: list[tuple[str, ...]] = [(), *((c.claim_id,) for c in found)] if found else []
    for artefact in of(CLAIMS):
        for subject in subjects:
            yield artefact.file_name(subject), artefact, subject
    for claim in found:
        if claim.entry.key is not None:
            for artefact in map(ARTEFACTS.__getitem__, OF_THE_KEY):
                yield artefact.file_name((claim.claim_id,)), artefact, claim.entry.key
    for question in dict.fromkeys(q for claim in found for q in claim.entry.questions):
        for artefact in map(ARTEFACTS.__getitem__, SCRIPTS):
            yield f"scripts/{artefact.file_name(question)}", artefact, question


def _questions(evidence: Evidence) -> bytes:
    """Which Questions each claim rests on, and where their scripts are."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for claim in claim_answers(evidence):
        for q in claim.entry.questions:
            k = len(answer(q, evidence).studies)
            scripts = [f"scripts/{ARTEFACTS[name].file_name(q)}" for name in SCRIPTS] if k else []
            rows.writerow(
                (claim.claim_id, claim.verdict.value, q.title(), q.to_query(), k, " ".join(scripts))
            )
    return text.getvalue().encode()


def claim_pictures(evidence: Evidence) -> Iterator[tuple[str, go.Figure]]:
    """By name: the figures of each claim, and the forest plot of the Question that its certainty is about."""
    for claim in claim_answers(evidence):
        source = provenance(evidence, link_to((claim.claim_id,)))
        for i, asked in enumerate(claim.entry.claim_figures, start=1):
            drawn = draw_claim_figure(asked, evidence)
            if drawn is not None:
                title = f"{claim.verdict.grade}: {asked.title}"
                yield f"{claim.claim_id}-figure-{i}", standalone(drawn, title, source)
        key = claim.entry.key
        if key is not None and (a := answer(key, evidence)).told is not None:
            footer = footer_of(a, evidence, link_to(key))
            yield claim.claim_id, standalone(forest(a), a.sentence, footer)
