"""One sentence (or two) per claim, worded from the Answers; every number in it is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.wording import favours
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.prose import listed
from analysis.question import Question
from analysis.topic.vertebral.claims.layers import questions, relief_layers
from analysis.topic.vertebral.claims.wording import (
    effect,
    fell,
    interval,
    proportion,
)

_TIMES = ("1w", "1m", "3m", "6m", "12m", "24m")
_NSM_OF_ANY = Question(intervention="AUG", comparator="NSM", time="any")
_EARLY = Question(outcome="responder", time="1w", measure="RD", fracture_age="6w")


# --- pain ----------------------------------------------------------------------------------------
def relief(evidence: Evidence) -> str:
    series, _, _, sham, care = (answer(q, evidence) for q in questions(relief_layers()))
    if series.pooled is None:
        return "No series here reports how many patients had relief."
    text = (
        f"In {series.pooled.k} uncontrolled series, {proportion(series)} of patients reported relief after "
        f"kyphoplasty, however they defined it ({interval(series, series.pooled.ci_low, series.pooled.ci_high)})."
    )
    others = [
        f"{proportion(a)} {who}"
        for a, who in ((sham, "after a sham procedure"), (care, "with non-surgical care"))
        if a.told is not None
    ]
    beside = f" But so did {listed(others)}." if others else ""
    return f"{text}{beside} This is what patients reported, not what the procedure did."


def contradiction(evidence: Evidence) -> str:
    sham = [a for t in _TIMES if (a := answer(Question(time=t, designs=("sham_rct",)), evidence)).studies]  # fmt: skip
    opened = [
        a
        for t in _TIMES
        for who in ("BKP", "VP")
        if (a := answer(Question(intervention=who, comparator="NSM", time=t, designs=("open_rct",)), evidence)).studies
    ]  # fmt: skip
    if not sham:
        return "No sham-controlled trial here reports a pain score that can be used."
    small = sum(_below_mid(a) for a in sham)
    mid = sham[0].mid
    text = (
        f"At {len(sham)} time points, the difference in pain between vertebroplasty and sham was {_span(sham)} "
        "points of 10"
    )
    if mid is not None:
        text += f". At {small} of them a benefit that matters ({mid.value:g} points) is ruled out"
    if opened:
        text += (
            f". In open trials against non-surgical care the difference was {_span(opened)} points"
        )
    none = not answer(Question(intervention="BKP", time="any"), evidence).studies
    tail = " No sham-controlled trial of kyphoplasty was found." if none else ""
    early = answer(_EARLY, evidence)
    if early.pooled is not None and early.pooled.ci_low > 0:
        tail += (
            f" One sham-controlled trial of fractures at most 6 weeks old, {early.studies[0].label}, found more "
            "patients with little pain; it reports no usable pain score."
        )
    return f"{text}.{tail}"


def in_favour(evidence: Evidence) -> str:
    series = answer(
        Question(intervention="AUG", comparator=words.NONE, time="any", designs=("single_arm",)),
        evidence,
    )  # fmt: skip
    opened = answer(_NSM_OF_ANY.replace(designs=("open_rct",)), evidence)
    sham = answer(Question(time="12m", designs=("sham_rct",)), evidence)
    if not series.studies or sham.pooled is None:
        return "The studies here cannot be counted by direction."
    return (
        f"As a count, yes: pain fell in {_better(series)} of {len(series.studies)} uncontrolled series, and "
        f"{_better(opened)} of {len(opened.studies)} open trials point the same way. But counting is not weighing: "
        f"series have no comparison. Together, the {sham.pooled.k} sham-controlled trials found pain "
        f"{effect(sham)} at 12 months."
    )


# --- before the procedure ------------------------------------------------------------------------
def after_conservative(evidence: Evidence) -> str:
    care = Question(intervention="NSM", comparator=words.NONE, designs=words.RANDOMISED)
    falls = [
        f"{fell(a)} by {a.question.window.label}"
        for t in ("1m", "12m")
        if (a := answer(care.replace(time=t), evidence)).pooled is not None
    ]
    told = list(evidence.studies["care_failed_first"])
    failed = told.count("yes")
    opened = answer(_NSM_OF_ANY.replace(time="12m"), evidence)
    text = "This is a recommendation; no trial has tested it."
    if falls:
        text += f" With non-surgical care alone, pain {listed(falls)} in trials."
        if opened.pooled is not None:
            text += (
                f" After a procedure it was {effect(opened)} at 12 months, in patients who "
                "knew what they had received."
            )
    return (
        f"{text} Only {failed} of {len(told)} reports say that non-surgical care had failed before."
    )


def three_weeks(evidence: Evidence) -> str:
    early = answer(_EARLY, evidence)
    later = answer(Question(fracture_age="13w"), evidence)
    care = answer(
        Question(intervention="NSM", comparator=words.NONE, designs=words.RANDOMISED), evidence
    )
    parts = []
    if early.pooled is not None:
        p = early.pooled
        parts.append(
            f"One sham-controlled trial of fractures at most 6 weeks old found {number(100 * p.estimate, 0)} more "
            f"patients in 100 with little pain ({interval(early, p.ci_low, p.ci_high)}), which argues against waiting"
        )
    if later.pooled is not None and len(later.studies) == 1:
        parts.append(f"Another, {later.studies[0].label}, found pain {effect(later)} at 1 month")
    if care.pooled is not None:
        parts.append(f"Without any procedure, pain {fell(care)} by 1 month")
    if not parts:
        return "No trial here separates fractures by age."
    return _sentences(["No trial compares waiting with not waiting", *parts])


# --- bone ----------------------------------------------------------------------------------------
def height(evidence: Evidence) -> str:
    angle = Question(outcome="kyphosis", intervention="BKP", comparator="NSM", time="any")
    trial = answer(angle, evidence)
    mm = angle.replace(outcome="height-mm")
    against, series = answer(mm, evidence), answer(mm.replace(comparator=words.NONE), evidence)
    parts = []
    if trial.pooled is not None:
        of = "One open trial" if trial.pooled.k == 1 else f"{trial.pooled.k} open trials"
        parts.append(
            f"{of} found the kyphotic angle {effect(trial)} than with non-surgical care "
            f"{_when(trial)}"
        )
    if series.pooled is not None:
        changes = [number(s.yi, 1) for s in sorted(series.studies, key=lambda s: s.yi)]
        parts.append(
            f"Vertebral height changed by {' to '.join(dict.fromkeys((changes[0], changes[-1])))} mm "
            f"from before the procedure to the last measurement in {_groups(len(series.studies))}"
        )
    if not against.studies:
        parts.append("No trial here compares heights in millimetres with non-surgical care")
    return _sentences(parts)


def prevents_injury(evidence: Evidence) -> str:
    one = Question(outcome="new-fracture", intervention="BKP", comparator="NSM", time="any")
    own = answer(one, evidence)
    pooled = answer(one.replace(intervention="AUG"), evidence)
    parts = []
    if own.pooled is not None and own.pooled.k == 1:
        s = own.studies[0]
        parts.append(
            f"One randomised trial of kyphoplasty counts patients ({s.label}): {s.text_t} had a new vertebral "
            f"fracture after kyphoplasty and {s.text_c} with non-surgical care"
        )
    if pooled.pooled is not None:
        parts.append(
            f"Over {pooled.pooled.k} trials of any augmentation, the odds ratio is {effect(pooled)}: compatible with "
            "fewer new fractures and with more"
            if pooled.pooled.ci_low < 0 < pooled.pooled.ci_high
            else f"Over {pooled.pooled.k} trials of any augmentation, the odds ratio is {effect(pooled)}"
        )
    if ratios := published_ratios(evidence):
        parts.append(
            f"Pooled ratios of published reviews run from {min(ratios):g} to {max(ratios):g}, on "
            f"{'both sides' if min(ratios) < 1 < max(ratios) else 'one side'} of 1"
        )
    return _sentences(parts)


def published_ratios(evidence: Evidence) -> list[float]:
    """Pooled risk or odds ratios of new or adjacent fractures against conservative care, as reviews print them."""
    table = evidence.published_syntheses
    chosen = table[
        table["q_outcome"].isin(["new-fracture", "adjacent-fracture"])
        & table["q_measure"].isin(["RR", "OR"])
        & table["q_comparator"].eq("NSM")
        & table["figure"].eq("pooled")
    ]
    return [float(x) for x in chosen["estimate"] if not math.isnan(x)]


def rare_risks(evidence: Evidence) -> str:
    harm = Question(outcome="leakage", intervention="BKP", comparator=words.NONE, time="any")
    by_patient = answer(harm, evidence)
    by_vertebra = answer(harm.replace(unit="vertebrae"), evidence)
    parts = []
    if by_patient.pooled is not None and by_vertebra.pooled is not None:
        silent, groups = silent_leaks(by_patient, evidence), len(by_patient.studies)
        silent += silent_leaks(by_vertebra, evidence)
        groups += len(by_vertebra.studies)
        parts.append(
            f"Cement leakage after kyphoplasty is common: {proportion(by_patient)} of patients "
            f"({_interval(by_patient)}) and {proportion(by_vertebra)} of treated vertebrae "
            f"({_interval(by_vertebra)}) in reports that do not name the imaging"
        )
        if on_ct := _on_ct(by_vertebra, evidence):
            parts.append(on_ct)
        parts.append(
            f"Of {groups} reports, {silent} say that the leaks caused no symptoms; the others do not say"
        )
    others, unknown = [], []
    for outcome in ("pulmonary-embolism", "neurologic-injury", "infection", "serious-adverse-event"):  # fmt: skip
        a = answer(harm.replace(outcome=outcome), evidence)
        label = words.OUTCOMES[outcome].label.lower()
        if a.pooled is None:
            unknown.append(label)
            continue
        n = sum(s.patients for s in a.studies if not math.isnan(s.patients))
        others.append(f"{label} {proportion(a)} ({_interval(a)}; {n:,.0f} patients)")
    if others:
        parts.append(f"Other harms, in too few patients to judge: {listed(others)}")
    if unknown:
        parts.append(f"No usable number was found for {listed(unknown)}")
    return _sentences(parts)


def _on_ct(found: Answer, evidence: Evidence) -> str:
    seen = answer(found.question.replace(counted="ct"), evidence)
    if not seen.studies:
        return ""
    return f"On CT, leaks were seen in {proportion(seen)} of treated vertebrae ({_interval(seen)})"


def silent_leaks(a: Answer, evidence: Evidence) -> int:
    """How many figures of an answer count leaks that the report calls asymptomatic."""
    printed = evidence.arm_results
    return sum(
        printed.loc[printed["row_id"].isin(s.row_ids), "symptoms"]
        .isin(["asymptomatic", "none_symptomatic"])
        .any()
        for s in a.studies
    )


def causes(evidence: Evidence) -> str:
    counts = evidence.studies["etiology"].value_counts()
    total = len(evidence.studies)
    named = [
        f"{counts[c]} are on {words.ETIOLOGIES[c]}"
        for c in ("osteoporotic", "malignant", "traumatic", "mixed")
        if c in counts
    ]
    if not named:
        return "No report here says what caused the fractures."
    malignant = answer(_NSM_OF_ANY.replace(etiology="malignant"), evidence)
    bone = answer(_NSM_OF_ANY.replace(etiology="osteoporotic"), evidence)
    effects = [
        f"{effect(a)} in {words.ETIOLOGIES[c]} ({a.pooled.k} {'trial' if a.pooled.k == 1 else 'trials'})"
        for c, a in (("malignant", malignant), ("osteoporotic", bone))
        if a.pooled is not None
    ]
    beside = (
        f" In open trials against non-surgical care, pain was {listed(effects)}." if effects else ""
    )
    return (
        f"Of {total} reports here, {listed(named)}. They cannot say how common each cause is in the population."
        f"{beside}"
    )


def untestable(evidence: Evidence) -> str:
    """The reason stands in claims.csv, and is added by `analysis.topic.vertebral.claims.answers`."""
    return "The data cannot say whether this is so."


# --- parts ---------------------------------------------------------------------------------------
def _below_mid(a: Answer) -> bool:
    p = a.told.result
    return a.mid is not None and max(abs(p.ci_low), abs(p.ci_high)) < a.mid.value


def _span(answers: Sequence[Answer]) -> str:
    values = sorted(a.told.result.estimate for a in answers)
    low, high = number(values[0], 1), number(values[-1], 1)
    return low if low == high else f"{low} to {high}"


def _better(a: Answer) -> int:
    """Studies whose own estimate lies on the side of the intervention."""
    return sum(favours(a.question, s.yi) == "intervention" for s in a.studies)


def _when(a: Answer) -> str:
    when = listed(list(dict.fromkeys(s.timepoint for s in a.studies)))
    return f"at {when}" if when else ""


def _interval(a: Answer) -> str:
    p = a.told.result
    return interval(a, p.ci_low, p.ci_high)


def _groups(n: int) -> str:
    return "1 group" if n == 1 else f"{n} groups"


def _sentences(parts: Sequence[str]) -> str:
    return f"{'. '.join(parts)}." if parts else "No usable number was found."
