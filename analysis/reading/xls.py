"""XLS, Excel's format until 2003: stored values only, as for XLSX."""

from __future__ import annotations

import io
from collections.abc import Iterator

from analysis.reading.limits import Limits
from analysis.reading.opened import Cell, Opened, Unreadable
from analysis.reading.workbook import Marks, cell_of, from_sheets, percent_text

OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_xls(content: bytes, limits: Limits) -> Opened:
    """Read a workbook.

    Raises
    ------
    Unreadable
        Damaged, locked with a password, beyond the limits, or without a filled sheet.
    """
    # Imported here: hardly anybody brings one.
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True,
        )  # fmt: skip
        sheets, skipped = [], []
        for sheet in book.sheets():
            if sheet.visibility and any(not s.visibility for s in book.sheets()):
                skipped.append(sheet.name)
                continue
            if len(sheets) == limits.tables:
                raise Unreadable(
                    f"a workbook of more than {limits.tables} sheets; delete those without studies"
                )
            marks = Marks()
            for key, info in sheet.rowinfo_map.items():
                if info.hidden:
                    marks.hidden_rows.add(key + 1)
            for r1, r2, c1, c2 in sheet.merged_cells:
                marks.merged.append((r1 + 1, c1 + 1, r2, c2))
            sheets.append((sheet.name, list(_rows(book, sheet, limits)), marks))
    except Unreadable:
        raise
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise Unreadable(
                "a workbook that is locked with a password; save it without one, or as CSV"
            ) from None
        raise Unreadable(_damaged(error)) from None
    except Exception as error:  # xlrd raises whatever a damaged record leads to
        raise Unreadable(_damaged(error)) from None
    return from_sheets("XLS", sheets, skipped, limits)


def _damaged(error: Exception) -> str:
    return (
        f"a workbook of Excel 2003 or older that cannot be read ({type(error).__name__}); open it in a "
        "spreadsheet program and save it as XLSX"
    )


def _rows(book: object, sheet: object, limits: Limits) -> Iterator[list[Cell]]:
    import xlrd

    widest = 1
    for number in range(sheet.nrows):
        widest = max(widest, sheet.row_len(number))
        limits.check_shape(number, widest, f"sheet {sheet.name}")
        cells: list[Cell] = []
        for cell in sheet.row(number):
            if cell.ctype == xlrd.XL_CELL_NUMBER:
                style = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else 0
                shown = book.format_map[style].format_str if style in book.format_map else ""
                cells.append(
                    percent_text(cell.value) if "%" in (shown or "") else cell_of(cell.value)
                )
            elif cell.ctype == xlrd.XL_CELL_DATE:
                cells.append(_date(cell.value, book.datemode))
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                cells.append(cell_of(bool(cell.value)))
            elif cell.ctype == xlrd.XL_CELL_ERROR:
                cells.append(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
            else:
                cells.append(cell_of(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else None)
        while cells and cells[-1] is None:
            cells.pop()
        yield cells


def _date(value: float, mode: int) -> Cell:
    import xlrd

    try:
        return cell_of(xlrd.xldate_as_datetime(value, mode))
    except (ValueError, OverflowError, xlrd.xldate.XLDateError):
        return float(value)
