"""What an effect's number is: a ratio as printed, its logarithm, or the effect as analysed.

The name decides where it names a measure or a logarithm; limits decide where they lie evenly around the
estimate on one of the two scales only. What neither decides is a question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.reading.asking import Choice, Question
from analysis.reading.records import Record

RATIO_MEASURES = frozenset({"OR", "RR", "HR", "IRR", "PETO", "ROM", "RATIO"})
_SLACK = 0.02
"""Unevenness of an interval beyond rounding that still counts as even."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`form` is yi, ratio or log10; `measure` what follows for it ("" nothing); remarks and a question."""

    form: str
    measure: str = ""
    remarks: tuple[str, ...] = ()
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Evenness:
    """On which scales the limits lie evenly around the estimates, in every row that has them."""

    rows: int
    raw: bool
    log: bool


def evenness(records: Sequence[Record], role: str) -> Evenness:
    """Judge the limits of the rows, within the rounding of the printed digits.

    >>> rows = [Record(2, v={"yi": 0.62, "ci_low": 0.40, "ci_high": 0.96}, digits={"yi": 2, "ci_low": 2, "ci_high": 2})]
    >>> evenness(rows, "yi")
    Evenness(rows=1, raw=False, log=True)
    """
    raw = log = True
    seen = 0
    digits = {  # "1" in a column of two decimals is 1.00
        name: max((r.digits.get(name, 6) for r in records if name in r.v), default=6)
        for name in ("ci_low", role, "ci_high")
    }
    for r in records:
        if not r.has(role, "ci_low", "ci_high"):
            continue
        low, value, high = r.v["ci_low"], r.v[role], r.v["ci_high"]
        if not low < high:
            continue
        seen += 1
        half = [0.5 * 10.0 ** -digits[name] for name in ("ci_low", role, "ci_high")]
        width = (high - low) / 2
        allowed = half[1] + (half[0] + half[2]) / 2
        raw &= abs(value - (low + high) / 2) <= allowed + _SLACK * width
        if min(low, value) <= 0:
            log = False
            continue
        width = math.log(high / low) / 2
        allowed = half[1] / value + (half[0] / low + half[2] / high) / 2
        log &= (
            abs(math.log(value) - (math.log(low) + math.log(high)) / 2) <= allowed + _SLACK * width
        )
    return Evenness(seen, raw and seen > 0, log and seen > 0)


def scale_of(
    records: Sequence[Record], named: Mapping[str, str], from_name: str, measure: str, by_hand: bool
) -> Scale:
    """Decide what the effect column holds.

    Parameters
    ----------
    from_name : measure that the column's name tells, "" none.
    measure : measure that the reader asked for, "" none.
    by_hand : whether the reader gave the role: then it stands.
    """
    role = next((r for r in ("yi", "ratio", "log10") if r in named), "")
    if not role:
        return Scale("")
    values = [r.v[role] for r in records if role in r.v]
    column = named[role]
    told = measure or from_name
    if by_hand or role == "log10" or not values:
        implied = "RATIO" if role != "yi" and told not in RATIO_MEASURES else ""
        return Scale(role, implied)
    even = evenness(records, role)
    as_printed = Choice("ratios as reported", (("map", f"ratio={column}"),))
    as_logs = Choice("logarithms, or another effect as analysed", (("map", f"yi={column}"),))
    if role == "ratio":
        unnamed = "" if told else "RATIO"
        if min(values) < 0 or (0 in values and even.raw):
            return Scale(
                "yi", remarks=(f"{column} holds numbers below 0: read as logarithms of ratios",)
            )
        if even.raw and not even.log:
            text = (
                f"{column} is named as a ratio, but its limits lie evenly around it as around "
                "a logarithm: which is it?"
            )
            return Scale("ratio", unnamed, question=Question("scale", text, (as_printed, as_logs)))
        if min(values) == 0:
            return Scale("ratio", unnamed)
        return Scale(
            "ratio", unnamed, (f"{column} is read as a ratio as reported; its logarithm is pooled",)
        )
    looks_ratio = min(values) > 0 and even.log and not even.raw
    if looks_ratio:
        if told and told not in RATIO_MEASURES:
            return Scale("yi")
        if from_name in RATIO_MEASURES:
            text = (
                f"{column} is named as a logarithm, but its limits lie evenly around it as "
                "around a ratio: which is it?"
            )
            return Scale("yi", question=Question("scale", text, (as_logs, as_printed)))
        name = (
            "" if told else "; which ratio (OR, RR, HR) the file does not say, --measure names it"
        )
        said = (
            f"{column} is read as ratios as reported: all are above 0 and only on the "
            f"logarithmic scale do the limits lie evenly around them{name} (--map yi={column}: logarithms)"
        )
        return Scale("ratio", "" if told else "RATIO", (said,))
    exact = column.strip().lower() in ("yi", "te") or bool(from_name)
    open_ = (even.rows and (not even.raw or even.log)) or told in RATIO_MEASURES
    if open_ and min(values) > 0 and not exact and (not told or told in RATIO_MEASURES):
        text = (
            f"{column} holds numbers above 0 only, and nothing shows whether they are ratios as "
            "reported or effects as analysed (logarithms, differences): which?"
        )
        return Scale("yi", question=Question("scale", text, (as_printed, as_logs)))
    if even.rows and not even.raw and not even.log:
        return Scale(
            "yi",
            remarks=(
                f"limits do not lie evenly around {column}: the standard error is taken from their width",
            ),
        )
    return Scale("yi")
