"""The layers of evidence of the front page: Questions put side by side by how rigorously they were studied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.select import has_groups
from analysis.question import Question

TIMES = ("1w", "1m", "3m", "6m", "12m")
"""Time points at which the layers of evidence can be laid side by side."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a layer: a label, and the Question whose Answer it shows."""

    label: str
    question: Question


@dataclass(frozen=True, slots=True)
class LayerOfEvidence:
    """Rows that hold the same kind of number; `meaning` says what such a number can tell."""

    title: str
    meaning: str
    rows: tuple[Row, ...]


def pain_layers(time: str = "1m") -> tuple[LayerOfEvidence, ...]:
    """What series, open trials and sham-controlled trials report about pain at one time."""
    one = Question(comparator=words.NONE, time=time)
    series = one.replace(designs=("single_arm",))
    controls = one.replace(designs=words.RANDOMISED)
    return (
        LayerOfEvidence(
            "Before and after in one group: not an effect of treatment",
            "Healing, regression to the mean, expectation and selection are part of these changes.",
            (
                Row("Kyphoplasty, series", series.replace(intervention="BKP")),
                Row("Vertebroplasty, series", series),
                Row("Non-surgical care, trials", controls.replace(intervention="NSM")),
                Row("Sham, trials", controls.replace(intervention="SHAM")),
            ),
        ),
        LayerOfEvidence(
            "Difference from non-surgical care: open randomised trials",
            "Patients knew what they received: expectation may be part of the difference.",
            tuple(
                Row(
                    label,
                    Question(intervention=t, comparator="NSM", time=time, designs=("open_rct",)),
                )
                for t, label in (("BKP", "Kyphoplasty"), ("VP", "Vertebroplasty"))
            ),
        ),
        LayerOfEvidence(
            "Difference from a sham procedure: blinded trials",
            "What is left when both groups expect the same.",
            tuple(
                Row(
                    label,
                    Question(intervention=t, comparator="SHAM", time=time, designs=("sham_rct",)),
                )
                for t, label in (("BKP", "Kyphoplasty"), ("VP", "Vertebroplasty"))
            ),
        ),
    )


def relief_layers() -> tuple[LayerOfEvidence, ...]:
    """The proportion of patients with relief, in series and in the arms of controlled studies."""
    one = Question(outcome="responder", comparator=words.NONE, time="any")
    series = one.replace(designs=("single_arm",))
    arms = one.replace(designs=words.COMPARATIVE)
    return (
        LayerOfEvidence(
            "Uncontrolled series",
            "Relief as each paper defined it, mostly any improvement.",
            (
                Row("Kyphoplasty", series.replace(intervention="BKP")),
                Row("Vertebroplasty", series),
            ),
        ),
        LayerOfEvidence(
            "Arms of controlled studies",
            "Relief by a stated threshold; definitions differ from those of the series.",
            (
                Row("Vertebroplasty", arms),
                Row("Sham procedure", arms.replace(intervention="SHAM")),
                Row("Non-surgical care", arms.replace(intervention="NSM")),
            ),
        ),
    )


def questions(layers: Iterable[LayerOfEvidence]) -> list[Question]:
    return [row.question for layer in layers for row in layer.rows]


NO_STUDY = "never tested"
"""What `why_empty` says where no study of the admitted designs has these groups at all."""


@remembered(maxsize=256)
def why_empty(question: Question, evidence: Evidence) -> str:
    """What to print for a row without a study: another time has one, none reports a usable number, or none is."""
    for time in words.WINDOWS:
        if answer(question.replace(time=time), evidence).studies:
            return f"no result at {question.window.label}"
    return "no usable result found" if has_groups(question, evidence) else NO_STUDY
