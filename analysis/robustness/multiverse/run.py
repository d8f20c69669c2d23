"""Every defensible analysis of one Question, run at once.

Source: :cite:t:`voracek2019`, after :cite:t:`steegen2016` and
:cite:t:`simonsohn2020`. Which studies enter ("which factors") is worked out once per choice of data
(`effects.many`), how they are pooled ("how factors") on the batch engine, once per distinct set of effects.
Nothing is drawn at random, and nothing is left out in silence: specifications in which no study, or one,
enters are there and counted.

Three numbers are told apart. All choices crossed are the specifications *run*. A level that leaves no study
whatever else is chosen is named and set aside: it would only repeat that. Levels of a choice that give
the same result whatever else is chosen (two estimators that coincide; borrowing where nothing is borrowed) are
*merged*, so that a choice without consequence does not count twice: these rows make up a `Multiverse`, and
each weighs the same. Rows can still coincide: the *distinct* results are counted too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from math import prod

import numpy as np

from analysis.effects.many import ManyEffects
from analysis.effects.scale import shown
from analysis.effects.study_effect import StudyEffect
from analysis.effects.telling import by_effects, tell
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.question import Question
from analysis.robustness.multiverse.choices import (
    MODEL_FIELDS,
    Choice,
    Level,
    choices_of,
    level_of,
)
from analysis.synthesis.told import CI, TAU2
from analysis.synthesis.told_many import told_many

_DIGITS = 9
"""Results that agree to so many decimals are the same: estimators that coincide differ by rounding."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A choice as it was crossed: its levels in groups; those of one group make no difference between them."""

    field: str
    groups: tuple[tuple[Level, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Multiverse:
    """The results of all specifications of a Question; arrays are read-only.

    `estimate`, `ci_low` and `ci_high` are on the scale on which the Question is pooled; of proportions of one
    group, whose scale is itself a choice, they are proportions.

    Attributes
    ----------
    question : the Question asked; its own answer is row `asked`.
    choices : those that matter, in their order; columns of `at`.
    settled : choices that make no difference here, all their levels in one group.
    impossible : levels that leave no study whatever else is chosen: set aside. (field, level)
    run : number of specifications, before anything was merged or set aside.
    at : ndarray of int, shape (n, choices)
        The group of each choice that a row takes.
    k : ndarray of int, shape (n,)
        Studies; 0 where none enters, and then the three others are NaN.
    estimate, ci_low, ci_high : ndarray, shape (n,)
    asked : int
    distinct : number of different results among the rows with a study.
    """

    question: Question
    choices: tuple[Crossed, ...]
    settled: tuple[Crossed, ...]
    impossible: tuple[tuple[str, Level], ...]
    run: int
    at: np.ndarray = field(repr=False)
    k: np.ndarray = field(repr=False)
    estimate: np.ndarray = field(repr=False)
    ci_low: np.ndarray = field(repr=False)
    ci_high: np.ndarray = field(repr=False)
    asked: int = 0
    distinct: int = 0

    def __len__(self) -> int:
        return len(self.k)

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of groups: rows stand in the order of this grid, the last choice running fastest."""
        return tuple(len(choice.groups) for choice in self.choices)

    def question_at(self, row: int) -> Question:
        """The Question that asks for a row: the one asked, and the first level of each group it is not in."""
        changes = {}
        for choice, group in zip(self.choices, self.at[row], strict=True):
            levels = choice.groups[group]
            if level_of(self.question, choice.field) not in levels:
                changes[choice.field] = levels[0]
        if changes.get("measure") == self.question.measures()[0]:
            changes["measure"] = ""  # the usual measure, as an address writes it
        return self.question.replace(**changes)


@remembered(maxsize=16)
def multiverse(question: Question, evidence: Evidence) -> Multiverse:
    """Run every specification that `choices_of` allows. Raises nothing on a valid Question.

    >>> from analysis.answer import shipped_evidence
    >>> found = multiverse(Question(), shipped_evidence())
    >>> found.question_at(found.asked) == Question()
    True
    """
    return run(question, evidence)


def run(question: Question, evidence: Evidence) -> Multiverse:
    """As `multiverse`, without its memory."""
    choices = choices_of(question)
    data = [choice for choice in choices if choice.field not in MODEL_FIELDS]
    sets, effects = _sets(question, evidence, data)
    data, sets, impossible = _possible(question, data, sets, np.array([len(s.yi) for s in effects]))
    model = [choice for choice in choices if choice.field in MODEL_FIELDS]
    results = _pooled(question, effects, model)
    kept = [*data, *model]
    ids, unique = _numbered(results)
    grid = ids[sets.ravel()].reshape(*sets.shape, *ids.shape[1:])
    everything = prod(len(choice.levels) for choice in choices)
    return _merged(question, kept, grid, unique, impossible, everything)


@dataclass(frozen=True, slots=True)
class _Set:
    """The effects of one choice of data, the measure that they are in, and the limits of one study alone."""

    yi: tuple[float, ...]
    vi: tuple[float, ...]
    measure: str
    limits: tuple[float, ...]
    studies: tuple[StudyEffect, ...] = field(compare=False, repr=False)


def _sets(
    question: Question, evidence: Evidence, data: list[Choice]
) -> tuple[np.ndarray, list[_Set]]:
    """The number of the set of effects at each point of the grid of data choices, and the sets."""
    many = ManyEffects(question, evidence)
    numbers: dict[_Set, int] = {}
    shape = tuple(len(choice.levels) for choice in data)
    grid = np.empty(shape, dtype=np.intp)
    flat = grid.ravel()
    of_studies: dict[int, int] = {}
    for at, levels in enumerate(product(*(choice.levels for choice in data))):
        asked = question.replace(
            **{choice.field: level for choice, level in zip(data, levels, strict=True)}
        )
        studies = many.studies(asked)
        if id(studies) not in of_studies:  # kept by `many`, so that the id stays theirs
            found = _Set(
                tuple(s.yi for s in studies), tuple(s.vi for s in studies), asked.effect_measure,
                studies[0].interval(question.level) if len(studies) == 1 else (), studies,
            )  # fmt: skip
            of_studies[id(studies)] = numbers.setdefault(found, len(numbers))
        flat[at] = of_studies[id(studies)]
    return grid, list(numbers)


def _possible(
    question: Question, data: list[Choice], sets: np.ndarray, k: np.ndarray
) -> tuple[list[Choice], np.ndarray, tuple[tuple[str, Level], ...]]:
    """Without the levels at which no study enters, whatever else is chosen; the one asked stays."""
    impossible = []
    kept = []
    if not k.any():
        return data, sets, ()
    for axis, choice in enumerate(data):
        others = tuple(i for i in range(sets.ndim) if i != axis)
        holds = (k[sets] > 0).any(axis=others)
        own = level_of(question, choice.field)
        stay = [i for i, level in enumerate(choice.levels) if holds[i] or level == own]
        impossible += [
            (choice.field, level) for i, level in enumerate(choice.levels) if i not in stay
        ]
        sets = sets.take(stay, axis=axis)
        kept.append(Choice(choice.field, tuple(choice.levels[i] for i in stay)))
    return kept, sets, tuple(impossible)


def _pooled(question: Question, effects: list[_Set], model: list[Choice]) -> np.ndarray:
    """Number of studies, estimate and limits: shape (4, sets, estimators, intervals)."""
    tau2, ci = (choice.levels for choice in model)
    most = max(1, *(len(s.yi) for s in effects))
    yi, vi = np.zeros((len(effects), most)), np.ones((len(effects), most))
    present = np.zeros(yi.shape, dtype=bool)
    for row, found in enumerate(effects):
        k = len(found.yi)
        yi[row, :k], vi[row, :k], present[row, :k] = found.yi, found.vi, True
    results = np.empty((4, len(effects), len(tau2), len(ci)))
    for i, estimator in enumerate(tau2):
        for j, interval in enumerate(ci):
            many = told_many(yi, vi, present, tau2=estimator, ci=interval, level=question.level)
            results[:, :, i, j] = many.k, many.estimate, many.ci_low, many.ci_high
    for row, found in enumerate(effects):
        _by_more_than_effects(question, found, model, results[1:, row])
    if question.one_group and question.spec.kind == "event":
        for measure in {found.measure for found in effects}:
            rows = [row for row, found in enumerate(effects) if found.measure == measure]
            results[1:, rows] = shown(measure, results[1:, rows])
    return results


def _by_more_than_effects(
    question: Question, found: _Set, model: list[Choice], results: np.ndarray
) -> None:
    """Fill in what counts, or the limits that one study printed, tell: `results` (3, estimators, intervals).

    Counts tell by default or, where the reader chose a model for them, always; one study is the same by any
    estimator. So a set is pooled at most twice.
    """
    if not found.studies:
        return
    tau2, ci = (choice.levels for choice in model)
    kept: dict[bool, list[float]] = {}
    for i, estimator in enumerate(tau2):
        for j, interval in enumerate(ci):
            asked = question.replace(measure=found.measure, model="", tau2=estimator, ci=interval)
            if question.model in asked.models():
                asked = asked.replace(model=question.model)
            if by_effects(asked, found.studies):
                continue
            default = (estimator, interval) == (TAU2, CI)
            if default not in kept:
                one = tell(asked, found.studies).result
                kept[default] = [one.estimate, one.ci_low, one.ci_high]
            results[:, i, j] = kept[default]


def _numbered(results: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the results, shape (sets, estimators, intervals), and the different ones, shape (4, n)."""
    flat = results.reshape(4, -1)
    _, first, numbers = np.unique(
        np.nan_to_num(np.round(flat, _DIGITS), nan=np.inf) + 0.0,
        axis=1,
        return_index=True,
        return_inverse=True,
    )
    return numbers.reshape(results.shape[1:]), flat[:, first]


def _merged(
    question: Question,
    choices: list[Choice],
    grid: np.ndarray,
    unique: np.ndarray,
    impossible: tuple[tuple[str, Level], ...],
    everything: int,
) -> Multiverse:
    crossed, settled = [], []
    for axis, choice in reversed(list(enumerate(choices))):  # axes are dropped from the end
        own = level_of(question, choice.field)
        groups: dict[bytes, list[int]] = {}
        for i in range(len(choice.levels)):
            groups.setdefault(grid.take(i, axis=axis).tobytes(), []).append(i)
        merged = Crossed(
            choice.field,
            tuple(tuple(choice.levels[i] for i in group) for group in groups.values()),
        )
        first = [group[0] for group in groups.values()]
        if len(first) == 1:
            if len(choice.levels) > 1:
                settled.append(merged)
            grid = grid.take(0, axis=axis)
        else:
            crossed.append(merged)
            grid = grid.take(first, axis=axis)
    crossed.reverse()
    settled.reverse()
    at = np.array(list(np.ndindex(grid.shape)), dtype=np.int8).reshape(grid.size, grid.ndim)
    k, estimate, low, high = unique[:, grid.ravel()]
    own = [
        next(i for i, group in enumerate(c.groups) if level_of(question, c.field) in group)
        for c in crossed
    ]
    arrays = {
        "at": at, "k": k.astype(np.intp), "estimate": estimate, "ci_low": low, "ci_high": high,
    }  # fmt: skip
    for values in arrays.values():
        values.flags.writeable = False
    return Multiverse(
        question=question,
        choices=tuple(crossed),
        settled=tuple(settled),
        impossible=impossible,
        run=everything,
        asked=int(np.ravel_multi_index(own, grid.shape)) if own else 0,
        distinct=len(np.unique(grid[(unique[0] > 0)[grid]])),
        **arrays,
    )
