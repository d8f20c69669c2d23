"""Templates to fill in, and a reader's own rows given back: text only, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

from analysis.evidence.columns import NUMBER
from analysis.evidence.own import NOWHERE, OWN_TABLES, OwnRows
from analysis.evidence.schema import TABLES
from analysis.upload.columns import ROLES

Sheets = Mapping[str, Sequence[Sequence[str]]]
_RUNS = ("=", "+", "-", "@", "\t", "\r")
_STAMP = (2026, 1, 1, 0, 0, 0)
"""The same rows, the same bytes: an archive would otherwise carry the time."""


def rows_xlsx(own: OwnRows) -> bytes:
    """The rows as a workbook of one sheet per table, which can be uploaded again."""
    return _workbook(_sheets(own))


def rows_csv(own: OwnRows) -> bytes:
    """The same as a ZIP archive of CSV files in UTF-8."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in _sheets(own).items():
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _STAMP), to_csv(rows))
    return packed.getvalue()


def template_xlsx() -> bytes:
    """A flat sheet with every column that is read, and what each of them holds; the tables' sheets beside it."""
    explained = [("column", "what it holds"), *((r, t) for r, t in ROLES.items() if r)]
    tables = {name: [tuple(TABLES[name].columns)] for name in OWN_TABLES}
    return _workbook({"studies-flat": [_flat_header()], "columns": explained, **tables})


def template_csv() -> bytes:
    """The header of a flat sheet."""
    return to_csv([_flat_header()])


def to_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8 with its mark; a text that a spreadsheet would run gets an apostrophe."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula; numbers stay as they are.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("Smith")
    ("'=1+1", '-0.5', 'Smith')
    """
    return f"'{text}" if text.startswith(_RUNS) and not NUMBER.fullmatch(text) else text


def _flat_header() -> tuple[str, ...]:
    return tuple(role for role in ROLES if role)


def _sheets(own: OwnRows) -> dict[str, list[tuple[str, ...]]]:
    sheets = {}
    for name in OWN_TABLES:
        columns = tuple(TABLES[name].columns)
        body = [
            tuple("" if (text := row.get(c, "")) == NOWHERE else text for c in columns)
            for row in getattr(own, name)
        ]
        if body:
            sheets[name] = [columns, *body]
    return sheets


def _workbook(sheets: Sheets) -> bytes:
    # Imported here: few readers take a workbook away.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            cells = []
            for text in row:
                cell = WriteOnlyCell(sheet, value=text)
                cell.data_type = "s"  # text, whatever it starts with
                if NUMBER.fullmatch(text):
                    cell.value = float(text)
                cells.append(cell)
            sheet.append(cells)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
