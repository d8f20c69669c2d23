"""The evidence nearest to a patient: the Question as asked, else the one that departs from it least.

Each departure has a price (`_PRICES`); all combinations are tried from the cheapest on, and the first with a
study is taken. What was departed from is said in words. The prices order the steps and mean nothing else: a
wider range of fracture ages costs least, then another instrument, another time, another cause, groups that were
not randomised, and most another procedure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.reach import may_have_studies
from analysis.evidence.records import studies_by_id
from analysis.evidence.rules import known
from analysis.prose import listed
from analysis.question import InvalidQuestion, Question
from analysis.topic.vertebral.patient.profile import AGES, Patient


@dataclass(frozen=True, slots=True)
class Target:
    """What to look for: outcomes and times, the wished-for first."""

    outcomes: tuple[str, ...]
    times: tuple[str, ...]
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The Answer nearest to a patient, how the Question departs from the patient, and what its studies say.

    `departures` is what had to be given up to find a study; `remarks` compares the patients of its studies
    with this one; `marks` is both in two words each: "other procedure", "other cause".
    """

    answer: Answer
    departures: tuple[str, ...]
    remarks: tuple[str, ...]
    marks: tuple[str, ...] = ()


_PRICES = {"age": 1, "outcome": 2, "time": 3, "cause": 6, "designs": 12, "intervention": 24}
_NOT_ADMITTED = 8
_AGES = ("6w", "13w", "any")


def nearest(patient: Patient, target: Target, evidence: Evidence) -> Nearest | None:
    """The nearest Answer with a study, or None when there is nothing near.

    Trials that did not admit fractures as old as the patient's are left out, unless nothing else is near.
    """
    spare: tuple[float, Answer] | None = None
    for price, question in ladder(patient, target):
        if spare is not None and price >= spare[0]:
            break
        if not may_have_studies(question, evidence):
            continue
        found = answer(question, evidence)
        if not found.studies:
            continue
        narrower = _that_admit(patient, found, evidence)
        if narrower.studies:
            return _nearest(patient, target, narrower, evidence)
        if spare is None or price + _NOT_ADMITTED < spare[0]:
            spare = (price + _NOT_ADMITTED, found)
    return None if spare is None else _nearest(patient, target, spare[1], evidence)


def _that_admit(patient: Patient, found: Answer, evidence: Evidence) -> Answer:
    """The Answer without the trials whose fractures were all younger than the patient's."""
    excluded = tuple(s.trial for s in found.studies if _too_young(patient, _limit(s, evidence)))
    if not excluded:
        return found
    return answer(found.question.replace(without=excluded), evidence)


def _too_young(patient: Patient, limit: float) -> bool:
    least = AGES[patient.age].from_weeks
    return known(limit) and least > 0 and limit <= least


def _limit(study: StudyEffect, evidence: Evidence) -> float:
    """Upper limit of fracture age at entry of a study's trial, in weeks; NaN where none is printed."""
    return float(studies_by_id(evidence)[study.trial]["fracture_age_max_weeks"])


def _nearest(patient: Patient, target: Target, found: Answer, evidence: Evidence) -> Nearest:
    gone = departures(patient, target, found.question)
    known_of = remarks(patient, found.studies, evidence, found.question.without)
    said = (*gone, *known_of)
    return Nearest(
        found,
        tuple(text for _, text in gone),
        tuple(text for _, text in known_of),
        tuple(dict.fromkeys(mark for mark, _ in said if mark)),
    )


def ladder(patient: Patient, target: Target) -> Iterator[tuple[float, Question]]:
    """Questions with their prices, from the nearest to the farthest; combinations that make no Question are skipped."""
    ages = _AGES[_AGES.index(patient.limit) :]
    causes = (patient.cause, "any") if patient.cause != "any" else ("any",)
    procedures = (patient.procedure, *(t for t in ("VP", "BKP") if t != patient.procedure))
    designs = ((), words.COMPARATIVE)
    choices = (target.outcomes, target.times, ages, causes, designs, procedures)
    steps = list(product(*map(enumerate, choices)))
    names = ("outcome", "time", "age", "cause", "designs", "intervention")

    def price(step: tuple) -> float:
        return sum(_PRICES[name] * at for name, (at, _) in zip(names, step, strict=True))

    for step in sorted(steps, key=price):
        outcome, time, age, cause, design, procedure = (value for _, value in step)
        try:
            question = Question(
                outcome=outcome, time=time, fracture_age=age, etiology=cause, designs=design,
                intervention=procedure, comparator=patient.alternative,
            )  # fmt: skip
        except InvalidQuestion:  # the other procedure is the alternative
            continue
        if target.measure in question.measures():
            question = question.replace(measure=target.measure)
        yield price(step), question


def departures(patient: Patient, target: Target, question: Question) -> tuple[tuple[str, str], ...]:
    """Mark and sentence of everything that had to be given up."""
    said = []
    if question.intervention != patient.procedure:
        asked, studied = words.SPOKEN[patient.procedure], words.SPOKEN[question.intervention]
        text = f"The procedure studied is {studied}: no such result for {asked} was found."
        said.append(("other procedure", text))
    if question.admits != words.RANDOMISED:
        text = "No randomised trial reports it: these groups may have differed beforehand."
        said.append(("not randomised", text))
    if question.etiology != patient.cause:
        text = f"No study of {words.ETIOLOGIES[patient.cause]} alone reports it."
        said.append(("", text))  # what its patients had is a remark
    if question.time != target.times[0]:
        wished, got = words.WINDOWS[target.times[0]].label, question.window.label
        text = f"Measured at {_the(got)}: no such result is reported at {wished}."
        said.append(("other time", text))
    if question.outcome != target.outcomes[0]:
        said.append(("other measure", f"Measured as {question.spec.label.lower()}."))
    return tuple(said)


def _the(label: str) -> str:
    return f"the {label}" if label.startswith(("longest", "first")) else label


def remarks(
    patient: Patient,
    studies: Sequence[StudyEffect],
    evidence: Evidence,
    without: Sequence[str] = (),
) -> tuple[tuple[str, str], ...]:
    """How the patients of the studies compare with this one, study by study: mark and sentence."""
    limits = {s.label: _limit(s, evidence) for s in studies}
    said = []
    causes = [s.etiology for s in studies]
    others = sorted({c for c in causes if c} - {patient.cause})
    if patient.cause != "any" and others:
        some = patient.cause in causes or "mixed" in others
        fractures = (
            "fractures of mixed causes"
            if others == ["mixed"]
            else f"{' or '.join(others)} fractures"
        )
        who = "Some of its patients" if some else "Its patients"
        said.append(("mixed causes" if some else "other cause", f"{who} had {fractures}."))
    if patient.age == "any":
        return tuple(said)
    young = [name for name, limit in limits.items() if _too_young(patient, limit)]
    if young:
        text = f"Fractures as old as this were not admitted in {listed(young)}."
        said.append(("younger fractures", text))
    upper = {"6w": 6.0, "13w": 13.0}.get(patient.age, math.inf)
    wider = [f"{name} (up to {x:g} weeks)" for name, x in limits.items() if known(x) and x > upper]
    if wider:
        said.append(("", f"Older fractures were admitted, too, in {listed(wider)}."))
    if silent := [name for name, limit in limits.items() if not known(limit)]:
        said.append(("", f"No limit of fracture age at entry is reported for {listed(silent)}."))
    if without:
        names = studies_by_id(evidence)
        gone = [name_of(names[trial]) for trial in without]
        text = f"Left out, because no fracture as old as this was admitted: {listed(gone)}."
        said.append(("", text))
    return tuple(said)
