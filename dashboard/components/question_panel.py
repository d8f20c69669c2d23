"""The panel that asks a Question: the same fields, in the same order, on every page that has one."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.question import Question
from dashboard.components.controls import choices, control

PANEL = "the-question"
_ASKED = ("outcome", "intervention", "comparator", "time", "etiology", "fracture_age", "designs")
_MODEL = (
    "measure", "unit", "model", "tau2", "ci", "level", "mid", "r", "borrow", "inferred", "industry",
    "abstract", "report", "outliers", "without",
)  # fmt: skip


def question_panel(page: str, question: Question, evidence: Evidence) -> Component:
    """All fields of a Question as controls of a page (`dashboard.state`)."""
    return html.Form(
        [
            html.H2("The question", className="panel-title"),
            *(
                control(page, question, field, evidence)
                for field in _ASKED
                if _open(question, field)
            ),
            html.Details(
                [
                    html.Summary("Model and admission"),
                    *(control(page, question, field, evidence) for field in _MODEL),
                ],
                open=_model_chosen(question),
            ),
        ],
        id=PANEL,
        className="panel",
        **{"aria-label": "The question"},
    )


def _open(question: Question, field: str) -> bool:
    """Whether there is something to choose: a topic may tell no causes apart."""
    if field not in ("time", "etiology", "fracture_age"):
        return True
    return len(choices(question, field) or []) > 1


def to_panel() -> Component:
    """On a phone the panel comes after the answer: the way to it."""
    return html.P(html.A("Change the question", href=f"#{PANEL}"), className="to-controls")


def _model_chosen(question: Question) -> bool:
    """Whether something in the closed part differs from the usual: then a pasted link shows it."""
    usual = Question()
    # the usual measure depends on the outcome
    others = (field for field in _MODEL if field != "measure")
    return question.effect_measure != question.measures()[0] or any(
        getattr(question, field) != getattr(usual, field) for field in others
    )
