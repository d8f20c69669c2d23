"""What is kept of an answer so that two editions can be compared: what was told, and each trial's figure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from analysis.answer import Answer, judge
from analysis.appraisal.mid import Mid
from analysis.appraisal.verdict import Verdict
from analysis.effects.study_effect import StudyEffect
from analysis.effects.telling import tell
from analysis.question import Question
from analysis.synthesis import Pooled


@dataclass(frozen=True, slots=True)
class TrialFigure:
    """One trial in an answer: its id, its name and its effect, on the scale on which effects are pooled.

    `limits` are those of its own interval at the level of the question, `inputs` the counts behind it; NaN and
    empty in files of editions that did not keep them.
    """

    trial: str
    label: str
    yi: float
    vi: float
    limits: tuple[float, float] = (math.nan, math.nan)
    inputs: tuple[tuple[str, float], ...] = ()

    def interval(self, level: float) -> tuple[float, float]:
        """As of a `StudyEffect`; `level` is that of the question, for which it was kept."""
        if not math.isnan(self.limits[0]):
            return self.limits
        half = float(ndtri((1 + level) / 2)) * math.sqrt(self.vi)
        return self.yi - half, self.yi + half


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
        tuple(_figure(s, answer.question) for s in answer.studies),
    )


def _figure(s: StudyEffect, question: Question) -> TrialFigure:
    counts = s.inputs if question.spec.kind == "event" else ()
    return TrialFigure(s.trial, s.label, s.yi, s.vi, s.interval(question.level), counts)


def told_today(record: Record) -> Record:
    """What today's rule tells of the same figures, so that a change of rules is not taken for one of evidence."""
    question = record.question
    result = tell(question, record.trials).result
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
