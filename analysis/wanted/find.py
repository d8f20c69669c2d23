"""Figures that were measured but could not be read, the most valuable first.

What is wanted: results that a report gives without numbers, rows whose figures do not make an effect, arms without
a standard deviation and differences with nothing but a bound on P, and what the edition says was not reached. Only
where it bears on a lead question (front page, claims): comparisons between groups, and counts of one group.

How much each is worth: the question is answered again as if the figure had come in as expected, and the width of
the interval is compared. Expected means: the trial is as precise per patient as the trials that answer the
question (the median of them; failing those, of the trials at other times), and finds what they find together.
Where one trial answers today, one and two are compared in the common-effect model: the rule that tells two trials
allows for differences between them, of which a single one says nothing. Nothing in this depends on chance.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import NamedTuple

import pandas as pd

from analysis import vocabulary as words
from analysis.effects.study_effect import StudyEffect
from analysis.effects.table import Effects, effects_of
from analysis.effects.telling import tell
from analysis.evidence.edition import NotReached
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.records import records, results_by_id, studies_by_id
from analysis.evidence.rules import Row
from analysis.evidence.schema import TABLES
from analysis.question import Question, members
from analysis.room import lead_questions

ASSUMPTION = (
    "Each trial is taken to be as precise per patient as the trials that answer the question today, and to find what "
    "they find together; what it really found may change the answer, too. Where one trial answers today, it and a "
    "second are taken to measure the same effect: one trial cannot show how far effects differ."
)

WEAK = {
    "borrowed_sd": "the standard deviation of each arm (one is borrowed from other trials today)",
    "p_bound": "the interval or the standard deviations (only a bound on P is known today)",
}
"""Flags of effects that a printed spread would replace, and what to look for."""

_UNREAD = ("no figure", "incomplete")
_PSEUDO = "not_reached"


class Interval(NamedTuple):
    """A told interval, on the scale on which effects are pooled."""

    low: float
    high: float
    estimate: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What one figure would do to one question; intervals on the scale on which effects are pooled.

    `lead`: whether the front page or a claim rests on it. `k` trials answer today, `k_then` with the figure.
    `now` is None where none does; `then` is None where the trial's size is not known.
    """

    question: Question
    lead: bool
    k: int
    k_then: int
    now: Interval | None
    then: Interval | None

    @property
    def order(self) -> tuple[bool, float, float]:
        """Smaller is more valuable: a lead question, much of the width, a narrow first answer."""
        first = self.now is None and self.then is not None
        return (not self.lead, -self.share, self.then.high - self.then.low if first else 0.0)

    @property
    def share(self) -> float:
        """By how much of its width the interval would shrink; 1 for a first answer, 0 where nobody can say."""
        if self.then is None:
            return 0.0
        if self.now is None:
            return 1.0
        return 1.0 - (self.then.high - self.then.low) / (self.now.high - self.now.low)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One result of one trial: what is missing, and what it would do.

    Attributes
    ----------
    trial, label, design : study_id of the trial's main report, its name and kind.
    outcome : key of `vocabulary.OUTCOMES`.
    treated, control : treatments of the arms; control "NONE" for a count of one group.
    weeks, timepoint : weeks since treatment (NaN: not printed) and the time in words.
    missing : what to look for, in words.
    source_url : where the report was read.
    gains : lead questions that it would help, the most helped first.
    """

    trial: str
    label: str
    design: str
    outcome: str
    treated: str
    control: str
    weeks: float
    timepoint: str
    missing: str
    source_url: str
    gains: tuple[Gain, ...]

    @property
    def best(self) -> Gain:
        return self.gains[0]

    @property
    def key(self) -> str:
        """Names this line in an address: letters, digits and hyphens."""
        when = "time" if math.isnan(self.weeks) else f"{self.weeks:g}".replace(".", "-")
        return f"{self.trial}--{self.outcome}--{self.treated}-{self.control}--{when}".lower()


@dataclass(frozen=True, slots=True)
class _Sought:
    trial: str
    pair: tuple[str, str]
    weeks: float
    timepoint: str
    missing: str
    source_url: str


@remembered(maxsize=4)
def wanted(evidence: Evidence) -> tuple[Wanted, ...]:
    """Every wanted figure that bears on a lead question, the most valuable first."""
    return _found(_with_not_reached(evidence))


def _found(evidence: Evidence) -> tuple[Wanted, ...]:
    lead = frozenset(lead_questions())
    effects = cache(lambda question: effects_of(question, evidence))
    lines: dict[tuple, list[tuple[_Sought, Gain]]] = defaultdict(list)
    for question in dict.fromkeys(
        [*lead_questions(), *_questions_of_what_was_not_reached(evidence)]
    ):
        if question.one_group and question.spec.kind == "score":
            continue
        for sought, gain in _gains(question, question in lead, evidence, effects):
            lines[(sought.trial, question.outcome, *sought.pair, f"{sought.weeks:g}")].append(
                (sought, gain)
            )
    found = [_line(place, helped, evidence) for place, helped in lines.items()]
    return tuple(sorted(found, key=lambda w: w.best.order))


def _line(place: tuple, helped: list[tuple[_Sought, Gain]], evidence: Evidence) -> Wanted:
    trial, outcome, treated, control, _ = place
    first = helped[0][0]
    study = studies_by_id(evidence)[trial]
    return Wanted(
        trial=trial, label=study["label"], design=study["design"], outcome=outcome,
        treated=treated, control=control, weeks=first.weeks, timepoint=first.timepoint,
        missing=first.missing, source_url=first.source_url or study["source_url"],
        gains=tuple(sorted((gain for _, gain in helped), key=lambda g: g.order)),
    )  # fmt: skip


# --- what is sought ------------------------------------------------------------------------------
def _with_not_reached(evidence: Evidence) -> Evidence:
    """The evidence with what was not reached as differences without an estimate, so that the usual rules judge them."""
    sought = evidence.edition.not_reached if evidence.edition else ()
    rows = [row for entry in sought for row in _without_figure(entry, evidence)]
    if not rows:
        return evidence
    contrasts, table = evidence.contrasts, TABLES["contrasts"]
    last = int(contrasts["row"].max()) if len(contrasts) else 1
    empty = {name: math.nan if table.is_number(name) else "" for name in table.columns}
    numbered = [
        {"row": last + i, "row_id": f"{_PSEUDO}:{i}", **empty, **row}
        for i, row in enumerate(rows, start=1)
    ]
    added = pd.DataFrame(numbered, columns=contrasts.columns).astype(contrasts.dtypes.to_dict())
    return replace(evidence, contrasts=pd.concat([contrasts, added], ignore_index=True))


def _without_figure(entry: NotReached, evidence: Evidence) -> Iterable[dict[str, object]]:
    """One row per time and pair of a treated and a control arm, or of two treated arms."""
    spec = words.OUTCOMES[entry.outcome]
    code = spec.measured_by[0] if spec.measured_by else ""
    instrument = words.INSTRUMENTS[code].label if code else spec.label
    measure = "MD" if spec.kind == "score" else "RR"
    arms = [a for a in records(evidence, "arms") if a["study_id"] == entry.study_id]
    order = [*words.ACTIVE, *words.CONTROLS]
    arms = sorted(
        (a for a in arms if a["treatment"] in order), key=lambda a: order.index(a["treatment"])
    )
    for i, arm_t in enumerate(arms):
        for arm_c in arms[i + 1 :]:
            if arm_t["treatment"] == arm_c["treatment"] or arm_t["treatment"] not in words.ACTIVE:
                continue
            for weeks in entry.weeks or (math.nan,):
                yield {
                    "study_id": entry.study_id, "arm_t": arm_t["arm_id"], "arm_c": arm_c["arm_id"],
                    "treatment_t": arm_t["treatment"], "treatment_c": arm_c["treatment"],
                    "outcome": spec.source, "instrument": instrument,
                    "instrument_code": code,
                    "timepoint": _time(weeks), "weeks": weeks, "measure": measure,
                    "note": entry.missing, "source_location": "not reached", "source_kind": "other",
                }  # fmt: skip


def _time(weeks: float) -> str:
    if math.isnan(weeks):
        return "time not known"
    named = (w.label for w in words.WINDOWS.values() if w.target == weeks)
    return next(named, f"{weeks:g} weeks")


def _questions_of_what_was_not_reached(evidence: Evidence) -> Iterable[Question]:
    """The plain question that each of these results would answer, whether it leads or not."""
    for row in evidence.contrasts.to_dict("records"):
        if row["row_id"].startswith(_PSEUDO):
            holds = (key for key, w in words.WINDOWS.items() if w.target and w.holds(row["weeks"]))
            outcome = next(k for k, o in words.OUTCOMES.items() if o.source == row["outcome"])
            yield Question(
                outcome=outcome, intervention=row["treatment_t"], comparator=row["treatment_c"],
                time=next(holds, "any"),
            )  # fmt: skip


def _gains(
    question: Question, lead: bool, evidence: Evidence, effects: Callable[[Question], Effects]
) -> Iterable[tuple[_Sought, Gain]]:
    """Everything that is wanted for one question, with what it would do there."""
    studies = effects(question).studies
    now, unit = _interval(question, studies), _unit(question, effects)
    as_one = len(studies) == 1
    for sought in _sought(question, effects(question), evidence):
        expected = _expected(question, sought.trial, unit, now, evidence)
        there = [s for s in studies if s.trial == sought.trial]
        if there and (expected is None or expected.vi >= there[0].vi):
            continue
        others = [s for s in studies if s.trial != sought.trial]
        if there:  # what it found is known: only its precision is expected
            expected = replace(expected, yi=there[0].yi)
        then = None if expected is None else _interval(question, [*others, expected], as_one)
        yield sought, Gain(question, lead, len(studies), len(others) + 1, now, then)


def _sought(question: Question, effects: Effects, evidence: Evidence) -> Iterable[_Sought]:
    """What is wanted for one question: one time per trial, where the question is about one follow-up the latest."""
    rows, entering = results_by_id(evidence), {study.trial for study in effects.studies}
    best: dict[str, _Sought] = {}
    for left in effects.left_out:
        pair = _pair(left.trial, question, evidence)
        if left.reason not in _UNREAD or left.trial in entering or pair is None:
            continue
        row = rows[left.row_id]
        weeks = row["weeks"]
        if math.isnan(weeks) and question.time != "any":
            continue
        pseudo = left.row_id.startswith(_PSEUDO)
        missing = row["note"] if pseudo else _missing(question, left.reason, left.detail)
        timepoint = row["timepoint"] or "time not reported"
        one = _Sought(left.trial, pair, weeks, timepoint, missing, row["source_url"])
        if left.trial not in best or _nearer(question, weeks, best[left.trial].weeks):
            best[left.trial] = one
    yield from best.values()
    for study in effects.studies:
        pair = _pair(study.trial, question, evidence)
        weak = next((text for flag, text in WEAK.items() if flag in study.flags), "")
        if weak and pair is not None:
            url = rows[study.row_ids[0]]["source_url"]
            yield _Sought(study.trial, pair, study.weeks, study.timepoint, weak, url)


def _nearer(question: Question, weeks: float, other: float) -> bool:
    """Whether a time answers the question rather than another one; a time that was printed before one that was not."""
    if math.isnan(weeks) or math.isnan(other):
        return math.isnan(other) and not math.isnan(weeks)
    target = question.window.target
    return weeks > other if target is None else abs(weeks - target) < abs(other - target)


def _missing(question: Question, reason: str, detail: str) -> str:
    """What would make an effect of what was printed."""
    if question.one_group:
        need = "the number of patients with the event, and of all"
    elif question.spec.kind == "event":
        need = "the number of patients with the event, and of all, in each arm"
    else:
        need = "mean, SD and number of patients of each arm"
    return need if reason == "no figure" else f"{need} ({detail})"


# --- what it would do ----------------------------------------------------------------------------
def _interval(
    question: Question, studies: Sequence[StudyEffect], as_one: bool = False
) -> Interval | None:
    """What is told of these studies; `as_one`: as if all measured one effect."""
    if not studies:
        return None
    asked = question.replace(tau2="EE", ci="wald") if as_one else question
    result = tell(asked, studies).result
    return Interval(result.ci_low, result.ci_high, result.estimate)


def _unit(question: Question, effects: Callable[[Question], Effects]) -> float | None:
    """Standard error of one patient against one: the median of trials that answer, here or at other times."""
    for times in ((question.time,), tuple(words.WINDOWS)):
        studies = [s for t in times for s in effects(question.replace(time=t)).studies]
        sure = [s for s in studies if not WEAK.keys() & set(s.flags)] or studies
        spreads = [(s.vi, _per_patient(question, s.n_t, s.n_c)) for s in sure]
        units = [math.sqrt(vi / spread) for vi, spread in spreads if spread]
        if units:
            return median(units)
    return None


def _per_patient(question: Question, n_t: float, n_c: float) -> float:
    """Sum of the reciprocal sizes; 0 where a size is not known."""
    sizes = [n_t] if question.one_group else [n_t, n_c]
    if any(math.isnan(n) or n <= 0 for n in sizes):
        return 0.0
    return sum(1 / n for n in sizes)


def _expected(
    question: Question, trial: str, unit: float | None, now: Interval | None, evidence: Evidence
) -> StudyEffect | None:
    """The trial's effect as expected; None where its size, or the precision of such trials, is not known."""
    sides = (question.intervention, question.comparator)
    n_t, n_c = (_size(trial, members(side), evidence) for side in sides)
    spread = _per_patient(question, n_t, n_c)
    if unit is None or not spread:
        return None
    return StudyEffect(
        trial=trial, study_id=trial, label="", year=math.nan, design="", etiology="",
        measure=question.effect_measure, form="", timepoint="", weeks=math.nan,
        yi=now.estimate if now else 0.0, vi=unit**2 * spread, n_t=n_t, n_c=n_c,
    )  # fmt: skip


@remembered(maxsize=4)
def _arms(evidence: Evidence) -> Mapping[str, list[Row]]:
    """The arms of all reports, by trial."""
    studies, found = studies_by_id(evidence), defaultdict(list)
    for arm in records(evidence, "arms"):
        found[studies[arm["study_id"]]["parent_study_id"] or arm["study_id"]].append(arm)
    return found


def _size(trial: str, codes: tuple[str, ...], evidence: Evidence) -> float:
    """Patients in the trial's arms of these treatments, as its main report has them, else as a companion has."""
    sums: dict[str, float] = defaultdict(float)
    for arm in _arms(evidence).get(trial, ()):
        if arm["treatment"] in codes:
            sums[arm["study_id"]] += arm["n"]
    known = {study_id: n for study_id, n in sums.items() if not math.isnan(n)}
    return known.get(trial, max(known.values(), default=math.nan))


def _pair(trial: str, question: Question, evidence: Evidence) -> tuple[str, str] | None:
    """The treatments of the trial that the question compares; None where it has no such groups."""
    own = {arm["treatment"] for arm in _arms(evidence).get(trial, ())}
    treated = next((code for code in members(question.intervention) if code in own), "")
    control = next((code for code in members(question.comparator) if code in own), "")
    control = words.NONE if question.one_group else control
    return (treated, control) if treated and control else None
