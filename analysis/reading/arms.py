"""One row per group of a trial, as one row per comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.reading.asking import Choice, Fault, Question
from analysis.reading.naming import tokens
from analysis.reading.quantity_words import CONTROL
from analysis.reading.records import Record

_ONE = {
    "xi": ("ai", "ci"),
    "xi share": ("ai share", "ci share"),
    "xi of": ("ai of", "ci of"),
    "ni": ("n1i", "n2i"),
    "mi": ("m1i", "m2i"),
    "sdi": ("sd1i", "sd2i"),
    "sei": ("se1i", "se2i"),
    "vari": ("var1i", "var2i"),
    "lowi": ("low1i", "low2i"),
    "highi": ("high1i", "high2i"),
    "ti": ("t1i", "t2i"),
    "medi": ("med1i", "med2i"),
    "q1_i": ("q1_1i", "q1_2i"),
    "q3_i": ("q3_1i", "q3_2i"),
    "mini": ("min1i", "min2i"),
    "maxi": ("max1i", "max2i"),
    "pi": ("p1i", "p2i"),
}
_NO_TREATMENT = frozenset(
    {
        ("no", "treatment"),
        ("no", "intervention"),
        ("nothing",),
        ("conservative",),
        ("conservative", "treatment"),
        ("medical", "treatment"),
        ("best", "supportive", "care"),
    }
)


def is_control(name: str) -> bool:
    """Whether a treatment's name is that of a control.

    >>> is_control("Placebo gel"), is_control("usual care"), is_control("aspirin")
    (True, True, False)
    """
    found = tokens(name)
    return found in _NO_TREATMENT or any(w in CONTROL and len(w) > 2 for w in found)


def by_comparison(
    records: Sequence[Record], named: Mapping[str, str], chosen: Mapping[str, str]
) -> tuple[list[Record], list[str], list[Question], list[Fault]]:
    """Pair the groups of each study, where rows are groups; otherwise the rows as they are.

    `chosen` may name the `intervention` and the `comparator` among several treatments.
    """
    if not _are_arms(records):
        return list(records), [], [], []
    if "treatment" not in named:
        named = _only_column(records, named)
    if "treatment" not in named:
        return list(records), [], _which_column(records, named), []
    studies: dict[str, dict[str, Record]] = {}
    faults = []
    for r in records:
        arms = studies.setdefault(r.label.casefold(), {})
        arm = r.words.get("treatment", "")
        if arm.casefold() in arms:
            faults.append(
                Fault(
                    r.row,
                    named["treatment"],
                    f"“{arm}” of {r.label} again",
                    "one row per study and group; with several outcomes or times, keep one "
                    "(--analysis NAME chooses an outcome)",
                )
            )
        else:
            arms[arm.casefold()] = r
    names = {r.words.get("treatment", "").casefold(): r.words.get("treatment", "") for r in records}
    pair, question = _pair(names, studies, chosen)
    if question or pair is None:
        return list(records), [], [question] if question else [], faults
    first, second = pair
    joined, said = [], []
    for arms in studies.values():
        if first in arms and second in arms:
            joined.append(_joined(arms[first], arms[second]))
        else:
            any_arm = next(iter(arms.values()))
            said.append(
                f"{any_arm.label} has no row for {names[second if first in arms else first]}: left out"
            )
    said.insert(0, f"rows are the groups of studies: {names[first]} compared with {names[second]}")
    return joined, said, [], faults


def _are_arms(records: Sequence[Record]) -> bool:
    """Whether names repeat and rows hold one group each."""
    if not records or not all(
        "yi" not in r.v and "ratio" not in r.v and not r.has("n1i", "n2i") for r in records
    ):
        return False
    one = [r for r in records if r.v.keys() & {"xi", "mi", "medi", "pi"}]
    if len(one) < max(2, len(records) / 2):
        return False
    labels = [r.label.casefold() for r in records]
    return len(set(labels)) <= len(labels) * 0.67


def _only_column(records: Sequence[Record], named: Mapping[str, str]) -> Mapping[str, str]:
    """`named` with the treatment, where one column alone can name the groups: no study has the same group twice."""
    offered = [r for r in ("intervention", "comparator") if r in named]
    if len(offered) != 1:
        return named
    role = offered[0]
    groups = [(r.label.casefold(), r.words.get(role, "").casefold()) for r in records]
    if len(set(groups)) < len(groups) or not all(group for _, group in groups):
        return named
    for r in records:
        r.words["treatment"] = r.words.pop(role)
    return {"treatment" if r == role else r: column for r, column in named.items()}


def _which_column(records: Sequence[Record], named: Mapping[str, str]) -> list[Question]:
    choices = [
        Choice(f"column {column} names the groups", (("map", f"treatment={column}"),))
        for role, column in named.items()
        if role in ("intervention", "comparator", "subgroup", "outcome")
    ] or [Choice("the column that names the groups", (("map", "treatment=COLUMN"),))]
    return [
        Question(
            "arms",
            "Names of studies repeat and each row holds one group: which column says which group a row is?",
            tuple(choices),
        )
    ]


def _pair(
    names: Mapping[str, str], studies: Mapping[str, Mapping[str, Record]], chosen: Mapping[str, str]
) -> tuple[tuple[str, str] | None, Question | None]:
    """The two treatments that are compared, or the question which."""
    wanted = [chosen.get(role, "").casefold() for role in ("intervention", "comparator")]
    if wanted[1] in names and not wanted[0] and len(names) == 2:
        wanted[0] = next(n for n in names if n != wanted[1])
    if wanted[0] in names and not wanted[1] and len(names) == 2:
        wanted[1] = next(n for n in names if n != wanted[0])
    if all(w in names for w in wanted):
        return (wanted[0], wanted[1]), None
    controls = [n for n in names if is_control(n)]
    if len(names) == 2 and len(controls) == 1:
        return (next(n for n in names if n not in controls), controls[0]), None
    together: dict[tuple[str, str], int] = {}
    for arms in studies.values():
        for one in arms:
            for other in arms:
                if one != other and (
                    len(controls) != 1 or other == controls[0] or one not in controls
                ):
                    together[one, other] = together.get((one, other), 0) + 1
    pairs = sorted(together, key=lambda p: (-together[p], not is_control(p[1]), p))[:6]
    choices = [
        Choice(
            f"{names[one]} compared with {names[other]} ({together[one, other]} studies)",
            (("map", f"intervention={names[one]}"), ("map", f"comparator={names[other]}")),
        )
        for one, other in pairs
    ]
    more = (
        ""
        if len(names) == 2
        else f" There are {len(names)} treatments; all at once: python -m analysis network FILE."
    )
    return None, Question(
        "comparison",
        f"Rows are the groups of studies.{more} Which two are compared, and which is the comparator?",
        tuple(choices),
    )


def _joined(first: Record, second: Record) -> Record:
    joined = Record(first.row, first.label, dict(second.words) | dict(first.words))
    for one, (left, right) in _ONE.items():
        for record, role in ((first, left), (second, right)):
            if one in record.v:
                role = (
                    {"ai": "x1i", "ci": "x2i"}.get(role, role)
                    if "ti" in record.v and "ni" not in record.v
                    else role
                )
                joined.v[role], joined.digits[role] = record.v[one], record.digits.get(one, 0)
    return joined
