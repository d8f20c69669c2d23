"""Small pictures for the cells of a table: one hundred people as dots, and a difference on the outcome's scale.

SVG as text with its words inside (`title`), so that it stands in a page without a script. The whole denominator is
drawn, filled in reading order (Garcia-Retamero and Cokely 2017, Human Factors 59, 582-627); a filled dot is a
person with the event, an open one a person without, so that colour is not the only code. Greys are middle ones,
readable on white and on black.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape

from analysis.errors import InputError
from analysis.figures import theme

_SIDE, _STEP, _RADIUS = 10, 10, 3.6
_GREY = "#7d868f"


def address(svg: str) -> str:
    """A picture as the address of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def people(of_100: float, treatment: str, text: str) -> str:
    """One hundred dots, `of_100` of them filled in the treatment's colour.

    Raises
    ------
    ValueError
        When the number is not between 0 and 100.
    """
    if not 0 <= of_100 <= 100:
        raise InputError(f"of_100: found {of_100}, allowed: 0 to 100")
    filled, colour = round(of_100), theme.colour(treatment)
    dots = []
    for i in range(_SIDE * _SIDE):
        x, y = (i % _SIDE + 0.5) * _STEP, (i // _SIDE + 0.5) * _STEP
        look = f'fill="{colour}"' if i < filled else f'fill="none" stroke="{_GREY}"'
        dots.append(f'<circle cx="{x:g}" cy="{y:g}" r="{_RADIUS}" {look}/>')
    return _svg(_SIDE * _STEP, _SIDE * _STEP, text, "".join(dots))


_WIDE, _HIGH = 240, 44


def strip(
    value: float,
    low: float,
    high: float,
    reach: float,
    mid: float | None,
    treatment: str,
    text: str,
) -> str:
    """A difference with its interval on an axis from -`reach` to `reach`; the band is what nobody would notice.

    What lies beyond the axis ends at it in an arrow.
    """

    def at(v: float) -> float:
        return (min(max(v / reach, -1.0), 1.0) + 1) * (_WIDE / 2 - 8) + 8

    colour, y = theme.colour(treatment), _HIGH / 2
    parts = []
    if mid is not None:
        left, right = at(-mid), at(mid)
        parts.append(
            f'<rect x="{left:.1f}" y="4" width="{right - left:.1f}" height="{_HIGH - 8}" fill="{_GREY}" '
            'fill-opacity="0.22"/>'
        )
    parts.append(f'<path d="M{at(0):.1f} 2V{_HIGH - 2}" stroke="{_GREY}" stroke-width="1.5"/>')
    parts.append(
        f'<path d="M{at(low):.1f} {y}H{at(high):.1f}" stroke="{colour}" stroke-width="4"/>'
    )
    for end, beyond in ((low, low < -reach), (high, high > reach)):
        if beyond:
            side = -1 if end < 0 else 1
            x = at(end)
            parts.append(
                f'<path d="M{x:.1f} {y - 6}L{x + 7 * side:.1f} {y}L{x:.1f} {y + 6}Z" fill="{colour}"/>'
            )
    parts.append(f'<path d="M{at(value):.1f} {y - 9}l8 9l-8 9l-8 -9Z" fill="{colour}"/>')
    return _svg(_WIDE, _HIGH, text, "".join(parts))


def _svg(width: float, height: float, text: str, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(text)}</title>{content}</svg>'
    )
