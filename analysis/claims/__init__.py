"""The clinic page's claims, each answered by Questions.

`layers` and `front_page` hold the claim that leads and the studies that contradict it. The same Questions feed
the front page, the command line and the exports; the finding is worded from their Answers.
"""

from analysis.claims.front_page import Finding, finding
from analysis.claims.layers import (
    CLAIMED_PERCENT,
    TIMES,
    LayerOfEvidence,
    Row,
    pain_layers,
    questions,
    relief_layers,
    why_empty,
)

__all__ = [
    "CLAIMED_PERCENT",
    "TIMES",
    "Finding",
    "LayerOfEvidence",
    "Row",
    "finding",
    "pain_layers",
    "questions",
    "relief_layers",
    "why_empty",
]
