"""Rows on the outcome and the treatments of a question that feed no effect of it, by the reason why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.evidence.select import REASONS, LeftOut
from analysis.prose import capital, counted
from dashboard.components.graph import table
from dashboard.components.page_parts import section
from dashboard.components.printed_rows import printed_figure, source

COLUMNS = ("Study", "As reported", "Why it is left out", "Source")


def left_out_section(answer: Answer, evidence: Evidence) -> Component:
    """How many rows are left out, and under each reason which."""
    return section("Left out, and why", *_left_out(answer, evidence), id="left-out")


def _left_out(answer: Answer, evidence: Evidence) -> list[Component]:
    if not answer.left_out:
        return [html.P("No reported result on this outcome and these treatments was left out.")]
    by_reason: dict[str, list[LeftOut]] = defaultdict(list)
    for row in answer.left_out:
        by_reason[row.reason].append(row)
    total = len(answer.left_out)
    used = f"{answer.rows_used} reported results feed the effects above; " if answer.studies else ""
    intro = (
        f"{used}{total} {'more ' if used else ''}reported results on this outcome and these treatments are left out. "
        "Those reported without numbers are missing evidence, not evidence of no effect."
    )
    ordered = [reason for reason in REASONS if reason in by_reason]
    return [html.P(intro), *(_block(r, by_reason[r], evidence) for r in ordered)]


def _block(reason: str, rows: Sequence[LeftOut], evidence: Evidence) -> Component:
    label = REASONS[reason]
    studies = len({row.trial for row in rows})
    summary = f"{capital(label)}: {counted(len(rows), 'row')} of {counted(studies, 'study')}"
    names, sources = studies_by_id(evidence), results_by_id(evidence)
    cells = [
        [
            name_of(names[r.study_id]),
            printed_figure(sources[r.row_id]),
            r.detail,
            source(sources[r.row_id]),
        ]
        for r in rows
    ]
    return html.Details(
        [html.Summary(summary), table(COLUMNS, cells, label)], className="left-out"
    )
