"""The summary of findings, and the matrix of harms, as reports: one HTML file that works offline and prints on A4."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.export.provenance import origin_of
from analysis.export.references import references_of
from analysis.export.report import parts
from analysis.export.report.page import Report, Section, Table, html
from analysis.findings import Harms, matrix
from analysis.findings.model import Findings
from analysis.findings.table import findings
from analysis.findings.words import COLUMNS, cells, of_100
from analysis.network import answers_behind
from analysis.prose import capital
from analysis.survey.rate_words import counts_text
from analysis.topic.vertebral.patient import Patient


def findings_html(patient: Patient, evidence: Evidence, link: str) -> bytes:
    """The table, each row in words, its certainty and distance, and the references."""
    found, origin = findings(patient, evidence), origin_of(evidence, link)
    title = patient.in_words()
    answers = tuple(
        answer for row in found.rows
        for answer in ((row.answer,) if row.answer else answers_behind(row.indirect, evidence) if row.indirect else ())
    )  # fmt: skip
    sections = [findings_section(found), _behind(found)]
    if answers:
        listed = references_of(answers, evidence)
        sections.append(parts.reference_section(listed, title, patient.slug(), origin))
    sections.append(parts.citing(title, origin))
    return html(
        Report(
            title, f"Benefits: {found.benefits}", (f"Harms: {found.harms}", *found.cannot_say),
            parts.origin_facts(origin), tuple(sections),
        )
    )  # fmt: skip


def findings_section(found: Findings) -> Section:
    """The table of a summary of findings."""
    rows = tuple(cells(row).shown() for row in found.rows)
    caption = "Benefits, then harms. Events: of 100 people. In brackets: 95% intervals"
    return Section("findings", "Summary of findings", tables=(Table(caption, COLUMNS, rows),))


def _behind(found: Findings) -> Section:
    rows = tuple(
        Section(
            f"row-{row.id}", f"{row.label}, {words.SPOKEN[row.against]}", lead=(row.sentence,),
            items=(
                *row.distance, *row.others,
                *(f"{s.title}, {s.reading}: {s.finding}" for s in row.certainty.signals),
            ),
            in_contents=False,
        )
        for row in found.rows
    )  # fmt: skip
    return Section("rows", "Row by row", parts=rows)


def harms_html(subject: Harms, evidence: Evidence, link: str) -> bytes:
    """The matrix of harms, and the references behind it."""
    found, origin = matrix(evidence), origin_of(evidence, link)
    columns = ("Harm", "Counted", *(capital(words.SHORT[t]) for t in found.columns))
    rows = tuple(
        (
            line.harm.told.title, line.kind,
            *("" if r is None else f"{of_100(r)}; {counts_text(r)}".replace("*", "") for r in line.cells),
        )
        for line in found.rows
    )  # fmt: skip
    answers = tuple(r.answer for line in found.rows for r in line.cells if r is not None)
    text = (
        "Rates of treated groups without a comparison: they do not say how many events a treatment caused.",
        "In brackets: 95% intervals; without an event the exact upper limit. Kinds of counting are kept apart.",
    )
    table = Section(
        "harms", "Of 100, by treatment and way of counting", tables=(Table("Harms", columns, rows),)
    )
    listed = references_of(answers, evidence)
    sections = (
        table,
        parts.reference_section(listed, "Harms", "harms", origin),
        parts.citing("Harms", origin),
    )
    return html(Report("Harms", text[0], text[1:], parts.origin_facts(origin), sections))
