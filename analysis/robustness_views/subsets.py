"""Is it one cloud or two? The same model on every subset of the studies (GOSH)."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.errors import InputError
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.gosh import EACH, gosh_figure
from analysis.figures.words import range_text
from analysis.question import Question
from analysis.robustness.gosh import SAMPLE, SEED, Gosh, gosh, mover
from analysis.robustness_views.reading import (
    by_inverse_variance,
    claimed,
    effects_of,
    nothing,
    plain_facts,
    plain_figure,
    share_text,
)
from analysis.robustness_views.view import Panel, Progress, View, quiet

KEY = "subsets"

FEWEST = 4
"""Fewer studies have four subsets of two or more at most: a table says it."""

FEW = 10
"""Below so many studies a cloud is a handful of points."""


def view(
    question: Question,
    evidence: Evidence,
    *,
    narrow: bool = False,
    progress: Progress = quiet,
    study: str = "",
) -> View:
    """All subsets of the studies of a Question; `study` (a trial's study_id) gives the colour.

    By default it is the one whose presence moves the estimate most.

    Raises
    ------
    ValueError
        When `study` is none of the studies that answer.
    """
    asked = answer(question, evidence)
    trials = [s.trial for s in asked.studies]
    if study and study not in trials:
        raise InputError(f"study: found {study!r}, allowed: {', '.join(trials) or 'none'}")
    if asked.pooled is None:
        return nothing(KEY, asked)
    if asked.pooled.k == 1:
        sentence = f"One study, {asked.studies[0].label}: it has no subsets to compare."
        return View(KEY, sentence, facts={"k": 1})
    progress(0, 2, "pooling the subsets")
    found = _subsets(question, evidence)
    chosen = trials.index(study) if study else mover(found)
    progress(1, 2, "drawing")
    panels = (_panel(asked, found, chosen, narrow),)
    progress(2, 2, "done")
    return View(
        KEY,
        _finding(asked, found, chosen),
        tuple(_sentences(asked, found)),
        tuple(_cautions(asked, found)),
        panels,
        _facts(asked, found, chosen),
    )


@remembered(maxsize=4)
def _subsets(question: Question, evidence: Evidence) -> Gosh:
    return gosh(*effects_of(answer(question, evidence)), question.tau2, question.ci)


# --- sentences -----------------------------------------------------------------------------------
def _finding(asked: Answer, found: Gosh, chosen: int) -> str:
    q = asked.question
    if found.studies == 2:
        return (
            f"Two studies have one subset to pool, both together: {printed(q, float(found.estimate[0]))}. There is "
            "nothing to compare."
        )
    low, high = float(found.estimate.min()), float(found.estimate.max())
    name = f"All {len(found):,} subsets" if found.exhaustive else f"{len(found):,} subsets drawn"
    with_study, without = found.medians(chosen)
    who = asked.studies[chosen].label
    moves = f"{who} moves them most: the" if chosen == mover(found) else f"Coloured by {who}: the"
    return (
        f"{name} of two studies or more give estimates from {range_text(q, low, high)}. {moves} median is "
        f"{printed(q, with_study)} with it and {printed(q, without)} without."
    )


def _sentences(asked: Answer, found: Gosh) -> list[str]:
    q = asked.question
    if found.studies == 2:
        return []
    sentences = []
    quartiles = np.percentile(found.i2, [25, 50, 75])
    if not q.one_group:
        benefit = found.estimate * (-1.0 if q.spec.lower_is_better else 1.0)
        first = share_text(np.mean(benefit > 0))
        sentences.append(
            f"The estimate favours {words.SPOKEN[q.intervention]} in {first} of the subsets."
        )
        if asked.mid is not None:
            reached = share_text(np.mean(benefit >= asked.mid.value))
            sentences.append(
                f"The benefit reaches the important difference of {asked.mid.value:g} {q.spec.unit} in {reached}."
            )
    elif (mark := claimed(q)) is not None:
        sentences.append(
            f"The estimate exceeds the claimed share in {share_text(np.mean(found.estimate > mark))}."
        )
    sentences.append(
        f"I² runs from {found.i2.min():.0f}% to {found.i2.max():.0f}%, with a median of {quartiles[1]:.0f}%."
    )
    if not found.exhaustive:
        sentences.append(
            f"{found.studies} studies have too many subsets to pool them all: {SAMPLE:,} were drawn, each study in or "
            f"out by the toss of a coin (seed {SEED})."
        )
    return sentences


def _cautions(asked: Answer, found: Gosh) -> list[str]:
    if found.studies == 2:
        return ["With two studies there is nothing to see here."]
    if found.studies < FEWEST:
        return ["With three studies there is little to see: four subsets."]
    cautions = ["Subsets share studies: how many lie on a side is not a probability."]
    cautions += [said] if (said := by_inverse_variance(asked)) else []
    if found.studies < FEW:
        cautions.append(
            f"With {found.studies} studies the cloud is a handful of points: a gap in it may be chance."
        )
    return cautions


# --- figure and table ----------------------------------------------------------------------------
def _panel(asked: Answer, found: Gosh, chosen: int, narrow: bool) -> Panel:
    q = asked.question
    name = asked.studies[chosen].label
    if found.studies < FEWEST:
        return Panel(
            "subsets", _finding(asked, found, chosen), None,
            f"{q.title()}: every subset of two studies or more.",
            ("Studies", "Estimate", "I²"), tuple(_each_subset(asked, found)),
        )  # fmt: skip
    what = (
        "a mark"
        if len(found) <= EACH
        else "counted in the cell where it lies: the stronger its colour, the more"
    )
    caption = (
        f"{q.title()}. Each subset of two studies or more is {what}; across its estimate, up its I². In colour those "
        f"with {name}, grey those without. Lines above and beside: how each of the two kinds is distributed. "
        "The diamond is the set of all studies."
    )
    return Panel(
        "subsets", _finding(asked, found, chosen),
        plain_figure(gosh_figure(asked, found, chosen, narrow=narrow)), caption,
        ("Study", "Median with it", "Median without", "Median I² with it", "Median I² without"),
        tuple(_by_study(asked, found)),
    )  # fmt: skip


def _each_subset(asked: Answer, found: Gosh) -> list[tuple[str, ...]]:
    labels = [s.label for s in asked.studies]
    return [
        (
            ", ".join(label for label, held in zip(labels, found.held[:, at], strict=True) if held),
            printed(asked.question, float(found.estimate[at])),
            f"{found.i2[at]:.0f}%",
        )
        for at in range(len(found))
    ]


def _by_study(asked: Answer, found: Gosh) -> list[tuple[str, ...]]:
    rows = []
    for at, study in enumerate(asked.studies):
        having = found.held[at]
        medians = [printed(asked.question, value) for value in found.medians(at)]
        i2 = [f"{np.median(found.i2[part]):.0f}%" for part in (having, ~having)]
        rows.append((study.label, *medians, *i2))
    return rows


def _facts(asked: Answer, found: Gosh, chosen: int) -> dict[str, Any]:
    with_study, without = found.medians(chosen)
    return plain_facts(
        {
            "k": found.studies, "subsets": len(found), "exhaustive": found.exhaustive,
            "lowest": found.estimate.min(), "median": np.median(found.estimate),
            "highest": found.estimate.max(), "i2_lowest": found.i2.min(),
            "i2_median": np.median(found.i2), "i2_highest": found.i2.max(),
            "study": asked.studies[chosen].trial, "median_with": with_study,
            "median_without": without,
        }
    )  # fmt: skip
