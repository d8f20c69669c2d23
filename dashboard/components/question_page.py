"""A page about one Question: its sentence with menus on top, below it what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from dash import Dash, Output, html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.question import Question
from analysis.topic import topic
from dashboard import state
from dashboard.components.controls import choices
from dashboard.components.question_panel import question_panel
from dashboard.page import Visit
from dashboard.terms import marked

View = Callable[[Evidence, Question, Visit, Sequence[str]], list[Component]]
"""Everything below the menus; the last argument holds notes on an address that was not understood."""
Moved = Callable[[Question, state.Change, Evidence], state.Change]


def question_article(
    page: str, view: View, evidence: Evidence, visit: Visit, *more: Component
) -> Component:
    """The page of the Question in its address."""
    question, said = Question.from_query(visit.query)
    notes = tuple(dict.fromkeys(said))
    return html.Article(
        [
            state.question_store(question),
            question_panel(page, question, evidence),
            html.Div(view(evidence, question, visit, notes), id=_view_id(page), className="answer"),
            *more,
        ]
    )


def follow(
    app: Dash, page: str, view: View, evidence: Evidence, moved: Moved | None = None
) -> None:
    """Draw the view again whenever a control changes the Question; `moved` may lead to another one first."""

    @app.callback(
        output={"view": Output(_view_id(page), "children"), "state": state.outputs(page)},
        inputs={"change": state.inputs(page)},
        prevent_initial_call=True,
    )
    def changed(change: dict) -> dict[str, object]:
        before, _ = Question.from_query(change["question"]["query"])
        change = state.read(**change)
        theirs = change.evidence(evidence)
        if moved is not None:
            change = moved(before, change, theirs)
        return {
            "view": marked(view(theirs, change.question, change.visit, change.notes)),
            "state": state.write(change, partial(choices, evidence=theirs)),
        }


def asked_first(evidence: Evidence) -> Iterator[str]:
    """The question that is asked first and the lead questions, for a published site."""
    yield ""
    yield from (lead.query for lead in topic().lead)


def _view_id(page: str) -> str:
    return f"{page}-view"
