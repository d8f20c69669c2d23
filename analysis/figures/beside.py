"""Our answers beside published reviews: two marks a row, on one axis for figures of one kind.

Filled diamond: ours, in the colour of the treatment. Hollow circle: the review. Figures of one group are never
drawn on the axis of comparisons between groups.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.effects.scale import in_percent
from analysis.errors import NotEstimable
from analysis.evidence.names import name_of
from analysis.figures import theme
from analysis.figures.axis import Axis, ratio_axis_ticks
from analysis.figures.columns import DRAWING, LINE, RESULTS, broken, small
from analysis.figures.fit import shortened
from analysis.figures.words import axis_title, counted_text, interval_text, sides, wrap
from analysis.prose import counted
from analysis.survey.agreement import Pair, review_figure


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs that share an axis: a title that says what kind of number it is, and the pairs."""

    title: str
    pairs: tuple[Pair, ...]


def groups(pairs: Sequence[Pair], *, one_group: bool) -> list[Group]:
    """The drawn pairs by kind of number: ratios together, proportions together, scores by outcome."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        q = pair.answer.question
        if pair.drawn and q.one_group == one_group:
            found.setdefault(_kind(pair), []).append(pair)
    order = list(words.OUTCOMES)
    made = [Group(title, tuple(members)) for title, members in found.items()]
    first = {group.title: group.pairs[0].answer.question for group in made}
    return sorted(
        made,
        key=lambda g: (first[g.title].spec.kind == "event", order.index(first[g.title].outcome)),
    )


def _kind(pair: Pair) -> str:
    q = pair.answer.question
    if q.spec.kind == "score":
        return f"{q.spec.label}: {axis_title(q)[0].lower()}{axis_title(q)[1:]}"
    if q.one_group:
        return "Percent with the event"
    return "Ratios"


def beside(group: Group, *, narrow: bool = False) -> go.Figure:
    """Draw the pairs of a group, one row each.

    Raises
    ------
    ValueError
        When the group is empty.
    """
    if not group.pairs:
        raise NotEstimable("no pairs to draw")
    axis = _axis(group.pairs)
    ys, low = _heights(group, narrow)
    traces: list[dict[str, Any]] = []
    labels: list[tuple[float, str]] = []
    texts: list[tuple[float, str]] = []
    for y, pair in zip(ys, group.pairs, strict=True):
        apart = 0.2 if narrow else _APART if pair.answer.pooled is not None else 0.0
        traces += _ours(pair, y + apart, axis) + _theirs(pair, y - apart, axis)
        if narrow:
            head, tail = _label(pair)
            labels += [(y + 1.5, f"<b>{wrap(head, 66)[0]}</b>"), (y + 1.15, tail)]
            labels += [(y + 0.8, _ours_text(pair)), (y + 0.5, _theirs_text(pair))]
        else:
            labels.append((y, "<br>".join(_question_lines(pair))))
            texts.append((y, "<br>".join([*_our_lines(pair), *_review_lines(pair)])))
    traces.append(theme.text_column(0.0, labels, size=11 if narrow else 12))
    if texts:
        traces.append(theme.text_column(0.995, texts, "left", size=12))
    return theme.figure(traces, _layout(group, axis, ys, low, narrow))


_ROW = 44
"""Pixels of one unit of height."""
_APART = 0.3
"""How far our mark stands above the middle of a row, and the review's below."""


def _heights(group: Group, narrow: bool) -> tuple[list[float], float]:
    """The middle of every row, from the top downwards, and the lower edge."""
    if narrow:
        ys = [-2.6 * i for i in range(len(group.pairs))]
        return ys, ys[-1] - 0.6
    ys, edge = [], 0.0
    for pair in group.pairs:
        beside = len(_our_lines(pair)) + len(_review_lines(pair))
        tall = (max(len(_question_lines(pair)), beside) * LINE + 12) / _ROW
        ys.append(edge - tall / 2)
        edge -= tall
    return ys, edge


def _question_lines(pair: Pair) -> list[str]:
    head, tail = _label(pair)
    parts = [line for part in head.split(", ", 1) for line in broken(part, 12)]
    return [*parts, *map(small, broken(tail, 11, most=2))]


def _our_lines(pair: Pair) -> list[str]:
    answer = pair.answer
    if answer.pooled is None:
        return [_ours_text(pair)]
    studies = counted(len(answer.studies), "study")
    return [*broken(f"ours: {interval_text(answer)}", 12, RESULTS, 2), small(studies)]


def _review_lines(pair: Pair) -> list[str]:
    """The review's name as far as there is room, and its figure whole: on the same line where both fit."""
    name, figure = f"{name_of(pair.reading.row)}:", review_figure(pair.reading)
    if len(line := broken(f"{name} {figure}", 12, RESULTS)) == 1:
        return line
    return [shortened(name, 12, RESULTS), *broken(figure, 12, RESULTS, 2)]


def _label(pair: Pair) -> tuple[str, str]:
    q = pair.answer.question
    against = "" if q.one_group else f" against {words.SHORT[q.comparator]}"
    what = "" if q.spec.kind == "score" else f"{q.spec.label}, "
    measure = (
        "" if q.one_group or q.spec.kind == "score" else f"{words.MEASURES[q.effect_measure]}, "
    )
    unit = f", {words.PER[q.unit]}" if q.unit != "patients" else ""
    return f"{what}{words.SHORT[q.intervention]}{against}", f"{measure}{q.window.label}{unit}"


def _ours_text(pair: Pair) -> str:
    answer = pair.answer
    if answer.pooled is None:
        return "ours: no study with a result"
    return f"ours: {counted_text(answer)}"


_LETTERS = 56
"""Of a review's name and figure: what a phone has room for."""


def _theirs_text(pair: Pair) -> str:
    """The review's name as far as there is room, and its figure whole."""
    figure = review_figure(pair.reading)
    name = shorten(name_of(pair.reading.row), _LETTERS - len(figure), placeholder=" ...")
    return f"{name}: {figure}"


# --- marks ---------------------------------------------------------------------------------------
def _ours(pair: Pair, y: float, axis: Axis) -> list[dict[str, Any]]:
    answer = pair.answer
    if answer.pooled is None:
        return []
    result = answer.told.result
    colour = theme.colour(answer.question.intervention)
    ends = [axis.at(v) for v in (result.ci_low, result.ci_high)]
    marker = {
        "symbol": "diamond", "size": 12, "color": colour, "line": {"width": 1, "color": theme.GREY},
    }  # fmt: skip
    return [
        theme.line([axis.inside(x) for x in ends], [y, y], 4, colour),
        *_cut(axis, ends, y, colour),
        theme.marks(
            [axis.inside(axis.at(result.estimate))], [y], marker,
            hovertext=[answer.sentence], hovertemplate="%{hovertext}<extra></extra>",
        ),
    ]  # fmt: skip


def _theirs(pair: Pair, y: float, axis: Axis) -> list[dict[str, Any]]:
    reading = pair.reading
    assert reading.value is not None
    marker = {"symbol": "circle-open", "size": 11, "color": theme.GREY, "line": {"width": 2.5}}
    marks = theme.marks(
        [axis.inside(axis.at(reading.value))], [y], marker,
        hovertext=[f"{name_of(reading.row)}: {review_figure(reading)}"],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    if reading.low is None or reading.high is None:
        return [marks]
    ends = [axis.at(v) for v in (reading.low, reading.high)]
    return [
        theme.line([axis.inside(x) for x in ends], [y, y], 2),
        *_cut(axis, ends, y, theme.GREY),
        marks,
    ]


def _cut(axis: Axis, ends: list[float], y: float, colour: str) -> list[dict[str, Any]]:
    cuts = axis.cuts(ends[0], ends[1], y)
    return [theme.arrows(cuts, colour)] if cuts else []


# --- frame ---------------------------------------------------------------------------------------
def _axis(pairs: Sequence[Pair]) -> Axis:
    q = pairs[0].answer.question
    percent = in_percent(q)
    null = None if q.one_group else 0.0
    if percent:
        return Axis(q.effect_measure, True, 0.0, 100.0, null)
    free = Axis(q.effect_measure, percent, -math.inf, math.inf, null)
    values = [0.0]
    for pair in pairs:
        r = pair.reading
        values += [free.at(v) for v in (r.value, r.low, r.high) if v is not None]
        if pair.answer.pooled is not None:
            result = pair.answer.told.result
            values += [free.at(v) for v in (result.estimate, result.ci_low, result.ci_high)]
    low, high = min(values), max(values)
    if q.effect_measure in words.RATIOS:
        low, high = max(low, math.log(0.1)), min(high, math.log(10))
    room = 0.06 * (high - low)
    return Axis(q.effect_measure, percent, low - room, high + room, null)


def _layout(
    group: Group, axis: Axis, ys: Sequence[float], low_y: float, narrow: bool
) -> dict[str, Any]:
    q = group.pairs[0].answer.question
    high_y = 1.9 if narrow else 0.0
    domain = [0.02, 0.98] if narrow else list(DRAWING)
    spans = [(low_y, high_y)]
    if narrow:  # labels stand above each row: the line keeps clear of them
        spans = [(y - 0.5, y + 0.4) for y in ys]
    nothing = axis.null is not None or q.spec.kind == "score"
    shapes = [
        {
            "type": "line", "xref": "x2", "yref": "y", "x0": 0, "x1": 0, "y0": low, "y1": high,
            "layer": "below", "line": {"color": theme.GREY, "width": 1.4},
        }
        for low, high in (spans if nothing else [])
    ]  # fmt: skip
    title = axis_title(q)
    if group.title == "Ratios":
        title = "Ratio (below 1: fewer events with the treatment named first)"
    if q.one_group and q.spec.kind == "event":
        title = "Percent"
    same_side = len({sides(p.answer.question) for p in group.pairs}) == 1
    annotations = [
        {
            "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor, "yanchor": "top",
            "yshift": -24, "text": text, "showarrow": False, "font": {"size": 12},
        }
        for text, x, anchor in zip(sides(q), domain, ("left", "right"), strict=True)
        if text and same_side
    ]  # fmt: skip
    ticks: dict[str, Any] = {"nticks": 7, "ticksuffix": "%" if axis.percent else ""}
    if q.effect_measure in words.RATIOS:
        ticks = ratio_axis_ticks(axis.low, axis.high)
    bottom = 84 if annotations else 56
    return {
        "height": int((high_y - low_y) * _ROW) + bottom + 8,
        "margin": {"l": 4, "r": 4, "t": 8, "b": bottom},
        "xaxis": theme.HIDDEN_AXIS | {"range": [0, 1], "domain": [0, 1]},
        "xaxis2": {
            "range": [axis.low, axis.high], "domain": domain, "fixedrange": True,
            "showgrid": False, "zeroline": False, "showline": True, "ticks": "outside",
            "tickfont": {"size": 12}, "anchor": "y",
            "title": {"text": title, "font": {"size": 12}, "standoff": 34 if annotations else 8},
        } | ticks,
        "yaxis": theme.HIDDEN_AXIS | {"range": [low_y, high_y]},
        "shapes": shapes,
        "annotations": annotations,
    }  # fmt: skip


def beside_caption(group: Group) -> str:
    """The figure in words: each row's two figures."""
    said = []
    for pair in group.pairs:
        head, tail = _label(pair)
        theirs = f"{name_of(pair.reading.row)} {review_figure(pair.reading)}"
        said.append(f"{head}, {tail}: {_ours_text(pair)}; {theirs}")
    return f"{group.title}. {'. '.join(said)}."
