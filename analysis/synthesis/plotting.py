"""A result's table as a forest plot. Needs Plotly, and is imported when a figure is asked for.

Plain on purpose: one axis, one mark per row, no topic. Figures of answers are drawn in `analysis.figures`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from .inference import critical_value
from .printing import Line, Printout

# Okabe and Ito's blue, vermillion and grey.
COLOURS = {"study": "#444444", "coefficient": "#0072B2", "mean": "#0072B2", "prediction": "#D55E00"}
MARKS = {
    "study": "square",
    "coefficient": "square",
    "mean": "diamond",
    "prediction": "line-ns-open",
}
ROW = 30


def forest(page: Printout) -> go.Figure:
    """Studies, if the page has them, above the lines of its table; a line at no effect.

    Raises
    ------
    ValueError
        Where the result has nothing that can be drawn; the page's notes say why.
    """
    lines = [line for line in (*page.studies, *page.lines) if line.estimate is not None]
    if not lines:
        raise ValueError("; ".join(("nothing to draw", *page.notes)))
    figure = go.Figure(
        [_trace(line, len(lines) - 1 - place, page) for place, line in enumerate(lines)]
    )
    figure.add_vline(x=0, line={"color": "#777777", "width": 1, "dash": "dot"})
    figure.update_layout(
        title={"text": page.title, "font": {"size": 15}},
        template="simple_white",
        showlegend=False,
        height=130 + ROW * len(lines),
        margin={"l": 10, "r": 20, "t": 60, "b": 50},
        xaxis={"title": {"text": f"Effect, with {100 * page.level:g}% {page.interval}"}},
        yaxis={
            "tickvals": list(range(len(lines) - 1, -1, -1)),
            "ticktext": [line.name for line in lines],
            "range": [-0.7, len(lines) - 0.3],
            "automargin": True,
            "ticks": "",
            "showline": False,
        },
    )
    return figure


def bubbles(fit: Any) -> go.Figure:
    """Effect sizes against the one moderator of a `MetaRegression`, with the line and its pointwise interval.

    A bubble grows with its weight 1 / (v + tau2).
    """
    x, weights = fit.design.matrix[:, 1], 1.0 / (fit.vi + fit.tau2)
    at = np.linspace(x.min(), x.max(), 60)
    rows = np.column_stack([np.ones_like(at), at])
    line = rows @ fit.estimates
    se = np.sqrt(np.einsum("ij,jk,ik->i", rows, fit.covariance, rows))
    half = critical_value(fit.level, fit.test_df) * se
    colour = COLOURS["coefficient"]
    band = go.Scatter(
        x=[*at, *at[::-1]], y=[*(line + half), *(line - half)[::-1]], fill="toself", mode="none",
        fillcolor="rgba(0, 114, 178, 0.15)", name=f"{100 * fit.level:g}% CI", hoverinfo="skip",
    )  # fmt: skip
    studies = go.Scatter(
        x=x, y=fit.yi, mode="markers", name="effect sizes",
        marker={"size": 6 + 22 * np.sqrt(weights / weights.max()), "color": "#444444", "opacity": 0.6},
    )  # fmt: skip
    figure = go.Figure(
        [band, go.Scatter(x=at, y=line, mode="lines", line={"color": colour}), studies]
    )
    figure.update_layout(
        title={"text": fit._page().title, "font": {"size": 15}},
        template="simple_white",
        showlegend=False,
        xaxis={"title": {"text": fit.coefficients[1].name}},
        yaxis={"title": {"text": "Effect"}},
    )
    return figure


def _trace(line: Line, y: int, page: Printout) -> go.Scatter:
    assert line.estimate is not None
    error = None
    if line.ci_low is not None and line.ci_high is not None:
        error = {
            "type": "data",
            "symmetric": False,
            "array": [line.ci_high - line.estimate],
            "arrayminus": [line.estimate - line.ci_low],
            "color": COLOURS[line.kind],
            "thickness": 1.5,
            "width": 0,
        }
    limits = "" if error is None else f" ({line.ci_low:.4g} to {line.ci_high:.4g})"
    return go.Scatter(
        x=[line.estimate],
        y=[y],
        error_x=error,
        mode="markers",
        marker={"symbol": MARKS[line.kind], "size": 13 if line.kind == "mean" else 9,
                "color": COLOURS[line.kind]},
        name=line.name,
        hovertemplate=f"%{{fullData.name}}: {line.estimate:.4g}{limits}<extra></extra>",
    )  # fmt: skip
