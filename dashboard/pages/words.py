"""Words used here: the glossary of the repository, as a page."""

from __future__ import annotations

from functools import cache

from dash import dcc
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.root import ROOT
from dashboard.components.page_parts import page
from dashboard.page import Page, Visit

_GLOSSARY = ROOT / "GLOSSARY.md"


@cache
def _glossary() -> tuple[str, str]:
    """Title and body of the glossary."""
    title, body = _GLOSSARY.read_text(encoding="utf-8").split("\n", 1)
    return title.removeprefix("# "), body


def layout(evidence: Evidence, visit: Visit) -> Component:
    title, body = _glossary()
    return page(title, dcc.Markdown(body, className="prose glossary"))


PAGE = Page(
    path="/words",
    name="Words",
    title="Words used here",
    description="The words of this site in plain language: treatments, kinds of study, effects, "
    "pooling and certainty.",
    layout=layout,
)
