"""How an answer built up: the pooled value and its interval in each year in which a new report changed it.

The axes do not move with the year, so that a reader who goes from year to year sees only the evidence change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.effects.scale import in_percent, shown
from analysis.errors import NotEstimable
from analysis.figures import theme
from analysis.figures.words import level_text, wrap
from analysis.question import Question
from analysis.survey.history import Step, value_text

Line = tuple[str, Question, tuple[Step, ...], tuple[Step, ...]]
"""Label, Question, the steps up to the year shown, and all steps up to today (for the axis only)."""


def history_figure(
    lines: Sequence[Line], span: tuple[int, int], year: int, *, narrow: bool = False
) -> go.Figure:
    """Draw the steps of a story up to a year.

    Raises
    ------
    ValueError
        When no line has a step at any time: there is no axis to draw.
    """
    if not any(every for _, _, _, every in lines):
        raise NotEstimable("no report at any time: there is nothing to draw")
    question = lines[0][1]
    low, high = _range(lines)
    traces: list[dict[str, Any]] = []
    for i, (label, q, steps, _) in enumerate(lines):
        shift = (i - (len(lines) - 1) / 2) * 0.34
        traces += _line(label, q, steps, shift, year, (low, high))
    notes = _notes(lines, narrow)
    bottom = 44 + 17 * len(notes)
    mid = next((s.answer.mid for *_, every in lines for s in every if s.answer.mid), None)
    shapes = [_upright(year)]
    if not question.one_group:
        shapes.append(theme.across(0.0))
        if mid is not None:
            shapes.append(theme.band(max(-mid.value, low), min(mid.value, high)))
    percent = in_percent(question)
    what = "Percent of patients" if percent else f"Difference ({question.spec.unit})"
    first, last = span
    layout = {
        "height": (230 if narrow else 270) + bottom,
        "margin": {"l": 54, "r": 12, "t": 24, "b": bottom},
        "xaxis": {
            "range": [first - 0.8, last + 0.8], "fixedrange": True, "showgrid": False, "zeroline": False,
            "showline": True, "ticks": "outside", "tickformat": "d", "dtick": 3,
            "tick0": first, "tickfont": {"size": 11 if narrow else 12},
        },
        "yaxis": {
            "range": [low, high], "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
            "ticks": "outside", "nticks": 6, "ticksuffix": "%" if percent else "", "tickfont": {"size": 12},
            "title": {"text": what, "font": {"size": 12}, "standoff": 6},
        },
        "shapes": shapes,
        "annotations": [
            {
                "xref": "x", "yref": "paper", "x": year, "y": 1, "xanchor": _anchor(year, span),
                "yanchor": "bottom", "text": f"end of {year}", "showarrow": False, "font": {"size": 12},
            },
            {
                "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
                "yshift": -34, "text": "<br>".join(notes), "showarrow": False, "align": "left",
                "font": {"size": 12},
            },
        ],
    }  # fmt: skip
    return theme.figure(traces, layout)


def _line(
    label: str,
    q: Question,
    steps: Sequence[Step],
    shift: float,
    year: int,
    limits: tuple[float, float],
) -> list[dict[str, Any]]:
    if not steps:
        return []
    colour = theme.colour(q.intervention)
    xs = [step.year + shift for step in steps]
    values = [_at(q, step.answer.told.result.estimate) for step in steps]
    low, high = limits
    spans_x: list[float | None] = []
    spans_y: list[float | None] = []
    cuts: list[tuple[float, float, str]] = []
    for x, step in zip(xs, steps, strict=True):
        result = step.answer.told.result
        ends = (_at(q, result.ci_low), _at(q, result.ci_high))
        spans_x += [x, x, None]
        spans_y += [max(ends[0], low), min(ends[1], high), None]
        cuts += [(x, low, "down")] if ends[0] < low else []
        cuts += [(x, high, "up")] if ends[1] > high else []
    until = max(float(year), xs[-1])
    held_x = [x for a, b in zip(xs, [*xs[1:], until], strict=True) for x in (a, b)]
    held_y = [v for v in values for _ in range(2)]
    held = theme.line(held_x, held_y, 1.4, colour, xaxis="x")
    held["line"] |= {"dash": "dot"}
    arrows = theme.marks(
        [x for x, _, _ in cuts], [y for _, y, _ in cuts],
        {"symbol": [f"triangle-{side}" for *_, side in cuts], "size": 8, "color": colour},
        xaxis="x", hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    marks = theme.marks(
        xs, values,
        {
            "symbol": [_symbol(step) for step in steps],
            "size": [9 if len(step.answer.studies) == 1 else 13 for step in steps], "color": colour,
            "line": {
                "width": [2.4 if step.answer.apart else 0 for step in steps], "color": colour,
            },
        },
        xaxis="x", cliponaxis=False,
        text=[_hover(label, step) for step in steps], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    return [held, theme.line(spans_x, spans_y, 4, colour, xaxis="x"), arrows, marks]


def _symbol(step: Step) -> str:
    k = len(step.answer.studies)
    return {1: words.SYMBOLS[step.answer.studies[0].design], 2: "diamond-open"}.get(k, "diamond")


def _hover(label: str, step: Step) -> str:
    k = len(step.answer.studies)
    studies = "one study" if k == 1 else f"{k} studies"
    return (
        f"<b>{label}, {step.year}</b><br>{value_text(step.answer)}<br>{studies}; new: "
        f"{'<br>'.join(wrap(', '.join(step.added), 60))}"
    )


def _at(q: Question, value: float) -> float:
    return float(shown(q.effect_measure, value)) * (100 if in_percent(q) else 1)


def _range(lines: Sequence[Line]) -> tuple[float, float]:
    """The whole history: percent from 0 to 100; else estimates, intervals and the important difference."""
    question = lines[0][1]
    if in_percent(question):
        return 0.0, 101.0
    scale = question.spec.scale
    widest = scale[1] - scale[0] if scale else math.inf
    values = [0.0]
    for _, q, _, every in lines:
        for step in every:
            result = step.answer.told.result
            values += [_at(q, v) for v in (result.estimate, result.ci_low, result.ci_high)]
            if step.answer.mid is not None:
                values += [-step.answer.mid.value, step.answer.mid.value]
    low, high = max(min(values), -widest), min(max(values), widest)
    room = 0.06 * (high - low)
    return low - room, high + room


def _notes(lines: Sequence[Line], narrow: bool) -> list[str]:
    names = "   ".join(
        f'<span style="color:{theme.colour(q.intervention)}">●</span> {label}'
        for label, q, _, _ in lines
    )
    text = (
        f"Line: {level_text(lines[0][1].level)} interval. Full diamond: pooled; hollow: the mean of two studies; "
        "small mark: one study. Dotted: the answer stands until the next report."
    )
    if not lines[0][1].one_group:
        text += " Grey band: smaller than the minimal important difference."
    return [names, *wrap(text, 50 if narrow else 132)]


def _anchor(year: int, span: tuple[int, int]) -> str:
    if year <= span[0] + 1:
        return "left"
    return "right" if year >= span[1] - 1 else "center"


def _upright(x: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": x + 0.5, "x1": x + 0.5, "y0": 0, "y1": 1,
        "layer": "below", "line": {"color": theme.GREY, "width": 1.4, "dash": "dash"},
    }  # fmt: skip
