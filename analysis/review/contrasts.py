"""Rows that compare different treatments with each other: a network, of which one comparison may be pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from analysis.reading.asking import Choice, Question, listed
from analysis.reading.records import Record

_SHOWN = 8


def one_contrast(
    records: Sequence[Record], named: Mapping[str, str], chosen: Mapping[str, str]
) -> tuple[list[Record], list[str], Question | None]:
    """The rows of one comparison, turned where they state it the other way round; or the question which.

    Only where a treatment stands on both sides of the table is it a network: several kinds of treatment against
    several kinds of control are pooled as usual.
    """
    if not {"intervention", "comparator"} <= named.keys():
        return list(records), [], None
    sides = [
        tuple(" ".join(r.words.get(role, "").split()) for role in ("intervention", "comparator"))
        for r in records
    ]
    left, right = ({pair[i].casefold() for pair in sides if all(pair)} for i in (0, 1))
    if not left & right:
        return list(records), [], None
    pairs = Counter(tuple(sorted(p.casefold() for p in pair)) for pair in sides if all(pair))
    wanted = tuple(chosen.get(role, "").casefold() for role in ("intervention", "comparator"))
    if tuple(sorted(wanted)) in pairs:
        return _turned(records, sides, wanted)
    shown = {name.casefold(): name for pair in sides for name in pair}
    text = (
        f"Rows compare different treatments ({listed(sorted(shown.values()), 6)}): which two? "
        "All at once: python -m analysis network FILE."
    )
    choices = []
    for pair, count in pairs.most_common(_SHOWN):
        stated = Counter(tuple(p.casefold() for p in s) for s in sides)
        one, other = pair if stated[pair] >= stated[pair[::-1]] else pair[::-1]
        how = (("map", f"intervention={shown[one]}"), ("map", f"comparator={shown[other]}"))
        choices.append(Choice(f"{shown[one]} compared with {shown[other]} ({count} rows)", how))
    return list(records), [], Question("comparison", text, tuple(choices))


def _turned(
    records: Sequence[Record], sides: Sequence[tuple[str, ...]], wanted: tuple[str, ...]
) -> tuple[list[Record], list[str], None]:
    kept, turned = [], []
    for record, pair in zip(records, sides, strict=True):
        pair = tuple(p.casefold() for p in pair)
        if pair == wanted:
            kept.append(record)
        elif pair[::-1] == wanted:
            _turn(record)
            kept.append(record)
            turned.append(record.label)
    said = [f"{len(kept)} of {len(records)} rows make this comparison"]
    if turned:
        said.append(f"stated the other way round and turned: {listed(turned)}")
    return kept, said, None


def _turn(record: Record) -> None:
    """The same row with its two sides exchanged."""
    v, digits = dict(record.v), dict(record.digits)
    for role in list(v):
        if role in ("yi", "log10", "o_minus_e"):
            record.v[role] = -v[role]
        elif role == "ratio" and v[role] > 0:
            record.v[role] = 1 / v[role]
        elif (other := _OTHER.get(role, "")) and other in v:
            record.v[role], record.digits[role] = v[other], digits.get(other, 0)
    if {"ci_low", "ci_high"} <= v.keys():
        low, high = v["ci_low"], v["ci_high"]
        ratio = "ratio" in v and low > 0
        record.v["ci_low"], record.v["ci_high"] = (1 / high, 1 / low) if ratio else (-high, -low)


_ONES = (
    "n1i",
    "m1i",
    "sd1i",
    "se1i",
    "x1i",
    "t1i",
    "p1i",
    "med1i",
    "q1_1i",
    "q3_1i",
    "min1i",
    "max1i",
)
_OTHER = {"ai": "ci", "ci": "ai", "bi": "di", "di": "bi"}
_OTHER |= {one: one.replace("1i", "2i") for one in _ONES}
_OTHER |= {one.replace("1i", "2i"): one for one in _ONES}
