"""What changed: this edition of the data beside the one before, the conclusions first."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, html
from dash.development.base_component import Component

from analysis.editions.changes import KINDS, Group, asked_text, told_text
from analysis.editions.rows import RowChange
from analysis.editions.what_changed import WhatChanged, what_changed
from analysis.evidence import Evidence
from analysis.prose import capital, counted
from dashboard.components import late_grid
from dashboard.components.graph import table
from dashboard.components.page_parts import empty, heading, page_link, section
from dashboard.page import Page, Visit

_GRID = "what-changed-grid"
_COLUMNS = ("Question", "Before", "Now", "Change")


def layout(evidence: Evidence, visit: Visit) -> Component:
    found = what_changed(evidence)
    if found is None:
        return html.Article(
            [
                heading("What changed"),
                empty(
                    "The data folder in use keeps no earlier edition to compare with.",
                    [
                        "Keep one with ",
                        html.Code("python -m analysis save data/editions/1.json"),
                        ".",
                    ],
                ),
            ]
        )
    before, after = found.diff.before, found.diff.after
    return html.Article(
        [
            heading("What changed"),
            html.P(f"{after.name}, beside the {before.name[0].lower()}{before.name[1:]}.", className="lede"),
            html.Ul([html.Li(sentence) for sentence in found.summary]),
            section(
                "Conclusions: the lead questions",
                html.P(
                    "Answers that the front page and the claims rest on, as they were and as they are now; "
                    "each opens the view."
                ),
                _changes(found.lead, "Lead questions whose answer changed")
                if found.lead
                else html.P("No answer to a lead question changed."),
                id="lead",
            ),
            section("Every other answer that changed", *_grid(found.other), id="other"),
            _methods(found),
            _reports(found),
            section(
                "Next",
                html.P(
                    [
                        "An edition follows when a trial, a figure or a correction comes in. Which figures would help "
                        "most, and a file to fill in: ",
                        page_link("Wanted", "/wanted"),
                        ". The same comparison at the shell: ",
                        html.Code("python -m analysis diff data/editions/1.json data"),
                        ".",
                    ]
                ),
                id="next",
            ),
        ]
    )  # fmt: skip


def connect(app: Dash, evidence: Evidence) -> None:
    late_grid.connect(app, _GRID)


_SHOWN = 20
"""Rows before the rest waits to be opened; the answers that moved most come first."""


def _changes(groups: Sequence[Group], caption: str) -> Component:
    rows = [
        [_link(group), told_text(group.first.before), told_text(group.first.after), _why(group)]
        for group in groups
    ]
    parts: list[Component] = [table(_COLUMNS, rows[:_SHOWN], caption)]
    if rest := rows[_SHOWN:]:
        many = f"{counted(len(rest), 'more answer')}"
        parts.append(html.Details([html.Summary(many), table(_COLUMNS, rest, f"{caption}: the others")]))
    return html.Div(parts, className="wide-last")


def _link(group: Group) -> Component:
    question = group.first.question
    return html.A(asked_text(question), href=f"/compare?{question.to_query()}")


def _why(group: Group) -> str:
    """The kind of change and the trials behind it; and how many questions have the same answer."""
    change = group.first
    parts = [KINDS[change.kind], *change.reasons]
    if change.retold is not None and change.retold != change.before and change.kind != "rule":
        parts.append(f"the earlier numbers under today's rule: {told_text(change.retold)}")
    if group.also:
        parts.append(f"{counted(len(group.also), 'more question')} with this answer")
    return capital("; ".join(parts)) + "."


def _grid(groups: Sequence[Group]) -> list[Component]:
    if not groups:
        return [html.P("None.")]
    rows = [
        {
            "question": asked_text(group.first.question),
            "href": f"/compare?{group.first.question.to_query()}",
            "before": told_text(group.first.before),
            "now": told_text(group.first.after),
            "change": _why(group),
        }
        for group in groups
    ]
    columns = [
        {"field": field, "headerName": name, "width": width, "wrapText": True, "autoHeight": True}
        for field, name, width in zip(
            ("question", "before", "now", "change"), _COLUMNS, (300, 220, 220, 440), strict=True
        )
    ]
    columns[0]["cellRenderer"] = "AnswerLink"
    for column in columns:
        column |= {"filter": "agTextColumnFilter", "floatingFilter": True}
    return [
        html.P(f"{counted(len(rows), 'answer')}. Type below a heading to search; choose a heading to sort."),
        late_grid.late_grid(
            _GRID,
            "The table is loading.",
            rowData=rows,
            columnDefs=columns,
            defaultColDef={"sortable": True, "resizable": True},
            dashGridOptions={
                "animateRows": False, "suppressMovableColumns": True,
                "suppressColumnVirtualisation": True, "enableCellTextSelection": True,
            },
            className="ag-theme-quartz house-grid",
            style={"height": "36rem", "width": "100%"},
        ),
    ]  # fmt: skip


def _methods(found: WhatChanged) -> Component:
    if not found.methods:
        return section("Methods", html.P("No rule changed that decides an answer."), id="methods")
    many = f"{counted(len(found.methods), 'answer')} another rule applies, the evidence is the same"
    return section(
        "Methods",
        html.P(
            "The rule for few studies is new: no interval gets wider because a trial is added that agrees. "
            "The answers below rest on the same numbers as before."
        ),
        html.Details([html.Summary(many), _changes(found.methods, many)]),
        id="methods",
    )


def _reports(found: WhatChanged) -> Component:
    return section(
        "Reports",
        *_listed("No longer pooled", found.kept_out, linked=True),
        *_listed("Withdrawn", found.withdrawn, linked=False),
        *_listed("Corrected", found.corrected, linked=True),
        html.Details(
            [
                html.Summary(f"{counted(len(found.added), 'report')} added"),
                html.Ul([html.Li(_report(row, linked=True)) for row in found.added]),
            ]
        ),
        id="reports",
    )


def _listed(title: str, rows: Sequence[RowChange], linked: bool) -> list[Component]:
    if not rows:
        return []
    items = [
        html.Li([_report(row, linked), f": {row.reason}." if row.reason else "."]) for row in rows
    ]
    return [html.H3(title), html.Ul(items)]


def _report(row: RowChange, linked: bool) -> Component | str:
    return html.A(row.label, href=f"/study?id={row.report}") if linked else row.label


PAGE = Page(
    path="/what-changed",
    name="What changed",
    title="What changed since the last edition",
    description="This edition of the evidence beside the one before: conclusions that changed, figures that moved, "
    "reports added, kept out and withdrawn, with the reasons.",
    layout=layout,
    connect=connect,
)
"""Editions compared."""
