"""Effects for many Questions that differ in which rows may enter: what each trial gives is worked out once.

The rules are those of `select` and `table`; only the loops differ, and a test holds the two against each
other. A rule is asked once for each value of the fields that it reads (`exclusions.RULES` names them);
what may enter is then an "and" of arrays. A trial's effect depends on its own rows alone until patients
are counted once (`table.settled`), so it is kept by the rows that may enter.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.effects.study_effect import StudyEffect
from analysis.effects.table import (
    Derive,
    deriver,
    first_derivable,
    settled,
    without_outliers,
)
from analysis.errors import InputError
from analysis.evidence.candidates import Candidate
from analysis.evidence.exclusions import RULES
from analysis.evidence.load import Evidence
from analysis.evidence.rules import Row
from analysis.evidence.select import (
    before_treatment,
    by_trial,
    ranked_candidates,
    rows_about,
)
from analysis.question import Question

FIXED = ("outcome", "intervention", "comparator", "counted")
"""Fields in which the Questions do not differ."""

RANKING = ("time", "report")
DERIVING = ("measure", "r", "borrow", "abstract")
"""Fields that choose among the rows that may enter, and that turn rows into an effect."""

Studies = tuple[StudyEffect, ...]
_Found = tuple[StudyEffect, Candidate]


class ManyEffects:
    """The studies of each of many Questions about one outcome and one pair of treatments.

    >>> from analysis.answer import shipped_evidence
    >>> many = ManyEffects(Question(), shipped_evidence())
    >>> [len(many.studies(Question(time=time))) for time in ("1m", "12m")]
    [2, 4]
    """

    def __init__(self, question: Question, evidence: Evidence) -> None:
        self._question, self._evidence = question, evidence
        self._whole, wanted = rows_about(question, evidence)
        self._baseline = by_trial(row for row in wanted if before_treatment(row))
        trials = by_trial(row for row in wanted if not before_treatment(row))
        self._rows: list[Row] = [row for rows in trials.values() for row in rows]
        self._slices = list(_slices(trials))
        self._passing: dict[tuple[object, ...], np.ndarray] = {}
        self._derivers: dict[tuple[object, ...], Derive] = {}
        self._of_trial: dict[tuple[object, ...], _Found | None] = {}
        self._whole_sets: dict[tuple[object, ...], Studies] = {}
        self._settled: dict[tuple[object, ...], Studies] = {}
        self._without: dict[int, Studies] = {}

    def studies(self, question: Question) -> Studies:
        """As ``effects_of(question, evidence).studies``.

        Raises
        ------
        ValueError
            For another outcome, intervention or comparator than the first Question's.
        """
        for name in FIXED:
            if getattr(question, name) != getattr(self._question, name):
                raise InputError(
                    f"{name}: found {getattr(question, name)!r}, allowed: "
                    f"{getattr(self._question, name)!r}, as in the first Question"
                )
        may_enter = self._may_enter(question)
        choice = tuple(getattr(question, name) for name in (*RANKING, *DERIVING))
        key = (may_enter.tobytes(), *choice)
        if key not in self._whole_sets:
            self._whole_sets[key] = self._set(question, may_enter, choice)
        studies = self._whole_sets[key]
        if question.outliers:
            return studies
        # By identity, here and below: all are kept, and comparing effects whole would be slow.
        if id(studies) not in self._without:
            kept, left_out = without_outliers(studies)
            self._without[id(studies)] = tuple(kept) if left_out else studies
        return self._without[id(studies)]

    def _may_enter(self, question: Question) -> np.ndarray:
        """Which of the rows no rule keeps out: bool, shape (rows,)."""
        passing = np.ones(len(self._rows), dtype=bool)
        for number, (rule, names) in enumerate(RULES):
            key = (number, *(getattr(question, name) for name in names))
            if key not in self._passing:
                self._passing[key] = np.array(
                    [rule(row, question, self._whole[row["trial"]]) is None for row in self._rows],
                    dtype=bool,
                )
            passing &= self._passing[key]
        return passing

    def _set(
        self, question: Question, may_enter: np.ndarray, choice: tuple[object, ...]
    ) -> Studies:
        deriving = choice[len(RANKING) :]
        if deriving not in self._derivers:
            self._derivers[deriving] = deriver(question, self._evidence)
        derive = self._derivers[deriving]
        found: list[_Found] = []
        for trial, rows in self._slices:
            entering = may_enter[rows]
            if not entering.any():
                continue
            key = (trial, entering.tobytes(), *choice)
            if key not in self._of_trial:
                self._of_trial[key] = self._best(question, trial, rows, entering, derive)
            first = self._of_trial[key]
            if first is not None:
                found.append(first)
        same = (*(id(effect) for effect, _ in found), *deriving)
        if same not in self._settled:
            self._settled[same] = tuple(settled(found, derive, question, self._evidence))
        return self._settled[same]

    def _best(
        self, question: Question, trial: str, rows: slice, entering: np.ndarray, derive: Derive
    ) -> _Found | None:
        usable = [row for row, enters in zip(self._rows[rows], entering, strict=True) if enters]
        candidates = ranked_candidates(question, usable, self._baseline.get(trial, ()))
        return first_derivable(candidates.get(trial, ()), derive, {})


def _slices(trials: dict[str, list[Row]]) -> Iterator[tuple[str, slice]]:
    start = 0
    for trial, rows in trials.items():
        yield trial, slice(start, start + len(rows))
        start += len(rows)
