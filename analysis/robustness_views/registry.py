"""The views of robustness by name: what pages, command line, jobs and reports offer, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from analysis.evidence import Evidence
from analysis.question import Question
from analysis.robustness_views import (
    accumulation,
    influence,
    multiverse,
    next_trial,
    small_study,
    subsets,
)
from analysis.robustness_views.view import Progress, View


class Look(Protocol):
    """The function of a view: what every module of the views of robustness calls `view`."""

    def __call__(
        self,
        question: Question,
        evidence: Evidence,
        *,
        narrow: bool = ...,
        progress: Progress = ...,
    ) -> View: ...


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A view: its name on a page, the question that it answers in words, and the function that does."""

    label: str
    asks: str
    view: Look


VIEWS: dict[str, ViewSpec] = {
    multiverse.KEY: ViewSpec(
        "Every defensible analysis",
        "How would the answer change if we had chosen otherwise?",
        multiverse.view,
    ),
    subsets.KEY: ViewSpec(
        "Every subset of the studies",
        "Do the studies form one cloud, or two?",
        subsets.view,
    ),
    influence.KEY: ViewSpec(
        "Influence",
        "Does the answer depend on one study, or on one group of studies?",
        influence.view,
    ),
    small_study.KEY: ViewSpec(
        "Small studies and missing results",
        "Do small studies tell another story, and what was never reported?",
        small_study.view,
    ),
    next_trial.KEY: ViewSpec(
        "What would it take?",
        "Which next trial would settle the question, and how likely is that?",
        next_trial.view,
    ),
    accumulation.KEY: ViewSpec(
        "Over time and by design",
        "How did the answer change as studies were added, and with more rigorous designs?",
        accumulation.view,
    ),
}
"""By `View.key`, in the order of the page."""
