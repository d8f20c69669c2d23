"""The front page: does kyphoplasty relieve pain in most patients, and is it the treatment that does it?"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from dashboard.components.page_parts import page, section
from dashboard.page import Page, Visit

_WAYS_OF_ASKING = (
    (
        "Uncontrolled series",
        "What happened to patients after the procedure? A series counts how many had less pain. "
        "It cannot tell how many would have had less pain anyway.",
    ),
    (
        "Open randomised trials",
        "Did patients fare better than with usual care? Chance decides who is treated, but everybody "
        "knows who was, and hope can act on one side only.",
    ),
    (
        "Sham-controlled trials",
        "Did the cement itself make a difference? Both groups go through a procedure and do not know "
        "which one it was.",
    ),
)


def layout(evidence: Evidence, visit: Visit) -> Component:
    return page(
        "Does vertebral augmentation relieve pain?",
        section(
            "Three ways of asking, three kinds of answer",
            html.Div(
                [
                    html.Div([html.H3(name), html.P(text)], className="card")
                    for name, text in _WAYS_OF_ASKING
                ],
                className="cards",
            ),
        ),
        section(
            "Ask a question of your own",
            html.P(
                [
                    "On ",
                    html.A("Compare", href="/compare"),
                    " you choose the outcome, the treatments, the time and the patients. Every view "
                    "has an address that opens it again. Words that are new to you are explained "
                    "under ",
                    html.A("Words used here", href="/words"),
                    ".",
                ]
            ),
        ),
        lede="Most patients report less pain after balloon kyphoplasty or vertebroplasty. Whether the "
        "procedure is the reason depends on what it is compared with.",
    )


PAGE = Page(
    path="/",
    name="The finding",
    title="Does vertebral augmentation relieve pain?",
    description="What uncontrolled series, open trials and sham-controlled trials report about pain "
    "after balloon kyphoplasty and vertebroplasty, side by side.",
    layout=layout,
)
