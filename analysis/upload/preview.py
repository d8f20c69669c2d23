"""What a reader's own rows say before they meet anybody else's: each study's effect, on every question it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.own import OwnRows, with_own
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row, at_baseline, known
from analysis.evidence.select import REASONS
from analysis.question import Question

MOST_QUESTIONS = 40


@dataclass(frozen=True, slots=True)
class Previewed:
    """One study on one question; `effect` is None where none follows from its rows, for the `reason`."""

    study_id: str
    label: str
    question: Question
    effect: StudyEffect | None
    reason: str = ""


def preview(own: OwnRows, evidence: Evidence) -> tuple[Previewed, ...]:
    """Every study on every question that its rows speak to (up to 40 questions), from own rows alone."""
    alone = with_own(evidence, replace(own, off=frozenset(), active=True, only=True))
    if not alone.personal:
        return ()
    shown = []
    for question, asked in questions_of(alone).items():
        found = answer(question, alone)
        by_study = {s.trial: s for s in found.studies}
        why = {row.trial: REASONS[row.reason] + f": {row.detail}" for row in found.left_out}
        for study_id, label in asked.items():
            effect = by_study.get(study_id)
            if effect is not None or study_id in why:
                shown.append(Previewed(study_id, label, question, effect, why.get(study_id, "")))
    return tuple(shown)


def questions_of(evidence: Evidence) -> dict[Question, dict[str, str]]:
    """The questions that the rows of personal evidence speak to, each with its own studies and their labels."""
    asked: dict[Question, dict[str, str]] = defaultdict(dict)
    for outcome in words.OUTCOMES.values():
        for group in _groups(evidence, outcome).values():
            for question in _questions(outcome, group):
                if question not in asked and len(asked) >= MOST_QUESTIONS:
                    return asked
                asked[question][group[0]["trial"]] = name_of(group[0]["main"])
    return asked


def _groups(evidence: Evidence, outcome: words.Outcome) -> dict[tuple, list[Row]]:
    """Own rows after treatment by study and window."""
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in outcome_rows(evidence, outcome.source):
        mine = row["study_id"] in evidence.own and outcome.matches(row)
        if mine and not at_baseline(row):
            groups[(row["trial"], _window(row))].append(row)
    return groups


def _window(row: Row) -> str:
    weeks = row["weeks"]
    found = (key for key, w in words.WINDOWS.items() if known(weeks) and w.holds(weeks))
    return next(found, "any")


def _questions(outcome: words.Outcome, group: list[Row]) -> Iterator[Question]:
    common = {"outcome": outcome.key, "time": _window(group[0])}
    design = group[0]["main"]["design"]
    usual = {} if design in words.RANDOMISED else {"designs": words.COMPARATIVE}
    for row in group:
        pair = (row["treatment_t"], row["treatment_c"]) if row["is_contrast"] else ()
        if len(set(pair) & words.TREATMENTS.keys()) == 2:
            asked = Question(**common, intervention=pair[0], comparator=pair[1], **usual)
            if row["measure"] in asked.measures():
                yield asked.replace(measure=row["measure"])
    in_arms = {row["treatment"] for row in group if not row["is_contrast"]}
    arms = [treatment for treatment in words.TREATMENTS if treatment in in_arms]
    for i, treatment in enumerate(arms):
        for other in arms[i + 1 :]:
            yield Question(**common, intervention=treatment, comparator=other, **usual)
    if len(arms) == 1 and outcome.kind == "event":
        yield Question(**common, intervention=arms[0], comparator=words.NONE)
