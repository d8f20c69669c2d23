"""The value axis of a figure: its range, its zero, and what is cut off with an arrow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Any

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import in_percent, shown
from analysis.figures.words import axis_title


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps pooled-scale values to the axis: ratios stay on the log scale, proportions become percent."""

    measure: str
    percent: bool
    low: float
    high: float
    null: float | None

    def at(self, value: float) -> float:
        if self.measure in words.RATIOS:
            return value
        return float(shown(self.measure, value)) * (100 if self.percent else 1)

    def layout(self, answer: Answer) -> dict[str, Any]:
        common = {
            "range": [self.low, self.high],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "ticks": "outside",
            "ticklen": 4,
            "tickfont": {"size": 12},
            "title": {"text": axis_title(answer.question), "font": {"size": 12}, "standoff": 26},
        }
        if self.measure in words.RATIOS:
            ticks = _ratio_ticks(self.low, self.high)
            return common | {
                "tickvals": [math.log(t) for t in ticks],
                "ticktext": [f"{t:g}" for t in ticks],
            }
        return common | {
            "nticks": 7,
            "ticksuffix": "%" if self.percent and self.measure != "RD" else "",
        }


def value_axis(answer: Answer) -> Axis:
    """Fit the axis to what matters: estimates, the pooled interval, no effect, the important difference.

    Intervals of single studies that are far wider than the others are cut, and get an arrow.
    """
    q, pooled = answer.question, answer.pooled
    assert pooled is not None
    percent = in_percent(q)
    null = None if q.one_group else 0.0
    axis = Axis(q.effect_measure, percent, -math.inf, math.inf, null)
    if percent and q.one_group:
        return Axis(q.effect_measure, percent, 0.0, 100.0, None)
    points = [axis.at(s.yi) for s in answer.studies]
    ends = [tuple(axis.at(v) for v in s.interval(q.level)) for s in answer.studies]
    half = median((high - low) / 2 for low, high in ends)
    must = [*points, axis.at(pooled.ci_low), axis.at(pooled.ci_high)]
    if null is not None:
        must.append(null)
    if q.one_group and q.spec.kind == "score":
        must.append(0.0)
    if answer.mid is not None and null is not None:
        must += [-answer.mid.value, answer.mid.value]
    wish_low = [low for low, _ in ends] + _given(axis, pooled.pi_low)
    wish_high = [high for _, high in ends] + _given(axis, pooled.pi_high)
    low = min(min(must), max(min(wish_low), min(points) - 3 * half))
    high = max(max(must), min(max(wish_high), max(points) + 3 * half))
    if q.effect_measure in words.RATIOS:
        low, high = max(low, -math.log(200)), min(high, math.log(200))
    room = 0.05 * (high - low)
    return Axis(q.effect_measure, percent, low - room, high + room, null)


def _given(axis: Axis, value: float | None) -> list[float]:
    return [] if value is None else [axis.at(value)]


def _ratio_ticks(low: float, high: float) -> list[float]:
    fine = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    coarse = [0.01, 0.1, 1, 10, 100]
    inside = [t for t in fine if low <= math.log(t) <= high]
    return inside if len(inside) <= 7 else [t for t in coarse if low <= math.log(t) <= high]
