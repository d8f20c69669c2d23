"""Every network that the data hold, as text: what each says of the topic's pairs, beside trials that compare them."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.network import wording
from analysis.network.answer import Contrast, NetworkAnswer, network_answer
from analysis.network.trials import compared_at
from analysis.prose import capital, counted
from analysis.question import Question
from analysis.topic import topic


def every_network(evidence: Evidence) -> Iterator[NetworkAnswer]:
    """The networks of three treatments or more, by outcome, then time; each is asked about the topic's first pair."""
    if not topic().pairs:
        return
    first = dict(zip(("intervention", "comparator"), topic().pairs[0], strict=True))
    for outcome in words.OUTCOMES:
        for window in words.TIMED:
            asked = Question(outcome=outcome, time=window.key, **first)
            if len({side for pair in compared_at(asked, evidence) for side in pair}) > 2:
                net = network_answer(asked, evidence)
                if len(net.treatments) > 2:
                    yield net


def overview(evidence: Evidence) -> Iterator[str]:
    """The lines; none where there is no network."""
    for net in every_network(evidence):
        yield f"{net.question.spec.label}, {wording.at(net.question)}"
        yield f"  {wording.model(net)}"
        for pair in topic().pairs:
            if pair in net.contrasts:
                yield from _pair(net.contrasts[pair])
        yield ""


def _pair(one: Contrast) -> Iterator[str]:
    q = one.question
    unit = words.MEASURES[q.effect_measure] if q.spec.kind == "event" else q.spec.unit
    direct = "no trial"
    if one.direct is not None:
        k = counted(len(one.direct.studies), "trial")
        direct = f"{wording.estimate(q, one.told)}, {wording.said_of(one)} ({k})"
    yield f"  {capital(wording.versus(one.pair))}, {unit}"
    yield f"    direct   {direct}"
    whole = f"{wording.estimate(q, one.combined)} {one.kind}, {one.capped}"
    yield f"    network  {whole}; direct share {100 * one.share:.0f}%"
    if hangs := wording.hangs(one):
        yield f"    {hangs}"
