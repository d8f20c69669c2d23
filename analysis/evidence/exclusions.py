"""What keeps a printed row out of a pool: one small rule each, asked in one order.

Each rule takes the row, the Question and the rows of the same trial, and returns None or the category
(a key of `select.REASONS`) with the reason in words.
"""

from __future__ import annotations

from collections.abc import Callable

from analysis import vocabulary as words
from analysis.evidence import rules
from analysis.evidence.rules import Row, has_figure, known
from analysis.question import Question

Obstacle = tuple[str, str] | None


def _no_figure(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if not has_figure(row):
        said = row["note"] or row["not_poolable_reason"] or "no number reported"
        p = f"P {row['p_value']}; " if row.get("p_value") else ""
        return "no figure", f"{p}{said}"
    return None


_NEVER = "never_pool_reason"


def _never_pool(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    study = row["study"]
    return (
        None
        if rules.may_pool(study, _NEVER)
        else ("never pool", study[_NEVER] or "no reason given")
    )


def _row_reason(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if rules.may_pool(row):
        return None
    reason = row["not_poolable_reason"] or "no reason given"
    return "row", f"{reason}: {row['note']}" if reason == "see note" else reason


def _subset(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    return ("subset", f"{q.spec.subset}: {row['instrument']}") if q.spec.excludes(row) else None


def _design(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    design = row["main" if q.one_group else "study"]["design"]  # a group is of its trial, whatever reports it
    if not q.one_group and design not in words.COMPARATIVE:
        return "design", f"{words.DESIGNS[design]}: no comparison between groups"
    return ("design", words.DESIGNS[design]) if design not in q.admits else None


def _population(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    study, main = row["study"], row["main"]
    etiology = study["etiology"] or main["etiology"]
    if q.etiology != "any" and etiology != q.etiology:
        return "population", f"{words.CAUSE_NAME.lower()}: {etiology or 'not printed'}"
    _, limit = words.FRACTURE_AGES[q.fracture_age]
    age = study["fracture_age_max_weeks"]
    if not known(age):  # a companion report has the trial's patients
        age = main["fracture_age_max_weeks"]
    if limit is not None and not (known(age) and age <= limit):
        printed = f"up to {age:g} weeks" if known(age) else "limit not reported"
        return "population", f"{words.AGE_NAME.lower()} at entry: {printed}"
    return None


_BY_INDUSTRY = ("industry", "mixed")


def _funding(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    """A trial funded by industry stays so in the companion reports that do not repeat it."""
    paid = [r["funding"] for r in (row["study"], row["main"]) if r["funding"] in _BY_INDUSTRY]
    return ("funding", f"funding: {paid[0]}") if paid and not q.industry else None


def _without(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if row["trial"] in q.without or row["study_id"] in q.without:
        return "without", "chosen by the reader"
    return None


def _report(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if q.report == "main" and row["trial"] != row["study_id"]:
        return "report", "a companion report, not the main report of the trial"
    return None


def _measure(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    measure = q.effect_measure
    if row["is_contrast"]:
        return ("measure", f"reported as {row['measure']}") if row["measure"] != measure else None
    if measure == "HR":
        return "measure", "counts cannot give a hazard ratio"
    kind = "event" if q.spec.kind == "event" else "score"
    if (row["kind"] == "event") != (kind == "event"):
        return "measure", f"reported as {row['kind']}"
    if row["kind"] != "event" and row["statistic"] != "mean":
        return "measure", f"{row['statistic'] or 'no statistic'} reported, not a mean"
    return None


def _time(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if rules.at_baseline(row):
        return "time", "measured before treatment"
    if not known(row["weeks"]):
        allowed = q.window.target is None or not has_figure(row)
        return None if allowed else ("time", f"time not reported: {row['timepoint'] or 'empty'}")
    return None if q.window.holds(row["weeks"]) else ("time", row["timepoint"])


def _unit(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if q.spec.kind != "event":
        return None
    unit, inferred = rules.counted_unit(row)
    if unit != q.unit:
        return "unit", f"counts {unit}: {row['instrument']}" if unit != "not_stated" else (
            f"unit not stated: {row['instrument']}"
        )
    return (
        ("inferred", f"unit inferred: {row['instrument']}") if inferred and not q.inferred else None
    )


def _kind(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if not q.kind or row["is_contrast"]:
        return None
    felt, image = rules.symptoms(row), rules.imaging(row)
    if q.kind == words.SYMPTOMATIC:
        counts = felt in ("symptomatic", "none_symptomatic")
        return None if counts else ("kind", "symptoms not stated, or only events without them")
    if felt == "symptomatic":
        return "kind", words.KINDS[words.SYMPTOMATIC]
    return ("kind", words.IMAGES.get(image, image)) if image != q.kind else None


def _scale(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if q.spec.kind != "score" or q.spec.scale is None:
        return None
    scale = rules.scale_of(row, q.spec, trial)
    if scale is None:
        return "scale", f"range not reported: {row['instrument'] or 'instrument not named'}"
    if scale.basis == "inferred" and not q.inferred:
        return "inferred", "range inferred from the values"
    return None


def _sign(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if not row["is_contrast"] or q.effect_measure in words.RATIOS:
        return None
    if rules.signed(row, q.spec) is None:
        return "sign", "the paper does not say whom a positive difference favours"
    if rules.sign_inferred(row) and not q.inferred:
        return "inferred", f"sign {row['sign_basis']}"
    return None


def _abstract(row: Row, q: Question, trial: list[Row]) -> Obstacle:
    if not q.abstract and rules.read_in_abstract(row):
        return "abstract", row["source_location"] or "abstract"
    return None


Rule = Callable[[Row, Question, list[Row]], Obstacle]

RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_never_pool, ()),
    (_design, ("comparator", "designs")),
    (_population, ("etiology", "fracture_age")),
    (_funding, ("industry",)),
    (_without, ("without",)),
    (_time, ("time",)),
    (_no_figure, ()),
    (_row_reason, ()),
    (_subset, ("outcome",)),
    (_report, ("report",)),
    (_measure, ("outcome", "comparator", "measure")),
    (_unit, ("outcome", "comparator", "measure", "unit", "inferred")),
    (_kind, ("outcome", "comparator", "counted")),
    (_scale, ("outcome", "inferred")),
    (_sign, ("outcome", "comparator", "measure", "inferred")),
    (_abstract, ("abstract",)),
)
"""Every rule in the order in which they are asked, with the fields of the Question that it reads."""


def first_exclusion(row: Row, question: Question, trial: list[Row]) -> Obstacle:
    """The first rule that keeps the row out; None when it may enter."""
    return next((o for rule, _ in RULES if (o := rule(row, question, trial))), None)
