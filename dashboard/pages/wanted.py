"""Wanted: results that were measured but could not be read, what each would do, and a file to fill in."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component
from flask import Flask, Response

from analysis.evidence import Evidence
from analysis.prose import capital, counted
from analysis.wanted import ASSUMPTION, Wanted, template, wanted
from analysis.wanted.words import effect, question, what
from dashboard.components.graph import table
from dashboard.components.page_parts import empty, heading, section
from dashboard.page import Page, Visit
from dashboard.web import in_words

_COLUMNS = ("Result", "What is missing", "What it would do", "File to fill in")
_KINDS = {
    "csv": ("text/csv", template.to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", template.to_xlsx),
}
ALL = "all"


def layout(evidence: Evidence, visit: Visit) -> Component:
    lines = wanted(evidence)
    if not lines:
        return html.Article(
            [
                heading("Wanted"),
                empty("No result is known that was measured and could not be read.", ""),
            ]
        )
    led = [one for one in lines if one.best.lead]
    return html.Article(
        [
            heading("Wanted: figures that would help most"),
            html.P(
                f"{counted(len(lines), 'result')} of trials here were measured but could not be read: a figure is "
                "missing, or its spread. The first in the list would narrow an answer most.",
                className="lede",
            ),
            html.P(
                [
                    "Who has a full text can fill in a file and bring it on ",
                    html.A("Your studies", href="/own"),
                    ": trial, outcome, treatments and time stand there, the numbers are left to you. The rows join "
                    "that trial, marked as yours, and stay in your browser tab. All of them in one file: ",
                    *_files(ALL, "the whole list"),
                    ".",
                ]
            ),
            _table(led or lines, "Wanted figures that bear on the front page or a claim"),
            *_rest([one for one in lines if not one.best.lead] if led else []),
            section("How this is worked out", html.P(ASSUMPTION), id="how"),
        ]
    )  # fmt: skip


def _rest(lines: Sequence[Wanted]) -> list[Component]:
    if not lines:
        return []
    title = "Figures that bear on other questions"
    return [section(title, _table(lines, title), id="rest")]


_SHOWN = 30
"""Rows before the rest waits to be opened: the list is in the order of what a figure would do."""


def _table(lines: Sequence[Wanted], caption: str) -> Component:
    rows = [
        [
            html.Span([html.A(one.label, href=f"/study?id={one.trial}"), html.Br(), what(one)]),
            html.Span([capital(one.missing), ". ", html.A("Read here", href=one.source_url)])
            if one.source_url.startswith("http")
            else f"{capital(one.missing)}.",
            _effect(one),
            html.Span(_files(one.key, f"{one.label}, {what(one)}")),
        ]
        for one in lines
    ]
    shown = table(_COLUMNS, rows[:_SHOWN], caption)
    if len(rows) <= _SHOWN:
        return shown
    rest = html.Details(
        [
            html.Summary(f"{counted(len(rows) - _SHOWN, 'more result')}"),
            table(_COLUMNS, rows[_SHOWN:], f"{caption}: the others"),
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


def _files(key: str, named: str) -> list[Component | str]:
    links = [
        html.A(
            kind.upper(),
            href=f"/wanted/{key}.{kind}",
            **{"aria-label": f"{kind.upper()} to fill in: {named}"},
        )
        for kind in _KINDS
    ]
    return [links[0], ", ", links[1]]  # fmt: skip


def serve(server: Flask, evidence: Evidence) -> None:
    """The files to fill in: `/wanted/<key>.csv` and `.xlsx`, and `/wanted/all.csv` with every line."""

    def file(key: str, kind: str) -> Response:
        lines = [one for one in wanted(evidence) if key in (ALL, one.key)]
        if not lines or kind not in _KINDS:
            said = "There is no such file to fill in. The list is on the page Wanted."
            return in_words("No such file", said, 404)
        media_type, make = _KINDS[kind]
        response = Response(make(lines), mimetype=media_type)
        name = f"to-fill-in-{key}.{kind}" if key != ALL else f"to-fill-in.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    server.add_url_rule("/wanted/<key>.<kind>", "wanted", file)


PAGE = Page(
    path="/wanted",
    name="Wanted",
    title="Wanted: figures that would help most",
    description="Results that trials measured but that could not be read, by what each would do to an answer, with a "
    "file to fill in for who has the full text.",
    layout=layout,
    serve=serve,
)
"""What is missing and could be brought."""
