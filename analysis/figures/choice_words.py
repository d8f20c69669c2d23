"""The choices of a multiverse in words: what is chosen, and what each level means."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.question import Question
from analysis.robustness.multiverse import Crossed
from analysis.robustness.multiverse.choices import Level

_CHOICES: dict[str, str] = {
    "time": "Time",
    "designs": "Kinds of study",
    "report": "Report of a trial",
    "abstract": "Results read in abstracts",
    "inferred": "Inferred signs and ranges",
    "borrow": "Borrowed spreads",
    "industry": "Industry-funded studies",
    "outliers": "Outliers",
    "r": "Correlation before-after",
    "measure": "Scale of the proportion",
    "tau2": "Heterogeneity variance",
    "ci": "Interval method",
}

_SCALES = {"PLO": "logit", "PAS": "arcsine", "PR": "untransformed"}
_SHORT = {
    "HKSJ, never narrower than Wald": "HKSJ, at least Wald",
    "groups of comparative studies": "comparative studies",
    "the best documented": "best documented",
    "the newest": "newest",
}
_LONGEST = 24


def choice_name(field: str) -> str:
    """What is chosen, as a heading."""
    return words.CAUSE_NAME if field == "etiology" else _CHOICES[field]


def _kinds(designs: tuple[str, ...]) -> str:
    """Kinds of study, all that share a property under its name."""
    several = {
        words.RANDOMISED: "randomised trials",
        words.COMPARATIVE: "trials and cohorts",
        tuple(words.DESIGNS): "every kind of study",
    }
    if len(designs) == 1:
        return words.DESIGN_PLURALS[designs[0]]
    return several.get(designs) or ", ".join(words.DESIGNS[design] for design in designs)


def level_words(question: Question, field: str, level: Level) -> str:
    """A level of a choice, short.

    >>> level_words(Question(), "designs", words.RANDOMISED), level_words(Question(), "borrow", False)
    ('randomised trials', 'left out')
    """
    if isinstance(level, bool):
        return "included" if level else "left out"
    if field == "designs":
        assert isinstance(level, tuple)
        if question.one_group and level == words.COMPARATIVE:
            return "groups of comparative studies"
        return _kinds(level)
    if field == "r":
        return f"{level:g}"
    if field == "etiology":
        return words.ETIOLOGIES["any"] if level == "any" else f"{level} only"
    if field == "tau2":
        return "common effect" if level == "EE" else str(level)
    table = {
        "time": {key: window.label for key, window in words.WINDOWS.items()},
        "report": words.REPORTS,
        "measure": _SCALES,
        "ci": words.CI_METHODS,
    }[field]
    return table[str(level)]


def group_words(question: Question, choice: Crossed, group: int, *, short: bool = False) -> str:
    """Levels that make no difference between them, in a row; `short` for the space beside an axis.

    >>> merged = Crossed("tau2", (("REML", "DL", "PM", "EB", "HE", "ML", "HS"), ("SJ",)))
    >>> group_words(Question(), merged, 0, short=True), group_words(Question(), merged, 1)
    ('REML and 6 more', 'SJ')
    """
    names = [level_words(question, choice.field, level) for level in choice.groups[group]]
    if short:
        names = [_SHORT.get(name, name) for name in names]
    text = ", ".join(names)
    if short and len(text) > _LONGEST and len(names) > 1:
        return f"{names[0]} and {len(names) - 1} more"
    return text
