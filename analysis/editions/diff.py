"""Two editions compared: every answer that changed, and every row that came, changed or went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from analysis.editions.changes import AnswerChange, Group, change_of, grouped
from analysis.editions.record import Record
from analysis.editions.rows import RowChange, row_changes
from analysis.editions.saved import Saved
from analysis.evidence.names import speller
from analysis.question import Question
from analysis.room import lead_questions


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from one edition to the next.

    Attributes
    ----------
    before, after : the editions.
    asked : number of questions asked of both.
    changes : one per question whose answer changed: lead questions first, then in the order of asking.
    rows : reports with rows that came, changed or went, by table.
    lead : the lead questions among those asked.
    remarks : what a reader must know of how the editions were read.
    """

    before: Saved
    after: Saved
    asked: int
    changes: tuple[AnswerChange, ...]
    rows: tuple[RowChange, ...]
    lead: frozenset[Question]
    remarks: tuple[str, ...]

    @property
    def counts(self) -> Counter[str]:
        """Questions by kind of change (`changes.KINDS`)."""
        return Counter(change.kind for change in self.changes)

    def groups(self, lead: bool | None = None) -> tuple[Group, ...]:
        """Changes by kind, alike ones as one; those of the lead questions alone, or of all others alone."""
        return grouped(c for c in self.changes if lead is None or (c.question in self.lead) is lead)


def diff(before: Saved, after: Saved) -> Diff:
    """Compare two editions; the same twice has no change."""
    theirs = set(before.asked)
    asked = [q for q in after.asked if q in theirs]
    found = (change_of(_renamed(before.records.get(q), after), after.records.get(q)) for q in asked)
    e = after.edition
    reasons = {**e.withdrawn, **e.corrected} if e else {}
    reasons |= {name: why for name, why in after.kept_out.items() if name not in before.kept_out}
    labels = {**before.labels, **after.labels}
    spell = speller(labels)
    reasons = {name: spell(why) for name, why in reasons.items()}
    return Diff(
        before=before,
        after=after,
        asked=len(asked),
        changes=tuple(change for change in found if change is not None),
        rows=row_changes(before.prints, after.prints, labels, reasons),
        lead=frozenset(lead_questions()) & set(asked),
        remarks=(*before.remarks, *after.remarks),
    )  # fmt: skip


def _renamed(record: Record | None, after: Saved) -> Record | None:
    """With the names that reports have now."""
    if record is None:
        return None
    trials = (replace(t, label=after.labels.get(t.trial, t.label)) for t in record.trials)
    return replace(record, trials=tuple(trials))
