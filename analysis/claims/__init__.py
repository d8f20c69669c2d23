"""The clinic page's claims, each answered by Questions.

`register` says how each claim of `claims.csv` is answered, and `verdicts` by which rule. `layers` and
`front_page` hold the claim that leads and the studies that contradict it: the same Questions feed the front
page, the command line and the exports.

Its Questions are of one topic: the register is opened only where the topic in force has a page of claims.
"""

from analysis.claims.entry import ClaimAnswer, Entry, Plate
from analysis.claims.front_page import Finding, finding
from analysis.claims.layers import (
    TIMES,
    LayerOfEvidence,
    Row,
    pain_layers,
    questions,
    relief_layers,
    why_empty,
)
from analysis.claims.verdicts import RARE, ClaimVerdict
from analysis.evidence import Evidence

__all__ = [
    "RARE",
    "TIMES",
    "ClaimAnswer",
    "ClaimVerdict",
    "Entry",
    "Finding",
    "LayerOfEvidence",
    "Plate",
    "Row",
    "claim_answers",
    "finding",
    "pain_layers",
    "questions",
    "relief_layers",
    "why_empty",
]


def claim_answers(evidence: Evidence) -> tuple[ClaimAnswer, ...]:
    """All claims of the evidence with their answers; none where its topic has no page of claims."""
    if "claims" not in evidence.topic.pages:
        return ()
    from analysis.claims.answers import answered

    return answered(evidence)
