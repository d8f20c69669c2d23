"""The front page of a topic that leads with no claim: its first question answered, and where to go from there."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.figures.forest import forest
from analysis.question import Question
from analysis.topic import topic
from dashboard import state
from dashboard.components.answer import statement_block
from dashboard.components.graph import figure_block
from dashboard.components.page_parts import heading, section
from dashboard.page import Page, Visit


def layout(evidence: Evidence, visit: Visit) -> Component:
    return html.Article(
        [
            state.question_store(Question()),
            heading(topic().name),
            *_first(evidence, visit.narrow),
            section("Ask your own question", *_further(evidence), id="further"),
        ]
    )


def _first(evidence: Evidence, narrow: bool) -> list[Component]:
    """The question that the topic asks first, as a sentence and a figure."""
    found = ask(Question(), evidence)
    parts: list[Component] = [
        statement_block(found, evidence),
        html.P(html.A("Change this question", href=f"/compare?{found.question.to_query()}")),
    ]
    if found.studies:
        frame = found.frame()
        parts.append(
            figure_block(
                "front-forest",
                forest(found, narrow=narrow),
                caption=found.sentence,
                columns=("Study", "Intervention", "Comparator", "Effect", "Low", "High"),
                rows=[
                    [r.label, r.intervention, r.comparator, *(f"{x:.3g}" for x in (r.effect, r.ci_low, r.ci_high))]
                    for r in frame.itertuples()
                ],
                file_name=found.question.slug(),
                caption_shown=False,
            )
        )  # fmt: skip
    return parts


def _further(evidence: Evidence) -> list[Component]:
    links = [html.Li(html.A("Any two treatments, at any time", href="/compare"))]
    for lead in topic().lead:
        question, _ = Question.from_query(lead.query)
        found = ask(question, evidence).sentence
        href = f"/compare?{question.to_query()}"
        links.append(html.Li([html.A(lead.label, href=href), f": {found}"]))
    return [html.P("Every view has an address that opens it again."), html.Ul(links)]


PAGE = Page(
    path="/",
    name="The finding",
    title="The evidence",
    description="What the published studies together report, and where to look further.",
    layout=layout,
)
