"""The map of evidence gaps: outcomes down, comparisons and times across, a numbered square per question.

The bundle of plotly that the pages ship has no heat map; squares in a scatter show more: their area is the
number of studies, an empty question stays visible as a dot, and silence (a result without numbers) is a diamond.
"""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.figures import theme
from analysis.figures.words import wrap
from analysis.survey.gaps import Cell, Gaps, comparison_name

_SHORT_TIMES = {"any": "last"}
_COLUMN_GAP = 1.2
_HEAD = 26
"""Letters of a line above a comparison: the width of its eight columns on paper."""
_FILL = "rgba(117, 128, 138, 0.22)"


def gap_map(found: Gaps, *, narrow: bool = False) -> go.Figure:
    """Draw the map; on a phone the comparisons stand below each other.

    Every mark carries its Question's query as custom data, for pages that open it on a click.
    """
    places: list[tuple[float, float, Cell]] = []
    labels: list[tuple[float, str]] = []
    heads: list[tuple[float, float, str]] = []
    times: list[tuple[float, float, str]] = []
    y = 0.0
    for i, pair in enumerate(found.comparisons):
        x = 0.0 if narrow else i * (len(words.WINDOWS) + _COLUMN_GAP)
        top = y if narrow else 0.0
        name = comparison_name(pair)
        head = f"{name[0].upper()}{name[1:]}"
        lines = [head] if narrow else wrap(head, _HEAD)
        heads.append((x - 0.4, top + 1.3 + 0.3 * len(lines), f"<b>{'<br>'.join(lines)}</b>"))
        times += [
            (x + t, top + 0.75, _SHORT_TIMES.get(key, key)) for t, key in enumerate(words.WINDOWS)
        ]
        shown = [line for line in found.lines if not narrow or line.cells[i][0].asked]
        for j, line in enumerate(shown):
            at = top - j
            if narrow or i == 0:
                labels.append((at, line.label))
            places += [(x + t, at, cell) for t, cell in enumerate(line.cells[i]) if cell.asked]
        y = top - len(shown) - 2.2
    lowest = min(at for _, at, _ in places) - 0.8
    highest = 2.2 if narrow else 2.6
    row = 25 if narrow else 27
    right = max(x for x, _, _ in places) + 0.8
    traces = [*_marks(places), *_labels(labels, narrow), *_texts(heads, times)]
    return theme.figure(
        traces,
        {
            "height": int((highest - lowest) * row) + 8,
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "xaxis": theme.HIDDEN_AXIS | {"range": [0, 1], "domain": [0, 1]},
            "xaxis2": theme.HIDDEN_AXIS
            | {"range": [-0.8, right], "domain": [0.36, 1] if narrow else [0.23, 1]},
            "yaxis": theme.HIDDEN_AXIS | {"range": [lowest, highest]},
            "shapes": _stripes(labels, lowest),
        },
    )


def _marks(places: list[tuple[float, float, Cell]]) -> list[dict[str, Any]]:
    studies = [p for p in places if p[2].k]
    silent = [p for p in places if p[2].silent and not p[2].k]
    empty = [p for p in places if not p[2].k and not p[2].silent]
    return [
        _trace(empty, "circle-open", [5.0] * len(empty), text=False),
        _trace(studies, "square", [_side(cell.k) for _, _, cell in studies]),
        _trace(silent, "diamond-open", [21.0] * len(silent)),
    ]


def _side(k: int) -> float:
    """Pixels: the area grows with the number of studies up to twenty."""
    return 14 + 10 * math.sqrt(min(k, 20) / 20)


def _trace(
    places: list[tuple[float, float, Cell]], symbol: str, sizes: list[float], text: bool = True
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers+text" if text else "markers",
        "x": [x for x, _, _ in places],
        "y": [y for _, y, _ in places],
        "text": [_number(cell) for _, _, cell in places] if text else None,
        "textfont": {"size": [11 if len(_number(cell)) < 3 else 9.5 for _, _, cell in places]},
        "xaxis": theme.VALUES,
        "yaxis": "y",
        "customdata": [cell.question.to_query() for _, _, cell in places],
        "hovertext": [f"{cell.question.title()}: {cell.text}" for _, _, cell in places],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "symbol": symbol, "size": sizes, "opacity": 1,
            "color": _FILL if symbol == "square" else theme.GREY,
            "line": {"color": theme.GREY, "width": 1.6 if symbol != "circle-open" else 1.2},
        },
        "cliponaxis": False,
    }  # fmt: skip


def _number(cell: Cell) -> str:
    if not cell.k:
        return str(cell.silent)
    return f"{cell.k}+{cell.silent}" if cell.silent else str(cell.k)


def _labels(labels: list[tuple[float, str]], narrow: bool) -> list[dict[str, Any]]:
    if not narrow:
        return [theme.text_column(0.0, labels)]
    wrapped = [(y, "<br>".join(wrap(text, 27)[:2])) for y, text in labels]
    return [theme.text_column(0.0, wrapped, size=10)]


def _texts(
    heads: list[tuple[float, float, str]], times: list[tuple[float, float, str]]
) -> list[dict[str, Any]]:
    def column(parts: list[tuple[float, float, str]], position: str, size: int) -> dict[str, Any]:
        return {
            "type": "scatter", "mode": "text", "hoverinfo": "skip", "cliponaxis": False,
            "xaxis": theme.VALUES, "yaxis": "y",
            "x": [x for x, _, _ in parts], "y": [y for _, y, _ in parts],
            "text": [text for _, _, text in parts], "textposition": position,
            "textfont": {"size": size},
        }  # fmt: skip

    return [column(heads, "middle right", 12), column(times, "middle center", 11)]


def _stripes(labels: list[tuple[float, str]], lowest: float) -> list[dict[str, Any]]:
    """A faint line under each row, so that the eye finds its label."""
    return [
        {
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": y - 0.5,
            "y1": y - 0.5, "layer": "below", "line": {"color": theme.BAND, "width": 1},
        }
        for y, _ in labels
        if y - 0.5 > lowest
    ]  # fmt: skip


def legend() -> str:
    """How to read the map, in one sentence."""
    named = {_SHORT_TIMES.get(key, key): w.label for key, w in words.WINDOWS.items()}
    plain = [key for key, label in named.items() if label.startswith(f"{key[:-1]} ")]
    times = [f"{key}: {label}" for key, label in named.items() if key not in plain]
    times[1:1] = ["w: week", "m: months"] if plain else []
    return (
        "A square shows the number of studies that an answer can use; a diamond counts studies that reported the "
        "outcome without numbers, as does the number behind a plus; a dot is a question that no study answers. "
        f"{'; '.join(times)}."
    )
