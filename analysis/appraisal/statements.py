"""An answer in sentences that can be read aloud: effect, interval, whom it favours, and what kind of evidence.

No sentence says "significant". What cannot be said is said to be unknown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis import vocabulary as words
from analysis.appraisal.mid import Mid
from analysis.appraisal.verdict import Verdict, verdict
from analysis.effects.scale import digits, printed, shown
from analysis.effects.study_effect import StudyEffect, number
from analysis.evidence.own import counted, is_hypothetical, is_own
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
    if marks := marks_of(studies):
        said = _state(question, studies, left_out, pooled, common, mid)
        first = said.finding[0].lower() + said.finding[1:]
        return replace(said, finding=f"With {' and '.join(marks)}: {first}")
    return _state(question, studies, left_out, pooled, common, mid)


def marks_of(studies: Sequence[StudyEffect]) -> tuple[str, ...]:
    """What must be said of an answer that rests on more than published evidence; empty otherwise.

    Hypothetical trials first, then the reader's own studies.
    """
    found = {study.trial for study in studies if is_own(study.study_id)}
    made_up = {name for name in found if is_hypothetical(name)}
    return tuple(counted(names) for names in (made_up, found - made_up) if names)


def _state(
    question: Question,
    studies: Sequence[StudyEffect],
    left_out: Sequence[LeftOut],
    pooled: Pooled,
    common: Pooled | None,
    mid: Mid | None,
) -> Statement:
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
    evidence = f"{_kind_of_evidence(question, studies)} {_silent(studies, left_out)}".strip()
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
    opening = f"In {_trials(studies)}{_population(studies)}{_patients(studies, question.unit)}"
    interval = _interval(question, pooled.ci_low, pooled.ci_high, pooled.level)
    estimate = printed(question, pooled.estimate)
    if question.spec.kind == "score":
        size, unit = number(abs(pooled.estimate), digits(question)), question.spec.unit
        side = "lower" if pooled.estimate < 0 else "higher"
        compared = f"{size} {unit} {side} {_after(who)} than {_after(whom)}"
        if float(size) == 0:
            compared = f"the same {_after(who)} as {_after(whom)}"
        return (
            f"{opening}, {_subject(question)} was on average {compared} {_time(question)}"
            f"{_on_scale(question)} (difference {estimate}; {interval})."
        )
    name = words.MEASURES[question.effect_measure]
    null = "1" if question.effect_measure in words.RATIOS else "0"
    more = "less" if pooled.estimate < 0 else "more"
    compared = f"{more} frequent {_after(who)} than {_after(whom)}"
    if pooled.estimate == 0:
        compared = f"as frequent {_after(who)} as {_after(whom)}"
    return (
        f"{opening}, {question.spec.unit} was {compared} {_time(question)}: {name} {estimate} "
        f"({interval}; {null} means no difference)."
    )


def _subject(question: Question) -> str:
    label = question.spec.label
    return label[0].lower() + label[1:]


def _after(whom: str) -> str:
    return f"with {whom}" if whom.startswith("non") else f"after {whom}"


def _on_scale(question: Question) -> str:
    scale = question.spec.scale
    return f", on a scale of {scale[0]:g} to {scale[1]:g}" if scale else ""


def _time(question: Question) -> str:
    return f"{'in' if question.time == '1d' else 'at'} {_moment(question)}"


def _moment(question: Question) -> str:
    article = "the " if question.time == "1d" or question.window.target is None else ""
    return article + question.window.label


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
    what = (
        "figure in a similar new group"
        if question.one_group
        else "true effect in a similar new study"
    )
    return f" The {what} is expected between {low} and {high}."


def _kind_of_evidence(question: Question, studies: Sequence[StudyEffect]) -> str:
    cohorts = sum(s.design == "comparative_cohort" for s in studies)
    told = question.spec.key in words.TOLD_BY_PATIENTS
    if cohorts == len(studies):
        which = "This study was not" if cohorts == 1 else "None of these studies was"
        return f"{which} randomised: the groups may have differed before treatment."
    if cohorts:
        return (
            "Not all of these studies were randomised: in those that were not, the groups may have differed "
            "before treatment."
        )
    if all(s.design == "sham_rct" for s in studies):
        acts = ": expectation acts on both groups alike" if told else ""
        return f"Patients did not know which procedure they had{acts}."
    if all(s.blinded for s in studies):
        return "Patients were randomised and were not told which treatment they had."
    if any(s.blinded or s.design == "sham_rct" for s in studies):
        return (
            "In some of these trials patients did not know what they received, in others they did."
        )
    acts = ": expectation may account for part of the difference" if told else ""
    return f"Patients were randomised but knew what they received{acts}."


def _population(studies: Sequence[StudyEffect]) -> str:
    causes = {s.etiology for s in studies}
    only = causes.pop() if len(causes) == 1 else ""
    return f" in {only} fractures" if only in ("malignant", "traumatic") else ""


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
            f"treatment to {_moment(question)} {_after(who)}{_on_scale(question)} (change {estimate}; "
            f"{interval})."
        )
    else:
        finding = (
            f"{opening}, {question.spec.unit} was reported in {estimate} of the {question.unit} "
            f"{_after(who)}, {_time(question)} ({interval})."
        )
    single = "One study is shown, not pooled. " if pooled.k == 1 else ""
    happened = "This says what happened in treated groups, not what the treatment did."
    if question.outcome in words.CEMENT_EVENTS:
        happened = ""
    meaning = f"{single}{happened}{_prediction(question, pooled)}"
    return Statement(finding, meaning.strip(), _what_adds(question))


def _what_adds(question: Question) -> str:
    """Why a figure from one group says little about the treatment."""
    if question.outcome in words.CEMENT_EVENTS:
        return "How such events are defined and how closely they are looked for differs between studies."
    if question.spec.kind == "score" or not question.spec.lower_is_better:
        return "Natural healing, regression to the mean, expectation and selection all add to such a figure."
    return "Without a comparison nothing says how many of these events the treatment caused or prevented."


def _groups(studies: Sequence[StudyEffect]) -> str:
    return f"{len(studies)} {'group' if len(studies) == 1 else 'groups'} of patients"


# --- nothing to pool -----------------------------------------------------------------------------
def _nothing(question: Question, left_out: Sequence[LeftOut]) -> str:
    what = question.title()
    if not left_out:
        return f"No printed result in hand speaks to this question ({what})."
    counts = Counter(row.reason for row in left_out)
    reasons = "; ".join(f"{REASONS[reason]} ({n})" for reason, n in counts.most_common(3))
    rows = "1 printed row comes" if len(left_out) == 1 else f"{len(left_out)} printed rows come"
    most = "mostly " if len(counts) > 3 else ""
    return (
        f"Not known: no printed result in hand answers this question ({what}). "
        f"{rows} near it but cannot enter: {most}{reasons}."
    )


# --- words and numbers ---------------------------------------------------------------------------
def _interval(question: Question, low: float, high: float, level: float) -> str:
    unit = question.effect_measure != "RD"
    return f"{100 * level:g}% CI {_limit(question, low, unit)} to {_limit(question, high)}"


def _limit(question: Question, value: float, unit: bool = True) -> str:
    """A limit of an interval; one that would print as no difference, but is not, gets more decimals."""
    text = printed(question, value, unit)
    if question.one_group or value == 0 or text != printed(question, 0.0, unit):
        return text
    factor = 100.0 if question.effect_measure == "RD" else 1.0
    null = factor * float(shown(question.effect_measure, 0.0))
    exact = factor * float(shown(question.effect_measure, value))
    words_behind = text[len(number(null, 1)) :] if question.effect_measure == "RD" else ""
    for decimals in range(2, 7):
        longer = number(exact, decimals)
        if longer != number(null, decimals):
            return longer + words_behind
    return text


def _trials(studies: Sequence[StudyEffect]) -> str:
    counts = Counter(s.design for s in studies)
    parts = [
        f"{n} {words.DESIGNS[d] if n == 1 else words.DESIGNS[d] + 's'}"
        for d in words.DESIGNS
        if (n := counts.get(d, 0))
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _patients(studies: Sequence[StudyEffect], unit: str = "patients") -> str:
    known = [s.patients for s in studies if not math.isnan(s.patients)]
    if not known:
        return ""
    least = "at least " if len(known) < len(studies) else ""
    return f" ({least}{sum(known):,.0f} {unit})"
