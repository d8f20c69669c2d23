"""Words that the sentences about claims share: a size, its side, its interval, a list."""

from __future__ import annotations

from analysis.answer import Answer
from analysis.appraisal.wording import kind
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.prose import listed


def fell(a: Answer) -> str:
    """The change within one group, as a verb and its size."""
    value = a.told.result.estimate
    return f"{'fell' if value < 0 else 'rose'} by {points(a, value)}"


def points(a: Answer, value: float) -> str:
    return f"{number(abs(value), 1)} {a.question.spec.unit}"


def lower(value: float) -> str:
    return "lower" if value < 0 else "higher"


def interval(a: Answer, low: float, high: float) -> str:
    q, name = a.question, kind(a.told.result)
    if q.spec.kind == "score":
        return f"{name} {number(low, 1)} to {number(high, 1)}"
    return f"{name} {printed(q, low, unit=q.effect_measure != 'RD')} to {printed(q, high)}"


def proportion(a: Answer) -> str:
    """The proportion of one group as text; of two groups too few to pool, both."""
    values = [s.estimate for s in a.studies] if a.apart else [a.told.result.estimate]
    return listed([printed(a.question, v) for v in values])


def effect(a: Answer) -> str:
    """A comparison with its interval: "0.5 points lower (95% CI ...)"; ratios and risk differences as printed."""
    p, q = a.told.result, a.question
    about = interval(a, p.ci_low, p.ci_high)
    if q.spec.kind == "score":
        return f"{points(a, p.estimate)} {lower(p.estimate)} ({about})"
    return f"{printed(q, p.estimate)} ({about})"
