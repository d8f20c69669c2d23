"""Extended funnel: what the meta-analysis would conclude with one more trial, by its result and its size.

Source: Langan, Higgins, Gregory and Sutton (2012), Journal of Clinical Epidemiology 65, 511-519. Upwards stands the
number of patients instead of the standard error: that is what a planner chooses. Regions carry a letter besides
their colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.answer import Answer
from analysis.figures import theme
from analysis.figures.names import named, spread_names
from analysis.figures.pooled_axis import pooled_ticks
from analysis.figures.words import axis_title, sides, wrap

HEIGHT = {False: 330, True: 330}
"""Pixels of the drawing itself."""
MOST_NAMES = 15
_BLUE = "#56B4E9"
_WIDTH = {False: 900, True: 290}


@dataclass(frozen=True, slots=True)
class Region:
    """A kind of conclusion: its number in the grid, its letter, its colour with opacity, and what it means."""

    value: int
    letter: str
    fill: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Conclusions over results and sizes.

    `results` are edges of cells on the pooled scale, shape (m + 1,); `sizes` numbers of patients, rising, shape (n,);
    `found` the numbers of the conclusions, shape (n, m).
    """

    results: np.ndarray
    sizes: np.ndarray
    found: np.ndarray


def tint(colour: str, opacity: float) -> str:
    """A colour with opacity, as Plotly takes it.

    >>> tint("#0072B2", 0.5)
    'rgba(0,114,178,0.5)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def extended_funnel(
    answer: Answer,
    grid: Grid,
    regions: tuple[Region, ...],
    *,
    marks: Sequence[tuple[float, str]] = (),
    narrow: bool = False,
) -> go.Figure:
    """Draw the regions, the trials here as marks, and the pooled value as a dotted line.

    `marks` are values of the pooled scale with a name (a claimed percentage), drawn as dashed lines.
    """
    present = [region for region in regions if (grid.found == region.value).any()]
    traces = [_filled(grid, region) for region in present]
    traces.append(_letters(grid, present))
    traces.append(_trials(answer, grid, narrow))
    return theme.figure(traces, _layout(answer, grid, present, marks, narrow))


def outlines(grid: Grid, value: int) -> list[list[tuple[float, float]]]:
    """Closed outlines of the cells that hold a value, in result and number of patients.

    Runs of cells in neighbouring rows that overlap are chained: the left ends upwards, then the right ends down.
    """
    logs = np.log(grid.sizes)
    middle = 0.5 * (logs[1:] + logs[:-1])
    edges = np.exp(np.concatenate([logs[:1], middle, logs[-1:]]))
    chains: list[list[tuple[int, int, int]]] = []
    active: list[list[tuple[int, int, int]]] = []
    for row in range(len(grid.sizes)):
        runs = _runs(grid.found[row] == value)
        following = []
        for start, end in runs:
            below = [chain for chain in active if _overlap(chain[-1][1:], (start, end))]
            # where a region splits or two grow together, outlines end and new ones begin
            alone = len(below) == 1 and sum(_overlap(below[0][-1][1:], r) for r in runs) == 1
            chain = below[0] if alone else []
            if not alone:
                chains.append(chain)
            chain.append((row, start, end))
            following.append(chain)
        active = following
    shapes = []
    for chain in chains:
        levels = [
            edges[chain[0][0]],
            *(grid.sizes[row] for row, _, _ in chain),
            edges[chain[-1][0] + 1],
        ]
        runs = [chain[0], *chain, chain[-1]]
        left = [
            (float(grid.results[start]), float(y))
            for (_, start, _), y in zip(runs, levels, strict=True)
        ]
        right = [
            (float(grid.results[end]), float(y))
            for (_, _, end), y in zip(runs, levels, strict=True)
        ]
        shapes.append([*left, *right[::-1], left[0]])
    return shapes  # fmt: skip


def _runs(inside: np.ndarray) -> list[tuple[int, int]]:
    """First and last edge of each run of true cells."""
    padded = np.concatenate([[False], inside, [False]])
    starts = np.flatnonzero(padded[1:] & ~padded[:-1])
    ends = np.flatnonzero(~padded[1:] & padded[:-1])
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _filled(grid: Grid, region: Region) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for outline in outlines(grid, region.value):
        xs += [x for x, _ in outline] + [None]
        ys += [y for _, y in outline] + [None]
    return {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "fill": "toself",
        "fillcolor": region.fill, "line": {"width": 0}, "hoverinfo": "skip",
        "xaxis": "x", "yaxis": "y",
    }  # fmt: skip


def _letters(grid: Grid, present: list[Region]) -> dict[str, Any]:
    """A letter in the widest run of each region's cells that lies well inside it."""
    places = []
    for region in present:
        inside = grid.found == region.value
        rows = len(grid.sizes)
        runs = [(row, *run) for row in range(rows) for run in _runs(inside[row])]
        row, start, end = max(
            runs, key=lambda run: (run[2] - run[1]) * (1 + min(run[0], rows - 1 - run[0], 4))
        )
        centre = float(0.5 * (grid.results[start] + grid.results[end]))
        places.append((centre, float(grid.sizes[row]), f"<b>{region.letter}</b>"))
    return {
        "type": "scatter", "mode": "text", "x": [x for x, _, _ in places],
        "y": [y for _, y, _ in places], "text": [text for _, _, text in places],
        "textfont": {"size": 15}, "hoverinfo": "skip", "xaxis": "x", "yaxis": "y",
    }  # fmt: skip


def _trials(answer: Answer, grid: Grid, narrow: bool) -> dict[str, Any]:
    low, high = float(grid.results[0]), float(grid.results[-1])
    bottom, top = math.log(grid.sizes[0]), math.log(grid.sizes[-1])
    shown = [
        s
        for s in answer.studies
        if low <= s.yi <= high
        and not math.isnan(s.patients)
        and grid.sizes[0] <= s.patients <= grid.sizes[-1]
    ]
    trace = theme.marks(
        [s.yi for s in shown],
        [s.patients for s in shown],
        {
            "size": 10, "color": theme.colour(answer.question.intervention),
            "symbol": [theme.symbol_of(s) for s in shown],
            "line": {"width": 1.5, "color": "#ffffff"},
        },
        hovertext=[f"<b>{s.label}</b><br>{s.patients:,.0f} patients" for s in shown],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    if len(shown) <= MOST_NAMES:
        places = [
            ((s.yi - low) / (high - low), (math.log(s.patients) - bottom) / (top - bottom), s.label)
            for s in shown
        ]
        trace |= named(spread_names(places, width=_WIDTH[narrow], height=HEIGHT[narrow]))
    return trace | {"xaxis": "x"}


def _layout(
    answer: Answer,
    grid: Grid,
    present: list[Region],
    marks: Sequence[tuple[float, str]],
    narrow: bool,
) -> dict[str, Any]:
    q, pooled = answer.question, answer.pooled
    assert pooled is not None
    trial = "series" if q.one_group else "trial"
    width = 52 if narrow else 135
    lines = []
    for region in present:
        first, *rest = wrap(f"{region.letter}  {region.meaning}", width)
        colour = region.fill
        lines.append(f'<span style="color:{colour}">■■</span> {first}')
        lines += [f"       {more}" for more in rest]
    lines += wrap(
        f"Marks: what was found. Dotted line: the pooled result. The larger the new {trial}, the higher its mark.",
        width,
    )
    below = (62 if q.one_group else 92) + (18 if narrow else 0)
    bottom = below + 17 * len(lines) + 6
    above = 30 if marks else 12
    low, high = float(grid.results[0]), float(grid.results[-1])
    first, last = float(grid.sizes[0]), float(grid.sizes[-1])
    lines_at = [(pooled.estimate, "dot"), *((value, "dash") for value, _ in marks)]
    if not q.one_group:
        lines_at.append((0.0, "solid"))
    shapes = [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1,
            "layer": "above", "line": {"color": theme.GREY, "width": 1.3, "dash": dash},
        }
        for x, dash in lines_at
        if low <= x <= high
    ]  # fmt: skip
    annotations = [
        {
            "xref": "paper", "yref": "paper", "x": x, "y": 0, "xanchor": anchor, "yanchor": "top",
            "yshift": -24, "text": side, "showarrow": False, "align": anchor, "font": {"size": 12},
        }
        for side, x, anchor in zip(sides(q), (0, 1), ("left", "right"), strict=True)
        if side
    ]  # fmt: skip
    annotations += [
        {
            "xref": "x", "yref": "paper", "x": value, "y": 1, "yanchor": "bottom", "text": text,
            "xanchor": "center", "showarrow": False, "font": {"size": 12},
        }
        for value, text in marks
    ]  # fmt: skip
    annotations.append(
        {
            "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
            "yshift": -below, "xshift": -58, "text": "<br>".join(lines), "showarrow": False,
            "align": "left", "font": {"size": 12},
        }
    )  # fmt: skip
    frame = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
        "ticks": "outside", "tickfont": {"size": 12},
    }  # fmt: skip
    return {
        "height": HEIGHT[narrow] + bottom + above,
        "margin": {"l": 66, "r": 12, "t": above, "b": bottom},
        "xaxis": frame
        | pooled_ticks(q, low, high, narrow)
        | {
            "range": [low, high],
            "title": {
                "text": f"Result of the next {trial}:{'<br>' if narrow else ' '}{_lower(axis_title(q))}",
                "font": {"size": 12},
                "standoff": 8 if q.one_group else 42,
            },
        },
        "yaxis": frame
        | patient_ticks(first, last)
        | {"title": {"text": f"Patients in the next {trial}", "font": {"size": 12}}},
        "shapes": shapes,
        "annotations": annotations,
    }  # fmt: skip


def patient_ticks(first: float, last: float) -> dict[str, Any]:
    """A logarithmic axis of numbers of patients.

    >>> patient_ticks(20, 1000)["ticktext"]
    ['20', '50', '100', '200', '500', '1,000']
    """
    ticks = [
        m * 10**e for e in range(7) for m in (1, 2, 5) if 0.999 * first <= m * 10**e <= 1.001 * last
    ]
    return {
        "type": "log",
        "range": [math.log10(first), math.log10(last)],
        "tickvals": ticks,
        "ticktext": [f"{tick:,}" for tick in ticks],
    }


def _lower(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"


def regions_of(answer: Answer, meanings: dict[int, str]) -> tuple[Region, ...]:
    """Regions with the colours of the house: the treatment's for benefit, the comparator's for harm.

    `meanings` are keyed by the numbers of `Conclusion`: open 0, benefit 1, important 2, not important 3, harm 4.
    """
    q = answer.question
    treatment = theme.colour(q.intervention)
    other = _BLUE if q.one_group else theme.colour(q.comparator)
    fills = {
        2: ("A", tint(treatment, 0.62)),
        1: ("B", tint(treatment, 0.3)),
        3: ("C", tint(_BLUE, 0.42)),
        4: ("D", tint(other, 0.5)),
        0: ("E", tint(theme.GREY, 0.17)),
    }
    return tuple(
        Region(value, letter, fill, meanings[value])
        for value, (letter, fill) in fills.items()
        if value in meanings
    )
