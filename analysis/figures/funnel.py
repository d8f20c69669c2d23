"""Contour-enhanced funnel plot: are imprecise studies missing where their results would have been unwelcome?

Shaded are the results whose two-sided P lies between two levels (Peters, Sutton, Jones, Abrams and Rushton 2008, J
Clin Epidemiol 61, 991-996). Studies missing from the unshaded middle speak for reporting bias; studies missing
from a shaded region speak for another cause. One group has no such P: there only the funnel is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from scipy.special import ndtri

from analysis.answer import Answer
from analysis.errors import NotEstimable
from analysis.figures import theme
from analysis.figures.names import named, spread_names
from analysis.figures.pooled_axis import pooled_ticks
from analysis.figures.words import axis_title, sides, wrap

LEVELS = (0.10, 0.05, 0.01)
"""Two-sided P at which a contour runs."""
_SHADES = ("rgba(117,128,138,0.34)", "rgba(117,128,138,0.22)", "rgba(117,128,138,0.11)")
"""Of P .10 to .05, .05 to .01, below .01: the nearer to no effect, the darker."""
HEIGHT = {False: 430, True: 430}
MOST_NAMES = 15


def funnel(
    answer: Answer,
    *,
    filled: Sequence[tuple[float, float]] = (),
    narrow: bool = False,
) -> go.Figure:
    """Draw the studies by effect and standard error, precise ones at the top.

    Parameters
    ----------
    filled : effect and standard error of studies that trim and fill adds, as hollow marks.

    Raises
    ------
    ValueError
        When no study entered.
    """
    pooled, q = answer.pooled, answer.question
    if pooled is None:
        raise NotEstimable("no study answers this question: there is nothing to draw")
    lowest = 1.12 * max([s.se for s in answer.studies] + [se for _, se in filled])
    reach = float(ndtri(0.975)) * lowest
    points = [s.yi for s in answer.studies] + [y for y, _ in filled]
    low, high = min([*points, pooled.estimate - reach]), max([*points, pooled.estimate + reach])
    if not q.one_group:
        low, high = min(low, -0.2 * reach), max(high, 0.2 * reach)
    room = 0.06 * (high - low)
    low, high = low - room, high + room
    traces = [] if q.one_group else _contours(low, high, lowest)
    traces += [
        _cone(pooled.estimate, lowest, low, high),
        *_points(answer, filled, low, high, lowest, narrow),
    ]
    if filled:
        traces.append(_filled(answer, filled))
    return theme.figure(traces, _layout(answer, (low, high), lowest, bool(filled), narrow))


def _contours(low: float, high: float, lowest: float) -> list[dict[str, Any]]:
    """Shaded regions on both sides of no effect, cut at the edges of the drawing."""
    edges = [float(-ndtri(level / 2)) for level in LEVELS]
    traces = []
    for sign, edge in ((-1.0, low), (1.0, high)):
        far = sign * edge
        if far <= 0:
            continue
        for shade, inner, outer in zip(_SHADES, edges, [*edges[1:], None], strict=True):
            xs, ys = _wedge(inner, outer, far, lowest)
            traces.append(
                {
                    "type": "scatter", "mode": "lines", "x": [sign * x for x in xs], "y": ys,
                    "fill": "toself", "fillcolor": shade, "line": {"width": 0},
                    "hoverinfo": "skip", "xaxis": "x", "yaxis": "y",
                }
            )  # fmt: skip
    return traces


def _wedge(
    inner: float, outer: float | None, far: float, lowest: float
) -> tuple[list[float], list[float]]:
    """The region between x = inner se and x = outer se (None: no limit), with x up to `far`."""

    def along(z: float) -> list[tuple[float, float]]:
        """Points of x = z se from the top to the bottom or the edge, whichever comes first."""
        return (
            [(0.0, 0.0), (z * lowest, lowest)]
            if z * lowest <= far
            else [(0.0, 0.0), (far, far / z)]
        )

    down = along(inner)
    corner = [(far, lowest)] if down[-1][1] == lowest else []
    back = along(outer)[::-1] if outer is not None else [(far, 0.0), (0.0, 0.0)]
    if back[0][1] == lowest:
        corner = []
    path = down + corner + back
    return [x for x, _ in path], [y for _, y in path]


def _cone(middle: float, lowest: float, low: float, high: float) -> dict[str, Any]:
    """Where 95% of studies of one common effect would lie, and that effect."""
    z = float(ndtri(0.975))
    ends = [max(middle - z * lowest, low), middle, min(middle + z * lowest, high)]
    left = lowest if ends[0] > low else (middle - low) / z
    right = lowest if ends[2] < high else (high - middle) / z
    return {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", "xaxis": "x", "yaxis": "y",
        "x": [ends[0], middle, ends[2], None, middle, middle], "y": [left, 0, right, None, 0, lowest],
        "line": {"width": 1.3, "color": theme.GREY, "dash": "dot"},
    }  # fmt: skip


def _points(
    answer: Answer,
    filled: Sequence[tuple[float, float]],
    low: float,
    high: float,
    lowest: float,
    narrow: bool,
) -> list[dict[str, Any]]:
    studies = answer.studies
    trace = theme.marks(
        [s.yi for s in studies],
        [s.se for s in studies],
        {
            "size": 11, "color": theme.colour(answer.question.intervention),
            "symbol": [theme.symbol_of(s) for s in studies],
            "line": {"width": 1, "color": "#ffffff"},
        },
        hovertext=[f"<b>{s.label}</b><br>standard error {s.se:.2f}" for s in studies],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    if len(studies) <= MOST_NAMES:
        marks = [(s.yi, s.se, s.label) for s in studies] + [(y, se, "") for y, se in filled]
        places = [((y - low) / (high - low), 1 - se / lowest, text) for y, se, text in marks]
        width = 290 if narrow else 860
        names = spread_names(places, width=width, height=HEIGHT[narrow] - 140)
        trace |= named(names[: len(studies)])
    return [trace | {"xaxis": "x"}]


def _filled(answer: Answer, filled: Sequence[tuple[float, float]]) -> dict[str, Any]:
    colour = theme.colour(answer.question.intervention)
    return theme.marks(
        [y for y, _ in filled], [se for _, se in filled],
        {"size": 11, "symbol": "circle-open", "color": colour, "line": {"width": 2, "color": colour}},
        hovertext=["filled in by trim and fill: not a study"] * len(filled),
        hovertemplate="%{hovertext}<extra></extra>",
    ) | {"xaxis": "x"}  # fmt: skip


def _layout(
    answer: Answer, ends: tuple[float, float], lowest: float, filled: bool, narrow: bool
) -> dict[str, Any]:
    q = answer.question
    text = "Dotted: where 95% of studies would lie if all estimated the pooled value."
    if not q.one_group:
        text += " Shaded, from strong to faint: P from .10 to .05, .05 to .01, below .01."
    if filled:
        text += " Hollow: filled in by trim and fill, not studies."
    notes = wrap(text, 54 if narrow else 140)
    below = 62 if q.one_group else 92
    bottom = below + 17 * len(notes) + 4
    annotations = [
        {
            "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor, "yanchor": "top",
            "yshift": -24, "text": side, "showarrow": False, "align": anchor, "font": {"size": 12},
        }
        for side, x, anchor in zip(sides(q), (0, 1), ("left", "right"), strict=True)
        if side
    ]  # fmt: skip
    annotations.append(
        {
            "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
            "yshift": -below, "xshift": -48, "text": "<br>".join(notes), "showarrow": False,
            "align": "left", "font": {"size": 12},
        }
    )  # fmt: skip
    shapes = [] if q.one_group else [
        {
            "type": "line", "xref": "x", "yref": "y", "x0": 0, "x1": 0, "y0": 0, "y1": lowest,
            "layer": "below", "line": {"color": theme.GREY, "width": 1.4},
        }
    ]  # fmt: skip
    frame = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
        "ticks": "outside", "tickfont": {"size": 12},
    }  # fmt: skip
    return {
        "height": HEIGHT[narrow] - 140 + bottom + 12,
        "margin": {"l": 56, "r": 12, "t": 12, "b": bottom},
        "xaxis": frame
        | pooled_ticks(q, *ends, narrow)
        | {
            "range": list(ends),
            "title": {
                "text": axis_title(q), "font": {"size": 12},
                "standoff": 8 if q.one_group else 42,
            },
        },
        "yaxis": frame | {
            "range": [lowest, 0], "nticks": 6, "title": {"text": "Standard error", "font": {"size": 12}},
        },
        "shapes": shapes,
        "annotations": annotations,
    }  # fmt: skip
