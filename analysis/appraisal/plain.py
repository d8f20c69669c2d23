"""One plain sentence by certainty and size, in GRADE's wording; only where a certainty was published.

Wording: Santesso et al. 2020, J Clin Epidemiol 119, 126-135, table 3: high "results in", moderate "likely
results in", low "may result in", very low "the evidence is very uncertain". Size: the pooled value against the
minimal important difference. Below it, and with an interval that includes no difference, it is "little to no
difference"; an interval that excludes it is said to be a difference smaller than the important one. The
certainty is the review's, the size that of the studies here: the page shows both sources beside it.
"""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.appraisal.certainty import Answered
from analysis.appraisal.details import marks_of
from analysis.appraisal.published import Judgement
from analysis.appraisal.wording import favours

_VERB = {"high": "results in", "moderate": "likely results in", "low": "may result in"}


def plain_sentence(answer: Answered, judgement: Judgement | None) -> str | None:
    """The sentence, or None where there is no published certainty, no figure or no threshold of size.

    None, too, where a reader's own studies or hypothetical trials are in the answer.
    """
    q, pooled = answer.question, answer.pooled
    if judgement is None or pooled is None or q.one_group:
        return None
    if marks_of(answer.studies):  # nobody has judged a body of evidence that holds these
        return None
    outcome = q.spec.label[0].lower() + q.spec.label[1:]
    when = f"at {q.window.label}" if q.window.target is not None else "at the longest follow-up"
    who, whom = words.SPOKEN[q.intervention], words.SPOKEN[q.comparator]
    if judgement.level == "very low":
        return (
            f"The evidence is very uncertain about the effect of {who} on {outcome} {when}, "
            f"compared with {whom}."
        )
    if answer.mid is None:
        return None
    value, verb = pooled.estimate, _VERB[judgement.level]
    subject = who[0].upper() + who[1:]
    side = "reduction" if value < 0 else "increase"
    better = "" if favours(q, value) == "intervention" else f" (in favour of {whom})"
    if abs(value) >= answer.mid.value:
        size = f"an important {side} in {outcome}"
    elif pooled.ci_low <= 0 <= pooled.ci_high:
        size, better = f"little to no difference in {outcome}", ""
    else:
        size = f"a {side} in {outcome} that is smaller than the minimal important difference"
    return f"{subject} {verb} {size} {when}, compared with {whom}{better}."


def neutral_reason(answer: Answered, judgement: Judgement | None) -> str:
    """Why no sentence by certainty and size stands there."""
    if answer.pooled is None:
        return "No study answers this question, so there is nothing whose certainty could be rated."
    if answer.question.one_group:
        return (
            "Figures from one group are not effects: no certainty of an effect is rated for them."
        )
    if marks := marks_of(answer.studies):
        return (
            f"This answer includes {' and '.join(marks)}: no published judgement of certainty covers that, so no "
            "sentence by certainty and size is given."
        )
    if judgement is None:
        return (
            "No published judgement of certainty (GRADE) on this comparison and outcome was found, so none is "
            "shown: the signals below are facts, not a rating."
        )
    return (
        "No important difference is set for this outcome, so no sentence by size is given; the published "
        "judgement and the signals are shown below."
    )
