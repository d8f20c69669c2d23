"""Templates to fill in, and a reader's own rows given back: text only, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

from analysis.archive import undated
from analysis.evidence.columns import NUMBER
from analysis.evidence.own import NOWHERE, OWN_TABLES, OwnRows
from analysis.evidence.schema import TABLES
from analysis.reading.roles import ROLES
from analysis.reading.totals import EXAMPLE_NAME
from analysis.upload.said import WORDS, known

Sheets = Mapping[str, Sequence[Sequence[str]]]
COLUMNS = (
    "study",
    "year",
    "outcome",
    "intervention",
    "comparator",
    "weeks",
    "design",
    "etiology",
    "scale_min",
    "scale_max",
    "n1i",
    "n2i",
    "ai",
    "ci",
    "m1i",
    "sd1i",
    "m2i",
    "sd2i",
    "med1i",
    "q1_1i",
    "q3_1i",
    "med2i",
    "q1_2i",
    "q3_2i",
    "xi",
    "ni",
    "yi",
    "sei",
    "ratio",
    "ci_low",
    "ci_high",
    "source_url",
    "note",
)
"""Columns of the template; every other role of `analysis.reading.roles` is read, too."""
EXAMPLE = {
    "study": EXAMPLE_NAME, "year": "2020", "weeks": "4", "n1i": "40", "n2i": "41", "m1i": "3.1", "sd1i": "2.0",
    "m2i": "3.9", "sd2i": "2.1", "note": "this row is left out when the file is read",
}  # fmt: skip
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
    """A sheet to fill in, with an example, lists to choose from, and a codebook."""
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "studies-flat"
    sheet.append(list(COLUMNS))
    sheet.append([EXAMPLE.get(column, "") for column in COLUMNS])
    sheet.freeze_panes = "B2"
    codes = book.create_sheet("codebook")
    codes.append(["column", "what it holds", "words that are known"])
    lists = book.create_sheet("lists")
    for column in COLUMNS:
        words = _words_of(column)
        codes.append([column, ROLES[column], ", ".join(words)])
        if not words:
            continue
        at = lists.max_column + (1 if lists.max_row > 1 else 0)
        for row, word in enumerate((column, *words), start=1):
            lists.cell(row=row, column=at, value=word)
        letter = lists.cell(row=1, column=at).column_letter
        choice = DataValidation(
            type="list",
            formula1=f"lists!${letter}$2:${letter}${len(words) + 1}",
            allow_blank=True,
            showErrorMessage=False,
        )
        sheet.add_data_validation(choice)
        at_sheet = sheet.cell(row=1, column=COLUMNS.index(column) + 1).column_letter
        choice.add(f"{at_sheet}2:{at_sheet}500")
    lists.sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)
    return undated(packed.getvalue())


def _words_of(column: str) -> list[str]:
    """The words that a column of words knows; none for the others."""
    return list(dict.fromkeys(known(column).values())) if column in WORDS else []


def template_csv() -> bytes:
    """The header of a flat sheet, and the example."""
    return to_csv([COLUMNS, [EXAMPLE.get(column, "") for column in COLUMNS]])


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
