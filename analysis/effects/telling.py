"""What is told of the studies of a question: from their counts, their effects, or the limits that one printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from analysis.question import Question
from analysis.synthesis.events import counted, told_events
from analysis.synthesis.told import Told


class Figure(Protocol):
    """What `tell` asks of a study: a `StudyEffect`, or what a saved edition keeps of one."""

    @property
    def yi(self) -> float: ...
    @property
    def vi(self) -> float: ...
    @property
    def inputs(self) -> tuple[tuple[str, float], ...]: ...
    def interval(self, level: float) -> tuple[float, float]: ...


def tell(question: Question, studies: Sequence[Figure]) -> Told:
    """Pool at least one study by the model of the question.

    One study is told with the limits that it printed, not with those that its weight rests on; counts, exactly.
    """
    found = told_events(
        [s.yi for s in studies], [s.vi for s in studies], _counts(studies),
        measure=question.effect_measure, model=question.model, tau2=question.tau2, ci=question.ci,
        level=question.level,
    )  # fmt: skip
    if len(studies) > 1 or found.model == "exact":
        return found
    low, high = studies[0].interval(found.result.level)
    return replace(found, result=replace(found.result, ci_low=low, ci_high=high))


def by_effects(question: Question, studies: Sequence[Figure]) -> bool:
    """Whether `tell` rests on the effects alone, so that `synthesis.told_many` tells the same."""
    return len(studies) > 1 and not counted(
        _counts(studies), measure=question.effect_measure, model=question.model, tau2=question.tau2,
        ci=question.ci,
    )  # fmt: skip


def _counts(studies: Sequence[Figure]) -> list[dict[str, float]]:
    return [dict(study.inputs) for study in studies]
