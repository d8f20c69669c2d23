"""The forest plot of one answer: studies, weights, pooled effect, prediction interval, and what they rest on.

On a narrow screen the study's name stands above its row and the side columns go. A long name takes two lines.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import FLAGS, StudyEffect, plain
from analysis.figures import theme
from analysis.figures.axis import Axis, value_axis
from analysis.figures.words import heterogeneity_line, level_text, model_line, sides, wrap
from analysis.synthesis import Pooled

ROW = 30
"""Height of a row in pixels."""
_NAME = 30
"""Characters of a study's name on one line of the column, at the width where columns begin."""
_ABOVE = 46
"""Characters of a line above a row, on the narrowest phone."""


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
    tall: bool


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
    bottom = _notes_at(answer) + 6 + 17 * (notes.count("<br>") + 1)
    height = int((rows.high - rows.low) * ROW) + bottom + 8
    return theme.figure(traces, _layout(answer, rows, axis, notes, bottom, height, narrow))


def flag_marks(answer: Answer) -> dict[str, str]:
    """Letters for the flags that the studies of an answer carry, in the order of appearance."""
    used = dict.fromkeys(flag for study in answer.studies for flag in study.flags)
    return {flag: chr(ord("a") + i) for i, flag in enumerate(used)}


def _rows(answer: Answer, narrow: bool) -> _Rows:
    tall = any(_is_long(answer, study, narrow) for study in answer.studies)
    step = (2.1 if tall else 1.7) if narrow else (1.25 if tall else 1.0)
    k = len(answer.studies)
    studies = [-step * i for i in range(k)]
    last = studies[-1]
    pooled = answer.pooled
    assert pooled is not None
    random = last - (1.9 if narrow else 1.4)
    prediction = random - step if pooled.pi_low is not None else random
    common = prediction - step if pooled.tau2_method != "EE" else prediction
    low = last - 0.7 if k == 1 else common - 0.6
    header = 1.0
    high = (1.4 if tall else 0.9) if narrow else 1.5
    return _Rows(studies, header, random, prediction, common, low, high, tall)


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
        if axis.low <= axis.at(study.yi) <= axis.high
    ]
    points = theme.marks(
        [axis.at(s.yi) for s, _, _ in inside],
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


def _summary_traces(answer: Answer, rows: _Rows, axis: Axis) -> list[dict[str, Any]]:
    pooled, common = answer.pooled, answer.common
    if pooled is None or common is None or pooled.k == 1:
        return []
    colour = theme.colour(answer.question.intervention)
    traces = _diamond(pooled, rows.random, axis, colour)
    if pooled.pi_low is not None and pooled.pi_high is not None:
        low, high = axis.at(pooled.pi_low), axis.at(pooled.pi_high)
        y = rows.prediction
        traces.append(theme.line([axis.inside(low), axis.inside(high)], [y, y], 5, colour))
        traces.append(theme.arrows(axis.cuts(low, high, y), colour))
    if pooled.tau2_method != "EE":
        traces += _diamond(common, rows.common, axis, theme.GREY)
    return traces


def _diamond(result: Pooled, y: float, axis: Axis, colour: str) -> list[dict[str, Any]]:
    """A pooled result; where its interval leaves the axis, an arrow."""
    ends = [axis.at(v) for v in (result.ci_low, result.estimate, result.ci_high)]
    low, middle, high = map(axis.inside, ends)
    diamond = theme.line(
        [low, middle, high, middle, low], [y, y + 0.26, y, y - 0.26, y], 1, colour,
        fill="toself", fillcolor=colour,
    )  # fmt: skip
    return [diamond, theme.arrows(axis.cuts(ends[0], ends[2], y), colour)]


# --- text ----------------------------------------------------------------------------------------
def _columns(
    answer: Answer, rows: _Rows, marks: dict[str, str], narrow: bool
) -> list[dict[str, Any]]:
    q, pooled, common = answer.question, answer.pooled, answer.common
    assert pooled is not None
    assert common is not None
    names = [
        (y, _name(s, marks, narrow)) for s, y in zip(answer.studies, rows.studies, strict=True)
    ]
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
        gap, at = ("<br>", 0.86) if rows.tall else ("   ", 0.62)
        stacked = [
            (y + at, f"{name}{gap}{effect}")
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
        header.append((_WEIGHT, "<b>Weight</b>", "left"))
    columns = [
        theme.text_column(0, names + [(y, n) for y, n, _ in summary]),
        theme.text_column(0.99, effects + [(y, e) for y, _, e in summary], "left"),
        theme.text_column(_WEIGHT, weights, "left"),
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


_ARMS = (0.335, 0.415)
_DRAWING = (0.43, 0.705)
_WEIGHT = 0.775
"""Where columns end (text runs to the left of it) and where the drawing stands, of the whole width."""


def _arm_headers(answer: Answer) -> list[tuple[float, str, str]]:
    q = answer.question
    codes = (q.intervention,) if q.one_group else (q.intervention, q.comparator)
    return [(x, f"<b>{c}</b>", "left") for x, c in zip(_ARMS[-len(codes) :], codes, strict=True)]


def _arm_texts(answer: Answer) -> list[tuple[float, list[str]]]:
    t = [_arm(s.text_t, s.n_t) for s in answer.studies]
    c = [_arm(s.text_c, s.n_c) for s in answer.studies]
    return [(_ARMS[1], t)] if answer.question.one_group else list(zip(_ARMS, (t, c), strict=True))


def _arm(text: str, n: float) -> str:
    size = "" if math.isnan(n) else f"n = {plain(n)}"
    return text if "/" in text else size


def _name(study: StudyEffect, marks: dict[str, str], narrow: bool) -> str:
    letters = ",".join(marks[flag] for flag in study.flags)
    width, most = (_ABOVE, 1) if narrow else (_NAME, 2)
    lines = textwrap.wrap(study.label, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: width - 2].rstrip()} …"]
    name = "<br>".join(lines)
    return f"{name}<sup> {letters}</sup>" if letters else name


def _is_long(answer: Answer, study: StudyEffect, narrow: bool) -> bool:
    """Whether a study's name needs a line more than the others."""
    if not narrow:
        return len(study.label) > _NAME
    effect = _effect(answer, study.yi, *study.interval(answer.question.level))
    return len(study.label) + len(study.flags) + len(effect) > _ABOVE


def _effect(answer: Answer, value: float, low: float, high: float) -> str:
    q = answer.question
    return f"{printed(q, value, False)} ({printed(q, low, False)} to {printed(q, high, False)})"


def _effect_heading(answer: Answer) -> str:
    q = answer.question
    name = {"MD": "MD", "MC": "Change", "PLO": "%", "PAS": "%", "PR": "%"}.get(
        q.effect_measure, q.effect_measure
    )
    unit = ", % points" if q.effect_measure == "RD" else ""
    return f"{name}{unit} ({level_text(q.level)} CI)"


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
        "; ".join(f"{shapes[words.SYMBOLS[d]]} {words.DESIGNS[d]}" for d in designs), width
    )
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
    if answer.mid is not None and not q.one_group and axis.null is not None:
        shapes.append(
            {
                "type": "rect", "xref": theme.VALUES, "yref": "y", "layer": "below", "line": {"width": 0},
                "x0": max(-answer.mid.value, axis.low), "x1": min(answer.mid.value, axis.high),
                "y0": rows.low, "y1": rows.high - 0.9, "fillcolor": theme.BAND,
            }
        )  # fmt: skip
    if len(answer.studies) > 1:
        assert answer.pooled is not None
        shapes += _vertical(axis.at(answer.pooled.estimate), rows, "dot", narrow)
    annotations = [
        {
            "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
            "yshift": -_notes_at(answer), "text": notes, "showarrow": False, "align": "left", "font": {"size": 12},
        },
    ]  # fmt: skip
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
        summary = (rows.random, rows.prediction, rows.common)
        heights = [y for y in dict.fromkeys((*rows.studies, *summary)) if y > rows.low]
        spans = [(max(y - 0.45, rows.low), y + 0.38) for y in heights]
    return [
        {
            "type": "line", "xref": theme.VALUES, "yref": "y", "x0": x, "x1": x, "y0": low,
            "y1": high, "layer": "below",
            "line": {"color": theme.GREY, "width": 1.2, "dash": dash},
        }
        for low, high in spans
    ]  # fmt: skip
