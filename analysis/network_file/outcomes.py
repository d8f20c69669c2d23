"""Files with several outcomes or times: rows that repeat a study's comparison are told apart by a column.

Nothing but the cells tells such a column: under each of its values every study states a comparison once, and taken
together it states some of them more than once. A column of doses is none, since one dose alone compares nothing.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from analysis.network_file.columns import Columns
from analysis.network_file.rows import Rows, UnusableFile
from analysis.reading import Table
from analysis.reading.asking import listed

SHOWN = 12
Place = tuple[str, tuple[str, ...]]
"""A study, and the treatments of one row of it."""


def one_outcome(table: Table, columns: Columns, asked: Sequence[str] = ()) -> Table:
    """The rows of one outcome: those that the reader asked for, or all where there is one only.

    Raises
    ------
    UnusableFile
        Where several stand in the file and none was asked for, or the one asked for is not there.
    """
    for wanted in asked:
        table = _rows_of(table, columns, wanted)
    for column in _free(table, columns):
        values = _values(table, column)
        if _parts(_places(table, columns), values):
            name, found = table.columns[column], Counter(v for v in values if v)
            raise UnusableFile(
                f"the column {name} names {len(found)} outcomes or times, and studies stand "
                "under more than one: which?",
                *(f'  {value} ({n} rows): --analysis "{value}"' for value, n in found.most_common(SHOWN)),
                "a choice is to be made, nothing computed", choice=True,
            )  # fmt: skip
    if columns.layout == "arms":
        _require_one_row_per_arm(table, columns)
    return table


def _free(table: Table, columns: Columns) -> list[int]:
    """Columns that tell neither study nor treatment nor a number in use; a time beside sizes may be a visit's."""
    used = {i for (role, _), i in columns.place.items() if role != "time" or not columns.has("n")}
    return [i for i in range(len(table.columns)) if i not in used]


def _values(table: Table, column: int) -> list[str]:
    return [_text(row[column]) for row in table.rows]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:.15g}" if isinstance(cell, float) else " ".join(str(cell).split())


def _places(table: Table, columns: Columns) -> list[Place]:
    rows = Rows.of(table, columns)
    arms = [arm for role, arm in sorted(columns.place) if role == "treatment"]
    return [
        (name.casefold(), tuple(sorted(rows.text(row, "treatment", arm).casefold() for arm in arms)))
        for row, name in enumerate(rows.studies())
    ]  # fmt: skip


def _parts(places: Sequence[Place], values: Sequence[str]) -> bool:
    """Whether the values part rows that would otherwise repeat each other into whole outcomes."""
    if len(set(values) - {""}) < 2 or len(set(places)) == len(places):
        return False
    keyed = list(zip(places, values, strict=True))
    if len(set(keyed)) < len(keyed):
        return False
    repeated = {study for (study, _), n in Counter(places).items() if n > 1}
    rows_under = Counter((study, value) for (study, _), value in keyed if study in repeated)
    least = 2 if all(len(treatments) == 1 for _, treatments in places) else 1
    return min(rows_under.values()) >= least


def _rows_of(table: Table, columns: Columns, wanted: str) -> Table:
    free = _free(table, columns)
    for column in free:
        values = _values(table, column)
        keep = [i for i, value in enumerate(values) if value.casefold() == wanted.strip().casefold()]
        if keep:
            return dataclasses.replace(
                table,
                rows=tuple(table.rows[i] for i in keep),
                row_numbers=tuple(table.row_numbers[i] for i in keep),
            )
    places = _places(table, columns)
    named = [
        value
        for column in free
        if _parts(places, _values(table, column))
        for value in dict.fromkeys(_values(table, column))
    ]
    allowed = listed(named, SHOWN) if named else "none: no column divides the file into outcomes"
    raise UnusableFile(f"found no outcome or time {wanted!r}; allowed: {allowed}")


def _require_one_row_per_arm(table: Table, columns: Columns) -> None:
    """Two studies of one name, or two outcomes without a column that names them, are no arms to be added up.

    One treatment in two of several arms (two doses) is; every treatment twice is not.
    """
    arms: dict[str, Counter[tuple[str, ...]]] = {}
    names: dict[str, str] = {}
    for name, (study, treatment) in zip(
        Rows.of(table, columns).studies(), _places(table, columns), strict=True
    ):
        names.setdefault(study, name)
        arms.setdefault(study, Counter())[treatment] += 1
    twice = [names[study] for study, of in arms.items() if len(of) > 1 and min(of.values()) > 1]
    if twice:
        raise UnusableFile(
            f"each treatment of {listed(twice, 4)} has several rows; allowed: one row per arm "
            "(give each study a name of its own, or keep the rows of one outcome or time; add up an arm's parts)"
        )
