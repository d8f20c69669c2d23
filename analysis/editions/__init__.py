"""Editions of the data: what each said, and what changed from one to the next."""

from analysis.editions.changes import KINDS, AnswerChange, change_of, changes, grouped
from analysis.editions.diff import Diff, diff
from analysis.editions.record import Record, record_of
from analysis.editions.saved import NotSaved, Saved, ask, read_saved

__all__ = [
    "KINDS",
    "AnswerChange",
    "Diff",
    "NotSaved",
    "Record",
    "Saved",
    "ask",
    "change_of",
    "changes",
    "diff",
    "grouped",
    "read_saved",
    "record_of",
]
