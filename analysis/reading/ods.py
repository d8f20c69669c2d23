"""ODS (LibreOffice, OpenOffice): stored values only, as for XLSX."""

from __future__ import annotations

import io
from collections.abc import Iterator

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
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            f"a damaged spreadsheet (no well-formed XML, line {error.lineno}); open it in LibreOffice and save it again"
        ) from None


def _read(content: bytes, limits: Limits) -> Opened:
    hidden_styles: set[str] = set()
    sheets: list[tuple[str, list[list[Cell]], Marks]] = []
    skipped: list[str] = []
    names = 0
    events = etree.iterparse(
        io.BytesIO(content), events=("end",), tag=(_TABLE + "table", _STYLE + "style"),
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
    )  # fmt: skip
    for _, node in events:
        if node.tag == _STYLE + "style":
            shown = node.find(_STYLE + "table-properties")
            if shown is not None and shown.get(_TABLE + "display") == "false":
                hidden_styles.add(node.get(_STYLE + "name", ""))
            continue
        if node.getparent() is None or node.getparent().tag != _OFFICE + "spreadsheet":
            continue
        names += 1
        title = node.get(_TABLE + "name", "") or f"sheet {names}"
        if node.get(_TABLE + "style-name", "") in hidden_styles:
            skipped.append(title)
        else:
            if len(sheets) == limits.tables:
                raise Unreadable(
                    f"a workbook of more than {limits.tables} sheets; delete those without studies"
                )
            marks = Marks()
            sheets.append((title, list(_rows(node, marks, limits, title)), marks))
        node.clear()
    return from_sheets("ODS", sheets, skipped, limits)


def _rows(sheet: etree._Element, marks: Marks, limits: Limits, title: str) -> Iterator[list[Cell]]:
    """Rows with their repetitions; empty ones at the end, of which there are a million, are dropped."""
    number, waiting, widest = 0, 0, 1
    for row in sheet.iter(_TABLE + "table-row"):
        cells = _cells(row, marks, number + waiting + 1, limits)
        times = _times(row.get(_REPEATED_ROWS))
        if not cells:
            waiting += times
            continue
        widest = max(widest, len(cells))
        limits.check_shape(number + waiting + times - 1, widest, f"sheet {title}")
        for _ in range(waiting):
            yield []
        number, waiting = number + waiting, 0
        for _ in range(times):
            number += 1
            if row.get(_TABLE + "visibility") in ("collapse", "filter"):
                marks.hidden_rows.add(number)
            yield list(cells)


def _cells(row: etree._Element, marks: Marks, number: int, limits: Limits) -> list[Cell]:
    cells: list[Cell] = []
    for node in row:
        if node.tag not in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            continue
        value = None if node.tag == _TABLE + "covered-table-cell" else _cell(node)
        place = (number, len(cells) + 1)
        if (
            node.get(_TABLE + "formula")
            and value is None
            and node.get(_OFFICE + "value-type") is None
        ):
            marks.uncomputed[place] = node.get(_TABLE + "formula", "").removeprefix("of:=")[:40]
        down, across = (
            _times(node.get(_TABLE + f"number-{way}-spanned")) for way in ("rows", "columns")
        )
        if value is not None and (down > 1 or across > 1):
            marks.merged.append((number, place[1], number + down - 1, place[1] + across - 1))
        times = min(_times(node.get(_REPEATED_COLUMNS)), limits.columns + 1)
        cells += [value] * times
        if len(cells) > limits.columns and value is None:
            break  # the empty rest of the row
        limits.check_shape(1, len(cells) if value is not None else 1)
    while cells and cells[-1] is None and (number, len(cells)) not in marks.uncomputed:
        cells.pop()
    return cells


def _cell(node: etree._Element) -> Cell:
    kind = node.get(_OFFICE + "value-type")
    text = "\n".join("".join(p.itertext()) for p in node.findall(_TEXT + "p")).strip() or None
    if text in ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!") or (
        text or ""
    ).startswith("Err:"):
        return text  # an error is stored as the number 0
    if kind in ("float", "currency", "percentage"):
        try:
            value = float(node.get(_OFFICE + "value", ""))
        except ValueError:
            return text
        return percent_text(value) if kind == "percentage" else value
    if kind == "boolean":
        return "TRUE" if node.get(_OFFICE + "boolean-value") == "true" else "FALSE"
    if kind in ("date", "time"):
        stored = node.get(_OFFICE + f"{kind}-value", "") or text or ""
        return f"{stored} (a {kind})"
    return text


def _times(text: str | None) -> int:
    return int(text) if text and text.isdigit() and 0 < len(text) < 9 and text != "0" else 1
