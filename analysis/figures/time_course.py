"""Scores over time: one line per arm, and the difference between treatments at each time window.

Both figures share a time axis that is logarithmic in weeks, so that days and years can both be read. In the
second no line joins the windows: each rests on other studies, and between them nothing was measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import digits
from analysis.effects.study_effect import number, plain
from analysis.errors import NotEstimable
from analysis.figures import theme
from analysis.figures.words import counted_text, level_text, wrap
from analysis.question import Question, members
from analysis.survey.trajectory import Course, Level, when

_STROKES = {
    "solid": "───",
    "dash": "─ ─ ─",
    "dot": "·····",
    "dashdot": "─ · ─",
    "longdash": "── ──",
}
_SHAPES = {"square": "■", "diamond": "◆", "triangle-up": "▲", "circle": "●", "x": "✕"}
_LAST = 208.0


def _short_time(label: str) -> str:
    """A time where space is short: "first days" as "days", "12 months" as "12 m"."""
    number, _, unit = label.rpartition(" ")
    return f"{number} {unit[0]}" if number.isdigit() else unit


def position(weeks: float) -> float:
    """Where a time stands on the axis: log(1 + 4 weeks); 0 before treatment.

    >>> position(0.0), round(position(52.0), 2)
    (0.0, 5.34)
    """
    return math.log1p(4 * weeks)


def course_figure(
    drawn: Sequence[Course], question: Question, *, narrow: bool = False
) -> go.Figure:
    """One line per arm; each trace carries its trial, so that a page can pick out one.

    Raises
    ------
    ValueError
        When there is no course: the page has a sentence for that.
    """
    if not drawn:
        raise NotEstimable("no arm with two or more levels: there is nothing to draw")
    notes = _course_notes(drawn, question, narrow)
    bottom = 66 + 17 * len(notes)
    values = [level.value for course in drawn for level in course.levels]
    low, high = _level_range(question, values)
    end = max(level.weeks for course in drawn for level in course.levels)
    layout = {
        "height": (360 if narrow else 440) + bottom,
        "margin": {"l": 52, "r": 10, "t": 30, "b": bottom},
        "xaxis": _time_axis(end, narrow) | {"title": _title("Time since treatment")},
        "yaxis": _value_axis([low, high], question.spec.label),
        "annotations": [_top(_better(question), narrow), _notes(notes, 56)],
    }
    return theme.figure([_course_trace(course, question) for course in drawn], layout)


def _level_range(question: Question, values: Sequence[float]) -> tuple[float, float]:
    """The whole scale where the outcome has a common one, else the range of what was printed."""
    if question.spec.scale is not None:
        low, high = question.spec.scale
        return low - 0.01 * (high - low), high + 0.01 * (high - low)
    room = 0.12 * ((max(values) - min(values)) or 1.0)
    return min(values) - room, max(values) + room


def _course_trace(course: Course, question: Question) -> dict[str, Any]:
    colour = theme.colour(course.treatment)
    symbol = words.SYMBOLS[course.design]
    outlined = course.treatment in words.OUTLINED
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{course.label}, {words.SHORT[course.treatment]}",
        "meta": course.trial,
        "x": [position(level.weeks) for level in course.levels],
        "y": [level.value for level in course.levels],
        "line": {"color": colour, "width": 2, "dash": words.DASHES[course.design]},
        "marker": {
            "symbol": [symbol + ("-open" if level.computed else "") for level in course.levels],
            "size": 9, "color": colour, "opacity": 1,
            "line": {"width": 1 if outlined else 0, "color": theme.GREY},
        },
        "text": [_hover(course, level, question) for level in course.levels],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }  # fmt: skip


def _hover(course: Course, level: Level, question: Question) -> str:
    size = "" if math.isnan(level.n) else f", n = {plain(level.n)}"
    how = "<br>computed: before plus reported change" if level.computed else ""
    return (
        f"<b>{course.label}</b>, {words.SHORT[course.treatment]}<br>{words.DESIGNS[course.design]}<br>"
        f"{number(level.value, digits(question))} {when(level)}{size}{how}"
    )


def _course_notes(drawn: Sequence[Course], question: Question, narrow: bool) -> list[str]:
    width = 50 if narrow else 128
    shown = dict.fromkeys(c.treatment for c in drawn)
    codes = [
        t for t in (*members(question.intervention), *members(question.comparator)) if t in shown
    ]
    colours = "   ".join(
        f'<span style="color:{theme.colour(t)}">━●</span> {words.INTERVENTIONS[t]}' for t in codes
    )
    present = {c.design for c in drawn}
    designs = "; ".join(
        f"{_STROKES[words.DASHES[d]]} {_SHAPES[words.SYMBOLS[d]]} {words.DESIGNS[d]}"
        for d in words.DESIGNS
        if d in present
    )
    lines = [colours, *wrap(designs, width)]
    if any(level.computed for c in drawn for level in c.levels):
        lines += wrap("Open mark: computed, level before treatment plus reported change.", width)
    return lines


def difference_figure(answers: Sequence[Answer], *, narrow: bool = False) -> go.Figure:
    """The difference at each window with its interval; windows without a study say so.

    Raises
    ------
    ValueError
        When no window holds a study.
    """
    found = [(a, position(a.question.window.target or 0.0)) for a in answers if a.studies]
    if not found:
        raise NotEstimable("no window with a study: there is nothing to draw")
    question = found[0][0].question
    low, high = _difference_range([a for a, _ in found])
    colour = theme.colour(question.intervention)
    traces = [
        trace for a, x in found for trace in _difference_traces(a, x, colour, low, high)
    ]  # fmt: skip
    notes = _difference_notes([a for a, _ in found], narrow)
    bottom = 84 + 17 * len(notes)
    who, whom = words.SHORT[question.intervention], words.SHORT[question.comparator]
    lower, upper = (who, whom) if question.spec.lower_is_better else (whom, who)
    shapes: list[dict[str, Any]] = [theme.across(0.0)]
    mid = found[0][0].mid
    if mid is not None:
        shapes.append(theme.band(max(-mid.value, low), min(mid.value, high)))
    unit = f" ({question.spec.unit})" if question.spec.unit else ""
    bottom_side = {
        "xref": "paper", "yref": "paper", "x": 0.995, "y": 0, "xanchor": "right", "yanchor": "bottom",
        "text": f"▼ favours {lower}", "showarrow": False, "font": {"size": 12},
    }  # fmt: skip
    layout = {
        "height": (280 if narrow else 320) + bottom,
        "margin": {"l": 52, "r": 10, "t": 30, "b": bottom},
        "xaxis": _time_axis(words.TIMED[-1].target or 0.0, narrow, answers)
        | {"title": _title("Time window; number of studies")},
        "yaxis": _value_axis([low, high], f"Difference{unit}"),
        "shapes": shapes,
        "annotations": [_top(f"▲ favours {upper}", narrow), bottom_side, _notes(notes, 76)],
    }
    return theme.figure(traces, layout)


def _difference_traces(
    answer: Answer, x: float, colour: str, low: float, high: float
) -> list[dict[str, Any]]:
    assert answer.pooled is not None
    result, k = answer.told.result, answer.pooled.k
    ends = (result.ci_low, result.ci_high)
    inside = [min(max(end, low), high) for end in ends]
    interval = theme.line([x, x], inside, 3 if answer.apart else 5, colour, xaxis="x")
    cuts = [
        (edge, symbol)
        for end, edge, symbol in (
            (ends[0], low, "triangle-down"),
            (ends[1], high, "triangle-up"),
        )
        if not low <= end <= high
    ]
    arrows = theme.marks(
        [x] * len(cuts), [edge for edge, _ in cuts],
        {"symbol": [symbol for _, symbol in cuts], "size": 9, "color": colour},
        xaxis="x", hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    symbol = words.SYMBOLS[answer.studies[0].design] if k == 1 else "diamond"
    mark = theme.marks(
        [x], [min(max(result.estimate, low), high)],
        {
            "symbol": f"{symbol}-open" if answer.apart else symbol, "size": 10 if k == 1 else 14,
            "color": colour, "line": {"width": 2.5 if answer.apart else 0, "color": colour},
        },
        xaxis="x", text=["<br>".join(wrap(answer.sentence, 60))],
        hovertemplate="%{text}<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    return [interval, arrows, mark]


def _difference_range(found: Sequence[Answer]) -> tuple[float, float]:
    """Estimates, intervals, no difference and the important difference; never beyond the scale's width."""
    scale = found[0].question.spec.scale
    widest = scale[1] - scale[0] if scale else math.inf
    values = [0.0]
    for answer in found:
        result = answer.told.result
        half = max(
            abs(answer.studies[0].interval(answer.question.level)[1] - answer.studies[0].yi), 1e-9
        )
        values += [result.estimate, *(max(min(e, result.estimate + 4 * half), result.estimate - 4 * half)
                                      for e in (result.ci_low, result.ci_high))]  # fmt: skip
        if answer.mid is not None:
            values += [-answer.mid.value, answer.mid.value]
    low, high = max(min(values), -widest), min(max(values), widest)
    room = 0.08 * (high - low)
    return low - room, high + room


def _difference_notes(found: Sequence[Answer], narrow: bool) -> list[str]:
    level = level_text(found[0].question.level)
    text = []
    if any(a.told is not None and a.told.together for a in found):
        text.append(f"◆ pooled, with its {level} interval")
    if any(a.apart for a in found):
        text.append(f"◇ mean of two studies, with its {level} interval")
    if any(len(a.studies) == 1 for a in found):
        singles = dict.fromkeys(a.studies[0].design for a in found if len(a.studies) == 1)
        shapes = "".join(_SHAPES[words.SYMBOLS[d]] for d in singles)
        text.append(f"{shapes} one study, not pooled, with its {level} CI")
    mid = found[0].mid
    if mid is not None:
        text.append(f"grey band: smaller than the minimal important difference of {mid.value:g}")
    text.append("no line joins the windows: each rests on other studies")
    joined = "; ".join(text)
    return wrap(f"{joined[0].upper()}{joined[1:]}.", 50 if narrow else 128)


# --- axes and texts ------------------------------------------------------------------------------
def _time_axis(end: float, narrow: bool, answers: Sequence[Answer] = ()) -> dict[str, Any]:
    """The shared axis; with `answers`, each tick carries its number of studies."""
    counts = {a.question.time: len(a.studies) for a in answers}
    ticks = [(0.0, "0" if narrow else "before")]
    for window in words.TIMED:
        label = _short_time(window.label) if narrow else window.label
        if answers:
            k = counts.get(window.key, 0)
            label += f"<br>{k if narrow else _studies(k)}"
        ticks.append((position(window.target or 0.0), label))
    if not narrow:
        ticks[1] = (ticks[1][0], ticks[1][1].replace("first days", "days"))
    last = max(end, words.TIMED[-1].target or 0.0)
    if last >= _LAST:
        ticks.append((position(_LAST), "4 y" if narrow else "4 years"))
    if answers:
        ticks = ticks[1:]
    return {
        "range": [-0.15, position(last) + 0.25],
        "tickvals": [x for x, _ in ticks],
        "ticktext": [text for _, text in ticks],
        "tickangle": 0,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "tickfont": {"size": 10.5 if narrow else 12},
    }


def _studies(k: int) -> str:
    return "no study" if not k else f"{k} {'study' if k == 1 else 'studies'}"


def _value_axis(limits: list[float], title: str) -> dict[str, Any]:
    return {
        "range": limits,
        "title": {"text": title, "font": {"size": 12}, "standoff": 6},
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "nticks": 8,
        "tickfont": {"size": 12},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12}, "standoff": 8}


def _better(question: Question) -> str:
    scale = question.spec.scale
    on = f"scale {scale[0]:g}–{scale[1]:g}, " if scale else ""
    return f"{on}{'lower' if question.spec.lower_is_better else 'higher'} is better"


def _top(text: str, narrow: bool) -> dict[str, Any]:
    return {
        "xref": "paper", "yref": "paper", "x": 0.995, "y": 1, "xanchor": "right", "yanchor": "bottom",
        "yshift": 6, "text": text, "showarrow": False, "font": {"size": 11 if narrow else 12},
    }  # fmt: skip


def _notes(lines: Sequence[str], below: int) -> dict[str, Any]:
    return {
        "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
        "yshift": -below, "text": "<br>".join(lines), "showarrow": False, "align": "left",
        "font": {"size": 12},
    }  # fmt: skip


def difference_caption(answers: Sequence[Answer]) -> str:
    """The differences as text: every window with its figure, then those without one."""
    shown, none = [], []
    for answer in answers:
        label = answer.question.window.label
        if answer.studies:
            shown.append(f"{label} {counted_text(answer)}")
        else:
            none.append(label)
    gaps = f" No study at: {', '.join(none)}." if none else ""
    return f"Difference at each time: {'; '.join(shown)}.{gaps}"
