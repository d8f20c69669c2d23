"""The rows of a table are judged as pandera judges them by the declared schema."""

from __future__ import annotations

import pytest
from pandera.errors import SchemaErrors

from analysis.evidence.load import DATA
from analysis.evidence.read import RawTable, read_table
from analysis.evidence.schema import TABLES, Table
from analysis.evidence.validate import broken_rules, typed_frame, wrong_cells

WRONG = ("", "x\x07", "0", "-3", "1e9", "0.5", "NONE", "a b; c")


def spoilt(table: Table) -> RawTable:
    """The shipped rows with one cell of each column overwritten by each of `WRONG`, in a row of its own."""
    raw = read_table(table, (DATA / table.file).read_bytes())
    many = len(table.columns) * len(WRONG)
    rows = [at % len(raw.rows) for at in range(many)]
    columns = {name: [cells[at] for at in rows] for name, cells in raw.columns.items()}
    for place, (name, wrong) in enumerate((n, w) for n in table.columns for w in WRONG):
        columns[name][place] = wrong
    return RawTable(columns, list(range(2, many + 2)))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_cells_and_rules_that_do_not_hold_are_those_that_pandera_finds(table):
    raw = spoilt(table)
    frame, _ = typed_frame(table, raw)
    with pytest.raises(SchemaErrors) as failed:
        table.schema.validate(frame, lazy=True)
    cases = failed.value.failure_cases
    cells = cases[cases["schema_context"] == "Column"]
    rules = cases[cases["schema_context"] == "DataFrameSchema"]
    assert set(wrong_cells(table, raw, frame)) == set(zip(cells["index"], cells["column"], strict=True))
    assert {(at, f"rule {number}") for at, number in broken_rules(table, frame)} == set(
        zip(rules["index"], rules["check"], strict=True)
    )
