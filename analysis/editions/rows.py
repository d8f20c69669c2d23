"""Rows added, corrected and withdrawn between two editions of the tables.

A row is known by its place (what it is about) and its figures (numbers, codes, and reasons that keep it out of
a pool). What only explains a row (notes, sources, names, titles) is no part of either: a reworded note is no
correction. Fingerprints stand for rows, so that an edition can be compared that is no longer at hand.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.evidence.load import Evidence

PLACE: dict[str, tuple[str, ...]] = {
    "studies": ("study_id",),
    "arms": ("study_id", "arm_id"),
    "arm_results": ("study_id", "arm_id", "outcome", "instrument", "timepoint", "weeks", "kind"),
    "contrasts": ("study_id", "arm_t", "arm_c", "outcome", "instrument", "timepoint", "measure"),
    "published_syntheses": ("review_id", "outcome", "comparison", "population", "timepoint", "measure"),
    "risk_of_bias": ("study_id", "tool", "domain", "assessed_by"),
}  # fmt: skip
"""What a row of each table is about."""

FIGURES: dict[str, tuple[str, ...]] = {
    "studies": (
        "year", "design", "etiology", "fracture_age_max_weeks", "n_enrolled", "funding",
        "participants_blinded", "follow_up_weeks", "parent_study_id", "never_pool_reason",
    ),
    "arms": ("treatment", "n", "mean_age", "female_pct"),
    "arm_results": (
        "scale_min", "scale_max", "statistic", "n", "mean", "sd", "se", "ci_low", "ci_high",
        "change_printed_as", "events", "total", "percent", "not_poolable_reason",
    ),
    "contrasts": (
        "treatment_t", "treatment_c", "scale_min", "scale_max", "estimate", "ci_low", "ci_high",
        "ci_level", "p_value", "positive_favours", "not_poolable_reason",
    ),
    "published_syntheses": ("k", "n", "estimate", "ci_low", "ci_high", "i2_pct"),
    "risk_of_bias": ("judgement",),
}  # fmt: skip
"""What a row says there. These columns stand in every edition; codes that an edition adds are no corrections."""

WORDS = {
    "studies": "reports",
    "arms": "arms",
    "arm_results": "results of arms",
    "contrasts": "reported differences",
    "published_syntheses": "figures of published reviews",
    "risk_of_bias": "remarks on risk of bias",
}
"""Tables as they are called in a sentence."""

Prints = Mapping[str, Mapping[str, Sequence[str]]]
"""Table -> report -> fingerprints of its rows, "place figures" each."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """Rows of one report in one table: how many came, went, or say something else; and why, where it is known."""

    table: str
    report: str
    label: str
    added: int
    corrected: int
    withdrawn: int
    reason: str = ""


def prints_of(evidence: Evidence) -> dict[str, dict[str, list[str]]]:
    """The fingerprints of every row of the tables in `PLACE`, by report, sorted."""
    found: dict[str, dict[str, list[str]]] = {}
    for table, place in PLACE.items():
        by_report: dict[str, list[str]] = defaultdict(list)
        for row in getattr(evidence, table).to_dict("records"):
            texts = (_digest(row, place), _digest(row, FIGURES[table]))
            by_report[row[place[0]]].append(" ".join(texts))
        found[table] = {report: sorted(rows) for report, rows in sorted(by_report.items())}
    return found


def _digest(row: Mapping[str, object], columns: Sequence[str]) -> str:
    text = "\x1f".join(_cell(row.get(column, "")) for column in columns)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.12g}"
    return str(value)


def row_changes(
    before: Prints, after: Prints, labels: Mapping[str, str], reasons: Mapping[str, str]
) -> tuple[RowChange, ...]:
    """Which reports have rows that came, changed or went, table by table.

    Parameters
    ----------
    before, after : as `prints_of` gives them.
    labels : names of reports.
    reasons : by report, why its rows went or no longer enter a pool.
    """
    found = []
    for table in PLACE:
        old, now = before.get(table, {}), after.get(table, {})
        for report in sorted({*old, *now}):
            added, corrected, withdrawn = _compared(old.get(report, ()), now.get(report, ()))
            if added or corrected or withdrawn:
                why = reasons.get(report, "") if corrected or withdrawn else ""
                label = labels.get(report, report)
                found.append(RowChange(table, report, label, added, corrected, withdrawn, why))
    return tuple(found)


def _compared(old: Sequence[str], now: Sequence[str]) -> tuple[int, int, int]:
    """Rows of one report that came, that say something else at the same place, and that went.

    A row with the same figures under another name of its place is the same row.
    """
    gone, came = Counter(old) - Counter(now), Counter(now) - Counter(old)
    corrected = 0
    for part in (
        1,
        0,
    ):  # first the same figures at another place, then other figures at the same place
        left = [row.split()[part] for row in came.elements()]
        pairs = Counter(row.split()[part] for row in gone.elements()) & Counter(left)
        corrected += pairs.total() if part == 0 else 0
        gone, came = _less(gone, pairs, part), _less(came, pairs, part)
    return came.total(), corrected, gone.total()


def _less(rows: Counter[str], pairs: Counter[str], part: int) -> Counter[str]:
    left, out = Counter(pairs), Counter(rows)
    for row in rows.elements():
        if left[row.split()[part]] > 0:
            left[row.split()[part]] -= 1
            out[row] -= 1
    return +out
