"""What a file would bring: rows of our tables, where each came from, and the review that finds what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.evidence import Evidence
from analysis.evidence.faults import Fault
from analysis.evidence.own import OWN_TABLES, Cells, OwnRows, checked


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row was read: file, row as a spreadsheet numbers it, and its column for each of ours."""

    file: str
    row: int
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of our tables, and where it was read."""

    table: str
    cells: Cells
    origin: Origin


@dataclass(frozen=True, slots=True)
class Candidate:
    """The rows that a file holds, the faults found while its cells were read, and what was not used."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()

    def own(self) -> OwnRows:
        """The rows as `OwnRows`, in order."""
        return OwnRows(**{t: tuple(r.cells for r in self.rows if r.table == t) for t in OWN_TABLES})


@dataclass(frozen=True, slots=True)
class Review:
    """What of a candidate is sound, and every fault, by file, row and column.

    `left_out` counts the rows of the reader's files that are left out.
    """

    sound: OwnRows
    faults: tuple[Fault, ...]
    left_out: int
    remarks: tuple[str, ...] = ()


def review(candidate: Candidate, evidence: Evidence) -> Review:
    """Apply the rules of `data/` to a candidate, and name faults by the reader's own rows and columns.

    A row of the file goes in whole or not at all.
    """
    rows, faults = candidate.rows, list(candidate.faults)
    out: set[tuple[str, int]] = {(f.file, f.row) for f in faults if f.row is not None}
    while True:
        by_table = {t: [r for r in rows if r.table == t] for t in OWN_TABLES}
        _, found = checked(Candidate(rows).own(), evidence)
        if not found:
            break
        gone: set[int] = set()
        for fault in found:
            table = fault.file.removeprefix("your ").removesuffix(".csv")
            places = [(table, fault.row), *map(_place, fault.left_out)]
            hit = [by_table[t][n - 2] for t, n in places if n is not None]
            gone |= {id(row) for row in hit}
            out |= {(row.origin.file, row.origin.row) for row in hit}
            if hit:
                faults.append(_where_read(fault, [row.origin for row in hit]))
        kept = tuple(r for r in rows if id(r) not in gone)
        rows = tuple(r for r in kept if (r.origin.file, r.origin.row) not in out)
    faults.sort(key=lambda f: (f.file, f.row or 0))
    return Review(
        _with_results(Candidate(rows).own()),
        tuple(dict.fromkeys(faults)),
        len(out),
        candidate.remarks,
    )


def _place(name: str) -> tuple[str, int]:
    table, _, row = name.partition(":")
    return table, int(row)


def _where_read(fault: Fault, hit: list[Origin]) -> Fault:
    """The fault at the reader's own row and column, with the other rows that go with it."""
    first = hit[0]
    column = first.columns.get(fault.column, fault.column)
    others = dict.fromkeys(f"{o.file}:{o.row}" for o in hit)
    others.pop(f"{first.file}:{first.row}")
    return Fault(
        first.file, first.row, column, fault.found, fault.allowed, tuple(others), fault.quoted
    )


def _with_results(own: OwnRows) -> OwnRows:
    """Without studies that have nothing to pool."""
    own = own.tidy()
    named = {row["study_id"] for row in (*own.arm_results, *own.contrasts)}
    return own.without({row["study_id"] for row in own.studies} - named)
