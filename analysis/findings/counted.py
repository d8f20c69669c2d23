"""A row of an event that was counted in treated patients only: its rate, with the way of counting kept apart."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.appraisal.certainty import signals
from analysis.evidence import Evidence
from analysis.findings.model import NOT_RATED, Certainty, Numbers, Row
from analysis.findings.people import people
from analysis.findings.words import counted_sentence, of_rate
from analysis.survey.harms import Rate, harms, rates
from analysis.topic.model import Finding
from analysis.topic.vertebral.patient import Patient
from analysis.topic.vertebral.patient.absolute import PEOPLE
from analysis.topic.vertebral.patient.nearest import remarks


def counted(finding: Finding, patient: Patient, against: str, evidence: Evidence) -> Row | None:
    """The row, or None where nobody counted the event in treated patients.

    Of several rates the one of the procedure considered, per patient, not from cohorts, with most people behind it.
    """
    found = [
        rate
        for harm in harms()
        if harm.told.outcome in finding.outcomes
        for rate in rates(harm, evidence)
        if rate.treatment in words.ACTIVE and (rate.reading.key == words.SYMPTOMATIC) == finding.felt
    ]
    if not found:
        return None
    units = list(words.UNITS)

    def order(rate: Rate) -> tuple:
        other = rate.treatment != patient.procedure
        return other, units.index(rate.unit), rate.reading.key == "cohorts", -rate.total

    first, *rest = sorted(found, key=order)
    who = (
        *remarks(patient, first.answer.studies, evidence),
        *people(patient, first.answer.studies, evidence),
    )
    marks = [mark for mark, _ in who if mark]
    distance = [text for _, text in who]
    if first.treatment != patient.procedure:
        asked, studied = words.SPOKEN[patient.procedure], words.SPOKEN[first.treatment]
        marks.insert(0, "other procedure")
        distance.insert(0, f"Counted after {studied}: no such count after {asked} was found.")
    elsewhere = never_without(first, against)
    value, low, high = PEOPLE * first.value, PEOPLE * first.low, PEOPLE * first.high
    numbers = (
        Numbers(0.0, value, low, high, value, low, high, "it cannot happen without the procedure")
        if elsewhere
        else Numbers(None, value, low, high, None, None, None, "")
    )
    return Row(
        key=finding.key, label=finding.label, side=finding.side, against=against, kind="counted",
        answer=first.answer, rate=first, numbers=numbers,
        certainty=Certainty(NOT_RATED, "", "", signals(first.answer, evidence)), marks=tuple(marks),
        distance=tuple(distance), sentence=counted_sentence(first, against, elsewhere),
        others=tuple(of_rate(rate) for rate in rest if rate.treatment == first.treatment),
    )  # fmt: skip


def never_without(rate: Rate, against: str) -> bool:
    """Whether the event cannot happen under the alternative, because it needs a treatment that is not given."""
    needs = words.OUTCOMES[rate.answer.question.outcome].needs
    return bool(needs) and not set(words.MEMBERS[against]) & set(needs)
