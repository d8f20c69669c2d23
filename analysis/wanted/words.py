"""What a wanted figure is and would do, in words and as plain values."""

from __future__ import annotations

from analysis import vocabulary
from analysis.editions.changes import asked_text
from analysis.effects.scale import printed, shown
from analysis.effects.study_effect import number
from analysis.wanted.find import Gain, Interval, Wanted


def what(one: Wanted) -> str:
    """The result that is wanted: outcome, arms and time.

    >>> what(Wanted("a", "A", "", "pain", "VP", "SHAM", 4.0, "1 month", "", "", ()))
    'Pain: vertebroplasty against sham, 1 month'
    """
    short = vocabulary.SHORT
    against = "" if one.control == vocabulary.NONE else f" against {short[one.control]}"
    return (
        f"{vocabulary.OUTCOMES[one.outcome].label}: {short[one.treated]}{against}, {one.timepoint}"
    )


def effect(gain: Gain) -> str:
    """What the figure would do to one answer."""
    if gain.then is None:
        return "the size of the trial was not reported: what it would do cannot be estimated"
    if gain.now is None:
        return f"a first answer, {_half(gain)}"
    as_one = ", taking both to measure the same effect" if (gain.k, gain.k_then) == (1, 2) else ""
    change = f"{gain.share:.0%} narrower" if gain.share >= 0.005 else "no narrower"
    return f"{_interval(gain, gain.now)} today, {_interval(gain, gain.then)} then{as_one}: {change}"


def question(gain: Gain) -> str:
    return asked_text(gain.question)


def _interval(gain: Gain, interval: Interval) -> str:
    low = printed(gain.question, interval.low, False)
    return f"{low} to {printed(gain.question, interval.high)}"


def _half(gain: Gain) -> str:
    """How precise a first answer would be."""
    q, half = gain.question, (gain.then.high - gain.then.low) / 2
    if q.effect_measure in vocabulary.RATIOS:
        return (
            f"known within a factor of {number(float(shown(q.effect_measure, half)), 1)} either way"
        )
    return f"known within {printed(q, half)} {q.spec.unit} either way"


def as_json(one: Wanted) -> dict[str, object]:
    """One line as plain values."""
    return {
        "key": one.key, "trial": one.trial, "label": one.label, "design": one.design,
        "outcome": one.outcome, "intervention": one.treated, "comparator": one.control,
        "weeks": None if one.weeks != one.weeks else one.weeks, "timepoint": one.timepoint,
        "missing": one.missing, "source_url": one.source_url,
        "gains": [
            {
                "question": question(g), "query": g.question.to_query(), "lead": g.lead, "k": g.k, "k_then": g.k_then,
                "now": list(g.now[:2]) if g.now else None,
                "then": list(g.then[:2]) if g.then else None, "share": g.share, "text": effect(g),
            }
            for g in one.gains
        ],
    }  # fmt: skip
