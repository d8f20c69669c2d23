"""The forest plot of one answer: studies, weights, pooled effect, prediction interval, and what they rest on.

A study's groups and weight stand small under its name. On a narrow screen the name stands above its row.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.wording import ends
from analysis.effects.scale import printed
from analysis.effects.study_effect import FLAGS, StudyEffect
from analysis.figures import theme
from analysis.figures.axis import Axis, value_axis
from analysis.figures.columns import small
from analysis.figures.forest_table import (
    ASSUMED,
    POOLED,
    PREDICTION,
    ForestRow,
    ForestTable,
    bias_lines,
    forest_table,
)
from analysis.figures.words import heterogeneity_line, model_line, sides, too_small, wrap

ROW = 30
"""Height of a row in pixels."""
_NAME = 30
"""Characters of a study's name on one line of the column, at the width where columns begin."""
_MANY = 20
"""With more studies than this a name keeps to one line; hover and table have it whole."""
_ABOVE = 46
"""Characters of a line above a row, on the narrowest phone."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where things stand: y of each study, of the summary rows, and of the header."""

    studies: list[float]
    summary: list[float]
    header: float
    low: float
    high: float
    tall: bool


def forest(answer: Answer, *, narrow: bool = False) -> go.Figure:
    """Draw an answer's studies; an answer without studies has no figure.

    Raises
    ------
    ValueError
        When no study entered: the page has a sentence for that.
    """
    table = forest_table(answer)
    rows = _rows(answer, table, narrow)
    axis = value_axis(answer)
    marks = flag_marks(answer)
    traces = [*_study_traces(answer, rows, axis), *_summary_traces(answer, table, rows, axis)]
    traces += _columns(answer, table, rows, marks, narrow)
    notes = _notes(answer, marks, narrow)
    bottom = _notes_at(answer) + 6 + 17 * (notes.count("<br>") + 1)
    height = int((rows.high - rows.low) * ROW) + bottom + 8
    return theme.figure(traces, _layout(answer, rows, axis, notes, bottom, height, narrow))


def flag_marks(answer: Answer) -> dict[str, str]:
    """Letters for the flags that the studies of an answer carry, in the order of appearance."""
    used = dict.fromkeys(flag for study in answer.studies for flag in study.flags)
    return {flag: chr(ord("a") + i) for i, flag in enumerate(used)}


def _rows(answer: Answer, table: ForestTable, narrow: bool) -> _Rows:
    tall = any(_is_long(row, narrow) for row in table.studies)
    tall = tall and (narrow or len(table.studies) <= _MANY)
    step = (2.1 if tall else 1.7) if narrow else (1.75 if tall else 1.35)
    studies = [-step * i for i in range(len(table.studies))]
    last = studies[-1]
    first = last - (1.9 if narrow else 1.4)
    summary = [first - step * i for i in range(len(table.summary))]
    low = summary[-1] - 0.6 if summary else last - 0.7
    high = (1.4 if tall else 0.9) if narrow else 2.0
    return _Rows(studies, summary, 1.45, low, high, tall)


# --- traces --------------------------------------------------------------------------------------
def _study_traces(answer: Answer, rows: _Rows, axis: Axis) -> list[dict[str, Any]]:
    q = answer.question
    xs: list[float | None] = []
    ys: list[float | None] = []
    cuts: list[tuple[float, float, str]] = []
    made_up: tuple[list[float | None], list[float | None]] = ([], [])
    for study, y in zip(answer.studies, rows.studies, strict=True):
        low, high = (axis.at(v) for v in study.interval(q.level))
        along, across = made_up if "hypothetical" in study.flags else (xs, ys)
        along += [axis.inside(low), axis.inside(high), None]
        across += [y, y, None]
        cuts += axis.cuts(low, high, y)
    assert answer.pooled is not None
    inside = [
        (study, y, weight)
        for study, y, weight in zip(
            answer.studies, rows.studies, answer.pooled.weights, strict=True
        )
        if axis.low <= axis.at(study.estimate) <= axis.high
    ]
    points = theme.marks(
        [axis.at(s.estimate) for s, _, _ in inside],
        [y for _, y, _ in inside],
        {
            "size": [7 + 15 * math.sqrt(w / 100) for _, _, w in inside],
            "symbol": [theme.symbol_of(s) for s, _, _ in inside],
            "color": theme.colour(q.intervention),
            "line": {"width": 1 if q.intervention in words.OUTLINED else 0, "color": theme.GREY},
        },
        customdata=[s.trial for s, _, _ in inside],
        text=[_hover(answer, s, w) for s, _, w in inside],
        hovertemplate="%{text}<extra></extra>",
    )
    dashed = theme.line(*made_up, 1.6)
    dashed["line"] |= {"dash": "dash"}
    return [theme.line(xs, ys, 1.6), *([dashed] if made_up[0] else []), theme.arrows(cuts), points]


def _summary_traces(
    answer: Answer, table: ForestTable, rows: _Rows, axis: Axis
) -> list[dict[str, Any]]:
    colour = theme.colour(answer.question.intervention)
    traces: list[dict[str, Any]] = []
    for row, y in zip(table.summary, rows.summary, strict=True):
        if row.kind == PREDICTION:
            low, high = axis.at(row.low), axis.at(row.high)
            traces.append(theme.line([axis.inside(low), axis.inside(high)], [y, y], 5, colour))
            traces.append(theme.arrows(axis.cuts(low, high, y), colour))
        else:
            traces += _diamond(row, y, axis, colour)
    return traces


def _diamond(row: ForestRow, y: float, axis: Axis, colour: str) -> list[dict[str, Any]]:
    """A pooled result, hollow where studies are too few to pool; where its interval leaves the axis, an arrow."""
    ends = [axis.at(v) for v in (row.low, row.estimate, row.high)]
    low, middle, high = map(axis.inside, ends)
    fill = {} if row.kind == ASSUMED else {"fill": "toself", "fillcolor": colour}
    diamond = theme.line(
        [low, middle, high, middle, low], [y, y + 0.26, y, y - 0.26, y], 1, colour, **fill
    )
    return [diamond, theme.arrows(axis.cuts(ends[0], ends[2], y), colour)]


# --- text ----------------------------------------------------------------------------------------
def _columns(
    answer: Answer, table: ForestTable, rows: _Rows, marks: dict[str, str], narrow: bool
) -> list[dict[str, Any]]:
    at = [*rows.studies, *rows.summary]
    many = len(table.studies) > _MANY
    names = [(y, _label(row, marks, narrow, many)) for row, y in zip(table.rows, at, strict=True)]
    effects = [(y, _bold(row, row.effect)) for row, y in zip(table.rows, at, strict=True)]
    if narrow:
        gap, above = ("<br>", 0.86) if rows.tall else ("   ", 0.62)
        stacked = [
            (y + above, f"{name}{gap}{effect}")
            for (y, name), (_, effect) in zip(names, effects, strict=True)
        ]
        return [theme.text_column(0, stacked, size=12)]
    below = [small(" v ".join(table.arms)), *map(_behind, table.studies)]
    names = [(rows.header, "<b>Study</b>"), *names]
    effects = [(rows.header, f"<b>{table.effect}</b>"), *effects]
    names[: len(below)] = [
        (y, f"{name}<br>{text}" if text else name)
        for (y, name), text in zip(names, below, strict=False)
    ]
    return [theme.text_column(0, names), theme.text_column(0.99, effects, "left")]


def _behind(row: ForestRow) -> str:
    """What stands small under a study's name: its groups, and its weight where studies are pooled."""
    arms = " v ".join(row.arms) if all(row.arms) else "".join(row.arms)
    return small(" · ".join(filter(None, (arms, row.weight_text))))


def _label(row: ForestRow, marks: dict[str, str], narrow: bool, many: bool) -> str:
    return _name(row.study, marks, narrow, many) if row.study is not None else _bold(row, row.label)


def _bold(row: ForestRow, text: str) -> str:
    return f"<b>{text}</b>" if row.kind in (POOLED, ASSUMED) else text


_DRAWING = (0.235, 0.825)
"""Where the drawing stands, of the whole width; names run up to its left, effects from its right."""


def _name(study: StudyEffect, marks: dict[str, str], narrow: bool, many: bool) -> str:
    letters = ",".join(sorted(marks[flag] for flag in study.flags))
    width, most = (_ABOVE, 1) if narrow else (_NAME, 1 if many else 2)
    lines = textwrap.wrap(study.label, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: width - 2].rstrip()} …"]
    name = "<br>".join(lines)
    return f"{name}<sup> {letters}</sup>" if letters else name


def _is_long(row: ForestRow, narrow: bool) -> bool:
    """Whether a study's name needs a line more than the others."""
    if not narrow:
        return len(row.label) > _NAME
    assert row.study is not None
    return len(row.label) + len(row.study.flags) + len(row.effect) > _ABOVE


def _hover(answer: Answer, study: StudyEffect, weight: float) -> str:
    q = answer.question
    lines = [
        f"<b>{study.label}</b>, {words.DESIGNS[study.design]}, {study.timepoint}",
        f"{printed(q, study.estimate, False)} ({ends(q, *study.interval(q.level))})",
        *([f"weight {weight:.1f}%"] if not answer.apart and len(answer.studies) > 1 else []),
        *bias_lines(study),
        *(FLAGS[flag] for flag in study.flags),
        "Click for where the numbers come from.",
    ]
    return "<br>".join(lines)


def _notes(answer: Answer, marks: dict[str, str], narrow: bool) -> str:
    width = 52 if narrow else 128
    lines = []
    pooled = answer.pooled
    assert pooled is not None
    if pooled.k > 1:
        lines += wrap(model_line(answer), width) + wrap(heterogeneity_line(answer), width)
    else:
        lines.append("One study: shown, not pooled.")
    designs = dict.fromkeys(s.design for s in answer.studies)
    shapes = {"square": "■", "diamond": "◆", "triangle-up": "▲", "circle": "●", "x": "✕"}
    lines += wrap(
        "; ".join(f"{shapes[words.SYMBOLS[d]]} {words.DESIGNS[d]}" for d in designs), width
    )
    if narrow and answer.mid is not None and not answer.question.one_group:
        lines += wrap(f"grey band: {too_small(answer.mid)}", width)
    if "hypothetical" in marks:
        lines += wrap("hollow mark with a dot, dashed line: hypothetical", width)
    if marks:
        lines += wrap("; ".join(f"{mark}: {FLAGS[flag]}" for flag, mark in marks.items()), width)
    return "<br>".join(lines)


# --- layout --------------------------------------------------------------------------------------
def _layout(
    answer: Answer, rows: _Rows, axis: Axis, notes: str, bottom: int, height: int, narrow: bool
) -> dict[str, Any]:
    q = answer.question
    domain = [0.02, 0.98] if narrow else list(_DRAWING)
    left, right = sides(q)
    shapes: list[dict[str, Any]] = []
    if axis.null is not None:
        shapes += _vertical(axis.null, rows, "solid", narrow)
    band = None
    if answer.mid is not None and not q.one_group and axis.null is not None:
        band = {
            "xref": theme.VALUES, "yref": "y", "x": axis.null, "y": rows.high - 0.9, "yanchor": "bottom",
            "text": too_small(answer.mid), "showarrow": False, "font": {"size": 12},
        }  # fmt: skip
        shapes.append(
            {
                "type": "rect", "xref": theme.VALUES, "yref": "y", "layer": "below", "line": {"width": 0},
                "x0": max(-answer.mid.value, axis.low), "x1": min(answer.mid.value, axis.high),
                "y0": rows.low, "y1": rows.high - 0.9, "fillcolor": theme.BAND,
            }
        )  # fmt: skip
    if answer.told is not None and answer.told.together:
        shapes += _vertical(axis.at(answer.told.result.estimate), rows, "dot", narrow)
    annotations = [
        {
            "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
            "yshift": -_notes_at(answer), "text": notes, "showarrow": False, "align": "left", "font": {"size": 12},
        },
    ]  # fmt: skip
    if band is not None and not narrow:  # there names stand above the rows, and the notes say it
        annotations.append(band)
    for text, x, anchor in ((left, domain[0], "left"), (right, domain[1], "right")):
        if text:
            annotations.append(
                {
                    "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor,
                    "yanchor": "top", "yshift": -24, "text": text, "showarrow": False,
                    "align": anchor, "font": {"size": 12},
                }
            )  # fmt: skip
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": bottom},
        "xaxis": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "xaxis2": axis.layout(answer) | {"domain": domain, "anchor": "y"},
        "yaxis": theme.HIDDEN_AXIS | {"range": [rows.low, rows.high]},
        "shapes": shapes,
        "annotations": annotations,
    }


def _notes_at(answer: Answer) -> int:
    """Pixels from the axis down to the notes: ticks, the two lines of the sides, the title."""
    return 58 if answer.question.one_group else 88


def _vertical(x: float, rows: _Rows, dash: str, narrow: bool) -> list[dict[str, Any]]:
    """A line down the drawing; on a narrow screen it leaves out the text that stands above each row."""
    spans = [(rows.low, rows.high - 0.9)]
    if narrow:
        heights = [*rows.studies, *rows.summary]
        spans = [(max(y - 0.45, rows.low), y + 0.38) for y in heights]
    return [
        {
            "type": "line", "xref": theme.VALUES, "yref": "y", "x0": x, "x1": x, "y0": low,
            "y1": high, "layer": "below",
            "line": {"color": theme.GREY, "width": 1.2, "dash": dash},
        }
        for low, high in spans
    ]  # fmt: skip
