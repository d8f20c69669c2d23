"""What stands behind an answer's sentence: what it means, how sure, what kind of evidence, what is missing.

`cautions` are the few of these that must stand beside the answer wherever it goes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from analysis import vocabulary as words
from analysis.appraisal.mid import Mid
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import ends
from analysis.effects.study_effect import StudyEffect
from analysis.evidence.own import counted as counted_own
from analysis.evidence.own import is_hypothetical, is_own
from analysis.evidence.select import REASONS, LeftOut
from analysis.prose import capital, counted, listed
from analysis.question import Question
from analysis.synthesis.told import Told


def details(
    question: Question,
    studies: Sequence[StudyEffect],
    left_out: Sequence[LeftOut],
    told: Told,
    verdict: Verdict | None,
    mid: Mid | None,
) -> tuple[str, ...]:
    """The sentences behind the first one, the most important first."""
    lines = [] if question.one_group else [_meaning(question, verdict, mid)]
    if not (question.one_group and apart(told)):
        lines.append(told.reason)
    if told.result.k > 2:  # of fewer, the reason says it
        lines.append(_prediction(question, told))
    lines.append(
        _what_adds(question) if question.one_group else kind_of_evidence(question, studies)
    )
    lines.append(missing(silent(studies, left_out)))
    return tuple(filter(None, lines))


def _meaning(question: Question, verdict: Verdict | None, mid: Mid | None) -> str:
    """The interval against no difference and against the important one."""
    assert verdict is not None
    who, whom = words.SPOKEN[question.intervention], words.SPOKEN[question.comparator]
    if mid is None:
        return {
            Verdict.BETTER: f"The whole interval favours {who}.",
            Verdict.WORSE: f"The whole interval favours {whom}.",
        }.get(
            verdict,
            f"The result is compatible with a difference either way: whether {who} or {whom} is better is not known.",
        )
    size = f"{mid.value:g} {question.spec.unit}"
    return {
        Verdict.IMPORTANT_BENEFIT: (
            f"The whole interval lies beyond {size}, the smallest difference that matters to patients."
        ),
        Verdict.BENEFIT: (
            f"{capital(who)} is better on average; whether by the {size} that matter to patients is not known."
        ),
        Verdict.SMALL_BENEFIT: (
            f"{capital(who)} is better on average, but by less than the {size} that matter to patients."
        ),
        Verdict.NO_IMPORTANT_DIFFERENCE: (
            f"An average difference of {size}, the smallest that matters to patients, is ruled out either way."
        ),
        Verdict.UNCERTAIN: (
            f"The result is compatible with no difference and with one of {size}, which patients would notice: "
            "which of these is true is not known."
        ),
        Verdict.SMALL_HARM: (
            f"{capital(whom)} is better on average, but by less than the {size} that matter to patients."
        ),
        Verdict.HARM: (
            f"{capital(whom)} is better on average; whether by the {size} that matter to patients is not known."
        ),
        Verdict.IMPORTANT_HARM: (
            f"The whole interval lies beyond {size}, the smallest difference that matters, in favour of {whom}."
        ),
    }[verdict]


def _prediction(question: Question, told: Told) -> str:
    if told.prediction is None:
        return told.prediction_note
    ranged = ends(question, told.prediction.low, told.prediction.high)
    what = (
        "value in a similar new group"
        if question.one_group
        else "true effect in a similar new study"
    )
    return f"The {what} is expected between {ranged}.".replace(" to ", " and ", 1)


def apart(told: Told) -> bool:
    """Whether studies are to be shown one by one, not as one pooled bar."""
    return not told.together and told.result.k > 1


def kind_of_evidence(question: Question, studies: Sequence[StudyEffect]) -> str:
    """Who knew what, and who was allocated how: what the design lets the result say."""
    cohorts = sum(s.design not in words.RANDOMISED for s in studies)
    patient_reported = question.spec.key in words.TOLD_BY_PATIENTS
    if cohorts == len(studies):
        which = "This study was not" if cohorts == 1 else "None of these studies was"
        return f"{which} randomised: the groups may have differed before treatment."
    if cohorts:
        return (
            "Not all of these studies were randomised: groups may have differed before treatment."
        )
    if all(s.design in words.MASKED for s in studies):
        acts = ": expectation acts on both groups alike" if patient_reported else ""
        return f"Patients did not know which procedure they had{acts}."
    if all(s.blinded for s in studies):
        return "Patients were randomised and were not told which treatment they had."
    if any(s.blinded or s.design in words.MASKED for s in studies):
        return (
            "In some of these trials patients did not know what they received, in others they did."
        )
    acts = ": expectation may explain part of the difference" if patient_reported else ""
    return f"Patients were randomised but knew what they received{acts}."


def _what_adds(question: Question) -> str:
    """Why a figure from one group says little about the treatment."""
    if question.outcome in words.TREATMENT_ONLY:
        return "How such events are defined and how closely they are looked for differs between studies."
    if question.spec.kind == "score" or not question.spec.lower_is_better:
        return "Natural healing, regression to the mean, expectation and selection all add to such a figure."
    return "Without a comparison nothing says how many of these events the treatment caused or prevented."


def silent(studies: Sequence[StudyEffect], left_out: Sequence[LeftOut]) -> frozenset[str]:
    """Trials that measured the outcome but reported no result that can be pooled."""
    trials = {row.trial for row in left_out if row.reason == "no figure"}
    return frozenset(trials - {s.trial for s in studies})


def missing(trials: frozenset[str]) -> str:
    """Their absence from the pool in one sentence; empty where none is missing."""
    if not trials:
        return ""
    which = "One more study" if len(trials) == 1 else f"{len(trials)} more studies"
    return f"{which} measured this but reported no result that can be pooled."


def nothing(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """Why related results could not be used, where nothing answers."""
    if not left_out:
        return ()
    counts = Counter(row.reason for row in left_out)
    reasons = listed([f"{REASONS[reason]} ({n})" for reason, n in counts.most_common(2)])
    mostly = "" if len(counts) <= 2 else ", mostly"
    return (f"{counted(len(left_out), 'related result')} could not be used{mostly}: {reasons}.",)


# --- what must stand beside it ---------------------------------------------------------------------
def cautions(
    question: Question, studies: Sequence[StudyEffect], told: Told | None
) -> tuple[str, ...]:
    """What no copy of the answer may lose."""
    return tuple(_cautions(question, studies, told)) if told is not None else ()


def one_group_caution(question: Question) -> str:
    """What a figure of one group is not; "" for events that come of the treatment alone.

    >>> one_group_caution(Question(comparator="NONE"))
    'Before and after in one group: not an effect of treatment.'
    """
    if question.spec.kind == "score":
        return "Before and after in one group: not an effect of treatment."
    if question.outcome not in words.TREATMENT_ONLY:
        return "One group without a comparison: not an effect of treatment."
    return ""


MUCH_LONGER = 1.5
"""From so many times on, `Told.lengthened` is a caution."""


def _cautions(question: Question, studies: Sequence[StudyEffect], told: Told) -> Iterator[str]:
    if question.one_group:
        if said := one_group_caution(question):
            yield said
    elif any(s.design not in words.RANDOMISED for s in studies):
        yield "Not all randomised: the groups may have differed before treatment."
    times = {s.timepoint for s in studies}
    if question.window.target is None and len(times) > 1:
        yield f"Follow-up times are mixed: {_span(studies)}."
    if apart(told) and not question.one_group:
        yield f"{counted(len(studies), 'study')} only: how far results vary from trial to trial cannot be judged."
    if told.lengthened >= MUCH_LONGER:
        yield (
            f"These studies differ by far more than chance: the interval was made {told.lengthened:.1f} times as long, "
            "to the ordinary one of random effects (Wald's)."
        )


def _span(studies: Sequence[StudyEffect]) -> str:
    dated = sorted((s.weeks, s.timepoint) for s in studies if not math.isnan(s.weeks))
    if not dated or dated[0][1] == dated[-1][1]:
        return listed(sorted({s.timepoint for s in studies})[:3])
    return f"{dated[0][1]} to {dated[-1][1]}"


def marks_of(studies: Sequence[StudyEffect]) -> tuple[str, ...]:
    """What must be said of an answer that rests on more than published evidence; empty otherwise.

    Hypothetical trials first, then the reader's own studies.
    """
    own = {study.trial for study in studies if is_own(study.study_id)}
    made_up = {name for name in own if is_hypothetical(name)}
    return tuple(counted_own(names) for names in (made_up, own - made_up) if names)
