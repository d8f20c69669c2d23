"""Which effect measure a table holds: asked for, named by a column, reproduced by its own "
"numbers, or suggested by them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.effects.from_records import ADJUSTED, NoEffect, computed
from analysis.effects.measures import MEASURES, Measure
from analysis.reading.asking import Choice, Question, listed
from analysis.reading.naming import tokens
from analysis.reading.opened import Table
from analysis.reading.quantity_words import BEFORE
from analysis.reading.records import Record

GUESSES = ("OR", "MD", "IRR", "MC", "PLO", "IRLN", "MN", "ZCOR")
"""What columns suggest, the most specific first."""
_TRIED = (
    "RR",
    "OR",
    "RD",
    "PETO",
    "AS",
    "MD",
    "SMD",
    "SMDH",
    "ROM",
    "IRR",
    "IRD",
    "PLO",
    "PLN",
    "PR",
    "PAS",
    "IRLN",
    "IR",
    "MN",
    "ZCOR",
    "COR",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The measure; how it was found, in one line ("" asked for); a question where it was not."""

    measure: Measure | None
    how: str = ""
    question: Question | None = None


def measure_of(
    records: Sequence[Record],
    values: Sequence[Mapping[str, float]],
    form: str,
    told: str,
    asked: str,
) -> Chosen:
    """Choose the measure.

    Parameters
    ----------
    values : each record's completed numbers.
    form : the role under which rows state an effect themselves (yi, ratio, log10); "" none do.
    told : measure that a column's name, a cell or the file tells; "" none.
    asked : measure that the reader asked for.
    """
    if asked:
        return Chosen(MEASURES[asked])
    if told in MEASURES:
        label = MEASURES[told].label
        return Chosen(MEASURES[told], f"measure {told} ({label}), as the file names it")
    kinds = [n for n in ("OR", "MD") if not form and any(_fits(MEASURES[n], v) for v in values)]
    if len(kinds) > 1:
        words = {"OR": "counts of events (OR, RR, RD)", "MD": "means (MD, SMD)"}
        return Chosen(
            None,
            question=Question(
                "measure",
                "The table holds counts of events and means of both groups: which is to be pooled?",
                tuple(Choice(words[name], (("measure", name),)) for name in kinds),
            ),
        )
    suggested = next(
        (name for name in GUESSES if any(_fits(MEASURES[name], v) for v in values)), ""
    )
    if form:
        same = _reproduced(records, values) if form == "yi" else ""
        if same:
            return Chosen(
                MEASURES[same],
                f"yi is the {MEASURES[same].label} of the numbers beside it: read as {same}",
            )
        lacking = (
            any(
                form not in r.v and _fits(MEASURES[suggested], v)
                for r, v in zip(records, values, strict=True)
            )
            if suggested
            else False
        )
        if lacking and suggested == "OR":
            choices = tuple(
                Choice(MEASURES[m].printed_label, (("measure", m),)) for m in ("OR", "RR")
            )
            return Chosen(
                None,
                question=Question(
                    "measure",
                    "Some rows state an effect and others hold counts: which ratio is it?",
                    choices,
                ),
            )
        if lacking:
            return Chosen(
                MEASURES[suggested],
                f"some rows state an effect, others hold numbers: all read as {suggested} "
                f"({MEASURES[suggested].label}); --measure changes it",
            )
        return Chosen(
            MEASURES["GEN"],
            "no measure is named: yi and its variance are pooled as they stand; --measure names it",
        )
    if suggested:
        return Chosen(
            MEASURES[suggested],
            f"no measure was named; the columns suggest {suggested} "
            f"({MEASURES[suggested].label}); --measure changes it",
        )
    return Chosen(None)


def before_and_after(table: Table, chosen: Chosen) -> Question | None:
    """Means of one group, with columns of values before: which of the two is meant no column tells."""
    if chosen.measure is None or chosen.measure.name != "MN":
        return None
    names = [set(tokens(name)) for name in table.columns]
    before = [c for c, found in zip(table.columns, names, strict=True) if found & BEFORE]
    if not before:
        return None
    return Question(
        "measure",
        f"Rows hold one group before and after ({listed(before)}). A change needs its own SD, or an effect "
        "with its error (columns yi and sei); are the means after to be pooled as they stand?",
        (Choice("the means after, as they stand", (("measure", "MN"),)),),
    )


def _fits(measure: Measure, v: Mapping[str, float]) -> bool:
    return all(c in v or ADJUSTED.get(c, "") in v for c in measure.columns)


def _reproduced(records: Sequence[Record], values: Sequence[Mapping[str, float]]) -> str:
    """The measure whose value, from the numbers beside it, is each row's stated effect within its rounding."""
    both = [(r, v) for r, v in zip(records, values, strict=True) if "yi" in r.v]
    for name in _TRIED:
        measure = MEASURES[name]
        rows = [(r, v) for r, v in both if all(c in v for c in measure.columns)]
        if len(rows) < 2 or len(rows) < 0.8 * len(both):
            continue
        found = computed([r for r, _ in rows], [v for _, v in rows], measure)
        hits = [
            abs(r.v["yi"] - e.yi) <= max(0.51 * 10.0 ** -r.digits.get("yi", 6), 1e-3 * abs(e.yi))
            for (r, _), e in zip(rows, found, strict=True)
            if not isinstance(e, NoEffect)
        ]
        if len(hits) > 1 and all(hits) and any(not math.isclose(r.v["yi"], 0.0) for r, _ in rows):
            return name
    return ""
