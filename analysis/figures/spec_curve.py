"""The specification curve: all results of a multiverse in order, and below each the choices that led to it.

Source of the drawing: Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214. Every specification
takes the same width; those without a study stand at the right. Where there are more than fit, marks of the
curve are specifications at equal steps, with the extremes and the one asked always among them, and the grid
shows for each step how many of its specifications took a level (the stronger its colour, the more): nothing is hidden
by thinning, and the figure stays light.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.wording import favours
from analysis.effects.scale import in_percent, printed
from analysis.errors import NotEstimable
from analysis.figures import theme
from analysis.figures.axis import Axis, ratio_axis_ticks, widest
from analysis.figures.choice_words import choice_name, group_words
from analysis.figures.words import axis_title, range_text, wrap
from analysis.question import Question
from analysis.robustness.multiverse import Multiverse, level_of

CURVE = 330
GAP = 26
ROW = 16
"""Heights in pixels: of the curve, of the space below it, and of a row of choices."""

MOST_MARKS = {False: 300, True: 150}
MOST_COLUMNS = {False: 120, True: 60}
"""Marks of the curve and columns of the grid, at most; on a narrow screen fewer fit."""

_EMPTY_SHARE = 0.2
"""Part of the width, at most, for specifications without a study: they have no result to draw."""


def scale_question(question: Question) -> Question:
    """The Question on whose scale a multiverse stands: proportions of one group are proportions."""
    if question.one_group and question.spec.kind == "event":
        return question.replace(measure="PR", model="")
    return question


def spec_curve(
    answer: Answer,
    found: Multiverse,
    *,
    mark: tuple[float, str] | None = None,
    narrow: bool = False,
) -> go.Figure:
    """Draw a multiverse; `answer` is that of its Question, `mark` a line at a value of its scale, with a name.

    Points carry the query of their specification as `customdata`.

    Raises
    ------
    ValueError
        When no specification holds a study.
    """
    order = np.lexsort((*found.at.T[::-1], found.ci_high, found.ci_low, found.estimate))
    order = order[found.k[order] > 0]  # NaN sorts last, among rows without a study
    if len(order) == 0:
        raise NotEstimable("no specification holds a study: there is nothing to draw")
    axis = _value_axis(answer, found, mark)
    empty = np.flatnonzero(found.k == 0)
    right = 1.0 + (_empty_width(len(order), len(empty)) if len(empty) else 0.0)
    marks = _marks(answer, found, order, axis, narrow)
    grid, rows = _grid(found, order, empty, right, narrow)
    height = CURVE + GAP + ROW * (len(rows) + 1) + 46
    layout = _layout(answer, found, axis, rows, right, height, mark, narrow)
    return theme.figure([*marks, grid], layout)


# --- the curve -----------------------------------------------------------------------------------
def _value_axis(answer: Answer, found: Multiverse, mark: tuple[float, str] | None) -> Axis:
    """Holds all estimates, no effect and the important difference; intervals far wider than most are cut."""
    q = scale_question(found.question)
    axis = Axis(q.effect_measure, in_percent(q), -math.inf, math.inf, None if q.one_group else 0.0)
    has = found.k > 0
    factor = 100.0 if axis.percent else 1.0
    estimate, low, high = (
        factor * values[has] for values in (found.estimate, found.ci_low, found.ci_high)
    )
    half = float(np.median((high - low) / 2))
    must = [float(estimate.min()), float(estimate.max())]
    if not q.one_group:
        must.append(0.0)
        if answer.mid is not None:
            band = min(answer.mid.value, 4 * max(map(abs, must)))
            must += [-band, band]
    if mark is not None:
        must.append(factor * mark[0])
    bottom = min(*must, max(float(low.min()), float(estimate.min()) - 2 * half))
    top = max(*must, min(float(high.max()), float(estimate.max()) + 2 * half))
    if axis.percent and q.one_group:
        bottom, top = max(bottom, 0.0), min(top, 100.0)
    else:
        farthest = widest(answer)
        bottom, top = max(bottom, -farthest), min(top, farthest)
    room = 0.05 * (top - bottom) or 1.0
    return Axis(q.effect_measure, axis.percent, bottom - room, top + room, axis.null)


def _marks(
    answer: Answer, found: Multiverse, order: np.ndarray, axis: Axis, narrow: bool
) -> list[dict[str, Any]]:
    """Intervals as thin lines, estimates as points, and the specification asked."""
    q = scale_question(found.question)
    factor = 100.0 if axis.percent else 1.0
    places = _thinned(found, order, MOST_MARKS[narrow])
    xs = (places + 0.5) / len(order)
    lines_x: list[float | None] = []
    lines_y: list[float | None] = []
    cuts: list[tuple[float, float, str]] = []
    for x, row in zip(xs, order[places], strict=True):
        low, high = factor * found.ci_low[row], factor * found.ci_high[row]
        lines_x += [_short(x), _short(x), None]
        lines_y += [_fine(axis.inside(low)), _fine(axis.inside(high)), None]
        cuts += [(_short(x), axis.low, "down")] if low < axis.low else []
        cuts += [(_short(x), axis.high, "up")] if high > axis.high else []
    asked = np.flatnonzero(order == found.asked)
    width = 2.4 if len(places) <= 40 else 1.4 if len(places) <= 120 else 1.0
    frame = {"xaxis": "x", "yaxis": "y"}
    traces = [
        theme.line(lines_x, lines_y, width, "rgba(117, 128, 138, 0.5)") | frame,
        theme.arrows(cuts) | frame,
        _points(q, found, order[places], xs, factor) | frame,
    ]
    if len(asked):
        row, x = found.asked, _short((asked[0] + 0.5) / len(order))
        low, high = factor * found.ci_low[row], factor * found.ci_high[row]
        stroke = theme.colour(q.intervention)
        ends = [_fine(axis.inside(low)), _fine(axis.inside(high))]
        traces.append(theme.line([x, x], ends, 3, stroke) | frame)
        traces.append(
            theme.marks(
                [x], [_fine(factor * found.estimate[row])],
                {
                    "size": 13, "symbol": "diamond", "color": stroke,
                    "line": {"width": 1.5, "color": "#ffffff"},
                },
                customdata=[found.question.to_query()],
                text=[f"<b>As asked</b><br>{_result(q, found, row)}"],
                hovertemplate="%{text}<extra></extra>",
            ) | frame
        )  # fmt: skip
    return traces


def _points(
    q: Question, found: Multiverse, rows: np.ndarray, xs: np.ndarray, factor: float
) -> dict[str, Any]:
    """Filled where studies were pooled, open where one study stands alone; coloured where the interval decides."""
    colours = []
    for row in rows:
        low, high = found.ci_low[row], found.ci_high[row]
        if q.one_group:
            colours.append(theme.colour(q.intervention))
        elif low > 0 or high < 0:
            colours.append(theme.colour(getattr(q, favours(q, float(found.estimate[row])))))
        else:
            colours.append(theme.GREY)
    return theme.marks(
        [_short(x) for x in xs],
        [_fine(factor * found.estimate[row]) for row in rows],
        {
            "size": 8 if len(rows) <= 120 else 5,
            "color": colours,
            "symbol": ["circle-open" if found.k[row] == 1 else "circle" for row in rows],
            "line": {"width": [1.6 if found.k[row] == 1 else 0 for row in rows]},
        },
        customdata=[found.question_at(row).to_query() for row in rows],
        text=[_result(q, found, row) for row in rows],
        hovertemplate="%{text}<extra></extra>",
    )


def _thinned(found: Multiverse, order: np.ndarray, most: int) -> np.ndarray:
    """Positions in `order` to draw: all, or equal steps with the extremes and the one asked among them."""
    if len(order) <= most:
        return np.arange(len(order))
    steps = np.linspace(0, len(order) - 1, most - 3).round().astype(int)
    extremes = [int(np.argmin(found.ci_low[order])), int(np.argmax(found.ci_high[order]))]
    asked = np.flatnonzero(order == found.asked)
    return np.unique([*steps, *extremes, *asked])


def _result(q: Question, found: Multiverse, row: int) -> str:
    k = int(found.k[row])
    text = f"{printed(q, found.estimate[row])} ({range_text(q, found.ci_low[row], found.ci_high[row])})"
    return f"{text}<br>{'one study' if k == 1 else f'{k} studies'}"


# --- the choices ---------------------------------------------------------------------------------
def _empty_width(with_study: int, without: int) -> float:
    """Width of the part without a study, where the part with studies is 1 wide."""
    return min(without / with_study, _EMPTY_SHARE / (1 - _EMPTY_SHARE))


def _grid(
    found: Multiverse, order: np.ndarray, empty: np.ndarray, right: float, narrow: bool
) -> tuple[dict[str, Any], list[str]]:
    """Marks for the levels that the specifications at a place took, and the labels of the rows, from the top."""
    most = MOST_COLUMNS[narrow]
    parts = [(order, 0.0, 1.0, most)]
    if len(empty):
        empty = empty[np.lexsort(found.at[empty].T[::-1])]
        parts.append((empty, 1.0, right, max(1, round(most * (right - 1.0)))))
    columns = [
        (rows, start + (i + 0.5) * (end - start) / len(pieces))
        for part, start, end, at_most in parts
        for pieces in [np.array_split(part, min(len(part), at_most))]
        for i, rows in enumerate(pieces)
    ]
    xs, ys, shades, colours, labels = [], [], [], [], []
    stroke = theme.colour(found.question.intervention)
    for number, choice in enumerate(found.choices):
        labels.append(f"<b>{choice_name(choice.field)}</b>")
        own = level_of(found.question, choice.field)
        for group, levels in enumerate(choice.groups):
            y = -len(labels)
            name = group_words(found.question, choice, group, short=True)
            labels.append(f"▸ {name}" if own in levels else name)
            for rows, x in columns:
                share = float(np.mean(found.at[rows, number] == group))
                if share > 0:
                    xs.append(_short(x))
                    ys.append(y)
                    shades.append(round(share, 2))
                    colours.append(int(own in levels))
    marker = {
        "symbol": "square", "size": 7 if narrow else 8, "opacity": shades, "color": colours,
        "colorscale": [[0, theme.GREY], [1, stroke]], "cmin": 0, "cmax": 1,
    }  # fmt: skip
    marks = theme.marks(xs, ys, marker, hoverinfo="skip", cliponaxis=False)
    return marks | {"xaxis": "x", "yaxis": "y2"}, labels


# --- frame ---------------------------------------------------------------------------------------
def _layout(
    answer: Answer,
    found: Multiverse,
    axis: Axis,
    rows: list[str],
    right: float,
    height: int,
    mark: tuple[float, str] | None,
    narrow: bool,
) -> dict[str, Any]:
    q = scale_question(found.question)
    margin = {"l": 150 if narrow else 205, "r": 10, "t": 26, "b": 20}
    drawn = height - margin["t"] - margin["b"]
    top_of_grid = ROW * (len(rows) + 1) / drawn
    values = {
        "domain": [top_of_grid + GAP / drawn, 1.0], "range": [axis.low, axis.high], "fixedrange": True,
        "showgrid": False, "zeroline": False, "showline": True, "ticks": "outside",
        "tickfont": {"size": 12}, "nticks": 7, "anchor": "x",
        "ticksuffix": "%" if axis.percent and q.one_group else "",
        "title": {"text": "<br>".join(wrap(axis_title(q), 34)), "font": {"size": 12}},
    }  # fmt: skip
    if q.effect_measure in words.RATIOS:
        values |= ratio_axis_ticks(axis.low, axis.high)
    return {
        "height": height,
        "margin": margin,
        "xaxis": {
            "range": [-0.01, right + 0.01], "fixedrange": True, "visible": False, "anchor": "y2",
        },
        "yaxis": values,
        "yaxis2": {
            "domain": [0.0, top_of_grid], "range": [-len(rows) + 0.4, 0.9], "fixedrange": True,
            "showgrid": False, "zeroline": False, "showline": False, "ticks": "",
            "tickvals": [-i for i in range(len(rows))], "ticktext": rows,
            "tickfont": {"size": 11}, "anchor": "x",
        },
        "shapes": _shapes(answer, found, axis, mark, right),
        "annotations": _annotations(found, axis, mark, right),
    }  # fmt: skip


def _shapes(
    answer: Answer,
    found: Multiverse,
    axis: Axis,
    mark: tuple[float, str] | None,
    right: float,
) -> list[dict[str, Any]]:
    """Band of the important difference, line of no effect, the value of interest, the part without a study."""
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    shapes: list[dict[str, Any]] = []
    if axis.null is not None and answer.mid is not None:
        band = answer.mid.value
        low, high = axis.inside(-band), axis.inside(band)
        shapes.append(
            {
                "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": low, "y1": high,
                "fillcolor": theme.BAND, "line": {"width": 0}, "layer": "below",
            }
        )  # fmt: skip
    if axis.null is not None:
        shapes.append(across | {"y0": 0, "y1": 0, "line": {"width": 1.2, "color": theme.GREY}})
    if mark is not None:
        at = axis.at(mark[0])
        stroke = {"width": 1.2, "color": theme.GREY, "dash": "dash"}
        shapes.append(across | {"y0": at, "y1": at, "line": stroke})
    if right > 1:
        shapes.append(
            {
                "type": "line", "yref": "paper", "x0": 1.0, "x1": 1.0, "y0": 0, "y1": 1,
                "line": {"width": 1, "color": theme.GREY, "dash": "dot"}, "layer": "below",
            }
        )  # fmt: skip
    return shapes


def _annotations(
    found: Multiverse, axis: Axis, mark: tuple[float, str] | None, right: float
) -> list[dict[str, Any]]:
    """Sides above and below, the name of the value of interest, how many hold no study."""
    q = found.question
    small = {"showarrow": False, "font": {"size": 12}}
    notes: list[dict[str, Any]] = []
    if not q.one_group:
        for sign, y, anchor, arrow in ((1, 1.0, "bottom", "▲"), (-1, 0.0, "top", "▼")):
            side = words.SHORT[getattr(q, favours(q, sign))]
            notes.append(
                small | {
                    "xref": "paper", "x": 0.005, "xanchor": "left", "yref": "y domain", "y": y,
                    "yanchor": anchor, "text": f"{arrow} favours {side}",
                }
            )  # fmt: skip
    if mark is not None:
        notes.append(
            small | {
                "xref": "paper", "x": 1.0, "xanchor": "right", "yanchor": "bottom",
                "y": axis.at(mark[0]), "text": mark[1],
            }
        )  # fmt: skip
    if right > 1:
        none = int((found.k == 0).sum())
        notes.append(
            small | {
                "x": right, "xanchor": "right", "yref": "y domain", "y": 1.0, "yanchor": "bottom",
                "text": f"no study: {none:,}",
            }
        )  # fmt: skip
    return notes


def _short(value: float) -> float:
    return round(float(value), 4)


def _fine(value: float) -> float:
    return float(f"{value:.4g}")
