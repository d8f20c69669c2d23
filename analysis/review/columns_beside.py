"""Columns beside the effects: what belongs together, and moderators."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.reading.asking import listed
from analysis.reading.mapping import Choices, WrongChoice, column_named
from analysis.reading.opened import Table
from analysis.reading.records import Record, text


def clusters_of(
    table: Table, choices: Choices, records: Sequence[Record]
) -> tuple[str, ...] | None:
    """What belongs together: by the column asked for, by study id, by name."""
    if choices.cluster:
        at = column_named(table, choices.cluster)
        if at is None:
            raise WrongChoice(
                f"cluster {choices.cluster}: no such column; the file has {listed(list(table.columns), 40)}"
            )
        cells = dict(zip(table.row_numbers, (text(row[at]) for row in table.rows), strict=True))
        labels = [cells[r.row] or r.label for r in records]
    elif records and all(r.words.get("cluster") for r in records):
        labels = [r.words["cluster"] for r in records]
    else:
        labels = [r.label for r in records]
    keys = [" ".join(label.split()).casefold() for label in labels]
    return tuple(labels) if len(set(keys)) < len(keys) else None


def moderators_of(
    table: Table, choices: Choices, rows: Sequence[int]
) -> dict[str, list[float] | list[str]]:
    found: dict[str, list[float] | list[str]] = {}
    for name in choices.mods:
        at = column_named(table, name)
        if at is None:
            raise WrongChoice(
                f"mods {name}: no such column; the file has {listed(list(table.columns), 40)}"
            )
        cells = dict(zip(table.row_numbers, (text(row[at]) for row in table.rows), strict=True))
        texts = [cells[row] for row in rows]
        try:
            found[table.columns[at]] = [
                float(t.replace(",", ".")) if t else math.nan for t in texts
            ]
        except ValueError:
            found[table.columns[at]] = texts
    return found
