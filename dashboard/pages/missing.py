"""Missing: what of one question was not measured, not reported or left out, and which figure would help."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, html
from dash.development.base_component import Component

from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.question import Question
from analysis.survey.missing import missing_here, missing_line
from analysis.topic import topic
from analysis.wanted import wanted
from dashboard.components.answer import statement_block
from dashboard.components.left_out import left_out_section
from dashboard.components.missing_matrix import trials
from dashboard.components.page_parts import heading, notice, section
from dashboard.components.question_page import asked_first, follow, question_article
from dashboard.components.wanted_table import wanted_table
from dashboard.page import Page, Visit

_PAGE = "missing"


def layout(evidence: Evidence, visit: Visit) -> Component:
    return question_article(_PAGE, missing_view, evidence, visit)


def missing_view(
    evidence: Evidence, question: Question, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    """Trial by trial, the figures that would help, and the rows that feed nothing, by reason."""
    answer = ask(question, evidence)
    return [
        heading("What is missing"),
        *notice(notes),
        statement_block(answer, evidence),
        *_trials(question, evidence),
        *_wanted(question, evidence),
        left_out_section(answer, evidence),
    ]


def _trials(question: Question, evidence: Evidence) -> list[Component]:
    found = missing_here(question, evidence)
    if question.one_group or not found.rows:
        return []
    said: list[Component | str] = [f"{missing_line(question, evidence)} "]
    if "gaps" in topic().pages:
        here = Question(designs=question.designs, etiology=question.etiology, time=question.time)
        said += [html.A("All outcomes, trial by trial", href=f"/gaps?{here.to_query()}#missing"), "."]
    return [section("Trial by trial", html.P(said), trials(found), id="trials")]


def _wanted(question: Question, evidence: Evidence) -> list[Component]:
    if "wanted" not in topic().pages:
        return []
    lines = [
        one for one in wanted(evidence) if any(gain.question == question for gain in one.gains)
    ]
    title = "Figures that would help"
    return [section(title, wanted_table(lines, title), id="wanted")] if lines else []


def connect(app: Dash, evidence: Evidence) -> None:
    follow(app, _PAGE, missing_view, evidence)


PAGE = Page(
    path="/missing",
    name="Missing",
    title="What is missing",
    description="For one question: which trials have a result, which measured it without a usable result, what is left "
    "out and why.",
    layout=layout,
    connect=connect,
    published=asked_first,
    canonical=lambda query: Question.from_query(query)[0].to_query(),
)
