"""The questions next to one that no study answers: other times first, then other patients, studies and treatments."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.prose import counted
from analysis.question import Question, overlap


def answered_nearby(
    question: Question, evidence: Evidence, most: int = 3
) -> tuple[tuple[Question, str], ...]:
    """The nearest questions that have studies, each with what it asks instead and from how many.

    The same comparison at other times comes first; only where there is none, questions that differ in one other
    choice, at the same time and else at the longest follow-up.
    """
    found: dict[Question, str] = {}
    for candidates in (
        _other_times(question),
        _others(question),
        _others(question.replace(time="any")),
    ):
        for other in candidates:
            k = len(answer(other, evidence).studies)
            if k and other != question and len(found) < most:
                found.setdefault(other, f"{difference(other, question)} ({counted(k, 'study')})")
        if found:
            break
    return tuple(found.items())


def nearest(question: Question, evidence: Evidence) -> tuple[Question, str] | None:
    """The nearest question that has studies, for a reader who changed the outcome; None where none has."""
    found = answered_nearby(question, evidence, most=1)
    return found[0] if found else None


def _other_times(question: Question) -> list[Question]:
    """The same comparison at every other time, the nearest in order first."""
    order = list(words.WINDOWS)
    at = order.index(question.time)
    by_distance = sorted(range(len(order)), key=lambda i: (abs(i - at), i))
    return [question.replace(time=order[i]) for i in by_distance if i != at]


def _others(question: Question) -> Iterator[Question]:
    """Questions that differ in one choice: way of counting, who, studies, comparator, treatment."""
    yield from (question.replace(counted=kind) for kind in question.kinds())
    yield question.replace(etiology="any", fracture_age="any", without=())
    yield question.replace(designs=())
    yield question.replace(designs=words.COMPARATIVE)
    for c in words.COMPARATORS:
        if not overlap(question.intervention, c):
            yield question.replace(comparator=c, measure="")
    for t in (*words.ACTIVE, *words.GROUPS):
        if not overlap(t, question.comparator):
            yield question.replace(intervention=t, measure="")


def difference(question: Question, asked: Question) -> str:
    """What a neighbouring question asks instead, in a few words.

    >>> difference(Question(time="12m"), Question())
    'at 12 months'
    """
    parts = []
    if question.intervention != asked.intervention:
        parts.append(f"after {words.SPOKEN[question.intervention]}")
    if question.comparator != asked.comparator:
        who = words.COMPARATORS[question.comparator]
        parts.append("without a comparison group" if question.one_group else f"compared with {who}")
    if question.designs != asked.designs:
        parts.append("with cohorts" if question.designs else "in randomised trials")
    if question.kind != asked.kind:
        parts.append(words.KINDS.get(question.kind, ""))
    if (question.etiology, question.fracture_age) != (asked.etiology, asked.fracture_age):
        parts.append("in all patients")
    if question.time != asked.time:
        parts.append(f"at {question.window.label}")
    return ", ".join(filter(None, parts)) or "with every study"
