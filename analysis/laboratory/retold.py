"""What is told of some of an answer's studies: by the rule that tells the answer, so that both can be held together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from analysis.answer import Answer, tell
from analysis.effects.study_effect import StudyEffect
from analysis.robustness.refit import Refit


def as_told(found: Answer, fit: Refit, kept: Sequence[StudyEffect]) -> Refit:
    """A fit of the studies `kept` with what is told of them in place of its own numbers."""
    told = tell(found.question, kept).result
    own = {f.name for f in fields(fit)} - {"label", "studies"}
    return replace(fit, **{name: getattr(told, name) for name in own})
