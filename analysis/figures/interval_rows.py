"""Many results of one question on one axis: what leaving out, adjusting or accumulating does to it.

Each row is an estimate with its interval, named on the left and printed on the right. Rows stand in blocks with a
heading. Wide intervals are cut, with an arrow, so that they do not squeeze the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import plotly.graph_objects as go

from analysis.answer import Answer
from analysis.effects.scale import in_percent
from analysis.errors import NotEstimable
from analysis.figures import theme
from analysis.figures.axis import Axis, widest
from analysis.figures.columns import DRAWING, LINE, RESULTS, broken
from analysis.figures.words import sides, wrap

ROW = 26
"""Height of a row in pixels."""
_ABOVE = 52
"""Characters of the line above a row on a narrow screen: its name and its text."""
_TEXT = 12
_MANY = 24
"""With more rows than this a name keeps to one line; hover and table have it whole."""


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One row, on the pooled scale; `kind` is ``usual``, ``whole`` (the answer itself) or ``changed``.

    A row without an estimate is drawn as its text alone.
    """

    label: str
    estimate: float | None
    low: float | None
    high: float | None
    text: str
    kind: str = "usual"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows under one heading; the heading may be empty."""

    heading: str
    rows: tuple[IntervalRow, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block's heading and rows stand, in rows from the top, downwards."""

    headings: list[tuple[float, str]]
    rows: list[tuple[float, IntervalRow]]
    low: float


def interval_rows(
    answer: Answer,
    blocks: Sequence[Block],
    *,
    note: str = "",
    marks: Sequence[tuple[float, str]] = (),
    between: tuple[str, str] | None = None,
    narrow: bool = False,
) -> go.Figure:
    """Draw the blocks one below the other.

    Parameters
    ----------
    answer : whose question gives the axis; a dotted line stands at its pooled value.
    blocks : in reading order.
    note : how to read the marks; stands below the axis.
    marks : values of the pooled scale with a name, as vertical lines (a claimed percentage).
    between : labels under the two halves of the axis, where rows are not all about the question's treatments.

    Raises
    ------
    ValueError
        When no row has an estimate.
    """
    drawn = [row for block in blocks for row in block.rows if row.estimate is not None]
    if not drawn:
        raise NotEstimable("no row has an estimate: there is nothing to draw")
    axis = interval_axis(answer, drawn, [value for value, _ in marks])
    beside = {} if narrow else _beside(blocks)
    places = _places(blocks, narrow, beside)
    colour = theme.colour(answer.question.intervention)
    traces = _rows(places, axis, colour)
    lift = 0.62 if narrow else 0.0
    names = [(y + lift, _above(row) if narrow else beside[row][0]) for y, row in places.rows]
    traces.append(theme.text_column(0.0, names, size=_TEXT))
    headings = [(y, f"<b>{text}</b>") for y, text in places.headings]
    if headings:
        traces.append(theme.text_column(0.0, headings, size=_TEXT + 1))
    if not narrow:
        texts = [(y, beside[row][1]) for y, row in places.rows]
        traces.append(theme.text_column(0.995, texts, "left", size=_TEXT))
    return theme.figure(traces, _layout(answer, axis, places, note, marks, between, narrow))


def interval_axis(answer: Answer, rows: Sequence[IntervalRow], must: Sequence[float] = ()) -> Axis:
    """An axis that shows every estimate, no effect and the important difference; wide intervals are cut."""
    q = answer.question
    percent = in_percent(q)
    null = None if q.one_group else 0.0
    free = Axis(q.effect_measure, percent, -math.inf, math.inf, null)
    known = [
        (free.at(r.estimate), free.at(r.low), free.at(r.high))
        for r in rows
        if r.estimate is not None and r.low is not None and r.high is not None
    ]
    points = [free.at(r.estimate) for r in rows if r.estimate is not None]
    points += [free.at(value) for value in must] + ([0.0] if null is not None else [])
    if answer.mid is not None and null is not None:
        band = min(answer.mid.value, 4 * max(map(abs, points)) or answer.mid.value)
        points += [-band, band]
    low, high = min(points), max(points)
    if known:
        half = median((high_ - low_) / 2 for _, low_, high_ in known)
        low = min(low, max(min(v for _, v, _ in known), low - 2.5 * half))
        high = max(high, min(max(v for _, _, v in known), high + 2.5 * half))
    farthest = widest(answer)
    low, high = max(low, -farthest), min(high, farthest)
    room = 0.05 * (high - low or 1.0)
    low, high = low - room, high + room
    if percent and q.one_group:
        low, high = max(low, 0.0), min(high, 100.0)
    return Axis(q.effect_measure, percent, low, high, null)


# --- places and text -----------------------------------------------------------------------------
def _beside(blocks: Sequence[Block]) -> dict[IntervalRow, tuple[str, str]]:
    """Name and text of every row, broken into the lines that the columns have room for."""
    rows = [row for block in blocks for row in block.rows]
    most = 1 if len(rows) > _MANY else 2
    return {
        row: (
            _bold(row, "<br>".join(broken(row.label, _TEXT, most=most))),
            _bold(row, "<br>".join(broken(row.text, _TEXT, RESULTS))),
        )
        for row in rows
    }


def _places(
    blocks: Sequence[Block], narrow: bool, beside: Mapping[IntervalRow, tuple[str, str]]
) -> _Place:
    most = max((text.count("<br>") for pair in beside.values() for text in pair), default=0)
    step = 1.75 if narrow else 1.0 + most * LINE / ROW
    y, headings, rows = 0.0, [], []
    for block in blocks:
        if block.heading:
            headings.append((y, block.heading))
            y -= 1.75 if narrow else 1.1
        elif narrow:
            y -= 0.3
        for row in block.rows:
            rows.append((y, row))
            y -= step
        y -= 0.15 if narrow else 0.35
    return _Place(headings, rows, rows[-1][0] - 0.7)


def _above(row: IntervalRow) -> str:
    most = max(10, _ABOVE - len(row.text))
    text = row.label if len(row.label) <= most else f"{row.label[: most - 1].rstrip()}…"
    return _bold(row, f"{text}   {row.text}")


def _bold(row: IntervalRow, text: str) -> str:
    return f"<b>{text}</b>" if row.kind == "whole" else text


# --- marks ---------------------------------------------------------------------------------------
def _rows(places: _Place, axis: Axis, colour: str) -> list[dict[str, Any]]:
    traces = []
    cuts: dict[str, list[tuple[float, float, str]]] = {}
    for kind, width in (("usual", 1.8), ("changed", 1.8), ("whole", 3.5)):
        stroke = theme.GREY if kind == "usual" else colour
        rows = [(y, r) for y, r in places.rows if r.kind == kind and r.estimate is not None]
        xs: list[float | None] = []
        ys: list[float | None] = []
        for y, row in rows:
            if row.low is None or row.high is None:
                continue
            low, high = axis.at(row.low), axis.at(row.high)
            xs += [axis.inside(low), axis.inside(high), None]
            ys += [y, y, None]
            cuts.setdefault(stroke, []).extend(axis.cuts(low, high, y))
        if not rows:
            continue
        traces.append(theme.line(xs, ys, width, stroke))
        points = [(axis.at(r.estimate), y, r) for y, r in rows if r.estimate is not None]
        open_mark = kind == "changed"
        traces.append(
            theme.marks(
                [x for x, _, _ in points],
                [y for _, y, _ in points],
                {
                    "symbol": "diamond" if kind == "whole" else "circle-open" if open_mark else "circle",
                    "size": 13 if kind == "whole" else 10 if open_mark else 8,
                    "color": stroke,
                    "line": {"width": 2.5 if open_mark else 0, "color": stroke},
                },
                text=[f"<b>{r.label}</b><br>{r.text}" for _, _, r in points],
                hovertemplate="%{text}<extra></extra>",
                cliponaxis=False,
            )
        )  # fmt: skip
    traces += [theme.arrows(ends, stroke) for stroke, ends in cuts.items() if ends]
    return traces


# --- frame ---------------------------------------------------------------------------------------
def _layout(
    answer: Answer,
    axis: Axis,
    places: _Place,
    note: str,
    marks: Sequence[tuple[float, str]],
    between: tuple[str, str] | None,
    narrow: bool,
) -> dict[str, Any]:
    q = answer.question
    domain = [0.02, 0.98] if narrow else list(DRAWING)
    top = 1.3 if narrow and not places.headings else 0.7
    if marks:
        top += 0.9 if narrow or not places.headings else 0.0
    notes = wrap(note, 54 if narrow else 140) if note else []
    below_axis = 62 if q.one_group else 92
    bottom = below_axis + 17 * len(notes) + 4
    spans = _clear(places, narrow)
    shapes: list[dict[str, Any]] = []
    if axis.null is not None and answer.mid is not None:
        for low, high in spans:
            shapes.append(
                {
                    "type": "rect", "xref": theme.VALUES, "yref": "y", "layer": "below",
                    "line": {"width": 0}, "x0": max(-answer.mid.value, axis.low),
                    "x1": min(answer.mid.value, axis.high), "y0": low, "y1": high,
                    "fillcolor": theme.BAND,
                }
            )  # fmt: skip
    lines: list[tuple[float, str]] = [(axis.null, "solid")] if axis.null is not None else []
    if answer.pooled is not None:
        lines.append((axis.at(answer.pooled.estimate), "dot"))
    lines += [(axis.at(value), "dash") for value, _ in marks]
    for x, dash in lines:
        for low, high in spans:
            shapes.append(
                {
                    "type": "line", "xref": theme.VALUES, "yref": "y", "x0": x, "x1": x, "y0": low,
                    "y1": high, "layer": "below",
                    "line": {"color": theme.GREY, "width": 1.2, "dash": dash},
                }
            )  # fmt: skip
    annotations: list[dict[str, Any]] = [
        {
            "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor, "yanchor": "top",
            "yshift": -24, "text": text, "showarrow": False, "align": anchor, "font": {"size": 12},
        }
        for text, x, anchor in zip(between or sides(q), domain, ("left", "right"), strict=True)
        if text
    ]  # fmt: skip
    for value, text in marks:
        x = axis.at(value)
        right = x > 0.75 * axis.high + 0.25 * axis.low
        annotations.append(
            {
                "xref": theme.VALUES, "yref": "y", "x": x, "y": top if narrow else spans[0][1],
                "yanchor": "top" if narrow else "bottom",
                "xanchor": "right" if right else "center", "text": text, "showarrow": False,
                "font": {"size": 12},
            }
        )  # fmt: skip
    if notes:
        annotations.append(
            {
                "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left",
                "yanchor": "top", "yshift": -below_axis, "text": "<br>".join(notes),
                "showarrow": False, "align": "left", "font": {"size": 12},
            }
        )  # fmt: skip
    return {
        "height": int((top - places.low) * ROW) + bottom + 8,
        "margin": {"l": 8, "r": 8, "t": 8, "b": bottom},
        "xaxis": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "xaxis2": axis.layout(answer) | {"domain": domain, "anchor": "y"},
        "yaxis": theme.HIDDEN_AXIS | {"range": [places.low, top]},
        "shapes": shapes,
        "annotations": annotations,
    }


def _clear(places: _Place, narrow: bool) -> list[tuple[float, float]]:
    """Spans of y in which a vertical line crosses no text: blocks without their headings, or rows without names."""
    ys = [y for y, _ in places.rows]
    if narrow:
        return [(y - 0.45, y + 0.35) for y in ys]
    breaks = sorted((y for y, _ in places.headings), reverse=True)
    spans, start = [], ys[0]
    for above, below in zip(ys, [*ys[1:], -math.inf], strict=True):
        if below == -math.inf or any(below < y < above for y in breaks):
            spans.append((above - 0.6, start + 0.5))
            start = below
    return spans
