"""A summary of findings: one row for each outcome and comparison (Core GRADE 6, BMJ 2025;389:e083866).

Nothing is decided here: result and verdict are those of the row's Answer, certainty is a published judgement or
"not rated", and distance is what `analysis.topic.vertebral.patient.nearest` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.answer import Answer
from analysis.appraisal.certainty import Signal
from analysis.network import Contrast
from analysis.survey.harms import Rate

if TYPE_CHECKING:
    from analysis.topic.vertebral.patient import Patient

NOT_RATED = "not rated"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Absolute numbers of a row; None: not known.

    Events are of 100 people (or of 100 of what is counted), scores are points of the outcome's scale. `low` and
    `high` are limits of `with_`, `least` and `most` those of the difference; `basis` says where `without` is from.
    """

    without: float | None
    with_: float | None
    low: float | None
    high: float | None
    difference: float | None
    least: float | None
    most: float | None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain: a published level with its source, or `NOT_RATED`; and the signals, which are facts, no rating."""

    level: str
    source: str
    differs: str
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the effect means for people at another risk: of 100, without, with, and the limits of with."""

    name: str
    without: float
    with_: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes
    ----------
    key, label, side : of the topic's list; side "benefit" or "harm".
    against : the treatment compared with, as a code.
    kind : "compared" (between groups), "counted" (in treated patients alone), "indirect" (no trial compared the two,
        a network links them) or "none" (no usable study).
    answer, rate, indirect : what stands behind it; `rate` where counted, `indirect` alone where a network, all None
        where nothing does.
    numbers : absolute numbers; None where none can be given.
    marks : distance from this patient in a few words each; `distance` the same in sentences.
    sentence : the row in plain language.
    baselines : the same effect at other risks; empty where the trials do not give several.
    others : other ways in which the event was counted, as text.
    """

    key: str
    label: str
    side: str
    against: str
    kind: str
    answer: Answer | None
    rate: Rate | None
    numbers: Numbers | None
    certainty: Certainty
    marks: tuple[str, ...]
    distance: tuple[str, ...]
    sentence: str
    baselines: tuple[Baseline, ...] = ()
    others: tuple[str, ...] = ()
    indirect: Contrast | None = None

    @property
    def id(self) -> str:
        return (
            f"{self.key}-{self.against.lower()}{'-indirect' if self.indirect is not None else ''}"
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """The table of one patient: a few sentences on top, the rows, and what the data cannot say."""

    patient: Patient
    benefits_said: tuple[str, ...]
    harms_said: tuple[str, ...]
    rows: tuple[Row, ...]
    cannot_say: tuple[str, ...]

    @property
    def benefits(self) -> str:
        return " ".join(self.benefits_said)

    @property
    def harms(self) -> str:
        return " ".join(self.harms_said)
