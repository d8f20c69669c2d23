"""The risk without treatment, low, typical and high in comparison groups of trials, and what the effect makes of it.

Typical is the pooled risk of the comparison groups of all randomised trials of the outcome, by the model that is
told; low and high are the lowest and highest of the groups. The relative effect is taken as the same at every risk
(Cochrane Handbook 15.4); a risk difference is not carried over to other risks.
"""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import shown
from analysis.evidence import Evidence
from analysis.findings.model import Baseline
from analysis.survey.harms import counted
from analysis.topic.vertebral.patient.absolute import PEOPLE, changed

FEWEST = 3
"""Comparison groups from which on they show a range of risks."""


def baselines(found: Answer, evidence: Evidence) -> tuple[Baseline, ...]:
    """The rows low, typical and high; empty where fewer than three groups tell."""
    q = found.question
    if q.spec.kind != "event" or q.effect_measure not in ("OR", "RR") or found.told is None:
        return ()
    alone = q.replace(
        intervention=q.comparator, comparator=words.NONE, time="any", measure="", model="",
        designs=words.RANDOMISED, without=(), etiology="any", fracture_age="any",
    )  # fmt: skip
    groups = answer(alone, evidence)
    if len(groups.studies) < FEWEST or groups.told is None:
        return ()
    risks = [x / n for x, n in map(counted, groups.studies)]
    typical = float(shown(alone.effect_measure, groups.told.result.estimate))
    k = len(risks)
    named = (
        (f"low: the lowest of {k} comparison groups", min(risks)),
        ("typical: all of them pooled", typical),
        ("high: the highest", max(risks)),
    )
    return tuple(_at(name, risk, found) for name, risk in named)


def _at(name: str, risk: float, found: Answer) -> Baseline:
    assert found.told is not None
    result = found.told.result
    with_, low, high = (
        PEOPLE * float(changed(found.question.effect_measure, risk, v) or 0.0)
        for v in (result.estimate, result.ci_low, result.ci_high)
    )
    return Baseline(name, PEOPLE * risk, with_, min(low, high), max(low, high))
