"""What changed in an answer: which of six kinds, through which trials, and how much of it is a change of rules.

Pure functions. `changes` compares any two answers to one question: two editions of the data, or the published
evidence with and without a reader's own trial.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.editions.record import Record, TrialFigure, record_of, told_today
from analysis.effects.scale import printed
from analysis.question import Question

KINDS: dict[str, str] = {
    "verdict": "verdict changed",
    "crossed": "crossed the important difference",
    "moved": "numbers changed",
    "first": "answered for the first time",
    "gone": "no longer answered",
    "correction": "a correction, no new trial",
    "rule": "another rule applies, the evidence is the same",
    "unseen": "moved by less than is reported",
}
"""Kinds of change, the weightiest first; the first that fits is the one. An answer that is the same has none."""

_SAME = 1e-7
"""Figures closer than this, relative to the larger, are the same: saved ones carry ten digits."""


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """How the answer to one question changed.

    Attributes
    ----------
    kind : key of `KINDS`; judged from `retold`, so that the same rule tells both sides.
    before, after : as each was told; None where no trial answered.
    retold : the figures of `before` under today's rule (`before` itself where they give the same).
    new, gone, other : trials that came, that went, and whose figure is another one.
    """

    kind: str
    before: Record | None
    after: Record | None
    retold: Record | None
    new: tuple[TrialFigure, ...] = ()
    gone: tuple[TrialFigure, ...] = ()
    other: tuple[TrialFigure, ...] = ()

    @property
    def question(self) -> Question:
        return (self.after or self.before).question

    @property
    def sentence(self) -> str:
        """The change in one line: what moved, and through which trials."""
        parts = [f"{told_text(self.before)} before, {told_text(self.after)} now"]
        if self.retold != self.before and self.kind != "rule":
            parts[0] += f" (the earlier numbers under today's rule: {told_text(self.retold)})"
        return "; ".join([*parts, *self.reasons])

    @property
    def reasons(self) -> tuple[str, ...]:
        """The trials that made the change, in words."""
        kinds = (("new", self.new), ("no longer", self.gone), ("other numbers", self.other))
        return tuple(f"{why}: {named(trials)}" for why, trials in kinds if trials)


def changes(before: Answer, after: Answer) -> AnswerChange | None:
    """What changed from one answer to another on the same question; None where they tell the same.

    >>> from analysis import Question, answer
    >>> changes(answer(Question()), answer(Question())) is None
    True
    """
    return change_of(record_of(before), record_of(after))


def change_of(before: Record | None, after: Record | None) -> AnswerChange | None:
    """The same of records; `before` may have been told by rules that no longer hold."""
    if before is None and after is None:
        return None
    if before is None:
        return AnswerChange("first", None, after, None, new=after.trials)
    if after is None:
        return AnswerChange("gone", before, None, before, gone=before.trials)
    if _alike(before, after) and _same_trials(before, after):
        return None
    retold = told_today(before)
    if _alike(retold, before):
        retold = before
    old, now = ({t.trial: t for t in r.trials} for r in (before, after))
    came = [t for t in after.trials if t.trial not in old]
    went = [t for t in before.trials if t.trial not in now]
    # A report that was declared to belong to another trial brings its figure along: nothing is new.
    new = tuple(t for t in came if not any(_same_figure(t, w) for w in went))
    gone = tuple(t for t in went if not any(_same_figure(t, c) for c in came))
    other = tuple(t for t in after.trials if t.trial in old and not _same_figure(t, old[t.trial]))
    kind = _kind(before, retold, after, bool(new or gone))
    if new or gone or other:
        kind = kind or "unseen"
    elif kind:  # the same figures of the same trials: a rule that `told_today` cannot ask again
        kind = "rule"
    return AnswerChange(kind, before, after, retold, new, gone, other) if kind else None


def _kind(before: Record, retold: Record, after: Record, other_trials: bool) -> str:
    if retold.verdict != after.verdict:
        return "verdict"
    if _beyond(retold) != _beyond(after):
        return "crossed"
    if not _alike(retold, after):
        if other_trials:
            return "moved"
        return "unseen" if told_text(retold) == told_text(after) else "correction"
    return "" if _alike(before, after) else "rule"


def _beyond(record: Record) -> int:
    """Where the estimate of a comparison lies: beyond the important difference (1, -1) or within it (0)."""
    if record.mid is None or record.question.one_group or abs(record.estimate) < record.mid:
        return 0
    return 1 if record.estimate > 0 else -1


def _alike(a: Record, b: Record) -> bool:
    pairs = ((a.estimate, b.estimate), (a.ci_low, b.ci_low), (a.ci_high, b.ci_high))
    return a.verdict == b.verdict and all(_close(x, y) for x, y in pairs)


def _same_trials(a: Record, b: Record) -> bool:
    return [t.trial for t in a.trials] == [t.trial for t in b.trials] and all(
        map(_same_figure, a.trials, b.trials)
    )


def _same_figure(a: TrialFigure, b: TrialFigure) -> bool:
    return _close(a.yi, b.yi) and _close(a.vi, b.vi)


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_SAME, abs_tol=_SAME)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions whose answers changed alike, because the same trials answer them; `first` stands for all."""

    first: AnswerChange
    also: tuple[AnswerChange, ...] = ()


def grouped(found: Iterable[AnswerChange]) -> tuple[Group, ...]:
    """Changes in the order of `KINDS`, those with the same figures before and after as one.

    Within a kind, and within a group, the order is kept.
    """
    alike: dict[tuple, list[AnswerChange]] = defaultdict(list)
    for change in found:
        alike[(change.kind, _figures(change.before), _figures(change.after))].append(change)
    groups = [Group(first, tuple(rest)) for first, *rest in alike.values()]
    order = list(KINDS)
    return tuple(sorted(groups, key=lambda g: order.index(g.first.kind)))


def _figures(record: Record | None) -> tuple:
    if record is None:
        return ()
    numbers = (record.estimate, record.ci_low, record.ci_high)
    return (
        record.question.outcome,
        tuple(t.trial for t in record.trials),
        *(f"{x:.6g}" for x in numbers),
    )


_NAMED = 4


def named(trials: Sequence[TrialFigure]) -> str:
    """The first four by name, the rest counted."""
    labels = [t.label for t in trials]
    more = len(labels) - _NAMED
    return ", ".join(labels) if more < 2 else f"{', '.join(labels[:_NAMED])} and {more} more"


def told_text(record: Record | None) -> str:
    """An answer in a few words: estimate, interval, number of trials, verdict."""
    if record is None:
        return "no trial"
    q = record.question
    low, high = printed(q, record.ci_low, False), printed(q, record.ci_high)
    many = "1 trial" if record.k == 1 else f"{record.k} trials"
    if q.one_group:
        many = "1 group" if record.k == 1 else f"{record.k} groups"
    said = f", {record.verdict}" if record.verdict else ""
    return f"{printed(q, record.estimate)} ({low} to {high}), {many}{said}"


def asked_text(question: Question) -> str:
    """The question in words, with what it asks beyond outcome, treatments and time.

    >>> asked_text(Question(designs=("sham_rct",), etiology="malignant"))
    'Pain: vertebroplasty against sham procedure, 1 month, malignant fractures (sham-controlled trials)'
    """
    extra = []
    if question.designs:
        extra.append(", ".join(words.DESIGN_PLURALS[d] for d in question.designs))
    if question.effect_measure != question.measures()[0]:
        extra.append(words.MEASURES[question.effect_measure])
    return f"{question.title()} ({'; '.join(extra)})" if extra else question.title()
