"""The harms of all treatments in one table: rows are harms by way of counting, columns are treatments."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.prose import listed
from analysis.survey.harms import Harm, Rate, harms, rates
from analysis.survey.rate_words import percent


@dataclass(frozen=True, slots=True)
class Harms:
    """All harms, as something that files are made of."""

    def slug(self) -> str:
        return ""

    def to_query(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One way of counting one harm; a cell for each column, None where nobody counted it so."""

    harm: Harm
    kind: str
    cells: tuple[Rate | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Columns are codes of treatments; harms without a usable count are named in `without`."""

    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    without: tuple[Harm, ...]


@remembered(maxsize=4)
def matrix(evidence: Evidence) -> Matrix:
    """Every rate with a study, kinds of counting kept apart."""
    by_harm = {harm: rates(harm, evidence) for harm in harms()}
    used = {rate.treatment for found in by_harm.values() for rate in found}
    columns = tuple(t for t in (*words.ACTIVE, *words.CONTROLS) if t in used)
    rows = []
    for harm, found in by_harm.items():
        kinds = dict.fromkeys((rate.unit, rate.reading.key) for rate in found)
        for unit, key in kinds:
            mine = {r.treatment: r for r in found if (r.unit, r.reading.key) == (unit, key)}
            kind = next(iter(mine.values())).reading.label
            text = ", ".join(filter(None, (words.PER[unit], kind)))
            rows.append(MatrixRow(harm, text, tuple(mine.get(t) for t in columns)))
    return Matrix(columns, tuple(rows), tuple(h for h, found in by_harm.items() if not found))


_SHORTLY = 3
"""Treatments, and harms, that the line in short names."""


def in_short(found: Matrix) -> tuple[str, ...]:
    """The first harms, one line each: how many of 100 patients, after the treatments with a count of one kind.

    Of several kinds of counting the one that most treatments have, then the one of most patients.
    """
    lines = []
    for harm in dict.fromkeys(row.harm for row in found.rows):
        kinds = [(row, _active(row)) for row in found.rows if row.harm == harm]
        _, rates_ = max(kinds, key=lambda one: (len(one[1]), sum(r.total for r in one[1])))
        if not rates_ or len(lines) == _SHORTLY:
            continue
        told = [f"{_of_patients(r)} after {words.SHORT[r.treatment]}" for r in rates_]
        how = f", {label}" if (label := rates_[0].reading.label) else ""
        lines.append(f"{harm.told.title}{how}: {listed(told)} of 100 patients.")
    return tuple(lines)


def _active(row: MatrixRow) -> list[Rate]:
    """The rates of treatments that somebody is treated with, counted per patient."""
    treated = [rate for rate in row.cells if rate is not None and rate.treatment in words.ACTIVE]
    return [rate for rate in treated if rate.unit == "patients"]


def _of_patients(rate: Rate) -> str:
    return f"{percent(rate.value)} ({percent(rate.low)} to {percent(rate.high)})"
