"""Harms: how often each was counted, by treatment and by how it was looked for, and every comparison between groups.

A rate is a Question about one group and one way of counting, so that units of counting, CT and radiograph never
share a pool. One study is shown with its exact interval; where no study saw an event, the exact interval of all of
them together gives zero an upper limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis import topic
from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.exact import exact_interval
from analysis.effects.from_arms import counts
from analysis.effects.scale import shown
from analysis.effects.study_effect import NotDerivable, StudyEffect
from analysis.evidence import Evidence, rules
from analysis.evidence.memory import remembered
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row
from analysis.question import Question


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which an event was counted: its name, and what a Question then asks for."""

    key: str
    label: str
    asks: tuple[tuple[str, object], ...] = ()


ANY = Reading("any", "")


def _by_image() -> tuple[Reading, ...]:
    return tuple(Reading(key, label, (("counted", key),)) for key, label in words.KINDS.items())


def _by_design() -> tuple[Reading, ...]:
    rest = tuple(d for d in words.DESIGNS if d not in words.COMPARATIVE)
    named = (
        ("randomised", "randomised trials", words.RANDOMISED),
        ("cohorts", "cohorts and claims data", words.COHORTS),
        ("series", "uncontrolled series and other reports", rest),
    )
    return tuple(Reading(key, label, (("designs", designs),)) for key, label, designs in named)


def _readings(harm: topic.Harm) -> tuple[Reading, ...]:
    return {"image": _by_image, "design": _by_design}.get(harm.split, lambda: (ANY,))()


@dataclass(frozen=True, slots=True)
class Harm:
    """A harm of the page: what the topic says of it, and the readings by which its counts are kept apart."""

    told: topic.Harm
    readings: tuple[Reading, ...]

    @property
    def source(self) -> str:
        return words.OUTCOMES[self.told.outcome].source


def harms() -> tuple[Harm, ...]:
    """The harms of the topic in force, in its order."""
    return tuple(Harm(harm, _readings(harm)) for harm in topic.topic().harms.values())


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a harm was counted in one treatment: proportions 0 to 1, with the counts behind them.

    `how` says what the interval is: "pooled" (random effects), "common" (two studies), "one" (one study, exact),
    "none" (no event in any, exact).
    """

    treatment: str
    unit: str
    reading: Reading
    answer: Answer
    events: float
    total: float
    without_event: int
    value: float
    low: float
    high: float
    how: str

    @property
    def k(self) -> int:
        return len(self.answer.studies)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pair of treatments in one group of designs: its Answers by effect measure, those with a study."""

    question: Question
    designs: str
    answers: tuple[Answer, ...]


@remembered(maxsize=32)
def rates(harm: Harm, evidence: Evidence) -> tuple[Rate, ...]:
    """Every rate with a study: by unit, then reading, then treatment."""
    found = []
    for unit in harm.told.units:
        for reading in harm.readings:
            for treatment in (*words.ACTIVE, *words.CONTROLS):
                question = Question(
                    outcome=harm.told.outcome, intervention=treatment, comparator=words.NONE, unit=unit,
                    time="any", **dict(reading.asks),
                )  # fmt: skip
                result = answer(question, evidence)
                if result.studies:
                    found.append(_rate(result, reading))
    return tuple(found)


def counted(study: StudyEffect) -> tuple[float, float]:
    """Events and total of the one group of a study of counts."""
    inputs = dict(study.inputs)
    return inputs["xi"], inputs["ni"]


def _rate(found: Answer, reading: Reading) -> Rate:
    q = found.question
    pairs = [counted(study) for study in found.studies]
    events, total = (float(sum(values)) for values in zip(*pairs, strict=True))
    assert found.told is not None
    result = found.told.result
    ends = shown(q.effect_measure, [result.estimate, result.ci_low, result.ci_high])
    value, low, high = (float(v) for v in ends)
    if found.told.model == "exact":
        how = "none" if events == 0 else "one"
    else:
        how = "common" if found.apart else "pooled"
    without = sum(x == 0 for x, _ in pairs)
    return Rate(
        q.intervention, q.unit, reading, found, events, total, without, value, low, high, how
    )


# --- comparisons ---------------------------------------------------------------------------------
_MEASURES = ("OR", "RD", "HR")


def comparisons(harm: Harm, evidence: Evidence) -> tuple[Comparison, ...]:
    """Every pair of the harm in randomised trials, and in cohorts apart; without a study `answers` is empty.

    Units in which no pair was compared at all are left out, and so are cohorts without a study.
    """
    found = []
    for unit in harm.told.units:
        of_unit = []
        for designs, chosen in (("randomised", ()), ("cohorts", words.COHORTS)):
            for t, c in harm.told.pairs:
                question = Question(
                    outcome=harm.told.outcome, intervention=t, comparator=c, unit=unit, time="any",
                    designs=chosen,
                )  # fmt: skip
                answers = [answer(question.replace(measure=m), evidence) for m in _MEASURES]
                kept = tuple(a for a in answers if a.studies)
                if kept or designs == "randomised":
                    of_unit.append(Comparison(question, designs, kept))
        if any(c.answers for c in of_unit) or unit == harm.told.units[0]:
            found += of_unit
    return tuple(found)


# --- every printed row ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PrintedCount:
    """One printed result of one arm: how it is read, and its exact interval where a count can be made of it."""

    row: Row
    unit: str
    imaging: str
    symptoms: str
    events: float
    total: float
    interval: tuple[float, float] | None


def printed_counts(harm: Harm, evidence: Evidence) -> tuple[PrintedCount, ...]:
    """Every printed row of the harm's outcome, those of mixed procedures and those in words included."""
    found = []
    for row in outcome_rows(evidence, harm.source):
        if row["is_contrast"]:
            continue
        unit, inferred = rules.counted_unit(row)
        try:
            events, total, _, _ = counts((row,))
            interval = exact_interval(events, total)
        except (NotDerivable, ValueError):
            events, total, interval = math.nan, math.nan, None
        found.append(
            PrintedCount(
                row, f"{unit} (inferred)" if inferred else unit, rules.imaging(row),
                rules.symptoms(row), events, total, interval,
            )
        )  # fmt: skip
    return tuple(found)


def printed_comparisons(harm: Harm, evidence: Evidence) -> tuple[Row, ...]:
    """Every printed difference or ratio of the harm's outcome."""
    return tuple(row for row in outcome_rows(evidence, harm.source) if row["is_contrast"])


def entering(found: Sequence[Rate], compared: Sequence[Comparison]) -> frozenset[str]:
    """Ids of the printed rows that stand behind a rate or a comparison."""
    answers = [rate.answer for rate in found] + [a for c in compared for a in c.answers]
    return frozenset(i for a in answers for study in a.studies for i in study.row_ids)
