"""A flat sheet with metafor's column names -> effect sizes, labels, and what was wrong with which
cell.

Two ways out of the pool, both named, never silent:

* a *fault* is something impossible or unreadable (events above the size, a negative SD, text where
  a number belongs): the caller pools nothing until it is put right;
* a row *left out* is merely incomplete (an empty cell), or one for which the measure does not
  exist.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.effects.arrays import FloatArray
from analysis.effects.measures import MEASURES, Measure, measure_named
from analysis.effects.sheet_text import (
    Grid,
    SheetError,
    UnreadableNumber,
    decimal_sign,
    number,
    read_grid,
)

COUNTS = frozenset({"ai", "bi", "ci", "di", "xi", "x1i", "x2i"})
SIZES = frozenset({"n1i", "n2i", "ni"})
ABOVE_ZERO = frozenset({"t1i", "t2i", "ti", "vi", "sei"})
SDS = frozenset({"sd1i", "sd2i", "sdi"})
COLUMNS = COUNTS | SIZES | ABOVE_ZERO | SDS | frozenset({"yi", "ri", "mi", "m1i", "m2i"})
LABELS = ("slab", "study", "author", "authors", "label", "name", "trial")

# What stands in for a column: metafor takes either. Of a size, only beside the events (bi = n1i - ai).
INSTEAD = {"vi": "sei"}
INSTEAD_OF_SIZES = INSTEAD | {"n1i": "bi", "n2i": "di"}
WITHIN = (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni"))
CELL_SUMS = (("ai", "bi", "n1i"), ("ci", "di", "n2i"))
# vi and sei of one row may differ by rounding, not by more.
VARIANCE_TOLERANCE = 0.25

# Tried in this order when no measure is named: what the columns allow, most specific first.
GUESSES = ("GEN", "OR", "MD", "IRR", "MC", "PLO", "IRLN", "MN", "ZCOR")


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that must be put right: row as a spreadsheet numbers it (the header is row 1)."""

    row: int
    column: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: found {self.found}; allowed: {self.allowed}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One study that cannot enter, and why."""

    row: int
    label: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row} ({self.label}) left out: {self.reason}"


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What a sheet holds, ready to be pooled if ``faults`` is empty.

    Attributes
    ----------
    measure : the effect measure used.
    guessed : whether it was chosen here, from the columns.
    ready_made : whether ``yi`` and ``vi`` were read rather than computed.
    labels, rows : study names and spreadsheet row numbers, in the order of ``yi``.
    yi, vi : float arrays, shape (k,), finite, ``vi`` above 0.
    sizes : group sizes (person-times) for the Freeman-Tukey back-transformation, where the sheet
    has them. faults, left_out : see the module. corrected : labels of the studies whose zero cells
    got ``measure.default_add``.
    """

    measure: Measure
    guessed: bool
    ready_made: bool
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    yi: FloatArray
    vi: FloatArray
    sizes: FloatArray | None
    faults: tuple[Fault, ...]
    left_out: tuple[LeftOut, ...]
    corrected: tuple[str, ...]


def read_sheet(path: str | Path, measure: str | None = None) -> Sheet:
    """Read a CSV file and compute its effect sizes.

    Parameters
    ----------
    path : CSV with a header; names in any case and order, further columns ignored. Separated by
    commas,
        semicolons, tabs or bars; decimal commas are read where nothing contradicts them.
    measure : metafor's name; None chooses by the columns (``GUESSES``). A sheet with ``yi`` and
    ``vi`` (or
        ``sei``) but not the measure's own columns is taken to hold that measure ready made.

    Raises
    ------
    SheetError
        The file as a whole cannot be used.
    ValueError
        No such measure.
    """
    wanted = None if measure is None else measure_named(measure)
    grid = read_grid(Path(path), COLUMNS)
    where = _columns_of(grid)
    chosen, ready_made = _choose(wanted, where, grid)
    needed = MEASURES["GEN"].columns if ready_made else chosen.columns
    instead = _instead(needed)
    read = tuple(c for name in needed for c in (name, instead.get(name, name)) if c in where)
    extra = chosen.size_column
    if ready_made and extra is not None and extra in where:
        read += (extra,)
    labels = _labels_of(grid)
    rows, faults = _numbers_of(grid, {c: where[c] for c in dict.fromkeys(read)})
    complete: list[tuple[int, str, Mapping[str, float]]] = []
    left_out: list[LeftOut] = []
    for (row, values), label in zip(rows, labels, strict=True):
        if values is None:
            continue
        wrong = _row_faults(row, values)
        faults += wrong
        filled = _fill(values)
        missing = [_either(c, instead) for c in needed if math.isnan(filled.get(c, math.nan))]
        if wrong:
            continue
        if missing:
            left_out.append(LeftOut(row, label, f"no value in {', '.join(missing)}"))
        else:
            complete.append((row, label, filled))
    return _with_effects(chosen, wanted is None, ready_made, complete, faults, left_out)


def _with_effects(
    measure: Measure,
    guessed: bool,
    ready_made: bool,
    complete: list[tuple[int, str, Mapping[str, float]]],
    faults: list[Fault],
    left_out: list[LeftOut],
) -> Sheet:
    """Effect sizes of the complete rows; those that do not exist are left out by name."""

    def column(name: str) -> FloatArray:
        return np.array([values.get(name, math.nan) for _, _, values in complete], dtype=float)

    if ready_made or measure.function is None:
        yi, vi = column("yi"), column("vi")
    else:
        computed = measure.function(**{name: column(name) for name in measure.columns})
        yi, vi = computed.yi, computed.vi
    kept = []
    for i, (row, label, _) in enumerate(complete):
        if math.isnan(yi[i]):
            left_out.append(LeftOut(row, label, f"no {measure.name} exists: {measure.undefined}"))
        elif not vi[i] > 0:
            faults.append(
                Fault(row, "vi", f"{vi[i]:g}", "numbers that give a sampling variance above 0")
            )
        else:
            kept.append(i)
    size_column = measure.size_column
    sizes = None if size_column is None else column(size_column)[kept]
    if sizes is not None and np.isnan(sizes).any():
        sizes = None
    corrects = bool(measure.default_add) and not ready_made
    return Sheet(
        measure=measure,
        guessed=guessed,
        ready_made=ready_made,
        labels=tuple(complete[i][1] for i in kept),
        rows=tuple(complete[i][0] for i in kept),
        yi=yi[kept],
        vi=vi[kept],
        sizes=sizes,
        faults=tuple(sorted(faults, key=lambda f: f.row)),
        left_out=tuple(sorted(left_out, key=lambda r: r.row)),
        corrected=tuple(complete[i][1] for i in kept if corrects and _has_zero(complete[i][2])),
    )


def _has_zero(values: Mapping[str, float]) -> bool:
    """Whether a 2 x 2 table, a proportion or a pair of rates has an empty cell."""
    if any(values.get(c) == 0 for c in COUNTS):
        return True
    return any(e in values and values[e] == values.get(n) for e, n in WITHIN)


def _columns_of(grid: Grid) -> dict[str, int]:
    """Index of every recognised column; a name that occurs twice is refused, since either may be
    meant.
    """
    where: dict[str, int] = {}
    for index, printed in enumerate(grid.header):
        name = printed.lower()
        if name not in COLUMNS:
            continue
        if name in where:
            raise SheetError(f"found column {name} twice; allowed: once")
        where[name] = index
    return where


def _instead(columns: tuple[str, ...]) -> Mapping[str, str]:
    """What may stand in for which of the columns that a measure needs."""
    return INSTEAD_OF_SIZES if "ai" in columns else INSTEAD


def _has(measure: Measure, where: Mapping[str, int]) -> bool:
    instead = _instead(measure.columns)
    return all(c in where or instead.get(c) in where for c in measure.columns)


def _choose(wanted: Measure | None, where: Mapping[str, int], grid: Grid) -> tuple[Measure, bool]:
    """The measure, and whether it is in the sheet ready made."""
    generic = MEASURES["GEN"]
    found = ", ".join(name for name in grid.header if name) or "no names"
    if wanted is None:
        for name in GUESSES:
            if _has(MEASURES[name], where):
                return MEASURES[name], name == "GEN"
        sets = "; or ".join(f"{_needs(MEASURES[name])} ({name})" for name in GUESSES)
        raise SheetError(f"no usable columns: found {found}; allowed: {sets}")
    if wanted.function is not None and _has(wanted, where):
        return wanted, False
    if _has(generic, where):
        return wanted, True
    own = "" if wanted.function is None else f"{_needs(wanted)}; or "
    raise SheetError(f"{wanted.name} needs {own}{_needs(generic)}; found {found}")


def _needs(measure: Measure) -> str:
    instead = _instead(measure.columns)
    return ", ".join(_either(c, instead) for c in measure.columns)


def _either(column: str, instead: Mapping[str, str]) -> str:
    return f"{column} (or {instead[column]})" if column in instead else column


def _numbers_of(
    grid: Grid, where: Mapping[str, int]
) -> tuple[list[tuple[int, dict[str, float] | None]], list[Fault]]:
    """The numbers of every row by column; None for a row that cannot be read as it stands."""
    cells = {
        row: {c: texts[i] if i < len(texts) else "" for c, i in where.items()}
        for row, texts in grid.rows
    }
    sign = decimal_sign(text for by_column in cells.values() for text in by_column.values())
    rows: list[tuple[int, dict[str, float] | None]] = []
    faults: list[Fault] = []
    for row, by_column in cells.items():
        values: dict[str, float] | None = {}
        for column, text in by_column.items():
            try:
                value = number(text, sign, whole=column in COUNTS | SIZES)
            except UnreadableNumber as error:
                faults.append(Fault(row, column, f'"{text}"', str(error)))
                values = None
                continue
            if values is not None:
                values[column] = value
        rows.append((row, values))
    width = len(grid.header)
    for i, (row, texts) in enumerate(grid.rows):
        if any(texts[width:]):  # A stray separator has shifted the cells.
            faults.append(
                Fault(row, f"{width + 1}", f"{len(texts)} cells", f"{width}, as in the header")
            )
            rows[i] = (row, None)
    return rows, faults


def _row_faults(row: int, values: Mapping[str, float]) -> list[Fault]:
    """What is impossible in one row, cell by cell and then between cells."""
    faults = []
    for column, value in values.items():
        rule = _broken_rule(column, value)
        if rule:
            faults.append(Fault(row, column, f"{value:.15g}", rule))
    if faults:
        return faults
    for events, size in WITHIN:
        if values.get(events, 0) > values.get(size, math.inf):
            allowed = f"at most {size} = {values[size]:.15g}"
            faults.append(Fault(row, events, f"{values[events]:.15g}", allowed))
    for events, rest, size in CELL_SUMS:
        total = values.get(events, math.nan) + values.get(rest, math.nan)
        if total == 0:
            faults.append(Fault(row, events, "no patient in the group", "a group size above 0"))
        elif abs(total - values.get(size, math.nan)) > 1e-9 * total:
            allowed = f"{size} - {events} = {values[size] - values[events]:.15g}"
            faults.append(Fault(row, rest, f"{values[rest]:.15g}", allowed))
    vi, square = values.get("vi", math.nan), values.get("sei", math.nan) ** 2
    if abs(vi - square) > VARIANCE_TOLERANCE * max(vi, square):
        faults.append(Fault(row, "vi", f"{vi:.15g}", f"the square of sei, {square:.6g}"))
    return faults


def _broken_rule(column: str, value: float) -> str:
    """The rule that one value breaks, in words; empty if none (NaN, an empty cell, breaks none)."""
    if column in COUNTS and value < 0:
        return "a count of 0 or more"
    if column in SIZES and value <= 0:
        return "a group size above 0"
    if column in ABOVE_ZERO and value <= 0:
        return "a number above 0"
    if column in SDS and value < 0:
        return "a standard deviation of 0 or more"
    if column == "ri" and abs(value) > 1:
        return "a correlation between -1 and 1"
    return ""


def _fill(values: Mapping[str, float]) -> dict[str, float]:
    """Values with sizes and variances completed from what stands in for them."""
    filled = dict(values)
    if math.isnan(filled.get("vi", math.nan)) and "sei" in filled:
        filled["vi"] = filled["sei"] ** 2
    for events, rest, size in CELL_SUMS:
        if math.isnan(filled.get(size, math.nan)) and events in filled and rest in filled:
            filled[size] = filled[events] + filled[rest]
    return filled


def _labels_of(grid: Grid) -> list[str]:
    """One name per row, with the year: of the first column that holds words, label columns first."""
    names = [name.lower() for name in grid.header]

    def texts(index: int) -> list[str]:
        return [cells[index] if index < len(cells) else "" for _, cells in grid.rows]

    def wordy(index: int) -> bool:
        return any(any(ch.isalpha() for ch in text) for text in texts(index))

    named = [names.index(name) for name in LABELS if name in names]
    others = [i for i, name in enumerate(names) if name not in COLUMNS and i not in named]
    candidates = [i for i in (*named, *others) if wordy(i)] or named
    chosen = texts(candidates[0]) if candidates else [""] * len(grid.rows)
    years = texts(names.index("year")) if "year" in names else [""] * len(grid.rows)
    labels = []
    for (row, _), text, year in zip(grid.rows, chosen, years, strict=True):
        name = " ".join(text.split())
        if name and year and year not in name:
            name = f"{name} {year}"
        labels.append(name or f"row {row}")
    return labels
