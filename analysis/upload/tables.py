"""Files or sheets in the format of our own tables, as rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.effects.sheet_text import UnreadableNumber, decimal_sign, number
from analysis.evidence.faults import Fault
from analysis.evidence.own import OWN_TABLES
from analysis.evidence.schema import TABLES
from analysis.upload.candidate import Candidate, Origin, Row
from analysis.upload.files import Upload

_LEAST = 3
"""Columns of a table that a header must have to be taken for it."""


def table_of(upload: Upload) -> str:
    """The table that a sheet holds, by its name or, failing that, by its columns; "" for a flat sheet."""
    header = {name.strip().lower() for name in upload.grid.header}
    name = upload.name.strip().lower().replace(" ", "_")
    if name in OWN_TABLES and "study_id" in header:
        return name
    fits = {t: len(header & TABLES[t].columns.keys()) for t in OWN_TABLES}
    best = max(fits, key=lambda t: fits[t])
    telling = "study_id" in header and fits[best] >= _LEAST and fits[best] > len(header) / 2
    return best if telling else ""


def read_tables(uploads: Sequence[Upload]) -> Candidate:
    """Read sheets for which `table_of` names a table."""
    rows, faults = [], []
    for upload in uploads:
        table = table_of(upload)
        if not table:
            continue
        columns = TABLES[table].columns
        header = [name.strip().lower() for name in upload.grid.header]
        for name in dict.fromkeys(n for n in header if header.count(n) > 1 and n in columns):
            faults.append(Fault(upload.file, 1, name, "the column twice", "once", (), False))
        at = {name: header.index(name) for name in columns if name in header}
        numbers = [name for name in at if TABLES[table].is_number(name)]
        bodies = [(n, {c: t[i] if i < len(t) else "" for c, i in at.items()}) for n, t in upload.grid.rows]  # fmt: skip
        sign = decimal_sign(cells[name] for _, cells in bodies for name in numbers)
        for number_of_row, cells in bodies:
            for name in numbers:
                try:
                    value = number(cells[name], sign)
                except UnreadableNumber:
                    continue  # the rules report the cell as it is
                cells[name] = "" if math.isnan(value) else repr(value).removesuffix(".0")
            filled = {name: _bare(text) for name, text in cells.items() if text}
            rows.append(Row(table, filled, Origin(upload.file, number_of_row)))
    return Candidate(tuple(rows), tuple(faults))


def _bare(text: str) -> str:
    """A text without the apostrophe that `write` puts before what a spreadsheet would run."""
    return text[1:] if text[0] == "'" and text[1:2] in ("=", "+", "-", "@") else text
