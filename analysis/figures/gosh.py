"""GOSH plot: every subset of the studies by its estimate and its I², coloured by the presence of one study.

Few subsets have a mark each. Many are counted in cells of a grid: the darker a cell, the more subsets lie in it
(on a scale of roots, so that thin places stay visible), and its colour is the share of them that holds
the study. Above and beside stand how the subsets with the study, and those without, are distributed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import in_percent, printed, shown
from analysis.figures import theme
from analysis.figures.axis import ratio_axis_ticks
from analysis.figures.words import axis_title, sides
from analysis.question import Question, members
from analysis.robustness.gosh import Gosh

HEIGHT = {False: 520, True: 440}
CELLS = {False: (64, 38), True: (32, 34)}
CELL = {False: 9, True: 8}
"""Cells of the grid, across and up, and the side of one in pixels."""

EACH = 300
"""Up to so many subsets each has a mark of its own."""

_ROOT = 0.4  # opacity of a cell: its count over the greatest, to this power
_FAINTEST = 0.12
_SPLIT = 0.8  # where the cloud ends and the distributions begin


def gosh_figure(answer: Answer, found: Gosh, study: int, *, narrow: bool = False) -> go.Figure:
    """Draw the subsets of an answer's studies; `study` (counting from 0) is the one that gives the colour."""
    q = answer.question
    xs = on_axis(q, found.estimate)
    across, up = _range(q, xs), _i2_range(found.i2)
    colour = _colour(q)
    having = found.held[study]
    name = answer.studies[study].label
    cloud = (
        _each(answer, found, xs, having, colour)
        if len(found) <= EACH
        else _cells(found, xs, having, across, up, colour, name, narrow)
    )
    above, beside = _distributions(found, xs, having, across, up, colour)
    traces = [cloud, *above, *beside]
    assert answer.pooled is not None
    whole = [float(on_axis(q, np.array([answer.pooled.estimate]))[0])]
    traces.append(
        theme.marks(
            whole, [answer.pooled.i2],
            {
                "size": 12, "symbol": "diamond", "color": "#ffffff",
                "line": {"width": 2, "color": theme.INK},
            },
            text=[f"<b>All {found.studies} studies</b><br>{printed(q, answer.pooled.estimate)}"],
            hovertemplate="%{text}<extra></extra>", cliponaxis=False,
        ) | _CLOUD
    )  # fmt: skip
    return theme.figure(traces, _layout(q, across, up, colour, name, narrow))


_CLOUD = {"xaxis": "x", "yaxis": "y"}
_ABOVE = {"xaxis": "x", "yaxis": "y2"}
_BESIDE = {"xaxis": "x2", "yaxis": "y"}


def on_axis(q: Question, values: np.ndarray) -> np.ndarray:
    """Pooled-scale values on the axis: ratios stay logarithms, what is printed in percent is percent."""
    if q.effect_measure in words.RATIOS:
        return np.asarray(values)
    return shown(q.effect_measure, values) * (100 if in_percent(q) else 1)


def _colour(q: Question) -> str:
    """That of the intervention; of several together, that of the first of them."""
    return theme.colour(members(q.intervention)[0])


def _range(q: Question, xs: np.ndarray) -> tuple[float, float]:
    """All estimates, and no effect where there is one."""
    low, high = float(xs.min()), float(xs.max())
    if not q.one_group:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room


def _i2_range(i2: np.ndarray) -> tuple[float, float]:
    """From ten to ten, as far as the subsets reach; never less than a fifth of the scale.

    >>> _i2_range(np.array([86.0, 99.0])), _i2_range(np.array([0.0, 4.0]))
    ((80.0, 100.0), (0.0, 20.0))
    """
    low, high = 10 * np.floor(i2.min() / 10), 10 * np.ceil(i2.max() / 10)
    high = max(high, min(low + 20, 100.0))
    return float(min(low, high - 20)), float(high)


# --- the cloud -----------------------------------------------------------------------------------
def _each(
    answer: Answer, found: Gosh, xs: np.ndarray, having: np.ndarray, colour: str
) -> dict[str, Any]:
    q, labels = answer.question, [s.label for s in answer.studies]

    def hover(at: int) -> str:
        gone = [label for label, held in zip(labels, found.held[:, at], strict=True) if not held]
        without = f"without {', '.join(gone)}" if gone else "all studies"
        value = printed(q, float(found.estimate[at]))
        return f"{value}, I² {found.i2[at]:.0f}%<br>{found.k[at]} studies, {without}"

    return theme.marks(
        [_fine(x) for x in xs], [_fine(y) for y in found.i2],
        {
            "size": 9, "opacity": 0.75,
            "color": [colour if held else theme.GREY for held in having],
            "symbol": ["circle" if held else "circle-open" for held in having],
            "line": {"width": [0 if held else 1.6 for held in having]},
        },
        text=[hover(at) for at in range(len(found))],
        hovertemplate="%{text}<extra></extra>", cliponaxis=False,
    ) | _CLOUD  # fmt: skip


def _cells(
    found: Gosh,
    xs: np.ndarray,
    having: np.ndarray,
    across: tuple[float, float],
    up: tuple[float, float],
    colour: str,
    name: str,
    narrow: bool,
) -> dict[str, Any]:
    cells = CELLS[narrow]
    edges = (np.linspace(*across, cells[0] + 1), np.linspace(*up, cells[1] + 1))
    counts = np.histogram2d(xs, found.i2, bins=edges)[0]
    with_study = np.histogram2d(xs[having], found.i2[having], bins=edges)[0]
    column, row = np.nonzero(counts)
    n = counts[column, row]
    share = with_study[column, row] / n
    middles = [(e[:-1] + e[1:]) / 2 for e in edges]
    opacity = np.maximum((n / n.max()) ** _ROOT, _FAINTEST)
    marker = {
        "size": CELL[narrow], "symbol": "square", "opacity": [round(float(o), 2) for o in opacity],
        "color": [round(float(s), 2) for s in share],
        "colorscale": [[0, theme.GREY], [1, colour]], "cmin": 0, "cmax": 1,
    }  # fmt: skip
    text = [
        f"{int(c):,} subsets, {100 * s:.0f}% with {name}" for c, s in zip(n, share, strict=True)
    ]
    return theme.marks(
        [_fine(x) for x in middles[0][column]], [_fine(y) for y in middles[1][row]], marker,
        text=text, hovertemplate="%{text}<extra></extra>",
    ) | _CLOUD  # fmt: skip


# --- the distributions ---------------------------------------------------------------------------
def _distributions(
    found: Gosh,
    xs: np.ndarray,
    having: np.ndarray,
    across: tuple[float, float],
    up: tuple[float, float],
    colour: str,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shares of the subsets with the study and of those without: above over estimates, beside over I²."""
    above, beside = [], []
    bins = (48, 32) if len(found) > EACH else (16, 10)
    for chosen, stroke, dash in ((having, colour, "solid"), (~having, theme.GREY, "dot")):
        if not chosen.any():
            continue
        x, n = _steps(xs[chosen], across, bins[0])
        above.append(_outline(x, n, stroke, dash) | _ABOVE)
        y, m = _steps(found.i2[chosen], up, bins[1])
        beside.append(_outline(m, y, stroke, dash) | _BESIDE)
    return above, beside


def _steps(
    values: np.ndarray, span: tuple[float, float], bins: int
) -> tuple[list[float], list[float]]:
    """A histogram as the corners of its outline; heights are shares of the values."""
    counts, edges = np.histogram(values, bins=bins, range=span)
    corners = [_fine(e) for e in np.repeat(edges, 2)]
    heights = [0.0, *(_fine(h) for h in np.repeat(counts / len(values), 2)), 0.0]
    return corners, heights


def _outline(xs: list[float], ys: list[float], stroke: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "hoverinfo": "skip",
        "line": {"width": 2, "color": stroke, "dash": dash},
    }  # fmt: skip


# --- frame ---------------------------------------------------------------------------------------
def _layout(
    q: Question,
    across: tuple[float, float],
    up: tuple[float, float],
    colour: str,
    name: str,
    narrow: bool,
) -> dict[str, Any]:
    bare = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "visible": False,
        "rangemode": "tozero",
    }  # fmt: skip
    axis = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
        "ticks": "outside", "tickfont": {"size": 12},
    }  # fmt: skip
    values = axis | {
        "domain": [0, _SPLIT], "range": list(across), "nticks": 7, "anchor": "y",
        "ticksuffix": "%" if in_percent(q) and q.one_group else "",
        "title": {
            "text": axis_title(q), "font": {"size": 12}, "standoff": 8 if q.one_group else 26,
        },
    }  # fmt: skip
    if q.effect_measure in words.RATIOS:
        values |= ratio_axis_ticks(*across)
    room = 0.03 * (up[1] - up[0])
    layout: dict[str, Any] = {
        "height": HEIGHT[narrow],
        "margin": {"l": 56, "r": 8, "t": 28, "b": 52 if q.one_group else 70},
        "annotations": _annotations(q, colour, name),
        "xaxis": values,
        "yaxis": axis | {
            "domain": [0, _SPLIT], "range": [up[0] - room, up[1] + room], "nticks": 6, "ticksuffix": "%", "anchor": "x",
            "title": {"text": "Heterogeneity, I²", "font": {"size": 12}},
        },
        "xaxis2": bare | {"domain": [_SPLIT + 0.02, 1], "anchor": "y"},
        "yaxis2": bare | {"domain": [_SPLIT + 0.02, 1], "anchor": "x"},
    }  # fmt: skip
    if not q.one_group:
        layout["shapes"] = [
            {
                "type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": _SPLIT,
                "layer": "below", "line": {"width": 1.2, "color": theme.GREY},
            }
        ]  # fmt: skip
    return layout


def _annotations(q: Question, colour: str, name: str) -> list[dict[str, Any]]:
    """Which colour is which, above; whom each side of the axis favours, below."""
    small = {"showarrow": False, "font": {"size": 12}, "xref": "paper", "yref": "paper"}
    notes = [
        small | {
            "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "align": "left",
            "text": f'<span style="color:{colour}">━</span> with {name}  '
            f'<span style="color:{theme.GREY}">┅</span> without',
        }
    ]  # fmt: skip
    left, right = sides(q)
    one_line = (left.replace("<br>", " "), right.replace(" ▶<br>", " ") + " ▶")
    for text, x, anchor in zip(one_line, (0.0, _SPLIT), ("left", "right"), strict=True):
        if left:
            notes.append(
                small | {
                    "x": x, "y": 0, "xanchor": anchor, "yanchor": "top", "yshift": -24,
                    "text": text,
                }
            )  # fmt: skip
    return notes


def _fine(value: float) -> float:
    return float(f"{value:.4g}")
