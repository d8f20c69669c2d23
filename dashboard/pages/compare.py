"""Compare: choose outcome, treatments, time, patients, studies and model; the address is the Question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dash import ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component

from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.question import Question
from analysis.standard_questions import standard_questions
from analysis.survey.neighbours import nearest
from dashboard import state
from dashboard.components import what_if
from dashboard.components.answer import FIGURE, STUDY, answer_parts
from dashboard.components.page_parts import heading, notice
from dashboard.components.question_page import asked_first, follow, question_article
from dashboard.page import Page, Visit

_PAGE = "compare"


def layout(evidence: Evidence, visit: Visit) -> Component:
    return question_article(_PAGE, answer_view, evidence, visit)


def answer_view(
    evidence: Evidence, question: Question, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    """Everything that depends on the Question, from the heading down."""
    answer = ask(question, evidence)
    return [
        heading(answer.headline),
        *notice(notes),
        *answer_parts(answer, evidence, narrow=visit.narrow),
        *what_if.before_and_after(answer, evidence),
        *what_if.parts(answer),
    ]


def connect(app: Dash, evidence: Evidence) -> None:
    follow(app, _PAGE, answer_view, evidence, _to_studies)
    what_if.connect(app, evidence)
    app.clientside_callback(
        ClientsideFunction("study", "show"),
        Output(STUDY, "title"),
        Input(f"{FIGURE}-graph", "clickData", allow_optional=True),
        prevent_initial_call=True,
    )


def _to_studies(before: Question, change: state.Change, evidence: Evidence) -> state.Change:
    """After another outcome was chosen: the nearest comparison that has studies, and a note of the move."""
    asked = change.question
    if asked.outcome == before.outcome or ask(asked, evidence).studies:
        return change
    found = nearest(asked, evidence)
    if found is None:
        return change
    question, how = found
    note = (
        f"No study reports this for the comparison you had. Shown instead: {how}. Go back to undo."
    )
    return replace(change, question=question, notes=(*change.notes, note))


def _published(evidence: Evidence) -> Iterator[str]:
    """The question that is asked first, the lead questions, and every standard question with a study."""
    yield from asked_first(evidence)
    yield from (q.to_query() for q in standard_questions() if ask(q, evidence).studies)


PAGE = Page(
    path="/compare",
    name="Answer",
    title="Compare",
    description="Choose an outcome, two treatments, a time and a population, and see what the "
    "published studies report.",
    layout=layout,
    connect=connect,
    published=_published,
    canonical=lambda query: Question.from_query(query)[0].to_query(),
)
