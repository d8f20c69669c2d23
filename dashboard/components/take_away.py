"""What can be taken away from a view: pictures, slides, tables, scripts, references, the link, the citation.

Plain links, so that they work by keyboard and without scripts; `assets/take-away.js` adds progress, an error in
place, and the reader's own studies, which no address can carry.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.answer import Answer
from analysis.export.artefacts import ARTEFACTS, CLAIMS, QUESTION, Artefact, Subject, of
from analysis.figures.standalone import basis
from analysis.question import Question
from dashboard.components.graph import picture_buttons
from dashboard.components.page_parts import section

_GROUPS = {
    "Slides": ("pptx",),
    "Tables": ("xlsx", "zip", "csv"),
    "Scripts": ("R", "py"),
    "Report": ("html",),
    "References and text": ("txt", "bib", "ris"),
}
_OTHER = "Other"
_CITATION = "citation.txt"


def take_away(answer: Answer, figure: str) -> Component:
    """The panel of an answer; `figure` is the id of the block that holds its figure."""
    question = answer.question
    pictures = picture_buttons(
        figure, question.slug(), answer.sentence, sized=figure_address(question),
        foot=figure_foot(answer), says="Take the picture as",
    )  # fmt: skip
    return section(
        "Take it away",
        html.P(
            "Every file holds the numbers that you see now, the link to this view, and the version of the data."
        ),
        html.Dl(
            [
                *_entry("Picture", [pictures]),
                *_groups(of(QUESTION), question),
                *_entry(
                    "This view",
                    [
                        _button("Copy the link", "link"),
                        _button("Copy a citation", "citation", question),
                    ],
                ),
            ],
            className="take-away",
        ),
        _status(),
        id="take-away",
    )


_FEW = ("slide.pptx", "tables.xlsx", "script.R", "report.html")


def take_few(question: Question) -> Component:
    """One line of links to what is asked for most, for pages about an answer that is shown elsewhere."""
    links = _links([ARTEFACTS[name] for name in _FEW], question)
    more = html.A("everything else", href=f"/compare?{question.to_query()}#take-away")
    text = ["Take the answer away: ", *_listed([*links, more])]
    return html.Div([html.P(text), _status()], className="take-few")


def take_claims(claims: tuple[str, ...]) -> Component:
    """Links to the files about one claim, or about all of them where none is named."""
    links = _links(of(CLAIMS), claims)
    return html.Div([html.P(["Take it away: ", *_listed(links)]), _status()], className="take-few")


def figure_address(question: Question) -> str:
    """Where the browser asks for the figure in a size, with a place for the size's name."""
    return f"/take/figure-{{size}}.json?{question.to_query()}"


def figure_foot(answer: Answer) -> str:
    """What stands below a picture before the data version: question, studies, meaning."""
    return " ".join((f"{basis(answer)}.", *answer.details[:1]))


def _groups(offered: Sequence[Artefact], subject: Subject) -> list[Component]:
    entries: list[Component] = []
    known = {ending: name for name, endings in _GROUPS.items() for ending in endings}
    for name in (*_GROUPS, _OTHER):
        links = _links([a for a in offered if known.get(a.ending, _OTHER) == name], subject)
        entries += _entry(name, links) if links else []
    return entries


def _links(offered: Sequence[Artefact], subject: Subject) -> list[Component]:
    return [
        html.A(
            artefact.label,
            href=artefact.address(subject),
            download=artefact.file_name(subject),
            **{"data-take": artefact.name},
        )
        for artefact in offered
    ]


def _listed(links: Sequence[Component]) -> list[Component | str]:
    parts: list[Component | str] = []
    for link in links:
        parts += [", ", link] if parts else [link]
    return [*parts, "."]


def _entry(name: str, content: Sequence[Component]) -> list[Component]:
    return [html.Dt(name), html.Dd(list(content))]


def _button(label: str, what: str, question: Question | None = None) -> Component:
    where = {} if question is None else {"data-from": f"/take/{_CITATION}?{question.to_query()}"}
    return html.Button(
        label, type="button", className="link-button", **{"data-copy": what}, **where
    )


def _status() -> Component:
    """Where progress and failures are said, and what was copied is shown."""
    return html.Div(className="take-status quiet", role="status")
