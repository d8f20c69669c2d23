"""The page *What changed* as a value: this edition beside the one before, in the terms of PRISMA-LSR.

Source of the terms: Akl et al., BMJ 2024;387:e079183 (extension of PRISMA 2020 for living systematic reviews):
changes of methods apart from changes of results, since the preceding version.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.editions.changes import KINDS, Group
from analysis.editions.diff import Diff, diff
from analysis.editions.rows import WORDS, RowChange
from analysis.editions.saved import EARLIER, ask, earlier, read_saved
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.prose import counted, listed

EVIDENCE = ("verdict", "crossed", "moved", "first", "gone", "correction", "unseen")
"""Kinds of change that the evidence made; "rule" alone is a change of methods."""


@dataclass(frozen=True, slots=True)
class WhatChanged:
    """What the page shows.

    Attributes
    ----------
    diff : every change.
    summary : sentences: what is new, what conclusions changed, what changed in the methods.
    lead, other : changes that the evidence made, of the lead questions and of all others.
    methods : answers that only another rule tells otherwise.
    added, kept_out, corrected, withdrawn : reports that came, that no longer enter a pool, that say something else,
        and that went; with the reasons.
    """

    diff: Diff
    summary: tuple[str, ...]
    lead: tuple[Group, ...]
    other: tuple[Group, ...]
    methods: tuple[Group, ...]
    added: tuple[RowChange, ...]
    kept_out: tuple[RowChange, ...]
    corrected: tuple[RowChange, ...]
    withdrawn: tuple[RowChange, ...]


def what_changed(evidence: Evidence) -> WhatChanged | None:
    """This edition and the one before; None where the folder keeps no earlier edition.

    A reader's own studies are no part of an edition: they are left aside.
    """
    return _published(evidence.shipped or evidence)


@remembered(maxsize=4)
def _published(evidence: Evidence) -> WhatChanged | None:
    files = list(earlier(evidence.folder / EARLIER.name))
    if not files:
        return None
    found = diff(read_saved(files[-1]), ask(evidence))
    studies = [row for row in found.rows if row.table == "studies"]
    out = found.after.kept_out.keys() - found.before.kept_out.keys()
    by_evidence = {lead: _made_by(found, lead) for lead in (True, False)}
    return WhatChanged(
        diff=found,
        summary=_summary(found),
        lead=by_evidence[True],
        other=by_evidence[False],
        methods=tuple(g for g in found.groups() if g.first.kind == "rule"),
        added=tuple(row for row in studies if row.added),
        kept_out=tuple(r for r in studies if r.corrected and r.report in out),
        corrected=tuple(r for r in studies if r.corrected and r.report not in out),
        withdrawn=tuple(row for row in studies if row.withdrawn),
    )


def _made_by(found: Diff, lead: bool) -> tuple[Group, ...]:
    return tuple(g for g in found.groups(lead) if g.first.kind in EVIDENCE)


def _summary(found: Diff) -> tuple[str, ...]:
    kinds = found.counts
    new = [
        f"{sum(r.added for r in found.rows if r.table == table):,} {words}"
        for table, words in WORDS.items()
        if any(r.added for r in found.rows if r.table == table)
    ]
    changed = [f"{KINDS[kind]}: {kinds[kind]}" for kind in EVIDENCE if kinds[kind]]
    by_rule = [c for c in found.changes if c.retold is not None and c.retold != c.before]
    other_verdict = sum(c.retold.verdict != c.before.verdict for c in by_rule)
    verdicts = kinds["verdict"]
    concluded = (
        f"{counted(verdicts, 'verdict')} changed because of the evidence."
        if verdicts
        else "No verdict changed because of the evidence."
    )
    sentences = [
        f"New: {listed(new)}." if new else "Nothing is new.",
        f"{concluded} Of {found.asked:,} questions asked of both editions, {len(found.before.records)} had an answer "
        f"before and {len(found.after.records)} have one now"
        + (f" ({'; '.join(changed)})." if changed else "; none of them otherwise."),
    ]
    if by_rule:
        sentences.append(
            f"Methods: {counted(len(by_rule), 'earlier answer')} would follow another rule today, "
            f"{other_verdict} of them with another verdict. Changes of results are judged by today's rule in both "
            "editions."
        )
    return tuple(sentences)
