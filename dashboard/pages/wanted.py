"""Wanted: results that were measured but could not be read, what each would do, and a file to fill in."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component
from flask import Flask, Response

from analysis.evidence import Evidence
from analysis.prose import counted
from analysis.wanted import ASSUMPTION, Wanted, wanted
from dashboard.components.page_parts import empty, heading, section
from dashboard.components.wanted_table import KINDS, files, wanted_table
from dashboard.page import Page, Visit
from dashboard.web import in_words

ALL = "all"


def layout(evidence: Evidence, visit: Visit) -> Component:
    lines = wanted(evidence)
    if not lines:
        return html.Article(
            [
                heading("Wanted"),
                empty("No result is known that was measured but not reported in a usable form.", ""),
            ]
        )
    led = [one for one in lines if one.best.lead]
    return html.Article(
        [
            heading("Wanted: figures that would help most"),
            html.P(
                f"{counted(len(lines), 'result')} of trials here were measured but not reported in a usable form: "
                "a number is missing, or its spread. The first in the list would narrow an answer most.",
                className="lede",
            ),
            html.P(
                [
                    "If you have the full text, fill in a file and bring it on ",
                    html.A("My data", href="/own"),
                    ": trial, outcome, treatments and time are filled in, and only the numbers are missing. The rows "
                    "join that trial, marked as yours, and stay in your browser tab. All of them in one file: ",
                    *files(ALL, "the whole list"),
                    ".",
                ]
            ),
            wanted_table(led or lines, "Wanted figures that bear on the front page or a claim"),
            *_rest([one for one in lines if not one.best.lead] if led else []),
            section("How this is worked out", html.P(ASSUMPTION), id="how"),
        ]
    )  # fmt: skip


def _rest(lines: Sequence[Wanted]) -> list[Component]:
    if not lines:
        return []
    title = "Figures that bear on other questions"
    return [section(title, wanted_table(lines, title), id="rest")]


def serve(server: Flask, evidence: Evidence) -> None:
    """The files to fill in: `/wanted/<key>.csv` and `.xlsx`, and `/wanted/all.csv` with every line."""

    def file(key: str, kind: str) -> Response:
        lines = [one for one in wanted(evidence) if key in (ALL, one.key)]
        if not lines or kind not in KINDS:
            said = "There is no such file to fill in. The list is on the page Wanted."
            return in_words("No such file", said, 404)
        media_type, make = KINDS[kind]
        response = Response(make(lines), mimetype=media_type)
        name = f"to-fill-in-{key}.{kind}" if key != ALL else f"to-fill-in.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    server.add_url_rule("/wanted/<key>.<kind>", "wanted", file)


PAGE = Page(
    path="/wanted",
    name="Wanted",
    title="Wanted: figures that would help most",
    description="Results that trials measured but did not report in a usable form, by what each would do to an "
    "answer, with a file to fill in for anyone who has the full text.",
    layout=layout,
    serve=serve,
)
"""What is missing and could be brought."""
