"""The clinic page's claims, each answered by Questions.

`register` says how each claim of `claims.csv` is answered, and `verdicts` by which rule. `layers` and
`front_page` hold the claim that leads and the studies that contradict it: the same Questions feed the front
page, the command line and the exports.

Its Questions are of one topic: it is imported where that topic is in force (`analysis.room`).
"""

from analysis.topic.vertebral.claims.answers import also_printed, claim_answers
from analysis.topic.vertebral.claims.entry import ClaimAnswer, ClaimFigure, Entry
from analysis.topic.vertebral.claims.front_page import Count, Finding, finding, of_100
from analysis.topic.vertebral.claims.layers import (
    TIMES,
    LayerOfEvidence,
    Row,
    pain_layers,
    questions,
    relief_layers,
    why_empty,
)
from analysis.topic.vertebral.claims.lead import lead_questions
from analysis.topic.vertebral.claims.register import REGISTER
from analysis.topic.vertebral.claims.verdicts import RARE, ClaimVerdict

__all__ = [
    "RARE",
    "REGISTER",
    "TIMES",
    "ClaimAnswer",
    "ClaimFigure",
    "ClaimVerdict",
    "Count",
    "Entry",
    "Finding",
    "LayerOfEvidence",
    "Row",
    "also_printed",
    "claim_answers",
    "finding",
    "lead_questions",
    "of_100",
    "pain_layers",
    "questions",
    "relief_layers",
    "why_empty",
]
