"""A result's table as a forest plot. Needs Plotly, and is imported when a figure is asked for.

Plain on purpose: one axis, one mark per row, no topic. Figures of answers are drawn in `analysis.figures`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.errors import NotEstimable

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
BINS = 40
LAYOUT: dict[str, Any] = {"template": "simple_white", "showlegend": False}


def forest(page: Printout) -> go.Figure:
    """Studies, if the page has them, above the lines of its table; a line at no effect.

    Raises
    ------
    ValueError
        Where the result has nothing that can be drawn; the page's notes say why.
    """
    lines = [line for line in (*page.studies, *page.lines) if line.estimate is not None]
    if not lines:
        raise NotEstimable("; ".join(("nothing to draw", *page.notes)))
    ends = _ends(lines)
    figure = go.Figure(
        [_trace(line, len(lines) - 1 - place, ends) for place, line in enumerate(lines)]
    )
    figure.add_vline(x=0, line={"color": "#777777", "width": 1, "dash": "dot"})
    _rows(figure, page, [line.name for line in lines])
    figure.update_xaxes(title_text=f"Effect, with {page.intervals}")
    return figure


def bars(page: Printout, names: Sequence[str], shares: Sequence[float], what: str) -> go.Figure:
    """A bar for each of `names`, from 0 to its share; `what` the shares are of."""
    figure = go.Figure(
        go.Bar(
            x=list(shares), y=list(range(len(names) - 1, -1, -1)), orientation="h",
            marker={"color": COLOURS["coefficient"]}, customdata=list(names),
            hovertemplate="%{customdata}: %{x:.4g}<extra></extra>",
        )
    )  # fmt: skip
    _rows(figure, page, names)
    figure.update_xaxes(title_text=what, rangemode="tozero")
    return figure


def stacked(
    page: Printout, names: Sequence[str], parts: Sequence[str], shares: np.ndarray, what: str
) -> go.Figure:
    """A bar for each of `names`, cut into `parts`, dark to light; shares of shape (names, parts)."""
    places = list(range(len(names) - 1, -1, -1))
    figure = go.Figure(
        [
            go.Bar(
                x=shares[:, part].tolist(), y=places, orientation="h", name=name,
                marker={"color": COLOURS["coefficient"],
                        "opacity": 1.0 - 0.85 * part / max(1, len(parts) - 1)},
                hovertemplate=f"{name}: %{{x:.3f}}<extra></extra>",
            )
            for part, name in enumerate(parts)
        ]
    )  # fmt: skip
    _rows(figure, page, names)
    figure.update_layout(barmode="stack", showlegend=True, legend={"traceorder": "normal"})
    figure.update_xaxes(title_text=what, range=[0, 1])
    return figure


def curve(
    page: Printout, x: Sequence[float], y: Sequence[float], across: str, up: str,
    middle: tuple[float, float], limits: tuple[float, float],
) -> go.Figure:  # fmt: skip
    """One line through (x, y), a mark on it in the middle, and upright lines at the limits of an interval."""
    colour = COLOURS["coefficient"]
    line = go.Scatter(x=list(x), y=list(y), mode="lines", line={"color": colour})
    mark = go.Scatter(
        x=[middle[0]], y=[middle[1]], mode="markers",
        marker={"symbol": MARKS["mean"], "size": 11, "color": colour},
    )  # fmt: skip
    figure = go.Figure([line, mark])
    for limit in limits:
        figure.add_vline(x=limit, line={"color": COLOURS["prediction"], "width": 1})
    return _axes(figure, page, across, up)


def distribution(
    page: Printout, below: Callable[[float], float], median: float, low: float, high: float
) -> go.Figure:
    """Probability below each value, from well below `low` to well above `high`; both and the median are marked."""
    x = np.linspace(low - 0.5 * (high - low), high + 0.5 * (high - low), 201)
    y = [below(float(value)) for value in x]
    across, up = "Value", "Probability of a smaller one"
    return curve(page, x.tolist(), y, across, up, (median, 0.5), (low, high))


def points(
    page: Printout, x: Sequence[float], y: Sequence[float], across: str, up: str,
    names: Sequence[str] = (),
) -> go.Figure:  # fmt: skip
    """A mark for each study, by its name where it has one."""
    marks = go.Scatter(
        x=list(x), y=list(y), mode="markers", text=list(names) or None,
        marker={"color": COLOURS["study"], "size": 9},
        hovertemplate=("%{text}: " if names else "") + "%{x:.4g}, %{y:.4g}<extra></extra>",
    )  # fmt: skip
    return _axes(go.Figure(marks), page, across, up)


def spread(page: Printout, values: np.ndarray, across: str) -> go.Figure:
    """How often each value occurs among many results; those that are not there are left out."""
    there = values[np.isfinite(values)]
    if not len(there):
        raise NotEstimable("; ".join(("nothing to draw", *page.notes)))
    counts, edges = np.histogram(there, BINS)
    figure = go.Figure(
        go.Bar(x=0.5 * (edges[1:] + edges[:-1]), y=counts, width=np.diff(edges),
               marker={"color": COLOURS["coefficient"]},
               hovertemplate="%{x:.4g}: %{y}<extra></extra>")
    )  # fmt: skip
    return _axes(figure, page, across, "Number of sets")


def clouds(page: Printout, x: np.ndarray, y: np.ndarray, across: str, up: str) -> go.Figure:
    """How many of very many points (x, y) lie in each cell; the darker, the more."""
    counts, across_edges, up_edges = np.histogram2d(x, y, 2 * BINS)
    figure = go.Figure(
        go.Heatmap(
            x=across_edges, y=up_edges, z=np.where(counts > 0, np.log10(np.maximum(counts, 1)), np.nan).T,
            colorscale=[[0, "#D6E8F4"], [1, COLOURS["coefficient"]]], customdata=counts.T,
            showscale=False, hovertemplate="%{customdata} sets<extra></extra>",
        )
    )  # fmt: skip
    return _axes(figure, page, across, up)


def _axes(figure: go.Figure, page: Printout, across: str, up: str) -> go.Figure:
    title = {"text": page.title, "font": {"size": 15}}
    figure.update_layout(title=title, xaxis_title_text=across, yaxis_title_text=up, **LAYOUT)
    return figure


def _rows(figure: go.Figure, page: Printout, names: Sequence[str]) -> None:
    """Title, and a named row for each of `names` from the top down."""
    figure.update_layout(
        title={"text": page.title, "font": {"size": 15}},
        height=130 + ROW * len(names),
        margin={"l": 10, "r": 20, "t": 60, "b": 50},
        yaxis={
            "tickvals": list(range(len(names) - 1, -1, -1)),
            "ticktext": list(names),
            "range": [-0.7, len(names) - 0.3],
            "automargin": True,
            "ticks": "",
            "showline": False,
        },
        **LAYOUT,
    )


def _ends(lines: Sequence[Line]) -> tuple[float, float]:
    """Where a limit that is infinite is drawn: a little beyond all that is finite."""
    values = [value for line in lines for value in (line.estimate, line.ci_low, line.ci_high)]
    there = [value for value in values if value is not None and math.isfinite(value)]
    margin = 0.1 * (max(there) - min(there)) or 1.0
    return min(there) - margin, max(there) + margin


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
    return _axes(figure, fit._page(), fit.coefficients[1].name, "Effect")


def _trace(line: Line, y: int, ends: tuple[float, float]) -> go.Scatter:
    assert line.estimate is not None
    error = None
    if line.ci_low is not None and line.ci_high is not None:
        low, high = max(line.ci_low, ends[0]), min(line.ci_high, ends[1])
        error = {
            "type": "data",
            "symmetric": False,
            "array": [high - line.estimate],
            "arrayminus": [line.estimate - low],
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
