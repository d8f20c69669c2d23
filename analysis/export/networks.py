"""The network that a file is about, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.evidence import Evidence
from analysis.export.artefacts import NothingToTake
from analysis.export.provenance import origin_of
from analysis.export.question_settings import question_settings
from analysis.network import Contrast, NetworkAnswer, network_answer
from analysis.question import Question
from analysis.topic import topic


def fitted(question: Question, evidence: Evidence) -> NetworkAnswer:
    """The network of a question.

    Raises
    ------
    NothingToTake
        Where there is none, or one trial only, with the reason.
    """
    if "network" not in topic().pages:
        raise NothingToTake("This topic has no page on networks.")
    net = network_answer(question, evidence)
    if net.network is None:
        raise NothingToTake(net.sentence)
    if len(net.trials) < 2:
        raise NothingToTake(f"One trial is no network: {net.sentence}")
    return net


def shown(net: NetworkAnswer) -> tuple[Contrast, ...]:
    """The pairs that files hold: every treatment against the reference, the steps, and the pair that is asked about."""
    found = [
        *net.against_reference,
        *(step.contrast for step in net.steps),
        *([net.asked] if net.asked else []),
    ]
    return tuple({one.pair: one for one in found}.values())


def head(net: NetworkAnswer, evidence: Evidence, link: str) -> Iterator[str]:
    """What a script is about and must find, and where it comes from; lines without a comment sign."""
    yield f"Network: {net.question.title()}"
    yield net.sentence
    yield from net.cautions
    yield from net.details
    yield ""
    for name, value in (*question_settings(net.question), *origin_of(evidence, link).facts()):
        yield f"{name}: {value}"
