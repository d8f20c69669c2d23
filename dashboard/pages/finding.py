"""The front page: does kyphoplasty relieve pain in over 85% of patients, and is it the procedure that does it?"""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, Output, html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.figures.overview import pain_figure, relief_figure
from analysis.figures.words import interval_text
from analysis.question import Question
from analysis.topic import topic
from analysis.topic.vertebral import claims
from dashboard import state
from dashboard.components.graph import figure_block, table
from dashboard.components.layer_rows import LAYER_COLUMNS, layer_rows
from dashboard.components.page_parts import heading, section
from dashboard.components.printed_rows import rows_by_id, source
from dashboard.page import Page, Visit

TITLE = f"Does kyphoplasty relieve pain in over {words.CLAIMED_PERCENT}% of patients?"
_PAGE = "finding"
_HEADLINE = "headline"
_FINDING = "finding"


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, _ = Question.from_query(visit.query)
    time = question.time if question.time in claims.TIMES else "1m"
    question = Question(time=time)
    return html.Article(
        [
            state.question_store(question),
            heading(TITLE),
            html.P(
                claims.finding(evidence, time).headline,
                id=_HEADLINE,
                className="lede",
                role="status",
            ),
            _times(time, visit),
            html.Div(_of_time(evidence, time, visit), id=_FINDING, className="answer"),
            _relief(evidence, visit),
            _origins(evidence),
            _further(),
        ]
    )


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        output={
            "headline": Output(_HEADLINE, "children"),
            "finding": Output(_FINDING, "children"),
            "state": state.outputs(_PAGE),
        },
        inputs={"change": state.inputs(_PAGE)},
        prevent_initial_call=True,
    )
    def changed(change: dict) -> dict[str, object]:
        change = state.read(**change)
        time = change.question.time
        theirs = change.evidence(evidence)
        return {
            "headline": claims.finding(theirs, time).headline,
            "finding": _of_time(theirs, time, change.visit),
            "state": state.write(change, lambda question, field: None),
        }


def _of_time(evidence: Evidence, time: str, visit: Visit) -> list[Component]:
    """The part of the page that depends on the time point."""
    found = claims.finding(evidence, time)
    layers = claims.pain_layers(time)
    return [
        html.H2(f"Pain at {words.WINDOWS[time].label}, by how rigorously it was studied"),
        figure_block(
            "pain",
            pain_figure(evidence, time, narrow=visit.narrow),
            caption=" ".join(found.sentences),
            columns=LAYER_COLUMNS,
            rows=layer_rows(layers, evidence),
            file_name=f"finding-pain-{time}",
            title=found.headline,
            caption_shown=False,
        ),
        section("In words", html.Ul([html.Li(text) for text in found.sentences]), id="in-words"),
        section(
            "What is not known", html.Ul([html.Li(text) for text in found.unknown]), id="unknown"
        ),
    ]


def _times(time: str, visit: Visit) -> Component:
    return dmc.SegmentedControl(
        size="xs" if visit.narrow else "sm",
        id=state.control_id(_PAGE, "time"),
        value=time,
        data=[{"value": t, "label": words.WINDOWS[t].label} for t in claims.TIMES],
        **{"aria-label": "Time after the procedure"},
    )


def _relief(evidence: Evidence, visit: Visit) -> Component:
    layers = claims.relief_layers()
    answers = [ask(q, evidence) for q in claims.questions(layers)]
    return section(
        "Patients with relief: series beside sham and conservative care",
        html.P(
            "The claim counts patients who report relief. The same can be counted in the arms of controlled "
            "studies. Definitions differ, so these proportions are not an effect; they show how many report "
            "relief without the procedure, too."
        ),
        figure_block(
            "relief",
            relief_figure(evidence, narrow=visit.narrow),
            caption=" ".join(_relief_sentence(a, label) for a, label in zip(
                answers, (f"{layer.title}, {row.label}" for layer in layers for row in layer.rows),
                strict=True,
            )),
            columns=LAYER_COLUMNS,
            rows=layer_rows(layers, evidence),
            file_name="finding-relief",
            title="Patients with relief: what series report, and what the arms of controlled studies report",
            caption_shown=False,
        ),
        html.Details(
            [
                html.Summary("How each study defined relief"),
                table(
                    ("Study", "Kind", "Definition as printed", "When", "Relief", "Source"),
                    [row for a in answers for row in _definitions(a, evidence)],
                    "Definitions of relief, study by study",
                ),
            ]
        ),
        id="relief-section",
    )  # fmt: skip


def _relief_sentence(answer: Answer, label: str) -> str:
    if answer.pooled is None:
        return f"{label}: no figure."
    return f"{label}: {interval_text(answer)}, {answer.pooled.k} studies."


def _definitions(answer: Answer, evidence: Evidence) -> list[list[Component | str]]:
    rows = []
    for study in answer.studies:
        for row in rows_by_id(evidence, study.row_ids):
            who = words.SHORT[answer.question.intervention]
            rows.append(
                [
                    f"{study.label}, {who}", words.DESIGNS[study.design], row["instrument"],
                    row["timepoint"], study.text_t, source(row),
                ]
            )  # fmt: skip
    return rows


# --- where the claim comes from ------------------------------------------------------------------
def _origins(evidence: Evidence) -> Component:
    rows = [
        [
            row["where_stated"], f"{row['figure_pct']:g}%", row["claim_text_summary"],
            row["cited_source"], source(row | {"source_location": "source"}),
        ]
        for row in evidence.claim_origins.to_dict("records")
    ]  # fmt: skip
    uncited = sum(
        row["cited_source"] == "none cited" for row in evidence.claim_origins.to_dict("records")
    )
    return section(
        "Where such figures are stated",
        html.P(f"{len(rows)} statements of this kind are in hand; {uncited} of them cite nothing."),
        html.Details(
            [
                html.Summary("The places and what they cite"),
                table(
                    ("Where", "Figure", "What it says", "What it cites", "Link"), rows,
                    "Places that state a figure like 85%",
                ),
            ]
        ),
        id="origins",
    )  # fmt: skip


# --- where to go from here -----------------------------------------------------------------------
def _further() -> Component:
    asked = [(lead.label, Question.from_query(lead.query)[0]) for lead in topic().lead]
    links = [html.Li(html.A(text, href=f"/compare?{q.to_query()}")) for text, q in asked]
    return section(
        "Ask your own question",
        html.P("Every view has an address that opens it again. Start from one of these:"),
        html.Ul(links),
        id="further",
    )


PAGE = Page(
    path="/",
    name="The finding",
    title=TITLE,
    description="What uncontrolled series, open trials and sham-controlled trials report about pain after balloon "
    "kyphoplasty and vertebroplasty, side by side.",
    layout=layout,
    connect=connect,
)
