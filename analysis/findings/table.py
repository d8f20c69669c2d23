"""The summary of findings for one patient: every outcome of the topic's list, benefits first."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import topic
from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.findings.compared import compared
from analysis.findings.counted import counted
from analysis.findings.indirect import through_others
from analysis.findings.model import NOT_RATED, Certainty, Findings, Row
from analysis.findings.words import benefits_sentences, harms_sentences
from analysis.question import Question
from analysis.topic.model import Finding
from analysis.topic.vertebral.patient import Patient, indirect, nearest
from analysis.topic.vertebral.patient.nearest import Target


@remembered(maxsize=256)
def findings(patient: Patient, evidence: Evidence) -> Findings:
    """The table; what patients tell themselves stands against the alternative and against a placebo, too.

    Patients who know what they received may report what they expect: a comparison with a placebo shows what is left
    when both groups expect the same.
    """
    rows = tuple(
        row
        for finding in topic.topic().findings.values()
        for against in _against(finding, patient)
        for row in _rows(finding, patient, against, evidence)
    )
    benefits = [row for row in rows if row.side == "benefit"]
    harmful = [row for row in rows if row.side == "harm"]
    return Findings(
        patient, benefits_sentences(benefits), harms_sentences(harmful), (*benefits, *harmful),
        _cannot_say(patient, rows),
    )  # fmt: skip


def _against(finding: Finding, patient: Patient) -> tuple[str, ...]:
    told = finding.outcomes[0] in words.TOLD_BY_PATIENTS
    extra = [t for t in words.PLACEBO if t != patient.alternative] if told else []
    return (patient.alternative, *extra)


def _rows(finding: Finding, patient: Patient, against: str, evidence: Evidence) -> Iterator[Row]:
    """What a network says of the two treatments, where no study compared them; then the nearest studies."""
    asked = patient.replace(alternative=against)
    needs = words.OUTCOMES[finding.outcomes[0]].needs
    near = through = None
    if (not needs or set(words.MEMBERS[against]) & set(needs)) and not finding.felt:
        target = Target(finding.outcomes, finding.times, finding.measure)
        near = nearest(asked, target, evidence)
        if near is None or near.answer.question.intervention != patient.procedure:
            through = indirect(asked, target, evidence)
            if through is not None:
                yield through_others(finding, against, through)
    if near is not None:
        yield compared(finding, patient, against, near, evidence)
        return
    made = counted(finding, patient, against, evidence) if finding.side == "harm" else None
    if made is not None:
        yield made
    elif through is None:
        yield _none(finding, asked, evidence)


def _none(finding: Finding, asked: Patient, evidence: Evidence) -> Row:
    return Row(
        key=finding.key, label=finding.label, side=finding.side, against=asked.alternative, kind="none", answer=None,
        rate=None, numbers=None, certainty=Certainty(NOT_RATED, "", "", ()), marks=(), distance=(),
        sentence=_nothing(finding, asked, evidence),
    )  # fmt: skip


def _nothing(finding: Finding, patient: Patient, evidence: Evidence) -> str:
    """Why a row has no number: nobody compared it, or, with symptoms or not, nobody counted it."""
    who = words.SPOKEN[patient.procedure]
    if finding.side == "harm":
        return f"No study counted this after {who} or another procedure in a way that can be used."
    question = Question(
        outcome=finding.outcomes[0], intervention=patient.procedure, comparator=patient.alternative,
        time=finding.times[0],
    )  # fmt: skip
    return answer(question, evidence).sentence


def _cannot_say(patient: Patient, rows: tuple[Row, ...]) -> tuple[str, ...]:
    """What this patient has that no study here tells apart."""
    said = []
    cause = words.ETIOLOGIES[patient.cause]
    other = sum("other cause" in row.marks for row in rows)
    if other:
        said.append(
            f"{other} of {len(rows)} rows come from other causes than {cause}; each says so."
        )
    if patient.years != "any" or patient.sex != "any":
        said.append(
            "No result is reported by age or sex here: the rows are averages, and say how far those patients were "
            "from this one."
        )
    return (*said, *patient.without_effect())
