"""For one patient: a short profile, the Questions that follow from it, and the evidence nearest to it."""

from analysis.topic.vertebral.patient.absolute import Absolute, absolute
from analysis.topic.vertebral.patient.nearest import Nearest, nearest
from analysis.topic.vertebral.patient.profile import (
    AGES,
    ALTERNATIVES,
    CAUSES,
    MATTERS,
    PROCEDURES,
    Patient,
)
from analysis.topic.vertebral.patient.view import Found, Missing, Part, parts

__all__ = [
    "AGES",
    "ALTERNATIVES",
    "CAUSES",
    "MATTERS",
    "PROCEDURES",
    "Absolute",
    "Found",
    "Missing",
    "Nearest",
    "Part",
    "Patient",
    "absolute",
    "nearest",
    "parts",
]
