"""The bytes of an upload as sheets of text cells: CSV in many dialects, and XLSX without running anything in it.

An XLSX file is a ZIP archive of XML. Its size is bounded before anything is unpacked, a document type
(and with it every entity) is refused, formulas are never evaluated, and only stored values are read.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath

from analysis.effects.sheet_text import Grid, SheetError, grid_of

MOST_BYTES = 1_000_000
MOST_UNPACKED = 20_000_000
MOST_ROWS = 3_000
MOST_COLUMNS = 100
MOST_SHEETS = 12
MOST_FILES = 8
LONGEST_CELL = 2_000
_MOST_MEMBERS = 200
_ZIP = b"PK\x03\x04"
_FORMATS = "a CSV or XLSX file"


class UploadError(ValueError):
    """A file that cannot be used at all; the message says what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One sheet of one file: its name (of the sheet, else of the file without its ending), cells and file."""

    name: str
    grid: Grid
    file: str = ""


def read_upload(name: str, content: bytes, known: Collection[str]) -> tuple[Upload, ...]:
    """Cut a file into sheets of cells.

    Parameters
    ----------
    name : the file's name; only shown, and used to tell tables apart.
    content : its bytes.
    known : lower-case column names by which the separator of a CSV file is found.

    Raises
    ------
    UploadError
        Too large, no CSV or XLSX, damaged, or empty.
    """
    if len(content) > MOST_BYTES:
        raise UploadError(f"found {len(content):,} bytes; allowed: at most {MOST_BYTES:,}")
    if content.startswith(_ZIP):
        return _workbook(name, content)
    try:
        grid = grid_of(content, known)
    except SheetError as error:
        raise UploadError(str(error)) from None
    return (Upload(_stem(name), bounded(grid), name),)


def decoded(contents: object) -> bytes:
    """The bytes of what `dcc.Upload` hands over (``data:...;base64,...``).

    Raises
    ------
    UploadError
        Not of that form, or too large.
    """
    if not isinstance(contents, str) or "," not in contents[:200]:
        raise UploadError(f"found no file; allowed: {_FORMATS}")
    text = contents.partition(",")[2]
    if len(text) > MOST_BYTES * 4 // 3 + 4:
        raise UploadError(f"found more than {MOST_BYTES:,} bytes; allowed: at most {MOST_BYTES:,}")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UploadError(f"found a damaged transfer; allowed: {_FORMATS}") from None


def bounded(grid: Grid) -> Grid:
    """A grid within the limits.

    Raises
    ------
    UploadError
        Too many rows or columns, or a cell that is too long.
    """
    if len(grid.rows) > MOST_ROWS:
        raise UploadError(f"found {len(grid.rows):,} rows; allowed: at most {MOST_ROWS:,}")
    width = max(len(cells) for _, cells in (*grid.rows, (1, grid.header)))
    if width > MOST_COLUMNS:
        raise UploadError(f"found {width:,} columns; allowed: at most {MOST_COLUMNS}")
    for row, cells in grid.rows:
        longest = max(map(len, cells), default=0)
        if longest > LONGEST_CELL:
            raise UploadError(
                f"row {row}: found a cell of {longest:,} characters; allowed: at most {LONGEST_CELL:,}"
            )
    return grid


# --- XLSX ----------------------------------------------------------------------------------------
def _workbook(file: str, content: bytes) -> tuple[Upload, ...]:
    _inspect(content)
    # Imported here: most readers never bring a workbook.
    from openpyxl import load_workbook

    try:
        # Two looks: what the spreadsheet program stored, and where a formula stands.
        values = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        written = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        names = values.sheetnames[:MOST_SHEETS]
        sheets = [(n, _cells(values[n]), _cells(written[n])) for n in names]
    except UploadError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part leads to
        kind = type(error).__name__
        raise UploadError(f"found a workbook that cannot be read ({kind}); allowed: XLSX") from None
    uploads = []
    for name, stored, formulas in sheets:
        rows = []
        for number, (cells, sources) in enumerate(zip(stored, formulas, strict=True), start=1):
            texts = tuple(_text(c, s) for c, s in zip(cells, sources, strict=True))
            if any(texts):
                rows.append((number, texts))
        if len(rows) > 1:
            header = _trimmed(rows[0][1])
            body = tuple((n, _trimmed(texts, len(header))) for n, texts in rows[1:])
            uploads.append(
                Upload(name.strip(), bounded(Grid(header, body)), f"{file}, sheet {name}")
            )
    if not uploads:
        raise UploadError("found no sheet with a header and rows; allowed: one row per study")
    return tuple(uploads)


def _inspect(content: bytes) -> None:
    """Refuse an archive that would unpack to too much, or whose XML defines anything."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise UploadError(
                    f"found {len(members)} parts in the workbook; allowed: at most {_MOST_MEMBERS}"
                )
            if "xl/workbook.xml" not in archive.namelist():
                raise UploadError(f"found another kind of archive; allowed: {_FORMATS}")
            left = MOST_UNPACKED
            for member in members:
                with archive.open(member) as part:  # what it says of its size may be a lie
                    unpacked = part.read(left + 1)
                left -= len(unpacked)
                if left < 0:
                    raise UploadError(
                        f"found more than {MOST_UNPACKED:,} bytes when unpacked; allowed: at most that"
                    )
                is_xml = member.filename.endswith((".xml", ".rels"))
                if is_xml and b"<!" in unpacked.replace(b"\0", b"").replace(b"<!--", b""):
                    raise UploadError(
                        "found XML with a document type; allowed: a workbook as Excel saves it"
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UploadError(f"found a damaged archive ({error}); allowed: {_FORMATS}") from None
    except zipfile.LargeZipFile:
        raise UploadError("found an archive that is too large") from None
    except Exception as error:
        if isinstance(error, UploadError):
            raise
        raise UploadError(
            f"found a damaged archive ({type(error).__name__}); allowed: {_FORMATS}"
        ) from None


def _cells(sheet: object) -> list[tuple[object, ...]]:
    """The values of a worksheet within the limits, and one row more, which tells that there are too many."""
    sheet.reset_dimensions()  # the size that the file states may be a lie
    rows = []
    for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True):
        rows.append((*row, *[None] * (MOST_COLUMNS + 1 - len(row))))
    return rows


def _trimmed(cells: tuple[str, ...], least: int = 0) -> tuple[str, ...]:
    """Cells up to the last one that is filled, and at least so many."""
    width = max((i + 1 for i, cell in enumerate(cells) if cell), default=0)
    return cells[: max(width, least)]


def _text(value: object, source: object) -> str:
    """A stored value as text; a formula whose result was not stored says so, and reads as no number."""
    if value is None:
        formula = isinstance(source, str) and source.startswith("=")
        return "a formula without a stored result" if formula or _is_array(source) else ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        shown = value.date() if value.time() == time() else value
        return f"{shown.isoformat()} (a date)"
    if isinstance(value, date | time | timedelta):
        return f"{value} (a date or time)"
    return str(value).replace("_x000D_", "").strip()


def _is_array(source: object) -> bool:
    return source is not None and not isinstance(source, str | int | float | bool)


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem[:100] or "file"
