"""What the formats of reviews share: the names of measures, and rows under one set of columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.reading.opened import Cell, Table

DICHOTOMOUS, CONTINUOUS, GENERIC, OBSERVED = "dichotomous", "continuous", "generic", "o-e"
NUMBERS = {
    DICHOTOMOUS: ("ai", "n1i", "ci", "n2i"),
    CONTINUOUS: ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
    GENERIC: ("yi", "sei"),
    OBSERVED: ("o_minus_e", "variance"),
}
"""The columns that each kind of data needs."""
_BESIDE = {GENERIC: ("n1i", "n2i"), OBSERVED: ("n1i", "n2i")}
"""Further columns that a kind may have; they come where any row fills them.

Events beside O-E are left out: an effect computed from them is another than that of O-E and its variance, which
is what the review pools.
"""

_FIELDS = {
    "EVENTS_1": "ai", "TOTAL_1": "n1i", "EVENTS_2": "ci", "TOTAL_2": "n2i", "MEAN_1": "m1i", "SD_1": "sd1i",
    "MEAN_2": "m2i", "SD_2": "sd2i", "SE": "sei", "O_E": "o_minus_e", "VAR": "variance",
}  # fmt: skip
"""RevMan 5's own names."""

RATIOS = frozenset({"RR", "OR", "PETO", "HR", "IRR", "ROM"})
GENERAL = "GEN"
_MEASURES = {
    "RR": ("rr", "risk ratio", "relative risk"),
    "OR": ("or", "odds ratio"),
    "PETO": ("peto_or", "peto or", "peto odds ratio", "peto"),
    "RD": ("rd", "risk difference"),
    "MD": ("md", "wmd", "mean difference", "weighted mean difference"),
    "SMD": ("smd", "std. mean difference", "std mean difference", "standardised mean difference",
            "standardized mean difference", "hedges' g", "hedges g"),
    "HR": ("hr", "hazard ratio"),
    "IRR": ("irr", "rate ratio", "incidence rate ratio"),
    "ROM": ("rom", "ratio of means", "response ratio"),
}  # fmt: skip
_NAMED = {word: measure for measure, many in _MEASURES.items() for word in many}
_NON_EVENT = re.compile(r"\(?\bnon-?event\)?\s*$", re.IGNORECASE)
_LOG = re.compile(r"(?:log|ln)\s*[\[({]?\s*(.+?)\s*[\])}]?")


def fields(kind: str) -> dict[str, str]:
    """RevMan 5's fields that a kind of data has, with our columns."""
    columns = (*NUMBERS[kind], *_BESIDE.get(kind, ()))
    return {theirs: ours for theirs, ours in _FIELDS.items() if ours in columns}


def of_non_events(measure: str) -> bool:
    """Whether a review names a measure of those without the event.

    >>> of_non_events("Risk Ratio (Non-event)"), of_non_events("Risk Ratio")
    (True, False)
    """
    return bool(_NON_EVENT.search(measure))


def measure_named(text: str) -> str:
    """The measure that a review's file names; GEN where it is none of ours.

    >>> [measure_named(t) for t in ("Risk Ratio", "PETO_OR", "log[Hazard Ratio]", "", "Kappa")]
    ['RR', 'PETO', 'HR', 'GEN', 'GEN']
    """
    word = " ".join(_NON_EVENT.sub("", text).replace("\u00a0", " ").lower().split())
    if word in _NAMED:
        return _NAMED[word]
    found = _LOG.fullmatch(word)
    return _NAMED.get(found[1], GENERAL) if found else GENERAL


@dataclass(slots=True)
class Row:
    """One study of an analysis; `numbers` by column."""

    study: str
    year: float | None = None
    subgroup: str = ""
    numbers: dict[str, float | None] = field(default_factory=dict)
    weight: float | None = None
    note: str = ""
    number: int = 0


def swap_events(rows: Sequence[Row]) -> str:
    """Count those without the event instead, as the review does; the remark on it."""
    for row in rows:
        for events, total in (("ai", "n1i"), ("ci", "n2i")):
            counted, size = row.numbers.get(events), row.numbers.get(total)
            if counted is not None and size is not None:
                row.numbers[events] = size - counted
    return "the review analyses those without the event: ai and ci are counted so"


def table_of(
    name: str, kind: str, rows: Sequence[Row], bias: Mapping[str, Mapping[str, str]]
) -> Table:
    """The rows of one analysis; `bias` holds, per domain, the judgement by study."""
    extra = [c for c in _BESIDE.get(kind, ()) if any(r.numbers.get(c) for r in rows)]
    numbers = [*NUMBERS[kind], *extra]
    subgroups = any(r.subgroup for r in rows)
    weights = any(r.weight is not None for r in rows)
    notes = any(r.note for r in rows)
    studies = {r.study for r in rows}
    domains = {d: by_study for d, by_study in bias.items() if studies & by_study.keys()}
    columns = [
        "study", "year", *(["subgroup"] if subgroups else []), *numbers,
        *(["weight"] if weights else []), *(["note"] if notes else []),
        *(f"risk of bias: {d}" for d in domains),
    ]  # fmt: skip

    def cells(row: Row) -> tuple[Cell, ...]:
        return (
            row.study, row.year, *([row.subgroup or None] if subgroups else []),
            *(row.numbers.get(c) for c in numbers),
            *([row.weight] if weights else []), *([row.note or None] if notes else []),
            *(by_study.get(row.study) for by_study in domains.values()),
        )  # fmt: skip

    return Table(
        name=name,
        columns=tuple(columns),
        rows=tuple(cells(row) for row in rows),
        row_numbers=tuple(row.number or n for n, row in enumerate(rows, start=1)),
    )


def number(text: object) -> float | None:
    """A number of a review's file; None where there is none. Commas mark thousands there.

    >>> number("1,234.5"), number(""), number("NaN"), number(3.0)
    (1234.5, None, None, 3.0)
    """
    if isinstance(text, int | float):
        return float(text) if math.isfinite(text) else None
    if not isinstance(text, str):
        return None
    try:
        value = float(text.replace(",", "").replace("\N{MINUS SIGN}", "-").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def whole(text: object) -> int | None:
    value = number(text)
    return int(value) if value is not None and value == int(value) else None


def level_of(text: object) -> float:
    """95, "95%" and "0.95" as 0.95, which is also taken where nothing is stated."""
    value = number(str(text).replace("%", "")) if text is not None else None
    if value is None or not 0 < value < 100:
        return 0.95
    return value / 100 if value >= 1 else value


def are_ratios(effects: Sequence[tuple[float | None, ...]]) -> bool | None:
    """Whether printed effects are ratios (True) or stand as they are analysed (False); None where nothing tells.

    effects : (effect, lower limit, upper limit, standard error as it is analysed). The interval of a ratio is as
    wide as its standard error says after taking logarithms; that of any other effect as it stands.

    >>> [are_ratios([(0.7, *limits, 0.25)]) for limits in ((0.43, 1.14), (0.21, 1.19), (None, None))]
    [True, False, None]
    """
    votes = 0
    for effect, low, high, se in effects:
        if effect is not None and effect < 0:
            return False
        if None in (effect, low, high, se) or not se or high <= low:
            continue
        plain = abs((high - low) / (3.92 * se) - 1)
        ratio = abs(math.log(high / low) / (3.92 * se) - 1) if low > 0 else math.inf
        votes += 1 if plain < ratio else -1
    return None if votes == 0 else votes < 0
