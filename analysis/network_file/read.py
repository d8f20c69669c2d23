"""A network file -> studies for `fit_network`: cells to numbers, rows to contrasts or arms, faults by cell.

Nothing is guessed in silence: what is impossible or unreadable is a fault of its cell, and nothing is
computed until it is put right; what is merely incomplete is left out and said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.network_file.columns import (
    STUDY,
    Columns,
    UnknownColumns,
    find_columns,
    plain,
    roles_of,
)
from analysis.network_file.layouts import READERS
from analysis.network_file.measures import measure_of
from analysis.network_file.outcomes import one_outcome
from analysis.network_file.rows import Rows, UnusableFile, number_in
from analysis.reading import Cell, Table, Unreadable, open_file
from analysis.reading.cells import NotANumber, Signs
from analysis.synthesis.network import NetworkStudies


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """What a file holds: its studies, the measure and whether it was chosen here, and remarks."""

    studies: NetworkStudies
    measure: str
    guessed: bool
    layout: str
    remarks: tuple[str, ...]


def read_network(
    path: str | Path,
    measure: str | None = None,
    chosen: Mapping[str, str] | None = None,
    sheet: str | None = None,
    analysis: Sequence[str] = (),
) -> NetworkFile:
    """Read a file with the studies of a network.

    Parameters
    ----------
    path : a text table or a workbook.
    measure : None takes it from the file (a column, the name of the effect's column), else from the
        columns: OR for events and n, IRR for events and time, MD for means.
    chosen : role -> column, where the names do not tell.
    sheet : name of the sheet, where there are several.
    analysis : the outcome, and the time, where columns tell several apart.

    Raises
    ------
    UnusableFile
    """
    try:
        opened = open_file(Path(path).name, _bytes_of(Path(path)))
    except Unreadable as error:
        raise UnusableFile(str(error)) from None
    if not opened.tables:
        raise UnusableFile(f"found {opened.kind}; allowed: a table of studies")
    table, columns, guess = _table(opened.tables, chosen, sheet)
    columns = _settled_by_cells(Rows.of(table, columns))
    table = one_outcome(table, columns, analysis)
    rows = Rows.of(table, columns)
    named = measure or _named_in_column(rows) or columns.measure
    try:
        found, guessed = measure_of(named, rows.columns)
        studies = READERS[rows.columns.layout](rows, found)
    except UnusableFile:
        raise
    except ValueError as error:
        notes = getattr(error, "__notes__", ())
        raise UnusableFile(*rows.faults, *notes, str(error)) from None
    rows.require_no_faults()
    remarks = (*opened.remarks, *table.remarks, *guess, *rows.remarks, *rows.fractions())
    return NetworkFile(studies, found, guessed, rows.columns.layout, remarks)


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise UnusableFile("found a directory; allowed: a file")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnusableFile("found no such file; allowed: a table of studies") from None
    except OSError as error:
        raise UnusableFile(f"cannot be read ({error.strerror})") from None


def _table(
    tables: tuple[Table, ...], chosen: Mapping[str, str] | None, sheet: str | None
) -> tuple[Table, Columns, tuple[str, ...]]:
    """The first table with usable columns, or the one that was asked for; and what was guessed."""
    if sheet is not None:
        wanted = [table for table in tables if table.name.casefold() == sheet.casefold()]
        if not wanted:
            names = ", ".join(table.name for table in tables)
            raise UnusableFile(f"found no sheet {sheet!r}; allowed: {names}")
        tables = tuple(wanted)
    said = ""
    for table in tables:
        guess: tuple[str, ...] = ()
        try:
            try:
                columns = find_columns(table.columns, chosen)
            except UnknownColumns:
                events = _events_by_cells(table, chosen)
                if events is None:
                    raise
                columns = find_columns(table.columns, {**(chosen or {}), "events": events})
                guess = (f"the column {events} is taken for the events; --map changes it",)
        except UnknownColumns as error:
            said = said or str(error)
            continue
        if table.faults:
            raise UnusableFile(*(f"row {row}: {sentence}" for row, sentence in table.faults))
        return table, columns, guess
    raise UnusableFile(said)


def _events_by_cells(table: Table, chosen: Mapping[str, str] | None) -> str | None:
    """The one column without a known name that can only be the events: counts of at most n in each arm.

    Events are often called what they are ("stroke").
    """
    place = roles_of(table.columns, chosen)
    if not {("study", 0), ("treatment", 0), ("n", 0)} <= place.keys():
        return None
    sizes = [_count(row[place["n", 0]]) for row in table.rows]
    found = []
    for i, name in enumerate(table.columns):
        if i in place.values() or plain(name) in (*STUDY, "year"):
            continue
        counts = [_count(row[i]) for row in table.rows]
        if all(
            c is not None and n is not None and c <= n for c, n in zip(counts, sizes, strict=True)
        ):
            found.append(name)
    return found[0] if len(found) == 1 else None


def _count(cell: Cell) -> float | None:
    """A whole number of 0 or more, else None."""
    try:
        value = number_in(cell, Signs(), whole=True)
    except NotANumber:
        return None
    return value if value >= 0 and value.is_integer() else None


def _settled_by_cells(rows: Rows) -> Columns:
    """`y` with a standard error may be a mean or a difference: only differences leave a cell empty."""
    columns = rows.columns
    place = columns.place.get(("te", 0))
    if columns.layout != "baseline" or place is None or plain(rows.table.columns[place]) != "y":
        return columns
    if any(math.isnan(rows.value(row, "te")) for row in range(len(rows))):
        return columns
    moved = {key: i for key, i in columns.place.items() if key != ("te", 0)} | {("mean", 0): place}
    return Columns("arms", moved, None)


def _named_in_column(rows: Rows) -> str | None:
    """The measure that a column names, the same in all rows."""
    named = {rows.text(row, "measure") for row in range(len(rows))} - {""}
    if len({name.casefold() for name in named}) > 1:
        listed = ", ".join(sorted(named))
        raise UnusableFile(f"found several measures ({listed}); allowed: one per file")
    return next(iter(named), None)
