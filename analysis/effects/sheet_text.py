"""A number as a person wrote it in a cell: decimal sign, thousands, typographic minus, empty cells.

Knows nothing of effect measures and of files; nothing is guessed in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Literal

DecimalSign = Literal[".", ",", "mixed", "unclear"]

EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "-", "\N{EN DASH}", "\N{EM DASH}"})

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
# "1,234" may be a thousand or one and a bit; "0,123" and "12,34" can only be decimals.
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


class UnreadableNumber(ValueError):
    """A cell that is no number; the message says what is allowed."""


def decimal_sign(texts: Iterable[str]) -> DecimalSign:
    """The decimal sign that the numeric cells of one file agree on.

    ``mixed``: points and commas both occur. ``unclear``: every comma might as well mark thousands.

    >>> decimal_sign(["0.5", "12"]), decimal_sign(["0,5", "1,234"])
    ('.', ',')
    >>> decimal_sign(["0.5", "0,5"]), decimal_sign(["1,234", "7"])
    ('mixed', 'unclear')
    """
    cells = [_plain(text) for text in texts]
    commas = [cell for cell in cells if _COMMA_NUMBER.fullmatch(cell) or _thousands(cell)]
    if not commas:
        return "."
    if any("." in cell and _NUMBER.fullmatch(cell) for cell in cells):
        return "mixed"
    return "unclear" if all(_thousands(cell) for cell in commas) else ","


def number(text: str, sign: DecimalSign, *, whole: bool = False) -> float:
    """The number in a cell; NaN where the cell is empty or says so (NA, n/a, a dash).

    ``whole`` is for counts and sizes, where "1,234" must not become 1.234 even in a file with
    decimal commas.

    Raises
    ------
    UnreadableNumber
        Anything else.

    >>> number("0,25", ","), number("\\u22121.5e2", "."), number("n/a", ".")
    (0.25, -150.0, nan)
    """
    cell = _plain(text)
    if cell.lower() in EMPTY:
        return math.nan
    if _COMMA_NUMBER.fullmatch(cell) or _thousands(cell):
        if sign == "mixed":
            raise UnreadableNumber("one decimal sign in the whole file (both . and , occur)")
        if sign == "unclear" or (_thousands(cell) and (whole or cell.count(",") > 1)):
            bare = cell.replace(",", "")
            raise UnreadableNumber(f"{bare} without a separator, or a decimal point")
        cell = cell.replace(",", ".")
    if not _NUMBER.fullmatch(cell):
        raise UnreadableNumber("a number, or an empty cell")
    value = float(cell)
    if math.isinf(value):
        raise UnreadableNumber("a finite number")
    return value


def _thousands(cell: str) -> bool:
    return _MAYBE_THOUSANDS.fullmatch(cell) is not None


def _plain(text: str) -> str:
    """A cell without the typographic variants of minus and of spaces."""
    return text.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ").strip()
