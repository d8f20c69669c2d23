"""Words that the sentences about claims share: a size, its side, its interval, a list."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.answer import Answer
from analysis.effects.scale import level_text, printed
from analysis.effects.study_effect import number
from analysis.synthesis import Pooled


def fell(a: Answer) -> str:
    """The change within one group, as a verb and its size."""
    value = common_if_two(a).estimate
    return f"{'fell' if value < 0 else 'rose'} by {points(a, value)}"


def points(a: Answer, value: float) -> str:
    return f"{number(abs(value), 1)} {a.question.spec.unit}"


def lower(value: float) -> str:
    return "lower" if value < 0 else "higher"


def interval(a: Answer, low: float, high: float) -> str:
    q = a.question
    if q.spec.kind == "score":
        return f"{level_text(q.level)} CI {number(low, 1)} to {number(high, 1)}"
    return f"{level_text(q.level)} CI {printed(q, low, unit=q.effect_measure != 'RD')} to {printed(q, high)}"


def listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def common_if_two(a: Answer) -> Pooled:
    """The result that a sentence tells: the chosen model, or with two studies the common effect."""
    assert a.pooled is not None
    assert a.common is not None
    return a.common if a.pooled.k == 2 else a.pooled


def proportion(a: Answer) -> str:
    """The proportion of one group as text."""
    return printed(a.question, common_if_two(a).estimate)


def effect(a: Answer) -> str:
    """A comparison with its interval: "0.5 points lower (95% CI ...)"; ratios and risk differences as printed."""
    p, q = common_if_two(a), a.question
    about = interval(a, p.ci_low, p.ci_high)
    if q.spec.kind == "score":
        return f"{points(a, p.estimate)} {lower(p.estimate)} ({about})"
    return f"{printed(q, p.estimate)} ({about})"
