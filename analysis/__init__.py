"""Meta-analysis of the printed results of one topic (`analysis.topic`); importable without Dash.

>>> from analysis import Question, answer, load_evidence
>>> answer(Question()).pooled.k >= 2
True

Names are imported when they are first asked for: `analysis.synthesis` alone brings neither pandas nor Plotly.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.answer import Answer
    from analysis.errors import AnalysisError
    from analysis.evidence import Evidence, load_evidence
    from analysis.question import InvalidQuestion, Question

__all__ = [
    "AnalysisError",
    "Answer",
    "Evidence",
    "InvalidQuestion",
    "Question",
    "answer",
    "load_evidence",
]

_FROM = {
    "AnalysisError": "analysis.errors",
    "Answer": "analysis.answer",
    "Evidence": "analysis.evidence",
    "InvalidQuestion": "analysis.question",
    "Question": "analysis.question",
    "load_evidence": "analysis.evidence",
}


def answer(question: Question, evidence: Evidence | None = None) -> Answer:
    """Answer a Question from the evidence, the project's own data by default."""
    room = importlib.import_module("analysis.answer")
    return room.answer(question, room.shipped_evidence() if evidence is None else evidence)


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_FROM[name]), name)


class _Package(ModuleType):
    """Keeps the function `answer` where the import of the module of that name would put the module."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name == "answer" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
