"""XLSX: stored values only. Formulas are never run, hidden sheets are skipped, and both are said."""

from __future__ import annotations

import io
import math
import posixpath
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from lxml import etree

from analysis.reading.archive import Archive, refuse_doctype, xml_of
from analysis.reading.layout import Record, numeric, tables_of
from analysis.reading.limits import Limits
from analysis.reading.opened import Cell, Opened, Table, Unreadable, list_of, trimmed

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MOST_FILLED = 500_000
_MOST_MERGED = 10_000
_MOST_STYLED = 20_000
_MOST_ELEMENTS = 400_000
_TEXTS = 15
"""Texts are so much quicker to read than styles, and there may be one for every cell."""
_DAMAGED = "a damaged workbook; open it in a spreadsheet program and save it again"
_PERCENT_IDS = frozenset({"9", "10"})


@dataclass(slots=True)
class Marks:
    """What a worksheet says besides its values; rows and columns count from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    struck_rows: set[int] = field(default_factory=set)
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0


def open_xlsx(archive: Archive, content: bytes, limits: Limits) -> Opened:
    """Read a workbook; one table or more per visible sheet.

    Raises
    ------
    Unreadable
        Damaged, beyond the limits, or without a sheet that has a header and rows.
    """
    parts = {name: archive.read(name) for name in archive.names if name.endswith((".xml", ".rels"))}
    beside = 0
    for name, part in parts.items():
        refuse_doctype(part, "workbook")
        if not name.startswith("xl/worksheets/"):
            beside += part.count(b"<") // (_TEXTS if name == "xl/sharedStrings.xml" else 1)
    if beside > _MOST_ELEMENTS:  # openpyxl reads all of these, whatever the sheets hold
        raise Unreadable(
            "a workbook with more styles or texts than any sheet needs; copy the table into a new one"
        )
    # Imported here: most readers never bring a workbook.
    from openpyxl import load_workbook

    marks = _marks(parts)
    raised = _raised(parts)
    percent = _has_percent(parts)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        shown = [s for s in sheets if s.sheet_state == "visible"] or sheets
        skipped = [s.title for s in sheets if s not in shown]
        if len(shown) > limits.tables:
            raise Unreadable(
                f"a workbook of {len(shown)} sheets; at most {limits.tables} are read: delete those without studies"
            )
        read = [(s.title, _rows(s, marks.get(s.title, Marks()), percent, limits)) for s in shown]
        lowered = _without_raised([rows for _, rows in read], raised)
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part leads to
        raise Unreadable(
            f"a damaged workbook ({type(error).__name__}); open it in a spreadsheet program and save it again"
        ) from None
    sheets_read = [(name, rows, marks.get(name, Marks())) for name, rows in read]
    opened = from_sheets("XLSX", sheets_read, skipped, limits)
    return replace(opened, remarks=(*opened.remarks, *lowered))


def from_sheets(
    kind: str,
    sheets: list[tuple[str, list[list[Cell]], Marks]],
    skipped: list[str],
    limits: Limits,
) -> Opened:
    """Tables of the sheets of any workbook; empty ones are passed over."""
    tables: list[Table] = []
    reasons: list[str] = []
    for name, rows, marks in sheets:
        remarks = _applied(rows, marks, limits.columns)
        records: list[Record] = [(n, tuple(cells)) for n, cells in enumerate(rows, start=1)]
        if not any(c is not None for cells in rows for c in cells):
            continue
        try:
            tables += tables_of(name.strip() or "sheet", records, remarks)
        except Unreadable as error:
            reasons.append(f"sheet {name}: {error}")
    if not tables:
        raise Unreadable(
            reasons[0]
            if len(reasons) == 1
            else "; ".join(reasons[:3])
            or "a workbook without any filled sheet; needed: a row of column names, and one row per study"
        )
    remarks = [f"not read: {reason}" for reason in reasons]
    if skipped:
        remarks.append(f"hidden sheets are not read: {list_of(skipped)}")
    return Opened(kind=kind, tables=tuple(tables), remarks=tuple(remarks))


def _rows(sheet: object, marks: Marks, percent: bool, limits: Limits) -> list[list[Cell]]:
    """The values of a worksheet, as far as its cells are filled; its stated size may be a lie."""
    limits.check_shape(marks.last_row - 1, marks.last_column, f"sheet {sheet.title}")
    if not marks.last_row or not hasattr(sheet, "reset_dimensions"):
        return []
    sheet.reset_dimensions()
    end = {"max_row": marks.last_row, "max_col": marks.last_column}
    read = _percent_cell if percent else cell_of
    rows = sheet.iter_rows(**end, values_only=not percent)
    # not a row more: what stands behind the cells, which may be made to take long, is never parsed
    return [[read(c) for c in row] for row in islice(rows, marks.last_row)]


def _percent_cell(cell: object) -> Cell:
    value = cell.value
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and "%" in str(cell.number_format)
    ):
        return percent_text(value)
    return cell_of(value)


def percent_text(value: float) -> str:
    """A share that the sheet shows as per cent, as it shows it: 0.45 -> "45%"."""
    return f"{100 * value:.10g}%"


def cell_of(value: object) -> Cell:
    """A stored value as a cell."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e308 else math.inf
        return number if math.isfinite(number) else str(value)[:40]
    if isinstance(value, datetime):
        shown = value.date() if value.time() == time() else value
        return f"{shown.isoformat()} (a date)"
    if isinstance(value, date | time | timedelta):
        return f"{value} (a date or time)"
    return trimmed(str(value).replace("_x000D_", ""))


def _applied(rows: list[list[Cell]], marks: Marks, columns: int) -> list[str]:
    """Fill merged cells, mark formulas without a result, and say what is hidden; changes `rows`."""
    remarks = []
    down, left = False, _MOST_FILLED
    for r1, c1, r2, c2 in marks.merged:
        # names over groups are joined by `layout`, and a title across a sheet stays one cell
        if c1 != c2 or r1 > len(rows) or c1 > len(rows[r1 - 1]):
            continue
        value = rows[r1 - 1][c1 - 1]
        left -= r2 - r1
        if value is None or left < 0:
            continue
        for row in rows[r1 : min(r2, len(rows))]:
            row.extend([None] * (c1 - len(row)))
            row[c1 - 1] = value
            down = True
    if down:
        remarks.append("merged cells: their value is read in every row that they cover")
    for (r, c), formula in marks.uncomputed.items():
        if r <= len(rows) and c <= columns:
            row = rows[r - 1]
            row.extend([None] * (c - len(row)))
            row[c - 1] = f"={formula} (a formula whose result is not stored)"
    if marks.uncomputed:
        remarks.append(
            f"formulas whose results are not stored: {len(marks.uncomputed)}; open the file in a "
            "spreadsheet program, save it, and they are read"
        )
    filled = {r for r, cells in enumerate(rows, start=1) if any(c is not None for c in cells)}
    if struck := sorted(marks.struck_rows & filled):
        remarks.append(
            f"struck through in the sheet but read: row {list_of(struck)}; delete what does not count"
        )
    hidden = sorted(marks.hidden_rows & filled)
    if hidden:
        remarks.append(f"hidden in the sheet but read: row {list_of(hidden)}")
    return remarks


# --- footnote marks --------------------------------------------------------------------------------
def _raised(parts: dict[str, bytes]) -> dict[str, str]:
    """Texts that are a number with a raised mark behind it ("12" and a raised 3), and the number alone."""
    found = {}
    for name, part in parts.items():
        strings = name == "xl/sharedStrings.xml" or name.startswith("xl/worksheets/")
        if not strings or b"superscript" not in part:
            continue
        for text in xml_of(part, "workbook").iter("{*}si", "{*}is"):
            runs = list(text.iter("{*}r"))
            plain = [r for r in runs if r.find(".//{*}vertAlign[@val='superscript']") is None]
            whole, bare = (
                "".join(t.text or "" for r in rs for t in r.iter("{*}t")) for rs in (runs, plain)
            )
            if bare != whole and numeric(bare.strip()):
                found[whole.strip()] = bare.strip()
    return found


def _without_raised(sheets: list[list[list[Cell]]], raised: dict[str, str]) -> list[str]:
    """Take the raised marks off; changes `sheets`."""
    said = []
    if raised:
        for rows in sheets:
            for cells in rows:
                for i, cell in enumerate(cells):
                    if isinstance(cell, str) and cell in raised:
                        cells[i] = raised[cell]
                        said.append(f"{cell} read as {raised[cell]}")
    return [f"raised marks are taken off: {list_of(said)}"] if said else []


# --- what openpyxl does not tell when it reads row by row ------------------------------------------
def _marks(parts: dict[str, bytes]) -> dict[str, Marks]:
    """By the name of the sheet: hidden and struck rows, merged cells, formulas without a stored result."""
    names, struck = {}, _struck_styles(parts.get("xl/styles.xml", b"<x/>"))
    try:
        targets = {
            rel.get("Id"): rel.get("Target") or ""
            for rel in xml_of(parts.get("xl/_rels/workbook.xml.rels", b"<x/>"), "workbook")
        }
        for sheet in xml_of(parts["xl/workbook.xml"], "workbook").iter("{*}sheet"):
            ids = [v for k, v in sheet.attrib.items() if k.endswith("}id")]
            target = targets.get(ids[0] if ids else "", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            if path in parts:
                names[sheet.get("name") or ""] = _marks_of(parts[path], struck)
    except KeyError:
        raise Unreadable(_DAMAGED) from None
    return names


def _struck_styles(part: bytes) -> frozenset[str]:
    """The styles of cells whose letters are struck through, by their place."""
    root = xml_of(part, "workbook")
    fonts = [
        mark is not None and mark.get("val") not in ("0", "false")
        for mark in (font.find("{*}strike") for font in root.iterfind("{*}fonts/{*}font"))
    ]
    used = (_whole(xf.get("fontId"), 0) for xf in root.iterfind("{*}cellXfs/{*}xf"))
    return frozenset(str(i) for i, font in enumerate(used) if font < len(fonts) and fonts[font])


def _marks_of(part: bytes, struck: frozenset[str]) -> Marks:
    marks = Marks()
    row_number = columns = 0
    try:
        events = etree.iterparse(
            io.BytesIO(part), events=("start", "end"), tag=("{*}row", "{*}f", "{*}mergeCell", "{*}col"),
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        )  # fmt: skip
        for event, node in events:
            tag = etree.QName(node).localname
            if event == "start":
                if tag == "row":
                    row_number = _whole(node.get("r"), row_number + 1)
                    if node.get("hidden") in ("1", "true"):
                        marks.hidden_rows.add(row_number)
                continue
            if tag == "col":
                columns += 1
                if columns > _MOST_STYLED:
                    raise Unreadable(_DAMAGED)
            elif tag == "f":
                _formula(node, marks)
            elif tag == "mergeCell" and len(marks.merged) < _MOST_MERGED:
                corners = [_place(p) for p in (node.get("ref") or "").split(":")]
                if len(corners) == 2 and all(corners):
                    marks.merged.append((*corners[0], *corners[1]))
            elif tag == "row":
                if column := _last_filled(node):
                    marks.last_row = max(marks.last_row, row_number)
                    marks.last_column = max(marks.last_column, column)
                if struck and any(c.get("s") in struck and len(c) for c in node):
                    marks.struck_rows.add(row_number)
                node.clear()
                while node.getprevious() is not None:
                    del node.getparent()[0]
    except Unreadable:
        raise
    except (etree.XMLSyntaxError, ValueError):  # names that are none raise ValueError
        raise Unreadable(_DAMAGED) from None
    return marks


def _last_filled(row: etree._Element) -> int:
    """The column of the last cell that holds anything, 0 where none does; styles alone are nothing."""
    for index in range(len(row) - 1, -1, -1):
        if len(row[index]):
            place = _place(row[index].get("r") or "")
            return place[1] if place else index + 1
    return 0


def _formula(node: etree._Element, marks: Marks) -> None:
    cell = node.getparent()
    place = _place(cell.get("r") or "") if cell is not None else None
    marks_value = node.getnext()
    if (
        place
        and (marks_value is None or not (marks_value.text or "").strip())
        and cell.get("t") != "str"
    ):
        marks.uncomputed[place] = (node.text or "")[:40]


def _place(text: str) -> tuple[int, int] | None:
    """Row and column, from 1, of "B12"."""
    found = _PLACE.fullmatch(text.replace("$", ""))
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _whole(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    if not text.isdigit() or len(text) > 7:
        raise Unreadable(_DAMAGED)
    return int(text)


def _has_percent(parts: dict[str, bytes]) -> bool:
    """Whether any style of the workbook shows per cent: only then is every cell's style looked at."""
    styles = parts.get("xl/styles.xml", b"")
    return b"%" in styles or any(f'numFmtId="{i}"'.encode() in styles for i in _PERCENT_IDS)
