"""A network file -> studies for `fit_network`: cells to numbers, rows to contrasts or arms, faults by cell.

Nothing is guessed in silence: what is impossible or unreadable is a fault of its cell, and nothing is
computed until it is put right; what is merely incomplete is left out and said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.effects.convert import quantile
from analysis.network_file.columns import (
    ARM_NUMBERS,
    STUDY,
    Columns,
    UnknownColumns,
    find_columns,
    plain,
    roles_of,
)
from analysis.network_file.measures import ARM_MEASURES, measure_of
from analysis.reading import Cell, Table, Unreadable, open_file
from analysis.reading.cells import NotANumber, Signs, number, signs_of
from analysis.synthesis.network import NetworkStudies, from_arms, from_baseline, from_contrasts

LEVEL_OF_LIMITS = 0.95
NO_NAME = frozenset({"", "na", "n/a", "nan", "#n/a", "."})
"""Cells without a name; "none" may be a treatment."""
WHOLE = ("events", "nonevents", "n")


class UnusableFile(ValueError):
    """The file cannot be used; `lines` say why, one each."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


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
) -> NetworkFile:
    """Read a file with the studies of a network.

    Parameters
    ----------
    path : a text table or a workbook.
    measure : None takes it from the file (a column, the name of the effect's column), else from the
        columns: OR for events and n, IRR for events and time, MD for means.
    chosen : role -> column, where the names do not tell.
    sheet : name of the sheet, where there are several.

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
    rows = _Rows.of(table, columns)
    rows = _Rows.of(table, _settled_by_cells(rows))
    named = measure or _named_in_column(rows) or columns.measure
    try:
        found, guessed = measure_of(named, rows.columns)
        studies = _READERS[rows.columns.layout](rows, found)
    except UnusableFile:
        raise
    except ValueError as error:
        notes = getattr(error, "__notes__", ())
        raise UnusableFile(*rows.faults, *notes, str(error)) from None
    rows.require_no_faults()
    remarks = (*opened.remarks, *table.remarks, *guess, *rows.remarks)
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
        value = _number(cell, Signs(), whole=True)
    except NotANumber:
        return None
    return value if value >= 0 and value.is_integer() else None


@dataclass(frozen=True, slots=True)
class _Rows:
    """Cells by role, and the faults that were met while reading them."""

    table: Table
    columns: Columns
    signs: Signs
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    spellings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table, columns: Columns) -> _Rows:
        places = [i for (role, _), i in columns.place.items() if role in _NUMBERS]
        texts = [row[i] for row in table.rows for i in places]
        return cls(table, columns, signs_of(text for text in texts if isinstance(text, str)))

    def __len__(self) -> int:
        return len(self.table.rows)

    def text(self, row: int, role: str, arm: int = 0) -> str:
        """A label; empty where there is none."""
        place = self.columns.place.get((role, arm))
        cell = None if place is None else self.table.rows[row][place]
        if cell is None or (isinstance(cell, str) and cell.casefold() in NO_NAME):
            return ""
        return " ".join(cell.split()) if isinstance(cell, str) else f"{cell:.15g}"

    def value(self, row: int, role: str, arm: int = 0) -> float:
        """A number; NaN where there is none, or a fault was noted."""
        place = self.columns.place.get((role, arm))
        if place is None:
            return math.nan
        cell = self.table.rows[row][place]
        try:
            value = _number(cell, self.signs, whole=role in WHOLE)
        except NotANumber as error:
            self.fault(row, role, arm, f'"{cell}"', str(error))
            return math.nan
        rule, allowed = _RULES.get(role, (_anything, ""))
        if not (math.isnan(value) or rule(value)):
            self.fault(row, role, arm, f"{value:.15g}", allowed)
            return math.nan
        return value

    def fault(self, row: int, role: str, arm: int, found: str, allowed: str) -> None:
        """Note what is wrong with one cell."""
        column = self.table.columns[self.columns.place[role, arm]]
        number = self.table.row_numbers[row]
        self.faults.append(f"row {number}, column {column}: found {found}; allowed: {allowed}")

    def one_spelling(self, name: str) -> str:
        """The spelling in which a treatment came first; case makes no other treatment."""
        first = self.spellings.setdefault(name.casefold(), name)
        said = f"spellings of one treatment are taken together: {name}, {first}"
        if name != first and said not in self.remarks:
            self.remarks.append(said)
        return first

    def studies(self) -> list[str]:
        """The study of each row: its name, or the one above, or the row's own number."""
        names: list[str] = []
        for row in range(len(self)):
            name = self.text(row, "study")
            if not name and self.columns.has("study") and names:
                name = names[-1]
                number = self.table.row_numbers[row]
                self.remarks.append(f"row {number} has no study: it is taken to go on with {name}")
            names.append(name or f"row {self.table.row_numbers[row]}")
        return names

    def require_no_faults(self) -> None:
        """Raise `UnusableFile` with all faults."""
        if self.faults:
            count = len(self.faults)
            end = f"{count} fault{'s' * (count > 1)}, nothing computed"
            raise UnusableFile(*self.faults, end)


def _number(cell: Cell, signs: Signs, *, whole: bool) -> float:
    """The number in a cell; NaN where there is none."""
    if cell is None:
        return math.nan
    if isinstance(cell, str):
        found = number(cell, signs, whole=whole)
        if found.percent:
            raise NotANumber("a number, not a percentage")
        return found.value
    if math.isinf(cell):
        raise NotANumber("a finite number")
    return float(cell)


def _anything(value: float) -> bool:
    return True


def _above_zero(value: float) -> bool:
    return value > 0


def _not_negative(value: float) -> bool:
    return value >= 0


_RULES: dict[str, tuple[Callable[[float], bool], str]] = {
    "se": (_above_zero, "a standard error above 0"),
    "var": (_above_zero, "a variance above 0"),
    "sd": (_above_zero, "a standard deviation above 0"),
    "n": (_above_zero, "a number of patients above 0"),
    "time": (_above_zero, "a time above 0"),
    "ratio": (_above_zero, "a ratio above 0"),
    "events": (_not_negative, "a count of 0 or more"),
    "nonevents": (_not_negative, "a count of 0 or more"),
}
_NUMBERS = frozenset({*_RULES, "te", "ci_low", "ci_high", "mean"})


def _settled_by_cells(rows: _Rows) -> Columns:
    """`y` with a standard error may be a mean or a difference: only differences leave a cell empty."""
    columns = rows.columns
    place = columns.place.get(("te", 0))
    if columns.layout != "baseline" or place is None or plain(rows.table.columns[place]) != "y":
        return columns
    if any(math.isnan(rows.value(row, "te")) for row in range(len(rows))):
        return columns
    moved = {key: i for key, i in columns.place.items() if key != ("te", 0)} | {("mean", 0): place}
    return Columns("arms", moved, None)


def _named_in_column(rows: _Rows) -> str | None:
    """The measure that a column names, the same in all rows."""
    named = {rows.text(row, "measure") for row in range(len(rows))} - {""}
    if len({name.casefold() for name in named}) > 1:
        listed = ", ".join(sorted(named))
        raise UnusableFile(f"found several measures ({listed}); allowed: one per file")
    return next(iter(named), None)


# --- contrasts ------------------------------------------------------------------------------------
def _contrasts(rows: _Rows, measure: str) -> NetworkStudies:
    names, study = rows.studies(), []
    treat1, treat2, te, se = [], [], [], []
    for row in range(len(rows)):
        first, second = _treatment(rows, row, 1), _treatment(rows, row, 2)
        effect, error = _effect(rows, row)
        study.append(names[row])
        treat1.append(first)
        treat2.append(second)
        te.append(effect)
        se.append(error)
    rows.require_no_faults()
    return from_contrasts(study, treat1, treat2, te, se)


def _effect(rows: _Rows, row: int) -> tuple[float, float]:
    """Effect and standard error of a row, on the scale of the analysis."""
    ratio = not rows.columns.has("te")
    effect = rows.value(row, "ratio" if ratio else "te")
    error = rows.value(row, "se")
    if math.isnan(error):
        error = math.sqrt(rows.value(row, "var"))
    if math.isnan(error) and rows.columns.has("ci_low") and rows.columns.has("ci_high"):
        low, high = rows.value(row, "ci_low"), rows.value(row, "ci_high")
        if ratio and low <= 0:
            rows.fault(row, "ci_low", 0, f"{low:g}", "a limit above 0, for a ratio")
            return math.nan, math.nan
        if low >= high:
            rows.fault(row, "ci_low", 0, f"{low:g}", f"a limit below the upper one, {high:g}")
            return math.nan, math.nan
        if ratio:
            low, high = math.log(low), math.log(high)
        error = (high - low) / (2 * quantile(LEVEL_OF_LIMITS))
    return (math.log(effect) if ratio and effect > 0 else effect), error


def _baseline(rows: _Rows, measure: str) -> NetworkStudies:
    """One row per arm with its difference from the arm that has none (gemtc, multinma)."""
    names = rows.studies()
    treatments = [_treatment(rows, row, 0) for row in range(len(rows))]
    effects = [_effect(rows, row) for row in range(len(rows))]
    rows.require_no_faults()
    return from_baseline(names, treatments, [e for e, _ in effects], [s for _, s in effects])


# --- arms -----------------------------------------------------------------------------------------
def _arms(rows: _Rows, measure: str) -> NetworkStudies:
    names = rows.studies()
    table = _ArmTable(measure)
    for row in range(len(rows)):
        table.add(names[row], _treatment(rows, row, 0), _arm(rows, row, 0))
    rows.require_no_faults()
    return table.studies()


def _wide(rows: _Rows, measure: str) -> NetworkStudies:
    names = rows.studies()
    table = _ArmTable(measure)
    for row in range(len(rows)):
        for arm in rows.columns.arms():
            values = _arm(rows, row, arm)
            if rows.text(row, "treatment", arm) or not all(map(math.isnan, values.values())):
                table.add(names[row], _treatment(rows, row, arm), values, repeated=True)
    rows.require_no_faults()
    return table.studies()


def _treatment(rows: _Rows, row: int, arm: int) -> str:
    """The name of a treatment; a fault is noted where there is none."""
    name = rows.text(row, "treatment", arm)
    if not name:
        rows.fault(row, "treatment", arm, "an empty cell", "the name of a treatment")
    return rows.one_spelling(name)


def _arm(rows: _Rows, row: int, arm: int) -> dict[str, float]:
    """The numbers of one arm by role."""
    values = {
        role: rows.value(row, role, arm) for role in ARM_NUMBERS if rows.columns.has(role, arm)
    }
    events, n = values.get("events", math.nan), values.get("n", math.nan)
    if math.isnan(n) and "nonevents" in values:
        values["n"] = n = events + values["nonevents"]
    if events > n:
        rows.fault(
            row, "events", arm, f"{events:.15g}", f"at most the number of patients, {n:.15g}"
        )
    if math.isnan(values.get("sd", math.nan)) and "se" in values:
        # Standard error of the mean: with no size, one patient with that spread is the same arm.
        values.setdefault("n", 1.0)
        values["sd"] = values["se"] * math.sqrt(values["n"])
    return values


@dataclass(slots=True)
class _ArmTable:
    """Arms, gathered in the order of the file."""

    measure: str
    study: list[str] = field(default_factory=list)
    treatment: list[str] = field(default_factory=list)
    values: list[dict[str, float]] = field(default_factory=list)

    def add(
        self, study: str, treatment: str, values: dict[str, float], repeated: bool = False
    ) -> None:
        """Add an arm; `repeated`: one that is there already, with the same numbers, is the same."""
        if repeated and any(
            (study, treatment) == (self.study[i], self.treatment[i])
            and str(values) == str(self.values[i])
            for i in range(len(self.study))
        ):
            return
        self.study.append(study)
        self.treatment.append(treatment)
        self.values.append(values)

    def studies(self) -> NetworkStudies:
        """What `from_arms` makes of them."""
        needed = ARM_MEASURES[self.measure]
        columns = {role: [values.get(role, math.nan) for values in self.values] for role in needed}
        return from_arms(self.study, self.treatment, self.measure, **columns)


_READERS = {"contrasts": _contrasts, "baseline": _baseline, "arms": _arms, "wide": _wide}
