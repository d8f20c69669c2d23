"""ODS (LibreOffice, OpenOffice): stored values only, as for XLSX."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field

from lxml import etree

from analysis.reading.archive import Archive, refuse_doctype
from analysis.reading.limits import Limits
from analysis.reading.opened import Cell, Opened, Unreadable
from analysis.reading.workbook import Marks, from_sheets, percent_text

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_REPEATED_COLUMNS = _TABLE + "number-columns-repeated"
_ROWS_SPANNED = _TABLE + "number-rows-spanned"
_COLUMNS_SPANNED = _TABLE + "number-columns-spanned"
_FORMULA = _TABLE + "formula"
_COVERED = _TABLE + "covered-table-cell"
_KIND = _OFFICE + "value-type"
_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "Err:")
_REPEATED_ROWS = _TABLE + "number-rows-repeated"


def open_ods(archive: Archive, limits: Limits) -> Opened:
    """Read a spreadsheet of OpenDocument.

    Raises
    ------
    Unreadable
        Damaged, locked with a password, beyond the limits, or without a filled sheet.
    """
    if "META-INF/manifest.xml" in archive.names:
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise Unreadable(
                "a spreadsheet that is locked with a password; save it without one, or as CSV"
            )
    content = archive.read("content.xml")
    refuse_doctype(content, "spreadsheet")
    try:
        return _read(content, limits)
    except Unreadable:
        raise
    except (etree.XMLSyntaxError, ValueError, KeyError):  # names that are none raise the other two
        raise Unreadable(
            "a damaged spreadsheet (no well-formed XML); open it in LibreOffice and save it again"
        ) from None


@dataclass(slots=True)
class _Sheet:
    """A sheet under construction: `waiting` counts empty rows, of which there may be a million at the end."""

    title: str
    hidden: bool
    marks: Marks = field(default_factory=Marks)
    rows: list[list[Cell]] = field(default_factory=list)
    waiting: int = 0
    widest: int = 1


def _read(content: bytes, limits: Limits) -> Opened:
    hidden_styles: set[str] = set()
    sheets: list[_Sheet] = []
    depth = 0  # a cell may hold a table of its own, which is not read
    events = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), tag=(_TABLE + "table", _TABLE + "table-row", _STYLE + "style"),
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
    )  # fmt: skip
    for event, node in events:
        if node.tag == _TABLE + "table":
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                title = node.get(_TABLE + "name", "") or f"sheet {len(sheets) + 1}"
                hidden = node.get(_TABLE + "style-name", "") in hidden_styles
                sheets.append(_Sheet(title, hidden))
                if len(sheets) > limits.tables:
                    raise Unreadable(
                        f"a workbook of more than {limits.tables} sheets; delete those without studies"
                    )
        elif event == "start":
            continue
        elif node.tag == _STYLE + "style":
            shown = node.find(_STYLE + "table-properties")
            if shown is not None and shown.get(_TABLE + "display") == "false":
                hidden_styles.add(node.get(_STYLE + "name", ""))
        elif depth == 1:
            if not sheets[-1].hidden:
                _row(node, sheets[-1], limits)
            node.clear()
            while node.getprevious() is not None:
                del node.getparent()[0]
    shown = [s for s in sheets if not s.hidden]
    skipped = [s.title for s in sheets if s.hidden]
    return from_sheets("ODS", [(s.title, s.rows, s.marks) for s in shown], skipped, limits)


def _row(node: etree._Element, sheet: _Sheet, limits: Limits) -> None:
    """Append a row as often as it is repeated."""
    number = len(sheet.rows) + sheet.waiting
    cells = _cells(node, sheet.marks, number + 1, limits)
    times = _times(node.get(_REPEATED_ROWS))
    if not cells:
        sheet.waiting += times
        return
    sheet.widest = max(sheet.widest, len(cells))
    limits.check_shape(number + times - 1, sheet.widest, f"sheet {sheet.title}")
    sheet.rows += [[] for _ in range(sheet.waiting)]
    sheet.waiting = 0
    if node.get(_TABLE + "visibility") in ("collapse", "filter"):
        sheet.marks.hidden_rows.update(range(number + 1, number + times + 1))
    sheet.rows += [list(cells) for _ in range(times)]


def _cells(row: etree._Element, marks: Marks, number: int, limits: Limits) -> list[Cell]:
    cells: list[Cell] = []
    for node in row:
        if node.tag not in (_TABLE + "table-cell", _COVERED):
            continue
        stated = dict(node.attrib)
        value = None if node.tag == _COVERED else _cell(node, stated)
        place = (number, len(cells) + 1)
        if value is None and _FORMULA in stated and _KIND not in stated:
            marks.uncomputed[place] = stated[_FORMULA].removeprefix("of:=")[:40]
        down, across = _times(stated.get(_ROWS_SPANNED)), _times(stated.get(_COLUMNS_SPANNED))
        if value is not None and (down > 1 or across > 1):
            marks.merged.append((number, place[1], number + down - 1, place[1] + across - 1))
        times = min(_times(stated.get(_REPEATED_COLUMNS)), limits.columns + 1)
        cells += [value] * times
        if len(cells) > limits.columns:
            if value is None:
                break  # the empty rest of the row
            limits.check_shape(1, len(cells))
    while cells and cells[-1] is None and (number, len(cells)) not in marks.uncomputed:
        cells.pop()
    return cells


def _cell(node: etree._Element, stated: dict[str, str]) -> Cell:
    kind = stated.get(_KIND)
    paragraphs = node.findall(_TEXT + "p")
    text = (
        "\n".join("".join(p.itertext()) if len(p) else p.text or "" for p in paragraphs).strip()
        or None
    )
    if text is not None and text.startswith(_ERRORS):
        return text  # an error is stored as the number 0
    if kind in ("float", "currency", "percentage"):
        try:
            value = float(stated.get(_OFFICE + "value", ""))
        except ValueError:
            return text
        if not math.isfinite(value):
            return text
        return percent_text(value) if kind == "percentage" else value
    if kind == "boolean":
        return "TRUE" if stated.get(_OFFICE + "boolean-value") == "true" else "FALSE"
    if kind in ("date", "time"):
        return f"{stated.get(_OFFICE + f'{kind}-value') or text or ''} (a {kind})"
    return text


def _times(text: str | None) -> int:
    return int(text) if text and text.isdigit() and 0 < len(text) < 9 and text != "0" else 1
