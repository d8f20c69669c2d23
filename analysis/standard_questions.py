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
                yield from _other_kinds(outcome.key, intervention, comparator)


def _other_kinds(outcome: str, intervention: str, comparator: str) -> Iterator[Question]:
    """Other ways of counting than the usual one, at whatever time, as the page on harms asks."""
    if comparator != words.NONE or outcome not in words.USUAL_KIND:
        return
    for unit in words.UNITS:
        for kind in words.KINDS:
            if kind != words.USUAL_KIND[outcome]:
                yield Question(
                    outcome=outcome, intervention=intervention, comparator=comparator, time="any",
                    unit=unit, counted=kind,
                )  # fmt: skip


def _sensible(intervention: str, comparator: str) -> bool:
    """A control is asked about alone, never as the intervention of a comparison."""
    if overlap(intervention, comparator):
        return False
    return intervention not in words.CONTROLS or comparator == words.NONE
