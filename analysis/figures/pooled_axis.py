"""An axis of the scale on which effects are pooled, with ticks that read as printed values.

Funnels are straight only on that scale: log ratios, logits. Ticks say ratios and percents all the same.
"""

from __future__ import annotations

import math
from typing import Any

from analysis import vocabulary as words
from analysis.figures.axis import ratio_axis_ticks
from analysis.question import Question

_PERCENTS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9)
_MOST = {False: 9, True: 5}


def pooled_ticks(question: Question, low: float, high: float, narrow: bool) -> dict[str, Any]:
    """Ticks between two values of the pooled scale, as properties of a Plotly axis.

    >>> pooled_ticks(Question(outcome="responder", comparator="NONE"), 0.0, 2.5, True)["ticktext"]
    ['50%', '60%', '70%', '80%', '90%']
    """
    measure = question.effect_measure
    if measure in words.RATIOS:
        return ratio_axis_ticks(low, high)
    if measure == "RD":
        return {"nticks": _MOST[narrow], "tickformat": "+.0%"}
    if measure == "PR":
        return {"nticks": _MOST[narrow], "tickformat": ".0%"}
    if measure not in ("PLO", "PAS"):
        return {"nticks": _MOST[narrow]}
    places = [(at, f"{p:g}%") for p in _PERCENTS if low <= (at := _place(measure, p / 100)) <= high]
    step = max(1, math.ceil(len(places) / _MOST[narrow]))
    places = places[::step]
    return {"tickvals": [at for at, _ in places], "ticktext": [text for _, text in places]}


def _place(measure: str, share: float) -> float:
    return math.log(share / (1 - share)) if measure == "PLO" else math.asin(math.sqrt(share))
