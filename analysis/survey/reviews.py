"""From the words of a published review to a Question: one written mapping, and why a figure has none.

`published_syntheses.csv` keeps what reviews print in their own words. Each row is read here into the same
Question that a reader could ask, or set apart with the reason. Three outcomes:

- ``same``: same question, same kind of number; it can stand on one axis with ours.
- ``beside``: same question, but another kind of number, an unknown sign, or no figure in the copy read.
- ``apart``: no Question of this house asks it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.rules import known
from analysis.question import InvalidQuestion, Question
from analysis.survey import review_words as said

Row = Mapping[str, Any]
SAME, BESIDE, APART = "same", "beside", "apart"


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of a review as this house understands it.

    `value`, `low`, `high` are on the pooled scale of the Question's measure (ratios and proportions on the
    log or logit scale; differences intervention minus comparator), None where not printed or not
    comparable. `why` says why the figure is not drawn (``beside``) or not matched (``apart``);
    `caveats` what was assumed. `row_ids` are the rows that hold this same figure, the first one `row`.
    """

    row: Row
    status: str
    question: Question | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""
    caveats: tuple[str, ...] = ()
    row_ids: tuple[str, ...] = ()


@remembered(maxsize=8)
def readings(evidence: Evidence) -> tuple[Reading, ...]:
    """Every figure and statement in hand, each once, in the order of the file.

    Examples
    --------
    >>> from analysis.evidence import load_evidence
    >>> {r.status for r in readings(load_evidence())} == {SAME, BESIDE, APART}
    True
    """
    found = [read(row) for row in evidence.published_syntheses.to_dict("records")]
    return tuple(_once(_uncertain_units(found)))


def read(row: Row) -> Reading:
    """Read one row of `published_syntheses.csv`."""
    ids = (row["row_id"],)
    try:
        question, caveats = _question(row)
    except (said.Unmatched, InvalidQuestion) as error:
        return Reading(row, APART, why=str(error), row_ids=ids)
    try:
        question, values, more = _figure(row, question)
    except said.Unmatched as error:
        return Reading(row, BESIDE, question, why=str(error), caveats=caveats, row_ids=ids)
    return Reading(row, SAME, question, *values, caveats=(*caveats, *more), row_ids=ids)


# --- the question --------------------------------------------------------------------------------
def _question(row: Row) -> tuple[Question, tuple[str, ...]]:
    intervention, comparator = said.pair(row["comparison"])
    # of a review that found no study, the first outcome stands for all that it looked for
    code = row["outcome"].partition(",")[0] if row["k"] == 0 else row["outcome"]
    outcome = said.outcome(code, row["note"])
    time, about_time = said.window(row["timepoint"])
    etiology, age = said.patients(row["population"])
    alone = comparator == words.NONE
    usual = alone or comparator == "SHAM"
    designs, about_designs = ((), "") if usual else said.designs(row["population"])
    question = Question(
        outcome=outcome, intervention=intervention, comparator=comparator, time=time,
        etiology=etiology, fracture_age=age, designs=designs,
    )  # fmt: skip
    return question, tuple(filter(None, (about_time, about_designs)))


# --- the figure ----------------------------------------------------------------------------------
_SCALE_OF_TEN = r"10-point|0-10"
Values = tuple[float, float | None, float | None]


def _figure(row: Row, question: Question) -> tuple[Question, Values, tuple[str, ...]]:
    """The figure on the pooled scale of its measure, with the Question that asks for that measure.

    Raises
    ------
    said.Unmatched
        When the figure cannot stand on one axis with ours.
    """
    if not known(row["estimate"]):
        none = row["k"] == 0
        raise said.Unmatched(
            "the review found no study" if none else said.no_figure(row["measure"])
        )
    measure = said.measure(row["measure"], one_group=question.one_group)
    if measure not in ("LOG_OR", *question.measures()):
        raise said.Unmatched(f"printed as {row['measure']}, which does not fit this outcome")
    caveats: list[str] = []
    if question.spec.kind == "event":
        unit, about_unit = said.unit(question, measure, row["note"])
        question = question.replace(unit=unit)
        caveats += filter(None, [about_unit, said.part(row["note"])])
    printed = (row["estimate"], *((row[end] if known(row[end]) else None)
                                  for end in ("ci_low", "ci_high")))  # fmt: skip
    _in_order(printed)
    if measure == "LOG_OR":
        return question.replace(measure="OR"), printed, (*caveats, "printed as a log odds ratio")
    if measure in words.RATIOS:
        return question.replace(measure=measure), _each(math.log, printed), tuple(caveats)
    if measure == "PLO":
        factor = 100 if re.search(r"pct", row["measure"], re.IGNORECASE) else 1
        return question, _each(lambda p: _logit(p / factor), printed), tuple(caveats)
    if question.outcome == "pain" and question.one_group:
        text = f"{row['measure']} {row['note']}"
        if not re.search(_SCALE_OF_TEN, text):
            raise said.Unmatched("the range of the pain scale is not named")
    sign = said.sign(row, question)
    return question, _each(lambda x: sign * x, printed), tuple(caveats)


def _in_order(printed: Values) -> None:
    value, low, high = printed
    if (low is not None and value < low) or (high is not None and value > high):
        raise said.Unmatched(
            "the printed estimate lies outside its own interval: a sign was lost in the source"
        )


def _each(function: Any, printed: Values) -> Values:
    ends = [None if x is None else function(x) for x in printed]
    value, low, high = ends
    if low is not None and high is not None and low > high:
        low, high = high, low
    return value, low, high


def _logit(p: float) -> float:
    if not 0 < p < 1:
        raise said.Unmatched("a proportion of 0 or 100% has no logit")
    return math.log(p / (1 - p))


# --- the same figure in several rows -------------------------------------------------------------
def _key(reading: Reading) -> tuple | None:
    row = reading.row
    if reading.question is None or not known(row["estimate"]):
        return None
    q = reading.question
    about = (q.outcome, q.intervention, q.comparator, q.fracture_age, row["estimate"])
    if known(row["ci_low"]) and known(row["ci_high"]):
        return (*about, row["ci_low"], row["ci_high"])
    return (*about, row["review_id"])


def _uncertain_units(found: list[Reading]) -> list[Reading]:
    """A figure read once as standardised and once in points cannot be trusted to be either."""
    standardised = {
        _key(r) for r in found if r.question is not None and "SMD" in r.row["measure"]
    } - {None}
    return [
        replace(r, status=BESIDE, value=None, low=None, high=None, why=_READ_TWICE)
        if r.question is not None and "SMD" not in r.row["measure"] and _key(r) in standardised
        else r
        for r in found
    ]


_READ_TWICE = "read in one place as a standardised difference, in another as points"


def _once(found: Iterable[Reading]) -> list[Reading]:
    """Rows that hold the same figure of the same review become one reading; the best understood one stays."""
    kept: dict[tuple, Reading] = {}
    order: list[tuple] = []
    rank = {SAME: 0, BESIDE: 1, APART: 2}
    for at, reading in enumerate(found):
        key = _key(reading) or (at,)
        if key not in kept:
            kept[key] = reading
            order.append(key)
            continue
        first = kept[key]
        best = first if rank[first.status] <= rank[reading.status] else reading
        kept[key] = replace(best, row_ids=first.row_ids + reading.row_ids)
    return [kept[key] for key in order]
