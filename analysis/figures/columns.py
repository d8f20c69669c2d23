"""The columns of text at the sides of a drawing: how wide they are, and how texts break into them.

The drawing has at least 55% of the width, on a page and on a slide with its margins. What the columns have no room
for stands on a second line.
"""

from __future__ import annotations

from analysis.figures.fit import lines, shortened

DRAWING = (0.21, 0.8)
"""Where the drawing stands, of the width between the margins: names to its left, results to its right."""
_NARROWEST = 880
"""Pixels between the margins of a small screen; on one smaller still a long name reaches into the drawing's edge."""
NAMES, RESULTS = 0.2 * _NARROWEST, 0.19 * _NARROWEST
"""Pixels that the two columns have at least."""
LINE = 15
"""Height of a line of a column in pixels."""


def broken(text: str, size: float, room: float = NAMES, most: int = 3) -> list[str]:
    """A text as lines that a column has room for; the last of `most` ends in an ellipsis where more would follow.

    >>> broken("Kyphoplasty against non-surgical care", 12)
    ['Kyphoplasty against', 'non-surgical care']
    """
    found = lines(text, size, room)
    if len(found) <= most:
        return found
    return [*found[: most - 1], shortened(" ".join(found[most - 1 :]), size, room)]


def small(text: str) -> str:
    """What stands small below a name or a result."""
    return f'<span style="font-size:11px">{text}</span>' if text else ""
