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


# --- what the codes of a row say -----------------------------------------------------------------
def at_baseline(row: Row) -> bool:
    """Whether a row was measured before treatment."""
    coded = row.get("is_baseline", "")
    return coded == "yes" if coded else row["weeks"] == 0


def may_pool(row: Row, reason: str = "not_poolable_reason") -> bool:
    """Whether nothing in the data speaks against pooling a row, or (`never_pool_reason`) a report."""
    return row["poolable"] != "no" and not row[reason]


def is_adjusted(row: Row) -> bool:
    """Whether a printed difference was adjusted for other things."""
    return row["is_adjusted"] == "yes" or (not row["is_adjusted"] and bool(row["adjusted"]))


def sign_inferred(row: Row) -> bool:
    """Whether the direction of a printed difference had to be inferred."""
    return (row["sign_from"] or row["sign_basis"]).startswith("inferred")


def counted_unit(row: Row) -> tuple[str, bool]:
    """What an event row counts, and whether that had to be inferred.

    Returns ``(unit, inferred)`` with unit one of `schema.counted_units`. A row that is not coded (a reader's own)
    counts patients, as an inference, where its total is the number of patients of the arm, or where it is a
    printed ratio of two groups.
    """
    if row["counted_unit"]:
        return row["counted_unit"], row["unit_basis"] == "inferred"
    if row["is_contrast"]:
        patients = row["measure"] in words.RATIOS
    else:
        patients = known(row["total"]) and row["total"] == row["arm_n"]
    return ("patients", True) if patients else ("not_stated", False)


def imaging(row: Row) -> str:
    """On which images a complication was looked for: one of `schema.IMAGING`."""
    return row["imaging"] or "not_stated"


def symptoms(row: Row) -> str:
    """What is printed about symptoms of the events that a row counts.

    ``symptomatic``: only those with symptoms are counted. ``none_symptomatic``: all were counted, and it is
    printed that none had symptoms. ``asymptomatic``: those without symptoms are counted; whether there were
    others is not said. ``not_stated``: nothing is said.
    """
    return row["symptoms"] or "not_stated"


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
    instrument = words.INSTRUMENTS.get(row["instrument_code"])
    if instrument is not None and instrument.range is not None:
        return Scale(*instrument.range, "defined")
    others = [
        scale
        for other in same_trial
        if other["outcome"] == row["outcome"] and outcome.matches(other)
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
    return row["scale_direction"] == "higher_better"


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
