"""The bytes of an upload as sheets of text cells, by the one reader of files (`analysis.reading`)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.reading import Cell, Limits, Opened, Table, Unreadable, open_files

LIMITS = Limits(bytes=5_000_000, rows=3_000, columns=200, cells=300_000)
MOST_BYTES = LIMITS.bytes
MOST_ROWS = LIMITS.rows
MOST_FILES = 8


class UploadError(ValueError):
    """A file that cannot be used at all; the message says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Header and rows of a sheet.

    Attributes
    ----------
    header : column names.
    rows : (row number as a spreadsheet shows it, one text per column).
    faults : (row number, what was found, what is allowed) of rows that do not fit the header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    faults: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """One sheet or analysis of one file: its name, its cells, the file, and what was skipped or joined."""

    name: str
    grid: Grid
    file: str = ""
    remarks: tuple[str, ...] = ()


def read_uploads(files: Sequence[tuple[str, bytes]]) -> tuple[Upload, ...]:
    """Cut files into sheets of cells; the analyses of a review are sheets with columns named as here.

    Raises
    ------
    UploadError
        Too large, of a format that is not read, damaged, or empty; it begins with the file's name.
    """
    try:
        opened = open_files(files, LIMITS)
    except Unreadable as error:
        raise UploadError(str(error)) from None
    return tuple(upload for one in opened for upload in _sheets(one))


def _sheets(opened: Opened) -> list[Upload]:
    """The tables of a file, or its analyses, which have a name each."""
    several = len(opened.tables) > 1
    found = [
        (t, f"{opened.file}, sheet {t.name}" if several else opened.file) for t in opened.tables
    ]
    found += [(a.table, f"{opened.file}, analysis {a.number}") for a in opened.analyses]
    remarks = opened.remarks
    return [Upload(t.name, _grid(t), file, (*remarks, *t.remarks)) for t, file in found]


def _grid(table: Table) -> Grid:
    rows = zip(table.row_numbers, table.rows, strict=True)
    return Grid(
        table.columns,
        tuple((number, tuple(map(_text, cells))) for number, cells in rows),
        tuple((row, *sentence.split("; allowed: ", 1)) for row, sentence in table.faults),
    )


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:.15g}"


def decoded(contents: object) -> bytes:
    """The bytes of what `dcc.Upload` hands over (``data:...;base64,...``).

    Raises
    ------
    UploadError
        Not of that form, or too large.
    """
    if not isinstance(contents, str) or "," not in contents[:200]:
        raise UploadError("found no file; allowed: a table of studies")
    text = contents.partition(",")[2]
    if len(text) > MOST_BYTES * 4 // 3 + 4:
        raise UploadError(f"found more than {MOST_BYTES:,} bytes; allowed: at most {MOST_BYTES:,}")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UploadError("found a damaged transfer; allowed: a table of studies") from None
