"""Absolute numbers of one denominator: of 100 people with the procedure, and of 100 without.

Only from printed counts or printed percentages of the studies that answer; a mean is never turned into a
proportion. Without the procedure: the risk in the comparison groups of those studies, their counts added. With
it: that risk, changed by the answer's own effect and its interval (Cochrane Handbook 15.4; two studies: the common
effect). The interval is that of the effect; the risk without is taken as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.answer import Answer
from analysis.effects.scale import shown
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.rules import known, may_pool
from analysis.question import members

PEOPLE = 100


@dataclass(frozen=True, slots=True)
class Absolute:
    """Of 100 people: how many have the event without and with the procedure, with the interval of the latter.

    `basis` says where the risk without comes from.
    """

    without: float
    with_: float
    low: float
    high: float
    basis: str


def absolute(found: Answer, evidence: Evidence) -> Absolute | None:
    """Absolute numbers of an Answer on an event; None where no count or percentage allows them."""
    q, pooled = found.question, found.pooled
    if q.spec.kind != "event" or q.one_group or pooled is None:
        return None
    base = _counted(found) or _printed(found, evidence)
    if base is None:
        return None
    risk, basis = base
    values = [changed(q.effect_measure, risk, v) for v in (pooled.estimate, pooled.ci_low, pooled.ci_high)]  # fmt: skip
    if any(v is None for v in values):
        return None
    point, low, high = (PEOPLE * v for v in values if v is not None)
    return Absolute(PEOPLE * risk, point, min(low, high), max(low, high), basis)


def changed(measure: str, risk: float, effect: float) -> float | None:
    """A risk changed by an effect on the pooled scale, kept between 0 and 1; None for hazard ratios.

    >>> round(changed("OR", 0.5, 0.0), 3), round(changed("RD", 0.2, 0.25), 3)
    (0.5, 0.45)
    """
    if measure == "RD":
        return min(max(risk + effect, 0.0), 1.0)
    ratio = float(shown(measure, effect))
    if measure == "RR":
        return min(risk * ratio, 1.0)
    if measure == "OR":
        return ratio * risk / (1 - risk + ratio * risk)
    return None


def counts(study: StudyEffect) -> tuple[float, float] | None:
    """Events and size of a study's comparison group, where the study gave counts."""
    inputs = dict(study.inputs)
    return (inputs["ci"], inputs["n2i"]) if "ci" in inputs else None


def _counted(found: Answer) -> tuple[float, str] | None:
    pairs = [pair for s in found.studies if (pair := counts(s))]
    size = sum(n for _, n in pairs)
    if not size:
        return None
    events = sum(x for x, _ in pairs)
    k, all_of = len(pairs), len(pairs) == len(found.studies)
    group = "group" if k == 1 else "groups"
    which = "" if all_of else f" of {k} of these {len(found.studies)} studies (the rest report none)"  # fmt: skip
    return (
        events / size,
        f"{events:g} of {size:g} {found.question.unit} in the comparison {group}{which}",
    )


def _printed(found: Answer, evidence: Evidence) -> tuple[float, str] | None:
    """The printed percentage of the comparison group of the only study, at the time of its effect."""
    if len(found.studies) != 1:
        return None
    study, q = found.studies[0], found.question
    arms = evidence.arms
    controls = set(
        arms[
            arms["study_id"].eq(study.study_id) & arms["treatment"].isin(members(q.comparator))
        ]["arm_id"]
    )  # fmt: skip
    table = evidence.arm_results
    rows = table[
        table["study_id"].eq(study.study_id) & table["arm_id"].isin(controls)
        & table["outcome"].eq(q.spec.source) & table["weeks"].eq(study.weeks)
    ]  # fmt: skip
    for row in rows.to_dict("records"):
        usable = may_pool(row) and not q.spec.excludes(row)
        if usable and known(row["percent"]):
            return row[
                "percent"
            ] / 100, f"{row['percent']:g}% in the comparison group, reported by {study.label}"
    return None
