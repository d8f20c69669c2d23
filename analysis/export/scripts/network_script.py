"""What the scripts of a network have in common: its head as comments, then code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analysis.evidence import Evidence
from analysis.export.networks import fitted, head
from analysis.export.scripts import content
from analysis.network import NetworkAnswer
from analysis.question import Question


def network_script(
    question: Question,
    evidence: Evidence,
    link: str,
    opening: tuple[str, str],
    code: Callable[[NetworkAnswer], Iterator[str]],
) -> bytes:
    """A script, in UTF-8; everything outside ASCII stands in comments or is escaped.

    `opening` says in two lines what the script does and how it is run.

    Raises
    ------
    NothingToTake
        Where there is no network.
    """
    net = fitted(question, evidence)
    about = content.comments(head(net, evidence, link))
    lines = [*(f"# {line}" for line in opening), "#", *about, "", *code(net)]
    return ("\n".join(lines) + "\n").encode()
