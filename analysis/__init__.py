"""Meta-analysis of what vertebral augmentation does for pain, and for whom; importable without Dash.

>>> from analysis import Question, answer, load_evidence
>>> answer(Question()).pooled.k >= 2
True
"""

from analysis.answer import Answer, answer
from analysis.evidence import Evidence, load_evidence
from analysis.question import InvalidQuestion, Question

__all__ = ["Answer", "Evidence", "InvalidQuestion", "Question", "answer", "load_evidence"]
