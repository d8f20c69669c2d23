"""Compare: choose outcome, treatments, time, patients, studies and model; the address is the Question."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, Output, html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.question import Question
from dashboard import state
from dashboard.components.controls import choices, control
from dashboard.components.page_parts import heading, notice
from dashboard.page import Page, Visit

_ASKED = ("outcome", "intervention", "comparator", "time", "etiology", "fracture_age", "designs")
_MODEL = ("measure", "tau2", "ci", "level", "borrow", "inferred", "industry")
_ANSWER = "compare-answer"


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, said = Question.from_query(visit.query)
    return html.Article(
        [
            state.question_store(question),
            html.Div(
                [
                    html.Form(
                        [
                            html.H2("The question", className="panel-title"),
                            *(control(question, field) for field in _ASKED),
                            html.Details(
                                [
                                    html.Summary("Model and admission"),
                                    *(control(question, field) for field in _MODEL),
                                ]
                            ),
                        ],
                        className="panel",
                        **{"aria-label": "The question"},
                    ),
                    html.Div(
                        answer_view(evidence, question, visit, said), id=_ANSWER, className="answer"
                    ),
                ],
                className="with-panel",
            ),
        ]
    )


def answer_view(
    evidence: Evidence, question: Question, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    """Everything that depends on the Question, from the heading down."""
    return [heading(question.title()), *notice(notes)]


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        output={"answer": Output(_ANSWER, "children"), "state": state.OUTPUTS},
        inputs={"change": state.INPUTS},
        prevent_initial_call=True,
    )
    def changed(change: dict) -> dict[str, object]:
        change = state.read(**change)
        return {
            "answer": answer_view(evidence, change.question, change.visit, change.notes),
            "state": state.write(change, choices),
        }


PAGE = Page(
    path="/compare",
    name="Compare",
    title="Compare",
    description="Choose an outcome, two treatments, a time and a population, and see what the "
    "published studies report.",
    layout=layout,
    connect=connect,
)
