"""Figures that are wanted, as a table: what is missing, what it would do, and a file to fill in."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.prose import capital, counted
from analysis.wanted import Wanted, template
from analysis.wanted.words import effect, question, what
from dashboard.components.graph import table

COLUMNS = ("Result", "What is missing", "What it would do", "File to fill in")
KINDS = {
    "csv": ("text/csv", template.to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", template.to_xlsx),
}
_SHOWN = 30
"""Rows before the rest waits to be opened: the list is in the order of what a figure would do."""


def wanted_table(lines: Sequence[Wanted], caption: str) -> Component:
    rows = [
        [
            html.Span([html.A(one.label, href=f"/study?id={one.trial}"), html.Br(), what(one)]),
            html.Span([capital(one.missing), ". ", html.A("Read here", href=one.source_url)])
            if one.source_url.startswith("http")
            else f"{capital(one.missing)}.",
            _effect(one),
            html.Span(files(one.key, f"{one.label}, {what(one)}"), className="fill-in"),
        ]
        for one in lines
    ]
    shown = table(COLUMNS, rows[:_SHOWN], caption)
    if len(rows) <= _SHOWN:
        return shown
    rest = html.Details(
        [
            html.Summary(f"{counted(len(rows) - _SHOWN, 'more result')}"),
            table(COLUMNS, rows[_SHOWN:], f"{caption}: the others"),
        ]
    )
    return html.Div([shown, rest])


def _effect(one: Wanted) -> Component:
    best = one.best
    more = len(one.gains) - 1
    also = f" It bears on {counted(more, 'more question')}." if more else ""
    return html.Span(
        [
            html.A(question(best), href=f"/compare?{best.question.to_query()}"),
            f": {effect(best)}.{also}",
        ]
    )


def files(key: str, named: str) -> list[Component | str]:
    links = [
        html.A(
            kind.upper(),
            href=f"/wanted/{key}.{kind}",
            **{"aria-label": f"{kind.upper()} to fill in: {named}"},
        )
        for kind in KINDS
    ]
    return [links[0], ", ", links[1]]  # fmt: skip
