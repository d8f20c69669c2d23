"""Controls for the fields of a Question, made from the vocabulary; what each offers, and its label.

A page places `control(page, question, field)` where it wants it; `dashboard.state` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.evidence import Evidence
from analysis.question import Question, overlap
from dashboard import state

_LABELS = {
    "outcome": "Outcome",
    "intervention": "Treatment",
    "comparator": "Compared with",
    "time": "Time",
    "designs": "Kinds of study",
    "unit": "Counted",
    "counted": "How it was counted",
    "measure": "Effect measure",
    "tau2": "Heterogeneity variance",
    "ci": "Confidence interval",
    "model": "Pooling of events",
    "level": "Level",
    "r": "Correlation before-after",
    "mid": "Minimal important difference",
    "borrow": "Borrowed standard deviations",
    "inferred": "Inferred signs, ranges, units",
    "industry": "Industry-funded studies",
    "abstract": "Results read in abstracts",
    "report": "Report of a trial that answers",
    "outliers": "Studies far from all others",
    "without": "Studies to leave out",
}


def label(field: str) -> str:
    """What a control is called."""
    named = {"etiology": words.CAUSE_NAME, "fracture_age": words.AGE_NAME}
    return named.get(field) or _LABELS[field]


_LEVELS = {"0.9": "90%", "0.95": "95%", "0.99": "99%"}
_MAY_ENTER = {"yes": "included", "no": "left out"}


def _entries(choices: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"value": value, "label": label[:1].upper() + label[1:]} for value, label in choices.items()
    ]


def choices(
    question: Question, field: str, evidence: Evidence | None = None
) -> list[dict[str, str]] | None:
    """What a control offers for this Question; None for a control without a list.

    >>> [entry["value"] for entry in choices(Question(), "measure")]
    ['MD']
    """
    if field in ("r", "mid"):
        return None
    if field == "without":
        return trials_offered(question, [answer(question.replace(without=()), evidence)])
    return _entries(_choices(question, field))


def trials_offered(question: Question, answers: Sequence[Answer]) -> list[dict[str, str]]:
    """The trials behind answers that leave none out, and those left out, so that they can come back."""
    offered = {trial: trial for trial in question.without}
    offered |= {s.trial: s.label for found in answers for s in found.studies}
    return [{"value": trial, "label": label} for trial, label in offered.items()]


def _choices(question: Question, field: str) -> dict[str, str]:
    if field == "level":
        return {**_LEVELS, str(question.level): f"{100 * question.level:g}%"}
    if field in ("borrow", "inferred", "industry", "abstract", "outliers"):
        return _MAY_ENTER
    if field == "measure":
        return {key: words.MEASURES[key] for key in question.measures()}
    if field == "comparator":
        return {
            key: label
            for key, label in words.COMPARATORS.items()
            if not overlap(key, question.intervention)
        }
    if field == "outcome":
        return {key: outcome.label for key, outcome in words.OUTCOMES.items()}
    if field == "counted":
        usual = words.KINDS.get(question.usual_kind, "in one way")
        return {key or state.DEFAULT: words.KINDS.get(key, usual) for key in question.kinds()}
    if field == "model":
        return {key or state.DEFAULT: words.MODELS[key] for key in question.models()}
    if field == "time":
        return {key: window.label for key, window in words.WINDOWS.items()}
    if field == "fracture_age":
        return {key: label for key, (label, _) in words.FRACTURE_AGES.items()}
    return {
        "intervention": words.INTERVENTIONS,
        "etiology": words.ETIOLOGIES,
        "designs": words.DESIGNS,
        "unit": words.UNITS,
        "report": words.REPORTS,
        "tau2": words.TAU2_METHODS,
        "ci": words.CI_METHODS,
    }[field]


def control(
    page: str, question: Question, field: str, evidence: Evidence | None = None
) -> Component:
    """The control of a page that sets one field."""
    common = {"id": state.control_id(page, field), "label": label(field)}
    value = state.control_value(question, field)
    if field in ("r", "mid"):
        upper = {"r": 0.99, "mid": 1000}[field]
        return dmc.NumberInput(
            value=value, min=0, max=upper, step=0.1, debounce=True, clampBehavior="strict", **common
        )
    data = choices(question, field, evidence)
    if field == "without":
        return dmc.MultiSelect(data=data, value=value, clearable=True, **common)
    if field == "designs":
        return dmc.MultiSelect(data=data, value=value, clearable=False, **common)
    return dmc.Select(
        data=data, value=value, allowDeselect=False, checkIconPosition="right", **common
    )
