"""The forest plot of one answer: studies, weights, pooled effect, prediction interval, and what they rest on.

On a narrow screen the study's name stands above its row and the side columns go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import FLAGS, StudyEffect, plain
from analysis.figures import theme
from analysis.figures.axis import Axis, value_axis
from analysis.figures.words import heterogeneity_line, model_line, sides, wrap
from analysis.synthesis import Pooled

ROW = 30
"""Height of a row in pixels."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where things stand: y of each study, of the summary rows, and of the header."""

    studies: list[float]
    header: float
    random: float
    prediction: float
    common: float
    low: float
    high: float


def forest(answer: Answer, *, narrow: bool = False) -> go.Figure:
    """Draw an answer's studies; an answer without studies has no figure.

    Raises
    ------
    ValueError
        When no study entered: the page has a sentence for that.
    """
    if answer.pooled is None:
        raise ValueError("no study answers this question: there is nothing to draw")
    rows = _rows(answer, narrow)
    axis = value_axis(answer)
    marks = flag_marks(answer)
    traces = [*_study_traces(answer, rows, axis), *_summary_traces(answer, rows, axis)]
    traces += _columns(answer, rows, marks, narrow)
    notes = _notes(answer, marks, narrow)
    bottom = 80 + 17 * (notes.count("<br>") + 1)
    height = int((rows.high - rows.low) * ROW) + bottom + 8
    return theme.figure(traces, _layout(answer, rows, axis, notes, bottom, height, narrow))


def flag_marks(answer: Answer) -> dict[str, str]:
    """Letters for the flags that the studies of an answer carry, in the order of appearance."""
    used = dict.fromkeys(flag for study in answer.studies for flag in study.flags)
    return {flag: chr(ord("a") + i) for i, flag in enumerate(used)}


def _rows(answer: Answer, narrow: bool) -> _Rows:
    step = 1.7 if narrow else 1.0
    k = len(answer.studies)
    studies = [-step * i for i in range(k)]
    last = studies[-1]
    pooled = answer.pooled
    assert pooled is not None
    random = last - (1.9 if narrow else 1.4)
    prediction = random - step if pooled.pi_low is not None else random
    common = prediction - step
    low = last - 0.7 if k == 1 else common - 0.6
    header = 1.0
    return _Rows(studies, header, random, prediction, common, low, 0.9 if narrow else 1.5)


# --- traces --------------------------------------------------------------------------------------
def _study_traces(answer: Answer, rows: _Rows, axis: Axis) -> list[dict[str, Any]]:
    q = answer.question
    xs: list[float | None] = []
    ys: list[float | None] = []
    arrows: list[tuple[float, float, str]] = []
    for study, y in zip(answer.studies, rows.studies, strict=True):
        low, high = (axis.at(v) for v in study.interval(q.level))
        xs += [max(low, axis.low), min(high, axis.high), None]
        ys += [y, y, None]
        if low < axis.low:
            arrows.append((axis.low, y, "triangle-left"))
        if high > axis.high:
            arrows.append((axis.high, y, "triangle-right"))
    assert answer.pooled is not None
    inside = [
        (study, y, weight)
        for study, y, weight in zip(
            answer.studies, rows.studies, answer.pooled.weights, strict=True
        )
        if axis.low <= axis.at(study.yi) <= axis.high
    ]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [axis.at(s.yi) for s, _, _ in inside],
        "y": [y for _, y, _ in inside],
        "customdata": [s.trial for s, _, _ in inside],
        "text": [_hover(answer, s, w) for s, _, w in inside],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": [7 + 15 * math.sqrt(w / 100) for _, _, w in inside],
            "symbol": [theme.DESIGN_SYMBOLS[s.design] for s, _, _ in inside],
            "color": theme.colour(q.intervention),
            "opacity": 1,
            "line": {"width": 1 if q.intervention == "VAI" else 0, "color": theme.GREY},
        },
    }
    return [theme.line(xs, ys, 1.6), _arrows(arrows), points]


def _arrows(arrows: list[tuple[float, float, str]], colour: str = theme.GREY) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _, _ in arrows],
        "y": [y for _, y, _ in arrows],
        "marker": {"symbol": [s for _, _, s in arrows], "size": 9, "color": colour, "opacity": 1,
                   "line": {"width": 0}},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }  # fmt: skip


def _summary_traces(answer: Answer, rows: _Rows, axis: Axis) -> list[dict[str, Any]]:
    pooled, common = answer.pooled, answer.common
    if pooled is None or common is None or pooled.k == 1:
        return []
    colour = theme.colour(answer.question.intervention)
    traces = [_diamond(pooled, rows.random, axis, colour)]
    if pooled.pi_low is not None and pooled.pi_high is not None:
        low, high = axis.at(pooled.pi_low), axis.at(pooled.pi_high)
        traces.append(
            theme.line([max(low, axis.low), min(high, axis.high)], [rows.prediction] * 2, 5, colour)
        )
        cut = [(axis.low, rows.prediction, "triangle-left")] if low < axis.low else []
        cut += [(axis.high, rows.prediction, "triangle-right")] if high > axis.high else []
        traces.append(_arrows(cut, colour))
    if pooled.tau2_method != "EE":
        traces.append(_diamond(common, rows.common, axis, theme.GREY))
    return traces


def _diamond(result: Pooled, y: float, axis: Axis, colour: str) -> dict[str, Any]:
    low, middle, high = (
        min(max(axis.at(v), axis.low), axis.high)
        for v in (result.ci_low, result.estimate, result.ci_high)
    )
    return theme.line(
        [low, middle, high, middle, low], [y, y + 0.26, y, y - 0.26, y], 1, colour,
        fill="toself", fillcolor=colour,
    )  # fmt: skip


# --- text ----------------------------------------------------------------------------------------
def _columns(
    answer: Answer, rows: _Rows, marks: dict[str, str], narrow: bool
) -> list[dict[str, Any]]:
    q, pooled, common = answer.question, answer.pooled, answer.common
    assert pooled is not None
    assert common is not None
    names = [(y, _name(s, marks)) for s, y in zip(answer.studies, rows.studies, strict=True)]
    effects = [
        (y, _effect(answer, s.yi, *s.interval(q.level)))
        for s, y in zip(answer.studies, rows.studies, strict=True)
    ]
    summary: list[tuple[float, str, str]] = []
    if pooled.k > 1:
        what = "Common effect" if pooled.tau2_method == "EE" else "Random effects"
        text = _effect(answer, pooled.estimate, pooled.ci_low, pooled.ci_high)
        summary = [(rows.random, f"<b>{what}</b>", f"<b>{text}</b>")]
        if pooled.pi_low is not None and pooled.pi_high is not None:
            interval = f"{printed(q, pooled.pi_low, False)} to {printed(q, pooled.pi_high, False)}"
            summary.append((rows.prediction, "Prediction interval", interval))
        if pooled.tau2_method != "EE":
            text = _effect(answer, common.estimate, common.ci_low, common.ci_high)
            summary.append((rows.common, "Common effect", text))
    if narrow:
        stacked = [
            (y + 0.62, f"{name}   {effect}")
            for (y, name), (_, effect) in zip(
                names + [(y, n) for y, n, _ in summary],
                effects + [(y, e) for y, _, e in summary],
                strict=True,
            )
        ]
        return [theme.text_column(0, stacked, size=12)]
    weights = (
        [(y, f"{w:.1f}%") for y, w in zip(rows.studies, pooled.weights, strict=True)]
        if pooled.k > 1
        else []
    )
    header = [
        (0, "<b>Study</b>", "right"), (0.99, f"<b>{_effect_heading(answer)}</b>", "left"),
    ]  # fmt: skip
    if pooled.k > 1:
        header.append((0.79, "<b>Weight</b>", "left"))
    columns = [
        theme.text_column(0, names + [(y, n) for y, n, _ in summary]),
        theme.text_column(0.99, effects + [(y, e) for y, _, e in summary], "left"),
        theme.text_column(0.79, weights, "left"),
        *(
            theme.text_column(x, [(rows.header, text)], align)
            for x, text, align in (*header, *_arm_headers(answer))
        ),
    ]
    for x, texts in _arm_texts(answer):
        columns.append(
            theme.text_column(x, list(zip(rows.studies, texts, strict=True)), "left", size=12)
        )
    return columns


def _arm_headers(answer: Answer) -> list[tuple[float, str, str]]:
    q = answer.question
    if q.one_group:
        return [(0.40, f"<b>{q.intervention}</b>", "left")]
    return [(0.34, f"<b>{q.intervention}</b>", "left"), (0.41, f"<b>{q.comparator}</b>", "left")]


def _arm_texts(answer: Answer) -> list[tuple[float, list[str]]]:
    one = answer.question.one_group
    t = [_arm(s.text_t, s.n_t) for s in answer.studies]
    c = [_arm(s.text_c, s.n_c) for s in answer.studies]
    return [(0.40, t)] if one else [(0.34, t), (0.41, c)]


def _arm(text: str, n: float) -> str:
    size = "" if math.isnan(n) else f"n = {plain(n)}"
    return text if "/" in text else size


def _name(study: StudyEffect, marks: dict[str, str]) -> str:
    letters = ",".join(marks[flag] for flag in study.flags)
    return f"{study.label}<sup> {letters}</sup>" if letters else study.label


def _effect(answer: Answer, value: float, low: float, high: float) -> str:
    q = answer.question
    return f"{printed(q, value, False)} ({printed(q, low, False)} to {printed(q, high, False)})"


def _effect_heading(answer: Answer) -> str:
    q = answer.question
    name = {"MD": "MD", "MC": "Change", "PLO": "%", "PAS": "%", "PR": "%"}.get(
        q.effect_measure, q.effect_measure
    )
    unit = ", % points" if q.effect_measure == "RD" else ""
    return f"{name}{unit} ({q.level:.0%} CI)"


def _hover(answer: Answer, study: StudyEffect, weight: float) -> str:
    q = answer.question
    lines = [
        f"<b>{study.label}</b>, {words.DESIGNS[study.design]}, {study.timepoint}",
        _effect(answer, study.yi, *study.interval(q.level)),
        *([f"weight {weight:.1f}%"] if len(answer.studies) > 1 else []),
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
        "; ".join(f"{shapes[theme.DESIGN_SYMBOLS[d]]} {words.DESIGNS[d]}" for d in designs), width
    )
    if marks:
        lines += wrap("; ".join(f"{mark}: {FLAGS[flag]}" for flag, mark in marks.items()), width)
    return "<br>".join(lines)


# --- layout --------------------------------------------------------------------------------------
def _layout(
    answer: Answer, rows: _Rows, axis: Axis, notes: str, bottom: int, height: int, narrow: bool
) -> dict[str, Any]:
    q = answer.question
    domain = [0.02, 0.98] if narrow else [0.42, 0.71]
    left, right = sides(q)
    shapes: list[dict[str, Any]] = []
    if axis.null is not None:
        shapes.append(_vertical(axis.null, rows, theme.GREY, "solid"))
    if answer.mid is not None and not q.one_group and axis.null is not None:
        shapes.append(
            {
                "type": "rect", "xref": "x", "yref": "y", "layer": "below", "line": {"width": 0},
                "x0": max(-answer.mid.value, axis.low), "x1": min(answer.mid.value, axis.high),
                "y0": rows.low, "y1": rows.high - 0.9, "fillcolor": theme.BAND,
            }
        )  # fmt: skip
    if len(answer.studies) > 1:
        assert answer.pooled is not None
        shapes.append(_vertical(axis.at(answer.pooled.estimate), rows, theme.GREY, "dot"))
    annotations = [
        {
            "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
            "yshift": -74, "text": notes, "showarrow": False, "align": "left", "font": {"size": 12},
        },
    ]  # fmt: skip
    for text, x, anchor in ((left, domain[0], "left"), (right, domain[1], "right")):
        if text:
            annotations.append(
                {
                    "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor,
                    "yanchor": "top", "yshift": -28, "text": text, "showarrow": False,
                    "font": {"size": 12},
                }
            )  # fmt: skip
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": bottom},
        "xaxis": axis.layout(answer) | {"domain": domain},
        "xaxis2": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "yaxis": theme.HIDDEN_AXIS | {"range": [rows.low, rows.high]},
        "shapes": shapes,
        "annotations": annotations,
    }


def _vertical(x: float, rows: _Rows, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "y", "x0": x, "x1": x, "y0": rows.low,
        "y1": rows.high - 0.9, "layer": "below", "line": {"color": colour, "width": 1.2, "dash": dash},
    }  # fmt: skip
