"""Figures of a network: its graph, its forest against one reference, and the steps from care to treatment."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.errors import NotEstimable
from analysis.evidence import Evidence
from analysis.figures import theme
from analysis.figures.axis import Axis
from analysis.figures.columns import DRAWING, NAMES, RESULTS, broken
from analysis.figures.interval_rows import IntervalRow, interval_axis, interval_rows
from analysis.figures.network_table import blocks
from analysis.figures.words import axis_title
from analysis.network import Link, NetworkAnswer, wording
from analysis.network.answer import Ends
from analysis.prose import capital, counted
from analysis.question import Question, overlap

LINES = {"blinded": ("#1f8a99", "solid"), "mixed": ("#1f8a99", "dash"), "open": (theme.GREY, "dot")}
"""Colour and dash of a comparison by whether patients were blinded: never colour alone."""
_KINDS = {
    "blinded": "patients did not know their treatment",
    "mixed": "in some trials they did",
    "open": "patients knew their treatment",
}
_HEIGHT = 400


def network_graph(net: NetworkAnswer, *, narrow: bool = False) -> go.Figure:
    """Treatments as nodes by patients, comparisons as lines by trials; marks carry what a click opens.

    `customdata` is the address that a click opens: the comparison of a line (on the number in its middle), or the
    same network with that treatment as its reference.
    """
    place = _places(net)
    most = max(len(link.trials) for link in net.links)
    traces = [_line(link, place, most) for link in net.links]
    traces.append(_counts(net, place))
    traces.append(_nodes(net, place))
    traces.append(_names(net, place, narrow))
    kinds = dict.fromkeys(link.kind for link in net.links)
    dashes = {"solid": "━━━", "dash": "─ ─ ─", "dot": "·····"}
    key = "<br>".join(f"{dashes[LINES[k][1]]} {_KINDS[k]}" for k in LINES if k in kinds)
    across = 1.75 if narrow else 2.3
    return theme.figure(
        traces,
        {
            "height": _HEIGHT,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 26 + 17 * len(kinds)},
            "xaxis": theme.HIDDEN_AXIS | {"range": [-across, across]},
            "yaxis": theme.HIDDEN_AXIS | {"range": [-1.6, 1.6]},
            "annotations": [
                {
                    "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
                    "yshift": -6, "text": key, "showarrow": False, "align": "left", "font": {"size": 12},
                }
            ],
        },
    )  # fmt: skip


def compared(net: NetworkAnswer, link: Link) -> Question:
    """The Question of a comparison."""
    return net.question.replace(intervention=link.pair[0], comparator=link.pair[1])


def against(net: NetworkAnswer, reference: str) -> Question:
    """The Question of the network with another reference; the two sides change places where they must."""
    q = net.question
    side = q.comparator if overlap(q.intervention, reference) else q.intervention
    return q.replace(intervention=side, comparator=reference)


def _places(net: NetworkAnswer) -> dict[str, tuple[float, float]]:
    """Treatments on a circle, in the topic's order, so that a network looks alike at every time."""
    shown = [side for side in words.ASKED_FIRST if side in net.treatments]
    n = len(shown)
    if n == 2:
        return {shown[0]: (-1.0, 0.0), shown[1]: (1.0, 0.0)}
    turn = 2 * math.pi / n
    return {
        side: (math.sin(turn * (i + 0.5)) * 1.15, math.cos(turn * (i + 0.5)))
        for i, side in enumerate(shown)
    }


def _line(link: Link, place: dict[str, tuple[float, float]], most: int) -> dict[str, Any]:
    (x0, y0), (x1, y1) = (place[side] for side in link.pair)
    colour, dash = LINES[link.kind]
    width = 2.5 + 7 * (len(link.trials) - 1) / max(most - 1, 1)
    return {
        "type": "scatter", "mode": "lines", "x": [x0, x1], "y": [y0, y1], "hoverinfo": "skip",
        "line": {"color": colour, "width": width, "dash": dash},
    }  # fmt: skip


def _counts(net: NetworkAnswer, place: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """How many trials, in the middle of each line: what is clicked to open the comparison."""
    middles = [
        tuple(sum(place[side][k] for side in link.pair) / 2 for k in (0, 1)) for link in net.links
    ]
    hover = [
        f"<b>{capital(wording.versus(link.pair))}</b><br>{counted(len(link.trials), 'trial')}, "
        f"{link.patients:,.0f} patients; {_KINDS[link.kind]}<br>"
        + "<br>".join(t.label for t in link.trials)
        + "<br>Click to open the comparison."
        for link in net.links
    ]
    return {
        "type": "scatter", "mode": "markers+text", "x": [x for x, _ in middles], "y": [y for _, y in middles],
        "text": [str(len(link.trials)) for link in net.links], "textposition": "middle center",
        "textfont": {"size": 13, "color": theme.INK},
        "marker": {"size": 24, "color": "#ffffff", "opacity": 1,
                   "line": {"width": 1.5, "color": [LINES[link.kind][0] for link in net.links]}},
        "customdata": [f"/compare?{compared(net, link).to_query()}" for link in net.links],
        "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _patients(net: NetworkAnswer) -> dict[str, float]:
    found = dict.fromkeys(net.treatments, 0.0)
    for trial in net.trials:
        for side, n in trial.sizes.items():
            found[side] += 0 if math.isnan(n) else n
    return found


def _nodes(net: NetworkAnswer, place: dict[str, tuple[float, float]]) -> dict[str, Any]:
    patients = _patients(net)
    most = max(max(patients.values()), 1.0)
    sides = list(net.treatments)
    return {
        "type": "scatter", "mode": "markers", "x": [place[s][0] for s in sides], "y": [place[s][1] for s in sides],
        "marker": {
            "size": [18 + 30 * math.sqrt(patients[s] / most) for s in sides], "opacity": 1,
            "color": [theme.colour(s) for s in sides],
            "line": {"width": [4 if s == net.reference else 1 for s in sides], "color": theme.GREY},
        },
        "customdata": [f"/network?{against(net, s).to_query()}" for s in sides],
        "hovertext": [
            f"<b>{capital(words.TREATMENTS[s])}</b><br>{patients[s]:,.0f} patients<br>"
            + ("The reference." if s == net.reference else "Click to compare with it.")
            for s in sides
        ],
        "hovertemplate": "%{hovertext}<extra></extra>", "cliponaxis": False,
    }  # fmt: skip


def _names(
    net: NetworkAnswer, place: dict[str, tuple[float, float]], narrow: bool
) -> dict[str, Any]:
    """Names outside the circle, with the number of patients."""
    patients = _patients(net)
    shown = [(side, *place[side]) for side in net.treatments]

    def bold(side: str) -> str:
        name = capital(words.SHORT[side])
        if side != net.reference:
            return name
        return f"<b>{name}</b>" if narrow else f"<b>{name}</b> (reference)"

    return {
        "type": "scatter", "mode": "text", "x": [x for _, x, _ in shown],
        "y": [y + (0.42 if y >= -0.05 else -0.42) for _, _, y in shown],
        "text": [f"{bold(side)}<br>{patients[side]:,.0f} patients" for side, _, _ in shown],
        "textposition": "middle center", "textfont": {"size": 12}, "hoverinfo": "skip", "cliponaxis": False,
    }  # fmt: skip


def network_forest(net: NetworkAnswer, evidence: Evidence, *, narrow: bool = False) -> go.Figure:
    """Every treatment against the reference: direct, indirect and together; the band is the important difference."""
    better, worse = "a treatment", words.SHORT[net.reference]
    left, right = (better, worse) if net.question.spec.lower_is_better else (worse, better)
    return interval_rows(
        _blank(net, evidence), blocks(net), note="Bold: the answer. " + wording.model(net), narrow=narrow,
        between=(f"◀ favours<br>{left}", f"favours ▶<br>{right}"),
    )  # fmt: skip


def _blank(net: NetworkAnswer, evidence: Evidence) -> Answer:
    """The answer whose question gives axis and important difference, without a pooled value to draw."""
    return replace(answer(net.question, evidence), told=None)


def steps_figure(net: NetworkAnswer, evidence: Evidence, *, narrow: bool = False) -> go.Figure:
    """A waterfall from usual care upwards: each bar starts where the one before ends; thin lines are intervals.

    Raises
    ------
    ValueError
        Where the network has not all of the topic's steps.
    """
    if not net.steps:
        raise NotEstimable("the network has not all of the topic's steps")
    q, found = net.question, [step.contrast.combined for step in net.steps]
    rows, start = [], 0.0
    for step, ends in zip(net.steps, found, strict=True):
        rows.append((step, start, start + ends.estimate, ends))
        start += ends.estimate
    reach = [IntervalRow("", s + e.estimate, s + e.low, s + e.high, "") for _, s, _, e in rows]
    whole = _whole(net)
    if whole is not None:
        reach.append(IntervalRow("", whole.estimate, whole.low, whole.high, ""))
    axis = interval_axis(_blank(net, evidence), reach)
    lift = 0.55 if narrow else 0.0
    gap = 1.7 if narrow else 1.0
    ys = [-gap * i for i in range(len(rows) + 1)]
    total = start
    traces: list[dict[str, Any]] = []
    for (step, begin, end, ends), y in zip(rows, ys, strict=False):
        low, high = axis.at(begin + ends.low), axis.at(begin + ends.high)
        hue = theme.colour(step.contrast.pair[0])
        traces.append(_bar(axis, begin, end, y, hue))
        traces.append(theme.line([axis.inside(low), axis.inside(high)], [y, y], 1.6, theme.GREY))
        traces.append(theme.arrows(axis.cuts(low, high, y)))
        if y != ys[-2]:
            traces.append(theme.line([axis.inside(axis.at(end))] * 2, [y, y - gap], 1, theme.GREY))
    traces.append(_bar(axis, 0.0, total, ys[-1], theme.GREY))
    if whole is not None:
        ends = [axis.at(whole.low), axis.at(whole.high)]
        traces.append(theme.line([axis.inside(x) for x in ends], [ys[-1]] * 2, 1.6, theme.GREY))
    names = [
        f"{step.label}: {words.SHORT[step.contrast.pair[0]]} − {words.SHORT[step.contrast.pair[1]]}"
        for step, *_ in rows
    ]
    names.append(
        f"Together: {words.SHORT[rows[-1][0].contrast.pair[0]]} − {words.SHORT[rows[0][0].contrast.pair[1]]}"
    )
    texts = [wording.estimate(q, ends) for *_, ends in rows]
    texts.append(wording.estimate(q, whole) if whole is not None else printed(q, total, False))
    if narrow:
        stacked = [(y + lift, f"{n}   {t}") for y, n, t in zip(ys, names, texts, strict=True)]
        stacked[-1] = (stacked[-1][0], f"<b>{stacked[-1][1]}</b>")
        traces.append(theme.text_column(0.0, stacked, size=11))
    else:
        sides = (names, 0.0, "right", NAMES), (texts, 0.995, "left", RESULTS)
        for told, x, align, room in sides:
            column = [(y, "<br>".join(broken(t, 12, room))) for y, t in zip(ys, told, strict=True)]
            column[-1] = (ys[-1], f"<b>{column[-1][1]}</b>")
            traces.append(theme.text_column(x, column, align, size=12))
    top, bottom = (1.1 if narrow else 0.7), ys[-1] - 0.7
    return theme.figure(traces, _steps_layout(net, axis, top, bottom, narrow, evidence))


def _whole(net: NetworkAnswer) -> Ends | None:
    """The last treatment of the steps against the first one's comparator, where the network tells that pair."""
    found = net.contrasts.get((net.steps[-1].contrast.pair[0], net.steps[0].contrast.pair[1]))
    return found.combined if found is not None else None


def _bar(axis: Axis, begin: float, end: float, y: float, hue: str) -> dict[str, Any]:
    x0, x1 = axis.inside(axis.at(begin)), axis.inside(axis.at(end))
    return theme.line(
        [x0, x1, x1, x0, x0], [y - 0.24, y - 0.24, y + 0.24, y + 0.24, y - 0.24], 1, theme.GREY,
        fill="toself", fillcolor=hue,
    )  # fmt: skip


def _steps_layout(
    net: NetworkAnswer, axis: Axis, top: float, bottom: float, narrow: bool, evidence: Evidence
) -> dict[str, Any]:
    layout = axis.layout(_blank(net, evidence))
    layout["title"] = layout["title"] | {"text": axis_title(net.question), "standoff": 8}
    zero = {
        "type": "line", "xref": theme.VALUES, "yref": "y", "x0": axis.at(0.0), "x1": axis.at(0.0), "y0": bottom,
        "y1": top - 0.2, "layer": "below", "line": {"color": theme.GREY, "width": 1.2},
    }  # fmt: skip
    return {
        "height": int((top - bottom) * 40) + 70,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 56},
        "xaxis": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "xaxis2": layout | {"domain": [0.02, 0.98] if narrow else list(DRAWING), "anchor": "y"},
        "yaxis": theme.HIDDEN_AXIS | {"range": [bottom, top]},
        "shapes": [zero],
    }
