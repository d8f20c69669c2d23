"""The lead questions: those that the front page and the claims rest on."""

from __future__ import annotations

from analysis.question import Question
from analysis.topic.vertebral.claims.layers import pain_layers, questions, relief_layers
from analysis.topic.vertebral.claims.register import REGISTER


def lead_questions() -> tuple[Question, ...]:
    """Every question of the front page, then every one of the claims, each once.

    >>> from analysis.question import Question
    >>> Question(designs=("sham_rct",)) in lead_questions()
    True
    """
    asked = questions((*pain_layers(), *relief_layers()))
    for entry in REGISTER.values():
        asked += entry.questions
    return tuple(dict.fromkeys(asked))
