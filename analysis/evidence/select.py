"""From a Question to the printed rows that can answer it: which may enter, which may not, and why.

Two kinds of rule, each written once: those that keep a row out (`exclusions`) and those that rank what
a trial has (`candidates`). Every row of the outcome and the treatments asked about ends up either in
a candidate or in `left_out` with its reason.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from analysis import vocabulary as words
from analysis.evidence.candidates import Candidate, candidates_of, place
from analysis.evidence.exclusions import first_exclusion
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row, at_baseline, may_pool, read_in_abstract, symptoms
from analysis.question import Question, members

REASONS: dict[str, str] = {
    "no figure": "reported without numbers",
    "never pool": "must not be pooled (double counting, retraction, unreadable scale)",
    "row": "not poolable as reported",
    "subset": "counts or measures only part of the outcome",
    "design": "another design than the question asks about",
    "population": "another population than the question asks about",
    "funding": "funded by industry, which the question leaves out",
    "without": "left out by the reader",
    "report": "in a companion report, where the question asks for main reports only",
    "measure": "reported as another effect measure",
    "time": "another time point, or none reported",
    "unit": "counts another unit",
    "kind": "counted another way than the question asks about",
    "scale": "range of the scale not reported",
    "sign": "direction not stated",
    "inferred": "sign, range or unit inferred, which the question leaves out",
    "abstract": "read in an abstract, which the question leaves out",
    "incomplete": "numbers needed for an effect were not reported",
    "outlier": "of a study far from all others, which the question leaves out",
    "other row": "another row of the same trial answers the question",
}
"""Why a printed row is left out of a pool: category and its plain words."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A printed row that does not enter, its category (`REASONS`) and the reason in words."""

    row_id: str
    study_id: str
    trial: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What the evidence has on a question: candidates per trial, best first, and what is left out."""

    candidates: dict[str, tuple[Candidate, ...]]
    left_out: tuple[LeftOut, ...]
    considered: int
    rows: dict[str, Row] = field(repr=False)


def select(question: Question, evidence: Evidence) -> Selection:
    """Apply every rule of this file; raises nothing on any valid Question.

    A trial is a study or, for companion reports, its `parent_study_id`: it answers once.
    """
    trials, wanted = rows_about(question, evidence)
    left_out, usable, baseline = [], [], []
    for row in wanted:
        if before_treatment(row):
            baseline.append(row)
            continue
        exclusion = first_exclusion(row, question, trials[row["trial"]])
        if exclusion:
            left_out.append(_left_out(row, *exclusion))
        else:
            usable.append(row)

    ranked = ranked_candidates(question, usable, baseline)
    offered = {row["row_id"]: row for trial in ranked.values() for o in trial for row in o.rows}
    kinds = {place(row) for row in offered.values()}
    for row in usable:
        if row["row_id"] in offered:
            continue
        if place(row) in kinds:
            left_out.append(_left_out(row, "other row", "reported again for the same arm and time"))
        else:
            left_out.append(_left_out(row, "incomplete", _lonely(row, question)))
    for row in baseline:
        if row["row_id"] not in offered:
            left_out.append(_left_out(row, "time", "measured before treatment"))
    return Selection(ranked, tuple(left_out), len(wanted), {r["row_id"]: r for r in wanted})


def rows_about(
    question: Question, evidence: Evidence
) -> tuple[Mapping[str, Sequence[Row]], Sequence[Row]]:
    """By trial every row on the outcome's instruments; and of all these rows those that concern the treatments."""
    q = question
    return _rows_about(q.outcome, q.kind, q.intervention, q.comparator, evidence)


@remembered(maxsize=64)
def _rows_about(
    outcome: str, kind: str, intervention: str, comparator: str, evidence: Evidence
) -> tuple[dict[str, list[Row]], list[Row]]:
    """The same at every time, in every unit and population: a search asks for many of them."""
    rows = instrument_rows(outcome, kind, evidence)
    return by_trial(rows), _concerned(rows, intervention, comparator)


def instrument_rows(outcome: str, kind: str, evidence: Evidence) -> list[Row]:
    """Every printed row of the outcome on an instrument that counts as it.

    Where events with symptoms are asked for (`kind`), a row of which none had symptoms counts none.
    """
    spec = words.OUTCOMES[outcome]
    rows = [r for r in outcome_rows(evidence, spec.source) if spec.matches(r)]
    if kind != words.SYMPTOMATIC:
        return rows
    none = {"events": 0.0, "percent": math.nan}
    return [{**r, **none} if not r["is_contrast"] and symptoms(r) == "none_symptomatic" else r for r in rows]


def has_groups(question: Question, evidence: Evidence) -> bool:
    """Whether a report of an admitted design has the groups that a Question asks about, figures or not."""
    designs, one_group = set(question.admits), question.one_group
    t, c = set(members(question.intervention)), set(members(question.comparator))
    return any(
        t & groups and (one_group or c & groups)
        for design, groups in _groups(evidence)
        if design in designs
    )


@remembered(maxsize=8)
def _groups(evidence: Evidence) -> tuple[tuple[str, frozenset[str]], ...]:
    """Of every study its design, and the treatments of its groups."""
    treatments = evidence.arms.groupby("study_id")["treatment"].agg(frozenset)
    designs = zip(evidence.studies["study_id"], evidence.studies["design"], strict=True)
    return tuple((design, treatments.get(study, frozenset())) for study, design in designs)


def by_trial(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by the trial that they belong to, in the order in which they come."""
    trials: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        trials[row["trial"]].append(row)
    return trials


def before_treatment(row: Row) -> bool:
    """Whether a row is a value of one arm at the start: it answers nothing, and a change may need it."""
    return not row["is_contrast"] and at_baseline(row)


def ranked_candidates(
    question: Question, usable: Iterable[Row], baseline: Iterable[Row]
) -> dict[str, tuple[Candidate, ...]]:
    """The candidates of each trial, best first: from rows that may enter, and its values before treatment."""
    sound = [
        r for r in baseline
        if may_pool(r) and may_pool(r["study"], "never_pool_reason")
        and (question.abstract or not read_in_abstract(r))
    ]  # fmt: skip
    candidates: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates_of(question, usable, sound):
        candidates[candidate.trial].append(candidate)
    return {t: tuple(sorted(o, key=lambda candidate: candidate.rank)) for t, o in candidates.items()}


def _concerned(rows: Iterable[Row], intervention: str, comparator: str) -> list[Row]:
    """The rows that speak of the treatments asked about (contrasts: of both, either way round)."""
    t, c = set(members(intervention)), set(members(comparator))
    either = t | c

    def concerns(row: Row) -> bool:
        if not row["is_contrast"]:
            return row["treatment"] in either
        first, second = row["treatment_t"], row["treatment_c"]
        return (first in t and second in c) or (first in c and second in t)

    return [row for row in rows if concerns(row)]


def _left_out(row: Row, reason: str, detail: str) -> LeftOut:
    return LeftOut(row["row_id"], row["study_id"], row["trial"], reason, detail)


def _lonely(row: Row, question: Question) -> str:
    if row["is_contrast"]:
        return "neither an interval nor a P value from which one follows"
    if question.one_group:
        return "no value before treatment on the same instrument"
    return "no row of the other arm on the same instrument and day"
