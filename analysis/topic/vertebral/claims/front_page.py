"""The front page in words: the claim that leads, "over 85% of patients", and the studies that contradict it.

Every sentence is worded from Answers; a layer without evidence says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.prose import listed
from analysis.question import Question
from analysis.topic.vertebral.claims.layers import (
    NO_STUDY,
    pain_layers,
    questions,
    relief_layers,
    why_empty,
)
from analysis.topic.vertebral.claims.wording import fell, interval, lower, points, proportion


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
    if not _in_hand(kyphoplasty, evidence):
        others = (
            " The sham trials in hand are of vertebroplasty and speak to kyphoplasty only indirectly."
            if _in_hand(vertebroplasty, evidence)
            else ""
        )
        unknown.append(
            "Whether kyphoplasty relieves pain better than a sham procedure is not known: no sham-controlled "
            f"trial of kyphoplasty was found.{others}"
        )
    unknown.append(
        "Most papers could be read only as abstracts, and papers that print no figure cannot enter a pool: "
        "what is missing may change these numbers."
    )
    headline = _headline(relief_series[0], vertebroplasty, when, untested=bool(unknown[:-1]))
    return Finding(headline, tuple(filter(None, sentences)), tuple(unknown))


def _in_hand(a: Answer, evidence: Evidence) -> bool:
    """Whether there is a study of what was asked, with a usable figure or without."""
    return bool(a.studies) or why_empty(a.question, evidence) != NO_STUDY


def _headline(relief: Answer, sham: Answer, when: str, *, untested: bool) -> str:
    first = ""
    if relief.pooled is not None:
        first = (
            f"In uncontrolled series about {proportion(relief)} of patients report relief after "
            "kyphoplasty. That is not the effect of the procedure"
        )
    if sham.told is None:
        return f"{first}." if first else "The evidence in hand does not answer this."
    result = sham.told.result
    second = (
        f"against a sham procedure, pain at {when} after vertebroplasty was {points(sham, result.estimate)} "
        f"{lower(result.estimate)} on a scale of 0 to 10 ({interval(sham, result.ci_low, result.ci_high)})"
    )
    tail = "; no comparison of kyphoplasty with a sham procedure was found." if untested else "."
    return f"{first}: {second}{tail}" if first else second[0].upper() + second[1:] + tail


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
            f"{printed(relief.question, p.estimate)} of patients report relief, by whatever definition "
            f"({relief.pooled.k} series, {interval(relief, p.ci_low, p.ci_high)})"
        )
    return f"In uncontrolled series, {' and '.join(parts)}." if parts else ""


def _controls(series: list[Answer], relief_arms: list[Answer], when: str) -> str:
    parts = [
        f"pain {fell(a)} with {words.SPOKEN[a.question.intervention]} by {when}"
        for a in series[2:]
        if a.pooled is not None
    ]
    parts += [
        f"{proportion(a)} of patients had relief after {words.SPOKEN[a.question.intervention]}"
        for a in relief_arms[1:]
        if a.told is not None
    ]
    if not parts:
        return ""
    return f"Without the procedure, in the control groups of studies: {listed(parts)}."


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
    if not any(_in_hand(a, evidence) for a in trials):
        return "No open randomised trial against non-surgical care is in hand."
    if not parts:
        return f"Open randomised trials against non-surgical care print no usable figure at {when}."
    return (
        f"In open randomised trials against non-surgical care, where patients knew what they received, "
        f"pain at {when} was {listed(parts)}."
    )


def _sham(a: Answer, when: str, evidence: Evidence) -> str:
    if not _in_hand(a, evidence):
        return "No sham-controlled trial of vertebroplasty is in hand."
    if a.told is None:
        return f"Sham-controlled trials print no usable figure at {when}."
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
    silent = "" if scored else " It prints no pain score that could enter the pool."
    return (
        f"One sham-controlled trial differs: {study.label}, of fractures at most 6 weeks old, found "
        f"{number(100 * a.pooled.estimate, 0)} more patients in 100 with little pain at {study.timepoint} "
        f"({interval(a, a.pooled.ci_low, a.pooled.ci_high)}).{silent}"
    )
