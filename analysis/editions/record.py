"""What is kept of an answer so that two editions can be compared: what was told, and each trial's figure."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.answer import Answer, judge
from analysis.appraisal.mid import Mid
from analysis.appraisal.verdict import Verdict
from analysis.question import Question
from analysis.synthesis import Pooled
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
    if answer.told is None:
        return None
    return _record(
        answer.question,
        answer.told.result,
        answer.verdict,
        answer.mid,
        tuple(TrialFigure(s.trial, s.label, s.yi, s.vi) for s in answer.studies),
    )


def told_today(record: Record) -> Record:
    """What today's rule tells of the same figures, so that a change of rules is not taken for one of evidence."""
    question = record.question
    result = told(
        [t.yi for t in record.trials], [t.vi for t in record.trials],
        tau2=question.tau2, ci=question.ci, level=question.level,
    ).result  # fmt: skip
    mid = None if record.mid is None else Mid(record.mid, "")
    return _record(question, result, judge(question, result, mid), mid, record.trials)


def _record(
    question: Question,
    result: Pooled,
    said: Verdict | None,
    mid: Mid | None,
    trials: tuple[TrialFigure, ...],
) -> Record:
    return Record(
        question, result.estimate, result.ci_low, result.ci_high,
        said.value if said else "", mid.value if mid else None, trials,
    )  # fmt: skip
