"""What was measured and never printed: results that reports mention without numbers, and what they say instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.robustness_views.reading import counted, listed
from analysis.robustness_views.view import Panel

_NO_WORD = "no estimate printed"
"""The note, in the data, of a row of which nothing else is known."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A report that measured the outcome and printed no figure: which, when, and what it said."""

    trial: str
    label: str
    time: str
    said: str
    where: str


def unprinted(found: Answer, evidence: Evidence) -> list[Silent]:
    """Results of other trials that were reported without numbers; the words that stand there, where any do."""
    entered = {study.trial for study in found.studies}
    rows, reports = results_by_id(evidence), studies_by_id(evidence)
    silent = []
    for row in found.left_out:
        if row.reason != "no figure" or row.trial in entered:
            continue
        printed_row = rows[row.row_id]
        report = reports[row.study_id]
        p = printed_row.get("p_value", "")
        said = [
            *([f"P {p}"] if p else []),
            *([f"favours the {printed_row['positive_favours']}"]
              if printed_row.get("positive_favours") in ("intervention", "comparator") else []),
            *([printed_row["note"]] if printed_row["note"] else []),
        ]  # fmt: skip
        silent.append(
            Silent(
                row.trial, name_of(report),
                printed_row["timepoint"] or "no time reported",
                "; ".join(said) or row.detail, printed_row["source_location"],
            )
        )  # fmt: skip
    return silent


def unprinted_sentences(silent: list[Silent]) -> Iterator[str]:
    """How many studies are silent, and what the first of them says that says anything."""
    if not silent:
        yield "No other study here reports this outcome without numbers."
        return
    trials = dict.fromkeys(item.label for item in silent)
    verb = "measured" if len(trials) > 1 else "also measured"
    yield (
        f"{counted(len(trials), 'study', 'studies').capitalize()} ({listed(list(trials))}) {verb} this outcome and "
        "reported no result that can be pooled. No method below can allow for this missing evidence."
    )
    told = next((item for item in silent if item.said != _NO_WORD), None)
    if told is None:
        yield "What they found is not reported."
    else:
        yield f"What is reported instead ({told.label}, {told.time}): {told.said}."


def unprinted_panel(found: Answer, silent: list[Silent]) -> Iterator[Panel]:
    """The silent results as a table; none where there are none."""
    if not silent:
        return
    trials = {item.trial for item in silent}
    yield Panel(
        id="unprinted",
        title=f"{counted(len(trials), 'study', 'studies').capitalize()} reported this without numbers",
        figure=None,
        caption=f"{found.question.title()}: results that were reported without numbers.",
        columns=("Study", "Time", "What was stated", "Where"),
        rows=tuple((s.label, s.time, s.said, s.where) for s in silent),
    )
