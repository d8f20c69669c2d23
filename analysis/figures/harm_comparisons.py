"""Odds ratios of a harm between treatments: randomised trials and cohorts in panels of their own."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.figures.layers import Layer, Line, layers
from analysis.figures.words import interval_text
from analysis.question import Question
from analysis.survey.harms import Comparison

TITLES = {
    "randomised": "Randomised trials",
    "cohorts": "Cohorts: the groups may have differed before treatment",
}


def by_measure(comparison: Comparison, measure: str) -> Answer | None:
    """The Answer of a comparison in one effect measure; None where no study gives it."""
    found = (a for a in comparison.answers if a.question.effect_measure == measure)
    return next(found, None)


def comparisons_figure(compared: Sequence[Comparison], *, narrow: bool = False) -> go.Figure | None:
    """Draw the pairs that have an odds ratio; None when none has."""
    panels = []
    for designs, title in TITLES.items():
        lines = tuple(
            Line(_codes(c.question) if narrow else pair_name(c.question), found)
            for c in compared
            if c.designs == designs and (found := by_measure(c, "OR"))
        )
        if lines:
            panels.append(Layer(title, lines))
    if not panels:
        return None
    return layers(
        panels, axis_title="Odds ratio", left="◀ fewer with the first", right="more with the first ▶",
        narrow=narrow,
    )  # fmt: skip


def pair_name(question: Question) -> str:
    """The two treatments, and the unit where it is not patients: "This v that, levels"."""
    who, whom = words.SHORT[question.intervention], words.SHORT[question.comparator]
    unit = f", {question.unit}" if question.unit != "patients" else ""
    return f"{who[0].upper()}{who[1:]} v {whom}{unit}"


def _codes(question: Question) -> str:
    """The same where space is short: "A v B, levels"."""
    unit = f", {question.unit}" if question.unit != "patients" else ""
    return f"{question.intervention} v {question.comparator}{unit}"


def comparisons_caption(compared: Sequence[Comparison]) -> str:
    """Every pair with its odds ratio, then the randomised pairs that nobody counted."""
    shown, none = [], []
    for c in compared:
        found = by_measure(c, "OR")
        kind = "cohorts" if c.designs == "cohorts" else "randomised"
        if found:
            k = len(found.studies)
            shown.append(
                f"{pair_name(c.question)} {interval_text(found)}, "
                f"{k} {'study' if k == 1 else 'studies'}, {kind}"
            )
        elif c.designs == "randomised":
            none.append(pair_name(c.question))
    text = f"Odds ratio: {'; '.join(shown)}." if shown else ""
    gaps = f" No randomised comparison with counts: {', '.join(none)}." if none else ""
    return f"{text}{gaps}".strip()
