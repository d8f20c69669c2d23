"""Scores over time: the levels that each arm printed, and the difference between arms at each time window.

A level is drawn as printed, rescaled linearly to the outcome's common scale. Where an arm printed only a change
since baseline and its level before treatment, the level is computed (before plus change) and marked as such: the
two means may be of slightly different patients. Nothing is interpolated.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.verdict import Verdict
from analysis.effects.spread import read_arm
from analysis.effects.study_effect import NotDerivable, number, plain
from analysis.errors import InputError
from analysis.evidence import Evidence
from analysis.evidence.exclusions import first_exclusion
from analysis.evidence.memory import remembered
from analysis.evidence.names import name_of
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row, at_baseline, known
from analysis.prose import capital, listed
from analysis.question import Question, members


@dataclass(frozen=True, slots=True)
class Level:
    """The mean of one arm at one time, on the common scale; `computed` from a change where not printed."""

    weeks: float
    timepoint: str
    value: float
    n: float
    computed: bool
    row_ids: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """The levels of one arm of one trial, in order of time; at least two."""

    trial: str
    arm: str
    label: str
    design: str
    treatment: str
    levels: tuple[Level, ...]

    def text(self, decimals: int = 1) -> str:
        """The levels as words: "7.1 before, 5.2 at 1 week (computed)"."""
        return ", ".join(
            f"{number(level.value, decimals)} {when(level)}{' (computed)' if level.computed else ''}"
            for level in self.levels
        )


@dataclass(frozen=True, slots=True)
class Courses:
    """What can be drawn, and what cannot: arms with a single level, arms with changes alone, rows by reason."""

    drawn: tuple[Course, ...]
    single: tuple[str, ...]
    changes_only: tuple[str, ...]
    left_out: Counter[str]


def when(level: Level) -> str:
    """The time of a level inside a sentence."""
    if level.weeks == 0:
        return "before"
    return f"at {level.timepoint}" if level.timepoint[:1].isdigit() else level.timepoint


_CHOSEN_AWAY = ("design", "population", "funding", "without", "report", "abstract")
"""Reasons that are the question's own choice: such rows are not counted as missing."""


@remembered(maxsize=256)
def courses(question: Question, evidence: Evidence) -> Courses:
    """The course of every arm of the treatments asked about, in studies of the kinds that may enter.

    The time of the question plays no part. An arm that printed several instruments of one outcome is shown by the
    one with most times (the first printed of equals).
    """
    spec = question.spec
    table = [r for r in outcome_rows(evidence, spec.source) if spec.matches(r)]
    by_trial: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        by_trial[row["trial"]].append(row)
    arms: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    wanted = (*members(question.intervention), *members(question.comparator))
    for row in table:
        if row["is_contrast"] or row["kind"] == "event" or row["treatment"] not in wanted:
            continue
        reason = _obstacle(row, question, by_trial[row["trial"]])
        if reason is None:
            arms[(row["trial"], row["arm_id"], row["treatment"])].append(row)
        elif reason not in _CHOSEN_AWAY:
            left_out[reason] += 1
    drawn, single, changes = [], [], []
    for (trial, arm, treatment), rows in arms.items():
        levels = _levels(rows, question, by_trial[trial])
        main = rows[0]["main"]
        name = f"{name_of(main)}, {words.SHORT[treatment]}"
        if len(levels) > 1:
            drawn.append(
                Course(trial, arm, name_of(main), main["design"], treatment, tuple(levels))
            )
        else:
            (single if levels else changes).append(name)
    order = list(words.DESIGNS)
    drawn.sort(key=lambda c: (order.index(c.design), c.label, wanted.index(c.treatment), c.arm))
    return Courses(tuple(drawn), tuple(single), tuple(changes), left_out)


def _obstacle(row: Row, question: Question, trial: list[Row]) -> str | None:
    """The category of what keeps a row from being drawn; a value before treatment is no obstacle here."""
    alone = Question(
        outcome=question.outcome, intervention=row["treatment"], comparator=words.NONE, time="any",
        designs=question.admits, etiology=question.etiology, fracture_age=question.fracture_age,
        inferred=question.inferred, industry=question.industry, without=question.without,
        abstract=question.abstract, report=question.report,
    )  # fmt: skip
    if not known(row["weeks"]):
        return "time"
    asked = row
    if at_baseline(row):
        asked = row | {"weeks": words.TIMED[0].target, "is_baseline": "no"}
    found = first_exclusion(asked, alone, trial)
    return found[0] if found else None


def _levels(rows: list[Row], question: Question, trial: list[Row]) -> list[Level]:
    printed = _main_instrument([r for r in rows if r["kind"] == "mean"])
    levels: dict[float, Level] = {}
    for row in printed:
        if row["weeks"] not in levels and (level := _level(row, question, trial)):
            levels[row["weeks"]] = level
    before = levels.get(0.0)
    for row in rows:
        if row["kind"] != "change" or before is None or row["weeks"] in levels:
            continue
        if not _same_scale(row, printed):
            continue
        change = _level(row, question, trial)
        if change is not None:
            levels[row["weeks"]] = Level(
                row["weeks"], row["timepoint"], before.value + change.value, change.n, True,
                (*before.row_ids, *change.row_ids),
                tuple(dict.fromkeys((*before.flags, *change.flags))),
            )  # fmt: skip
    return [levels[weeks] for weeks in sorted(levels)]


def _main_instrument(rows: list[Row]) -> list[Row]:
    """The rows of the instrument with most times (the first printed of equals)."""
    if not rows:
        return []
    times = {
        name: len({r["weeks"] for r in rows if _instrument(r) == name})
        for name in dict.fromkeys(map(_instrument, rows))
    }
    best = max(times, key=lambda name: times[name])
    return [r for r in rows if _instrument(r) == best]


def _instrument(row: Row) -> tuple[str, str]:
    return row["instrument_code"], row["series"]


def _same_scale(row: Row, printed: list[Row]) -> bool:
    """Whether a change can be added to the level before: the same printed range."""
    first = printed[0]
    return all(
        row[end] == first[end] or not (known(row[end]) or known(first[end]))
        for end in ("scale_min", "scale_max")
    )


def _level(row: Row, question: Question, trial: list[Row]) -> Level | None:
    """One row on the common scale; its spread and size do not matter for where it is drawn."""
    n = row["n"] if known(row["n"]) else row["arm_n"]
    bare = row | dict.fromkeys(("sd", "se", "ci_low", "ci_high", "n"), math.nan) | {"arm_n": 1.0}
    try:
        arm = read_arm(bare, question.spec, trial)
    except NotDerivable:
        return None
    flags = tuple(flag for flag in arm.flags if flag != "n_randomised")
    return Level(row["weeks"], row["timepoint"], arm.mean, n, False, (row["row_id"],), flags)


# --- differences ---------------------------------------------------------------------------------
def differences(question: Question, evidence: Evidence) -> tuple[Answer, ...]:
    """The Answer at every time window, in order of time; those without a study included.

    Raises
    ------
    ValueError
        When the question is about one group: it has no difference.
    """
    if question.one_group:
        raise InputError("comparator: found NONE, allowed: a treatment to compare with")
    return tuple(answer(question.replace(time=w.key), evidence) for w in words.TIMED)


def verdicts_in_words(answers: Sequence[Answer]) -> str:
    """What the differences say, time by time; times in a row with one verdict are told together."""
    runs: list[tuple[Verdict, list[Answer]]] = []
    gap = True
    for found in answers:
        if found.verdict is None:
            gap = True
            continue
        if gap or runs[-1][0] is not found.verdict:
            runs.append((found.verdict, []))
        runs[-1][1].append(found)
        gap = False
    by_verdict: dict[Verdict, list[str]] = {}
    for verdict, run in runs:
        labels = [found.question.window.label for found in run]
        told = [f"{labels[0]} to {labels[-1]}"] if len(labels) > 2 else labels
        by_verdict.setdefault(verdict, []).extend(told)
    if not by_verdict:
        return "No study gives this difference at any time."
    said = (f"{capital(v.value)}: {listed(labels)}." for v, labels in by_verdict.items())
    return " ".join(said)


def why_none(found: Answer) -> str:
    """Why a window holds no difference: nobody printed one, or studies reported without numbers."""
    silent = len({row.trial for row in found.left_out if row.reason == "no figure"})
    if not silent:
        return "no study"
    return f"no figure; {silent} {'study' if silent == 1 else 'studies'} reported without one"


def patients(found: Answer) -> str:
    """Patients behind an answer as text; empty where no size was printed."""
    known_sizes = [s.patients for s in found.studies if not math.isnan(s.patients)]
    return plain(sum(known_sizes)) if known_sizes else ""
