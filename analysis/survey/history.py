"""What was known when: the evidence as it stood at the end of a year, and how the answers changed.

The replay asks each Question of the reports published up to a year, so that a later report of a trial, with longer
follow-up or other figures, changes the answer only when it appeared. Where no trial reported twice this is the
cumulative meta-analysis of `robustness.cumulative` (a test holds them together). Reports without a printed year
cannot be placed and stay apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import kind
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.rows import outcome_rows
from analysis.prose import counted
from analysis.question import Question
from analysis.topic import topic


@dataclass(frozen=True, slots=True)
class Story:
    """A group of Questions whose answers are followed together: `lines` are label and Question."""

    key: str
    title: str
    meaning: str
    lines: tuple[tuple[str, Question], ...]


def times() -> tuple[str, ...]:
    """The windows that can be followed through the years: from one week on."""
    return tuple(k for k, w in words.WINDOWS.items() if w.target is None or w.target >= 1)


def stories(time: str) -> tuple[Story, ...]:
    """The stories of the topic in force; `time` is the window of those that name none of their own."""
    return tuple(
        Story(
            told.key,
            told.title,
            told.meaning,
            tuple((label, _asked(query, time)) for label, query in told.lines),
        )
        for told in topic().stories.values()
    )


def _asked(query: str, time: str) -> Question:
    question, _ = Question.from_query(query)
    return question if "time=" in query else question.replace(time=time)


@dataclass(frozen=True, slots=True)
class Step:
    """The answer from a year on, until the next step; `added` are the studies whose report was new."""

    year: int
    answer: Answer
    added: tuple[str, ...]


def years(evidence: Evidence) -> tuple[int, int]:
    """The first and the last year in which a report here was published; (0, 0) where none has a year."""
    found = evidence.studies["year"].dropna()
    return (int(found.min()), int(found.max())) if len(found) else (0, 0)


@remembered(maxsize=128)
def as_of(evidence: Evidence, year: int) -> Evidence:
    """The evidence published up to the end of a year; reports without a year are not in it."""
    studies = evidence.studies[evidence.studies["year"] <= year]
    known = set(studies["study_id"])

    def of_known(name: str) -> object:
        frame = evidence.tables[name]
        return frame[frame["study_id"].isin(known)]

    return evidence.derived(
        f"until-{year}", studies=studies,
        **{name: of_known(name) for name in ("arms", "arm_results", "contrasts", "risk_of_bias")},
    )  # fmt: skip


@remembered(maxsize=256)
def path(question: Question, evidence: Evidence, until: int) -> tuple[Step, ...]:
    """Every change of the reports behind an answer up to the end of a year, in order of time.

    The last step holds the answer as of `until`: a standard deviation that a study borrows may have been estimated
    anew since its reports appeared. Settings of the model are those of the Question at every step; no account is
    taken of looking repeatedly.
    """
    steps: list[Step] = []
    before: frozenset[tuple[str, ...]] = frozenset()
    for year in _of_outcome(question.spec.source, evidence):
        if year > until:
            break
        found = answer(question, as_of(evidence, year))
        now = frozenset(study.row_ids for study in found.studies)
        if now != before:
            added = tuple(s.label for s in found.studies if s.row_ids not in before)
            steps.append(Step(year, found, added))
            before = now
    if steps:
        last = steps[-1]
        steps[-1] = Step(last.year, answer(question, as_of(evidence, until)), last.added)
    return tuple(steps)


@remembered(maxsize=64)
def _of_outcome(source: str, evidence: Evidence) -> tuple[int, ...]:
    found = {row["study"]["year"] for row in outcome_rows(evidence, source)}
    return tuple(sorted(int(year) for year in found if not math.isnan(year)))


def undated(question: Question, evidence: Evidence) -> tuple[str, ...]:
    """Labels of the studies that enter today's answer from a report without a printed year."""
    dates = evidence.studies.set_index("study_id")["year"]
    return tuple(
        s.label for s in answer(question, evidence).studies if math.isnan(dates[s.study_id])
    )


# --- in words ------------------------------------------------------------------------------------
def then(steps: tuple[Step, ...], label: str, year: int) -> str:
    """What was known at the end of a year, in one sentence."""
    if not steps:
        return f"{label}: by the end of {year} no report with a usable result had been published."
    last = steps[-1]
    return (
        f"{label}: {value_text(last.answer)} from {_count(last.answer)}. Newest report: "
        f"{last.year}, {', '.join(last.added)}."
    )


def changed(steps: tuple[Step, ...]) -> str:
    """How the last new report moved the answer; empty where there was no answer before."""
    if len(steps) < 2:
        return ""
    before, after = steps[-2].answer, steps[-1].answer
    moved = f"Before, from {steps[-2].year} on, it was {value_text(before)} from {_count(before)}."
    if before.question.one_group:
        return moved
    a, b = reading(before), reading(after)
    if a is b:
        return f"{moved} The conclusion stayed: {b.value}."
    return f"{moved} The conclusion changed from “{a.value}” to “{b.value}”."


def reading(found: Answer) -> Verdict:
    """The verdict of an answer."""
    assert found.verdict is not None
    return found.verdict


def _count(found: Answer) -> str:
    return counted(len(found.studies), "study")


def value_text(found: Answer) -> str:
    """The result with its interval, in words for a score: "0.9 points lower (95% CI ...)"."""
    q, result = found.question, found.pooled
    assert result is not None
    level = kind(result)
    if q.spec.kind == "score":
        size, side = number(abs(result.estimate)), "lower" if result.estimate < 0 else "higher"
        return (
            f"{size} {q.spec.unit} {side} ({level} {number(result.ci_low)} to "
            f"{number(result.ci_high)})"
        )
    return (
        f"{printed(q, result.estimate)} ({level} {printed(q, result.ci_low)} to "
        f"{printed(q, result.ci_high)})"
    )
