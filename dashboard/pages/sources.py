"""Studies and sources: every figure that feeds the answer to one question, as it was reported, and the references."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, html
from dash.development.base_component import Component

from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.export.references import references_of, vancouver
from analysis.prose import counted
from analysis.question import Question
from dashboard.components.answer import statement_block, study_panel
from dashboard.components.page_parts import heading, notice, section
from dashboard.components.question_page import asked_first, follow, question_article
from dashboard.page import Page, Visit

_PAGE = "sources"
_OPEN = 4
"""Studies shown open; of more, a reader opens the one in question."""


def layout(evidence: Evidence, visit: Visit) -> Component:
    return question_article(_PAGE, sources_view, evidence, visit)


def sources_view(
    evidence: Evidence, question: Question, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    """Each study with its steps and its reported rows, then the list of references."""
    answer = ask(question, evidence)
    return [
        heading("Studies and sources"),
        *notice(notes),
        statement_block(answer, evidence),
        *_studies(answer, evidence),
        *_references(answer, evidence),
    ]


def _studies(answer: Answer, evidence: Evidence) -> list[Component]:
    if not answer.studies:
        return []
    shown = [
        html.Details(
            [
                html.Summary([html.Strong(study.label), f" · {study.timepoint}"]),
                *study_panel(study, evidence),
            ],
            open=len(answer.studies) <= _OPEN,
            className="source-study",
        )
        for study in answer.studies
    ]
    title = f"{counted(len(shown), 'study')}, {counted(answer.rows_used, 'reported row')}"
    return [section(title, *shown, id="studies")]


def _references(answer: Answer, evidence: Evidence) -> list[Component]:
    found = references_of([answer], evidence)
    if not found:
        return []
    items = [
        html.Li(
            [f"{vancouver(one)} ", html.A("Open", href=one.url, rel="noopener noreferrer", target="_blank",
                                         **{"aria-label": f"Open reference {one.number}"})]
            if one.url else vancouver(one)
        )
        for one in found
    ]  # fmt: skip
    where = "The list as BibTeX, RIS or text is under Download or cite, on top of the page."
    return [
        section("References", html.Ol(items), html.P(where, className="quiet"), id="references")
    ]


def connect(app: Dash, evidence: Evidence) -> None:
    follow(app, _PAGE, sources_view, evidence)


PAGE = Page(
    path="/sources",
    name="Studies and sources",
    title="Studies and sources",
    description="Every figure behind one answer as its report gives it, each step from there to the effect, and "
    "the references.",
    layout=layout,
    connect=connect,
    published=asked_first,
    canonical=lambda query: Question.from_query(query)[0].to_query(),
)
