"""Rules for one printed row: what it counts, on which range it stands, which way it points.

Each rule is a small pure function on a row (a mapping of the columns of `data/`), written once here and
tested one by one. Rules about choosing between rows stand in `select`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from analysis import vocabulary as words
from analysis.vocabulary import Outcome

Row = Mapping[str, Any]


def known(value: float) -> bool:
    """Whether a number was printed (empty cells load as NaN)."""
    return not math.isnan(value)


def has_figure(row: Row) -> bool:
    """Whether a row holds a number to show; a P value or a direction alone is none."""
    numbers = ("estimate",) if row["is_contrast"] else ("mean", "events", "percent")
    return any(known(row[name]) for name in numbers)


def read_in_abstract(row: Row) -> bool:
    """Whether a result of an arm, or a difference, was read in the abstract of its report."""
    return row["source_kind"] == "primary_abstract"


# --- what a count counts -------------------------------------------------------------------------
_UNIT_RULES: tuple[tuple[str, str], ...] = (
    (
        r"units? not|unit[^;)]* not (stated|printed)|patients or vertebrae not|patients vs levels not"
        r"|denominator not stated",
        "unstated",
    ),
    (r"unit\s*(?:[:=]|is)\s*(treated )?(vertebrae|levels)", "vertebrae"),
    (r"unit\s*(?:[:=]|is)\s*procedures", "procedures"),
    (r"unit\s*(?:[:=]|is)\s*fractures|number of fractures|fractures \(count", "fractures"),
    (r"\(events\)|number of events|trial-wide statement", "events"),
    # The subject of a definition counts, whoever is named behind it ("vertebrae ..., all patients ...").
    (r"^(un)?(treated )?(vertebrae|levels|vertebral (bodies|levels))\b", "vertebrae"),
    (r"^procedures\b", "procedures"),
    (r"\bpatients?\b", "patients"),
    (
        r"\bvertebra(e|l bod)|\blevels\b|treated VCFs|\bper (treated )?(vertebra|level)\b",
        "vertebrae",
    ),
    (r"\bprocedures\b|\bvertebroplasties\b", "procedures"),
)


def counted_unit(row: Row) -> tuple[str, bool]:
    """What an event row counts, and whether that had to be inferred.

    Returns ``(unit, inferred)`` with unit one of patients, vertebrae, procedures, fractures, events,
    unstated. The printed definition decides; an explicit ``unit: ...`` in the note comes before it.
    Where nothing is said and the printed total is the number of patients of the arm, patients are
    taken, as an inference.
    """
    for text in (_unit_note(row["note"]), row["instrument"]):
        for pattern, unit in _UNIT_RULES:
            if text and re.search(pattern, text, re.IGNORECASE):
                if unit == "unstated" and _total_is_arm(row):
                    return "patients", True
                return unit, False
    return ("patients", True) if _total_is_arm(row) else ("unstated", False)


def _unit_note(note: str) -> str:
    found = re.search(r"unit\s*(?:[:=]|is)\s*[\w ]+", note, re.IGNORECASE)
    return found.group(0) if found else ""


def _total_is_arm(row: Row) -> bool:
    """A printed contrast has neither a total nor an arm of its own."""
    return not row["is_contrast"] and known(row["total"]) and row["total"] == row["arm_n"]


# --- how an event was found, and whether it was felt ----------------------------------------------
_IMAGING_RULES: tuple[tuple[str, str], ...] = (
    (r"X-?ray|radiographs?\b", "radiograph"),  # found there; a CT that confirms it comes second
    (r"fluoroscop", "fluoroscopy"),
    (r"\bCT\b|computed tomograph", "CT"),
)


def imaging(row: Row) -> str:
    """On which images a complication was looked for: CT, radiograph, fluoroscopy, or unstated.

    The printed definition decides; where it names none, the printed time may ("immediate chest CT"). Remarks
    on the reading are no part of the definition.
    """
    for text in (row["instrument"], row["timepoint"]):
        for pattern, name in _IMAGING_RULES:
            if re.search(pattern, text, re.IGNORECASE):
                return name
    return "unstated"


_SYMPTOM_RULES: tuple[tuple[str, str], ...] = (
    (r"\ball (patients )?asymptomatic", "none symptomatic"),
    (r"asymptomatic|without clinical repercussion", "asymptomatic"),
    (r"\bsymptomatic\b", "symptomatic"),
)


def symptoms(row: Row) -> str:
    """What a printed definition says about symptoms of the events that it counts.

    ``symptomatic``: only those with symptoms are counted. ``none symptomatic``: all were counted, and it is
    printed that none had symptoms. ``asymptomatic``: those without symptoms are counted; whether there were
    others is not said. ``unstated``: nothing is said.
    """
    for pattern, name in _SYMPTOM_RULES:
        if re.search(pattern, row["instrument"], re.IGNORECASE):
            return name
    return "unstated"


# --- the range of a scale ------------------------------------------------------------------------
class Scale(NamedTuple):
    """A printed range and where it comes from: printed, inferred, defined or same trial."""

    low: float
    high: float
    basis: str


def scale_of(row: Row, outcome: Outcome, same_trial: Iterable[Row] = ()) -> Scale | None:
    """The range of the instrument of a score row; None when nobody printed one.

    In this order: the row's own; the range that belongs to the instrument by definition; the one range
    that the other rows of the same trial carry for this outcome (an inference where theirs is one).
    """
    own = _own_scale(row)
    if own:
        return own
    for pattern, (low, high) in words.DEFINED_RANGES:
        if re.search(pattern, row["instrument"], re.IGNORECASE):
            return Scale(low, high, "defined")
    others = [
        scale
        for other in same_trial
        if other["outcome"] == row["outcome"] and outcome.matches(other["instrument"])
        if (scale := _own_scale(other))
    ]
    if len({(scale.low, scale.high) for scale in others}) != 1:
        return None
    printed = any(scale.basis == "printed" for scale in others)
    return others[0]._replace(basis="same trial" if printed else "inferred")


def _own_scale(row: Row) -> Scale | None:
    low, high = row["scale_min"], row["scale_max"]
    if not (known(low) and known(high)):
        return None
    basis = row.get("scale_basis", "") or "printed"
    return Scale(low, high, "inferred" if basis.startswith("inferred") else "printed")


def points_the_other_way(row: Row) -> bool:
    """Whether a scale of pain or disability is printed so that higher is better."""
    return re.search(words.HIGHER_IS_LESS, row["instrument"], re.IGNORECASE) is not None


# --- signs ---------------------------------------------------------------------------------------
def signed(row: Row, outcome: Outcome) -> float | None:
    """The factor that turns a printed difference into arm_t minus arm_c on the outcome's own scale.

    +1 or -1; None when the paper does not say whom a positive value favours. Differences of counts of
    harms are printed as arm_t minus arm_c and carry no such statement.
    """
    favours = row["positive_favours"]
    if favours in ("intervention", "comparator"):
        benefit_of_t = 1.0 if favours == "intervention" else -1.0
        return -benefit_of_t if outcome.lower_is_better else benefit_of_t
    if favours == "" and outcome.kind == "event":
        return 1.0
    return None


def change_sign(row: Row, outcome: Outcome) -> float:
    """The factor that turns a printed change into follow-up minus baseline on the outcome's scale."""
    improvement = row["change_printed_as"] == "improvement"
    sign = -1.0 if improvement and outcome.lower_is_better else 1.0
    if not improvement and outcome.lower_is_better and points_the_other_way(row):
        sign = -1.0
    return sign


# --- P values ------------------------------------------------------------------------------------
def printed_p(text: str) -> tuple[float, bool] | None:
    """A printed P value and whether it is only an upper bound.

    >>> printed_p(".042"), printed_p("<0.001"), printed_p(">0.05"), printed_p("")
    ((0.042, False), (0.001, True), None, None)
    """
    found = re.fullmatch(r"\s*(<?)\s*(0?\.\d+)\s*", text)
    if not found or not 0 < float(found.group(2)) < 1:
        return None
    return float(found.group(2)), bool(found.group(1))
