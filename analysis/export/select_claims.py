"""Which claims a file is about: the rule that slides and report share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.evidence import Evidence
from analysis.export.artefacts import NothingToTake
from analysis.room import claim_answers

if TYPE_CHECKING:
    from analysis.topic.vertebral.claims import ClaimAnswer


def chosen_claims(chosen: tuple[str, ...], evidence: Evidence) -> list[ClaimAnswer]:
    """The claims named by `chosen`, in the register's order; all of them where none is named.

    Raises
    ------
    NothingToTake
        When the data hold none of these claims.

    Examples
    --------
    >>> from analysis.answer import shipped_evidence
    >>> [c.claim_id for c in chosen_claims(("height", "relief-85"), shipped_evidence())]
    ['relief-85', 'height']
    """
    found = [c for c in claim_answers(evidence) if not chosen or c.claim_id in chosen]
    if not found:
        raise NothingToTake("There is no such claim in these data.")
    return found
