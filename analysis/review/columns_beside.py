"""Columns beside the effects: what belongs together, and moderators."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from analysis.reading import cells
from analysis.reading.asking import listed
from analysis.reading.mapping import Choices, WrongChoice, column_named
from analysis.reading.opened import Table
from analysis.reading.records import Record, text

_AS_GROUPS = re.compile(r"factor\((.+)\)", re.IGNORECASE)
"""As R writes it: a column of numbers that are names of groups."""

_SILENT = cells.MISSING - {"none", "x", "ns", "n.s.", "nd", "n.d."}
"""Words that say nothing; "none" and the like may be the name of a group."""

Moderators = Mapping[str, list[float] | list[str]]


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
        named = dict(zip(table.row_numbers, (text(row[at]) for row in table.rows), strict=True))
        labels = [named[r.row] or r.label for r in records]
    elif records and all(r.words.get("cluster") for r in records):
        labels = [r.words["cluster"] for r in records]
    else:
        labels = [r.label for r in records]
    keys = [" ".join(label.split()).casefold() for label in labels]
    return tuple(labels) if len(set(keys)) < len(keys) else None


def moderators_of(
    table: Table, choices: Choices, rows: Sequence[int]
) -> tuple[Moderators, tuple[str, ...]]:
    """The cells of each column asked for, in the order of the studies, and what is to be known about them.

    A missing number is NaN, a missing word "". A column is of numbers where every cell is one or says that it is
    missing.

    Raises
    ------
    WrongChoice
        A column that the table does not have.
    """
    found: dict[str, list[float] | list[str]] = {}
    said: list[str] = []
    for name in choices.mods:
        at, grouped = column_named(table, name), False
        if at is None and (inner := _AS_GROUPS.fullmatch(name.strip())):
            at, grouped = column_named(table, inner[1].strip()), True
        if at is None:
            raise WrongChoice(
                f"mods {name}: no such column; the file has {listed(list(table.columns), 40)}"
            )
        whole = {n: text(row[at]) for n, row in zip(table.row_numbers, table.rows, strict=True)}
        texts = [whole[row] for row in rows]
        values, odd = _numbers(texts)
        column = table.columns[at]
        if not (odd or grouped or np.isnan(values).all()):
            found[column] = values
            continue
        found[column] = ["" if t.strip().casefold() in _SILENT else t for t in texts]
        if not grouped and not np.isnan(values).all():
            are = "is" if len(odd) == 1 else "are"
            said.append(f"{column} is taken as words, for {listed(odd, 3)} {are} no number")
    return found, tuple(said)


def _numbers(texts: Sequence[str]) -> tuple[list[float], list[str]]:
    """Each cell as a number, and the cells that are none."""
    signs = cells.signs_of(texts)
    values, odd = [], []
    for cell in texts:
        try:
            values.append(cells.number(cell, signs).value)
        except cells.NotANumber:
            values.append(math.nan)
            odd.append(f"“{cell}”")
    return values, list(dict.fromkeys(odd))
