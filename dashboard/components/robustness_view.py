"""A view of robustness on a page, whichever it is; and what stands there while it is worked out."""

from __future__ import annotations

from urllib.parse import quote

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis.answer import Answer
from analysis.question import Question
from analysis.robustness_views import multiverse
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.view import Panel, View
from dashboard.components.graph import figure_block, table
from dashboard.components.page_parts import section
from dashboard.jobs.trouble import TROUBLES

BAR = "job-bar"
DOING = "job-doing"
SECONDS = "job-seconds"
CANCEL = "job-cancel"
AGAIN = "job-again"
WAITING = "job-waiting"
TROUBLE = "job-trouble"
SAID = "job-said"
STUDY = "robustness-study"
PICKED = "robustness-picked"
CURVE = f"{multiverse.KEY}-specification-curve"
"""The figure whose points are analyses of their own."""


def view_parts(view: View, question: Question) -> list[Component]:
    """Finding first, why not to trust it too much right beside it, then the rest."""
    return [
        html.Div(html.P(html.Strong(view.finding)), className="statement", role="status"),
        *_cautions(view),
        *(html.P(sentence) for sentence in view.sentences),
        *(_panel(view, panel, question) for panel in view.panels),
    ]


def _cautions(view: View) -> list[Component]:
    if not view.cautions:
        return []
    named = (
        "Read this with care"
        if len(view.cautions) == 1
        else "Read this with care, for these reasons"
    )
    return [
        html.Div(
            [
                html.P(html.Strong(named)),
                html.Ul([html.Li(caution) for caution in view.cautions]),
            ],
            className="note cautions",
        )
    ]


def figure_id(view: str, panel: str) -> str:
    """The id of a panel's figure on a page."""
    return f"{view}-{panel}"


def _panel(view: View, panel: Panel, question: Question) -> Component:
    id = figure_id(view.key, panel.id)
    if panel.figure is None:
        shown: Component = html.Div(
            [html.P(panel.caption), table(panel.columns, panel.rows, panel.title)]
        )
    else:
        shown = figure_block(
            id,
            panel.figure,
            caption=panel.caption,
            columns=panel.columns,
            rows=panel.rows,
            file_name=f"{question.slug()}-{id}",
            title=panel.title,
            foot=f"{question.title()}.",
        )
    picked = []
    if id == CURVE:
        say = "Choose a point to see that analysis."
        picked = [html.Div(html.P(say, className="quiet"), id=PICKED, role="status")]
    if panel.title == view.finding:  # it has just been said
        return html.Section([shown, *picked])
    return section(panel.title, shown, *picked)


def picked_analysis(answer: Answer) -> list[Component]:
    """What a point of the specification curve says, and the way to it."""
    link = html.A("Open this analysis on Compare", href=f"/compare?{answer.question.to_query()}")
    return [html.P(html.Strong("The analysis of this point")), html.P(answer.sentence),
            html.P(link)]  # fmt: skip


def waiting(label: str) -> Component:
    """What is being done, how far, since when, and a way out; shown while a job works."""
    return html.Div(
        [
            html.P(html.Strong(f"Working out: {label}"), role="status"),
            dmc.Progress(
                id=BAR, value=0, size="lg", animated=True, **{"aria-label": "Share that is done"}
            ),
            html.Div(
                [
                    html.Span("Starting", id=DOING),
                    html.Span("0 s", id=SECONDS, className="quiet"),
                    dmc.Button(
                        "Cancel", id=CANCEL, n_clicks=0, variant="default", size="compact-md"
                    ),
                ],
                className="job-line",
            ),
        ],
        id=WAITING,
        className="job",
        hidden=True,
    )


def gone_wrong() -> Component:
    """Where it is said that a job came to nothing, with a way to try again."""
    return html.Div(
        [
            html.Div(id=SAID, role="alert"),
            dmc.Button("Try again", id=AGAIN, n_clicks=0, variant="default", size="compact-md"),
        ],
        id=TROUBLE,
        className="note note-trouble",
        hidden=True,
    )


def said(code: str) -> list[Component]:
    """The sentences for a way to end (`dashboard.jobs.trouble`)."""
    happened, to_do = TROUBLES[code]
    return [html.P(html.Strong(happened)), html.P(to_do)]


def view_links(question: Question, chosen: str, path: str) -> Component:
    """The views as a row of links: each has an address, and Back goes to the one before."""
    return html.Nav(
        [
            html.A(
                spec.label,
                href=f"{path}?{address(question, key)}",
                className="view-link",
                **({"aria-current": "page"} if key == chosen else {}),
            )
            for key, spec in VIEWS.items()
        ],
        className="view-links",
        **{"aria-label": "Views"},
    )


def address(question: Question, view: str, study: str = "") -> str:
    """The query of an address that shows a view; the first view is the usual one."""
    usual = next(iter(VIEWS))
    more = {"view": view if view != usual else "", "study": study}
    return question.to_query() + "".join(f"&{k}={quote(v)}" for k, v in more.items() if v)


def study_choice(answer: Answer, chosen: str) -> Component:
    """Which study gives a view its colour."""
    entries = [{"value": s.trial, "label": s.label} for s in answer.studies]
    return dmc.Select(
        id=STUDY,
        label="Coloured by the presence of",
        data=[{"value": "", "label": "The study that moves the estimate most"}, *entries],
        value=chosen,
        allowDeselect=False,
        checkIconPosition="right",
        className="study-choice",
    )
