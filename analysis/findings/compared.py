"""A row between groups: the nearest Answer, its absolute numbers, its certainty, its distance."""

from __future__ import annotations

import math

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.certainty import signals
from analysis.appraisal.details import marks_of
from analysis.appraisal.published import judgements
from analysis.evidence import Evidence
from analysis.findings.baseline import baselines
from analysis.findings.model import NOT_RATED, Certainty, Numbers, Row
from analysis.findings.people import people
from analysis.findings.words import compared_sentence
from analysis.survey.trajectory import courses
from analysis.topic.model import Finding
from analysis.topic.vertebral.patient import Nearest, Patient, absolute


def compared(
    finding: Finding, patient: Patient, against: str, near: Nearest, evidence: Evidence
) -> Row:
    """The row of an Answer that was found near a patient."""
    found = near.answer
    numbers = _points(found, evidence) if found.question.spec.kind == "score" else _of_100(found, evidence)  # fmt: skip
    who = people(patient, found.studies, evidence)
    marks = (*near.marks, *(mark for mark, _ in who if mark))
    distance = (*near.departures, *near.remarks, *(text for _, text in who))
    return Row(
        key=finding.key, label=finding.label, side=finding.side, against=against, kind="compared",
        answer=found, rate=None, numbers=numbers, certainty=certainty(found, evidence), marks=marks,
        distance=distance, sentence=compared_sentence(found, numbers),
        baselines=baselines(found, evidence) if numbers is not None else (),
    )  # fmt: skip


def certainty(found: Answer, evidence: Evidence) -> Certainty:
    """The nearest published judgement; none covers a reader's own studies."""
    said = signals(found, evidence)
    judged = () if marks_of(found.studies) else judgements(found.question, found.studies, evidence)
    if not judged:
        return Certainty(NOT_RATED, "", "", said)
    return Certainty(judged[0].level, judged[0].review, judged[0].differs, said)


def _of_100(found: Answer, evidence: Evidence) -> Numbers | None:
    numbers = absolute(found, evidence)
    if numbers is None:
        return None
    a = numbers
    return Numbers(
        a.without, a.with_, a.low, a.high, a.with_ - a.without, a.low - a.without, a.high - a.without, a.basis,
    )  # fmt: skip


def _points(found: Answer, evidence: Evidence) -> Numbers:
    """The difference, and where the comparison groups' means at that time are known the level without and with."""
    assert found.told is not None
    result = found.told.result
    level = _level_without(found, evidence)
    ends = (result.estimate, result.ci_low, result.ci_high)
    if level is None:
        return Numbers(None, None, None, None, *ends, basis="")
    mean, groups = level
    scale = found.question.spec.scale
    with_, low, high = (_kept(mean + v, scale) for v in ends)
    of = "group" if groups == 1 else "groups"
    basis = f"mean of the comparison {of} of {groups} of {len(found.studies)} studies"
    return Numbers(mean, with_, low, high, *ends, basis=basis)


def _kept(value: float, scale: tuple[float, float] | None) -> float:
    return value if scale is None else min(max(value, scale[0]), scale[1])


def _level_without(found: Answer, evidence: Evidence) -> tuple[float, int] | None:
    """Mean of the comparison groups at the time of each study's effect, by their size, and of how many studies."""
    weeks = {s.trial: s.weeks for s in found.studies}
    sides = words.MEMBERS[found.question.comparator]
    levels = [
        (level.value, level.n if not math.isnan(level.n) else 1.0)
        for course in courses(found.question, evidence).drawn
        if course.trial in weeks and course.treatment in sides
        for level in course.levels
        if math.isclose(level.weeks, weeks[course.trial], abs_tol=0.5)
    ]
    if not levels:
        return None
    return sum(v * n for v, n in levels) / sum(n for _, n in levels), len(levels)
