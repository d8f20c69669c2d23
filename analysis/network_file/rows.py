"""The cells of a network file by role: names, numbers, and the faults that were met while reading them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from analysis.errors import FileError
from analysis.network_file.columns import Columns
from analysis.reading import Cell, Table
from analysis.reading.asking import listed
from analysis.reading.cells import NotANumber, Signs, number, signs_of

NO_NAME = frozenset({"", "na", "n/a", "nan", "#n/a", "."})
"""Cells without a name; "none" may be a treatment."""
WHOLE = ("events", "nonevents", "n")


class UnusableFile(FileError):
    """The file cannot be used; `lines` say why, one each. `choice`: the reader is to choose, the file is sound."""

    def __init__(self, *lines: str, choice: bool = False) -> None:
        self.lines, self.choice = lines, choice
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells by role, and the faults that were met while reading them."""

    table: Table
    columns: Columns
    signs: Signs
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    spellings: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, table: Table, columns: Columns) -> Rows:
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
            value = number_in(cell, self.signs, whole=role in WHOLE)
        except NotANumber as error:
            self.fault(row, role, arm, f'"{cell}"', str(error))
            return math.nan
        rule, allowed = _RULES.get(role, (_anything, ""))
        if not (math.isnan(value) or rule(value)):
            self.fault(row, role, arm, f"{value:.15g}", allowed)
            return math.nan
        if role in WHOLE and not math.isnan(value) and not value.is_integer():
            self.broken.append(f"{value:.15g} in row {self.table.row_numbers[row]}")
        return value

    def fractions(self) -> list[str]:
        """A remark on counts that are not whole, where there are any."""
        named = list(dict.fromkeys(self.broken))
        if not named:
            return []
        return [f"counts that are not whole numbers are read as they stand: {listed(named, 4)}"]

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


def number_in(cell: Cell, signs: Signs, *, whole: bool) -> float:
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
