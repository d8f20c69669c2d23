"""What the curator is asked: reports that look like one another and are not declared to be, or not to be, one.

Likeness keeps nothing out of a pool. Two reports with one title, DOI, PubMed number or registration, or with the same
figures, each make a question that a parent, a link or the reason of a link "different" answers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from analysis.evidence.faults import Fault
from analysis.evidence.load import Evidence
from analysis.evidence.records import records
from analysis.evidence.rows import trials_of

NAMES = ("title", "doi", "pmid", "registration")
"""Columns of `studies.csv` that two reports of different trials do not share."""

LARGE = 40
"""Counts out of fewer are alike by chance too often to be asked about."""

ALLOWED = "a parent_study_id, or a row of links.csv that says what the two share, or why they are different"


def questions(evidence: Evidence) -> tuple[Fault, ...]:
    """One question per pair of reports, in the order of the file; the rows stay in all analyses."""
    trials = trials_of(evidence)
    linked = {frozenset((row["report_a"], row["report_b"])) for row in records(evidence, "links")}
    rows = {study["study_id"]: study for study in records(evidence, "studies")}
    asked: dict[frozenset[str], Fault] = {}
    for column, first, second, what in (*_same_names(evidence), *_same_figures(evidence)):
        pair = frozenset((first, second))
        if trials[first] == trials[second] or pair in linked or pair in asked:
            continue
        found = f"{what}, as in row {rows[first]['row']} ({first})"
        row = rows[second]["row"]
        asked[pair] = Fault("studies.csv", row, column, found, ALLOWED, quoted=False)
    return tuple(sorted(asked.values(), key=lambda fault: fault.row or 0))


Like = tuple[str, str, str, str]
"""Column, the earlier and the later report, and what they have in common, in words."""


def _same_names(evidence: Evidence) -> Iterator[Like]:
    for column in NAMES:
        seen: dict[str, str] = {}
        for study in records(evidence, "studies"):
            name = " ".join(str(study[column]).casefold().split())
            if not name:
                continue
            if name in seen:
                yield column, seen[name], study["study_id"], f"the {column} {study[column]}"
            seen.setdefault(name, study["study_id"])


def _same_figures(evidence: Evidence) -> Iterator[Like]:
    """Pairs that print one telling figure alike, or two that are telling together."""
    places = {study["study_id"]: at for at, study in enumerate(records(evidence, "studies"))}
    by_figure: dict[tuple, set[str]] = defaultdict(set)
    for row in records(evidence, "arm_results"):
        figure = _figure(row)
        if figure:
            by_figure[figure].add(row["study_id"])
    weight: dict[tuple[str, str], int] = defaultdict(int)
    words: dict[tuple[str, str], str] = {}
    for figure, reports in by_figure.items():
        ordered = sorted(reports, key=places.__getitem__)
        for at, first in enumerate(ordered):
            for second in ordered[at + 1 :]:
                weight[first, second] += 2 if figure[-1] else 1
                words.setdefault((first, second), figure[0])
    for (first, second), heavy in weight.items():
        if heavy >= 2:
            yield (
                "study_id",
                first,
                second,
                f"the figures of another report ({words[first, second]})",
            )


def _figure(row: dict) -> tuple | None:
    """A printed result that chance seldom repeats, in words and numbers, and whether it is telling alone."""
    if row["kind"] == "event":
        events, total = row["events"], row["total"]
        if math.isnan(events) or math.isnan(total) or events < 3 or total < LARGE:
            return None
        return f"{row['outcome']}: {events:g} of {total:g}", row["outcome"], events, total, True
    mean, sd = row["mean"], row["sd"]
    if math.isnan(mean) or math.isnan(sd):
        return None
    exact = mean != round(mean, 1) and sd != round(sd, 1)
    return f"{row['outcome']}: {mean:g} (SD {sd:g})", row["outcome"], mean, sd, exact
