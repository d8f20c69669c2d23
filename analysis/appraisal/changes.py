"""What the reader changed from the defaults of a question, in words, and how to take each change back."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.effects.scale import level_text
from analysis.prose import listed
from analysis.question import Question


@dataclass(frozen=True, slots=True)
class Change:
    """One departure from the defaults.

    `kind` is "filter" (other patients or kinds of study), "left out" (studies or results removed),
    "model" (how results are pooled) or "added" (studies of the reader's own, hypothetical trials). `undone` is the
    Question without it; None for what is added, which no Question holds.
    """

    kind: str
    text: str
    undone: Question | None = None


def changes_of(
    question: Question,
    names: Mapping[str, str],
    marks: tuple[str, ...] = (),
    here: Container[str] | None = None,
) -> tuple[Change, ...]:
    """Every change, in the order in which a reader should learn of it.

    `names` holds the label of every study by its id; `marks` says what of the reader's own is in the answer; `here`
    are the ids of the studies that would be in the answer if none were left out by name (None: all).

    >>> q = Question(without=("a-1", "b-2", "c-3"))
    >>> for change in changes_of(q, {"a-1": "Ames 2001", "b-2": "Bell 2002"}, here={"a-1"}):
    ...     print(change.text)
    Ames 2001 left out
    Bell 2002 left out (it has no result here)
    c-3 left out (no study here has this name)
    """
    added = (Change("added", mark) for mark in marks)
    return (*added, *_left_out(question, names, here), *_filters(question), *_model(question))


def usual(question: Question) -> Question:
    """The same question with every default restored: what is asked stays, how it is answered goes back."""
    q = question
    return Question(
        outcome=q.outcome,
        intervention=q.intervention,
        comparator=q.comparator,
        time=q.time,
        unit=q.unit,
        counted=q.counted,
    )


def line(changes: tuple[Change, ...], before: str) -> str:
    """Changes as one line under a title, with the result before them; empty without any.

    >>> line((Change("filter", "malignant fractures only"),), "−0.72 (−1.24 to −0.20), 4 trials")
    'Changed from the default: malignant fractures only. Before: −0.72 (−1.24 to −0.20), 4 trials.'
    """
    if not changes:
        return ""
    return f"Changed from the default: {listed([c.text for c in changes])}. Before: {before}."


def _left_out(
    q: Question, names: Mapping[str, str], here: Container[str] | None
) -> Iterator[Change]:
    for trial in q.without:
        text = f"{names.get(trial, trial)} left out"
        if trial not in names:
            text += " (no study here has this name)"
        elif here is not None and trial not in here:
            text += " (it has no result here)"
        rest = tuple(t for t in q.without if t != trial)
        yield Change("left out", text, q.replace(without=rest))
    for field, text in (
        ("borrow", "studies with a borrowed standard deviation left out"),
        ("inferred", "results whose sign, range or unit was inferred left out"),
        ("industry", "industry-funded studies left out"),
        ("abstract", "results read only in an abstract left out"),
        ("outliers", "outlying studies left out"),
    ):
        if not getattr(q, field):
            yield Change("left out", text, q.replace(**{field: True}))


def _filters(q: Question) -> Iterator[Change]:
    if q.etiology != "any":
        yield Change("filter", f"{words.ETIOLOGIES[q.etiology]} only", q.replace(etiology="any"))
    if q.fracture_age != "any":
        text = f"{words.FRACTURE_AGES[q.fracture_age][0]} only"
        yield Change("filter", text, q.replace(fracture_age="any"))
    if q.designs:
        kinds = listed([words.DESIGNS[d] for d in q.designs])
        yield Change("filter", f"kinds of study: {kinds}", q.replace(designs=()))
    if q.report != "best":
        text = f"of several reports, {words.REPORTS[q.report]}"
        yield Change("filter", text, q.replace(report="best"))


def _model(q: Question) -> Iterator[Change]:
    default = Question()
    if q.measure and q.measure != q.measures()[0]:
        yield Change("model", f"measured as {words.MEASURES[q.measure]}", q.replace(measure=""))
    if q.tau2 != default.tau2:
        yield Change(
            "model", f"heterogeneity: {words.TAU2_METHODS[q.tau2]}", q.replace(tau2=default.tau2)
        )
    if q.model != default.model:
        yield Change("model", f"pooling: {words.MODELS[q.model]}", q.replace(model=default.model))
    if q.ci != default.ci:
        yield Change("model", f"interval: {words.CI_METHODS[q.ci]}", q.replace(ci=default.ci))
    if q.level != default.level:
        yield Change("model", f"level {level_text(q.level)}", q.replace(level=default.level))
    if q.r != default.r and q.one_group and q.spec.kind == "score":
        yield Change("model", f"correlation before and after {q.r:g}", q.replace(r=default.r))
    if q.mid is not None:
        text = (
            f"important difference {q.mid:g} {q.spec.unit}"
            if q.mid > 0
            else "no important difference set"
        )
        yield Change("model", text, q.replace(mid=None))
