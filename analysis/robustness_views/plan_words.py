"""What one more trial would do, in sentences for those who read or plan it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import level_text
from analysis.effects.study_effect import number
from analysis.question import Question
from analysis.robustness.next_study import Conclusion, information_size
from analysis.robustness_views.plan import LARGEST, POWER, SMALLEST, TYPICAL, Plan
from analysis.robustness_views.planning import probability_better
from analysis.robustness_views.reading import by_inverse_variance, counted, studies_in
from analysis.synthesis.told import FEW
from analysis.synthesis.told_many import by_rule


def meanings(found: Answer) -> dict[int, str]:
    """What each `Conclusion` means for this question; those that cannot occur are left out."""
    q = found.question
    if q.one_group:
        name = f"the claimed {words.CLAIMED_PERCENT}%"
        return {
            int(Conclusion.BENEFIT): f"the whole interval lies above {name}",
            int(Conclusion.HARM): f"the whole interval lies below {name}",
            int(Conclusion.OPEN): f"the interval includes {name}",
        }
    who, whom = words.SHORT[q.intervention], words.SHORT[q.comparator]
    said = {
        int(Conclusion.BENEFIT): f"better with {who}",
        int(Conclusion.HARM): f"better with {whom}",
        int(Conclusion.OPEN): "open: both no difference and a benefit are possible",
    }
    if found.mid is not None:
        mid = f"{found.mid.value:g} {q.spec.unit}"
        said |= {
            int(Conclusion.IMPORTANT): f"an important benefit: all of the interval beyond {mid}",
            int(Conclusion.BENEFIT): f"better with {who}, by an amount that may or may not matter",
            int(Conclusion.NOT_IMPORTANT): f"no important benefit: all of the interval below {mid}",
            int(Conclusion.OPEN): "open: both no difference and an important benefit are possible",
        }
    return said


_NOW = {
    Conclusion.BENEFIT: "a difference in favour of {who}",
    Conclusion.IMPORTANT: "an important benefit of {who}",
    Conclusion.NOT_IMPORTANT: "that there is no important benefit of {who}",
    Conclusion.HARM: "a difference in favour of {whom}",
}


def _now(found: Answer, plan: Plan) -> str:
    q = found.question
    if q.one_group:
        side = "above" if plan.now is Conclusion.BENEFIT else "below"
        return f"a share {side} the claimed {words.CLAIMED_PERCENT}%"
    names = {"who": words.SHORT[q.intervention], "whom": words.SHORT[q.comparator]}
    return _NOW[plan.now].format(**names)


def percent(chance: float) -> str:
    """A chance in percent, never rounded to certainty.

    >>> percent(0.834), percent(0.9999), percent(0.0)
    ('83%', 'over 99%', 'under 1%')
    """
    if chance > 0.995:
        return "over 99%"
    return "under 1%" if chance < 0.005 else f"{100 * chance:.0f}%"


def patients(n: float) -> str:
    """A number of patients to two figures, upwards: more would be mock precision.

    >>> patients(143.2), patients(1870.0)
    ('150', '1,900')
    """
    step = 10 ** (math.floor(math.log10(n)) - 1)
    return f"{math.ceil(round(n / step, 6)) * step:,.0f}"


def trial_of(question: Question) -> str:
    """What the next study is: a trial, or for one group a series."""
    return "series" if question.one_group else "trial"


def finding(found: Answer, plan: Plan) -> str:
    """The answer in one sentence: how large a trial settles the question, or that none does."""
    trial, size = trial_of(found.question), f"{TYPICAL:,.0f}"
    if plan.now is not Conclusion.OPEN:
        return (
            f"The interval already shows {_now(found, plan)}. After one more {trial} of {size} patients the chance "
            f"that it still does is {percent(plan.chance(TYPICAL, plan.now))}."
        )
    if plan.needed is None:
        return (
            f"No single further {trial} is likely to settle this: with {LARGEST:,.0f} patients the chance is "
            f"{_short_of_power(float(plan.chosen.settled[-1]))}, with endlessly many {percent(plan.endless)}."
        )
    if plan.needed <= SMALLEST:
        only = (
            ", but only because one more is counted"
            if plan.uninformed is not Conclusion.OPEN
            else ""
        )
        return (
            f"Even a small {trial} would settle this with a chance of at least {POWER:.0%}{only}."
        )
    return (
        f"One further {trial} of about {patients(plan.needed)} patients would settle this with a chance of "
        f"{POWER:.0%}."
    )


def _short_of_power(chance: float) -> str:
    """A chance below `POWER`, and not rounded up to it.

    >>> _short_of_power(0.7968), _short_of_power(0.4)
    ('just under 80%', '40%')
    """
    return f"just under {POWER:.0%}" if percent(chance) == percent(POWER) else percent(chance)


def sentences(found: Answer, plan: Plan) -> Iterator[str]:
    """What settled means, why no trial settles it where none does, what to expect, and on what this rests."""
    q = found.question
    yield _meaning_of_settled(found)
    yield from _why_not(found, plan)
    yield from _expected(found, plan)
    if not q.one_group and plan.needed is None and q.tau2 != "EE":
        if plan.now_common is not Conclusion.OPEN:
            yield (
                "If all trials estimated one common effect, the question would be settled already: what stands in the "
                "way is how far trials differ from each other."
            )
        elif plan.needed_common is not None:
            yield (
                f"If all trials estimated one common effect and were analysed so, about "
                f"{patients(plan.needed_common)} patients would do: what stands in the way is how far trials differ."
            )
    yield from _spread_sentence(found, plan)
    yield from _belief_sentences(found, plan)


def _expected(found: Answer, plan: Plan) -> Iterator[str]:
    """What a trial of the usual size would lead to."""
    q, trial, size = found.question, trial_of(found.question), f"{TYPICAL:,.0f}"
    still = percent(plan.chance(TYPICAL, Conclusion.OPEN))
    if plan.now is not Conclusion.OPEN:
        others = [c for c in Conclusion if c not in (plan.now, Conclusion.OPEN)]
        yield (
            f"After such a {trial} the question would be open again with a chance of {still}, and settled otherwise "
            f"with {percent(plan.chance(TYPICAL, *others))}."
        )
        return
    if plan.uninformed is not Conclusion.OPEN:
        why = (
            f"with this interval method ({words.CI_METHODS[q.ci]}) every {trial}, however small, narrows the interval "
            "by being counted"
            if len(found.studies) > FEW or not by_rule(q.tau2, q.ci)
            else f"from {FEW + 1} studies on the difference between {trial}s is estimated, not averaged over a prior"
        )
        yield (
            f"One more {trial} that says nothing at all would already settle it: {why}. That is a property of the "
            "method, no reason to plan a small trial."
        )
    if q.one_group:
        return
    who, whom = words.SHORT[q.intervention], words.SHORT[q.comparator]
    parts = [
        (plan.chance(TYPICAL, Conclusion.BENEFIT, Conclusion.IMPORTANT),
         f"a difference in favour of {who}"),
        (plan.chance(TYPICAL, Conclusion.NOT_IMPORTANT), "no important benefit"),
        (plan.chance(TYPICAL, Conclusion.HARM), f"a difference in favour of {whom}"),
    ]  # fmt: skip
    said = "; ".join(f"{what} {percent(chance)}" for chance, what in parts if chance >= 0.005)
    if said:
        yield f"With {size} patients the chances are: {said}; still open {still}."
    nothing_ = f"if its true effect is no difference, {percent(float(plan.if_nothing.settled[0]))}"
    important = (
        ""
        if plan.if_important is None
        else f"; if it is the important difference, {percent(float(plan.if_important.settled[0]))}"
    )
    yield f"Chance that such a trial settles the question: {nothing_}{important}."


def _meaning_of_settled(found: Answer) -> str:
    level = level_text(found.question.level)
    if found.question.one_group:
        return (
            f"“Settled” means: the {level} interval of all series lies wholly above or wholly below the claimed "
            f"{words.CLAIMED_PERCENT}%."
        )
    if found.mid is None:
        return (
            f"“Settled” means: the {level} interval of all trials, the new one included, excludes no difference. No "
            "important difference is set for this outcome."
        )
    return (
        f"“Settled” means: the {level} interval of all trials, the new one included, excludes either no difference "
        f"or a benefit of {found.mid.value:g} {found.question.spec.unit} or more."
    )


def _why_not(found: Answer, plan: Plan) -> Iterator[str]:
    """Why the chance stays low however large the trial; nothing where it does not."""
    pooled, q = found.pooled, found.question
    assert pooled is not None
    if plan.endless >= POWER:
        return
    if pooled.k < FEW and by_rule(q.tau2, q.ci):
        yield (
            f"{pooled.k + 1} studies say little of how far {trial_of(q)}s differ, and the interval is averaged over "
            f"how much they may; patients in one {trial_of(q)} cannot make up for few of them."
        )
    elif pooled.k < FEW and q.ci != "wald" and q.tau2 != "EE":
        yield (
            f"With {pooled.k + 1} studies the interval chosen learns from {counted(pooled.k, 'degree')} of freedom how "
            f"far {trial_of(q)}s differ, so it stays wide unless all agree; patients in one {trial_of(q)} cannot make "
            "up for few of them."
        )
    else:
        tau, what = math.sqrt(pooled.tau2 or 0.0), "series" if q.one_group else "trials"
        unit = q.spec.unit if q.spec.kind == "score" else "on the log scale"
        differ = (
            f"their true effects differ by a standard deviation of {number(tau)} {unit}"
            if tau > 0 and not q.one_group
            else f"τ = {number(tau)} {unit}"
            if tau > 0
            else "how far they differ is not known from so few"
        )
        yield (
            f"A larger {trial_of(q)} measures its own result better, not the difference between {what} ({differ}): "
            f"only further {what} can do that, not further patients in one."
        )


def _spread_sentence(found: Answer, plan: Plan) -> Iterator[str]:
    q, sd = found.question, plan.spread.sd
    if q.one_group or sd is None:
        return
    known = [s.patients for s in found.studies if not math.isnan(s.patients)]
    borrowed = (
        f" ({counted(plan.spread.borrowed, 'study', 'studies')} with a borrowed standard deviation)"
        if plan.spread.borrowed
        else ""
    )
    if q.spec.kind == "score":
        text = (
            f"The new trial is taken to be as precise as those here: a standard deviation between patients of "
            f"{number(sd)} {q.spec.unit}, pooled over {counted(plan.spread.studies, 'study', 'studies')}{borrowed}."
        )
        if found.mid is not None:
            size = information_size(found.mid.value, sd, POWER, q.level)
            text += (
                f" A single trial planned on its own to find {found.mid.value:g} {q.spec.unit} with {POWER:.0%} power "
                f"needs {size:,} patients in all; the studies here have {sum(known):,.0f}."
            )
        yield text
    else:
        yield (
            "The new trial is taken to be as precise for its size as those here, with the event as frequent as "
            "there."
        )


def _belief_sentences(found: Answer, plan: Plan) -> Iterator[str]:
    q = found.question
    better = [probability_better(found, model, 0.0) for _, model in plan.fits]
    if q.one_group:
        yield (
            f"The probability that the mean share in such groups exceeds {words.CLAIMED_PERCENT}% is "
            f"{percent(better[0])} ({_range(better)} across priors)."
        )
        return
    who = words.SHORT[q.intervention]
    text = (
        f"Bayesian model: the probability that {who} is better on average is {percent(better[0])} "
        f"({_range(better)} across priors)"
    )
    if found.mid is not None:
        by = [probability_better(found, model, found.mid.value) for _, model in plan.fits]
        text += (
            f", and that it is better by more than {found.mid.value:g} {q.spec.unit} {percent(by[0])} "
            f"({_range(by)})"
        )
    yield f"{text}."


def _range(chances: list[float]) -> str:
    low, high = percent(min(chances)), percent(max(chances))
    return low if low == high else f"{low} to {high}"


def cautions(found: Answer) -> Iterator[str]:
    """Why not to plan on these numbers alone."""
    q, pooled = found.question, found.pooled
    assert pooled is not None
    if q.one_group:
        yield (
            "This is a share in treated groups. A further series of any size says nothing about what the treatment "
            "did: only a comparison can."
        )
    if said := by_inverse_variance(found):
        yield said
    if not found.told.together:
        yield (
            f"{studies_in(q, pooled.k).capitalize()}: how far a next trial may differ from "
            f"{'it' if pooled.k == 1 else 'them'} comes from the prior, hardly from data."
        )
    yield (
        f"A new {trial_of(q)} is taken to be like those here, with their flaws: a better one may find what the "
        "model does not expect."
    )
