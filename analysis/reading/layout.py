"""Rows of cells as a spreadsheet shows them -> tables: where the header is, and what is no row of it.

No column name is known here. A cell that reads like a number tells data from names; a row with one
filled cell is a title or a note; names of groups above names of numbers make two rows of header.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analysis.reading.notes import number_with_mark
from analysis.reading.opened import Cell, Table, Unreadable

Record = tuple[int, tuple[Cell, ...]]
"""(row number, cells); text without spaces around it, None where nothing is written."""

MISSING = frozenset({
    "na", "n/a", "nan", "null", "none", "nr", "ns", "nd", ".", "-", "–", "—", "?", "#n/a",
    "not reported", "not stated", "not available", "missing", "unclear", "unknown",
})  # fmt: skip
_ERRORS = ("#N/A", "#DIV", "#REF", "#VALUE", "#NAME", "#NUM", "#NULL")
_LOOK_AHEAD = 30
_RULE = re.compile(r"[:+]?[-=_]{2,}[:+]?")
_SHOWN = 60

# 12, -0.5, 1.234,5, 45%, <0.01, 3.1 (2.0), 3.1 ± 2.0, 12/40, "0.4 to 0.9", 1e-8, [0.4; 0.9]
_NUMERIC = re.compile(
    r"[<>=≤≥~≈±+\-−–(\[ ]*[.,]?\d"
    r"(?:[\d.,\s%()\[\];:/±+\-−–*†‡]|(?<=\d)[eE](?=[+\-\d])|\bto\b|\bCI\b|\bSD\b|\bSE\b|\bIQR\b)*"
)


def numeric(cell: Cell) -> bool:
    """Whether a cell reads like a number, with whatever is usually written around one.

    >>> [numeric(c) for c in (3.0, "4,5", "12 (20%)", "3.1 ± 2.0", "<0.01", "0.4 to 0.9", "1e-8")]
    [True, True, True, True, True, True, True]
    >>> [numeric(c) for c in (None, "n1i", "30-day mortality", "Group 1", "12-Mar", "NR")]
    [False, False, False, False, False, False]
    """
    if isinstance(cell, str):
        return _NUMERIC.fullmatch(cell) is not None or number_with_mark(cell)
    return cell is not None


def tables_of(
    name: str, records: Sequence[Record], remarks: Sequence[str] = (), row_names: bool = False
) -> list[Table]:
    """Cut the rows of one sheet into its tables; most sheets hold one.

    Parameters
    ----------
    name : of the sheet or the file.
    records : its rows in order; rows of empty cells may be left out, the numbers tell.
    remarks : put before the remarks of the first table.
    row_names : whether every row may begin with a name for which the header has no cell, as R writes it;
        never where commas separate, since a decimal comma makes one cell too many as well.

    Raises
    ------
    Unreadable
        No cells at all, no header, or no row below it.
    """
    rows = [
        (number, cells)
        for number, cells in records
        if any(c is not None for c in cells) and not _is_rule(cells)
    ]
    if not rows:
        raise Unreadable("an empty table; needed: a row of column names, and one row per study")
    if len(rows) == 1:
        raise Unreadable(
            f"one row only ({_few(rows[0][1])}); needed: a row of column names, and one row per study below it"
        )
    starts = _blocks(rows)
    tables = []
    for nth, (start, end) in enumerate(zip(starts, [*starts[1:], len(rows)], strict=True), start=1):
        block = rows[start:end]
        title = name
        if len(starts) > 1:
            title = f"{name}, {_title(block) or f'part {nth}'}"
        parts = _side_by_side(block)
        for part, (left, right) in enumerate(parts, start=1):
            cut = [(number, cells[left:right]) for number, cells in block] if right else block
            label = f"{title}, columns {letters(left)} to {letters(right - 1)}" if right else title
            tables.append(_table(label, cut, () if tables else remarks, row_names and part == 1))
    return tables


# --- blocks ---------------------------------------------------------------------------------------
def _blocks(rows: Sequence[Record]) -> list[int]:
    """Where a title or a gap is followed by names and then by numbers: a further table of the sheet."""
    starts, numbers_seen = [0], False
    for i, (_, cells) in enumerate(rows[:-1]):
        if any(numeric(c) for c in cells):
            numbers_seen = True
            continue
        if not numbers_seen or _filled(cells) < 2 or not any(numeric(c) for c in rows[i + 1][1]):
            continue
        above, titled = i - 1, False
        while above > starts[-1] and _is_note(rows[above][1]):
            above, titled = above - 1, True
        gap = rows[above + 1][0] - rows[above][0] > 1
        names = [c for c in cells if c is not None]
        if (gap or titled) and not any(str(c).lower() in MISSING for c in names):
            starts.append(above + 1)
            numbers_seen = False
    return starts


def _side_by_side(block: Sequence[Record]) -> list[tuple[int, int]]:
    """(first column, one past the last) of tables that stand beside each other; [(0, 0)] for one table.

    They are parted by an empty column, and the same name heads the first column of each.
    """
    header = block[_header(block)[1]][1]
    width = max(len(cells) for _, cells in block)
    filled = [any(_at(cells, i) is not None for _, cells in block) for i in range(width)]
    parts: list[tuple[int, int]] = []
    start = None
    for i in range(width + 1):
        if i < width and filled[i]:
            start = i if start is None else start
        elif start is not None:
            parts.append((start, i))
            start = None
    heads = {_name(_at(header, left)).lower() for left, _ in parts}
    alike = len(heads) == 1 and heads != {""} and all(right - left > 2 for left, right in parts)
    return parts if len(parts) > 1 and alike else [(0, 0)]


def _title(block: Sequence[Record]) -> str:
    return _few(block[0][1]) if _is_note(block[0][1]) else ""


# --- header ---------------------------------------------------------------------------------------
def _table(name: str, rows: Sequence[Record], before: Sequence[str], row_names: bool) -> Table:
    top, bottom = _header(rows)
    remarks = list(before)
    if top:
        skipped = "; ".join(f"row {n}: {_few(cells)}" for n, cells in rows[:top][:3])
        remarks.append(f"above the header, not used: {skipped}")
    if bottom > top:
        numbers = " and ".join(str(rows[i][0]) for i in range(top, bottom + 1))
        remarks.append(f"rows {numbers} are read together as the header")
    body = list(rows[bottom + 1 :])
    upper, lower = rows[top][1], rows[bottom][1]
    if body and _is_units(lower, body[0][1]):
        remarks.append(f"row {body[0][0]} is taken for units and not used: {_few(body[0][1])}")
        del body[0]
    names = _joined(upper, lower) if bottom > top else [_name(c) for c in lower]
    wider = all(len(cells) == len(names) + 1 for _, cells in body)
    if row_names and body and wider and all(names) and any(c[-1] is not None for _, c in body):
        names = ["", *names]
    body, notes = _without_notes(body, names)
    remarks += notes
    wide = [(n, cells) for n, cells in body if any(c is not None for c in cells[len(names) :])]
    faults = tuple(
        (n, f"{_length(cells)} cells under {len(names)} column names; allowed: one cell per column "
            "(a comma inside a cell needs quotation marks around the cell)")
        for n, cells in wide
    )  # fmt: skip
    lost = {n for n, _ in wide}
    kept = [(n, cells) for n, cells in body if n not in lost]
    if not kept and not faults:
        raise Unreadable(f"a header and no row below it ({_few(lower)}); needed: one row per study")
    filled = {i for _, cells in kept for i, c in enumerate(cells) if c is not None}
    used = [i for i in range(len(names)) if names[i] or i in filled]
    columns, twice = _unique([names[i] or f"column {letters(i)}" for i in used])
    if twice:
        remarks.append(f"column names that occur twice are numbered: {', '.join(twice)}")
    return Table(
        name=name,
        columns=tuple(columns),
        rows=tuple(tuple(c[i] if i < len(c) else None for i in used) for _, c in kept),
        row_numbers=tuple(n for n, _ in kept),
        remarks=tuple(remarks),
        faults=faults,
    )


def _header(rows: Sequence[Record]) -> tuple[int, int]:
    """Index of the first and of the last row of the header (the same for one row)."""
    for i, (_, cells) in enumerate(rows[:-1]):
        width = max(_filled(c) for _, c in rows[i + 1 : i + 1 + _LOOK_AHEAD])
        half = 2 * _filled(cells) >= width
        if any(numeric(c) for c in cells):
            names = sum(not numeric(c) for c in cells if c is not None)
            if half and (2 * names >= _filled(cells) > 1 or _counts_up(cells)):
                return i, i
            if half and _filled(cells) > 1:
                raise Unreadable(
                    f"row {rows[i][0]} ({_few(cells)}) holds numbers where the names of the columns are "
                    "expected; needed: a row of names on top, such as study, yi, sei"
                )
            continue
        if not half or (_filled(cells) == 1 and width > 1):
            continue
        if _is_marked(cells) and any(
            _may_be_header(c) for _, c in rows[i + 1 : i + 1 + _LOOK_AHEAD]
        ):
            continue
        if i and _filled(rows[i - 1][1]) > 1 and _is_second(rows[i - 1][1], cells):
            return i - 1, i
        if i + 2 < len(rows) and _is_second(cells, rows[i + 1][1]):
            return i, i + 1
        return i, i
    return 0, 0


def _counts_up(cells: Sequence[Cell]) -> bool:
    """A name, then 1, 2, 3 ...: studies by their numbers across the columns."""
    rest = [_name(c) for c in cells[1:]]
    named = cells and cells[0] is not None and not numeric(cells[0])
    return bool(named) and len(rest) > 1 and rest == [str(n) for n in range(1, len(rest) + 1)]


def _may_be_header(cells: Sequence[Cell]) -> bool:
    return _filled(cells) > 1 and not _is_marked(cells) and not any(numeric(c) for c in cells)


def _is_second(upper: Sequence[Cell], lower: Sequence[Cell]) -> bool:
    """Whether `lower` goes on with the names of `upper`: groups above, what was measured below."""
    if any(numeric(c) or str(c).lower() in MISSING for c in (*upper, *lower) if c is not None):
        return False
    size = max(len(upper), len(lower))
    over, under = [_at(upper, i) for i in range(size)], [_at(lower, i) for i in range(size)]
    filled_in = sum(a is None and b is not None for a, b in zip(over, under, strict=True))
    spanned = any(a is not None and b is None for a, b in zip(over, under, strict=True))
    repeats_over, repeats_under = _repeats(over), _repeats(under)
    return (spanned or repeats_under) and (filled_in >= 1 or repeats_over) and _filled(under) > 1


def _is_units(header: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """A row without a name of its own and without numbers, right under a complete header."""
    return (
        below[:1] == (None,)
        and _at(header, 0) is not None
        and _filled(below) > 1
        and not any(numeric(c) or str(c).lower() in MISSING for c in below if c is not None)
    )


def _joined(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[str]:
    """Names of groups before the names below them.

    Where the lower names repeat once per group, each group has its turn, wherever its name stands over it
    (at the left as in merged cells, or in the middle); else a name is carried to the right over its columns.
    """
    size = max(len(upper), len(lower))
    over, under = [[_name(_at(row, i)) for i in range(size)] for row in (upper, lower)]
    below = [i for i in range(size) if under[i]]
    groups = [over[i] for i in below if over[i]]
    turn = len(below) // len(groups) if groups and len(below) % len(groups) == 0 else 0
    lowered = [under[i].lower() for i in below]
    if turn > 1 and all(lowered[k] == lowered[k % turn] for k in range(len(below))):
        group_of = {i: groups[k // turn] for k, i in enumerate(below)}
    else:
        group_of, group = {}, ""
        for i in range(size):
            group = over[i] if over[i] and under[i] else group if under[i] else ""
            group_of[i] = group
    parts = [(group_of.get(i, "") if under[i] else over[i], under[i]) for i in range(size)]
    return [" ".join(dict.fromkeys(p for p in pair if p)) for pair in parts]


def _unique(names: Sequence[str]) -> tuple[list[str], list[str]]:
    seen: Counter[str] = Counter()
    taken, unique, twice = {n.lower() for n in names}, [], []
    for name in names:
        key = name.lower()
        seen[key] += 1
        if seen[key] > 1:
            while f"{key} ({seen[key]})" in taken:
                seen[key] += 1
            name = f"{name} ({seen[key]})"
            taken.add(name.lower())
            twice.append(name)
        unique.append(name)
    return unique, twice


# --- rows that are none ---------------------------------------------------------------------------
def _without_notes(body: Sequence[Record], names: Sequence[str]) -> tuple[list[Record], list[str]]:
    """Leave out notes and repeated headers, and say so."""
    kept, notes, headers = [], [], []
    several = sum(bool(n) for n in names) > 1
    lowered = [n.lower() for n in names]
    for number, cells in body:
        if several and _is_note(cells):
            notes.append((number, cells))
        elif several and [_name(c).lower() for c in cells[: len(names)]] == lowered:
            headers.append(number)
        else:
            kept.append((number, cells))
    remarks = []
    if notes:
        shown = "; ".join(f"row {n}: {_few(cells)}" for n, cells in notes[:3])
        more = f" and {len(notes) - 3} more" if len(notes) > 3 else ""
        remarks.append(f"rows with one filled cell are notes, not used: {shown}{more}")
    if headers:
        remarks.append(f"the header again, not used: row {', '.join(map(str, headers[:5]))}")
    return kept, remarks


def _is_rule(cells: Sequence[Cell]) -> bool:
    """A line drawn with dashes, as under the header of a table in plain text."""
    drawn = [c for c in cells if c is not None]
    return len(drawn) > 1 and all(isinstance(c, str) and _RULE.fullmatch(c) for c in drawn)


def _is_note(cells: Sequence[Cell]) -> bool:
    """One filled cell, in words; or a line that is marked as a comment."""
    first = next((c for c in cells if c is not None), None)
    if not isinstance(first, str):
        return False
    alone = _filled(cells) == 1 and not numeric(first)
    return alone or (_is_marked(cells) and not any(numeric(c) for c in cells))


def _is_marked(cells: Sequence[Cell]) -> bool:
    """A line that begins as comments do; errors of a spreadsheet begin with # too."""
    first = next((c for c in cells if c is not None), None)
    comment = isinstance(first, str) and first.startswith(("#", "//"))
    return comment and not first.upper().startswith(_ERRORS)


# --- small things ---------------------------------------------------------------------------------
def letters(index: int) -> str:
    """The letters that a spreadsheet puts over a column.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    text = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        text = chr(ord("A") + rest) + text
        index -= 1
    return text


def _name(cell: Cell) -> str:
    """A header cell on one line; a number as a person would write it."""
    if cell is None:
        return ""
    return " ".join(cell.split()) if isinstance(cell, str) else f"{cell:.15g}"


def _few(cells: Sequence[Cell]) -> str:
    text = ", ".join(_name(c) for c in cells if c is not None)
    return f"“{text[:_SHOWN]}…”" if len(text) > _SHOWN else f"“{text}”"


def _at(cells: Sequence[Cell], i: int) -> Cell:
    return cells[i] if i < len(cells) else None


def _filled(cells: Sequence[Cell]) -> int:
    return sum(c is not None for c in cells)


def _length(cells: Sequence[Cell]) -> int:
    return max(i + 1 for i, c in enumerate(cells) if c is not None)


def _repeats(cells: Sequence[Cell]) -> bool:
    names = [_name(c).lower() for c in cells if c is not None]
    return len(names) > len(set(names))
