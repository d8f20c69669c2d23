"""The words that stand in and under figures: model, heterogeneity, sides, axis titles."""

from __future__ import annotations

import textwrap

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.mid import Mid
from analysis.appraisal.wording import ends, estimate, favours, kind
from analysis.appraisal.wording import interval as interval_of
from analysis.effects.scale import level_text, printed
from analysis.effects.study_effect import number
from analysis.prose import counted, listed
from analysis.question import Question


def sides(question: Question) -> tuple[str, str]:
    """The labels under the left and the right half of the axis.

    >>> sides(Question())[1]
    'favours ▶<br>sham'
    """
    if question.one_group:
        return "", ""
    names = {
        "intervention": words.SHORT[question.intervention],
        "comparator": words.SHORT[question.comparator],
    }
    left, right = names[favours(question, -1)], names[favours(question, 1)]
    return f"◀ favours<br>{left}", f"favours ▶<br>{right}"


def axis_title(question: Question) -> str:
    """What the axis measures, in words."""
    outcome = question.spec
    if outcome.kind == "score":
        scale = f", scale {outcome.scale[0]:g}–{outcome.scale[1]:g}" if outcome.scale else ""
        what = "Change from before treatment" if question.one_group else "Mean difference"
        return f"{what} ({outcome.unit}{scale})"
    if question.one_group:
        return f"Percent of {words.UNITS[question.unit]}"
    name = words.MEASURES[question.effect_measure]
    return (
        name[0].upper()
        + name[1:]
        + (" (percentage points)" if question.effect_measure == "RD" else "")
    )


COUNTED = {
    "exact": "Counts of all studies together, exact (Clopper-Pearson)",
    "mh": "Common-effect model of the counts (Mantel-Haenszel)",
    "peto": "Common-effect model of the counts (Peto)",
    "glmm": "Binomial-normal mixed model, maximum likelihood",
}
"""Models of counts, in words; the others are told by how tau² and the interval were found."""


def model_line(answer: Answer) -> str:
    """The model in one line, as it is printed under figures and cited in exports."""
    q, pooled = answer.question, answer.pooled
    assert pooled is not None
    if (special := COUNTED.get(answer.told.model)) is not None:
        return f"{special}; {level_text(q.level)} CI."
    if pooled.tau2_method == "EE":
        return f"Common-effect model; {level_text(q.level)} CI by {words.CI_METHODS[pooled.ci_method]}."
    if pooled.ci_method == "posterior":
        return (
            "Mean averaged over how much true effects may differ (exponential prior of τ, its mean the studies' "
            f"average standard error); {level_text(q.level)} credible interval (CrI), never shorter than Wald's with "
            "random effects (REML)."
        )
    line = (
        f"Random-effects model, {pooled.tau2_method}; {level_text(q.level)} CI by "
        f"{words.CI_METHODS[pooled.ci_method]}"
    )
    if pooled.pi_low is not None:
        line += "; the prediction interval allows for the doubt about τ²"
    return line + "."


def heterogeneity_line(answer: Answer) -> str:
    """Heterogeneity in one line: tau², its interval, I², Q with its P."""
    pooled = answer.pooled
    assert pooled is not None
    parts = []
    if pooled.tau2 is not None and pooled.tau2_method != "EE":
        interval = ""
        if pooled.tau2_ci_low is not None and pooled.tau2_ci_high is not None:
            ends = f"{_fine(pooled.tau2_ci_low)} to {_fine(pooled.tau2_ci_high)}"
            interval = f" ({kind(pooled)} {ends})"
        parts.append(f"τ² {_fine(pooled.tau2)}{interval}")
    if pooled.i2 is not None:
        parts.append(f"I² {pooled.i2:.0f}%")
    if pooled.q is not None and pooled.q_p_value is not None:
        parts.append(f"Q {number(pooled.q)} on {pooled.q_df} df (P {p_text(pooled.q_p_value)})")
    return f"Heterogeneity: {', '.join(parts)}."


def p_text(p: float) -> str:
    """A P value with its sign and as many digits as it deserves: ``= 0.042`` or ``< 0.001``."""
    return "< 0.001" if p < 0.001 else f"= {number(p, 3 if p < 0.1 else 2)}"


def caption(answer: Answer) -> str:
    """A forest plot's text alternative: what is drawn, the pooled value, and how studies differ."""
    pooled, q = answer.pooled, answer.question
    if pooled is None:
        return answer.sentence
    if pooled.k == 1:
        return f"{q.title()}: one study, {answer.studies[0].label}, {interval_text(answer)}; not pooled."
    interval = interval_of(q, pooled)
    text = f"{q.title()}: {pooled.k} studies, pooled {printed(q, pooled.estimate)} ({interval})"
    if pooled.pi_low is not None and pooled.pi_high is not None:
        text += f", prediction interval {range_text(q, pooled.pi_low, pooled.pi_high)}"
    return f"{text}. {heterogeneity_line(answer)}"


def interval_text(answer: Answer) -> str:
    """The result that is told, short: −0.72 (−1.56 to 0.12); of two groups of patients, both figures."""
    q, told = answer.question, answer.told
    assert told is not None
    if q.one_group and answer.apart:
        return listed([printed(q, s.estimate) for s in answer.studies])
    return estimate(q, told.result)


def counted_text(answer: Answer) -> str:
    """The result that is told and its studies: "−0.53 (−1.42 to 0.34), 2 studies"."""
    return f"{interval_text(answer)}, {counted(len(answer.studies), 'study')}"


def range_text(question: Question, low: float, high: float) -> str:
    """Two values of the pooled scale as a range; the unit stands once, at its end.

    >>> range_text(Question(), -1.564, 0.12)
    '−1.56 to 0.12'
    """
    return ends(question, low, high)


def too_small(mid: Mid) -> str:
    """What stands at the band between no difference and the minimal important one.

    >>> too_small(Mid(1.5, "set by the reader"))
    'under 1.5: too small to matter'
    """
    return f"under {mid.value:g}: too small to matter"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; Plotly does not break lines by itself."""
    return textwrap.wrap(text, width) or [""]


def _fine(value: float) -> str:
    if 0 < value < 0.001:
        return "<0.001"
    return (
        number(value, 2 if value < 100 else 0) if value == 0 or value >= 0.005 else f"{value:.1g}"
    )
