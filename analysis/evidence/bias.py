"""What others wrote on the risk of bias of a trial: who, on which domain, and whether they judged it at all.

Domains and levels are those of each tool, as lower-case words: no list is fixed here. A fact that is described
without a level is no judgement, and a trial on which nobody wrote is not judged: neither is a low risk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.records import records, studies_by_id

OVERALL = "overall"
NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Judged:
    """One remark: its domain, its level (empty: described, not judged), and the kind of people who wrote it."""

    domain: str
    level: str
    by: str


@remembered(maxsize=8)
def judged_trials(evidence: Evidence) -> Mapping[str, tuple[Judged, ...]]:
    """The remarks on each trial, those on its companion reports included."""
    studies = studies_by_id(evidence)
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in records(evidence, "risk_of_bias"):
        trial = studies[row["study_id"]]["parent_study_id"] or row["study_id"]
        found[trial].append(Judged(row["domain_code"], row["level"], row["judged_by"]))
    return {trial: tuple(dict.fromkeys(remarks)) for trial, remarks in found.items()}


def judgement_text(remarks: Sequence[Judged]) -> str:
    """The judgements in a few words: on the whole trial where there is one, else by domain; who judged.

    >>> judgement_text(())
    'not judged'
    >>> judgement_text([Judged("blinding", "", "letter"), Judged("overall", "low", "trialists")])
    'low (trialists)'
    >>> judgement_text([Judged("attrition", "high", "review authors"), Judged("blinding", "low", "review authors")])
    'attrition high, blinding low (review authors)'
    >>> judgement_text([Judged("blinding", "", "guideline body")])
    'not judged; blinding described (guideline body)'
    """
    whole = [r for r in remarks if r.level and r.domain == OVERALL]
    levels = whole or [r for r in remarks if r.level]
    if levels:
        said = [r.level if r.domain == OVERALL else f"{r.domain} {r.level}" for r in levels]
        return f"{', '.join(dict.fromkeys(said))} ({_people(levels)})"
    if not remarks:
        return NOT_JUDGED
    domains = ", ".join(dict.fromkeys(r.domain for r in remarks))
    return f"{NOT_JUDGED}; {domains} described ({_people(remarks)})"


def _people(remarks: Sequence[Judged]) -> str:
    return ", ".join(dict.fromkeys(r.by for r in remarks))
