"""Read a folder of an earlier edition, whose files lack columns or files that the rules of today need.

What is missing is taken from the later folder: a column's cell where the same printed row stands there, a
missing file's rows about reports that stand in the earlier one. So both editions are answered by one set of
rules, and what differs is the evidence. What was taken is said.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from analysis.editions.rows import FIGURES, PLACE
from analysis.evidence.faults import Fault
from analysis.evidence.load import Contents, Evidence, contents_of, evidence_of
from analysis.evidence.schema import TABLES

_REASONS = ("never_pool_reason", "not_poolable_reason")
Records = list[dict[str, str]]


def load_beside(folder: Path, later: Path) -> tuple[Evidence, tuple[str, ...]]:
    """The evidence of `folder`, with what it lacks taken from `later`; and a sentence for each file that lacked it.

    A folder that lacks nothing is read as it is, but for its topic: both are asked the later one's questions.
    """
    contents, others = contents_of(folder), contents_of(later)
    remarks: list[str] = []
    filled: Contents = {}
    for name in TABLES:
        filled[name] = contents[name]
        theirs = _records(others[name][0])
        if theirs is None:
            continue
        if contents[name][0] is None:
            ids = {r["study_id"] for r in _records(contents["studies"][0]) or []}
            filled[name] = (_about(ids, theirs), "")
            remarks.append(f"{TABLES[name].file}: no such file in {folder}; taken from {later}")
            continue
        mine = _records(contents[name][0])
        if mine:
            filled[name] = (_filled(name, mine, theirs, remarks) or contents[name][0], "")
    return evidence_of(filled, folder, later), tuple(remarks)


def _records(content: bytes | None) -> Records | None:
    """The rows of a sound file by column; None where it is missing or cannot be cut into rows."""
    if content is None:
        return None
    try:
        reader = csv.DictReader(
            io.StringIO(content.decode("utf-8-sig"), newline=""), restkey="", strict=True
        )
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        return None
    whole = all("" not in row and None not in row.values() for row in rows)
    return rows if whole and rows else None


def _filled(name: str, mine: Records, theirs: Records, remarks: list[str]) -> bytes | None:
    """The file with the columns that it lacks; None where it lacks none that the other has."""
    lacking = [c for c in TABLES[name].columns if c not in mine[0] and c in theirs[0]]
    if not lacking:
        return None
    known = [
        c for c in (*PLACE.get(name, ()), *FIGURES.get(name, ())) if c in mine[0] and c in theirs[0]
    ]
    known = known or [c for c in mine[0] if c in theirs[0]]
    codes = {_key(row, known): row for row in theirs}
    place = [c for c in PLACE.get(name, ()) if c in known]
    nearly = {_key(row, place): row for row in theirs} if place else {}
    found = 0
    for row in mine:
        same = codes.get(_key(row, known)) or nearly.get(_key(row, place))
        found += same is not None
        row.update({column: same[column] if same else "" for column in lacking})
        reason = next((c for c in _REASONS if c in row), "")
        if "poolable" in lacking and (same is None or row[reason] != same.get(reason)):
            row["poolable"] = "no" if row[reason] else "yes"  # as that edition had it
    columns = "column" if len(lacking) == 1 else "columns"
    remarks.append(
        f"{TABLES[name].file}: the earlier folder lacks the {columns} {', '.join(lacking)}; taken from the "
        f"later one for {found} of {len(mine)} rows that stand there, too, and left empty for the others"
    )
    return _bytes(mine)


def _about(ids: set[str], rows: Records) -> bytes:
    """The rows that speak of these reports alone, and those that speak of none."""
    names = [c for c in rows[0] if c == "study_id" or c.endswith("_study_id")]
    kept = [row for row in rows if all(not row[c] or row[c] in ids for c in names)]
    return _bytes(kept, list(rows[0]))


def _key(row: Mapping[str, str], columns: list[str]) -> tuple[str, ...]:
    return tuple(row[c] for c in columns)


def _bytes(rows: Records, columns: list[str] | None = None) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def fault_lines(faults: tuple[Fault, ...], most: int = 5) -> list[str]:
    """The first faults of a folder, and how many more there are."""
    lines = [str(fault) for fault in faults[:most]]
    more = len(faults) - most
    return [*lines, f"and {more} more faults (python -m analysis check)"] if more > 0 else lines
