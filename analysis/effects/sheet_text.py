"""A CSV file as a spreadsheet shows it: encoding, separator, decimal sign, row numbers.

Knows nothing of effect measures. What cannot be read as intended raises ``SheetError`` with one
line that a person can act on; nothing is guessed in silence.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DecimalSign = Literal[".", ",", "mixed", "unclear"]

SEPARATORS = (",", ";", "\t", "|")
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "-", "\N{EN DASH}", "\N{EM DASH}"})

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
# "1,234" may be a thousand or one and a bit; "0,123" and "12,34" can only be decimals.
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")


class SheetError(ValueError):
    """The file as a whole cannot be used; the message says what was found and what is allowed."""


class UnreadableNumber(ValueError):
    """A cell that is no number; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Header and rows of a file.

    Attributes
    ----------
    header : column names as printed, stripped.
    rows : (row number as a spreadsheet shows it, cells); rows without any content are left out.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_grid(path: Path, known: Collection[str]) -> Grid:
    """Read ``path`` as comma, semicolon, tab or bar separated text.

    The separator is the one under which most header cells are ``known`` names (lower case).

    Raises
    ------
    SheetError
        No such file, a directory, no text, an unreadable encoding, an unclosed quote, no row below
        the header.
    """
    return grid_of(_bytes_of(path), known)


def grid_of(raw: bytes, known: Collection[str]) -> Grid:
    """The same for the content of a file.

    Raises
    ------
    SheetError
        As `read_grid`.
    """
    text = _text_of(raw)
    hint = _SEPARATOR_LINE.match(text)
    if hint is not None:  # Excel writes this line, obeys it and does not show it.
        text = text[hint.end() :]
    candidates = (hint[1],) if hint is not None else SEPARATORS
    separator = max(candidates, key=lambda s: _header_score(text, s, known))
    records = [
        (number, tuple(cell.strip() for cell in cells))
        for number, cells in enumerate(_records(text, separator), start=1)
    ]
    filled = [(number, cells) for number, cells in records if any(cells)]
    if len(filled) < 2:
        raise SheetError("found a header and no row below it; allowed: one row per study")
    return Grid(header=filled[0][1], rows=tuple(filled[1:]))


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


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise SheetError("found a directory; allowed: a CSV file")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SheetError("found no such file; allowed: a CSV file") from None
    except OSError as error:
        raise SheetError(f"cannot be read ({error.strerror}); allowed: a CSV file") from None


def _text_of(raw: bytes) -> str:
    """The file's text, in UTF-8, UTF-16 (with its mark) or Windows-1252."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    elif _is_binary(raw):
        raise SheetError("found binary data; allowed: a CSV text file (save the sheet as CSV)")
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise SheetError("found an empty file; allowed: a header and one row per study")
        return text
    raise SheetError("found text in no known encoding; allowed: UTF-8, UTF-16 or Windows-1252")


def _is_binary(raw: bytes) -> bool:
    """Control characters that no text file holds (tab, line feed, form feed, carriage return
    aside).
    """
    return any(byte < 32 and byte not in (9, 10, 12, 13) for byte in raw)


def _records(text: str, separator: str) -> list[list[str]]:
    """All records; strict, since an unclosed quote would otherwise swallow every study after it."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    try:
        return list(reader)
    except csv.Error as error:
        raise SheetError(
            f"line {reader.line_num} is no valid CSV ({error}); allowed: quotes in pairs, "
            "around whole cells"
        ) from None


def _header_score(text: str, separator: str, known: Collection[str]) -> tuple[int, int]:
    """How many header cells are known names under a separator, then how many cells there are."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    for cells in reader:
        names = [cell.strip().lower() for cell in cells]
        if any(names):
            return sum(name in known for name in names), len(names)
    return 0, 0
