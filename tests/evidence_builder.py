"""Small evidence for tests: a few rows written by hand, or the shipped rows with cells changed."""

from __future__ import annotations

import dataclasses
import math
from functools import cache

import pandas as pd

from analysis.answer import Answer, answer, shipped_evidence
from analysis.effects.table import has_studies
from analysis.evidence import Evidence
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row
from analysis.evidence.schema import TABLES
from analysis.standard_questions import standard_questions

RESULT = {"timepoint": "1 month", "weeks": 4.0, "statistic": "mean", "source_kind": "other"}
CONTRAST = {"timepoint": "1 month", "weeks": 4.0, "ci_level": 95.0, "source_kind": "other"}


def shipped() -> Evidence:
    """The project's own data: the one that the product asks, so that nothing is answered twice."""
    return shipped_evidence()


@cache
def standard_answers() -> tuple[Answer, ...]:
    """Every standard question that a study answers; asked once for all tests of a process."""
    return tuple(answer(q, shipped()) for q in standard_questions() if has_studies(q, shipped()))


def shipped_row(row_id: str) -> Row:
    """A shipped row by its row_id, joined to its study and arm as the rules see it."""
    table, _ = row_id.split(":")
    frame = shipped().tables[table]
    source = frame.loc[frame["row_id"] == row_id, "outcome"].item()
    return next(r for r in outcome_rows(shipped(), source) if r["row_id"] == row_id)


def changed(evidence: Evidence, row_id: str, **cells: object) -> Evidence:
    """A copy of the evidence with some cells of one row overwritten."""
    name = row_id.split(":")[0]
    frame = evidence.tables[name].copy()
    at = frame.index[frame["row_id"] == row_id]
    assert len(at) == 1, row_id
    for column, value in cells.items():
        frame.loc[at, column] = value
    return dataclasses.replace(evidence, **{name: frame})


def changed_study(evidence: Evidence, study_id: str, **cells: object) -> Evidence:
    """A copy of the evidence with some cells of one study overwritten."""
    frame = evidence.studies
    return changed(evidence, frame.loc[frame["study_id"] == study_id, "row_id"].item(), **cells)


def blank(table: str, **cells: object) -> dict[str, object]:
    """One row of a table: empty but for the cells given."""
    columns = TABLES[table].columns
    unknown = set(cells) - set(columns)
    assert not unknown, unknown
    empty = {name: math.nan if TABLES[table].is_number(name) else "" for name in columns}
    return empty | _codes(cells) | cells


def _codes(cells: dict[str, object]) -> dict[str, object]:
    """The codes that a test means by the words that it gives: of an instrument, of a unit."""
    text = str(cells.get("instrument", ""))
    if cells.get("outcome") in _USUAL:
        named = next((code for word, code in _NAMED.items() if word in text), None)
        return {"instrument_code": named or _USUAL[cells["outcome"]], "series": text}
    unit = next((u for u in ("vertebrae", "procedures", "patients") if u in text), "")
    if cells.get("outcome") == "x" or not text:
        return {"instrument_code": next((c for w, c in _NAMED.items() if w in text), "")}
    return {"counted_unit": unit, "unit_basis": "printed" if unit else "", "series": text}


_USUAL = {"pain": "vas", "disability": "other_function", "quality_of_life": "other_quality_of_life"}
_NAMED = {
    "modified": "rmdq_23", "RMDQ": "rmdq", "RDQ": "rmdq", "Roland": "rmdq", "raw": "odi_raw", "ODI": "odi",
    "Oswestry": "odi", "PCS": "sf36_pcs", "EQ-5D": "eq5d", "QUALEFFO": "qualeffo", "SF-36 Bodily": "sf36_bodily_pain",
}  # fmt: skip


def result_row(**cells: object) -> Row:
    """One joined row of `arm_results`, for the rules on a single row; `arm_n` may be given."""
    arm_n = cells.pop("arm_n", math.nan)
    return blank("arm_results", **cells) | {"is_contrast": False, "arm_n": arm_n}


def contrast_row(**cells: object) -> Row:
    """One joined row of `contrasts`, for the rules on a single row."""
    return blank("contrasts", **cells) | {"is_contrast": True}


class Tiny:
    """Evidence written row by row.

    `study("a")` adds a sham-controlled trial with arms VP (n 50) and SHAM (n 50); `result` and
    `contrast` add printed rows and return their row_id. The minimal important differences are the
    shipped ones.
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}

    def _add(self, table: str, **cells: object) -> str:
        row = len(self._rows[table]) + 2
        row_id = f"{table}:{row}"
        self._rows[table].append({"row": row, "row_id": row_id, **blank(table, **cells)})
        return row_id

    def study(self, study_id: str, arms: str = "VP SHAM", n: float = 50, **cells: object) -> Tiny:
        cells = {"label": study_id.title(), "year": 2010.0, "design": "sham_rct"} | cells
        self._add("studies", study_id=study_id, **cells)
        for arm in arms.split():
            self.arm(study_id, arm, arm, n)
        return self

    def arm(self, study_id: str, arm_id: str, treatment: str, n: float = 50) -> None:
        self._add("arms", study_id=study_id, arm_id=arm_id, treatment=treatment, n=n)

    def row(self, table: str, **cells: object) -> str:
        """A row of any other table, such as `published_syntheses` or `risk_of_bias`."""
        return self._add(table, **cells)

    def result(self, study_id: str, arm: str, **cells: object) -> str:
        return self._add("arm_results", study_id=study_id, arm_id=arm, **(RESULT | cells))

    def level(self, study_id: str, arm: str, mean: float, **cells: object) -> str:
        """A mean pain score on 0-10 with SD 2."""
        usual = {
            "outcome": "pain", "instrument": "VAS", "kind": "mean", "mean": mean, "sd": 2.0,
            "scale_min": 0.0, "scale_max": 10.0,
        }  # fmt: skip
        return self.result(study_id, arm, **(usual | cells))

    def count(self, study_id: str, arm: str, **cells: object) -> str:
        """A count of patients with a new fracture."""
        usual = {
            "outcome": "new_fracture", "instrument": "patients with new fracture",
            "kind": "event", "statistic": "",
        }  # fmt: skip
        return self.result(study_id, arm, **(usual | cells))

    def contrast(self, study_id: str, t: str = "VP", c: str = "SHAM", **cells: object) -> str:
        """A mean difference in pain on 0-10, positive in favour of the intervention: 1 (0 to 2)."""
        usual = {
            "outcome": "pain", "instrument": "VAS", "scale_min": 0.0, "scale_max": 10.0,
            "measure": "MD", "estimate": 1.0, "ci_low": 0.0, "ci_high": 2.0,
            "positive_favours": "intervention", "sign_basis": "printed",
        }  # fmt: skip
        pair = {"arm_t": t, "arm_c": c, "treatment_t": t, "treatment_c": c}
        return self._add("contrasts", study_id=study_id, **(CONTRAST | usual | pair | cells))

    def evidence(self) -> Evidence:
        frames = {}
        for name, rows in self._rows.items():
            if name == "minimal_important_differences":
                continue
            like = shipped().tables[name]
            frame = pd.DataFrame(rows, columns=like.columns)
            frames[name] = frame.astype(like.dtypes.to_dict())
        return dataclasses.replace(shipped(), version="tiny", faults=(), **frames)
