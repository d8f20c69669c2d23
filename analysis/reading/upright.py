"""A table with one row per study and one number per cell, however the sheet lays it out."""

from __future__ import annotations

import re

from analysis.reading import columns
from analysis.reading.asking import listed
from analysis.reading.layout import letters
from analysis.reading.naming import named, tokens
from analysis.reading.opened import Table
from analysis.reading.records import texts_of
from analysis.reading.roles import NUMBERS, TEXTS
from analysis.reading.several import cut, heading

_NUMBERS = NUMBERS.keys() | TEXTS.keys()
_FIELDS = 2
"""Known names of numbers down the first column from which studies stand across."""
_UNITS = frozenset({"unit", "units", "einheit", "unite", "unidad", "unita"})
_MOST_FIELDS = 150
"""More rows than that are studies."""


def laid_out(table: Table) -> Table:
    """The table turned where studies stand across its columns, its cells cut where they hold several numbers."""
    return cut(_turned(table))


def _turned(table: Table) -> Table:
    if table.faults or len(table.columns) < 2 or len(table.rows) > _MOST_FIELDS:
        return table
    fields = [row[0] for row in table.rows]
    names = [" ".join(f.split()) for f in fields if isinstance(f, str)]
    if len(names) < len(fields) or len({n.casefold() for n in names}) < len(names):
        return table
    if all(len(name) == 1 for name in names) or not any(_may_be_field(name) for name in names):
        return table
    if _numbers_of(cut(table)):
        return table
    if len(_told_of_rows(table.columns[0])) > 1:  # two rows of words made one header: "study arm"
        return table
    beside = [i for i, name in enumerate(table.columns) if i and _is_beside(name)]
    studies = [i for i in range(1, len(table.columns)) if i not in beside]
    across = Table(
        name=table.name,
        columns=(_corner(table, names), *names),
        rows=tuple((_study(table, i), *(row[i] for row in table.rows)) for i in studies),
        row_numbers=tuple(i + 1 for i in studies),
    )
    if len(_numbers_of(cut(across))) < _FIELDS:
        return table
    last = letters(len(table.columns) - 1)
    remark = (
        "studies stand across the columns and their numbers down the rows: the sheet is read turned, and its "
        f"columns B to {last} are called rows 2 to {len(table.columns)} here"
    )
    if beside:
        remark += f"; not used: {listed([table.columns[i] for i in beside])}"
    return Table(
        across.name, across.columns, across.rows, across.row_numbers, (*table.remarks, remark)
    )


def _is_beside(name: str) -> bool:
    """Whether a column beside the studies holds notes, sources or units."""
    return named(name).role in ("note", "source_url") or bool(set(tokens(name)) & _UNITS)


def _study(table: Table, at: int) -> str:
    """The study's name in the header, without the number that tells it from the same name before."""
    name = re.sub(r" \(\d+\)$", "", table.columns[at])
    return name if name in table.columns else table.columns[at]


def _told_of_rows(corner: str) -> set[str]:
    """What the words of the first heading tell, one by one, of what the rows of a header hold."""
    roles = {named(word).role for word in corner.split()}
    return roles & {"study", "treatment", "outcome", "year", "subgroup"}


def _may_be_field(name: str) -> bool:
    """Whether a name speaks of a number, by itself or beside others."""
    one = named(heading(name)[0])
    return bool(one.quantity) or one.role in _NUMBERS


def _numbers_of(table: Table) -> list[str]:
    """The roles of numbers that the columns of a table are known to have."""
    return [r for r in columns.guess(table.heads, texts_of(table)).roles if r in _NUMBERS]


def _corner(table: Table, names: list[str]) -> str:
    """What the first column of the turned table is called: the studies' names, unless a row holds them."""
    roles = columns.guess([table.columns[0], *names]).roles
    if roles[0] == "study" or "study" not in roles[1:]:
        return table.columns[0] if roles[0] == "study" else "study"
    return "column"
