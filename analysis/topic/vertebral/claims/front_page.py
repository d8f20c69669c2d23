"""The front page in words: the claim that leads, "over 85% of patients", and the studies that contradict it.

Every sentence is worded from Answers; a layer without evidence says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import after
from analysis.effects.scale import printed
from analysis.effects.study_effect import StudyEffect, number
from analysis.evidence import Evidence
from analysis.evidence.records import records, results_by_id
from analysis.prose import counted, listed
from analysis.question import Question
from analysis.topic.vertebral.claims.layers import (
    NO_STUDY,
    pain_layers,
    questions,
    relief_layers,
    why_empty,
)
from analysis.topic.vertebral.claims.wording import fell, interval, lower, points, proportion

TITLE = f"Does kyphoplasty relieve pain in over {words.CLAIMED_PERCENT}% of patients?"
DESCRIPTION = (
    "What uncontrolled series, open trials and sham-controlled trials report about pain after balloon "
    "kyphoplasty and vertebroplasty, side by side."
)
RELIEF = "Patients with relief: series beside sham and non-surgical care"


@dataclass(frozen=True, slots=True)
class Finding:
    """The front page in words: a headline, then one sentence per layer, then what is not known."""

    headline: str
    sentences: tuple[str, ...]
    unknown: tuple[str, ...]


def finding(evidence: Evidence, time: str = "1m") -> Finding:
    """Word the finding from the Answers; a layer without evidence at this time says so."""
    series, open_trials, sham = (
        [answer(q, evidence) for q in questions([layer])] for layer in pain_layers(time)
    )
    relief_series, relief_arms = (
        [answer(q, evidence) for q in questions([layer])] for layer in relief_layers()
    )
    when = words.WINDOWS[time].label
    kyphoplasty, vertebroplasty = sham
    sentences = [
        _series(series, relief_series[0], when),
        _controls(series, relief_arms, when),
        _open(open_trials, when, evidence),
        _sham(vertebroplasty, when, evidence),
        _early(evidence),
    ]
    unknown = []
    if not _was_studied(kyphoplasty, evidence):
        others = (
            " The sham trials here are of vertebroplasty, and apply to kyphoplasty only indirectly."
            if _was_studied(vertebroplasty, evidence)
            else ""
        )
        unknown.append(
            "Whether kyphoplasty relieves pain better than a sham procedure is not known: no sham-controlled "
            f"trial of kyphoplasty was found.{others}"
        )
    unknown.append(
        "Most papers could be read only as abstracts, and papers that report no numbers cannot be pooled. "
        "What is missing may change these results."
    )
    headline = _headline(relief_series[0], vertebroplasty, when, untested=bool(unknown[:-1]))
    return Finding(headline, tuple(filter(None, sentences)), tuple(unknown))


def _was_studied(a: Answer, evidence: Evidence) -> bool:
    """Whether there is a study of what was asked, with a usable result or without."""
    return bool(a.studies) or why_empty(a.question, evidence) != NO_STUDY


_DID = {
    Verdict.IMPORTANT_BENEFIT: "reduced pain by an important amount",
    Verdict.BENEFIT: "reduced pain, perhaps by enough to matter",
    Verdict.SMALL_BENEFIT: "reduced pain by too little to matter",
    Verdict.NO_IMPORTANT_DIFFERENCE: "made no important difference to pain",
    Verdict.UNCERTAIN: "may or may not have made a difference to pain",
    Verdict.SMALL_HARM: "left slightly more pain, too little to matter",
    Verdict.HARM: "left more pain, perhaps by enough to matter",
    Verdict.IMPORTANT_HARM: "left more pain by an important amount",
    Verdict.BETTER: "reduced pain",
    Verdict.WORSE: "left more pain",
}


def _headline(relief: Answer, sham: Answer, when: str, *, untested: bool) -> str:
    """Two sentences: what was never tested, and what the nearest blinded trials found."""
    reported = "Most patients report relief" if relief.told is not None else ""
    first = "Kyphoplasty has never been tested against a sham procedure." if untested else ""
    if reported:
        first = (
            f"{reported}, but kyphoplasty has never been tested against a sham procedure."
            if untested
            else f"{reported}; that alone says nothing about what the procedure did."
        )
    if sham.told is None or sham.verdict is None:
        return first if relief.told is not None else "The evidence does not answer this."
    result = sham.told.result
    second = (
        f"Against a sham, vertebroplasty {_DID[sham.verdict]} at {when}: {points(sham, result.estimate)} "
        f"{lower(result.estimate)} on a scale of 10 ({interval(sham, result.ci_low, result.ci_high)}; "
        f"{counted(result.k, 'trial')})."
    )
    return f"{first} {second}".strip()


def nearest_blinded(time: str) -> tuple[Question, str]:
    """The blinded comparison that speaks to the claim, though of another procedure, and its name in a sentence."""
    return questions(pain_layers(time)[2:])[1], "the comparison with sham"


def never_tested(time: str) -> Question:
    """What the claim asks, in trials of any design."""
    return questions(pain_layers(time)[2:])[0].replace(designs=())


@dataclass(frozen=True, slots=True)
class Count:
    """How many of 100 patients had relief: `value` in the unit of the claim, and whose figure that is."""

    value: str
    label: str
    note: str
    question: Question


def of_100(evidence: Evidence) -> tuple[Count, ...]:
    """The claim in its own unit: series, the arms of each blinded trial in pairs, and without the procedure."""
    one = Question(outcome="responder", comparator=words.NONE, time="any")
    series = one.replace(intervention="BKP", designs=("single_arm",))
    blinded = Question(outcome="responder", time="any", designs=("sham_rct",))
    care = one.replace(intervention="NSM")
    counts = []
    if (found := answer(series, evidence)).told is not None:
        note = f"kyphoplasty, {counted(len(found.studies), 'uncontrolled series', 'uncontrolled series')}"
        counts.append(Count(_figures(found), "with kyphoplasty", note, series))
    for study in answer(blinded, evidence).studies:
        t, c = (_share(study, evidence, treatment) for treatment in ("VP", "SHAM"))
        if t and c:
            note = f"{study.label}, {study.timepoint}"
            counts.append(Count(f"{t} v {c}", "with vertebroplasty v sham", note, blinded))
    if (found := answer(care, evidence)).told is not None:
        note = f"non-surgical care, {counted(len(found.studies), 'group')}"
        counts.append(Count(_figures(found), "without the procedure", note, care))
    return tuple(counts)


def _figures(a: Answer) -> str:
    return proportion(a).replace("%", "")


def _share(study: StudyEffect, evidence: Evidence, treatment: str) -> str:
    """The percentage that a trial printed of one of its groups; else that of its counts."""
    rows = results_by_id(evidence)
    arms = {(a["study_id"], a["arm_id"]): a["treatment"] for a in records(evidence, "arms")}
    for row in (rows[row_id] for row_id in study.row_ids):
        if "arm_id" not in row:  # a printed difference has no figure of one group
            continue
        if arms.get((row["study_id"], row["arm_id"])) != treatment:
            continue
        if not math.isnan(row["percent"]):
            return number(row["percent"], 0)
        if not math.isnan(row["events"]) and not math.isnan(row["total"]):
            return number(100 * row["events"] / row["total"], 0)
    return ""


def _series(series: list[Answer], relief: Answer, when: str) -> str:
    pain = series[0]
    parts = []
    if pain.pooled is not None:
        result = pain.told.result
        parts.append(
            f"pain {fell(pain)} on average from before kyphoplasty to {when} "
            f"({pain.pooled.k} series, {interval(pain, result.ci_low, result.ci_high)})"
        )
    if relief.pooled is not None:
        p = relief.told.result
        parts.append(
            f"{printed(relief.question, p.estimate)} of patients reported relief, however defined "
            f"({relief.pooled.k} series, {interval(relief, p.ci_low, p.ci_high)})"
        )
    return " ".join(f"In uncontrolled series, {part}." for part in parts)


def _controls(series: list[Answer], relief_arms: list[Answer], when: str) -> str:
    falls = [f"{fell(a)} {_with(a)}" for a in series[2:] if a.pooled is not None]
    shares = [f"{proportion(a)} {_with(a)}" for a in relief_arms[1:] if a.told is not None]
    parts = []
    if falls:
        parts.append(f"In control groups (without the procedure), pain {listed(falls)} by {when}.")
    if shares:
        parts.append(f"Of patients in control groups, {listed(shares)} had relief.")
    return " ".join(parts)


def _with(group: Answer) -> str:
    return after(words.SPOKEN[group.question.intervention])


def _open(trials: list[Answer], when: str, evidence: Evidence) -> str:
    parts = []
    for a in trials:
        if a.told is None:
            continue
        result = a.told.result
        only = {s.etiology for s in a.studies}
        whom = ", in malignant fractures" if only == {"malignant"} else ""
        trials_in = "1 trial" if a.pooled.k == 1 else f"{a.pooled.k} trials"
        parts.append(
            f"{points(a, result.estimate)} {lower(result.estimate)} after "
            f"{words.SPOKEN[a.question.intervention]} ({trials_in}{whom}; "
            f"{interval(a, result.ci_low, result.ci_high)})"
        )
    if not any(_was_studied(a, evidence) for a in trials):
        return "No open randomised trial against non-surgical care was found."
    if not parts:
        return f"Open randomised trials against non-surgical care report no usable result at {when}."
    return (
        f"In open randomised trials, pain at {when} was {listed(parts)} than with non-surgical care. "
        "Patients knew what they had received."
    )


def _sham(a: Answer, when: str, evidence: Evidence) -> str:
    if not _was_studied(a, evidence):
        return "No sham-controlled trial of vertebroplasty was found."
    if a.told is None:
        return f"Sham-controlled trials report no usable result at {when}."
    k = a.pooled.k
    result = a.told.result
    mid = ""
    if a.mid is not None:
        inside = max(abs(result.ci_low), abs(result.ci_high)) < a.mid.value
        mid = (
            f" All of this interval is smaller than the minimal important difference of {a.mid.value:g} points."
            if inside
            else f" The minimal important difference is {a.mid.value:g} points."
        )
    return (
        f"In {k} sham-controlled {'trial' if k == 1 else 'trials'}, pain at {when} was "
        f"{points(a, result.estimate)} {lower(result.estimate)} after vertebroplasty than after the sham "
        f"({interval(a, result.ci_low, result.ci_high)}).{mid}"
    )


def _early(evidence: Evidence) -> str:
    """The sham-controlled result for very recent fractures, which points the other way."""
    a = answer(Question(outcome="responder", time="1w", measure="RD", fracture_age="6w"), evidence)
    if len(a.studies) != 1 or a.pooled is None or a.pooled.ci_low <= 0:
        return ""
    study = a.studies[0]
    scored = any(
        s.trial == study.trial
        for time in words.WINDOWS
        for s in answer(Question(time=time), evidence).studies
    )
    silent = "" if scored else " It reports no usable pain score."
    return (
        f"One sham-controlled trial differs. {study.label}, of fractures at most 6 weeks old, found "
        f"{number(100 * a.pooled.estimate, 0)} more patients in 100 with little pain at {study.timepoint} "
        f"({interval(a, a.pooled.ci_low, a.pooled.ci_high)}).{silent}"
    )
