"""The methods for small-study effects that an answer's studies can carry, and why the others are refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.study_effect import number
from analysis.figures.words import p_text
from analysis.question import Question
from analysis.robustness.small_study import (
    SelectionModel,
    TrimAndFill,
    begg,
    egger,
    funnel_regression,
    harbord,
    limit_meta_analysis,
    pet_peese,
    peters,
    selection_model,
)
from analysis.robustness_views.reading import counted, effects_of
from analysis.synthesis.coefficients import Coefficient

STUDIES_PER_PARAMETER = 2
"""Selection models with fewer studies for each parameter are refused: their likelihood is all but flat."""
_FLAT = 50.0
"""A standard error so many times that of the plain result says that nothing was estimated."""


@dataclass(frozen=True, slots=True)
class Method:
    """An adjusted estimate: by which method, with its interval and a word on what it did; or why there is none."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None
    note: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A test of asymmetry: its statistic in words and P, or why it was not run."""

    name: str
    statistic: str
    p_value: float | None
    refused: str = ""


def adjusted(found: Answer, filled: TrimAndFill) -> Iterator[Method]:
    """Trim and fill, PET, PEESE and limit meta-analysis."""
    q = found.question
    yi, vi = effects_of(found)
    if filled.adjusted is None:
        yield Method("Trim and fill", None, None, None, "", filled.notes[0])
    else:
        note = (
            f"fills in {counted(filled.missing or 0, 'study', 'studies')} on the {filled.side}"
            if filled.missing
            else "finds no study to fill in"
        )
        a = filled.adjusted
        yield Method("Trim and fill", a.estimate, a.ci_low, a.ci_high, note)
    lines = pet_peese(yi, vi, level=q.level)
    for name, line, what in (
        ("PET", lines.pet.limit, "line on the standard error"),
        ("PEESE", lines.peese.limit, "line on the variance"),
    ):
        reads = lines.chosen == name and not q.one_group  # the rule tests against no effect
        chosen = "; the one to read by the PET-PEESE rule" if reads else ""
        yield _of_line(name, line, f"{what}{chosen}", lines.notes)
    limit = limit_meta_analysis(yi, vi, q.tau2, q.level)
    yield _of_line(
        "Limit meta-analysis", limit.adjusted, "a study without sampling error", limit.notes
    )


def _of_line(name: str, line: Coefficient | None, note: str, notes: tuple[str, ...]) -> Method:
    if line is None:
        return Method(name, None, None, None, "", notes[0])
    return Method(name, line.estimate, line.ci_low, line.ci_high, note)


def selected(found: Answer) -> list[Method]:
    """The step function at one-sided .025 and the half-normal weight, where studies can carry them."""
    q, pooled = found.question, found.pooled
    assert pooled is not None
    yi, vi = effects_of(found)
    names = {"step": "Selection model, one step", "half-normal": "Selection model, half-normal"}
    if q.one_group:
        why = "one group is compared with nothing, so no P decides what is reported"
        return [Method(name, None, None, None, "", why) for name in names.values()]
    parameters = 3
    if pooled.k < STUDIES_PER_PARAMETER * parameters:
        why = f"{pooled.k} studies are too few for its {parameters} parameters"
        return [Method(name, None, None, None, "", why) for name in names.values()]
    side = "less" if q.spec.lower_is_better else "greater"
    made = []
    for weight, name in names.items():
        model = selection_model(yi, vi, weight, alternative=side, level=q.level)
        made.append(_ofselected(name, model, pooled.se))
    return made


def _ofselected(name: str, model: SelectionModel, plain_se: float) -> Method:
    if model.estimate is None:
        return Method(name, None, None, None, "", model.notes[0])
    if model.se is None or model.ci_low is None or model.ci_high is None:
        why = "its likelihood has no maximum that can be relied on"
        return Method(name, None, None, None, "", why)
    if model.se > _FLAT * plain_se or any("not to be relied on" in n for n in model.notes):
        why = "its likelihood is flat: the studies cannot tell its parameters apart"
        return Method(name, None, None, None, "", why)
    p = "" if model.lrt_p_value is None else f"; test of selection, P {p_text(model.lrt_p_value)}"
    return Method(
        name, model.estimate, model.ci_low, model.ci_high, f"if results without benefit are reported less often{p}"
    )  # fmt: skip


def asymmetry_tests(found: Answer) -> Iterator[Asymmetry]:
    """Harbord's and Peters' tests of ratios, Egger's of all else; Begg's; for ratios and proportions sample size.

    A ratio and its standard error are tied to each other, which Egger's test takes for asymmetry (Sterne and others
    2011, BMJ 343:d4002). It is run on ratios only where a study prints no counts.
    """
    q = found.question
    yi, vi = effects_of(found)
    tables = _tables(found) if q.effect_measure in words.RATIOS else None
    if tables is not None:
        score, on_total = harbord(*tables, level=q.level), peters(yi, *tables, level=q.level)
        yield _asymmetry("Harbord, on the score", score.slope, score.notes)
        yield _asymmetry("Peters, on the number of patients (1/n)", on_total.slope, on_total.notes)
    else:
        if q.effect_measure in words.RATIOS:
            why = "not every study reports its counts"
            yield Asymmetry("Harbord, on the score", "–", None, why)
            yield Asymmetry("Peters, on the number of patients (1/n)", "–", None, why)
        line = egger(yi, vi, tau2=q.tau2, ci=_line_ci(q), level=q.level)
        yield _asymmetry("Egger, slope on the standard error", line.slope, line.notes)
    ranks = begg(yi, vi)
    if ranks.p_value is None:
        yield Asymmetry("Begg, rank correlation", "–", None, ranks.notes[0])
    else:
        yield Asymmetry("Begg, rank correlation", f"tau {number(ranks.tau)}", ranks.p_value)
    if q.effect_measure in (*words.RATIOS, "PLO", "PAS"):
        sizes = [s.patients for s in found.studies]
        if any(math.isnan(n) for n in sizes):
            why = "not every study reports its size"
            yield Asymmetry("On sample size", "–", None, why)
        else:
            on_size = funnel_regression(
                yi, vi, sizes, "sqrtninv", tau2=q.tau2, ci=_line_ci(q), level=q.level
            )
            yield _asymmetry("On sample size (1/√n)", on_size.slope, on_size.notes)


def _tables(found: Answer) -> tuple[list[float], ...] | None:
    """Events and patients of the two arms of every study; None where a study prints only its effect."""
    rows = [dict(study.inputs) for study in found.studies]
    names = ("ai", "n1i", "ci", "n2i")
    if not all(name in row for row in rows for name in names):
        return None
    return tuple([row[name] for row in rows] for name in names)


def _line_ci(question: Question) -> str:
    return question.ci if question.tau2 != "EE" else "wald"


def _asymmetry(name: str, slope: Coefficient | None, notes: tuple[str, ...]) -> Asymmetry:
    if slope is None or slope.p_value is None:
        return Asymmetry(name, "–", None, notes[0])
    return Asymmetry(name, f"slope {number(slope.estimate)}", slope.p_value)
