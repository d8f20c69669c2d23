"""Several answers on one axis, in panels that stay apart: what series, open and masked trials report.

Each row is one answer: its studies as small marks, its pooled value with interval (thick) and prediction
interval (thin). Rows of different panels are not the same kind of number, and the figure says so. Two studies
cannot be pooled with a random-effects interval of any use: such a row is hollow and shows the common effect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.wording import kinds
from analysis.effects.scale import in_percent, printed, shown
from analysis.errors import InputError, NotEstimable
from analysis.figures import theme
from analysis.figures.axis import ratio_axis_ticks
from analysis.figures.columns import DRAWING, RESULTS, broken, small
from analysis.figures.words import interval_text, too_small, wrap
from analysis.prose import counted
from analysis.synthesis import Pooled

ROW = 46


@dataclass(frozen=True, slots=True)
class Layer:
    """A panel: `title` says what kind of number its rows are."""

    title: str
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its label, its answer, and what to print where the answer holds no study."""

    label: str
    answer: Answer
    if_empty: str = "no figure found"


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line at a value, named at the top of the figure."""

    value: float
    text: str


def layers(
    panels: Sequence[Layer],
    *,
    axis_title: str,
    left: str = "",
    right: str = "",
    mark: Mark | None = None,
    narrow: bool = False,
    letters: int = 46,
) -> go.Figure:
    """Draw the panels one below the other on one axis; ratios on a logarithmic one.

    Parameters
    ----------
    panels : in reading order; all answers on one scale (checked by their unit).
    left, right : what lies towards either end of the axis.
    mark : a value to hold everything against, such as a claimed percentage.
    narrow : rows under their names, for a phone or a column of a page.
    letters : in a line of its titles then.

    Raises
    ------
    ValueError
        When there is no row at all, or rows in percent (or ratios) stand beside rows that are not.
    """
    answers = [line.answer for panel in panels for line in panel.rows]
    if not answers:
        raise NotEstimable("no answers to draw")
    axes = {_kind(a) for a in answers}
    if len(axes) > 1:
        raise InputError("rows in percent, or ratios, cannot share an axis with rows that are not")
    kind = axes.pop()
    places, titles, low_y = _places(panels, narrow)
    lower, upper = (0.0, 100.0) if kind == "percent" else _range(answers)
    traces: list[dict[str, Any]] = []
    texts: list[tuple[float, str]] = []
    labels: list[tuple[float, str]] = []
    for line, y in zip((row for panel in panels for row in panel.rows), places, strict=True):
        traces += _row(line.answer, y, lower, upper)
        summary = _summary(line, narrow)
        if narrow:
            labels.append((y + 0.42, f"<b>{line.label}</b>  {summary}"))
        else:
            labels.append((y, "<br>".join(broken(line.label, 13, most=2))))
            texts.append((y, summary))
    size = 12 if narrow else 13
    traces.append(theme.text_column(0.0, labels, size=size))
    if texts:
        traces.append(theme.text_column(0.995, texts, "left", size=12))
    shown_titles = [
        (y, "<br>".join(wrap(f"{title}", letters)) if narrow else title) for y, title in titles
    ]
    traces.append(
        theme.text_column(0.0, [(y, f"<b>{t}</b>") for y, t in shown_titles], size=size + 1)
    )
    notes = _legend(answers, letters + 8 if narrow else 150)
    bottom = 74 + 17 * len(notes)
    height = int((1.2 - low_y) * ROW) + bottom + 6
    frame = _Frame(low_y, (lower, upper), height, bottom, narrow, kind)
    layout = _layout(panels, titles, frame, axis_title, left, right, mark)
    layout["annotations"].append(
        {
            "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
            "yshift": -66, "text": "<br>".join(notes), "showarrow": False, "align": "left",
            "font": {"size": 12},
        }
    )  # fmt: skip
    return theme.figure(traces, layout)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The drawing's measures: lower edge in rows, range and kind of the axis, height and foot in pixels."""

    low_y: float
    span: tuple[float, float]
    height: int
    bottom: int
    narrow: bool
    kind: str


def _kind(answer: Answer) -> str:
    """What an axis measures: percent of one group, a ratio, percentage points between groups, or a value."""
    q = answer.question
    if q.effect_measure in words.RATIOS:
        return "ratio"
    if not in_percent(q):
        return "value"
    return "percent" if q.one_group else "points"


def _legend(answers: Sequence[Answer], letters: int) -> list[str]:
    """How to read the marks, as lines."""
    name = kinds([a.pooled for a in answers], answers[0].question.level)
    text = (
        f"◆ pooled value; thick line: {name}; thin line: prediction interval; "
        "small marks below: single studies."
    )
    mids = {a.mid.value for a in answers if a.mid}
    if mids:
        band = " and ".join(f"{mid:g}" for mid in sorted(mids))
        text += f" Grey band: smaller than the minimal important difference of {band}."
    if apart := [a for a in answers if a.apart]:
        beside = "their mean" if any(not a.question.one_group for a in apart) else "their own"
        text += f" * Two studies: each is drawn with its own interval; the figures beside are {beside}."
    return wrap(text, letters)


def _places(
    panels: Sequence[Layer], narrow: bool
) -> tuple[list[float], list[tuple[float, str]], float]:
    """The y of every row, of every panel's title, and of the lower edge."""
    y, rows, titles = 0.0, [], []
    step = 1.05 if narrow else 0.8
    for panel in panels:
        titles.append((y + (0.15 if narrow else 0.0), panel.title))
        y -= 1.15 if narrow else 0.75
        for _ in panel.rows:
            rows.append(y)
            y -= step
        y -= 0.25
    return rows, titles, y + 0.35


def _range(answers: Sequence[Answer]) -> tuple[float, float]:
    """The ends of the axis: estimates and intervals of the summaries, cut where nothing more is to be seen."""
    values = [0.0]
    for answer in answers:
        values += [_at(answer, s.estimate) for s in answer.studies]
        if answer.apart:
            values += [
                _at(answer, v) for s in answer.studies for v in s.interval(answer.question.level)
            ]
        if answer.pooled is not None:
            result = answer.told.result
            ends = (result.ci_low, result.ci_high, *_prediction(answer.pooled))
            values += [_at(answer, end) for end in ends]
        if answer.mid is not None and not answer.question.one_group:
            values += [-answer.mid.value, answer.mid.value]
    widest = _widest(answers[0])
    low, high = max(min(values), -widest), min(max(values), widest)
    room = 0.04 * (high - low)
    return low - room, high + room


def _widest(answer: Answer) -> float:
    """How far an axis may reach from no difference: the scale's width, a 20-fold ratio, 100 percentage points."""
    kind, scale = _kind(answer), answer.question.spec.scale
    if kind == "ratio":
        return math.log(20)
    if kind == "points":
        return 100.0
    return scale[1] - scale[0] if scale else math.inf


def _prediction(pooled: Pooled) -> tuple[float, float] | tuple[()]:
    if pooled.pi_low is None or pooled.pi_high is None:
        return ()
    return pooled.pi_low, pooled.pi_high


def _at(answer: Answer, value: float) -> float:
    """Where a pooled-scale value lies on the axis: ratios stay on the log scale."""
    q = answer.question
    if q.effect_measure in words.RATIOS:
        return value
    return float(shown(q.effect_measure, value)) * (100 if in_percent(q) else 1)


def _row(answer: Answer, y: float, lower: float, upper: float) -> list[dict[str, Any]]:
    pooled = answer.pooled
    if pooled is None:
        return []
    q = answer.question
    colour = theme.colour(q.intervention)
    heights = [y - 0.17] * len(answer.studies)
    if answer.apart:
        gap = 0.34 / max(len(answer.studies) - 1, 1)
        heights = [y + 0.17 - gap * i for i in range(len(answer.studies))]
    studies = theme.marks(
        [_at(answer, s.estimate) for s in answer.studies],
        heights,
        {
            "size": 10 if answer.apart else 7, "color": colour, "opacity": 1 if answer.apart else 0.75,
            "symbol": [theme.symbol_of(s) for s in answer.studies],
        },
        text=[
            f"<b>{s.label}</b>, {s.timepoint}<br>{_study_text(answer, i)}"
            for i, s in enumerate(answer.studies)
        ],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    result = answer.told.result
    if answer.apart:
        return [*_own_intervals(answer, heights, colour, lower, upper), studies]
    intervals = [((result.ci_low, result.ci_high), 7)]
    if prediction := _prediction(pooled):
        intervals.append((prediction, 1.6))
    alone = len(answer.studies) == 1  # it is its own result: a second mark below would lie on the first
    traces = [] if alone else [studies]
    cuts: list[tuple[float, float, str]] = []
    for ends, width in intervals:
        low, high = (_at(answer, v) for v in ends)
        traces.append(theme.line([max(low, lower), min(high, upper)], [y, y], width, colour))
        cuts += [(lower, y, "left")] if low < lower else []
        cuts += [(upper, y, "right")] if high > upper else []
    only = answer.studies[0]
    name = f"<b>{only.label}</b>, {only.timepoint}<br>" if alone else ""
    diamond = theme.marks(
        [_at(answer, result.estimate)],
        [y],
        {
            "symbol": theme.symbol_of(only) if alone else "diamond", "size": 12 if alone else 14,
            "color": colour, "line": {"width": 0, "color": colour},
        },
        text=[name + "<br>".join(wrap(answer.sentence, 70))],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    return [*traces, theme.arrows(list(dict.fromkeys(cuts)), colour), diamond]


def _study_text(answer: Answer, i: int) -> str:
    study = answer.studies[i]
    low, high = study.interval(answer.question.level)
    values = [printed(answer.question, v, unit=False) for v in (study.estimate, low, high)]
    return f"{values[0]} ({values[1]} to {values[2]})"


def _summary(line: Line, narrow: bool) -> str:
    answer = line.answer
    if answer.pooled is None:
        return line.if_empty if narrow else "<br>".join(broken(line.if_empty, 12, RESULTS))
    k = answer.pooled.k
    known = [s.patients for s in answer.studies if not math.isnan(s.patients)]
    star = "*" if answer.apart else ""
    studies = counted(k, "study")
    if narrow:
        return f"{interval_text(answer)}; {studies}{star}"
    size = f", n = {sum(known):,.0f}" if known else ""
    result = broken(f"{interval_text(answer)}{star}", 12, RESULTS, 2)
    return "<br>".join([*result, small(f"{studies}{size}")])


def _layout(
    panels: Sequence[Layer],
    titles: list[tuple[float, str]],
    frame: _Frame,
    axis_title: str,
    left: str,
    right: str,
    mark: Mark | None,
) -> dict[str, Any]:
    low_y, narrow = frame.low_y, frame.narrow
    domain = [0.02, 0.98] if narrow else list(DRAWING)
    shapes: list[dict[str, Any]] = [
        {
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": y + 0.42,
            "y1": y + 0.42, "line": {"color": theme.GREY, "width": 1, "dash": "dot"},
        }
        for y, _ in titles[1:]
    ]  # fmt: skip
    annotations = []
    edges = [y + 0.42 for y, _ in titles[1:]] + [low_y]
    for panel, (top, _), edge in zip(panels, titles, edges, strict=True):
        found = [line.answer for line in panel.rows if not line.answer.question.one_group]
        mids = {a.mid.value: a.mid for a in found if a.mid is not None}.values()
        for mid in mids:
            shapes.append(
                {
                    "type": "rect", "xref": theme.VALUES, "yref": "y", "layer": "below", "line": {"width": 0},
                    "x0": -mid.value, "x1": mid.value, "y0": edge, "y1": top - 0.2, "fillcolor": theme.BAND,
                }
            )  # fmt: skip
            annotations.append(
                {
                    "xref": theme.VALUES, "yref": "y", "x": 0, "y": edge, "yanchor": "bottom", "showarrow": False,
                    "text": too_small(mid), "font": {"size": 10 if narrow else 11},
                }
            )  # fmt: skip
    between = any(not line.answer.question.one_group for p in panels for line in p.rows)
    lines = [0.0] if between else []
    for value in lines + ([mark.value] if mark else []):
        shapes.append(
            {
                "type": "line", "xref": theme.VALUES, "yref": "y", "x0": value, "x1": value, "y0": low_y,
                "y1": 0.35, "layer": "below", "line": {"color": theme.GREY, "width": 1.4},
            }
        )  # fmt: skip
    if mark:
        annotations.append(
            {
                "xref": theme.VALUES, "yref": "y", "x": mark.value, "y": 0.35, "yanchor": "bottom",
                "text": mark.text, "showarrow": False, "font": {"size": 12},
            }
        )  # fmt: skip
    for text, x, anchor in ((left, domain[0], "left"), (right, domain[1], "right")):
        if text:
            annotations.append(
                {
                    "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor,
                    "yanchor": "top", "yshift": -26, "text": text, "showarrow": False,
                    "font": {"size": 12},
                }
            )  # fmt: skip
    ticks: dict[str, Any] = {
        "nticks": 6 if narrow else 9,
        "ticksuffix": "%" if frame.kind == "percent" else "",
    }
    if frame.kind == "ratio":
        ticks = ratio_axis_ticks(*frame.span)
    return {
        "height": frame.height,
        "margin": {"l": 8, "r": 8, "t": 6, "b": frame.bottom},
        "xaxis": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "xaxis2": {
            "range": list(frame.span), "domain": domain, "anchor": "y", "fixedrange": True, "showgrid": False,
            "zeroline": False, "showline": True, "ticks": "outside", "tickfont": {"size": 12},
            "title": {"text": axis_title, "font": {"size": 12}, "standoff": 24}, **ticks,
        },
        "yaxis": theme.HIDDEN_AXIS | {"range": [low_y, 0.75 if mark else 0.5]},
        "shapes": shapes,
        "annotations": annotations,
    }  # fmt: skip


def _own_intervals(
    answer: Answer, heights: Sequence[float], colour: str, lower: float, upper: float
) -> list[dict[str, Any]]:
    """Each study's own interval, where too few to pool are drawn one by one."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    cuts: list[tuple[float, float, str]] = []
    for study, y in zip(answer.studies, heights, strict=True):
        low, high = (_at(answer, v) for v in study.interval(answer.question.level))
        xs += [max(low, lower), min(high, upper), None]
        ys += [y, y, None]
        cuts += [(lower, y, "left")] if low < lower else []
        cuts += [(upper, y, "right")] if high > upper else []
    return [theme.line(xs, ys, 2, colour), theme.arrows(cuts, colour)]
