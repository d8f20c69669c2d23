"""What speaks for and against certainty: five computed signals, each shown, none hidden in a score.

The signals follow GRADE's reasons for rating certainty down (Guyatt et al. 2011, J Clin Epidemiol 64,
383-394): risk of bias, imprecision, inconsistency, indirectness, missing results. They are facts about the
studies here, not a rating: a rating is a human judgement, and only published ones are shown
(`analysis.appraisal.published`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis import vocabulary as words
from analysis.appraisal.mid import Mid
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import benefit, favours, kind
from analysis.effects.scale import printed
from analysis.effects.study_effect import StudyEffect
from analysis.evidence.load import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.records import records, studies_by_id
from analysis.evidence.rules import known
from analysis.evidence.select import LeftOut
from analysis.question import Question, members
from analysis.synthesis import Pooled

CONCERN, NO_CONCERN, CANNOT_TELL = "a concern", "no concern seen", "cannot be judged"
ENOUGH_FOR_ASYMMETRY = 10
"""Studies below which a funnel's asymmetry cannot be told from chance (Sterne et al. 2011, BMJ 343, d4002)."""


class Answered(Protocol):
    """What the signals read of an answer."""

    @property
    def question(self) -> Question: ...
    @property
    def studies(self) -> tuple[StudyEffect, ...]: ...
    @property
    def pooled(self) -> Pooled | None: ...
    @property
    def verdict(self) -> Verdict | None: ...
    @property
    def apart(self) -> bool: ...
    @property
    def left_out(self) -> tuple[LeftOut, ...]: ...
    @property
    def mid(self) -> Mid | None: ...


@dataclass(frozen=True, slots=True)
class Remark:
    """A published remark on one study, with the place where it was read."""

    text: str
    source_url: str
    source_location: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for or against certainty: what was found, and whether that is a concern.

    `reading` is `CONCERN`, `NO_CONCERN` or `CANNOT_TELL`; `remarks` are judgements that others published.
    """

    title: str
    reading: str
    finding: str
    remarks: tuple[Remark, ...] = ()


def signals(answer: Answered, evidence: Evidence) -> tuple[Signal, ...]:
    """The five signals of an answer; none where no study entered."""
    if answer.pooled is None:
        return ()
    return (
        _risk_of_bias(answer, evidence),
        _imprecision(answer, answer.pooled),
        _inconsistency(answer, answer.pooled),
        _indirectness(answer, evidence),
        _missing(answer, evidence),
    )


# --- risk of bias --------------------------------------------------------------------------------
def _risk_of_bias(answer: Answered, evidence: Evidence) -> Signal:
    q, studies = answer.question, answer.studies
    designs = Counter(s.design for s in studies)
    counted = _list([
        f"{n} {words.DESIGNS[d] if n == 1 else _plural(words.DESIGNS[d])}"
        for d in words.DESIGNS if (n := designs.get(d, 0))
    ])  # fmt: skip
    blinded = sum(s.blinded or s.design in words.MASKED for s in studies)
    told = q.spec.key in words.TOLD_BY_PATIENTS
    if q.one_group:
        text = f"{counted}, one group of each: nothing to compare with, so no effect can be read from it."
        reading = CONCERN
    else:
        text = f"{counted}; patients did not know their treatment in {blinded} of {len(studies)}."
        unblinded, cohorts = blinded < len(studies), designs.get("comparative_cohort", 0)
        if cohorts:
            text += " Groups that were not randomised may have differed before treatment."
        if unblinded and told:
            text += " The outcome is reported by patients, so expectation may explain part of the difference."
        reading = CONCERN if cohorts or (unblinded and told) else NO_CONCERN
    paid = _labels(studies, _funded_by_industry(studies, evidence))
    text += f" Fully or partly funded by industry: {_list(paid)}." if paid else ""
    remarks = _remarks(studies, evidence)
    if any(s.design in words.RANDOMISED for s in studies):
        text += (
            f" {_judged(studies)} What others wrote about these trials is listed below."
            if remarks
            else " No published judgement on these studies was found."
        )
    return Signal("Risk of bias", reading, text, remarks)


def _judged(studies: Sequence[StudyEffect]) -> str:
    """How many trials others judged; a fact that they only describe is no judgement."""
    with_level = sum(any(remark.level for remark in s.judged) for s in studies)
    if not with_level:
        return "No trial has a published judgement with a level."
    return f"{with_level} of {len(studies)} {'has' if with_level == 1 else 'have'} a published judgement with a level."


def _remarks(studies: Sequence[StudyEffect], evidence: Evidence) -> tuple[Remark, ...]:
    labels = {s.trial: s.label for s in studies} | {s.study_id: s.label for s in studies}
    return tuple(
        Remark(
            f"{labels[row['study_id']]}, {row['domain']}: {row['judgement']} ({row['assessed_by']})",
            row["source_url"], row["source_location"],
        )
        for row in records(evidence, "risk_of_bias")
        if row["study_id"] in labels
    )  # fmt: skip


def _funded_by_industry(studies: Sequence[StudyEffect], evidence: Evidence) -> set[str]:
    rows = studies_by_id(evidence)
    return {
        s.trial
        for s in studies
        if any(
            rows[i]["funding"] in ("industry", "mixed") for i in (s.trial, s.study_id) if i in rows
        )
    }


# --- imprecision ---------------------------------------------------------------------------------
def _imprecision(answer: Answered, pooled: Pooled) -> Signal:
    q = answer.question
    unit = q.effect_measure != "RD"
    low, high = printed(q, pooled.ci_low, unit), printed(q, pooled.ci_high)
    known_n = [s.patients for s in answer.studies if not math.isnan(s.patients)]
    size = f", {sum(known_n):,.0f} {q.unit}" if known_n else ""
    opening = f"{_studies(pooled.k)}{size}; {kind(pooled)} {low} to {high}."
    if q.one_group:
        return Signal(
            "Imprecision", CANNOT_TELL, f"{opening} One group: no threshold to hold it against."
        )
    decided = answer.verdict
    crosses = decided in (Verdict.UNCERTAIN, Verdict.BENEFIT, Verdict.HARM)
    if answer.mid is None:
        crosses = decided is Verdict.UNCERTAIN
        said = "includes" if crosses else "excludes"
        said = f"{said} no difference; no important difference is published for this outcome"
    else:
        threshold = f"the minimal important difference of {answer.mid.value:g} {q.spec.unit}"
        said = f"includes {threshold}" if crosses else f"lies on one side of {threshold}"
        if decided is Verdict.NO_IMPORTANT_DIFFERENCE:
            said = f"lies within {threshold} in either direction"
        said += " and no difference" if decided is Verdict.UNCERTAIN else ""
    if answer.apart:
        said += ", from two studies only"
    reading = CONCERN if crosses or answer.apart else NO_CONCERN
    return Signal("Imprecision", reading, f"{opening} The interval {said}.")


# --- inconsistency -------------------------------------------------------------------------------
def _inconsistency(answer: Answered, pooled: Pooled) -> Signal:
    q = answer.question
    if pooled.k == 1 or answer.apart:
        why = "One study cannot show" if pooled.k == 1 else "These studies are too few to show"
        return Signal(
            "Inconsistency", CANNOT_TELL, f"{why} how far effects differ between studies."
        )
    i2 = "" if pooled.i2 is None else f"I² {pooled.i2:.0f}%"
    if pooled.pi_low is None or pooled.pi_high is None:
        return _positions(answer)
    low, high = printed(q, pooled.pi_low, q.effect_measure != "RD"), printed(q, pooled.pi_high)
    what = "figure" if q.one_group else "effect"
    text = f"{i2}; the true {what} in a similar new study is expected between {low} and {high}"
    if q.one_group:
        wide = pooled.i2 is not None and pooled.i2 > 50
        return Signal("Inconsistency", CONCERN if wide else NO_CONCERN, f"{text}.")
    # far wider than the interval of the mean, and so wide that it holds other answers than the mean's
    other = pooled.pi_low < 0 < pooled.pi_high and not pooled.ci_low <= 0 <= pooled.ci_high
    beyond = answer.mid is not None and any(
        abs(pi) >= answer.mid.value > abs(ci)
        for pi, ci in ((pooled.pi_low, pooled.ci_low), (pooled.pi_high, pooled.ci_high))
    )
    large = pooled.i2 is not None and pooled.i2 > 50
    concern = other or beyond or large
    text += ": other answers than the average are likely in places." if concern else "."
    few = f" {pooled.k} studies say little about this." if pooled.k < 5 else ""
    return Signal("Inconsistency", CONCERN if concern else NO_CONCERN, text + few)


def _positions(answer: Answered) -> Signal:
    """Where each study lies to the threshold (Core GRADE 3: BMJ 2025), where nothing can be predicted."""
    q, studies = answer.question, answer.studies
    ends = [benefit(q, *s.interval(q.level)) for s in studies]
    apart = max(low for low, _ in ends) > min(high for _, high in ends)
    k = len(studies)
    if q.one_group:
        text = f"{_studies(k)}: {'some intervals do not overlap' if apart else 'all intervals overlap'}."
        return Signal("Inconsistency", CONCERN if apart else CANNOT_TELL, text)
    better = sum(favours(q, s.yi) == "intervention" for s in studies)
    text = f"{better} of {k} estimates favour {words.SHORT[q.intervention]}"
    if answer.mid is not None:
        beyond = sum(abs(s.yi) > answer.mid.value for s in studies)
        text += f", {beyond} of {k} lie beyond the important difference"
        apart = apart and (0 < beyond < k or 0 < better < k)
    overlap = (
        "the intervals of some studies do not overlap" if apart else "no study contradicts another"
    )
    text = f"{text}; {overlap}. {_studies(k)} say little about this."
    return Signal("Inconsistency", CONCERN if apart else CANNOT_TELL, text)


# --- indirectness --------------------------------------------------------------------------------
def _indirectness(answer: Answered, evidence: Evidence) -> Signal:
    q, studies = answer.question, answer.studies
    known_studies = studies_by_id(evidence)
    parts, concern = [], False
    causes = Counter(s.etiology or "cause not reported" for s in studies)
    if len(words.ETIOLOGIES) > 1:
        named = _list([f"{c} ({n})" for c, n in causes.most_common()])
        parts.append(f"{words.CAUSE_NAME}: {named}")
    if q.etiology == "any" and len(causes) > 1:
        concern = True
    limits = [
        known_studies[s.trial]["fracture_age_max_weeks"]
        for s in studies
        if s.trial in known_studies
    ]
    shown = sorted({f"{x:g}" for x in limits if known(x)}, key=float)
    open_ended = sum(not known(x) for x in limits)
    age = words.AGE_NAME.lower()
    if shown:
        rest = f"; no limit reported in {open_ended}" if open_ended else ""
        parts.append(f"{age} at entry up to {_list(shown)} weeks{rest}")
    elif len(words.FRACTURE_AGES) > 1:
        parts.append(f"{age} at entry: no limit reported")
    only = _treated_with(answer, evidence)
    if len(only) < len(members(q.intervention)):
        concern = concern or len(only) == 1
        parts.append(f"all are of {_list([words.TREATMENTS[t] for t in only])}")
    details = sorted({d for s in studies for d in _active_controls(s, evidence)})
    if q.comparator in words.PLACEBO and details:
        parts.append(f"one control may itself act on the outcome ({'; '.join(details)})")
        concern = True
    when = sorted({s.weeks for s in studies if known(s.weeks)})
    if q.window.target is None and len(when) > 1:
        parts.append(f"follow-up from {when[0]:g} to {when[-1]:g} weeks")
        concern = True
    text = "; ".join(parts or ["patients and treatments are those asked about"]) + "."
    return Signal("Indirectness", CONCERN if concern else NO_CONCERN, text[0].upper() + text[1:])


def _treated_with(answer: Answered, evidence: Evidence) -> list[str]:
    trials = {s.trial for s in answer.studies} | {s.study_id for s in answer.studies}
    present = {a["treatment"] for a in records(evidence, "arms") if a["study_id"] in trials}
    return [t for t in members(answer.question.intervention) if t in present]


def _active_controls(study: StudyEffect, evidence: Evidence) -> list[str]:
    return [
        f"{study.label}: {a['treatment_detail']}"
        for a in records(evidence, "arms")
        if a["study_id"] == study.trial
        and a["treatment"] in words.PLACEBO
        and a["active_control"] == "yes"
    ]


# --- missing results -----------------------------------------------------------------------------
def _missing(answer: Answered, evidence: Evidence) -> Signal:
    entered = {s.trial for s in answer.studies}
    silent = {r.trial for r in answer.left_out if r.reason == "no figure"} - entered
    unusable = {r.trial for r in answer.left_out if r.reason == "incomplete"} - entered - silent
    names = {key: name_of(row) for key, row in studies_by_id(evidence).items()}
    k = len(answer.studies)
    parts = []
    if silent:
        parts.append(
            f"Reported without numbers, so not counted: {_list([names[t] for t in sorted(silent)])}."
        )
    if unusable:
        parts.append(
            f"Numbers too incomplete for an effect in {len(unusable)} more "
            f"{'study' if len(unusable) == 1 else 'studies'}."
        )
    if k < ENOUGH_FOR_ASYMMETRY:
        parts.append(
            f"{_studies(k)}: too few to tell whether small studies show larger effects "
            f"(from {ENOUGH_FOR_ASYMMETRY} on)."
        )
    else:
        parts.append(f"{_studies(k)}: enough to look at the asymmetry of a funnel plot.")
    reading = CONCERN if silent or unusable else (CANNOT_TELL if k < ENOUGH_FOR_ASYMMETRY else NO_CONCERN)  # fmt: skip
    return Signal("Missing results and small studies", reading, " ".join(parts))


# --- words ---------------------------------------------------------------------------------------
def _labels(studies: Sequence[StudyEffect], trials: set[str]) -> list[str]:
    return [s.label for s in studies if s.trial in trials]


def _studies(k: int) -> str:
    return "1 study" if k == 1 else f"{k} studies"


def _plural(name: str) -> str:
    return name if name.endswith("series") else f"{name}s"


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
