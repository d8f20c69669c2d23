"""The question as a sentence with menus in it, at the top of every view of a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dash import html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.question import Question
from dashboard.components.controls import choices, control

PANEL = "the-question"
_SENTENCE = (
    ("", "outcome"),
    ("after", "intervention"),
    ("compared with", "comparator"),
    ("at", "time"),
    ("in", "etiology"),
    ("and", "fracture_age"),
)
"""What stands before each menu."""
_MORE = (
    "designs", "measure", "unit", "counted", "model", "tau2", "ci", "level", "mid", "r", "borrow", "inferred",
    "industry",
    "abstract", "report", "outliers", "without",
)  # fmt: skip


Offered = Callable[[Question, str, Evidence], list[dict[str, str]] | None]
"""What a control offers for a Question; None for one without a list."""


def question_panel(
    page: str,
    question: Question,
    evidence: Evidence,
    *,
    offered: Offered = choices,
    fixed: Mapping[str, str] | None = None,
) -> Component:
    """All fields of a Question as controls of a page (`dashboard.state`).

    `offered`: for a view that cannot show every choice. `fixed`: fields that a view settles, with the words that
    stand in the sentence instead of their menus.
    """
    fixed = fixed or {}

    def made(field: str) -> Component:
        shown = control(page, question, field, evidence)
        if offered is not choices and (entries := offered(question, field, evidence)) is not None:
            shown.data = entries
        return shown

    sentence: list[Component] = []
    for word, field in _SENTENCE:
        if field in fixed:
            sentence.append(html.Span(fixed[field], className="settled"))
            continue
        if not _open(question, field):
            continue
        if word:
            sentence.append(html.Span(word, className="between", **{"aria-hidden": "true"}))
        sentence.append(made(field))
    return html.Form(
        [
            html.Div(sentence, className="sentence"),
            html.Details(
                [
                    html.Summary("Studies, measure and model"),
                    html.Div([made(field) for field in _MORE], className="more-settings"),
                ]
            ),
        ],
        id=PANEL,
        className="question-bar",
        **{"aria-label": "The question"},
    )


def _open(question: Question, field: str) -> bool:
    """Whether there is something to choose: a topic may tell no causes apart."""
    if field not in ("time", "etiology", "fracture_age"):
        return True
    return len(choices(question, field) or []) > 1
