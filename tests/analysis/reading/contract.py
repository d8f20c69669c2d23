"""What every opened file keeps to, whatever its bytes: used by the property tests and by fuzzers."""

from __future__ import annotations

import math

from analysis.reading import Limits, Opened, Table, Unreadable, open_file
from analysis.reading.open import open_strictly

SMALL = Limits(bytes=300_000, unpacked=2_000_000, rows=2_000, columns=80, cells=40_000, tables=5)


def check(name: str, content: bytes) -> Opened | None:
    """Open, and look at what came out; None for a refusal in words. Anything else is a fault of the reader."""
    opened, said = None, "nothing"
    try:
        open_strictly(
            name, content, SMALL
        )  # a fault of a reader shows here, before it is put in words
        opened = open_file(name, content, SMALL)
    except Unreadable as error:
        said = str(error)
    if opened is None:
        assert said.strip()
        return None
    assert opened.kind
    assert bool(opened.tables) != bool(opened.analyses)
    for table in opened.tables:
        check_table(table)
    for analysis in opened.analyses:
        check_table(analysis.table)
        assert analysis.measure
        assert 0 < analysis.level < 1
        assert {"study", "year"} <= set(analysis.table.columns)
    assert all(isinstance(remark, str) and remark for remark in opened.remarks)
    return opened


def check_table(table: Table) -> None:
    assert table.columns
    assert len({name.lower() for name in table.columns}) == len(table.columns)
    assert all(name and name == name.strip() for name in table.columns)
    assert len(table.rows) == len(table.row_numbers)
    assert table.rows or table.faults
    assert all(isinstance(n, int) and n > 0 for n in table.row_numbers)
    for row in table.rows:
        assert len(row) == len(table.columns)
        for cell in row:
            if isinstance(cell, float):
                assert math.isfinite(cell)
            else:
                assert cell is None or (isinstance(cell, str) and cell == cell.strip() and cell)
