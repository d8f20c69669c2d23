"""Sheets as CSV, as a zip of CSV files, and as XLSX; the same sheets give the same bytes.

Text that a spreadsheet would run as a formula is disarmed: in CSV by an apostrophe before it, in XLSX by
writing it as a string. Numbers, negative ones too, stay numbers.

XLSX is written by XlsxWriter: python-pptx needs it anyway (for the data sheets of charts), it writes every
cell with the type that it is told, and its files do not depend on the clock.
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.columns import Column
from analysis.export.provenance import origin_of
from analysis.export.sheets import Cell, Sheet, effects, sheets
from analysis.question import Question
from analysis.survey.provenance import release

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell of text must not start with in a CSV file (OWASP, CSV injection)."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WIDEST = 60  # characters of a column
_LINE = 15  # points of height
_FEW = 4  # columns
_LONGEST_CELL = 32_767  # characters that XLSX allows


# --- artefacts -----------------------------------------------------------------------------------
def effects_csv(question: Question, evidence: Evidence, link: str) -> bytes:
    """The effects of the studies; `python -m analysis pool` and metafor read this file."""
    sheet = effects(answer(question, evidence), origin_of(evidence, link))
    return to_csv(sheet)


def tables_zip(question: Question, evidence: Evidence, link: str) -> bytes:
    """Every sheet as a CSV file."""
    return to_zip(sheets(answer(question, evidence), evidence, link))


def tables_xlsx(question: Question, evidence: Evidence, link: str) -> bytes:
    """Every sheet in one workbook."""
    return to_xlsx(sheets(answer(question, evidence), evidence, link), question.title())


# --- CSV -----------------------------------------------------------------------------------------
def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a byte-order mark, without which Excel reads accents wrongly; lines end in CRLF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in sheet.columns])
    writer.writerows([_text(cell) for cell in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return disarmed(cell)
    return repr(cell)  # the shortest text that reads back as the same number


def disarmed(text: str) -> str:
    """Text that no spreadsheet runs.

    >>> disarmed("=1+1"), disarmed("Smith 2020")
    ("'=1+1", 'Smith 2020')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def to_zip(content: Sequence[Sheet]) -> bytes:
    """One CSV file per sheet, named as the sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in content:
            entry = zipfile.ZipInfo(f"{sheet.name.replace(' ', '_')}.csv", date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, to_csv(sheet))
    return out.getvalue()


# --- XLSX ----------------------------------------------------------------------------------------
def to_xlsx(content: Sequence[Sheet], title: str) -> bytes:
    """A workbook: the origin first, header frozen, widths by content, decimals by column."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    # the day of the release, not of the download: the same data and program give the same file
    made = datetime.fromisoformat(release().date or "1980-01-01")
    book.set_properties({"title": title, "author": release().title, "created": made})
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": False})
    plain = book.add_format({"valign": "top"})
    wrapped = book.add_format({"valign": "top", "text_wrap": True, "align": "left"})
    formats: dict[int | None, Format] = {}
    for sheet in sorted(content, key=lambda s: s.name != "about"):
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        to_read = len(sheet.columns) <= _FEW  # to be read and printed, not to be calculated with
        if to_read:
            page.fit_to_pages(1, 0)
            _heights(page, sheet)
        formats[None] = wrapped if to_read else plain
        for at, column in enumerate(sheet.columns):
            cells = [row[at] for row in sheet.rows]
            page.write_string(0, at, column.name, header)
            page.set_column(at, at, _width(column, cells))
            _write(page, book, formats, at, column, cells)
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    book.close()
    return out.getvalue()


def _write(
    page: Worksheet,
    book: xlsxwriter.Workbook,
    formats: dict[int | None, Format],
    at: int,
    column: Column,
    cells: Sequence[Cell],
) -> None:
    if column.digits not in formats:
        shown = "0" if column.digits == 0 else "0." + "0" * column.digits
        formats[column.digits] = book.add_format({"num_format": shown, "valign": "top"})
    for row, cell in enumerate(cells, start=1):
        if isinstance(cell, str):
            page.write_string(row, at, cell[:_LONGEST_CELL], formats[None])
        elif cell is not None:
            page.write_number(row, at, cell, formats[column.digits])


def _heights(page: Worksheet, sheet: Sheet) -> None:
    """Room for wrapped text: not every program works it out on opening."""
    for at, row in enumerate(sheet.rows, start=1):
        longest = max(len(str(cell)) for cell in row)
        page.set_row(at, _LINE * math.ceil(1.1 * longest / _WIDEST))


def _width(column: Column, cells: Sequence[Cell]) -> int:
    def shown(cell: Cell) -> str:
        decimals = column.digits is not None and isinstance(cell, float)
        return f"{cell:.{column.digits}f}" if decimals else str(cell)

    longest = max((len(shown(cell)) for cell in cells if cell is not None), default=0)
    return min(max(longest, len(column.name)) + 2, _WIDEST)
