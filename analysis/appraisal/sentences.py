"""An answer as a headline of at most twelve words and a sentence of at most twenty-five.

Both follow from the verdict and the result that is told; neither looks at how many studies there are but to
say so. Where the shortest form is still too long, parts that stand elsewhere on every surface are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analysis import vocabulary as words
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import after, at, difference, interval, moment, population
from analysis.effects.scale import digits, printed
from analysis.effects.study_effect import StudyEffect, number
from analysis.prose import capital, counted, listed, lower_first, words_in
from analysis.question import Question
from analysis.synthesis.told import Told

HEADLINE_WORDS, SENTENCE_WORDS = 12, 25


def headline(
    question: Question, studies: Sequence[StudyEffect], told: Told | None, verdict: Verdict | None
) -> str:
    """The answer as a title: "Pain at 1 month: no important difference between vertebroplasty and sham".

    >>> headline(Question(), (), None, None)
    'Pain at 1 month: no usable result for vertebroplasty against sham'
    """
    q, who = question, _short(question.intervention)
    if told is None:
        against = "" if q.one_group else f" against {_short(q.comparator)}"
        return _shortest(
            HEADLINE_WORDS,
            (
                f"{label}{when}: no usable result for {who}{against}"
                for when in (f" {at(q)}", "")
                for label in _labels(q)
            ),
        )
    if q.one_group:
        return _one_group_headline(q, studies, told)
    assert verdict is not None
    whom = _short(q.comparator)
    said = _titled(verdict, who, whom)
    return _shortest(
        HEADLINE_WORDS,
        (f"{label}{when}: {said}" for when in (f" {at(q)}", "") for label in _labels(q)),
    )


def _titled(verdict: Verdict, who: str, whom: str) -> str:
    return {
        Verdict.IMPORTANT_BENEFIT: f"important benefit of {who} over {whom}",
        Verdict.BENEFIT: f"{who} better than {whom}, perhaps importantly",
        Verdict.SMALL_BENEFIT: f"{who} better than {whom}, too little to matter",
        Verdict.NO_IMPORTANT_DIFFERENCE: f"no important difference between {who} and {whom}",
        Verdict.UNCERTAIN: f"unclear whether {who} is better than {whom}",
        Verdict.SMALL_HARM: f"{who} worse than {whom}, too little to matter",
        Verdict.HARM: f"{who} worse than {whom}, perhaps importantly",
        Verdict.IMPORTANT_HARM: f"{who} importantly worse than {whom}",
        Verdict.BETTER: f"{who} better than {whom}",
        Verdict.WORSE: f"{who} worse than {whom}",
    }[verdict]


def _one_group_headline(q: Question, studies: Sequence[StudyEffect], told: Told) -> str:
    who = _short(q.intervention)
    if q.spec.kind == "score":
        changed = _changed(q, studies, told)
        return _shortest(
            HEADLINE_WORDS,
            (
                f"{label} {changed} after {who}{tail}"
                for tail in (
                    ": not an effect of treatment",
                    ", no comparison group",
                    ", uncontrolled",
                )
                for label in _labels(q)
            ),
        )
    share = _share(q, studies, told)
    kind = f", {words.KINDS[q.kind]}" if q.counted else ""
    tails = (kind,) if q.outcome in words.TREATMENT_ONLY else (f"{kind}: no comparison group", kind)
    return _shortest(
        HEADLINE_WORDS,
        (f"{label} in {share} after {who}{tail}" for tail in tails for label in _labels(q)),
    )


def sentence(
    question: Question, studies: Sequence[StudyEffect], told: Told, verdict: Verdict | None
) -> str:
    """The answer in one sentence that can be read aloud."""
    if question.one_group:
        return _one_group(question, studies, told)
    assert verdict is not None
    q, result = question, told.result
    said = "unclear" if verdict is Verdict.UNCERTAIN else verdict.value
    basis = counted(len(studies), "trial" if _all_trials(studies) else "study")
    cause = f" in {population(q)}" if population(q) else ""
    ends = interval(q, result)
    if q.spec.kind == "score":
        change = difference(q, result.estimate)
        who, whom = words.SPOKEN[q.intervention], words.SPOKEN[q.comparator]
        than = "as" if change == "the same" else "than"
        forms = (
            f"{said}: {lower_first(label)} was {change} {after(a)} {than} {after(b)} {at(q)}{cause} ({ends}; {basis})."
            for a, b in ((who, whom), (_short(q.intervention), _short(q.comparator)))
            for label in _labels(q)
        )
        short = (
            f"{said}: {lower_first(label)} {change} {after(_short(q.intervention))} {than} {_short(q.comparator)} "
            f"{at(q)} ({ends}{tail})."
            for tail in (f"; {basis}", "")
            for label in _labels(q)
        )
        return capital(_shortest(SENTENCE_WORDS, (*forms, *short)))
    measure = words.MEASURES[q.effect_measure]
    pair = f"{_short(q.intervention)} against {_short(q.comparator)}"
    forms = (
        f"{said}: {lower_first(label)} {at(q)}{whose}, {pair}: {measure} {printed(q, result.estimate)} ({ends}{tail})."
        for whose, tail in ((cause, f"; {basis}"), (cause, ""), ("", ""))
        for label in _labels(q)
    )
    return capital(_shortest(SENTENCE_WORDS, forms))


def _one_group(q: Question, studies: Sequence[StudyEffect], told: Told) -> str:
    groups = counted(len(studies), "group")
    ends = groups if len(_each(studies, told)) > 1 else f"{_moved(q, told)}; {groups}"
    ends += f"; {words.KINDS[q.kind]}" if q.kind else ""
    for who in (words.SPOKEN[q.intervention], _short(q.intervention)):
        if q.spec.kind == "score":
            by = "in the first days" if q.time == "1d" else f"by {moment(q)}"
            tails = (
                ": before and after, not an effect of treatment",
                ": not an effect of treatment",
                ": uncontrolled",
            )
            forms = [
                f"{label} {_changed(q, studies, told)} {by} {after(who)} ({ends}){tail}."
                for tail in tails
                for label in _labels(q)
            ]
        else:
            share, of = _share(q, studies, told), q.unit
            tails = (
                ("",)
                if q.outcome in words.TREATMENT_ONLY
                else (
                    ": no comparison, so not an effect of treatment",
                    ": not an effect of treatment",
                    "",
                )
            )
            forms = [
                f"{capital(q.spec.unit)} in {share} of {of} {after(who)} {at(q)} ({ends}){tail}."
                for tail in tails
            ]
        for form in forms:
            if words_in(form) <= SENTENCE_WORDS:
                return form
    return forms[-1]


def _moved(q: Question, told: Told) -> str:
    """The interval of one group's figure; of a score that fell, how far."""
    result = told.result
    if q.spec.kind == "score" and result.estimate < 0:
        result = replace(result, ci_low=-result.ci_high, ci_high=-result.ci_low)
    return interval(q, result)


def _changed(q: Question, studies: Sequence[StudyEffect], told: Told) -> str:
    """How a score moved within groups: "fell by 5.31 points", of two groups each."""
    values = _each(studies, told)
    sizes = [number(abs(v), digits(q)) for v in values]
    side = "fell" if values[0] < 0 else "rose"
    if any((v < 0) != (values[0] < 0) for v in values):
        return f"changed by {listed([printed(q, v) for v in values])} {q.spec.unit}"
    return f"{side} by {listed(sizes)} {q.spec.unit}"


def _share(q: Question, studies: Sequence[StudyEffect], told: Told) -> str:
    return listed([printed(q, v) for v in _each(studies, told)])


def _each(studies: Sequence[StudyEffect], told: Told) -> list[float]:
    """The values that are told: the pooled one, or where studies are not taken together theirs."""
    together = told.together or len(studies) != 2
    return [told.result.estimate] if together else [s.estimate for s in studies]


def no_study(question: Question, *, compared: bool, left_out: int) -> str:
    """The sentence where no result can be used; `compared` says whether any study has these groups.

    >>> no_study(Question(intervention="BKP"), compared=False, left_out=118)
    'No randomised trial has compared kyphoplasty with a sham procedure.'
    """
    q, who = question, _short(question.intervention)
    kind = "randomised trial" if set(q.admits) <= set(words.RANDOMISED) else "study"
    patients = f" in {population(q)}" if population(q) else ""
    if not compared:
        whom = f" with {words.SPOKEN[q.comparator]}" if not q.one_group else ""
        verb = "reports on" if q.one_group else "has compared"
        return f"No {kind} {verb} {who}{whom}{patients}."
    patients += f", {words.KINDS[q.kind]}" if q.kind else ""
    found = "can be used" if left_out else "was found"
    return _shortest(
        SENTENCE_WORDS,
        (
            f"No published result {found} for {lower_first(q.spec.label)} {at(q)} {after(who)}{against}{patients}."
            for against in (
                ("",)
                if q.one_group
                else (f" compared with {words.SPOKEN[q.comparator]}", f" against {_short(q.comparator)}")
            )
        ),
    )


# --- what a sentence may leave out -----------------------------------------------------------------
def _labels(q: Question) -> tuple[str, ...]:
    """The outcome's name, whole and without what stands in brackets."""
    bare = q.spec.label.partition(" (")[0]
    return (bare,) if q.spec.kind == "event" else tuple(dict.fromkeys((q.spec.label, bare)))


def _short(treatment: str) -> str:
    name = words.SHORT[treatment]
    return f"{name} care" if name == "non-surgical" else name


def _all_trials(studies: Iterable[StudyEffect]) -> bool:
    return all(s.design in words.RANDOMISED for s in studies)


def _shortest(most: int, forms: Iterable[str]) -> str:
    """The first form that is short enough; else the last."""
    form = ""
    for form in forms:
        if words_in(form) <= most:
            break
    return form
