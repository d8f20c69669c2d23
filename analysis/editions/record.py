"""What is kept of an answer so that two editions can be compared: what was told, and each trial's figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.answer import Answer
from analysis.appraisal.verdict import verdict
from analysis.question import Question
from analysis.synthesis.told import told


@dataclass(frozen=True, slots=True)
class TrialFigure:
    """One trial in an answer: its id, its name and its effect, on the scale on which effects are pooled."""

    trial: str
    label: str
    yi: float
    vi: float


@dataclass(frozen=True, slots=True)
class Record:
    """An answer that rests on at least one trial, as it was told.

    Attributes
    ----------
    question : what was asked.
    estimate, ci_low, ci_high : what was told, on the scale on which effects are pooled (ratios: logarithms).
    verdict : a value of `appraisal.verdict.Verdict`; empty for one group.
    mid : minimal important difference that the verdict was held against; None without one.
    trials : the figures that were pooled, in order.
    """

    question: Question
    estimate: float
    ci_low: float
    ci_high: float
    verdict: str
    mid: float | None
    trials: tuple[TrialFigure, ...]

    @property
    def k(self) -> int:
        return len(self.trials)


def record_of(answer: Answer) -> Record | None:
    """What to keep of an answer; None where no trial answers."""
    figures = tuple(TrialFigure(s.trial, s.label, s.yi, s.vi) for s in answer.studies)
    mid = answer.mid.value if answer.mid else None
    return told_today(answer.question, figures, mid) if figures else None


def told_today(question: Question, trials: Sequence[TrialFigure], mid: float | None) -> Record:
    """What today's rule tells of these figures: so that a change of rules is not taken for one of evidence."""
    result = told(
        [t.yi for t in trials], [t.vi for t in trials],
        tau2=question.tau2, ci=question.ci, level=question.level,
    ).result  # fmt: skip
    said = ""
    if not question.one_group:
        sign = -1.0 if question.spec.lower_is_better else 1.0
        low, high = sorted((sign * result.ci_low, sign * result.ci_high))
        said = verdict(low, high, mid).value
    return Record(
        question, result.estimate, result.ci_low, result.ci_high, said, mid, tuple(trials)
    )
