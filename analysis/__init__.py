"""Meta-analysis of the printed results of one topic (`analysis.topic`); importable without Dash.

>>> from analysis import Question, answer, load_evidence
>>> answer(Question()).pooled.k >= 2
True
"""

from analysis.answer import Answer, shipped_evidence
from analysis.answer import answer as _answer
from analysis.evidence import Evidence, load_evidence
from analysis.question import InvalidQuestion, Question

__all__ = ["Answer", "Evidence", "InvalidQuestion", "Question", "answer", "load_evidence"]


def answer(question: Question, evidence: Evidence | None = None) -> Answer:
    """Answer a Question from the evidence, the project's own data by default."""
    return _answer(question, shipped_evidence() if evidence is None else evidence)
