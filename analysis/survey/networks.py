"""Figures of published network meta-analyses beside the network here: the same two treatments, each time there is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence import review_codes as codes
from analysis.evidence.memory import remembered
from analysis.evidence.records import records
from analysis.network import Contrast, network_answer
from analysis.network.trials import may_be_linked
from analysis.prose import counted
from analysis.question import Question
from analysis.survey.reviews import Reading, Row, read


@dataclass(frozen=True, slots=True)
class PublishedNetwork:
    """One pooled figure of a published network.

    `question` is about its outcome and its two treatments, at no time; `ours` is the network's result here at each time
    at which trials link the two, by window; `differences` says what sets the two networks apart, a phrase each.
    """

    reading: Reading
    question: Question
    ours: tuple[tuple[str, Contrast], ...]
    differences: tuple[str, ...]


def is_network(row: Row) -> bool:
    return bool(row["q_network"] == "yes")


@remembered(maxsize=4)
def published_networks(evidence: Evidence) -> tuple[PublishedNetwork, ...]:
    """The figures that can be laid beside ours: one outcome, two single treatments, in the order of the file."""
    return tuple(_found(evidence))


def only_ranked(evidence: Evidence) -> tuple[Row, ...]:
    """The rows of published networks that hold a rank or a direction instead of an effect."""
    rows = records(evidence, "published_syntheses")
    return tuple(row for row in rows if is_network(row) and row["figure"] != "pooled")


def _found(evidence: Evidence) -> Iterator[PublishedNetwork]:
    for row in records(evidence, "published_syntheses"):
        question = _question(row) if is_network(row) and row["figure"] == "pooled" else None
        if question is not None:
            ours = tuple(_ours(question, evidence))
            yield PublishedNetwork(read(row), question, ours, tuple(_differences(row, ours)))


def _question(row: Row) -> Question | None:
    """The outcome and the two treatments of a figure; None where it has not one of each."""
    outcomes, compared = codes.listed(row["q_outcome"]), codes.comparisons(row)
    if len(outcomes) != 1 or outcomes[0] not in words.OUTCOMES or len(compared) != 1:
        return None
    sides = [next(iter(side)) for side in compared[0] if len(side) == 1]
    if len(sides) != 2 or not {*sides} <= {*words.ASKED_FIRST}:
        return None
    return Question(outcome=outcomes[0], intervention=sides[0], comparator=sides[1])


def _ours(question: Question, evidence: Evidence) -> Iterator[tuple[str, Contrast]]:
    for window in words.TIMED:
        asked = question.replace(time=window.key)
        if may_be_linked(asked, evidence):
            net = network_answer(asked, evidence)
            if net.asked is not None and len(net.treatments) > 2:
                yield window.key, net.asked


def _differences(row: Row, ours: tuple[tuple[str, Contrast], ...]) -> Iterator[str]:
    if not ours:
        yield "no network here links the two on this scale"
    elif row["q_designs"] in ("comparative", "cohorts"):
        yield "it takes in cohorts, ours randomised trials alone"
    if row["q_time"] == "unstated":
        yield "it states no time"
    elif row["q_time"] not in words.WINDOWS:
        yield "it joins several times, ours keeps them apart"
    if row["q_positive"] in ("unclear", "sign_lost"):
        yield "it does not say whom a positive difference favours"
    if not math.isnan(row["k"]):
        whole = " in the whole review" if row["k_scope"] == "review" else ""
        yield f"{counted(int(row['k']), 'study')}{whole}"
