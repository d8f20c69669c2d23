"""Two rows of one study with the same control group: its patients would count twice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analysis.effects.recover import merge_arms
from analysis.reading.asking import listed
from analysis.reading.records import Record

_KINDS = (
    (("ci", "n2i"), ("ai", "n1i")),
    (("m2i", "sd2i", "n2i"), ("m1i", "sd1i", "n1i")),
    (("x2i", "t2i"), ("x1i", "t1i")),
)


def merged(records: Sequence[Record], named: Mapping[str, str]) -> tuple[list[Record], list[str]]:
    """Rows of one study that state one control group become one row, their treated groups added together.

    Counts and sizes are summed; means and SDs are those of all patients together (Cochrane Handbook 6.5.2.10).
    Rows of different outcomes, times or subgroups, and rows that state an effect themselves, stay apart.
    """
    if {"outcome", "weeks", "subgroup", "yi", "ratio", "log10"} & named.keys():
        return list(records), []
    kept: list[Record] = []
    first: dict[tuple[object, ...], Record] = {}
    done: dict[str, int] = {}
    for r in records:
        key = _control(r)
        one = first.get(key) if key else None
        if one is None or not _add(one, r):
            kept.append(r)
            if key:
                first.setdefault(key, r)
        else:
            done[one.label] = done.get(one.label, 1) + 1
    if not done:
        return list(records), []
    names = [f"{name} ({count} groups)" for name, count in done.items()]
    return kept, [
        f"rows with the same control group are merged, so that its patients count once: {listed(names)} "
        "(--cluster keeps them apart, as several effects of a study)"
    ]


def _control(r: Record) -> tuple[object, ...]:
    """Study, kind and numbers of the control group; () where there is none, or nothing in it."""
    for control, treated in _KINDS:
        if r.has(*control, *treated):
            numbers = tuple(r.v[role] for role in control)
            return (r.label.casefold(), control, *numbers) if r.v[control[0]] else ()
    return ()


def _add(one: Record, other: Record) -> bool:
    """Add the treated group of `other` to `one`; False for the same row again."""
    treated = next(t for c, t in _KINDS if one.has(*c, *t) and other.has(*c, *t))
    if all(one.v[role] == other.v[role] for role in treated):
        return False
    if treated[0] != "m1i":
        for role in (*treated, "bi"):
            if role in one.v:
                one.v[role] += other.v.get(role, math.nan)
        return True
    groups = {role: [one.v[role], other.v[role]] for role in treated}
    group = merge_arms(groups["n1i"], groups["m1i"], groups["sd1i"])
    one.v["n1i"], one.v["m1i"], one.v["sd1i"] = (
        float(group.n), float(group.mean), float(group.sd),
    )  # fmt: skip
    return True
