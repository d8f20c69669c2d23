"""An answer in sentences that can be read aloud: effect, interval, whom it favours, and what kind of evidence.

No sentence says "significant". What cannot be said is said to be unknown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.appraisal.mid import Mid
from analysis.appraisal.verdict import Verdict, verdict
from analysis.effects.scale import digits, printed
from analysis.effects.study_effect import StudyEffect, number
from analysis.evidence.select import REASONS, LeftOut
from analysis.question import Question
from analysis.synthesis import Pooled


@dataclass(frozen=True, slots=True)
class Statement:
    """The sentences of an answer; `verdict` is None for one group and where nothing was pooled."""

    finding: str
    meaning: str
    evidence: str
    verdict: Verdict | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.finding, self.meaning, self.evidence) if part)


def state(
    question: Question,
    studies: Sequence[StudyEffect],
    left_out: Sequence[LeftOut],
    pooled: Pooled | None,
    common: Pooled | None,
    mid: Mid | None,
) -> Statement:
    """Compose the statement; pure, and the same for the same inputs."""
    if not studies or pooled is None:
        return Statement(_nothing(question, left_out), "", "")
    if question.one_group:
        return _one_group(question, studies, pooled)
    decided = judge(question, pooled, mid)
    finding = _finding(question, studies, pooled)
    if pooled.k == 1:
        meaning = f"One study is shown, not pooled. {_meaning(question, decided, mid)}"
    elif pooled.k == 2 and common is not None and pooled.tau2 is not None:
        meaning = _two_studies(question, pooled, common) + _meaning(question, decided, mid)
    else:
        meaning = _meaning(question, decided, mid) + _prediction(question, pooled)
    evidence = f"{_kind_of_evidence(studies)} {_silent(studies, left_out)}".strip()
    return Statement(finding, meaning.strip(), evidence, decided)


def judge(question: Question, pooled: Pooled, mid: Mid | None) -> Verdict:
    """The verdict on a pooled (or single) comparison, on the side of benefit."""
    sign = -1.0 if question.spec.lower_is_better else 1.0
    low, high = sorted((sign * pooled.ci_low, sign * pooled.ci_high))
    return verdict(low, high, mid.value if mid else None)


def favours(question: Question, value: float) -> str:
    """Whom an effect favours: the one place where a sign becomes a side.

    >>> favours(Question(), -0.5), favours(Question(), 0.5), favours(Question(), 0.0)
    ('intervention', 'comparator', 'neither')
    """
    if value == 0:
        return "neither"
    better = (value < 0) == question.spec.lower_is_better
    return "intervention" if better else "comparator"


# --- comparisons between groups ------------------------------------------------------------------
def _finding(question: Question, studies: Sequence[StudyEffect], pooled: Pooled) -> str:
    who, whom = words.SPOKEN[question.intervention], words.SPOKEN[question.comparator]
    opening = f"In {_trials(studies)}{_patients(studies)}{_population(studies)}"
    interval = _interval(question, pooled.ci_low, pooled.ci_high, pooled.level)
    if question.spec.kind == "score":
        size, unit = number(abs(pooled.estimate), digits(question)), question.spec.unit
        side = "lower" if pooled.estimate < 0 else "higher"
        if float(size.replace("−", "-")) == 0:
            return (
                f"{opening}, {_subject(question)} was the same on average after {who} as {_after(whom)} "
                f"{_time(question)}{_on_scale(question)} ({interval})."
            )
        return (
            f"{opening}, {_subject(question)} was on average {size} {unit} {side} after {who} than "
            f"{_after(whom)} {_time(question)}{_on_scale(question)} ({interval})."
        )
    name = words.MEASURES[question.effect_measure]
    estimate = printed(question, pooled.estimate)
    more = "less" if pooled.estimate < 0 else "more"
    null = "1" if question.effect_measure in words.RATIOS else "0"
    return (
        f"{opening}, the {name} of {_event(question)} after {who} against {whom} was {estimate} "
        f"{_time(question)} ({interval}; {null} means no difference, and this estimate means {more} of it "
        f"after {who})."
    )


def _subject(question: Question) -> str:
    label = question.spec.label
    return label if label.startswith("Quality") else label[0].lower() + label[1:]


def _after(whom: str) -> str:
    return f"with {whom}" if whom.startswith("non") else f"after {whom}"


def _on_scale(question: Question) -> str:
    scale = question.spec.scale
    return f", on a scale of {scale[0]:g} to {scale[1]:g}" if scale else ""


def _event(question: Question) -> str:
    return question.spec.unit


def _time(question: Question) -> str:
    label = question.window.label
    return (
        f"at the {label}"
        if question.window.target is None
        else (f"in the {label}" if question.time == "1d" else f"at {label}")
    )


def _meaning(question: Question, decided: Verdict, mid: Mid | None) -> str:
    who, whom = words.SPOKEN[question.intervention], words.SPOKEN[question.comparator]
    against = (
        f"the minimal important difference of {mid.value:g} {question.spec.unit}" if mid else ""
    )
    if mid is None:
        sides = {
            Verdict.BENEFIT: f"The whole interval favours {who}.",
            Verdict.HARM: f"The whole interval favours {whom}.",
        }
        unknown = (
            "The interval is compatible with a difference either way: which is better is not known."
        )
        return sides.get(decided, unknown)
    for_t, for_c = f"The interval favours {who}", f"The interval favours {whom}"
    return {
        Verdict.IMPORTANT_BENEFIT: (
            f"The whole interval lies beyond {against}: an important benefit on average."
        ),
        Verdict.BENEFIT: (
            f"{for_t}, but it spans {against}: whether the average benefit matters to patients is not known."
        ),
        Verdict.SMALL_BENEFIT: (
            f"{for_t}, and all of it is smaller than {against}: too small to matter on average."
        ),
        Verdict.NO_IMPORTANT_DIFFERENCE: (
            f"The interval excludes {against} in either direction: no important difference on average."
        ),
        Verdict.UNCERTAIN: (
            f"The interval holds both no difference and {against}: "
            "whether there is a difference that matters is not known."
        ),
        Verdict.SMALL_HARM: f"{for_c}, and all of it is smaller than {against}.",
        Verdict.HARM: f"{for_c}, and it spans {against}.",
        Verdict.IMPORTANT_HARM: f"The whole interval lies beyond {against} in favour of {whom}.",
    }[decided]


def _two_studies(question: Question, pooled: Pooled, common: Pooled) -> str:
    assumed = _interval(question, common.ci_low, common.ci_high, common.level)
    return (
        "Two studies cannot tell how far true effects differ between studies, so this interval is very "
        f"wide and no prediction is made; if both estimated one common effect it would be "
        f"{printed(question, common.estimate)} ({assumed}). "
    )


def _prediction(question: Question, pooled: Pooled) -> str:
    if pooled.pi_low is None or pooled.pi_high is None:
        return ""
    low, high = printed(question, pooled.pi_low), printed(question, pooled.pi_high)
    return f" The true effect in a similar new study is expected between {low} and {high}."


def _kind_of_evidence(studies: Sequence[StudyEffect]) -> str:
    designs = {s.design for s in studies}
    if designs == {"sham_rct"}:
        return (
            "Patients did not know which procedure they had: expectation acts on both groups alike."
        )
    if "comparative_cohort" in designs:
        return (
            "Not all of these studies were randomised: the groups may have differed before treatment, "
            "and nobody was blinded."
        )
    if designs == {"open_rct"}:
        return (
            "Patients were randomised but knew what they received: expectation may account for part of "
            "the difference."
        )
    return "Some of these trials were sham-controlled, in others patients knew what they received."


def _population(studies: Sequence[StudyEffect]) -> str:
    causes = {s.etiology for s in studies}
    only = causes.pop() if len(causes) == 1 else ""
    return f", {only} fractures" if only in ("malignant", "traumatic") else ""


def _silent(studies: Sequence[StudyEffect], left_out: Sequence[LeftOut]) -> str:
    """Trials that measured it but printed no figure: their absence from the pool is a possible bias."""
    trials = {row.trial for row in left_out if row.reason == "no figure"} - {
        s.trial for s in studies
    }
    if not trials:
        return ""
    which = "One more study" if len(trials) == 1 else f"{len(trials)} more studies"
    return f"{which} measured this but printed no figure that can be pooled."


# --- one group -----------------------------------------------------------------------------------
def _one_group(question: Question, studies: Sequence[StudyEffect], pooled: Pooled) -> Statement:
    who = words.SPOKEN[question.intervention]
    interval = _interval(question, pooled.ci_low, pooled.ci_high, pooled.level)
    opening = f"In {_groups(studies)}{_patients(studies, question.unit)}"
    estimate = printed(question, pooled.estimate)
    if question.spec.kind == "score":
        side = "fell" if pooled.estimate < 0 else "rose"
        size = number(abs(pooled.estimate), digits(question))
        finding = (
            f"{opening}, {_subject(question)} {side} by {size} {question.spec.unit} on average from before "
            f"{who} to {question.window.label}{_on_scale(question)} ({interval})."
        )
    else:
        finding = (
            f"{opening}, {_event(question)} was reported in {estimate} of the {question.unit} after {who}, "
            f"{_time(question)} ({interval})."
        )
    single = "One study is shown, not pooled. " if pooled.k == 1 else ""
    meaning = (
        single
        + "This is what happened in one group, not what the treatment did."
        + _prediction(question, pooled)
    )
    evidence = "Natural healing, regression to the mean, expectation and selection all add to such a figure."
    return Statement(finding, meaning, evidence)


def _groups(studies: Sequence[StudyEffect]) -> str:
    return f"{len(studies)} {'group' if len(studies) == 1 else 'groups'} of patients"


# --- nothing to pool -----------------------------------------------------------------------------
def _nothing(question: Question, left_out: Sequence[LeftOut]) -> str:
    what = question.title()
    if not left_out:
        return f"No printed result in hand speaks to this question ({what})."
    counts = Counter(row.reason for row in left_out)
    reasons = "; ".join(f"{n} {REASONS[reason]}" for reason, n in counts.most_common(3))
    return (
        f"Not known: no printed result in hand answers this question ({what}). "
        f"{len(left_out)} printed rows come near it but cannot enter: {reasons}."
    )


# --- words and numbers ---------------------------------------------------------------------------
def _interval(question: Question, low: float, high: float, level: float) -> str:
    unit = question.effect_measure != "RD"
    return f"{level:.0%} CI {printed(question, low, unit)} to {printed(question, high)}"


def _trials(studies: Sequence[StudyEffect]) -> str:
    counts = Counter(s.design for s in studies)
    parts = [
        f"{n} {words.DESIGNS[d] if n == 1 else words.DESIGNS[d] + 's'}"
        for d in words.DESIGNS
        if (n := counts.get(d, 0))
    ]
    return " and ".join(parts)


def _patients(studies: Sequence[StudyEffect], unit: str = "patients") -> str:
    known = [s.patients for s in studies if not math.isnan(s.patients)]
    if not known:
        return ""
    least = "at least " if len(known) < len(studies) else ""
    return f" ({least}{sum(known):,.0f} {unit})"
