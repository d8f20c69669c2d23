"""What the register holds for a claim, and what a claim's answer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.evidence import Evidence
from analysis.question import Question
from analysis.topic.vertebral.claims.layers import LayerOfEvidence
from analysis.topic.vertebral.claims.verdicts import ClaimVerdict


@dataclass(frozen=True, slots=True)
class ClaimFigure:
    """A figure of a claim: layers whose rows share one axis, and the words on that axis.

    `mark` is a value to hold everything against and its name; `left` and `right` say what lies towards
    either end of the axis.
    """

    title: str
    layers: tuple[LayerOfEvidence, ...]
    axis_title: str
    left: str = ""
    right: str = ""
    mark: tuple[float, str] | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(row.question for layer in self.layers for row in layer.rows)


@dataclass(frozen=True, slots=True)
class Entry:
    """How one claim is answered: its Questions, the rule's inputs, the sentence, what would change it.

    Parameters
    ----------
    kind : of the rule in `verdicts`.
    deciding : Questions whose Answers decide.
    sentence : words the answer from the evidence.
    claim_figures : figures; a row without a study is left out of a figure, and named in the table.
    claimed : the proportion that the claim names, where it does.
    key : the Question whose certainty is shown; None where there is none to show.
    untried : a comparison that the claim is about and no trial made: what the network says of it stands beside.
    would_change : what would change the answer.
    also_printed : outcome and the code of an instrument: printed rows that no Question can pool, yet that
        bear on the claim.
    """

    kind: str
    sentence: Callable[[Evidence], str]
    would_change: tuple[str, ...]
    deciding: tuple[Question, ...] = ()
    claim_figures: tuple[ClaimFigure, ...] = ()
    claimed: float | None = None
    key: Question | None = None
    untried: Question | None = None
    also_printed: tuple[str, str] | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every Question it rests on, each once."""
        shown = (q for claim_figure in self.claim_figures for q in claim_figure.questions)
        return tuple(dict.fromkeys((*self.deciding, *([self.key] if self.key else []), *shown)))


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """A claim of `claims.csv` with its answer in one sentence, its verdict and where that comes from.

    `through` is what the network says of the comparison that no trial made; "" where it says nothing.
    """

    claim: Mapping[str, Any]
    entry: Entry
    verdict: ClaimVerdict
    sentence: str
    why: str
    through: str = ""

    @property
    def claim_id(self) -> str:
        return str(self.claim["claim_id"])
