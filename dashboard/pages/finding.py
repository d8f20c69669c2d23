"""The front page: the claim that leads, and whether it is the procedure that does it."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, Output, html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.appraisal.published import judgements
from analysis.evidence import Evidence
from analysis.figures.overview import pain_figure, relief_figure
from analysis.figures.words import interval_text
from analysis.network import indirect_sentence
from analysis.question import Question
from analysis.topic import topic
from analysis.topic.vertebral import claims
from analysis.topic.vertebral.claims import front_page
from dashboard import state
from dashboard.components.graph import figure_block, table
from dashboard.components.layer_rows import LAYER_COLUMNS, LAYER_SPOKEN, layer_rows
from dashboard.components.page_parts import heading, section
from dashboard.components.printed_rows import rows_by_id, source
from dashboard.page import Page, Visit
from dashboard.terms import marked

_PAGE = "finding"
_HEADLINE = "headline"
_FINDING = "finding"
_WORDS = "finding-words"


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, _ = Question.from_query(visit.query)
    time = question.time if question.time in claims.TIMES else "1m"
    question = Question(time=time)
    return html.Article(
        [
            state.question_store(question),
            html.Div(
                [
                    html.Div(
                        [
                            heading(front_page.TITLE),
                            html.Div(_said(evidence, time), id=_HEADLINE, role="status"),
                            _of_100(evidence),
                        ]
                    ),
                    html.Div(
                        [
                            _times(time, visit),
                            html.Div(_figure(evidence, time, visit.narrow), id=_FINDING, className="answer"),
                        ]
                    ),
                ],
                className="two-columns",
            ),
            html.Div(_in_words(evidence, time), id=_WORDS),
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
            "words": Output(_WORDS, "children"),
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
            "headline": marked(_said(theirs, time)),
            "finding": _figure(theirs, time, change.visit.narrow),
            "words": marked(_in_words(theirs, time)),
            "state": state.write(change, lambda question, field: None),
        }


def _said(evidence: Evidence, time: str) -> list[Component]:
    """The verdict, a sentence a paragraph, and how certain others rated the blinded trials."""
    found = claims.finding(evidence, time)
    first, _, second = found.headline.partition(". ")
    parts: list[Component] = [html.P(f"{first}." if second else first, className="lede")]
    asked, name = front_page.nearest_blinded(time)
    blinded = ask(asked, evidence)
    if second:
        link = html.A("See the trials", href=f"/compare?{asked.to_query()}")
        parts.append(html.P([f"{second} ", link, "."], className="lede"))
    untested = front_page.never_tested(time)
    if through := indirect_sentence(untested, evidence):
        link = html.A("See the network", href=f"/network?{untested.to_query()}")
        parts.append(html.P([f"{through} ", link, "."]))
    if rated := judgements(asked, blinded.studies, evidence):
        text = f"Certainty of {name}: {rated[0].level}, by {rated[0].review}."
        parts.append(html.P(text, className="quiet"))
    return parts


def _of_100(evidence: Evidence) -> Component:
    """The claim in its own unit: how many of 100 had relief, with the procedure and without."""
    tiles = [
        html.A(
            [
                html.Strong(count.value),
                html.Span(count.label),
                html.Span(count.note, className="quiet"),
            ],
            href=f"/compare?{count.question.to_query()}",
            className="tile",
        )
        for count in claims.of_100(evidence)
    ]
    return html.Section(
        [
            html.H2("Of 100 patients, how many had relief?"),
            html.Div(tiles, className="tiles"),
            html.P("Each paper defines relief differently; only the pairs compare like with like.", className="quiet"),
        ],
        id="of-100",
    )  # fmt: skip


def _figure(evidence: Evidence, time: str, phone: bool) -> list[Component]:
    """The pain figure, narrow: it stands in a column of its own."""
    found = claims.finding(evidence, time)
    layers = claims.pain_layers(time)[::-1]  # in the order of the drawing
    return [
        figure_block(
            "pain",
            pain_figure(evidence, time, narrow=True, letters=46 if phone else 66),
            caption=" ".join(found.sentences),
            columns=LAYER_COLUMNS,
            spoken=LAYER_SPOKEN,
            rows=layer_rows(layers, evidence),
            file_name=f"finding-pain-{time}",
            title=found.headline,
            caption_shown=False,
        ),
    ]


def _in_words(evidence: Evidence, time: str) -> list[Component]:
    found = claims.finding(evidence, time)
    return [
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
        front_page.RELIEF,
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
            spoken=LAYER_SPOKEN,
            rows=layer_rows(layers, evidence),
            file_name="finding-relief",
            title="Patients with relief: what series report, and what the arms of controlled studies report",
            caption_shown=False,
        ),
        html.Details(
            [
                html.Summary("How each study defined relief"),
                table(
                    ("Study", "Kind", "Definition as reported", "When", "Relief", "Source"),
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
        html.P(f"{len(rows)} statements of this kind were found; {uncited} of them cite nothing."),
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


def _canonical(query: str) -> str:
    time = Question.from_query(query)[0].time
    return f"time={time}" if time in claims.TIMES and time != Question().time else ""


PAGE = Page(
    path="/",
    name="The finding",
    title=front_page.TITLE,
    description=front_page.DESCRIPTION,
    layout=layout,
    connect=connect,
    published=lambda evidence: ("", *(f"time={time}" for time in claims.TIMES)),
    canonical=_canonical,
)
