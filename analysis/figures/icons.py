"""A pair of icon arrays: of 100 people without and with the procedure, how many have the event.

The whole denominator is drawn, filled in reading order, the numbers stand above (Garcia-Retamero and Cokely
2017, Human Factors 59, 582-627). A filled disc is a person with the event, an open one a person without, so
that colour is not the only code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis.figures import theme

_SIDE = 10
_GAP = 4.0
_STEP = 22
"""Pixels from one icon to the next."""


@dataclass(frozen=True, slots=True)
class Group:
    """One array: who they are, how many of 100 have the event, the line below, the treatment (for its colour)."""

    label: str
    of_100: float
    note: str
    treatment: str


def icon_arrays(without: Group, with_: Group, *, narrow: bool = False) -> go.Figure:
    """Draw both arrays, the one without the procedure first; below each other on a narrow screen.

    Raises
    ------
    ValueError
        When a number is not between 0 and 100.
    """
    for group in (without, with_):
        if not 0 <= group.of_100 <= 100:
            raise ValueError(f"of_100: found {group.of_100}, allowed: 0 to 100")
    below = _SIDE + 3.4
    places = [(0.0, 0.0), (0.0, -below)] if narrow else [(0.0, 0.0), (_SIDE + _GAP, 0.0)]
    traces: list[dict[str, Any]] = []
    for group, (x, y) in zip((without, with_), places, strict=True):
        traces += _array(group, x, y)
    lowest = min(y for _, y in places) - _SIDE - 0.2
    width = _SIDE if narrow else 2 * _SIDE + _GAP
    height = int((2.6 - lowest) * _STEP) + 12
    # the arrays keep to the left, whatever the width: icons of one size, never stretched
    room = 14.0 if narrow else 46.0
    layout = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 8},
        "xaxis": theme.HIDDEN_AXIS
        | {"range": [-0.5, max(width, room) - 0.5], "domain": [0, 1]},
        "yaxis": theme.HIDDEN_AXIS | {"range": [lowest, 2.6]},
    }  # fmt: skip
    return theme.figure(traces, layout)


def _array(group: Group, x: float, y: float) -> list[dict[str, Any]]:
    filled = round(group.of_100)
    cells = [(x + i % _SIDE, y - i // _SIDE) for i in range(_SIDE * _SIDE)]
    colour = theme.colour(group.treatment)
    number = f"<b>{filled} of 100</b>"
    return [
        _marks(cells[:filled], "circle", colour, 0),
        _marks(cells[filled:], "circle-open", theme.GREY, 1.4),
        {
            "type": "scatter",
            "mode": "text",
            "x": [x - 0.4, x - 0.4],
            "y": [y + 2.0, y + 1.0],
            "text": [f"{number} {group.label}", group.note],
            "textposition": "middle right",
            "textfont": {"size": 13},
            "hoverinfo": "skip",
            "cliponaxis": False,
        },
    ]


def _marks(
    cells: list[tuple[float, float]], symbol: str, colour: str, width: float
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in cells],
        "y": [y for _, y in cells],
        "marker": {
            "symbol": symbol, "size": 14, "color": colour, "opacity": 1,
            "line": {"width": width, "color": colour},
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }  # fmt: skip
