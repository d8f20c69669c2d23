"""The minimal important difference that an answer is held against, with its source.

The data hold several published thresholds; one rule picks the default: of those whose range is
printed (or whose instrument has none), the smallest. It is the most lenient towards the treatment: an effect
that stays below it stays below all others too. The reader can move it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.question import Question


@dataclass(frozen=True, slots=True)
class Mid:
    """A threshold in the outcome's unit on its common scale; `row_id` empty when the reader set it."""

    value: float
    text: str
    citation: str = ""
    source_url: str = ""
    row_id: str = ""


def mid_of(question: Question, evidence: Evidence) -> Mid | None:
    """The reader's threshold, else the documented default; None where no threshold was found."""
    if question.spec.kind != "score":
        return None
    if question.mid is not None:
        return Mid(question.mid, "set by the reader") if question.mid > 0 else None
    return min(thresholds(question, evidence), key=lambda m: m.value, default=None)


def thresholds(question: Question, evidence: Evidence) -> list[Mid]:
    """All published thresholds for the question's outcome, rescaled to its common scale."""
    outcome, found = question.spec, []
    for row in _rows(evidence):
        if (
            not outcome.mid
            or row["instrument_code"] not in outcome.measured_by
            or row["threshold_unit"] == "percent"
        ):
            continue
        factor = 1.0
        if outcome.scale is not None:
            width = row["scale_max"] - row["scale_min"]
            if math.isnan(width):
                continue
            factor = (outcome.scale[1] - outcome.scale[0]) / width
        where = row["population"].partition("; year ")[
            0
        ]  # a remark on the citation, not on patients
        text = f"{row['instrument']}, {row['mcid']:g} {row['unit']}; measured in {where}"
        found.append(
            Mid(row["mcid"] * factor, text, row["citation"], row["source_url"], row["row_id"])
        )
    return found


@remembered(maxsize=8)
def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    return evidence.minimal_important_differences.to_dict("records")
