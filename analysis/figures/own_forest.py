"""The studies of a reader's own review with its pooled result, on the scale that a reader knows; of no topic."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from analysis.figures import theme
from analysis.figures.axis import ratio_axis_ticks

ROW = 26
"""Height of a row in pixels."""
MARK = "#3f82ab"
"""Stands out by four to one from white and from the dark page; the ink of one would vanish on the other."""
_MOST = 60
_NAME = 36


def _scale(
    values: Sequence[tuple[float, float, float]],
    pooled: tuple[float, float, float] | None,
    ratio: bool,
) -> dict[str, object]:
    """The axis with air at both ends; of ratios, with ticks that a reader would choose."""
    drawn = [*values[:_MOST], *([pooled] if pooled else [])]
    ends = [math.log10(v) if ratio else v for _, *limits in drawn for v in limits]
    low, high = min(ends), max(ends)
    air = 0.04 * (high - low) or 1.0
    scale: dict[str, object] = {"range": [low - air, high + air]}
    if ratio:
        ticks = ratio_axis_ticks(low * math.log(10), high * math.log(10))
        at = [math.exp(t) for t in ticks["tickvals"]]
        scale |= {"type": "log", "tickvals": at, "ticktext": ticks["ticktext"]}
    return scale


def own_forest(
    labels: Sequence[str],
    values: Sequence[tuple[float, float, float]],
    pooled: tuple[float, float, float] | None,
    *,
    axis: str,
    ratio: bool,
    null: float | None,
) -> go.Figure:
    """Estimates with their intervals, and the pooled one below as a diamond.

    Parameters
    ----------
    labels, values : names and (estimate, low, high), finite; at most the first 60 are drawn.
    axis : its title.
    ratio : whether the axis is logarithmic.
    null : where "no difference" stands, or None.
    """
    rows = list(zip(labels, values, strict=True))[:_MOST]
    # a figure reads angle brackets as markup
    drawn = [(label.replace("<", "‹").replace(">", "›"), *value) for label, value in rows]
    heights = list(range(len(drawn), 0, -1))
    middle = [v for _, v, _, _ in drawn]
    traces = [
        {
            "type": "scatter", "mode": "markers", "x": middle, "y": heights,
            "marker": {"color": MARK, "size": 8, "symbol": "square"},
            "error_x": {
                "type": "data", "symmetric": False, "array": [h - v for _, v, _, h in drawn],
                "arrayminus": [v - low for _, v, low, _ in drawn], "color": MARK, "width": 0, "thickness": 1.5,
            },
            "text": [label for label, *_ in drawn], "hoverinfo": "text+x", "showlegend": False,
        }
    ]  # fmt: skip
    names = [label if len(label) <= _NAME else f"{label[: _NAME - 1]}…" for label, *_ in drawn]
    if pooled is not None:
        value, low, high = pooled
        traces.append(
            {
                "type": "scatter", "mode": "lines", "fill": "toself", "x": [low, value, high, value, low],
                "y": [0, 0.3, 0, -0.3, 0], "line": {"color": MARK}, "fillcolor": MARK,
                "hoverinfo": "skip", "showlegend": False,
            }
        )  # fmt: skip
        heights, names = [*heights, 0], [*names, "Pooled"]
    shapes = []
    if null is not None:
        line = {"color": theme.GREY, "width": 1}
        ends = {"x0": null, "x1": null, "yref": "paper", "y0": 0, "y1": 1}
        shapes = [{"type": "line", "line": line} | ends]
    layout = {
        "height": 90 + ROW * (len(drawn) + 1),
        "margin": {"l": 10, "r": 20, "t": 10, "b": 50},
        "xaxis": {"title": {"text": axis}, "zeroline": False} | _scale(values, pooled, ratio),
        "yaxis": {
            "tickvals": heights, "ticktext": names, "range": [-0.7 if pooled else 0.3, len(drawn) + 0.7],
            "showgrid": False, "zeroline": False, "automargin": True,
        },
        "shapes": shapes,
    }  # fmt: skip
    return theme.figure(traces, layout)
