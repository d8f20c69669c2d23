"""What a trial can answer a Question with: printed contrasts and rows of arms, and which of them wins."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.evidence import rules
from analysis.evidence.rules import Row, known
from analysis.question import Question, members

FORMS = ("adjusted difference", "difference", "counts", "change", "level")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way in which a trial can answer: a printed contrast, or rows of one or two arms.

    `arms_t` and `arms_c` hold one row per arm (several arms of one treatment are merged later);
    `base_t` the rows before treatment that belong to `arms_t` (one group, levels only).
    """

    trial: str
    study_id: str
    form: str
    weeks: float
    contrast: Row | None = None
    flipped: bool = False
    arms_t: tuple[Row, ...] = ()
    arms_c: tuple[Row, ...] = ()
    base_t: tuple[Row, ...] = ()
    rank: tuple[float, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        contrast = (self.contrast,) if self.contrast is not None else ()
        return contrast + self.arms_t + self.arms_c + self.base_t


def candidates_of(question: Question, rows: Iterable[Row], baseline: list[Row]) -> Iterable[Candidate]:
    """Every candidate that these rows make; `baseline` holds the sound rows measured before treatment."""
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        if row["is_contrast"]:
            yield from _of_contrast(question, row)
        else:
            study_id, _, *rest = place(row)
            groups[(study_id, *rest)].append(row)
    for group in groups.values():
        yield from _of_arms(question, group, baseline)


def _of_contrast(question: Question, row: Row) -> Iterable[Candidate]:
    has_interval = known(row["ci_low"]) and known(row["ci_high"])
    p = rules.printed_p(row["p_value"])
    if not has_interval and p is None:
        return
    spread = (0 if known(row["ci_level"]) else 1) if has_interval else (2 if p[1] else 1)
    form = "adjusted difference" if rules.is_adjusted(row) else "difference"
    flipped = row["treatment_t"] in members(question.comparator)
    yield Candidate(
        row["trial"], row["study_id"], form, row["weeks"], contrast=row, flipped=flipped,
        rank=_rank(question, row, form, spread),
    )  # fmt: skip


def _of_arms(question: Question, group: list[Row], baseline: list[Row]) -> Iterable[Candidate]:
    arms_t = _one_row_per_arm(group, members(question.intervention))
    arms_c = _one_row_per_arm(group, members(question.comparator))
    if not arms_t or not (arms_c or question.one_group):
        return
    first = arms_t[0]
    form = {"event": "counts", "change": "change", "mean": "level"}[first["kind"]]
    base: tuple[Row, ...] = ()
    if question.one_group and form == "level":
        pairs = [(row, _baseline_of(row, baseline)) for row in arms_t]
        arms_t = tuple(row for row, before in pairs if before)
        base = tuple(before for _, before in pairs if before)
        if not arms_t:
            return
    spread = 0 if form == "counts" or all(map(_has_spread, arms_t + arms_c + base)) else 3
    yield Candidate(
        first["trial"], first["study_id"], form, first["weeks"], arms_t=arms_t, arms_c=arms_c,
        base_t=base, rank=_rank(question, first, form, spread),
    )  # fmt: skip


def _one_row_per_arm(group: list[Row], treatments: tuple[str, ...]) -> tuple[Row, ...]:
    """The first printed row of each arm; a second one of the same arm and day is another report."""
    seen: dict[str, Row] = {}
    for row in group:
        if row["treatment"] in treatments:
            seen.setdefault(row["arm_id"], row)
    return tuple(seen.values())


def _baseline_of(row: Row, baseline: list[Row]) -> Row | None:
    same = [
        b for b in baseline
        if b["study_id"] == row["study_id"] and b["arm_id"] == row["arm_id"]
        and _instrument(b) == _instrument(row) and b["statistic"] == "mean" and known(b["mean"])
    ]  # fmt: skip
    return same[0] if same else None


def _has_spread(row: Row) -> bool:
    return known(row["sd"]) or known(row["se"]) or (known(row["ci_low"]) and known(row["ci_high"]))


RANKED_BY = (
    "where the question asks for the newest report of each trial, the year of the report",
    "the time nearest to the middle of the window; for the longest follow-up, the latest",
    "a spread that is reported, then one reported at an unknown level or following from an exact P value, "
    "then one from a bound on P, then one that must be borrowed",
    f"the form of the result: {', '.join(FORMS)}",
    "the trial's main report before a companion report",
    "the order of the file",
)
"""What each place of `Candidate.rank` compares, in words for the reader; the first that differs decides."""


def _rank(question: Question, row: Row, form: str, spread: int) -> tuple[float, ...]:
    """What wins when a trial has several: smaller is better, compared from left to right.

    The newest report, if that is asked (an unknown year is the oldest); distance to the window's target
    (longest follow-up: the latest week; a last value without a printed week is later than all
    others, any other one earlier); spread printed (0), printed at an
    unknown level or from an exact P (1), from a bound on P (2), borrowed (3); adjusted difference,
    difference, counts, change, level; the trial's main report before a companion; the order of the file.
    """
    weeks, target = row["weeks"], question.window.target
    if target is not None:
        distance = abs(weeks - target)
    elif known(weeks):
        distance = -weeks
    else:
        distance = -math.inf if row["occasion"] == "last" else 0.0
    companion = float(row["trial"] != row["study_id"])
    year = row["study"]["year"]
    age = -year if question.report == "newest" and known(year) else 0.0
    return (age, distance, spread, FORMS.index(form), companion, row["row"])


def place(row: Row) -> tuple:
    """Arm, instrument and time of a row: what a second print of the same result shares with the first."""
    if row["is_contrast"]:
        return (row["row_id"],)
    when = row["weeks"] if known(row["weeks"]) else row["occasion"]
    return (row["study_id"], row["arm_id"], *_instrument(row), when, row["kind"])


def _instrument(row: Row) -> tuple[str, str]:
    """What tells one instrument, or one definition of an event, of a report from another."""
    return row["instrument_code"], row["series"]
