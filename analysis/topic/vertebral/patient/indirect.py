"""What a network says for a patient of a comparison that no trial made, from the question nearest to the patient."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.network import Contrast, indirect_contrast
from analysis.topic.vertebral.patient.nearest import Target, departures, ladder, remarks
from analysis.topic.vertebral.patient.profile import Patient

MARK = "indirect"


@dataclass(frozen=True, slots=True)
class Indirect:
    """A result of a network, and how far its question and its trials are from the patient, as in `Nearest`."""

    contrast: Contrast
    departures: tuple[str, ...]
    remarks: tuple[str, ...]
    marks: tuple[str, ...]


def indirect(patient: Patient, target: Target, evidence: Evidence) -> Indirect | None:
    """The network's result of the patient's own two treatments, nearest to the patient; None where nothing links them.

    To be asked where no trial compared the two. The steps away from the patient are those of `nearest`, but no other
    procedure and nothing that was not randomised enters.
    """
    for _, question in ladder(patient, target):
        if question.intervention != patient.procedure or question.admits != words.RANDOMISED:
            continue
        found = indirect_contrast(question, evidence)
        if found is not None:
            gone = departures(patient, target, question)
            known = remarks(patient, [trial.first for trial, _ in found.trials], evidence)
            marks = [MARK, *(mark for mark, _ in (*gone, *known) if mark)]
            return Indirect(
                found,
                tuple(text for _, text in gone),
                tuple(text for _, text in known),
                tuple(dict.fromkeys(marks)),
            )
    return None
