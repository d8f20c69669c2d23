"""What all figures share: typeface, colours with a fixed meaning, and the frame of a figure.

Treatments keep their colour everywhere: the one that the topic gives them. Each should have a contrast of 3:1 or
more on white and on the dark page; one that has not on white is outlined.
Text and axis colours are left to the page's colour scheme.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from analysis import vocabulary as words
from analysis.effects.study_effect import StudyEffect

FONT = 'Arial, Helvetica, "Liberation Sans", sans-serif'
INK = "#1b2026"
GREY = "#75808a"
BAND = "rgba(117, 128, 138, 0.16)"

TEXT, VALUES = "x", "x2"
"""Columns of text stand on the first axis, drawings on the second: plotly gives the pointer to the last."""

# A template on every figure costs more than the figure itself; the frame below says all that is needed.
pio.templates.default = "none"

HIDDEN_AXIS: dict[str, Any] = {
    "visible": False,
    "fixedrange": True,
    "showgrid": False,
    "zeroline": False,
}


def figure(traces: list[dict[str, Any]], layout: dict[str, Any]) -> go.Figure:
    """Traces and layout in the house's frame; one constructor call, because updates are slow."""
    frame = {
        "font": {"family": FONT, "size": 13},
        # the drawing lies on a subplot of its own over the columns of text: a ground would cover them
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    # plotly draws random element ids for traces without one: the same figure must give the same file
    named = [trace | {"uid": f"t{i:03}"} for i, trace in enumerate(traces)]
    return go.Figure({"data": named, "layout": frame | layout})


def colour(treatment: str) -> str:
    return words.COLOURS[treatment]


def text_column(
    x: float, rows: list[tuple[float, str]], align: str = "right", size: int = 13
) -> dict[str, Any]:
    """A column of text on a hidden axis from 0 to 1: `align` is where the text runs to from `x`."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x] * len(rows),
        "y": [y for y, _ in rows],
        "text": [text for _, text in rows],
        "textposition": f"middle {align}",
        "textfont": {"size": size},
        "xaxis": TEXT,
        "yaxis": "y",
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def marks(xs: list[float], ys: list[float], marker: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Marks on the value axis; opaque and without outline unless `marker` says otherwise."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": xs,
        "y": ys,
        "xaxis": VALUES,
        "yaxis": "y",
        "marker": {"opacity": 1, "line": {"width": 0}} | marker,
    } | more


def symbol_of(study: StudyEffect) -> str:
    """The mark of a study: its design (the second code beside colour); hollow with a dot where no such trial exists."""
    return words.SYMBOLS[study.design] + ("-open-dot" if "hypothetical" in study.flags else "")


def arrows(ends: list[tuple[float, float, str]], colour: str = GREY) -> dict[str, Any]:
    """Arrows where a line was cut at the edge of the axis: x, y, and ``left`` or ``right``."""
    marker = {"symbol": [f"triangle-{side}" for _, _, side in ends], "size": 9, "color": colour}
    return marks(
        [x for x, _, _ in ends], [y for _, y, _ in ends], marker,
        hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip


def line(
    xs: list[float | None], ys: list[float | None], width: float, stroke: str = GREY, **more: Any
) -> dict[str, Any]:
    """Line segments, separated by None."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "xaxis": VALUES,
        "yaxis": "y",
        "line": {"width": width, "color": stroke},
        "hoverinfo": "skip",
    } | more


def across(y: float) -> dict[str, Any]:
    """A line over the whole width, such as that of no difference."""
    return {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": y, "y1": y,
        "layer": "below", "line": {"color": GREY, "width": 1.4},
    }  # fmt: skip


def band(low: float, high: float) -> dict[str, Any]:
    """Where no difference matters, over the whole width."""
    return {
        "type": "rect", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": low, "y1": high,
        "layer": "below", "fillcolor": BAND, "line": {"width": 0},
    }  # fmt: skip
