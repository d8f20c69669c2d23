"""The parts from which an answer's sentences are made: who, what, when, how much, from how many.

Pure text from a Question and a result; no verdict is reached and no model chosen here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from analysis import vocabulary as words
from analysis.effects.scale import digits, level_text, printed, shown
from analysis.effects.study_effect import StudyEffect, number
from analysis.prose import counted, listed, lower_first
from analysis.question import Question
from analysis.synthesis import Pooled


def favours(question: Question, value: float) -> str:
    """Whom an effect favours: the one place where a sign becomes a side.

    >>> favours(Question(), -0.5), favours(Question(), 0.5), favours(Question(), 0.0)
    ('intervention', 'comparator', 'neither')
    """
    if value == 0:
        return "neither"
    better = (value < 0) == question.spec.lower_is_better
    return "intervention" if better else "comparator"


def benefit(question: Question, low: float, high: float) -> tuple[float, float]:
    """An interval turned so that positive favours the intervention.

    >>> benefit(Question(), -1.0, 0.25)
    (-0.25, 1.0)
    """
    return (-high, -low) if question.spec.lower_is_better else (low, high)


def subject(question: Question) -> str:
    """The outcome inside a sentence."""
    return lower_first(question.spec.label)


def after(whom: str) -> str:
    """A treatment as what came before: "after vertebroplasty", "with non-surgical care"."""
    return f"with {whom}" if whom.startswith("non") else f"after {whom}"


def at(question: Question) -> str:
    """When: "at 1 month", "in the first days"."""
    return f"{'in' if question.time == '1d' else 'at'} {moment(question)}"


def moment(question: Question) -> str:
    article = "the " if question.time == "1d" or question.window.target is None else ""
    return article + question.window.label


def population(question: Question) -> str:
    """Which patients were asked about, where not everybody's; empty otherwise.

    >>> population(Question(etiology="malignant", fracture_age="6w"))
    'malignant fractures at most 6 weeks old at entry'
    >>> population(Question(fracture_age="6w"))
    'fractures at most 6 weeks old at entry'
    """
    cause = words.ETIOLOGIES[question.etiology] if question.etiology != "any" else ""
    age = words.FRACTURE_AGES[question.fracture_age][0] if question.fracture_age != "any" else ""
    if not (cause and age):
        return cause or age
    noun, _, rest = age.partition(" ")  # said once where both speak of it
    return f"{cause} {rest}" if cause.endswith(f" {noun}") else f"{cause}, {age}"


def trials(studies: Sequence[StudyEffect]) -> str:
    """How many studies of which design, from most to least rigorous.

    >>> trials([])
    ''
    """
    counts = Counter(s.design for s in studies)
    return listed(
        [
            counted(n, words.DESIGNS[d], words.DESIGN_PLURALS[d])
            for d in words.DESIGNS
            if (n := counts[d])
        ]
    )


def patients(studies: Sequence[StudyEffect], unit: str = "patients") -> str:
    """How many patients (or units) stand behind studies; empty where no study says."""
    known = [s.patients for s in studies if not math.isnan(s.patients)]
    if not known:
        return ""
    least = "at least " if len(known) < len(studies) else ""
    return f"{least}{sum(known):,.0f} {unit}"


# --- results ---------------------------------------------------------------------------------------
def interval(question: Question, result: Pooled) -> str:
    """The interval with its level and kind: "95% CI −1.56 to 0.12"."""
    return f"{kind(result)} {ends(question, result.ci_low, result.ci_high)}"


def kind(result: Pooled) -> str:
    """Level and kind of an interval: 95% CI, or where a prior was averaged over 95% CrI (credible interval)."""
    return f"{level_text(result.level)} {'CrI' if _credible(result) else 'CI'}"


def kind_spelled(result: Pooled) -> str:
    """The same in full: "95% confidence interval"."""
    return f"{level_text(result.level)} {'credible' if _credible(result) else 'confidence'} interval"


def kinds(results: Iterable[Pooled | None], level: float, studies: bool = False) -> str:
    """What a heading over several results calls their intervals: "95% CI", or "95% interval" where kinds differ.

    `studies`: whether single studies, with confidence intervals, stand under the same heading.
    """
    names = {kind(result) for result in results if result is not None}
    names |= {f"{level_text(level)} CI"} if studies else set()
    return names.pop() if len(names) == 1 else f"{level_text(level)} interval"


def _credible(result: Pooled) -> bool:
    return result.ci_method == "posterior"


def ends(question: Question, low: float, high: float) -> str:
    """Two limits as a range; the unit stands once, at its end; none lies outside the scale.

    >>> ends(Question(), -1.564, 0.12), ends(Question(), -17.73, 13.88)
    ('−1.56 to 0.12', 'below −10 to above 10')
    """
    unit = question.effect_measure != "RD" and not question.one_group
    return f"{limit(question, low, unit)} to {limit(question, high)}"


def estimate(question: Question, result: Pooled) -> str:
    """Estimate and interval, short: "−0.72 (−1.56 to 0.12)"."""
    return f"{printed(question, result.estimate)} ({ends(question, result.ci_low, result.ci_high)})"


def limit(question: Question, value: float, unit: bool = True) -> str:
    """A limit of an interval.

    One that would print as no difference, but is not, gets more decimals; one that no patient can reach, because
    the scale ends before, says so.
    """
    if beyond := _off_scale(question, value):
        return beyond
    text = printed(question, value, unit)
    if question.one_group or value == 0 or text != printed(question, 0.0, unit):
        return text
    factor = 100.0 if question.effect_measure == "RD" else 1.0
    null = factor * float(shown(question.effect_measure, 0.0))
    exact = factor * float(shown(question.effect_measure, value))
    behind = text[len(number(null, 1)) :] if question.effect_measure == "RD" else ""
    for decimals in range(2, 7):
        longer = number(exact, decimals)
        if longer != number(null, decimals):
            return longer + behind
    return text


def _off_scale(question: Question, value: float) -> str:
    """What to print of a difference larger than the scale is wide; empty for any other value."""
    scale = question.spec.scale
    if question.spec.kind != "score" or scale is None or abs(value) <= scale[1] - scale[0]:
        return ""
    width = number(math.copysign(scale[1] - scale[0], value), 0)
    return f"below {width}" if value < 0 else f"above {width}"


def difference(question: Question, value: float) -> str:
    """A difference between groups in words: "0.51 points lower", "no difference"."""
    size = number(abs(value), digits(question))
    if float(size) == 0:
        return "the same"
    return f"{size} {question.spec.unit} {'lower' if value < 0 else 'higher'}"


def compared(question: Question, value: float) -> str:
    """Pain "was 0.51 points lower after vertebroplasty than after a sham procedure", as the sentence goes on."""
    who, whom = words.SPOKEN[question.intervention], words.SPOKEN[question.comparator]
    size = difference(question, value)
    joined = (
        f"{after(who)} as {after(whom)}"
        if size == "the same"
        else f"{after(who)} than {after(whom)}"
    )
    return f"{size} {joined}"
