"""From the coded columns of a published review to a Question, and why a figure has none.

The `q_` columns of `published_syntheses.csv` say what each row's own words mean. Each row is read here into the same
Question that a reader could ask, or set apart with the reason. Three outcomes:

- ``same``: same question, same kind of number; it can stand on one axis with ours.
- ``beside``: same question, but another kind of number, an unknown sign, or no figure in the copy read.
- ``apart``: no Question of this house asks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis import vocabulary as words
from analysis.errors import InputError
from analysis.evidence import Evidence
from analysis.evidence import review_codes as codes
from analysis.evidence.memory import remembered
from analysis.evidence.records import records
from analysis.evidence.rules import known
from analysis.question import InvalidQuestion, Question, overlap

Row = Mapping[str, Any]
SAME, BESIDE, APART = "same", "beside", "apart"


class Unmatched(InputError):
    """A review's figure has no counterpart here; the message says why."""


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
    """Every figure and statement here, each once, in the order of the file.

    Examples
    --------
    >>> from analysis.answer import shipped_evidence
    >>> {r.status for r in readings(shipped_evidence())} == {SAME, BESIDE, APART}
    True
    """
    return tuple(_once(map(read, records(evidence, "published_syntheses"))))


def read(row: Row) -> Reading:
    """Read one row of `published_syntheses.csv`."""
    ids = (row["row_id"],)
    try:
        question, caveats = _question(row)
    except (Unmatched, InvalidQuestion) as error:
        return Reading(row, APART, why=str(error), row_ids=ids)
    try:
        question, values, more = _figure(row, question)
    except Unmatched as error:
        return Reading(row, BESIDE, question, why=str(error), caveats=caveats, row_ids=ids)
    return Reading(row, SAME, question, *values, caveats=(*caveats, *more), row_ids=ids)


# --- the question --------------------------------------------------------------------------------
_NO_QUESTION = ("extreme", "ranking", "association", "recommendation", "bias")


def _question(row: Row) -> tuple[Question, tuple[str, ...]]:
    if row["figure"] in _NO_QUESTION:
        raise Unmatched(codes.FIGURES[row["figure"]])
    intervention, comparator = _pair(row)
    outcome = _outcome(row)
    time, about_time = _window(row["q_time"])
    if row["q_selected"]:
        raise Unmatched(codes.SELECTED[row["q_selected"]])
    designs, about_designs = (), ""
    if comparator not in (words.NONE, *words.PLACEBO):
        designs, about_designs = _designs(row["q_designs"])
    cause = row["q_etiology"]
    question = Question(
        outcome=outcome, intervention=intervention, comparator=comparator, time=time, designs=designs,
        etiology="any" if cause in ("", "mixed") else cause, fracture_age=row["q_fracture_age"] or "any",
    )  # fmt: skip
    return question, tuple(filter(None, (about_time, about_designs)))


def _pair(row: Row) -> tuple[str, str]:
    """Intervention and comparator; the comparator is NONE where one group is described."""
    compared = codes.comparisons(row)
    if len(compared) > 1:
        raise Unmatched("several comparisons in one statement")
    sides = compared[0]
    if codes.UNCLEAR in sides[1]:
        raise Unmatched("what its control groups are is not known")
    if codes.OTHER in sides[0] | sides[1]:
        raise Unmatched("compares or describes what no question here asks about")
    first, second = (_treatment(side) for side in sides)
    if overlap(first, second):
        raise Unmatched("both sides are the same treatment: one way of doing it against another")
    return first, second


def _treatment(side: frozenset[str]) -> str:
    if len(side) == 1:
        return next(iter(side))
    for group in words.GROUPS:
        if side <= set(words.MEMBERS[group]):
            return group
    raise Unmatched("different controls taken together")


def _outcome(row: Row) -> str:
    named = codes.listed(row["q_outcome"])
    # of a review that found no study, the first outcome stands for all that it looked for
    if len(named) > 1 and row["figure"] != "no_study":
        raise Unmatched("several outcomes in one statement")
    if named[0] in words.OUTCOMES:
        return named[0]
    if codes.covered(named[0]):
        said = named[0].replace("_", " ")
        raise Unmatched(f"the instrument or unit is not named: {said}")
    raise Unmatched("an outcome that no question here asks about")


_STATED = {
    "unstated": "the review states no time",
    "last": "the review says only that it is the end of follow-up",
    "long": 'the review says only "long term"',
}


def _window(time: str) -> tuple[str, str]:
    """The time window, and what had to be assumed."""
    if time in _STATED:
        return "any", f"{_STATED[time]}; ours is the longest follow-up of each study"
    if time == "later":
        raise Unmatched("a time beyond our windows")
    if time not in words.WINDOWS:
        raise Unmatched("a time that covers several of our windows")
    return time, ""


def _designs(kind: str) -> tuple[tuple[str, ...], str]:
    if kind:
        return codes.designs(kind), ""
    assumed = "the review does not say which kinds of study; ours are comparative studies"
    return words.COMPARATIVE, assumed


# --- the figure ----------------------------------------------------------------------------------
Values = tuple[float, float | None, float | None]
_NOT_COMPARABLE = {
    "SMD": "standardised: in standard deviations, ours in the scale's own points",
    "mean": "a mean of one group at one time: neither a change nor a difference",
    "unclear": "read in one place as a standardised difference, in another as points",
}


def _figure(row: Row, question: Question) -> tuple[Question, Values, tuple[str, ...]]:
    """The figure on the pooled scale of its measure, with the Question that asks for that measure.

    Raises
    ------
    Unmatched
        When the figure cannot stand on one axis with ours.
    """
    kind = row["q_measure"]
    if row["figure"] != "pooled":
        raise Unmatched(codes.FIGURES[row["figure"]])
    if not known(row["estimate"]):
        raise Unmatched(codes.FIGURES["not_reached"])
    if kind in _NOT_COMPARABLE:
        raise Unmatched(_NOT_COMPARABLE[kind])
    measure = {"change": "MC", "percent": "PLO", "proportion": "PLO", "log_OR": "OR"}.get(
        kind, kind
    )
    if measure not in question.measures():
        raise Unmatched(f"reported as {codes.MEASURES[kind]}, which does not fit this outcome")
    printed = (row["estimate"], *((row[end] if known(row[end]) else None)
                                  for end in ("ci_low", "ci_high")))  # fmt: skip
    if question.spec.kind == "score":
        return question, *_difference(row, question, printed)
    unit, caveats = _counted(row, question, measure)
    question = question.replace(unit=unit)
    if kind == "log_OR":
        return question.replace(measure="OR"), printed, (*caveats, "reported as a log odds ratio")
    if measure in words.RATIOS:
        return question.replace(measure=measure), _each(math.log, printed), caveats
    if measure == "PLO":
        whole = 100 if kind == "percent" else 1
        return question, _each(lambda p: _logit(p / whole), printed), caveats
    return question.replace(measure=measure), printed, caveats


def _difference(row: Row, question: Question, printed: Values) -> tuple[Values, tuple[str, ...]]:
    """A difference or change in the points of the house: follow-up minus baseline, or intervention minus comparator."""
    if row["q_positive"] == "sign_lost":
        raise Unmatched(
            "the reported estimate lies outside its own interval: a sign was lost in the source"
        )
    if row["q_positive"] not in ("better", "worse"):
        raise Unmatched("does not say whom a positive difference favours")
    factor, caveats = 1.0, ()
    if question.spec.scale is not None:
        low, high = question.spec.scale
        if not known(row["q_scale_max"]):
            raise Unmatched("the range of the scale is not named")
        factor = (high - low) / row["q_scale_max"]
        if factor != 1:
            caveats = (f"reported on a scale to {row['q_scale_max']:g}, shown on one to {high:g}",)
    positive_is_more = (row["q_positive"] == "worse") == question.spec.lower_is_better
    sign = 1.0 if positive_is_more else -1.0
    return _each(lambda x: sign * factor * x, printed), caveats


def _counted(row: Row, question: Question, measure: str) -> tuple[str, tuple[str, ...]]:
    """What an event figure counts, and what had to be assumed.

    A ratio that names no unit compares groups of patients, as for printed ratios of trials; a proportion that
    names none could be of patients or of another unit, which differ too much to guess.
    """
    part = row["q_events"]
    if part in codes.PARTS:
        said = [codes.PARTS[part]]
    elif part in ("", "all"):
        said = []
    else:
        raise Unmatched("counts only part of the outcome")
    unit = row["q_unit"]
    if unit in words.UNITS:
        return unit, tuple(said)
    if measure in words.RATIOS:
        return "patients", ("the review does not say what it counts; taken as patients", *said)
    raise Unmatched("does not say what is counted")


def _each(function: Callable[[float], float], printed: Values) -> Values:
    value, low, high = (None if x is None else function(x) for x in printed)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return value, low, high


def _logit(p: float) -> float:
    if not 0 < p < 1:
        raise Unmatched("a proportion of 0 or 100% has no logit")
    return math.log(p / (1 - p))


# --- the same figure in several rows -------------------------------------------------------------
def _once(found: Iterable[Reading]) -> list[Reading]:
    """Rows declared to hold the same figure become one reading; the best understood one stays."""
    kept: dict[str, Reading] = {}
    rank = {SAME: 0, BESIDE: 1, APART: 2}
    for reading in found:
        key = reading.row["same_figure"] or reading.row["row_id"]
        if key not in kept:
            kept[key] = reading
            continue
        first = kept[key]
        best = first if rank[first.status] <= rank[reading.status] else reading
        kept[key] = replace(best, row_ids=first.row_ids + reading.row_ids)
    return list(kept.values())
