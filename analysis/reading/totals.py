"""Rows that are no study: totals by their name, and totals by their numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.reading.records import Record

_WORDS = re.compile(
    r"(?:(?:grand |sub ?-?|over ?all |all |the )?total(?:s|e|en)?|sub-?totals?|overall|pooled|"
    r"combined|summary|sum|summe|gesamt|"
    r"insgesamt|zwischensumme|totaal|totale|somme|ensemble|suma|all studies|all trials|meta-?analysis|"
    r"(?:random|fixed|common)(?:[- ]effects?)?(?: model)?|re model|fe model|ee model|diamond|heterogeneity|"
    r"test for .*|i2 ?=.*|i\u00b2.*|total events|weighted (?:mean|average)|average|mean effect)"
    r"(?: \(?(?:95 ?% ?)?(?:ci|effect|effects|estimate|studies|events|trials|model|result|or|rr|"
    r"md|smd)\)?)*[ .:*]*(?:\(.*\))?(?: \d{4})?",
    re.IGNORECASE,
)
EXAMPLE_NAME = "Example (this row is not read)"
"""The study of the template's example row."""
_COUNTS = ("ai", "bi", "n1i", "ci", "di", "n2i", "xi", "ni", "x1i", "t1i", "x2i", "t2i")


def is_total(name: str) -> bool:
    """Whether a name is that of a total.

    >>> is_total("Total (95% CI)"), is_total("Subtotal"), is_total("Overall effect"), is_total("Total Knee Trial 2001")
    (True, True, True, False)
    """
    return bool(_WORDS.fullmatch(" ".join(name.split())))


_STUDIES = re.compile(r"\(\s*\d+\s*(?:rcts?|studies|trials|studien|etudes|estudios)\b", re.IGNORECASE)
_MANY = re.compile(r"(?:no\.?|n|k|\u2116|number|nr\.?|#)\s*(?:of\s*)?(?:the\s*)?(?:studies|trials|rcts)\b", re.I)


_OF_STUDIES = re.compile(r"stud|trial|rct|etud|estud", re.IGNORECASE)


def of_several_studies(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The column that tells from how many studies each row is a result, "" none: rows of a summary of findings.

    >>> of_several_studies(("Outcome", "Participants (studies)"), [("Death", "495 (4 RCTs)")])
    'Participants (studies)'
    """
    for i, name in enumerate(columns):
        if not _OF_STUDIES.search(name):
            continue
        filled = [row[i] for row in rows if row[i]]
        told = sum(bool(_STUDIES.search(cell)) for cell in filled)
        counts = [int(cell) for cell in filled if cell.isdecimal()]
        numbered = bool(_MANY.search(name)) and len(counts) == len(filled) and max(counts, default=0) > 1
        if filled and (2 * told > len(filled) or numbered):
            return name
    return ""


def without_totals(records: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """The rows that are studies, and what is said of the others."""
    said, kept = [], []
    for record in records:
        if record.words.get("study", "") == EXAMPLE_NAME:
            said.append(f"row {record.row} is the example of the template: left out")
        elif is_total(record.words.get("study", "")) or is_total(record.words.get("cluster", "")):
            said.append(f"row {record.row} ({record.label}) is a total, not a study: left out")
        else:
            kept.append(record)
    sums = _sums(kept)
    for record in sums:
        said.append(
            f"row {record.row} ({record.label}) holds the sums of the rows above it: a total, not a study, left out"
        )
    return [r for r in kept if r not in sums], said


def _sums(records: Sequence[Record]) -> list[Record]:
    """Rows whose counts are the sums of the rows before them: of all, or of those since the last such row."""
    found: list[Record] = []
    block, everything = _Running(), _Running()
    for record in records:
        if block.gives(record) or everything.gives(record):
            found.append(record)
            block = _Running()
        else:
            block.add(record)
            everything.add(record)
    if not found and len(records) > 3:
        rest = _Running()
        for record in records[1:]:
            rest.add(record)
        if rest.gives(records[0]):
            found.append(records[0])
    if not found and len(records) > 3 and _is_pooled(records[-1], records[:-1]):
        found.append(records[-1])
    return found


@dataclass(slots=True)
class _Running:
    """The sums of rows so far, and how many rows held each role."""

    rows: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        self.rows += 1
        for role in _COUNTS:
            if role in record.v:
                self.sums[role] = self.sums.get(role, 0.0) + record.v[role]
                self.held[role] = self.held.get(role, 0) + 1

    def gives(self, record: Record) -> bool:
        """Whether a row's counts, two or more, are these sums."""
        roles = [role for role in _COUNTS if role in record.v]
        return (
            self.rows > 1
            and len(roles) > 1
            and sum(record.v[role] for role in roles) > 0
            and all(self.held.get(role) == self.rows for role in roles)
            and all(math.isclose(record.v[role], self.sums[role], rel_tol=1e-9) for role in roles)
        )


def _is_pooled(record: Record, rows: Sequence[Record]) -> bool:
    """Whether an effect and its error are those of the others together (common effect)."""
    roles = ("yi", "sei") if record.has("yi", "sei") else ("yi", "vi")
    if not record.has(*roles) or not all(r.has(*roles) and r.v[roles[1]] > 0 for r in rows):
        return False
    power = 2 if roles[1] == "sei" else 1
    weights = [1 / r.v[roles[1]] ** power for r in rows]
    mean = sum(w * r.v["yi"] for w, r in zip(weights, rows, strict=True)) / sum(weights)
    error = sum(weights) ** (-1 / power)
    unit = 10.0 ** -record.digits.get("yi", 4)
    return abs(record.v["yi"] - mean) <= unit and math.isclose(
        record.v[roles[1]], error, rel_tol=0.02
    )
