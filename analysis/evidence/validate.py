"""Faults within one table: cells, then rules within a row, then repeated rows.

The schema is declared for pandera. Its own `validate` takes several times as long as all the tests of the columns
together, so they are asked here one by one, and a test compares the two. A cell is reported once, and a rule only
where none of its columns has been reported in that row: one slip, one line.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.evidence.columns import allowed_words, parse_number
from analysis.evidence.faults import row_id
from analysis.evidence.read import Finding, RawTable
from analysis.evidence.schema import Table


def typed_frame(table: Table, raw: RawTable) -> tuple[pd.DataFrame, dict[tuple[int, str], None]]:
    """A file as a typed frame, and the `(position, column)` of cells that should be numbers.

    Text columns are `str` with "" for an empty cell, number columns float64 with NaN.
    """
    data: dict[str, pd.Series] = {
        "row": pd.Series(raw.rows, dtype="int64"),
        "row_id": pd.Series([row_id(table.name, row) for row in raw.rows], dtype="str"),
    }
    unparsed: dict[tuple[int, str], None] = {}
    for name, cells in raw.columns.items():
        if not table.is_number(name):
            data[name] = pd.Series(cells, dtype="str")
            continue
        numbers = [parse_number(cell) for cell in cells]
        unparsed |= {(at, name): None for at, value in enumerate(numbers) if value is None}
        data[name] = pd.Series(
            [math.nan if value is None else value for value in numbers], dtype="float64"
        )
    return pd.DataFrame(data), unparsed


def row_findings(
    table: Table, raw: RawTable, frame: pd.DataFrame, unparsed: dict[tuple[int, str], None]
) -> list[Finding]:
    """Every fault of the table's rows, in order of row and column."""
    order = {name: position for position, name in enumerate(table.columns)}
    cells = unparsed | wrong_cells(table, raw, frame)
    # A column that the file lacks has been reported as such.
    reported: dict[int, dict[str, str]] = {}
    touched: dict[int, set[str]] = {}
    for at, name in cells:
        if name not in raw.absent:
            reported.setdefault(at, {})[name] = allowed_words(table.columns[name])
            touched.setdefault(at, set()).add(name)
    for at, number in broken_rules(table, frame):
        rule = table.rules[number]
        seen = touched.setdefault(at, set())
        if not seen & set(rule.columns) and not raw.absent & set(rule.columns):
            printed = {name: raw.columns[name][at] or "empty" for name in rule.columns}
            reported.setdefault(at, {})[rule.columns[0]] = rule.allowed.format_map(printed)
            seen |= set(rule.columns)

    findings = []
    for at in sorted(reported):
        key = _key(table, raw, at)
        lost = tuple(
            None if c in touched[at] else part for c, part in zip(table.key, key, strict=True)
        )
        for name in sorted(reported[at], key=order.__getitem__):
            findings.append(
                Finding(
                    table.name,
                    raw.rows[at],
                    name,
                    raw.columns[name][at],
                    reported[at][name],
                    key=key,
                    lost_key=lost if None in lost else None,
                )
            )
    return findings + _repeats(table, raw, skip=set(reported))


def wrong_cells(
    table: Table, raw: RawTable, frame: pd.DataFrame
) -> dict[tuple[int, str], None]:
    """The `(position, column)` of cells that their column does not allow."""
    wrong: dict[tuple[int, str], None] = {}
    for name, column in table.columns.items():
        at, values = range(len(raw.rows)), raw.columns[name]
        if table.is_number(name):
            numbers = frame[name].to_numpy()
            given = ~np.isnan(numbers)
            if not column.nullable:
                wrong |= {(int(empty), name): None for empty in np.flatnonzero(~given)}
            at, values = np.flatnonzero(given), numbers[given]
        for test in column.metadata["tests"]:
            allowed = np.asarray(test(values), dtype=bool)
            wrong |= {(int(at[place]), name): None for place in np.flatnonzero(~allowed)}
    return wrong


def broken_rules(table: Table, frame: pd.DataFrame) -> list[tuple[int, int]]:
    """Position of the row and number of the rule, in this order."""
    return sorted(
        (int(at), number)
        for number, rule in enumerate(table.rules)
        for at in np.flatnonzero(~rule.holds(frame).to_numpy(dtype=bool))
    )


def _key(table: Table, raw: RawTable, at: int) -> tuple[str, ...]:
    return tuple(raw.columns[name][at] for name in table.key)


def _repeats(table: Table, raw: RawTable, skip: set[int]) -> list[Finding]:
    """Rows whose key, or, without a key, whose every cell stands in an earlier row.

    Of two rows alike the first stays. Of two different rows with one key neither can be trusted, as
    nothing tells which of them the other tables mean: both are left out.
    """
    names = table.key or tuple(table.columns)
    first: dict[tuple[str, ...], int] = {}
    findings: list[Finding] = []
    distrusted: set[int] = set()
    for at, row in enumerate(raw.rows):
        if at in skip:
            continue
        cells = tuple(raw.columns[name][at] for name in names)
        earlier = first.setdefault(cells, at)
        if earlier == at:
            continue
        there = f"row {raw.rows[earlier]}"
        if not table.key:
            found, allowed = f"the same cells as {there}", "each reported result once"
            findings.append(Finding(table.name, row, "", found, allowed, quoted=False))
            continue
        allowed = f"a {' and '.join(table.key)} of its own; {there} has these"
        lost = (None,) * len(table.key)
        finding = Finding(table.name, row, table.key[-1], cells[-1], allowed, True, cells, lost)
        findings.append(finding)
        alike = all(values[at] == values[earlier] for values in raw.columns.values())
        if not alike and earlier not in distrusted:
            distrusted.add(earlier)
            finding.left_out.append(row_id(table.name, raw.rows[earlier]))
    return findings
