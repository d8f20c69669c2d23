"""Published judgements of certainty (GRADE), matched to a Question by the codes of each row.

A judgement is a human act: it is read from `published_syntheses.csv`, shown in its own words with its source, and
never computed. The coded columns say which row speaks about which Question:

- outcome: one of those in `q_outcome`;
- comparison: one of those listed in `q_intervention` and `q_comparator` has a treatment asked about on each side;
- cause of fracture: a row about osteoporotic fractures says nothing about malignant ones, and the other way
  round; `certainty_level_other_cause` is for fractures not due to osteoporosis only;
- time: a row that covers times up to `q_weeks_max` says nothing about later ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.effects.study_effect import StudyEffect
from analysis.evidence.load import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.records import records
from analysis.evidence.review_codes import comparisons, covered, listed
from analysis.evidence.rules import Row, known
from analysis.question import Question, members


@dataclass(frozen=True, slots=True)
class Judgement:
    """One published judgement: `level` is the lowest level it names, `printed` its own words.

    `differs` says in words where it covers more or less than was asked; empty where it covers just that.
    """

    level: str
    printed: str
    review: str
    population: str
    comparison: str
    outcome: str
    differs: str
    citation: str
    row_id: str
    source_url: str
    source_location: str


def judgements(
    question: Question, studies: Iterable[StudyEffect], evidence: Evidence
) -> tuple[Judgement, ...]:
    """The published judgements that speak about a Question, nearest to it first, then newest.

    The cause of fracture is the one asked about, else the one that all studies of the answer share.
    Only comparisons of randomised evidence are judged by the rows here: a Question about one group has
    none.
    """
    if question.one_group or not set(question.admits) <= set(words.RANDOMISED):
        return ()
    cause = _cause(question, studies)
    found: list[tuple[tuple[int, float], Judgement]] = []
    for row in records(evidence, "published_syntheses"):
        level = level_of(row, cause)
        if not level:
            continue
        sides = covers(question, row)
        if sides is None or not _same_population(row, cause):
            continue
        differs = _differs(question, *sides)
        year = row["year"] if known(row["year"]) else 0.0
        judgement = Judgement(
            level, row["certainty"], name_of(row), row["population"], row["comparison"], row["outcome"],
            differs, row["citation"], row["row_id"], row["source_url"], row["source_location"],
        )  # fmt: skip
        found.append(((int(bool(differs)), -year), judgement))
    return tuple(judgement for _, judgement in sorted(found, key=lambda pair: pair[0]))


def covers(question: Question, row: Row) -> tuple[frozenset[str], frozenset[str]] | None:
    """The two sides that a row compares, if outcome, treatments and time of the Question are among them."""
    outcomes = {o for code in listed(row["q_outcome"]) for o in covered(code)}
    target = question.window.target
    limit = row["q_weeks_max"]
    too_late = known(limit) and (target is None or target > limit)
    if question.outcome not in outcomes or too_late:
        return None
    asked_t, asked_c = set(members(question.intervention)), set(members(question.comparator))
    for sides in comparisons(row):
        left, right = (frozenset(t for code in side for t in members(code)) for side in sides)
        for t, c in ((left, right), (right, left)):
            if asked_t & t and asked_c & c:
                return t, c
    return None


def _main_cause() -> str:
    """The topic's most common cause, its first; judgements about it are not about the others."""
    return next((cause for cause in words.ETIOLOGIES if cause != "any"), "any")


def _other(cause: str) -> bool:
    """Whether a cause is one of the rarer ones; mixed causes hold the main one, too."""
    return cause not in ("", "any", "mixed", _main_cause())


def level_of(row: Row, cause: str = "") -> str:
    """The GRADE level of a row for a cause of fracture; empty where it names none."""
    if _other(cause) and row["certainty_level_other_cause"]:
        return row["certainty_level_other_cause"]
    return row["certainty_level"]


def _cause(question: Question, studies: Iterable[StudyEffect]) -> str:
    if question.etiology != "any":
        return question.etiology
    causes = {study.etiology for study in studies}
    return causes.pop() if len(causes) == 1 else ""


def _same_population(row: Row, cause: str) -> bool:
    judged = row["q_etiology"]
    if _other(cause):
        return judged in ("", "mixed", cause) or bool(row["certainty_level_other_cause"])
    return cause != _main_cause() or not _other(judged)


def _differs(question: Question, t: frozenset[str], c: frozenset[str]) -> str:
    asked_t, asked_c = set(members(question.intervention)), set(members(question.comparator))
    parts = []
    if more := [*sorted(t - asked_t), *sorted(c - asked_c)]:
        named = " and ".join(words.TREATMENTS[code] for code in more)
        parts.append(f"judged together with {named}")
    if asked_t - t:
        named = " and ".join(words.TREATMENTS[code] for code in sorted(t & asked_t))
        parts.append(f"judged for {named} only")
    return "; ".join(parts)
