"""Text with separators: comma, semicolon, tab, bar, or the blanks that R's write.table puts."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from analysis.reading.encoding import text_of
from analysis.reading.layout import Record, tables_of
from analysis.reading.limits import Limits
from analysis.reading.opened import Opened, Unreadable, trimmed

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
_SEPARATOR_LINE = re.compile(r"[\"']?sep=(.)[\"']?\r?\n?", re.IGNORECASE)
_SAMPLE = 300
_NEARLY_ALL = 0.95
_BLANKS = " "
_NONE = "\x1f"


def open_text(name: str, content: bytes, limits: Limits) -> Opened:
    """Read a text file; `name` is that of the table.

    Raises
    ------
    Unreadable
        Empty, binary, a quotation mark that is never closed, too large, no header, no rows.
    """
    text, remarks = text_of(content)
    if not text.strip():
        raise Unreadable("an empty file; needed: a row of column names, and one row per study")
    hint = _SEPARATOR_LINE.match(text)
    if hint is not None:  # Excel writes this line, obeys it and does not show it
        text = text[hint.end() :]
    separator = hint[1] if hint is not None else separator_of(text)
    if separator == "" and (unwrapped := _unwrapped(text)):
        text, separator = unwrapped, separator_of(unwrapped)
        remarks += ("every line was in quotation marks; they are removed",)
    records = _records(text, separator, limits)
    tables = tables_of(name, records, remarks, row_names=separator in (_BLANKS, "\t"))
    kind = {"\t": "text with tabs", _BLANKS: "text with blanks"}.get(separator, "CSV")
    return Opened(kind=kind, tables=tuple(tables))


def separator_of(text: str) -> str:
    """The sign that cuts most lines, the header among them, into the same number of cells; "" if none does.

    Commas inside numbers cut the rows but not the header, so semicolons win where commas are decimals.

    >>> separator_of("study;yi;sei\\nA;1,234;0,321\\nB;-0,5;0,21")
    ';'
    >>> separator_of("study,note\\nA,one; two\\nB,three; four")
    ','
    """
    sample = "\n".join(text.splitlines()[: 3 * _SAMPLE])
    scores = {sign: _score(sample, sign) for sign in SEPARATORS}
    best = max(scores, key=lambda sign: (scores[sign], not _spaced(sample, sign)))
    if scores[best][0] == 1.0:
        return best
    blanks = _score(sample, _BLANKS)
    if blanks[0] > _NEARLY_ALL and blanks[1] > scores[best][1]:  # write.table of R
        return _BLANKS
    return best if scores[best] > (0.0, 0) else ""


def _spaced(sample: str, sign: str) -> bool:
    """Whether a blank follows the sign wherever it stands, as it does inside cells ("HR; 95% CI")."""
    return sign in sample and not re.search(rf"{re.escape(sign)}(?! )", sample)


def _score(sample: str, sign: str) -> tuple[float, int]:
    """(share of the lines with as many cells as the commonest kind of line, that number of cells)."""
    widths = []
    reader = csv.reader(
        io.StringIO(sample, newline=""), delimiter=sign, skipinitialspace=True,
        escapechar="\\" if sign == _BLANKS else None,
    )  # fmt: skip
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) == _SAMPLE:
                break
    except csv.Error:
        return 0.0, 0
    if sign == _BLANKS and len(widths) > 1 and widths[0] + 1 == widths[1]:
        widths[0] += 1  # no name above the names of rows
    common = Counter(width for width in widths if width > 1)
    if not common:
        return 0.0, 0
    width, times = max(common.items(), key=lambda item: (item[1], item[0]))
    return times / len(widths), width


def _records(text: str, separator: str, limits: Limits, escaped: bool = False) -> list[Record]:
    """All records; strict, since an unclosed quote would otherwise swallow every study after it."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator or _NONE,
        strict=True,
        skipinitialspace=separator != "\t",
        escapechar="\\" if escaped else None,
    )
    records, widest = [], 1
    try:
        for number, cells in enumerate(reader, start=1):
            widest = max(widest, len(cells))
            limits.check_shape(number - 1, min(widest, limits.columns + 1))
            records.append((number, tuple(trimmed(cell) for cell in cells)))
    except csv.Error as error:
        if (
            '\\"' in text and not escaped
        ):  # R and databases write \" for a quotation mark inside quotes
            return _records(text, separator, limits, escaped=True)
        tidy = re.sub(rf'" +(?={re.escape(separator)}|[\r\n])', '"', text) if separator else text
        if tidy != text:  # blanks between a closing quotation mark and the separator
            return _records(tidy, separator, limits, escaped)
        raise Unreadable(
            f"line {reader.line_num} is no valid CSV ({error}); quotation marks must come in pairs around "
            "whole cells: take the single one out, or save the sheet as XLSX"
        ) from None
    return records


def _unwrapped(text: str) -> str:
    """The text without a pair of quotes around each of its lines, or "" where they do not stand so."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(len(x) > 1 and x[0] == x[-1] == '"' for x in lines):
        return ""
    inner = "\n".join(line[1:-1].replace('""', '"') for line in lines)
    return inner if separator_of(inner) else ""
