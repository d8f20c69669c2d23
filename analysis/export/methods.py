"""The methods behind one answer in sentences that can be pasted into a paper; honest about what was not done."""

from __future__ import annotations

import platform
from collections import Counter

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import level_text
from analysis.effects.study_effect import FLAGS
from analysis.evidence import Evidence
from analysis.evidence.records import results_by_id
from analysis.evidence.select import REASONS
from analysis.export.provenance import Origin, origin_of
from analysis.export.question_settings import left_out_by_choice
from analysis.figures.words import COUNTED
from analysis.question import Question
from analysis.survey.provenance import SOURCE_KINDS, release, software
from analysis.synthesis.intervals import INTERVALS

_LIBRARIES = ("numpy", "scipy", "pandas")
_TRANSFORMED = {
    "OR": "Odds ratios were pooled on the logarithmic scale.",
    "RR": "Risk ratios were pooled on the logarithmic scale.",
    "HR": "Hazard ratios were pooled on the logarithmic scale.",
    "PLO": "Proportions were pooled on the logit scale and transformed back.",
    "PAS": "Proportions were pooled after the arcsine transformation and transformed back.",
    "PR": "Proportions were pooled without transformation.",
}


def methods_txt(question: Question, evidence: Evidence, link: str) -> bytes:
    """The methods as a text file."""
    origin = origin_of(evidence, link)
    paragraphs = methods(answer(question, evidence), evidence, origin)
    text = "\n\n".join(f"{title}. {said}" for title, said in paragraphs)
    facts = "\n".join(f"{name}: {value}" for name, value in origin.facts())
    return f"Methods. {question.title()}\n\n{text}\n\n{facts}\n".encode()


def methods(found: Answer, evidence: Evidence, origin: Origin) -> tuple[tuple[str, str], ...]:
    """Title and text of each paragraph, in the order of a paper."""
    parts = (
        ("Question", _question(found.question)),
        ("Sources", _sources(found, evidence)),
        ("Selection", _selection(found)),
        ("Effects", _effects(found)),
        ("Synthesis", _synthesis(found)),
        ("Interpretation", _interpretation(found)),
        ("Software", _software(origin)),
    )
    return tuple((title, text) for title, text in parts if text)


def _question(q: Question) -> str:
    patients = [
        *([words.ETIOLOGIES[q.etiology]] if len(words.ETIOLOGIES) > 1 else []),
        *([words.FRACTURE_AGES[q.fracture_age][0]] if len(words.FRACTURE_AGES) > 1 else []),
    ]
    which = f" ({', '.join(patients)})" if patients else ""
    designs = ", ".join(words.DESIGN_PLURALS[d] for d in q.admits)
    what = q.spec.label[0].lower() + q.spec.label[1:]
    against = (
        f"in groups with {words.SPOKEN[q.intervention]}, without a comparator"
        if q.one_group
        else f"after {words.SPOKEN[q.intervention]} compared with {words.SPOKEN[q.comparator]}"
    )
    when = (
        f"at {q.window.label} ({q.window.low:g} to {q.window.high:g} weeks)"
        if q.window.target is not None
        else "at the longest follow-up reported"
    )
    return f"The question was {what} {against}, {when}, in {words.PATIENTS}{which}. Eligible designs: {designs}."


def _sources(found: Answer, evidence: Evidence) -> str:
    """How the data came about: said for every answer, because it limits every answer."""
    rows = results_by_id(evidence)
    kinds = Counter(rows[r]["source_kind"] for s in found.studies for r in s.row_ids)
    text = (
        "The data are published aggregate figures, copied with the address and place of each from pages that could "
        "be read. They were not found by a systematic search with two readers; no protocol was registered, and "
        "further reports may exist."
    )
    if kinds:
        parts = [f"{SOURCE_KINDS[kind]} ({n})" for kind, n in kinds.most_common()]
        text += f" The reported figures used here were read in: {'; '.join(parts)}."
    if own := len(evidence.own):
        text += (
            f" {own} {'study was' if own == 1 else 'studies were'} added by the reader, and not "
            "checked by the makers of the data."
        )
    return text


def _selection(found: Answer) -> str:
    q, k = found.question, len(found.studies)
    text = (
        f"Of {_rows(found.considered)} on this outcome and these treatments, {found.rows_used} were used "
        f"({'no study' if k == 0 else '1 study' if k == 1 else f'{k} studies'}). A trial counted once, "
        "however many reports it has; of several results of one trial a fixed order of preference chose one "
        f"({words.REPORTS[q.report]})."
    )
    if found.left_out:
        counts = found.left_out_by_reason()
        reasons = "; ".join(f"{REASONS[r]} ({counts[r]})" for r in REASONS if r in counts)
        text += f" {_rows(len(found.left_out)).capitalize()} were left out: {reasons}."
    if chosen := left_out_by_choice(q):
        text += f" By choice, these were left out: {'; '.join(chosen)}."
    return text


def _rows(n: int) -> str:
    return "1 reported result" if n == 1 else f"{n} reported results"


def _effects(found: Answer) -> str:
    q = found.question
    if not found.studies:
        return ""
    measure = words.MEASURES[q.effect_measure].partition(" (")[0]
    text = f"The {'' if q.one_group else 'effect '}measure was the {measure}"
    if q.spec.kind == "score" and q.spec.scale:
        low, high = q.spec.scale
        text += f", on a scale of {low:g} to {high:g} (other ranges were rescaled linearly)"
    text += ", intervention minus comparator. " if q.effect_measure in ("MD", "RD") else ". "
    text += _TRANSFORMED.get(q.effect_measure, "")
    if q.one_group and q.spec.kind == "score":
        text = text.rstrip() + (
            f" Where only levels were reported, a correlation of {q.r:g} between scores before and after was assumed."
        )
    flags = Counter(flag for s in found.studies for flag in s.flags)
    if flags:
        k = len(found.studies)
        marked = "; ".join(f"{FLAGS[f]} ({flags[f]} of {k})" for f in FLAGS if f in flags)
        text = f"{text.rstrip()} What was done beyond reading, and what to doubt: {marked}."
    return text.strip()


def _synthesis(found: Answer) -> str:
    q, pooled = found.question, found.pooled
    if pooled is None:
        return ""
    level = level_text(q.level)
    if pooled.k == 1:
        return f"One study answered; it is shown with its own {level} confidence interval and was not pooled."
    if (special := COUNTED.get(found.told.model)) is not None:
        return f"{special}; {level} confidence interval. {found.told.reason}"
    if pooled.ci_method == "posterior":
        text = (
            "The mean of the effects was averaged over the standard deviation tau of true effects between studies, by "
            "numerical integration, with a flat prior of the mean and an exponential prior of tau whose mean is the "
            f"studies' standard error, averaged by inverse variance; the {level} interval is the central credible "
            "interval, stretched about the mean where Wald's interval with random effects (REML) is longer."
        )
    elif pooled.tau2_method == "EE":
        text = (
            f"Effects were pooled by inverse variance in a common-effect model, with a {level} confidence interval "
            f"by {INTERVALS[pooled.ci_method].sentence}."
        )
    else:
        text = (
            "Effects were pooled by inverse variance in a random-effects model. The heterogeneity variance was "
            f"estimated by {words.TAU2_METHODS[pooled.tau2_method]} ({pooled.tau2_method}), its {level} interval by "
            f"the Q-profile method; the {level} confidence interval is by {INTERVALS[pooled.ci_method].sentence}."
        )
    if pooled.pi_low is not None:
        text += (
            " The prediction interval rests on the confidence distribution of the heterogeneity variance (Nagashima, "
            "Noma and Furukawa 2019)."
        )
    return f"{text} {found.told.reason} {found.told.prediction_note}".strip()


def _interpretation(found: Answer) -> str:
    if found.pooled is None:
        return ""
    if found.question.one_group:
        return (
            "A figure from one group is not an effect of treatment, and was not interpreted as one."
        )
    if found.mid is None:
        return (
            "No minimal important difference is published for this outcome; the interval was held against no "
            "difference. No test of significance was used."
        )
    mid = found.mid
    return (
        f"The whole interval was held against no difference and against a minimal important difference of "
        f"{mid.value:g} {found.question.spec.unit} ({mid.text}). No test of significance was used, and no certainty "
        "of evidence was calculated."
    )


def _software(origin: Origin) -> str:
    versions = dict(software())
    libraries = ", ".join(f"{name} {versions[name]}" for name in _LIBRARIES if name in versions)
    return (
        f"Calculated with {release().title}, version {release().version} (Python {platform.python_version()}, "
        f"{libraries}); its results agree with R's metafor on published data sets. "
        f"Data version {origin.data_version} (SHA-256 {origin.sha256}); the view reopens at {origin.link}."
    )
