"""Meta-analysis of the printed results of one topic (`analysis.topic`); importable without Dash.

>>> from analysis import Question, answer, load_evidence
>>> answer(Question()).pooled.k >= 2
True
"""

from analysis.answer import Answer, answer
from analysis.evidence import Evidence, load_evidence
from analysis.question import InvalidQuestion, Question

__all__ = ["Answer", "Evidence", "InvalidQuestion", "Question", "answer", "load_evidence"]
