"""Codes of `published_syntheses.csv`: what kind of figure a row holds and which question it answers.

The columns that begin with `q_` say in closed vocabularies what the review's own words mean; they were filled by
reading each row. Several outcomes stand in one cell, several comparisons as lists of equal length ("A; B" against
"P; Q"), treatments taken together are joined ("A+B").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis import vocabulary as words
from analysis.topic import topic

FIGURES: dict[str, str] = {
    "pooled": "a pooled figure",
    "range": "a range over studies, not a pooled figure",
    "extreme": "the effect of a single study, the smallest or the largest",
    "ranking": "a rank among treatments, not an effect",
    "association": "a risk factor or a trait, not a treatment",
    "count": "a count only: no pooled figure in the copy that was read",
    "trials": "a number of trials: no pooled figure in the copy that was read",
    "direction": "a direction only: no pooled figure in the copy that was read",
    "statement": "a statement: no pooled figure in the copy that was read",
    "recommendation": "a recommendation, not a result",
    "claim": "a figure that is stated, not pooled from studies",
    "bias": "a judgement on trials, not an outcome",
    "no_study": "the review found no study",
    "not_reached": "no pooled figure in the copy that was read",
}
MEASURES: dict[str, str] = {
    "MD": "mean difference",
    "SMD": "standardised mean difference",
    "RR": "risk ratio",
    "OR": "odds ratio",
    "log_OR": "log odds ratio",
    "HR": "hazard ratio",
    "RD": "risk difference",
    "change": "mean change",
    "mean": "mean",
    "percent": "percent",
    "proportion": "proportion",
    "unclear": "change, in points or standardised",
}
DESIGNS = ("randomised", "comparative", "cohorts", "series")
SELECTED: dict[str, str] = {
    "severe_pain": "patients chosen by severe pain, which the data do not hold",
    "other": "patients chosen by what the data do not hold",
}
POSITIVE = ("better", "worse", "unclear", "sign_lost")
OTHER, UNCLEAR = "OTHER", "UNCLEAR"
"""A treatment that no question asks about; control groups of which it is not known what they had."""


def units() -> tuple[str, ...]:
    return (*words.UNITS, "unstated")


PARTS: dict[str, str] = {
    "clinical": "the review counts clinical events apart; ours takes what each study reported",
    "radiological": "the review counts radiological events apart; ours takes what each study reported",
}
"""Parts of the events that can still stand beside ours, with what has to be said."""
EVENTS = ("all", *PARTS, "symptomatic", "asymptomatic", "site", "non_response")
INTERVALS = ("confidence", "credible", "range")
SCOPES = ("pool", "review")
LEVELS = ("very low", "low", "moderate", "high")
"""GRADE's four levels, lowest first."""


def listed(cell: str) -> tuple[str, ...]:
    """The entries of a cell.

    >>> listed("A+B; A"), listed("")
    (('A+B', 'A'), ())
    """
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def outcomes() -> tuple[str, ...]:
    """Outcomes that a Question can ask about, and, where a review names no instrument, their codes in the results."""
    sources = (outcome.source for outcome in topic().outcomes.values())
    return tuple(dict.fromkeys((*topic().outcomes, *sources, *topic().recorded_outcomes)))


def treatments() -> tuple[str, ...]:
    return (*words.INTERVENTIONS, OTHER)


def comparators() -> tuple[str, ...]:
    return (*treatments(), words.NONE, UNCLEAR)


def times() -> tuple[str, ...]:
    """Time windows, then what cannot be one: too late, several, or words alone."""
    windows = (key for key, window in words.WINDOWS.items() if window.target is not None)
    return (*windows, "later", "several", "short", "long", "last", "unstated")


def designs(code: str) -> tuple[str, ...]:
    """The designs that a Question names for the kinds of study behind a figure; none for its default."""
    if code == "comparative":
        return words.COMPARATIVE
    if code == "cohorts":
        return tuple(d for d in words.COMPARATIVE if d not in words.RANDOMISED)
    return ()


def comparisons(row: Mapping[str, Any]) -> list[tuple[frozenset[str], frozenset[str]]]:
    """What a row compares: each time the treatments of the one side and of the other.

    >>> comparisons({"q_intervention": "A+B; A", "q_comparator": "C; B"})[1]
    (frozenset({'A'}), frozenset({'B'}))
    """
    pairs = zip(listed(row["q_intervention"]), listed(row["q_comparator"]), strict=True)
    return [(frozenset(t.split("+")), frozenset(c.split("+"))) for t, c in pairs]


def covered(outcome: str) -> tuple[str, ...]:
    """The outcomes of the house that a code covers.

    >>> covered("disability"), covered("pain"), covered("other")
    (('rmdq', 'odi'), ('pain',), ())
    """
    if outcome in words.OUTCOMES:
        return (outcome,)
    return tuple(key for key, o in words.OUTCOMES.items() if o.source == outcome)
