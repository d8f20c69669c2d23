"""Baujat plot of an answer: which studies disagree with the others, and which of them move the result."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from analysis.answer import Answer
from analysis.figures import theme
from analysis.figures.names import named, spread_names
from analysis.robustness.baujat import Baujat

HEIGHT = {False: 380, True: 360}


def baujat_figure(answer: Answer, points: Baujat, *, narrow: bool = False) -> go.Figure:
    """Draw one mark for each study, named; studies whose influence cannot be worked out are not drawn.

    `points` are those of the answer's studies, in their order.
    """
    known = [
        (study, float(x), float(y))
        for study, x, y in zip(
            answer.studies, points.heterogeneity, points.influence, strict=True
        )
        if math.isfinite(x) and math.isfinite(y)
    ]  # fmt: skip
    xs, ys = [x for _, x, _ in known], [y for _, _, y in known]
    x_top, y_top = 1.12 * max(xs, default=0.0) or 1.0, 1.15 * max(ys, default=0.0) or 1.0
    colour = theme.colour(answer.question.intervention)
    height = HEIGHT[narrow]
    names = spread_names(
        [(x / x_top, y / y_top, study.label) for study, x, y in known],
        width=290 if narrow else 900,
        height=height - 70,
    )
    points = theme.marks(
        xs, ys,
        {
            "size": 11, "color": colour,
            "symbol": [theme.symbol_of(study) for study, _, _ in known],
        },
        hovertext=[f"<b>{s.label}</b><br>disagreement {x:.2f}, influence {y:.2f}" for s, x, y in known],
        hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    traces: list[dict[str, Any]] = [points | named(names) | {"xaxis": "x"}]
    axis = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
        "ticks": "outside", "tickfont": {"size": 12}, "nticks": 6,
    }  # fmt: skip
    return theme.figure(
        traces,
        {
            "height": height,
            "margin": {"l": 56, "r": 12, "t": 12, "b": 52},
            "xaxis": axis | {
                "range": [-0.03 * x_top, x_top],
                "title": {"text": "Disagreement with the others (share of Q)", "font": {"size": 12}},
            },
            "yaxis": axis | {
                "range": [-0.04 * y_top, y_top],
                "title": {"text": "Influence on the result", "font": {"size": 12}},
            },
        },
    )  # fmt: skip
