"""The one menu of a page with what can be taken from it: pictures, slides, tables, scripts, references, the print.

The files are plain links; `assets/take-away.js` keeps them on the question that the page shows, lists the page's
figures, and adds progress, an error in place, and the reader's own studies, which no address can carry.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.answer import Answer
from analysis.export.artefacts import QUESTION_PAGES, Artefact, for_page
from analysis.figures.standalone import SIZES, basis
from analysis.question import Question

MENU = "take-away"
_GROUPS = {
    "Slides": ("pptx",),
    "Tables": ("xlsx", "zip", "csv"),
    "Scripts": ("R", "py"),
    "Report": ("html",),
    "References and text": ("txt", "bib", "ris"),
}
_OTHER = "Other"
_CITATION = "/take/citation.txt"


def page_tools(path: str, query: str) -> list[Component]:
    """"Download or cite" and "Share", for the page at `path` asked with `query`."""
    return [
        html.Details(
            [
                html.Summary("Download or cite"),
                html.Div(
                    html.Dl(
                        [
                            *_entry("Picture", _pictures(), "pictures"),
                            *_groups(for_page(path), query),
                            *_entry("This page", [_act("Print", "print"), _citation(path, query)]),
                        ]
                    ),
                    className="take-panel",
                ),
            ],
            id=MENU,
            className="take-menu",
        ),
        html.Button("Share", type="button", className="tool", **{"data-act": "share"}),
        html.Div(className="take-status quiet", role="status"),
    ]


def figure_address(question: Question) -> str:
    """Where the browser asks for the figure in a size, with a place for the size's name."""
    return f"/take/figure-{{size}}.json?{question.to_query()}"


def figure_foot(answer: Answer) -> str:
    """What stands below a picture before the data version: question, studies, meaning."""
    return " ".join((f"{basis(answer)}.", *answer.details[:1]))


def _pictures() -> list[Component]:
    """Which figure, in which size, as what; the script lists the figures of the page when the menu opens."""
    options = [html.Option("as shown", value="")]
    options += [html.Option(size.label, value=size.key) for size in SIZES.values()]
    return [
        html.Select(className="picture-choice picture-figure", **{"aria-label": "Which figure"}),
        html.Select(
            options, className="picture-choice picture-size", **{"aria-label": "Size of the picture"}
        ),
        *(
            html.Button(
                kind.upper(),
                type="button",
                className="link-button",
                **{"data-picture": kind, "aria-label": f"Picture as {kind.upper()}"},
            )
            for kind in ("png", "svg")
        ),
    ]


def _groups(offered: Sequence[Artefact], query: str) -> list[Component]:
    entries: list[Component] = []
    known = {ending: name for name, endings in _GROUPS.items() for ending in endings}
    for name in (*_GROUPS, _OTHER):
        links = [_link(a, query) for a in offered if known.get(a.ending, _OTHER) == name]
        entries += _entry(name, links) if links else []
    return entries


def _link(artefact: Artefact, query: str) -> Component:
    return html.A(
        artefact.label,
        href=f"/take/{artefact.name}" + (f"?{query}" if query else ""),
        download=artefact.name,
        **{"data-take": artefact.name},
    )


def _entry(name: str, content: Sequence[Component], style: str = "") -> list[Component]:
    return [html.Dt(name, className=style), html.Dd(list(content), className=style)]


def _citation(path: str, query: str) -> Component:
    """The citation of a question is written by the server; that of another page names page, data and address."""
    where = _CITATION + (f"?{query}" if query else "") if path in QUESTION_PAGES else ""
    return _act("Copy a citation", "cite", **{"data-from": where})


def _act(label: str, act: str, **more: str) -> Component:
    return html.Button(
        label, type="button", className="link-button", **{"data-act": act, **more}
    )
