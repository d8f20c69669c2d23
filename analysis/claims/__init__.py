"""The clinic page's claims, each answered by Questions.

`register` says how each claim of `claims.csv` is answered, and `verdicts` by which rule. `layers` and
`front_page` hold the claim that leads and the studies that contradict it: the same Questions feed the front
page, the command line and the exports.
"""

from analysis.claims.answers import also_printed, claim_answers
from analysis.claims.entry import ClaimAnswer, Entry, Plate
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
from analysis.claims.register import REGISTER
from analysis.claims.verdicts import RARE, ClaimVerdict

__all__ = [
    "CLAIMED_PERCENT",
    "RARE",
    "REGISTER",
    "TIMES",
    "ClaimAnswer",
    "ClaimVerdict",
    "Entry",
    "Finding",
    "LayerOfEvidence",
    "Plate",
    "Row",
    "also_printed",
    "claim_answers",
    "finding",
    "pain_layers",
    "questions",
    "relief_layers",
    "why_empty",
]
