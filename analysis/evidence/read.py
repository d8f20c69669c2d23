"""From the bytes of one CSV file to numbered rows of cells.

UTF-8 with or without a byte-order mark, any line ending, quoted cells with line breaks. A row that
cannot be cut into the right number of cells is reported and skipped; reading resumes on the next
line, so that a quote that is never closed costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field

from analysis.evidence.schema import Table

SURROGATES = range(0xDC80, 0xDD00)
SHOWN = 30
"""Letters of a header that is none of ours."""
"""Where Python's `surrogateescape` puts bytes that are not UTF-8."""


@dataclass(slots=True, eq=False)
class Finding:
    """A fault under construction: `load` adds what it leaves out and freezes it.

    `key` holds the row's key as read; `lost_key` the same with None for each part that cannot be
    trusted, or None where the key is sound.
    """

    table: str
    row: int | None
    column: str
    found: str
    allowed: str
    quoted: bool = True
    key: tuple[str, ...] = ()
    lost_key: tuple[str | None, ...] | None = None
    left_out: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RawTable:
    """The rows of one file as text.

    Attributes
    ----------
    columns : dict of str to list of str
        One list per declared column of the file, all of the same length; empty strings for a
        declared column that the file lacks.
    rows : list of int
        The spreadsheet's number of each row.
    absent : set of str
        Declared columns that the file lacks.
    findings : list of Finding
        Faults of the file and of rows that could not be read.
    whole : bool
        False when the file could not be read at all; rows that name rows of it are then left out.
    """

    columns: dict[str, list[str]]
    rows: list[int] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True


def read_table(table: Table, content: bytes | None, problem: str = "") -> RawTable:
    """Cut one file into cells.

    Parameters
    ----------
    table : Table
        What the file should hold.
    content : bytes or None
        The file; None where it could not be read, with the reason in `problem`.
    """
    raw = RawTable({name: [] for name in table.columns})
    if content is None:
        return _unusable(raw, table, None, "", problem, "a readable file")
    text = content.decode("utf-8-sig", errors="surrogateescape")
    if not text.strip("\ufeff \t\r\n,"):
        return _unusable(raw, table, None, "", "an empty file", "a header and rows")
    records = _records(io.StringIO(text, newline="").readlines())
    header_row, header, header_error = next(records)
    if header_error or not set(header) & set(table.columns):
        found = header_error or f"no column of this file in “{_begin(header)}”"
        words = f"UTF-8 text, separated by commas, starting with {', '.join([*table.columns][:3])}"
        return _unusable(raw, table, header_row, "", found, words)
    _check_header(raw, table, header, header_row)
    body = list(records)
    essential = {n for n, c in table.columns.items() if c.metadata["essential"]} & raw.absent
    if essential:
        raw.whole = False
        first = next(f for f in raw.findings if f.column in essential)
        first.left_out += [f"{table.name}:{row}" for row, *_ in body]
        return raw
    positions = {name: header.index(name) for name in table.columns if name not in raw.absent}
    key_at = [positions[name] for name in table.key]
    for row, cells, error in body:
        if not error and len(cells) != len(header):
            error = f"{len(cells)} cells"
        if error:
            key = tuple(cells[at] if at < len(cells) else "" for at in key_at)
            lost = (None,) * len(key)
            allowed = f"{len(header)} cells of UTF-8 text, quotes closed"
            finding = Finding(table.name, row, "", error, allowed, False, key, lost)
            raw.findings.append(finding)
            continue
        raw.rows.append(row)
        for name, values in raw.columns.items():
            values.append(cells[positions[name]] if name in positions else "")
    return raw


def _begin(header: list[str]) -> str:
    """How a header begins, as it stands in the file: names with blanks or capitals, or semicolons, show so."""
    text = ",".join(header)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _unusable(
    raw: RawTable, table: Table, row: int | None, column: str, found: str, allowed: str
) -> RawTable:
    raw.findings.append(Finding(table.name, row, column, found, allowed, quoted=False))
    raw.whole = False
    return raw


def _check_header(raw: RawTable, table: Table, header: list[str], row: int) -> None:
    """Report columns that are missing, unknown or there twice; each once."""
    counts = Counter(header)
    for name in table.columns:
        if counts[name] != 1:
            raw.absent.add(name)
            if not counts[name] and table.columns[name].metadata["optional"]:
                continue
            found = "no such column" if not counts[name] else f"the column {counts[name]} times"
            raw.findings.append(Finding(table.name, row, name, found, "the column once", False))
    for name in counts:
        if name not in table.columns:
            words = f"the {len(table.columns)} columns of {table.file} (this one is not read)"
            found = f'the column "{name}"' if name else "a column without a name"
            raw.findings.append(Finding(table.name, row, name, found, words, False))


def _records(lines: list[str]):
    """Yield `(row, cells, error)` for each row that is not blank; rows are numbered from 1.

    After a row that breaks the rules of CSV reading resumes on the next line.
    """
    start, row, width = 0, 0, 0
    while start < len(lines):
        reader = csv.reader(lines[start:], strict=True)
        resumed = False
        while not resumed:
            first = start + reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                cells, error = None, _csv_words(exc)
            else:
                error = ""
            several = start + reader.line_num - first > 1
            row += 1
            if cells is not None and not any(cells):
                continue
            if cells is not None and several and width and len(cells) != width:
                cells, error = None, "a quote that is not closed on its row"
            if cells is None:
                # Only the line on which the row starts is given up.
                yield row, _loosely(lines[first]), error
                start, resumed = first + 1, True
                continue
            width = width or len(cells)
            yield row, cells, _encoding_error(cells)


def _loosely(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _csv_words(error: csv.Error) -> str:
    words = str(error)
    if "unexpected end of data" in words or "field larger" in words:
        return "a quote that is never closed"
    if "expected after" in words:
        return "text after a closing quote"
    return f"a row that is not CSV ({words})"


def _encoding_error(cells: list[str]) -> str:
    for cell in cells:
        if not cell.isascii():
            for character in cell:
                if ord(character) in SURROGATES:
                    return f"byte 0x{ord(character) - 0xDC00:02X} that is not UTF-8"
    return ""
