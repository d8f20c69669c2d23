"""A figure that leaves the page: the finding as its title, and inside the image everything to cite and reopen it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analysis.answer import Answer
from analysis.figures import theme
from analysis.figures.words import wrap

WIDTH = 1280
"""Pixels; at scale 2 sharp on a projector."""
_CHARACTERS = 150  # a line of the footer at this width
_TITLE = 96


def standalone(figure: go.Figure, title: str, footer: Sequence[str]) -> go.Figure:
    """A copy of a page figure with title, footer and a white ground, for files and slides.

    `footer` lines are wrapped; the data version and the address of the question belong there.
    """
    heading = wrap(title, _TITLE)
    foot = [line for text in footer for line in wrap(text, _CHARACTERS)]
    above, below = 27 * len(heading) + 24, 17 * len(foot) + 22
    layout = figure.layout
    copy = go.Figure(figure)
    margin = {
        "l": 28, "r": 28, "t": layout.margin.t + above, "b": layout.margin.b + below
    }  # fmt: skip
    height = layout.height + above + below
    drawn = height - margin["t"] - margin["b"]
    copy.update_layout(
        width=WIDTH, height=height, margin=margin, paper_bgcolor="#ffffff", font_color=theme.INK
    )
    copy.add_annotation(
        xref="paper", yref="paper", x=0, y=1 + (margin["t"] - 12) / drawn, xanchor="left",
        yanchor="top", align="left", showarrow=False, text=f"<b>{'<br>'.join(heading)}</b>",
        font={"size": 20, "color": theme.INK},
    )  # fmt: skip
    copy.add_annotation(
        xref="paper", yref="paper", x=0, y=-(margin["b"] - 12) / drawn, xanchor="left",
        yanchor="bottom", align="left", showarrow=False, text="<br>".join(foot),
        font={"size": 12, "color": "#4b555e"},
    )  # fmt: skip
    return copy


def footer_of(answer: Answer) -> list[str]:
    """The footer of one answer's figure: question, evidence, data version, address."""
    q = answer.question
    return [
        f"{q.title()}. {answer.statement.meaning}",
        provenance(answer.data_version, f"/compare?{q.to_query()}"),
    ]


def provenance(data_version: str, address: str) -> str:
    """The last line of every exported figure."""
    return (
        f"Published figures, pooled with a stated method; data version {data_version}; reopen at {address}. "
        "Not medical advice."
    )
