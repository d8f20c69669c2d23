"""Words used here: the glossary of the repository, as a page."""

from __future__ import annotations

from dash import dcc
from dash.development.base_component import Component

from analysis.evidence import Evidence
from dashboard.components.page_parts import page
from dashboard.page import Page, Visit
from dashboard.terms import glossary


def layout(evidence: Evidence, visit: Visit) -> Component:
    title, body = glossary()
    return page(title, dcc.Markdown(body, className="prose glossary"))


PAGE = Page(
    path="/words",
    name="Words",
    title="Words used here",
    description="The words of this site in plain language: treatments, kinds of study, effects, "
    "pooling and certainty.",
    layout=layout,
)
