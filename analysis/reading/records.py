"""A table's rows as numbers by role: one `Record` per row, faults for cells that cannot be read.

Two numbers in one cell ("3.1 (2.0)", "12/40", "0.62 [0.40, 0.96]") go to their two or three roles.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.reading import cells, notes
from analysis.reading.asking import Fault, listed
from analysis.reading.cells import Cell, NotANumber, Signs
from analysis.reading.naming import tokens
from analysis.reading.opened import Table
from analysis.reading.roles import COUNTS, EFFECTS, EVENTS, NUMBERS, TEXTS, WHOLE, WORDS

_SPREAD = {"m1i": "1i", "m2i": "2i", "mi": "i"}
_QUARTILES = {"med1i": "1i", "med2i": "2i", "medi": "i"}
_IQR = {"iqr_1i": ("q1_1i", "q3_1i"), "iqr_2i": ("q1_2i", "q3_2i")}
_PLAIN_P = re.compile(r"(?:p\s*)?=?\s*[01]?[.,]\d+(?:e-\d+)?|[01]", re.IGNORECASE)
_BARE = re.compile(r"[-+\d.,]+")
_LARGEST = 1e75
"""Beyond it squares and products of numbers are no longer numbers."""
_ON_ONE_SCALE = frozenset({"yi", "sei", "ci_low", "ci_high"})
_SIZE_BESIDE = re.compile(r"(.*\S)\s*[(\[,;]\s*n\s*=\s*(\d+)\s*[)\]]?", re.IGNORECASE)
_SIZES = {"group1": "n1i", "group2": "n2i", "m1i": "n1i", "m2i": "n2i", "mi": "ni"}
_GROUPS = {"group1": ("ai", "n1i", "m1i"), "group2": ("ci", "n2i", "m2i")}


@dataclass(slots=True)
class Record:
    """One row: its number, name, words by role, numbers by role (those that are there) with their printed digits."""

    row: int
    label: str = ""
    words: dict[str, str] = field(default_factory=dict)
    v: dict[str, float] = field(default_factory=dict)
    digits: dict[str, int] = field(default_factory=dict)

    def has(self, *roles: str) -> bool:
        return all(role in self.v for role in roles)


@dataclass(frozen=True, slots=True)
class Rows:
    """What `read_records` returns; `named` is the reader's column for each role."""

    records: tuple[Record, ...]
    named: Mapping[str, str]
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


def texts_of(table: Table) -> list[list[str]]:
    """The cells of a table as text; a number as shortly as it can be written."""
    return [[text(cell) for cell in row] for row in table.rows]


def text(cell: object) -> str:
    """One cell as text.

    >>> text(40.0), text(None), text(0.1)
    ('40', '', '0.1')
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def read_records(table: Table, roles: Sequence[str], constants: Mapping[str, str]) -> Rows:
    """Read every row of a table.

    Parameters
    ----------
    roles : one of `roles.ROLES` for each column, "" for those that are not read.
    constants : roles that hold one value for the whole table.
    """
    at = {role: i for i, role in enumerate(roles) if role}
    named = {role: table.columns[i] for role, i in at.items()}
    numeric = [i for role, i in at.items() if role in NUMBERS or role in TEXTS]
    strings = [row[i] for row in table.rows for i in numeric if isinstance(row[i], str)]
    reader = _Reader(cells.signs_of(strings), named)
    records = []
    for row, values in zip(table.row_numbers, table.rows, strict=True):
        record = Record(row)
        for role, value in constants.items():
            reader.take(record, role, value)
        for role, i in at.items():
            if role in WORDS and role != "year":
                record.words[role] = " ".join(text(values[i]).split())
            else:
                reader.take(record, role, values[i])
        record.label = _label(record)
        records.append(record)
    reader.require_one_unit()
    return Rows(tuple(records), named, tuple(reader.faults), tuple(reader.remarks(strings)))


def with_name(record: Record, other: Record) -> None:
    """Give a row the name, year and id of another row of its study."""
    for role in ("study", "year", "cluster"):
        if other.words.get(role) and not record.words.get(role):
            record.words[role] = other.words[role]
    record.label = _label(record)


def _label(record: Record) -> str:
    """The name with the year, unless the name holds it or is a mere number."""
    name, year = record.words.get("study", ""), record.words.get("year", "")
    if not name:
        return f"row {record.row}"
    if year and year not in name and any(ch.isalpha() for ch in name):
        return f"{name} {year}"
    return name


class _Reader:
    """Reads cells of one table into records."""

    def __init__(self, signs: Signs, named: Mapping[str, str]) -> None:
        self.signs, self.named = signs, named
        self.faults: list[Fault] = []
        self._missing: dict[str, list[int]] = {}
        self._bounds: list[str] = []
        self._grouped: list[str] = []
        self._split: dict[str, str] = {}
        self._percent: dict[bool, list[tuple[Record, str, str]]] = {True: [], False: []}
        self._marks: list[str] = []
        self._units: list[tuple[Record, str, str, str]] = []

    def remarks(self, strings: Sequence[str]) -> list[str]:
        said = []
        if self._missing:
            shown = "; ".join(
                f"“{word}” in row {listed([str(r) for r in dict.fromkeys(rows)], 4)}"
                for word, rows in self._missing.items()
            )
            said.append(f"read as missing: {shown}")
        if self._bounds:
            said.append(f"a bound is no value and is read as missing: {listed(self._bounds)}")
        if self._grouped:
            said.append(f"marks of thousands: {listed(list(dict.fromkeys(self._grouped)), 5)}")
        if self.signs.comma == "decimal" and self.signs.point == "decimal":
            said.append(
                "decimal points and decimal commas both occur; each cell is read by its own"
            )
        if self._marks:
            said.append(f"read without the marks of footnotes: {listed(self._marks, 5)}")
        if self._units:
            shown = [f"“{printed}” in row {record.row}" for record, _, printed, _ in self._units]
            scaled = any(role not in WHOLE | COUNTS for _, role, _, _ in self._units)
            same = "; cells without a unit are taken to be in the same" if scaled else ""
            said.append(f"read without the words or units beside them: {listed(shown, 5)}{same}")
        said += self._split.values()
        return said

    def require_one_unit(self) -> None:
        """A fault of each cell in another unit than most on the outcome's scale, or of person-time, or of effects."""
        if all(self._percent.values()):
            for record, role, shown in self._percent[True]:
                allowed = "the % sign in every cell of the effect, its error and limits, or in none"
                self._fault(record, role, f"“{shown}”", allowed)
        for on_scale in (True, False):
            seen = [
                (unit, record, role, printed)
                for record, role, printed, unit in self._units
                if (role in notes.MEASURED) is on_scale and role not in WHOLE | COUNTS
            ]
            most, others = notes.other_units([unit for unit, *_ in seen])
            for unit, record, role, printed in seen:
                if unit in others:
                    allowed = f"one unit in all rows; most are in {most}: convert this one, and type the number"
                    self._fault(record, role, f"“{printed[:60]}”", allowed)

    def take(self, record: Record, role: str, value: object) -> None:
        """Read one cell."""
        if role == "year":
            record.words["year"] = _year(text(value))
            return
        if isinstance(value, float):
            self._put(record, role, Cell(value, _digits(value)))
            return
        printed = text(value).strip()
        if role == "p_value" and not _PLAIN_P.fullmatch(printed):
            return  # a bound or "NS" is no P value that could stand in for an error
        if cells.is_missing(printed):
            if cells.plain(printed).lower() not in cells.PLAIN:
                self._missing.setdefault(printed, []).append(record.row)
            return
        if cells.bound(printed):
            self._bounds.append(f"“{printed}” in row {record.row}")
            return
        printed = self._without_notes(record, role, self._without_size(record, role, printed))
        if role in TEXTS:
            self._take_text(record, role, printed)
            return
        try:
            cell = cells.number(printed, self.signs, whole=role in WHOLE | COUNTS)
        except NotANumber as error:
            if not self._take_two(record, role, printed):
                self._fault(
                    record, role, f"“{printed[:60]}”", self._cure(role, printed, str(error))
                )
            return
        if role in WHOLE | COUNTS and re.fullmatch(r"\d{1,3}[.,]\d{3}", cells.plain(printed)):
            self._grouped.append(f"{printed} read as {cell.value:g}")
        self._put(record, role, cell)

    def _put(self, record: Record, role: str, cell: Cell) -> None:
        if math.isnan(cell.value):
            return
        if cell.value and not 1 / _LARGEST < abs(cell.value) < _LARGEST:
            self._fault(record, role, f"{cell.value:g}", f"a number below {_LARGEST:g}, and not as near to 0")
            return
        value, digits = cell.value, cell.digits
        if role in _ON_ONE_SCALE and value:
            self._percent[cell.percent].append((record, role, f"{value:g}{'%' * cell.percent}"))
        if cell.percent and role in EVENTS and EVENTS[role][1]:
            role = EVENTS[role][1]
        if cell.percent:
            value, digits = value / 100, digits + 2
        if role == "level" and value > 1:
            value /= 100
        record.v[role], record.digits[role] = value, digits

    def _without_size(self, record: Record, role: str, printed: str) -> str:
        """What stands beside a group's size ("3.1 ± 2.0 (n=40)"), which is read where no column holds it."""
        found, size = _SIZE_BESIDE.fullmatch(printed), _SIZES.get(role, "")
        if not found or not size or size in self.named:
            return printed
        self._put(record, size, Cell(float(found[2]), 0))
        return found[1]

    def _without_notes(self, record: Record, role: str, printed: str) -> str:
        """The number without what is written on it, which is kept for the remarks."""
        found = None if role in TEXTS or _BARE.fullmatch(printed) else notes.noted(printed, role)
        if found is None:
            return printed
        if found.unit:
            self._units.append((record, role, printed, found.unit))
        elif found.mark:
            self._marks.append(f"“{printed}” in row {record.row}")
        return found.number

    def _take_text(self, record: Record, role: str, printed: str) -> None:
        if role == "ci_text":
            found = cells.limits(printed, self.signs)
            if found is None:
                self._fault(record, role, f"“{printed[:60]}”", "two limits, such as 0.40 to 0.96")
                return
            for name, cell in zip(("ci_low", "ci_high"), found, strict=True):
                if name not in self.named:
                    self._put(record, name, cell)
            return
        if role in _IQR:
            pair = cells.limits(printed, self.signs)
            if pair is None:
                self._fault(record, role, f"“{printed[:60]}”", "the two quartiles, such as 2-6")
                return
            for name, cell in zip(_IQR[role], pair, strict=True):
                self._put(record, name, cell)
            return
        events, _, mean = _GROUPS[role]
        pair = cells.two(printed, self.signs)
        target = mean if pair and pair[0] in ("plus_minus", "brackets") else events
        if not self._take_two(record, target, printed, role):
            self._fault(
                record,
                role,
                f"“{printed[:60]}”",
                "events/size such as 12/40, or mean (SD) such as 3.1 (2.0)",
            )

    def _take_two(self, record: Record, role: str, printed: str, column: str = "") -> bool:
        """Two or three numbers in one cell, as the role and the column's name allow."""
        header = tokens(self.named.get(column or role, role))
        pair, triple = cells.two(printed, self.signs), cells.three(printed, self.signs)
        if role in _SPREAD and pair and pair[0] in ("plus_minus", "brackets"):
            kind = "se" if {"se", "sem"} & set(header) else "sd"
            spread = f"{kind}{_SPREAD[role]}"
            if spread in self.named:
                return False
            self._put(record, role, pair[1])
            self._put(record, spread, pair[2])
            if kind == "sd":
                self._split.setdefault(
                    "sd",
                    "in a cell such as “3.1 (2.0)” or “3.1 ± 2.0” the second number is read as the SD",
                )
            else:
                self._split.setdefault(
                    "se",
                    "in a cell such as “3.1 (0.3)” the second number is read as the standard "
                    "error, as the column is named",
                )
            return True
        if (role in _QUARTILES or (role in _SPREAD and {"median", "iqr"} & set(header))) and triple:
            side = (_QUARTILES | _SPREAD)[role]
            ends = ("min", "max") if "range" in header else ("q1_", "q3_")
            for name, cell in zip(
                (f"med{side}", f"{ends[0]}{side}", f"{ends[1]}{side}"), triple, strict=True
            ):
                self._put(record, name, cell)
            self._split.setdefault(
                "iqr",
                "in a cell such as “4 (2-6)” the numbers in brackets are read as "
                f"{'the range' if ends[0] == 'min' else 'quartiles'}",
            )
            return True
        if role in EVENTS and pair:
            return self._take_events(record, role, pair, printed)
        if role in EFFECTS and triple and "ci_low" not in self.named:
            for name, cell in zip((role, "ci_low", "ci_high"), triple, strict=True):
                self._put(record, name, cell)
            return True
        return False

    def _take_events(
        self, record: Record, role: str, pair: tuple[str, Cell, Cell], printed: str
    ) -> bool:
        kind, first, second = pair
        size = EVENTS[role][0]
        if kind in ("of", "share_of") and size:
            self._put(record, role, first)
            if size not in self.named:
                self._put(record, size, second)
            else:
                record.v[f"{role} of"] = second.value
            return True
        if kind == "share_first":  # 30% (12)
            first, second = second, first
        if kind in ("share", "share_first", "brackets"):
            self._put(record, role, first)
            record.v[f"{role} share"] = second.value / 100
            record.digits[f"{role} share"] = second.digits + 2
            return True
        return False

    def _cure(self, role: str, printed: str, allowed: str) -> str:
        if "date" in printed or re.fullmatch(r"\d{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-\d{2}", printed):
            return "a number; a spreadsheet has made a date of it: type it again in a column formatted as text"
        if printed.startswith("=") or "formula" in printed:
            return (
                "a stored value, as no formula is run: open the file in a spreadsheet program and save it, "
                "or type the number"
            )
        if re.search(r"\d[Oo]|[Oo]\d|[Il]\d|\d[Il]", printed):
            return "a number: the letter O or l in place of a digit"
        if role in _SPREAD and cells.three(printed, self.signs):
            return "the mean alone, its SD in a column of its own; a median with quartiles under the role med1i"
        return f'{allowed}; or leave the column out: --map unused="{self.named.get(role, role)}"'

    def _fault(self, record: Record, role: str, found: str, allowed: str) -> None:
        self.faults.append(Fault(record.row, self.named.get(role, role), found, allowed))


def _year(printed: str) -> str:
    found = re.search(r"(1[6-9]|20)\d\d", printed)
    return found[0] if found else ""


def _digits(value: float) -> int:
    shown = repr(value)
    if "e" in shown:
        return 17
    return 0 if value.is_integer() else len(shown.partition(".")[2])
