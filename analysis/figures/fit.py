"""How wide a text is, and how large it can be set in a box: a slide must not cut a word off.

Widths are those of Arial, in thousandths of the type size (Liberation Sans has the same). They stand here so
that a slide comes out the same on a machine that has neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from unicodedata import east_asian_width

_ASCII = {
    False: (
        "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 "
        "556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 "
        "722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 "
        "556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 "
        "260 334 584 "
    ),
    True: (
        "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 "
        "556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 "
        "722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 "
        "556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 "
        "280 389 584 "
    ),
}
_REGULAR, _BOLD = (
    {chr(32 + i): int(width) for i, width in enumerate(_ASCII[bold].split())}
    for bold in (False, True)
)
_SPECIAL = {
    "−": 584,
    "–": 556,
    "“": 500,
    "”": 500,
    "‘": 278,
    "’": 278,
    "²": 333,
    "τ": 446,
    "·": 278,
}
_OTHER = 700
"""For letters with accents and everything else: rather too wide than cut off."""
_SQUARE = 1000
"""Chinese, Japanese and Korean signs are as wide as the type is high."""
_FIRST_SQUARE = "\u1100"
"""No sign before this one is square: where none is, the widths of words add up."""

_BETWEEN = 250
"""Programs part them from other letters by a quarter of their width."""

LEADING = 1.2
"""Height of a line, of the type size."""
_SAFETY = 1.03
"""Programs space letters a little differently."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line in points, rather too large than too small.

    >>> round(width("Pain", 100), 1)
    206.1
    """
    return _points(_units(text, bold), size)


def _points(units: int, size: float) -> float:
    return units * size * _SAFETY / 1000


def _units(text: str, bold: bool) -> int:
    """Width of one line in thousandths of the type size."""
    table = _BOLD if bold else _REGULAR
    try:
        return sum(map(table.__getitem__, text))
    except KeyError:  # other signs than those of plain English
        letters = sum(table.get(c) or _SPECIAL.get(c) or _rare(c) for c in text)
        square = [_rare(c) == _SQUARE for c in text]
        return letters + _BETWEEN * sum(a != b for a, b in pairwise(square))


def _rare(letter: str) -> int:
    return _SQUARE if east_asian_width(letter) in "WF" else _OTHER


def lines(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text broken into lines no wider than `room` points; a word that is wider is broken, too.

    >>> lines("one two three", 10, 40)
    ['one two', 'three']
    """
    found: list[str] = []
    for paragraph in text.split("\n"):
        adds_up = max(paragraph, default="") < _FIRST_SQUARE
        line, units = "", 0
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if adds_up:
                longer_units = units + _units(longer[len(line) :], bold)
            else:
                longer_units = _units(longer, bold)
            if _points(longer_units, size) <= room:
                line, units = longer, longer_units
                continue
            if line:
                found.append(line)
            line = word
            while width(line, size, bold=bold) > room and len(line) > 1:
                n = _letters(line, size, room, bold)
                found.append(line[:n])
                line = line[n:]
            units = _units(line, bold)
        found.append(line)
    return found


def _letters(word: str, size: float, room: float, bold: bool) -> int:
    n = 1
    while n < len(word) and width(word[: n + 1], size, bold=bold) <= room:
        n += 1
    return n


def fitted(
    text: str, sizes: Sequence[float], room: float, height: float, *, bold: bool = False
) -> tuple[float, list[str]]:
    """The largest of `sizes` at which the text fits a box of points, and its lines then.

    Where it does not fit at the smallest, its end gives way to an ellipsis; the notes of a slide hold it whole.

    >>> fitted("Pain after one month", (20, 16, 12), 100, 40)
    (16, ['Pain after', 'one month'])
    """
    for size in sizes:
        broken = lines(text, size, room, bold=bold)
        if len(broken) * size * LEADING <= height:
            return size, broken
    size = sizes[-1]
    most = max(int(height / (size * LEADING)), 1)
    kept = lines(text, size, room, bold=bold)
    if len(kept) > most:
        kept = kept[:most]
        kept[-1] = shortened(kept[-1] + " …", size, room, bold=bold)
    return size, kept


def whole_sentences(
    sentences: Sequence[str], size: float, room: float, most: int, *, bold: bool = False
) -> str:
    """As many of the sentences, from the first on, as stand whole in `most` lines; one too long is passed over.

    >>> whole_sentences(("One is short.", "Two is not short at all.", "Three."), 10, 110, 1)
    'One is short. Three.'
    """
    kept = ""
    for sentence in filter(None, sentences):
        longer = f"{kept} {sentence}" if kept else sentence
        if len(lines(longer, size, room, bold=bold)) <= most:
            kept = longer
    return kept


def shortened(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text on one line, its end replaced by an ellipsis where it is too wide.

    >>> shortened("a long address", 10, 40)
    'a long…'
    """
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip(" …") + "…"
