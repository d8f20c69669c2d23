"""Observed minus expected events and their variance, as a logarithm of a ratio (Peto; Tierney 2007)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.reading.asking import Choice, Question
from analysis.reading.records import Record

_EFFECTS = frozenset({"yi", "ratio", "log10"})


def as_effects(
    records: Sequence[Record], named: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Put (O - E) / V and 1 / V into each row as yi and vi; the columns by role, and what was done.

    Tables that state an effect beside them stay as they are. A row with V = 0 has no effect and is left out later.
    """
    variance = next((role for role in ("oe_var", "vi") if role in named), "")
    if "o_minus_e" not in named or not variance or _EFFECTS & named.keys():
        return dict(named), []
    for r in records:
        spread = r.v.pop(variance, 0.0)
        if "o_minus_e" in r.v and spread > 0:
            r.v["yi"], r.v["vi"] = r.v["o_minus_e"] / spread, 1 / spread
            r.digits["yi"] = r.digits["vi"] = 17
    first, second = named["o_minus_e"], named[variance]
    said = f"{first} / {second} is the logarithm of a ratio, with variance 1 / {second}"
    return {**named, "yi": first, "vi": second}, [said]


def which_ratio(named: Mapping[str, str], told: str) -> Question | None:
    """A log-rank O - E makes a hazard ratio, one of counts Peto's odds ratio; None where it is told."""
    if "o_minus_e" not in named or named.get("yi") != named["o_minus_e"] or told:
        return None
    return Question(
        "measure",
        f"{named['o_minus_e']} and its variance make a hazard ratio where they come from times to the event "
        "(log-rank), and Peto's odds ratio where they come from counts: which?",
        (
            Choice("hazard ratio", (("measure", "HR"),)),
            Choice("odds ratio (Peto)", (("measure", "PETO"),)),
        ),
    )
