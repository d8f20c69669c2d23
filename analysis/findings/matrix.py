"""The harms of all treatments in one table: rows are harms by way of counting, columns are treatments."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.survey.harms import Harm, Rate, harms, rates


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
