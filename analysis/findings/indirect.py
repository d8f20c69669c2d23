"""A row that no trial compared: what the network of randomised trials says of it, marked as indirect."""

from __future__ import annotations

from analysis.findings.model import NOT_RATED, Certainty, Row
from analysis.network import wording
from analysis.topic.model import Finding
from analysis.topic.vertebral.patient import Indirect


def through_others(finding: Finding, against: str, found: Indirect) -> Row:
    """The row of a network's result; no published judgement covers it."""
    one = found.contrast
    return Row(
        key=finding.key, label=finding.label, side=finding.side, against=against, kind="indirect", answer=None,
        rate=None, numbers=None, certainty=Certainty(NOT_RATED, "", "", ()), marks=found.marks,
        distance=(*found.departures, *found.remarks, *one.weak),
        sentence=f"{wording.indirect(one)} {wording.hangs(one)}".strip(), indirect=one,
    )  # fmt: skip
