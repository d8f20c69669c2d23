"""From the scale on which effects are pooled to the one on which they are printed, and how they print."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.effects.measures import MEASURES
from analysis.effects.study_effect import number
from analysis.question import Question
from analysis.vocabulary import RATIOS


def shown(measure: str, values: ArrayLike) -> NDArray[np.float64]:
    """Back-transform pooled-scale values: ratios by exp, proportions by their inverse, others as they are.

    A raw proportion's limits are cut at 0 and 1: beyond them lies no proportion.

    >>> float(shown("RR", 0.0)), float(shown("PLO", 0.0)), float(shown("MD", -0.5))
    (1.0, 0.5, -0.5)
    """
    if measure == "PR":
        return np.clip(np.asarray(values, dtype=float), 0.0, 1.0)
    if measure in RATIOS:
        return np.exp(np.asarray(values, dtype=float))
    if measure in ("PLO", "PAS"):
        return np.asarray(MEASURES[measure].back_transform(values), dtype=float)
    return np.asarray(values, dtype=float)


def digits(question: Question) -> int:
    """Decimals with which a value is printed."""
    return question.spec.digits


def in_percent(question: Question) -> bool:
    """Whether values are printed in percent: proportions of one group, and risk differences."""
    return question.effect_measure in ("PLO", "PAS", "PR", "RD")


def printed(question: Question, value: float, unit: bool = True) -> str:
    """A pooled-scale value as text and figures print it, with its percent sign or unit of percentage points.

    >>> printed(Question(), -0.5126), printed(Question(outcome="leakage", comparator="NONE"), 0.0)
    ('−0.51', '50%')
    >>> printed(Question(outcome="infection", comparator="NONE"), -6.0)  # rare is not never
    '0.2%'
    >>> [printed(Question(outcome="leakage", comparator="VAI"), x) for x in (-9.0, -5.5, 0.1, 5.5, 9.0)]
    ['<0.001', '0.004', '1.11', '245', '>1000']
    """
    scaled = float(shown(question.effect_measure, value))
    if question.effect_measure in RATIOS:
        return _ratio(scaled)
    if not in_percent(question):
        return number(scaled, digits(question))
    if question.effect_measure == "RD":
        return number(100 * scaled, 1) + (" percentage points" if unit else "")
    return _percent(100 * scaled) + ("%" if unit else "")


def _ratio(value: float) -> str:
    """A ratio; one that no study can tell from 0 or from infinity gets no digits that say otherwise."""
    if value < 0.001:
        return "<0.001"
    if value > 1000:
        return ">1000"
    return number(value, 3 if value < 0.01 else 2 if value < 100 else 0)


_NEVER = 1e-9
"""Percent: no event at all, which on the logit scale is a number, too."""


def _percent(value: float) -> str:
    """Whole percents, with decimals near 0 and 100, where whole ones would say never or always."""
    room = min(value, 100 - value)
    if room < _NEVER:
        return number(value, 0)
    return number(value, 0 if room >= 1 else 1 if room >= 0.095 else 2)


def level_text(level: float) -> str:
    """A confidence level in percent, never rounded up to certainty.

    >>> level_text(0.95), level_text(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * level:g}%"
