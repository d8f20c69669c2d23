"""Names beside marks that do not run into each other, nor out of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CHARACTER, LINE = 6.6, 15
"""Pixels of a character and of a line at size 12."""
_GAP = 9
_MARK = 7
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Name:
    """The text beside a mark, empty where none fits, and the side on which it stands."""

    text: str
    position: str


def named(names: Sequence[Name]) -> dict[str, Any]:
    """What a trace of marks needs to show their names."""
    return {
        "mode": "markers+text",
        "text": [n.text for n in names],
        "textposition": [n.position for n in names],
        "textfont": {"size": 12},
    }


def spread_names(
    marks: Sequence[tuple[float, float, str]], *, width: float, height: float
) -> list[Name]:
    """Names of marks in their order; one that fits nowhere is left to the hover text and the table.

    Parameters
    ----------
    marks : x and y as shares of the drawing (0 to 1), and the name.
    width, height : pixels of the drawing.

    Examples
    --------
    >>> [n.position for n in spread_names([(0.1, 0.5, "A 2009"), (0.99, 0.5, "B")], width=300, height=200)]
    ['middle right', 'middle left']
    """
    taken = [
        (x * width - _MARK, y * height - _MARK, x * width + _MARK, y * height + _MARK)
        for x, y, _ in marks
    ]
    placed = []
    for x, y, text in marks:
        short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
        long, left, down = CHARACTER * len(short), x * width, y * height
        sides = {
            "middle right": (left + _GAP, down - LINE / 2, left + _GAP + long, down + LINE / 2),
            "middle left": (left - _GAP - long, down - LINE / 2, left - _GAP, down + LINE / 2),
            "top center": (left - long / 2, down + _GAP, left + long / 2, down + _GAP + LINE),
            "bottom center": (left - long / 2, down - _GAP - LINE, left + long / 2, down - _GAP),
        }
        name = Name("", "middle right")
        for position, box in sides.items():
            inside = box[0] >= 0 and box[2] <= width and box[1] >= -LINE / 2 and box[3] <= height
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                name = Name(short, position)
                break
        placed.append(name)
    return placed


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
