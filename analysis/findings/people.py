"""Who the patients of the studies were, and how far a patient of some age and sex is from them."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.effects.study_effect import StudyEffect, number
from analysis.evidence import Evidence
from analysis.evidence.records import records
from analysis.evidence.rules import known
from analysis.topic.vertebral.patient.profile import YEARS, Patient

_FEW = 35.0
"""Percent of either sex below which it is said that few of the patients were of it."""


def people(
    patient: Patient, studies: Iterable[StudyEffect], evidence: Evidence
) -> tuple[tuple[str, str], ...]:
    """Mark and sentence on age and sex; the mark is empty where this patient is like those of the studies."""
    trials = {name for s in studies for name in (s.trial, s.study_id)}
    arms = [row for row in records(evidence, "arms") if row["study_id"] in trials]
    ages = sorted(row["mean_age"] for row in arms if known(row["mean_age"]))
    women = sorted(row["female_pct"] for row in arms if known(row["female_pct"]))
    return tuple(filter(None, (_age(patient, ages), _sex(patient, women))))


def _age(patient: Patient, ages: list[float]) -> tuple[str, str] | None:
    if patient.years == "any":
        return None
    if not ages:
        return "", "The age of the patients is not in these data."
    band = YEARS[patient.years]
    text = f"Patients were on average {_range(ages, '')} years old"
    if any(band.low <= age < band.high for age in ages):
        return "", f"{text}."
    than = "younger" if ages[0] >= band.high else "older"
    return f"{than} patient", f"{text}: this patient is {than}."


def _sex(patient: Patient, women: list[float]) -> tuple[str, str] | None:
    if patient.sex == "any":
        return None
    if not women:
        return "", "How many of the patients were women is not in these data."
    text = f"{_range(women, '%')} of the patients were women"
    share = max(women) if patient.sex == "f" else 100 - min(women)
    few = share < _FEW
    return (f"few {_PLURAL[patient.sex]}" if few else ""), f"{text}."


_PLURAL = {"f": "women", "m": "men"}


def _range(values: list[float], unit: str) -> str:
    low, high = number(values[0], 0), number(values[-1], 0)
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"
