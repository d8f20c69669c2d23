"""Faults within one table: cells, then rules within a row, then repeated rows.

pandera evaluates the declared schema lazily; this module turns its failure cases into findings. A
cell is reported once, and a rule only where none of its columns has been reported in that row: one
slip, one line.
"""

from __future__ import annotations

import math

import pandas as pd
from pandera.errors import SchemaErrors

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
    cells, broken_rules = dict(unparsed), set()
    try:
        table.schema.validate(frame, lazy=True)
    except SchemaErrors as failures:
        cases = failures.failure_cases
        on_cells = cases[cases["schema_context"] == "Column"]
        cells |= {
            (int(at), c): None for at, c in zip(on_cells["index"], on_cells["column"], strict=True)
        }
        on_rows = cases[cases["schema_context"] == "DataFrameSchema"]
        broken_rules = {
            (int(at), int(check.removeprefix("rule ")))
            for at, check in set(zip(on_rows["index"], on_rows["check"], strict=True))
        }
    # A column that the file lacks has been reported as such.
    reported: dict[int, dict[str, str]] = {}
    touched: dict[int, set[str]] = {}
    for at, name in cells:
        if name not in raw.absent:
            reported.setdefault(at, {})[name] = allowed_words(table.columns[name])
            touched.setdefault(at, set()).add(name)
    for at, number in sorted(broken_rules):
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
