"""Compare: choose outcome, treatments, time, patients, studies and model; the address is the Question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.question import Question
from analysis.survey.neighbours import nearest
from dashboard import own, state
from dashboard.components import what_if
from dashboard.components.answer import FIGURE, STUDY, answer_parts, study_panel
from dashboard.components.controls import choices
from dashboard.components.page_parts import heading, notice
from dashboard.components.question_panel import question_panel
from dashboard.page import Page, Visit

_PAGE = "compare"
_ANSWER = "compare-answer"


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, said = Question.from_query(visit.query)
    return html.Article(
        [
            state.question_store(question),
            question_panel(_PAGE, question, evidence),
            html.Div(
                answer_view(evidence, question, visit, tuple(dict.fromkeys(said))),
                id=_ANSWER,
                className="answer",
            ),
        ]
    )


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
    @app.callback(
        output={"answer": Output(_ANSWER, "children"), "state": state.outputs(_PAGE)},
        inputs={"change": state.inputs(_PAGE)},
        prevent_initial_call=True,
    )
    def changed(change: dict) -> dict[str, object]:
        before, _ = Question.from_query(change["question"]["query"])
        change = state.read(**change)
        theirs = change.evidence(evidence)
        change = _to_studies(before, change, theirs)
        return {
            "answer": answer_view(theirs, change.question, change.visit, change.notes),
            "state": state.write(change, partial(choices, evidence=theirs)),
        }

    @app.callback(
        Output(STUDY, "children"),
        Input({"open-study": ALL}, "n_clicks"),
        Input(f"{FIGURE}-graph", "clickData", allow_optional=True),
        State(state.QUESTION, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def opened(
        clicks: list[int], point: dict | None, question: dict[str, str], kept: object
    ) -> list[Component] | object:
        trial = _chosen(clicks, point)
        if trial is None:
            return no_update
        asked, _ = Question.from_query(question["query"])
        theirs = own.evidence_for(evidence, kept)
        return study_panel(ask(asked, theirs), theirs, trial)

    what_if.connect(app, evidence)
    app.clientside_callback(
        ClientsideFunction("study", "show"),
        Output(STUDY, "title"),
        Input(STUDY, "children"),
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
    note = f"No study reports this for the comparison you had. Shown instead: {how}. Go back to undo."
    return replace(change, question=question, notes=(*change.notes, note))


def _chosen(clicks: Sequence[int | None], point: dict | None) -> str | None:
    """The study that was clicked, as a button or as a mark of the figure; None when nothing was."""
    if isinstance(ctx.triggered_id, dict):
        return ctx.triggered_id["open-study"] if any(clicks) else None
    marks = (point or {}).get("points") or [{}]
    return marks[0].get("customdata")


PAGE = Page(
    path="/compare",
    name="Answer",
    title="Compare",
    description="Choose an outcome, two treatments, a time and a population, and see what the "
    "published studies report.",
    layout=layout,
    connect=connect,
)
