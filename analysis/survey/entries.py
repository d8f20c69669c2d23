"""Where a trial's printed rows go: the answers that they enter, and why the others enter none.

The Questions are made from the rows themselves (outcome, treatments, time, unit, measure), so nothing that
could enter an answer with the usual settings is missed, and nothing is asked in vain.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence, rules
from analysis.evidence.memory import remembered
from analysis.evidence.rules import Row, has_figure, known
from analysis.evidence.select import REASONS
from analysis.question import InvalidQuestion, Question
from analysis.survey.studies import all_rows


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer that a trial enters: its Question, the trial's own effect, and how many studies it has."""

    question: Question
    effect: StudyEffect
    k: int


@dataclass(frozen=True, slots=True)
class Trail:
    """Everything that happens to the rows of a trial.

    `fates` says for each row_id that enters no answer why (in words); rows that enter one are not in it.
    """

    entries: tuple[Entry, ...]
    fates: dict[str, str]


@remembered(maxsize=256)
def trail(trial: str, evidence: Evidence) -> Trail:
    """Follow every row of a trial, companion reports included.

    Examples
    --------
    >>> from analysis.answer import shipped_evidence
    >>> t = trail("kallmes-2009", shipped_evidence())
    >>> any(e.question == Question() for e in t.entries)
    True
    """
    rows = [row for row in all_rows(evidence) if row["trial"] == trial]
    entries: list[Entry] = []
    entered: set[str] = set()
    stopped: dict[str, list[str]] = defaultdict(list)
    for question in _questions(rows):
        found = answer(question, evidence)
        for effect in found.studies:
            if effect.trial == trial:
                entries.append(Entry(question, effect, len(found.studies)))
                entered.update(effect.row_ids)
        for left in found.left_out:
            if left.trial == trial:
                stopped[left.row_id].append(_said(left.reason, left.detail))
    fates = {
        row["row_id"]: _fate(row, stopped[row["row_id"]])
        for row in rows
        if row["row_id"] not in entered
    }
    return Trail(tuple(entries), fates)


def _said(reason: str, detail: str) -> str:
    words_for = REASONS[reason]
    return words_for if detail in ("", words_for) else f"{words_for}: {detail}"


_ELSEWHERE = ("another time point", "reported as another effect measure", "counts another unit")


def _fate(row: Row, said: list[str]) -> str:
    """Why a row enters nothing: of all answers asked, the reason that is about the row itself."""
    own = [text for text in said if not text.startswith(_ELSEWHERE)]
    if own or said:
        return (own or said)[0]
    if not rules.may_pool(row["study"], "never_pool_reason"):
        return _said("never pool", row["study"]["never_pool_reason"])
    if not has_figure(row):
        return _said("no figure", row["note"])
    if not rules.may_pool(row):
        return _said("row", row["not_poolable_reason"])
    if rules.at_baseline(row):
        return "measured before treatment: used only together with a later value of the same group"
    if not any(o.source == row["outcome"] for o in words.OUTCOMES.values()):
        return "kept for the record: no question asks about this outcome"
    if row["study"]["design"] not in (*words.COMPARATIVE, *words.SERIES):
        return "kept for the record: not a comparison, nor a series of one treatment"
    return "kept for the record: no question asks about this instrument or these treatments"


# --- the Questions that the rows could answer ----------------------------------------------------
def _questions(rows: Iterable[Row]) -> list[Question]:
    """In the order of the vocabularies: outcome, comparator, time."""
    asked: dict[Question, None] = {}
    for row, pair in _pairs(list(rows)):
        for outcome in words.OUTCOMES.values():
            if outcome.source != row["outcome"] or not outcome.matches(row):
                continue
            for time in _times(row["weeks"]):
                question = _question(row, outcome, pair, time)
                if question is not None:
                    asked[question] = None
    return sorted(asked, key=_place)


def _place(q: Question) -> tuple[int, ...]:
    outcomes, times = list(words.OUTCOMES), list(words.WINDOWS)
    comparators = (*words.ASKED_FIRST, words.NONE)
    return (
        int(q.one_group), outcomes.index(q.outcome), words.ASKED_FIRST.index(q.intervention),
        comparators.index(q.comparator), times.index(q.time), list(words.UNITS).index(q.unit),
    )  # fmt: skip


def _pairs(rows: list[Row]) -> Iterable[tuple[Row, tuple[str, str]]]:
    """Each row with the treatments that it can speak of: two groups, or one alone."""
    treated: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if not row["is_contrast"]:
            treated[(row["study_id"], row["outcome"])].add(row["treatment"])
    for row in rows:
        if row["is_contrast"]:
            yield from ((row, pair) for pair in _oriented({row["treatment_t"], row["treatment_c"]}))
        elif row["treatment"] in words.ASKED_FIRST:
            yield row, (row["treatment"], words.NONE)
            others = treated[(row["study_id"], row["outcome"])]
            yield from ((row, pair) for pair in _oriented(others) if row["treatment"] in pair)


def _oriented(treatments: set[str]) -> Iterable[tuple[str, str]]:
    return itertools.combinations([t for t in words.ASKED_FIRST if t in treatments], 2)


def _times(weeks: float) -> list[str]:
    if not known(weeks):
        return ["any"]
    return [key for key, window in words.WINDOWS.items() if window.holds(weeks)]


def _question(
    row: Row, outcome: words.Outcome, pair: tuple[str, str], time: str
) -> Question | None:
    intervention, comparator = pair
    alone = comparator == words.NONE
    designs = words.COMPARATIVE if row["study"]["design"] in words.COHORTS else ()
    unit = "patients"
    if outcome.kind == "event":
        counted, _ = rules.counted_unit(row)
        unit = counted if counted in words.UNITS else unit
    try:
        question = Question(
            outcome=outcome.key, intervention=intervention, comparator=comparator, time=time,
            designs=() if alone else designs, unit=unit,
        )  # fmt: skip
        if row["is_contrast"] and row["measure"] in question.measures():
            question = question.replace(measure=row["measure"])
        if question.measure == question.measures()[0]:
            question = question.replace(measure="")
    except InvalidQuestion:
        return None
    return question
