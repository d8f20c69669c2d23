"""How likely one more trial is to settle a question, by its number of patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis.figures import theme
from analysis.figures.extended_funnel import patient_ticks
from analysis.figures.words import wrap

DRAWING = 300


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of the figure: its name, its chances (0 to 1) at the sizes, and how it is drawn."""

    name: str
    chances: list[float]
    colour: str
    dash: str = "solid"
    width: float = 3.0


def chance_curve(
    sizes: list[float],
    curves: list[Curve],
    target: float,
    *,
    of: str = "trial",
    note: str = "",
    narrow: bool = False,
) -> go.Figure:
    """Draw the curves; a dotted line stands at the chance that planners ask for.

    `of` is what the patients are in. The key below the axis names each curve by its colour and its dash.
    """
    traces = [
        {
            "type": "scatter", "mode": "lines", "x": sizes, "y": [100 * c for c in curve.chances],
            "line": {"width": curve.width, "color": curve.colour, "dash": curve.dash},
            "name": curve.name, "xaxis": "x", "yaxis": "y",
            "hovertemplate": f"{curve.name}: %{{y:.0f}}% with %{{x:,.0f}} patients<extra></extra>",
        }
        for curve in curves
    ]  # fmt: skip
    width = 52 if narrow else 135
    strokes = {"solid": "━━", "dash": "╍╍", "dot": "┈┈"}
    lines = []
    for curve in curves:
        first, *rest = wrap(curve.name, width - 4)
        lines.append(f'<span style="color:{curve.colour}">{strokes[curve.dash]}</span> {first}')
        lines += [f"       {more}" for more in rest]
    lines += wrap(note, width) if note else []
    bottom = 58 + 17 * len(lines) + 4
    frame: dict[str, Any] = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
        "ticks": "outside", "tickfont": {"size": 12},
    }  # fmt: skip
    return theme.figure(
        traces,
        {
            "height": DRAWING + bottom + 14,
            "margin": {"l": 58, "r": 26, "t": 14, "b": bottom},
            "xaxis": frame
            | patient_ticks(sizes[0], sizes[-1])
            | {"title": {"text": f"Patients in the next {of}", "font": {"size": 12}, "standoff": 6}},
            "yaxis": frame
            | {
                "range": [0, 101], "tickvals": list(range(0, 101, 20)),
                "ticktext": [f"{v}%" for v in range(0, 101, 20)],
                "title": {"text": "Chance", "font": {"size": 12}},
            },
            "shapes": [
                {
                    "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1,
                    "y0": 100 * target, "y1": 100 * target, "layer": "below",
                    "line": {"color": theme.GREY, "width": 1.3, "dash": "dot"},
                }
            ],
            "annotations": [
                {
                    "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left",
                    "yanchor": "top", "yshift": -54, "xshift": -50, "text": "<br>".join(lines),
                    "showarrow": False, "align": "left", "font": {"size": 12},
                }
            ],
        },
    )  # fmt: skip
