"""Rows without a study's name: totals, further rows of the study above, or nobody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from analysis.reading.asking import Fault, listed
from analysis.reading.opened import Table
from analysis.reading.records import Record, text, with_name
from analysis.reading.totals import is_total


def named_rows(
    records: Sequence[Record], table: Table, named: Mapping[str, str]
) -> tuple[list[Record], list[str], list[Fault]]:
    """Every row under a name; what was done; rows that nothing tells.

    A row that names a total in any of its cells is left out. A name that stands in the first row of each study
    only, as merged cells do, is carried down. What stands without a name below all studies may be either.
    """
    bare = {r.row for r in records if not r.words.get("study") and r.v}
    if "study" not in named or not bare or len(bare) == len(records):
        return list(records), [], []
    cells = dict(zip(table.row_numbers, table.rows, strict=True))
    totals = [
        r.row for r in records if r.row in bare and any(is_total(text(c)) for c in cells[r.row])
    ]
    kept = [r for r in records if r.row not in totals]
    said = [f"row {row} names a total, not a study: left out" for row in totals]
    bare -= set(totals)
    last = max((i for i, r in enumerate(kept) if r.row not in bare), default=-1)
    carried = [r for r in kept[: last + 1] if r.row in bare]
    if (kept and kept[0].row in bare) or (bare and not carried and not _by_group(kept, bare)):
        allowed = "the name of the study in every row; the row of a total is to be deleted, or named Total"
        faults = [Fault(row, named["study"], "an empty cell", allowed) for row in sorted(bare)]
        return kept, said, faults
    above = kept[0] if kept else None
    for r in kept:
        if r.row in bare and above is not None:
            with_name(r, above)
        elif r.words.get("study"):
            above = r
    if bare:
        said.append(
            f"without a name, read as further rows of the study above: "
            f"row {listed([str(row) for row in sorted(bare)])}"
        )
    return kept, said, []


def _by_group(records: Sequence[Record], bare: set[int]) -> bool:
    """Whether each row without a name holds another group than the row above it."""
    below = [(one, other) for one, other in pairwise(records) if other.row in bare]
    treatments = [(o.words.get("treatment", ""), r.words.get("treatment", "")) for o, r in below]
    return bool(treatments) and all(a and b and a.casefold() != b.casefold() for a, b in treatments)
