"""Files or sheets in the format of our own tables, as rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.evidence.faults import Fault
from analysis.evidence.own import OWN_TABLES
from analysis.evidence.schema import TABLES
from analysis.reading import Table
from analysis.reading.cells import NotANumber, number, signs_of
from analysis.reading.records import texts_of
from analysis.upload.candidate import Candidate, Origin, Row

_LEAST = 3
"""Columns of a table that a header must have to be taken for it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the file that it was read from, in words ("mine.xlsx, sheet arms")."""

    file: str
    table: Table


def table_of(table: Table) -> str:
    """Which of our tables a sheet holds, by its name or, failing that, by its columns; "" for a flat sheet."""
    header = {name.strip().lower() for name in table.columns}
    name = table.name.strip().lower().replace(" ", "_")
    if name in OWN_TABLES and "study_id" in header:
        return name
    fits = {t: len(header & TABLES[t].columns.keys()) for t in OWN_TABLES}
    best = max(fits, key=lambda t: fits[t])
    telling = "study_id" in header and fits[best] >= _LEAST and fits[best] > len(header) / 2
    return best if telling else ""


def read_tables(sheets: Sequence[Sheet]) -> Candidate:
    """Read sheets for which `table_of` names a table."""
    rows, faults = [], []
    for sheet in sheets:
        name = table_of(sheet.table)
        if not name:
            continue
        columns = TABLES[name].columns
        header = [column.strip().lower() for column in sheet.table.columns]
        for column in (c for c in header if c.endswith(" (2)") and c[:-4] in columns):
            faults.append(Fault(sheet.file, 1, column[:-4], "the column twice", "once", (), False))
        at = {column: header.index(column) for column in columns if column in header}
        numbers = [column for column in at if TABLES[name].is_number(column)]
        bodies = [{c: texts[i] for c, i in at.items()} for texts in texts_of(sheet.table)]
        signs = signs_of(cells[column] for cells in bodies for column in numbers)
        for row, cells in zip(sheet.table.row_numbers, bodies, strict=True):
            for column in numbers:
                try:
                    value = number(cells[column], signs).value
                except NotANumber:
                    continue  # the rules report the cell as it is
                cells[column] = "" if math.isnan(value) else repr(value).removesuffix(".0")
            filled = {column: _bare(text) for column, text in cells.items() if text}
            rows.append(Row(name, filled, Origin(sheet.file, row)))
    return Candidate(tuple(rows), tuple(faults))


def _bare(text: str) -> str:
    """A text without the apostrophe that `write` puts before what a spreadsheet would run."""
    return text[1:] if text[0] == "'" and text[1:2] in ("=", "+", "-", "@") else text
