"""A forest plot as rows of data: what page, picture, slide, report, shell and workbook all render.

The summary rows say what is told and nothing else: the model that is not told stands in the details.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.mid import Mid
from analysis.appraisal.wording import benefit, ends, kinds
from analysis.effects.scale import printed
from analysis.effects.study_effect import FLAGS, StudyEffect, plain
from analysis.errors import NotEstimable
from analysis.evidence.bias import judgement_text
from analysis.question import Question
from analysis.survey.studies import BLINDING, FUNDING

STUDY, POOLED, ASSUMED, PREDICTION = "study", "pooled", "assumed", "prediction"
"""Kinds of rows: a study; the result that is told; the same where two studies are shown one by one; the
prediction interval."""


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One row: where its mark stands on the pooled scale (NaN: no point), and what its cells say.

    `value` and `limits` are the texts of the estimate and its interval; `side` says where the interval lies, to no
    difference and to the important one; `study` is None for a summary.
    """

    kind: str
    label: str
    estimate: float
    low: float
    high: float
    value: str
    limits: str
    arms: tuple[str, ...] = ()
    weight: float = math.nan
    study: StudyEffect | None = None
    side: str = ""

    @property
    def effect(self) -> str:
        """Estimate and interval in one cell: "−0.72 (−1.56 to 0.12)"; of a prediction the interval alone."""
        return f"{self.value} ({self.limits})" if self.value else self.limits

    @property
    def weight_text(self) -> str:
        return "" if math.isnan(self.weight) else f"{self.weight:.1f}%"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to keep in mind of a study, in words."""
        return tuple(FLAGS[flag] for flag in self.study.flags) if self.study is not None else ()


COLUMNS = (
    "Study",
    "Kind",
    "When",
    "Patients",
    "Intervention",
    "Comparator",
    "Effect",
    "Interval",
    "Side",
    "Weight",
    "Patients blinded",
    "Funded by",
    "Risk of bias, as judged by others",
    "Keep in mind",
)
"""Headings of `cells`."""

SPOKEN = ("Study", "Effect", "Interval", "Side", "Weight")
"""What is read out of a row to one who walks the figure by keyboard."""


def cells(row: ForestRow) -> tuple[str, ...]:
    """A row as the cells of a table with the headings `COLUMNS`."""
    study = row.study
    if study is None:
        return (row.label, "", "", "", "", "", row.value, row.limits, row.side, *[""] * 5)
    size = "not reported" if math.isnan(study.patients) else plain(study.patients)
    return (
        row.label,
        words.DESIGNS[study.design],
        study.timepoint,
        size,
        study.text_t,
        study.text_c,
        row.value,
        row.limits,
        row.side,
        row.weight_text,
        *bias_cells(study),
        "; ".join(row.remarks),
    )


def bias_cells(study: StudyEffect) -> tuple[str, str, str]:
    """Blinding, funding and what others judged, in words."""
    return BLINDING[study.blinding], FUNDING[study.funding], judgement_text(study.judged)


def bias_lines(study: StudyEffect) -> list[str]:
    """The same as lines beside a mark."""
    names = ("patients blinded", "funded by", "risk of bias")
    return [f"{name}: {said}" for name, said in zip(names, bias_cells(study), strict=True)]


@dataclass(frozen=True, slots=True)
class ForestTable:
    """The rows of an answer's forest plot, studies first, with the headings of their columns."""

    rows: tuple[ForestRow, ...]
    arms: tuple[str, ...]
    effect: str

    @property
    def studies(self) -> tuple[ForestRow, ...]:
        return tuple(row for row in self.rows if row.kind == STUDY)

    @property
    def summary(self) -> tuple[ForestRow, ...]:
        return tuple(row for row in self.rows if row.kind != STUDY)


def forest_table(answer: Answer) -> ForestTable:
    """The rows of an answer with at least one study.

    Raises
    ------
    ValueError
        When no study entered.
    """
    if answer.told is None:
        raise NotEstimable("no study answers this question: there is nothing to draw")
    q = answer.question
    codes = (q.intervention,) if q.one_group else (q.intervention, q.comparator)
    names = tuple(words.SHORT[code] for code in codes)
    return ForestTable((*_studies(answer), *_summary(answer)), names, _effect_heading(answer))


def _studies(answer: Answer) -> Iterator[ForestRow]:
    q, told = answer.question, answer.told
    assert told is not None
    for study, weight in zip(answer.studies, told.result.weights, strict=True):
        low, high = study.interval(q.level)
        arms = [arm_text(study.text_t, study.n_t)]
        if not q.one_group:
            arms.append(arm_text(study.text_c, study.n_c))
        yield ForestRow(
            STUDY,
            study.label,
            study.estimate,
            low,
            high,
            printed(q, study.estimate, False),
            ends(q, low, high),
            tuple(arms),
            float(weight) if told.together else math.nan,
            study,
            side_of(q, low, high, answer.mid),
        )


def _summary(answer: Answer) -> Iterator[ForestRow]:
    q, told = answer.question, answer.told
    assert told is not None
    result = told.result
    if result.k == 1 or (q.one_group and answer.apart):
        return
    kind = ASSUMED if answer.apart else POOLED
    names = {
        "random": "Random effects", "common": "Common effect", "prior": "Mean of all studies",
        "binomial-normal": "Mean of all studies", "glmm": "Binomial-normal model", "mh": "Mantel-Haenszel",
        "peto": "Peto", "exact": "All counts together",
    }  # fmt: skip
    yield ForestRow(
        kind,
        "Mean of the two studies" if answer.apart else names[told.model],
        result.estimate,
        result.ci_low,
        result.ci_high,
        printed(q, result.estimate, False),
        ends(q, result.ci_low, result.ci_high),
        side=side_of(q, result.ci_low, result.ci_high, answer.mid),
    )
    if told.prediction is not None:
        low, high = told.prediction.low, told.prediction.high
        yield ForestRow(
            PREDICTION, "Prediction interval", math.nan, low, high, "", ends(q, low, high)
        )


def side_of(q: Question, low: float, high: float, least: Mid | None) -> str:
    """Where an interval lies: whom it favours, and which side of the important difference; empty for one group.

    >>> side_of(Question(), -1.4, 0.3, Mid(1.5, "set by the reader"))
    'includes no difference, within the important difference'
    """
    if q.one_group:
        return ""
    worst, best = benefit(q, low, high)
    short = {"intervention": words.SHORT[q.intervention], "comparator": words.SHORT[q.comparator]}
    text = (
        f"favours {short['intervention']}"
        if worst > 0
        else f"favours {short['comparator']}"
        if best < 0
        else "includes no difference"
    )
    if least is None:
        return text
    mid = least.value
    within = -mid < worst and best < mid
    beyond = worst > mid or best < -mid
    place = "within" if within else "beyond" if beyond else "includes"
    return f"{text}, {place} the important difference"


def arm_text(text: str, n: float) -> str:
    """What a cell says of a group: its counts, or its size; nothing where neither is known."""
    return text if "/" in text else "" if math.isnan(n) else f"n = {plain(n)}"


def _effect_heading(answer: Answer) -> str:
    q = answer.question
    name = {"MD": "MD", "MC": "Change", "PLO": "%", "PAS": "%", "PR": "%"}.get(
        q.effect_measure, q.effect_measure
    )
    unit = ", % points" if q.effect_measure == "RD" else ""
    return f"{name}{unit} ({kinds([answer.pooled], q.level, studies=True)})"
