"""What is missing, study by study: the matrix of ROB-ME for one comparison at one time.

For every trial of a comparison and every outcome: is there a usable result, was the outcome measured without
one, is it known that it was not measured, or is it unclear? The four states, and that studies stand in rows whether
they have a result or not, follow ROB-ME (Page et al. 2023, BMJ 383, e076754, step 2). They are read from the printed
rows, the reasons why rows are left out, and the length of follow-up: not from protocols, which are not in the data.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.effects.table import effects_of
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.names import name_of
from analysis.evidence.records import records, studies_by_id
from analysis.evidence.rules import Row, known
from analysis.evidence.select import REASONS
from analysis.question import Question, members

AVAILABLE, UNUSABLE, UNMEASURED, UNCLEAR = "available", "unusable", "unmeasured", "unclear"
STATES: dict[str, str] = {
    AVAILABLE: "result available",
    UNUSABLE: "measured, but not usable",
    UNMEASURED: "known to be unmeasured",
    UNCLEAR: "unclear whether measured",
}
_ELSEWHERE = ("time", "design", "population")
"""Reasons that say nothing of whether the outcome was measured at this time in these patients."""


@dataclass(frozen=True, slots=True)
class State:
    """One study and one outcome: a key of `STATES`, and why, in words."""

    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One trial, its name, and its state for each outcome of the matrix."""

    trial: str
    name: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The matrix: `outcomes` are keys of `vocabulary.OUTCOMES`, in the order of each row's `states`."""

    question: Question
    outcomes: tuple[str, ...]
    rows: tuple[StudyRow, ...]

    def count(self, outcome: str) -> dict[str, int]:
        """How many trials are in each state for an outcome."""
        at = self.outcomes.index(outcome)
        states = [row.states[at].state for row in self.rows]
        return {state: states.count(state) for state in STATES}


def missing(question: Question, evidence: Evidence) -> Missing:
    """The matrix for all outcomes of the treatments, time, patients and kinds of study of a Question.

    Choices of the reader that leave results out (funding, abstracts, single studies, inferred values) are no
    missing evidence: the matrix is made without them. An outcome that needs a treatment which one side does not
    have is no question and has no column.
    """
    base = _base(question)
    return _matrix(base, _askable(base), evidence)


def missing_here(question: Question, evidence: Evidence) -> Missing:
    """The matrix for the outcome of the Question alone."""
    return _matrix(_base(question), (question.outcome,), evidence)


def missing_line(question: Question, evidence: Evidence) -> str:
    """One sentence under a pool: of all trials of this comparison, how many have a result, and the rest."""
    found = missing_here(question, evidence)
    if not found.rows:
        return ""
    counts = found.count(question.outcome)
    parts = [
        f"{counts[AVAILABLE]} {'has' if counts[AVAILABLE] == 1 else 'have'} a usable result"
    ]
    unusable = [row.name for row in found.rows if row.states[0].state == UNUSABLE]
    if unusable:
        parts.append(f"{len(unusable)} measured it without one ({_some(unusable)})")
    if counts[UNMEASURED]:
        parts.append(f"{counts[UNMEASURED]} ended before this time")
    n = len(found.rows)
    whole = f"Of {n} trials of this comparison, " if n > 1 else "Of the one trial here: "
    unclear = counts[UNCLEAR] and f" For {counts[UNCLEAR]} it is unclear whether it was measured."
    return f"{whole}{_joined(parts)}.{unclear or ''}"


def _base(question: Question) -> Question:
    """The Question without the reader's choices that leave results out."""
    return Question(
        outcome=question.outcome, intervention=question.intervention, comparator=question.comparator,
        time=question.time, etiology=question.etiology, fracture_age=question.fracture_age,
        designs=question.designs, unit=question.unit, counted=question.counted,
    )  # fmt: skip


@remembered(maxsize=64)
def _matrix(base: Question, outcomes: tuple[str, ...], evidence: Evidence) -> Missing:
    trials = _trials(base, evidence)
    columns = [_states(base.replace(outcome=key), trials, evidence) for key in outcomes]
    rows = (
        StudyRow(trial, name_of(main), tuple(column[trial] for column in columns))
        for trial, main in trials.items()
    )
    return Missing(base, outcomes, tuple(rows))


def _askable(base: Question) -> tuple[str, ...]:
    """Outcomes that can occur in both groups."""
    both = ({*members(base.intervention)}, {*members(base.comparator)})
    sides = both[:1] if base.one_group else both
    return tuple(
        key
        for key, outcome in words.OUTCOMES.items()
        if not outcome.needs or all({*outcome.needs} & side for side in sides)
    )


def _trials(base: Question, evidence: Evidence) -> dict[str, Row]:
    """The main report of each trial that has the groups of the Question and its kind of study and patients.

    Trials without any number are among them: that they exist is what the matrix is for.
    """
    studies = studies_by_id(evidence)
    wanted = [{*members(base.intervention)}] + (
        [] if base.one_group else [{*members(base.comparator)}]
    )
    found = [
        (trial, studies[trial])
        for trial, codes in _treated(evidence).items()
        if trial in studies and all(codes & side for side in wanted) and _fits(base, studies[trial])
    ]
    return dict(sorted(found, key=lambda pair: (_year(pair[1]), name_of(pair[1]))))


@remembered(maxsize=8)
def _treated(evidence: Evidence) -> dict[str, set[str]]:
    """The treatments of the groups of each trial."""
    studies = studies_by_id(evidence)
    treated: dict[str, set[str]] = defaultdict(set)
    for arm in records(evidence, "arms"):
        if arm["study_id"] in studies:
            trial = studies[arm["study_id"]]["parent_study_id"] or arm["study_id"]
            treated[trial].add(arm["treatment"])
    return treated


def _fits(base: Question, main: Row) -> bool:
    _, limit = words.FRACTURE_AGES[base.fracture_age]
    age = main["fracture_age_max_weeks"]
    return (
        main["design"] in base.admits
        and base.etiology in ("any", main["etiology"])
        and (limit is None or (known(age) and age <= limit))
        and not main["never_pool_reason"]
    )


def _year(main: Row) -> float:
    return main["year"] if known(main["year"]) else math.inf


def _states(question: Question, trials: dict[str, Row], evidence: Evidence) -> dict[str, State]:
    effects = effects_of(question, evidence)
    entered = {study.trial for study in effects.studies}
    reasons: dict[str, list[str]] = defaultdict(list)
    for row in effects.left_out:
        reasons[row.trial].append(row.reason)
    ends = _follow_up(evidence)
    return {
        trial: State(AVAILABLE)
        if trial in entered
        else _state(reasons[trial], ends.get(trial), question)
        for trial in trials
    }


def _state(reasons: Sequence[str], ends: float | None, question: Question) -> State:
    here = [reason for reason in dict.fromkeys(reasons) if reason not in _ELSEWHERE]
    if here:
        return State(UNUSABLE, "; ".join(REASONS[reason] for reason in here))
    if question.window.target is not None and ends is not None and ends < question.window.low:
        return State(UNMEASURED, f"follow-up ended at {ends:g} weeks")
    return State(UNCLEAR, REASONS["time"] if "time" in reasons else "nothing on it was found")


@remembered(maxsize=8)
def _follow_up(evidence: Evidence) -> dict[str, float]:
    """The longest follow-up that the reports of a trial print, in weeks."""
    longest: dict[str, float] = {}
    for study in records(evidence, "studies"):
        trial, weeks = study["parent_study_id"] or study["study_id"], study["follow_up_weeks"]
        if known(weeks):
            longest[trial] = max(weeks, longest.get(trial, 0.0))
    return longest


def _some(names: Sequence[str]) -> str:
    shown = list(names[:4])
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _joined(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
