"""The one sentence of a network that other places carry, for a question that no randomised trial answers."""

from __future__ import annotations

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.network import wording
from analysis.network.answer import Contrast, network_answer
from analysis.network.trials import asked as direct_answer
from analysis.network.trials import base, may_be_linked
from analysis.question import Question


def indirect_contrast(question: Question, evidence: Evidence) -> Contrast | None:
    """The network's result of the pair that is asked about; None where a trial compared it, or nothing links it."""
    if wording.no_network(question) or not may_be_linked(base(question), evidence):
        return None
    asked = network_answer(question, evidence).asked
    return None if asked is None or asked.told_directly else asked


def indirect_sentence(question: Question, evidence: Evidence) -> str | None:
    """What the network says of a question without a direct trial, in at most 25 words; None where it says nothing.

    >>> from analysis.answer import shipped_evidence
    >>> asked = Question(intervention="BKP", comparator="SHAM", time="12m")
    >>> str(indirect_sentence(asked, shipped_evidence()))[:34]
    'Indirectly, through vertebroplasty'
    """
    found = indirect_contrast(question, evidence)
    return wording.indirect(found) if found is not None else None


def answers_behind(contrast: Contrast, evidence: Evidence) -> tuple[Answer, ...]:
    """The answers to the direct comparisons that a result of the network hangs on, the largest share first."""
    found = (direct_answer(contrast.question, link.pair, evidence) for link, _ in contrast.links)
    return tuple(one for one in found if one is not None)


def hangs_on(question: Question, evidence: Evidence) -> str | None:
    """What that sentence hangs on, and what weakens it; None where there is no such sentence."""
    found = indirect_contrast(question, evidence)
    return " ".join((wording.hangs(found), *found.weak)) if found is not None else None
