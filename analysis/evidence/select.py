"""From a Question to the printed rows that can answer it: which may enter, which may not, and why.

Two kinds of rule, each written once: those that keep a row out (`_OBSTACLES`, in the order in which
they are asked) and those that rank what a trial offers (`Offer.rank`). Every row of the outcome and
the treatments asked about ends up either in an offer or in `left_out` with its reason.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from analysis import vocabulary as words
from analysis.evidence import rules
from analysis.evidence.load import Evidence
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row, known
from analysis.question import Question, members

REASONS: dict[str, str] = {
    "no figure": "reported without a figure",
    "never pool": "must not be pooled (double counting, retraction, unreadable scale)",
    "row": "not poolable as printed",
    "subset": "counts or measures only part of the outcome",
    "design": "another design than the question asks about",
    "population": "another population than the question asks about",
    "funding": "funded by industry, which the question leaves out",
    "without": "left out by the reader",
    "measure": "printed as another effect measure",
    "time": "another time point, or none printed",
    "unit": "counts another unit",
    "scale": "range of the scale not printed",
    "sign": "direction not stated",
    "inferred": "sign, range or unit inferred, which the question leaves out",
    "incomplete": "the figures needed for an effect were not printed",
    "duplicate": "prints the same figures as another study: probably the same patients",
    "other row": "another row of the same trial answers the question",
}
"""Why a printed row stays out of a pool: category and its plain words."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A printed row that does not enter, its category (`REASONS`) and the reason in words."""

    row_id: str
    study_id: str
    trial: str
    reason: str
    detail: str


FORMS = ("adjusted difference", "difference", "counts", "change", "level")


@dataclass(frozen=True, slots=True)
class Offer:
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


@dataclass(frozen=True, slots=True)
class Selection:
    """What the evidence offers on a question: offers per trial, best first, and what stays out."""

    offers: dict[str, tuple[Offer, ...]]
    left_out: tuple[LeftOut, ...]
    considered: int
    rows: dict[str, Row] = field(repr=False)


def select(question: Question, evidence: Evidence) -> Selection:
    """Apply every rule of this file; raises nothing on any valid Question.

    A trial is a study or, for companion reports, its `parent_study_id`: it answers once.
    """
    outcome = question.spec
    table = [r for r in outcome_rows(evidence, outcome.source) if outcome.matches(r["instrument"])]
    wanted = [r for r in table if _concerns(r, question)]
    by_trial: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        by_trial[row["trial"]].append(row)

    left_out, candidates, baseline = [], [], []
    for row in wanted:
        if row["weeks"] == 0 and not row["is_contrast"]:
            baseline.append(row)
            continue
        obstacle = _first_obstacle(row, question, by_trial[row["trial"]])
        if obstacle:
            left_out.append(_left_out(row, *obstacle))
        else:
            candidates.append(row)

    offers: dict[str, list[Offer]] = defaultdict(list)
    sound = [
        r for r in baseline if not r["study"]["never_pool_reason"] and not r["not_poolable_reason"]
    ]
    for offer in _offers(question, candidates, sound):
        offers[offer.trial].append(offer)
    ranked = {t: tuple(sorted(o, key=lambda offer: offer.rank)) for t, o in offers.items()}

    offered = {row["row_id"]: row for trial in ranked.values() for o in trial for row in o.rows}
    kinds = {_place(row) for row in offered.values()}
    for row in candidates:
        if row["row_id"] in offered:
            continue
        if _place(row) in kinds:
            left_out.append(_left_out(row, "other row", "printed again for the same arm and time"))
        else:
            left_out.append(_left_out(row, "incomplete", _lonely(row, question)))
    for row in baseline:
        if row["row_id"] not in offered:
            left_out.append(_left_out(row, "time", "measured before treatment"))
    return Selection(ranked, tuple(left_out), len(wanted), {r["row_id"]: r for r in wanted})


def _concerns(row: Row, question: Question) -> bool:
    """Whether a row speaks of the treatments asked about (contrasts: of both, either way round)."""
    t, c = members(question.intervention), members(question.comparator)
    if row["is_contrast"]:
        pair = (row["treatment_t"], row["treatment_c"])
        return (pair[0] in t and pair[1] in c) or (pair[0] in c and pair[1] in t)
    return row["treatment"] in t or row["treatment"] in c


# --- what keeps a row out ------------------------------------------------------------------------
Obstacle = tuple[str, str] | None


def _no_figure(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if not _has_figure(row):
        said = row["note"] or row["not_poolable_reason"] or "no number printed"
        p = f"P {row['p_value']}; " if row.get("p_value") else ""
        return "no figure", f"{p}{said}"
    return None


def _has_figure(row: Row) -> bool:
    numbers = ("estimate",) if row["is_contrast"] else ("mean", "events", "percent")
    return any(known(row[name]) for name in numbers)


def _never_pool(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    reason = row["study"]["never_pool_reason"]
    return ("never pool", reason) if reason else None


def _row_reason(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    reason = row["not_poolable_reason"]
    if not reason:
        return None
    return "row", f"{reason}: {row['note']}" if reason == "see note" else reason


def _subset(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    return (
        ("subset", f"{q.spec.subset}: {row['instrument']}")
        if q.spec.excludes(row["instrument"])
        else None
    )


def _design(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    design = row["study"]["design"]
    if not q.one_group and design not in words.COMPARATIVE:
        return "design", f"{words.DESIGNS[design]}: no comparison between groups"
    return ("design", words.DESIGNS[design]) if design not in q.admits else None


def _population(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    study, main = row["study"], row["main"]
    etiology = study["etiology"] or main["etiology"]
    if q.etiology != "any" and etiology != q.etiology:
        return "population", f"cause of fracture: {etiology or 'not printed'}"
    _, limit = words.FRACTURE_AGES[q.fracture_age]
    age = study["fracture_age_max_weeks"]
    if not known(age):  # a companion report has the trial's patients
        age = main["fracture_age_max_weeks"]
    if limit is not None and not (known(age) and age <= limit):
        printed = f"up to {age:g} weeks" if known(age) else "limit not printed"
        return "population", f"fracture age at entry: {printed}"
    return None


_BY_INDUSTRY = ("industry", "mixed")


def _funding(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    """A trial paid by industry stays so in the companion reports that do not repeat it."""
    paid = [r["funding"] for r in (row["study"], row["main"]) if r["funding"] in _BY_INDUSTRY]
    return ("funding", f"funding: {paid[0]}") if paid and not q.industry else None


def _without(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if row["trial"] in q.without or row["study_id"] in q.without:
        return "without", "chosen by the reader"
    return None


def _measure(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    measure = q.effect_measure
    if row["is_contrast"]:
        return ("measure", f"printed as {row['measure']}") if row["measure"] != measure else None
    if measure == "HR":
        return "measure", "counts cannot give a hazard ratio"
    kind = "event" if q.spec.kind == "event" else "score"
    if (row["kind"] == "event") != (kind == "event"):
        return "measure", f"printed as {row['kind']}"
    if row["kind"] != "event" and row["statistic"] != "mean":
        return "measure", f"{row['statistic'] or 'no statistic'} printed, not a mean"
    return None


def _time(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if row["weeks"] == 0:
        return "time", "measured before treatment"
    if not known(row["weeks"]):
        allowed = q.window.target is None or not _has_figure(row)
        return None if allowed else ("time", f"time not printed: {row['timepoint'] or 'empty'}")
    return None if q.window.holds(row["weeks"]) else ("time", row["timepoint"])


def _unit(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if q.spec.kind != "event":
        return None
    unit, inferred = rules.counted_unit(row)
    if row["is_contrast"] and unit == "unstated" and q.effect_measure in words.RATIOS:
        unit = "patients"  # a printed ratio compares groups of patients unless it says otherwise
    if unit != q.unit:
        return "unit", f"counts {unit}: {row['instrument']}" if unit != "unstated" else (
            f"unit not stated: {row['instrument']}"
        )
    return (
        ("inferred", f"unit inferred: {row['instrument']}") if inferred and not q.inferred else None
    )


def _scale(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if q.spec.kind != "score" or q.spec.scale is None:
        return None
    scale = rules.scale_of(row, q.spec, trial)
    if scale is None:
        return "scale", f"range not printed: {row['instrument'] or 'instrument not named'}"
    if scale.basis == "inferred" and not q.inferred:
        return "inferred", "range inferred from the values"
    return None


def _sign(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if not row["is_contrast"] or q.effect_measure in words.RATIOS:
        return None
    if rules.signed(row, q.spec) is None:
        return "sign", "the paper does not say whom a positive difference favours"
    if row["sign_basis"].startswith("inferred") and not q.inferred:
        return "inferred", f"sign {row['sign_basis']}"
    return None


_OBSTACLES: tuple[Callable[[Row, Question, list[Row]], Obstacle], ...] = (
    _never_pool, _design, _population, _funding, _without, _time, _no_figure, _row_reason, _subset,
    _measure, _unit, _scale, _sign,
)  # fmt: skip


def _first_obstacle(row: Row, question: Question, trial: list[Row]) -> Obstacle:
    return next((o for rule in _OBSTACLES if (o := rule(row, question, trial))), None)


def _left_out(row: Row, reason: str, detail: str) -> LeftOut:
    return LeftOut(row["row_id"], row["study_id"], row["trial"], reason, detail)


def _lonely(row: Row, question: Question) -> str:
    if row["is_contrast"]:
        return "neither an interval nor a P value from which one follows"
    if question.one_group:
        return "no value before treatment on the same instrument"
    return "no row of the other arm on the same instrument and day"


def _place(row: Row) -> tuple:
    """Arm, instrument and time of a row: what a second print of the same result shares with the first."""
    if row["is_contrast"]:
        return (row["row_id"],)
    when = row["weeks"] if known(row["weeks"]) else row["timepoint"]
    return (row["study_id"], row["arm_id"], row["instrument"], when, row["kind"])


# --- what a trial offers -------------------------------------------------------------------------
def _offers(question: Question, rows: Iterable[Row], baseline: list[Row]) -> Iterable[Offer]:
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        if row["is_contrast"]:
            yield from _contrast_offer(question, row)
        else:
            study_id, _, *rest = _place(row)
            groups[(study_id, *rest)].append(row)
    for group in groups.values():
        yield from _arms_offer(question, group, baseline)


def _contrast_offer(question: Question, row: Row) -> Iterable[Offer]:
    has_interval = known(row["ci_low"]) and known(row["ci_high"])
    p = rules.printed_p(row["p_value"])
    if not has_interval and p is None:
        return
    spread = (0 if known(row["ci_level"]) else 1) if has_interval else (2 if p[1] else 1)
    form = "adjusted difference" if row["adjusted"] else "difference"
    flipped = row["treatment_t"] in members(question.comparator)
    yield Offer(
        row["trial"], row["study_id"], form, row["weeks"], contrast=row, flipped=flipped,
        rank=_rank(question, row, form, spread),
    )  # fmt: skip


def _arms_offer(question: Question, group: list[Row], baseline: list[Row]) -> Iterable[Offer]:
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
    yield Offer(
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
        and b["instrument"] == row["instrument"] and b["statistic"] == "mean" and known(b["mean"])
    ]  # fmt: skip
    return same[0] if same else None


def _has_spread(row: Row) -> bool:
    return known(row["sd"]) or known(row["se"]) or (known(row["ci_low"]) and known(row["ci_high"]))


_LAST = re.compile(r"\b(final|last|latest)\b", re.IGNORECASE)


def _rank(question: Question, row: Row, form: str, spread: int) -> tuple[float, ...]:
    """What wins when a trial offers several: smaller is better, compared from left to right.

    Distance to the window's target (longest follow-up: the latest week; a "final" value without a
    printed week is later than all others, any other one earlier); spread printed (0), printed at an
    unknown level or from an exact P (1), from a bound on P (2), borrowed (3); adjusted difference,
    difference, counts, change, level; the trial's main report before a companion; the order of the file.
    """
    weeks, target = row["weeks"], question.window.target
    if target is not None:
        distance = abs(weeks - target)
    elif known(weeks):
        distance = -weeks
    else:
        distance = -math.inf if _LAST.search(row["timepoint"]) else 0.0
    companion = float(bool(row["study"]["parent_study_id"]))
    return (distance, spread, FORMS.index(form), companion, row["row"])
