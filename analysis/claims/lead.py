"""The lead questions: those that the front page and the claims rest on."""

from __future__ import annotations

from analysis.claims.layers import pain_layers, questions, relief_layers
from analysis.question import Question
from analysis.topic import topic


def lead_questions() -> tuple[Question, ...]:
    """Every question of the front page, then every one of the claims, each once; else the topic's own.

    >>> from analysis.question import Question
    >>> Question(designs=("sham_rct",)) in lead_questions()
    True
    """
    if "claims" not in topic().pages:
        return tuple(dict.fromkeys(Question.from_query(lead.query)[0] for lead in topic().lead))
    from analysis.claims.register import REGISTER  # its Questions are of that topic alone

    asked = questions((*pain_layers(), *relief_layers()))
    for entry in REGISTER.values():
        asked += [*entry.deciding, *([entry.key] if entry.key else [])]
        asked += [q for plate in entry.plates for q in plate.questions]
    return tuple(dict.fromkeys(asked))
