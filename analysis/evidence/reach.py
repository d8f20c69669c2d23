"""Which Questions can have a study at all: a cheap necessary condition, so that a search asks few of them in full."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import counted_unit, known
from analysis.question import Question, members


@dataclass(slots=True)
class _Reach:
    """What a trial has on one outcome: when, in which treatments, counting what; and what kind of trial it is."""

    weeks: list[float] = field(default_factory=list)
    treatments: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    designs: set[str] = field(default_factory=set)
    causes: set[str] = field(default_factory=set)
    limits: list[float] = field(default_factory=list)


_known: WeakKeyDictionary[Evidence, dict[str, tuple[_Reach, ...]]] = WeakKeyDictionary()


def may_have_studies(question: Question, evidence: Evidence) -> bool:
    """False only where no trial has a row on the outcome, treatments, time, unit and patients asked about."""
    age = words.FRACTURE_AGES[question.fracture_age][1]
    t = frozenset(members(question.intervention))
    c = t if question.one_group else frozenset(members(question.comparator))
    admits, window, etiology = frozenset(question.admits), question.window, question.etiology
    of_events = question.spec.kind == "event"
    for trial in _reaches(question.outcome, evidence):
        if t.isdisjoint(trial.treatments) or c.isdisjoint(trial.treatments):
            continue
        if (
            not admits.isdisjoint(trial.designs)
            and (not of_events or question.unit in trial.units)
            and (etiology == "any" or etiology in trial.causes)
            and (age is None or any(limit <= age for limit in trial.limits))
            and any(not known(week) or window.holds(week) for week in trial.weeks)
        ):
            return True
    return False


def _reaches(outcome: str, evidence: Evidence) -> tuple[_Reach, ...]:
    table = _known.setdefault(evidence, {})
    if outcome not in table:
        spec, trials = words.OUTCOMES[outcome], {}
        for row in outcome_rows(evidence, spec.source):
            if not spec.matches(row):
                continue
            reach = trials.setdefault(row["trial"], _Reach())
            reach.weeks.append(row["weeks"])
            names = ("treatment_t", "treatment_c") if row["is_contrast"] else ("treatment",)
            reach.treatments |= {row[name] for name in names}
            if spec.kind == "event":
                reach.units.add(counted_unit(row)[0])
            for study in (row["study"], row["main"]):
                reach.designs.add(study["design"])
                reach.causes.add(study["etiology"])
                reach.limits.append(study["fracture_age_max_weeks"])
        table[outcome] = tuple(trials.values())
    return table[outcome]
