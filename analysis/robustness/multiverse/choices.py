"""Which choices are crossed for a Question: the rule by which another analysis counts as defensible.

An alternative is crossed when somebody who asks this very question could have taken it without asking about
other patients, other treatments or another outcome. Field by field:

- time: the window asked and the one before and after it; where exactly a window ends is convention, and papers
  print what they have. The longest follow-up has no neighbour and is not varied.
- designs, between groups: the kinds asked, and the ladder of rigour: masked trials; all randomised trials;
  these and comparative cohorts. One group: the kinds asked; every kind; uncontrolled series; groups of
  comparative studies.
- etiology: any cause, or the most common cause alone (the first of the topic), where one of the two was asked (most
  reports are about it, and many do not say). The other causes are other patients: not varied.
- report, abstract, inferred, borrow, industry, outliers: every value of the field.
- r, scores of one group only: 0.3, 0.5, 0.7 and the value asked. Papers seldom print the correlation; these
  span what is usually assumed.
- measure, proportions of one group only: logit, arcsine and raw proportions estimate the same quantity.
  Odds ratio, risk ratio and risk difference do not, and are not varied.
- tau2, ci: every estimator and interval of the house, the common-effect model included.

Not varied: outcome, treatments, age of the condition (the patients), unit, level, the important difference, and trials
that the reader left out by name.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.question import Question

Level = str | bool | float | tuple[str, ...]

DATA_FIELDS = (
    "time", "designs", "etiology", "report", "abstract", "inferred", "borrow", "industry",
    "outliers", "r", "measure",
)  # fmt: skip
"""Choices that decide which studies enter, with which effects."""

MODEL_FIELDS = ("tau2", "ci")
"""Choices that decide how the same effects are pooled."""

_CORRELATIONS = (0.3, 0.5, 0.7)
_BY_EFFECTS = ("", "iv")  # models of a measure that has none for counts
_SWITCHES = ("abstract", "inferred", "borrow", "industry", "outliers")


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of the Question and the levels that are crossed, in their natural order, the one asked included."""

    field: str
    levels: tuple[Level, ...]


def level_of(question: Question, field: str) -> Level:
    """The level at which a Question stands: what `Choice.levels` holds for it."""
    if field == "designs":
        return question.admits
    return question.effect_measure if field == "measure" else getattr(question, field)


def choices_of(question: Question) -> tuple[Choice, ...]:
    """The choices that are open for a Question; those with one level only are left out.

    >>> {choice.field: len(choice.levels) for choice in choices_of(Question())}["time"]
    3
    >>> [choice.levels for choice in choices_of(Question(time="1d")) if choice.field == "time"]
    [('1d', '1w')]
    """
    causes = tuple(words.ETIOLOGIES)[:2]
    levels: dict[str, tuple[Level, ...]] = {
        "time": _windows(question.time),
        "designs": _designs(question),
        "etiology": causes if question.etiology in causes else (question.etiology,),
        "report": tuple(words.REPORTS),
        **dict.fromkeys(_SWITCHES, (True, False)),
        "r": (question.r,),
        "measure": (question.effect_measure,),
        "tau2": tuple(
            method
            for method in words.TAU2_METHODS
            if method == question.tau2 or method not in words.TAU2_VARIANTS
        ),
        "ci": tuple(words.CI_METHODS),
    }
    if question.one_group and question.spec.kind == "score":
        levels["r"] = tuple(sorted({*_CORRELATIONS, question.r}))
    if question.one_group and question.spec.kind == "event":
        levels["measure"] = tuple(
            measure
            for measure in question.measures()
            if measure == question.effect_measure
            or question.model in words.MODELS_OF.get(measure, _BY_EFFECTS)
        )
    return tuple(
        Choice(field, levels[field])
        for field in (*DATA_FIELDS, *MODEL_FIELDS)
        if len(levels[field]) > 1
    )


def _windows(asked: str) -> tuple[str, ...]:
    line = [key for key, window in words.WINDOWS.items() if window.target is not None]
    if asked not in line:
        return (asked,)
    at = line.index(asked)
    return tuple(line[max(0, at - 1) : at + 2])


def _designs(question: Question) -> tuple[tuple[str, ...], ...]:
    """The kinds asked first, where they are no rung of the ladder."""
    between = (words.MASKED, words.RANDOMISED, words.COMPARATIVE)
    within = (tuple(words.DESIGNS), words.SERIES, words.COMPARATIVE)
    ladder = tuple(dict.fromkeys(d for d in (within if question.one_group else between) if d))
    return ladder if question.admits in ladder else (question.admits, *ladder)
