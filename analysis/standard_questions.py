"""The questions that every rerun, every saved edition and every comparison of editions asks."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import vocabulary as words
from analysis.question import Question, overlap


def standard_questions() -> Iterator[Question]:
    """Every combination of outcome, treatments, time and unit with the default model, in one order."""
    for outcome in words.OUTCOMES.values():
        units = words.UNITS if outcome.kind == "event" else ("patients",)
        for intervention in words.INTERVENTIONS:
            for comparator in words.COMPARATORS:
                if not _sensible(intervention, comparator):
                    continue
                for time in words.WINDOWS:
                    for unit in units:
                        yield Question(
                            outcome=outcome.key, intervention=intervention, comparator=comparator,
                            time=time, unit=unit,
                        )  # fmt: skip


def _sensible(intervention: str, comparator: str) -> bool:
    """A control is asked about alone, never as the intervention of a comparison."""
    if overlap(intervention, comparator):
        return False
    return intervention not in words.CONTROLS or comparator == words.NONE
