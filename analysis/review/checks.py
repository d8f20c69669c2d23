"""What is impossible in a row (faults), and what looks odd in a table (remarks that never block)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from analysis.reading.asking import Fault, listed
from analysis.reading.records import Record
from analysis.reading.roles import ABOVE_ZERO, COUNTS, SPREADS, WHOLE

_WITHIN = (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni"))
_MEASURED = ("m1i", "m2i", "sd1i", "sd2i", "mi", "sdi", "yi", "vi", "sei", "ratio")
LOST_MARK = 8
"""How many times larger than all others a number without decimals is where its mark may be lost."""
FEW_OF_ALL = 0.9
"""Share of the weight from which one study is said to decide alone."""


def row_faults(record: Record, named: Mapping[str, str], used: Collection[str]) -> list[Fault]:
    """Numbers among the roles `used` that cannot be: one by one, then between cells."""
    found = []
    for role, value in record.v.items():
        rule = _broken(role, value)
        if rule and role in used:
            found.append(Fault(record.row, named.get(role, role), f"{value:.15g}", rule))
    if found:
        return found
    for events, size in _WITHIN:
        if events in used and record.v.get(events, 0) > record.v.get(size, math.inf):
            allowed = f"at most {named.get(size, size)} = {record.v[size]:.15g}"
            found.append(
                Fault(record.row, named.get(events, events), f"{record.v[events]:.15g}", allowed)
            )
    for events, rest in (("ai", "bi"), ("ci", "di")):
        if events in used and record.has(events, rest) and record.v[events] + record.v[rest] == 0:
            found.append(
                Fault(
                    record.row,
                    named.get(events, events),
                    "no patient in the group",
                    "a group size above 0",
                )
            )
    return found


def _broken(role: str, value: float) -> str:
    if role in COUNTS and value < 0:
        return "a count of 0 or more"
    if role in WHOLE and value <= 0:
        return "a group size above 0"
    if role in WHOLE and value != round(value):
        return (
            "a whole number of patients; if the point marks thousands, type the number without it"
        )
    if role in ABOVE_ZERO and value <= 0:
        return "a number above 0"
    if role in SPREADS and value < 0:
        return "0 or more"
    if role == "ri" and abs(value) > 1:
        return "a correlation between -1 and 1"
    if role == "level" and not 0 < value < 1:
        return "a level such as 95"
    return ""


def shares_as_counts(records: Sequence[Record]) -> str:
    """The role whose "events" are all below 1 with something between 0 and 1, "" none: shares, not counts."""
    for role in ("ai", "ci", "xi"):
        values = [r.v[role] for r in records if role in r.v]
        if values and max(values) <= 1 and any(0 < value < 1 for value in values):
            return role
    return ""


def oddities(records: Sequence[Record], named: Mapping[str, str]) -> list[str]:
    """Remarks on the numbers as they were brought."""
    said = []
    for role in ("sd1i", "sd2i", "sdi"):
        values = {r.label: r.v[role] for r in records if r.v.get(role, 0) > 0}
        if len(values) > 2:
            middle = float(np.median(list(values.values())))
            small = [n for n, value in values.items() if value < 0.15 * middle]
            if small:
                said.append(
                    f"{named.get(role, role)} of {listed(small)} is far smaller than the others' "
                    f"(median {middle:g}): a standard error typed as SD?"
                )
    for role in _MEASURED:
        with_, without = (
            [r for r in records if r.v.get(role) and (r.digits.get(role, 0) > 0) is w]
            for w in (True, False)
        )
        if with_ and without:
            most = max(abs(r.v[role]) for r in with_)
            lost = [r for r in without if abs(r.v[role]) > LOST_MARK * most]
            if lost:
                said.append(
                    f"{named.get(role, role)} of {listed([r.label for r in lost])} has no decimals and is far larger "
                    "than those that have: a decimal mark lost?"
                )
    broken = [
        f"{r.v[role]:g} ({r.label})"
        for r in records
        for role in sorted(COUNTS & r.v.keys())
        if r.v[role] != round(r.v[role])
    ]
    if broken:
        said.append(
            f"events that are not whole numbers are read as they stand: {listed(broken, 4)} "
            "(percentages? then type the % sign)"
        )
    return said


def of_effects(yi: np.ndarray, vi: np.ndarray, labels: Sequence[str], measure: str) -> list[str]:
    """Remarks on the effects."""
    said = []
    if measure in ("SMD", "SMDH"):
        large = [label for label, value in zip(labels, yi, strict=True) if abs(value) > 2]
        if large:
            said.append(
                f"standardised differences beyond 2 are rare; a standard error typed as SD? {listed(large)}"
            )
    if len(yi) > 2:
        share = (1 / vi) / (1 / vi).sum()
        top = int(share.argmax())
        if share[top] > FEW_OF_ALL:
            said.append(f"{labels[top]} has {100 * share[top]:.1f}% of the weight (common effect)")
    rows = list(zip(yi.tolist(), vi.tolist(), strict=True))
    twins = [labels[i] for i, row in enumerate(rows) if row in rows[:i]]
    if twins:
        said.append(f"the same effect and error appear twice: {listed(twins)}")
    return said
