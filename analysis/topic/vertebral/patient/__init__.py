"""For one patient: a short profile, the Questions that follow from it, and the evidence nearest to it."""

from analysis.topic.vertebral.patient.absolute import Absolute, absolute
from analysis.topic.vertebral.patient.indirect import Indirect, indirect
from analysis.topic.vertebral.patient.nearest import Nearest, nearest
from analysis.topic.vertebral.patient.profile import (
    AGES,
    ALTERNATIVES,
    CAUSES,
    EARLIER,
    PROCEDURES,
    SEXES,
    YEARS,
    Patient,
)

__all__ = [
    "AGES",
    "ALTERNATIVES",
    "CAUSES",
    "EARLIER",
    "PROCEDURES",
    "SEXES",
    "YEARS",
    "Absolute",
    "Indirect",
    "Nearest",
    "Patient",
    "absolute",
    "indirect",
    "nearest",
]
