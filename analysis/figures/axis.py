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

    def inside(self, value: float) -> float:
        """A value of the axis, at its edge where it lies outside."""
        return min(max(value, self.low), self.high)

    def cuts(self, low: float, high: float, y: float) -> list[tuple[float, float, str]]:
        """The arrows that an interval drawn at `y` needs: one for each end outside the axis."""
        left = [(self.low, y, "left")] if low < self.low else []
        return left + ([(self.high, y, "right")] if high > self.high else [])

    def layout(self, answer: Answer) -> dict[str, Any]:
        standoff = 8 if answer.question.one_group else 42  # below the labels of the two sides
        common = {
            "range": [self.low, self.high],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "ticks": "outside",
            "ticklen": 4,
            "tickfont": {"size": 12},
            "title": {
                "text": axis_title(answer.question),
                "font": {"size": 12},
                "standoff": standoff,
            },
        }
        if self.measure in words.RATIOS:
            return common | ratio_axis_ticks(self.low, self.high)
        return common | {
            "nticks": 7,
            "ticksuffix": "%" if self.percent and self.measure != "RD" else "",
        }


def value_axis(answer: Answer) -> Axis:
    """Fit the axis to what matters: estimates, the pooled interval, no effect, the important difference.

    Intervals of single studies that are far wider than the others are cut, and get an arrow; so is a
    pooled interval that would squeeze the studies together (two studies, a high level).
    """
    q, pooled = answer.question, answer.pooled
    assert pooled is not None
    percent = in_percent(q)
    null = None if q.one_group else 0.0
    axis = Axis(q.effect_measure, percent, -math.inf, math.inf, null)
    if percent and q.one_group:
        return Axis(q.effect_measure, percent, 0.0, 100.0, None)
    points = [axis.at(s.estimate) for s in answer.studies]
    ends = [tuple(axis.at(v) for v in s.interval(q.level)) for s in answer.studies]
    half = median((high - low) / 2 for low, high in ends)
    farthest = widest(answer)
    must = [*points, 0.0]
    wish_low = [low for low, _ in ends] + _given(axis, pooled.pi_low)
    wish_high = [high for _, high in ends] + _given(axis, pooled.pi_high)
    must.append(max(axis.at(pooled.ci_low), min(points) - 6 * half))
    must.append(min(axis.at(pooled.ci_high), max(points) + 6 * half))
    if answer.mid is not None and null is not None:
        band = min(answer.mid.value, 4 * max(map(abs, must)))
        must += [-band, band]
    low = min(min(must), max(min(wish_low), min(points) - 3 * half))
    high = max(max(must), min(max(wish_high), max(points) + 3 * half))
    low, high = max(low, -farthest), min(high, farthest)
    room = 0.05 * (high - low)
    return Axis(q.effect_measure, percent, low - room, high + room, null)


def widest(answer: Answer) -> float:
    """What no value on the axis can exceed: the width of the scale, 100 points, a ratio of 200."""
    q = answer.question
    if q.effect_measure in words.RATIOS:
        return math.log(200)
    if q.effect_measure == "RD":
        return 100.0
    return q.spec.scale[1] - q.spec.scale[0] if q.spec.scale else math.inf


def _given(axis: Axis, value: float | None) -> list[float]:
    return [] if value is None else [axis.at(value)]


def ratio_axis_ticks(low: float, high: float) -> dict[str, Any]:
    """Ticks of an axis of logarithms that read as ratios."""
    ticks = _ratio_ticks(low, high)
    return {"tickvals": [math.log(t) for t in ticks], "ticktext": [f"{t:g}" for t in ticks]}


def _ratio_ticks(low: float, high: float) -> list[float]:
    """The finest ticks of which at most seven fit between two logarithms.

    >>> _ratio_ticks(math.log(0.06), math.log(23)), _ratio_ticks(math.log(0.85), math.log(1.25))
    ([0.1, 1, 10], [0.9, 1.0, 1.1, 1.2])
    """
    hair = [n / 100 for n in range(50, 205, 5)]
    finest = [n / 10 for n in range(3, 31)]
    fine = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]
    usual = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    coarse = [0.01, 0.1, 1, 10, 100]
    for ticks in (hair, finest, fine, usual, coarse):
        inside = [t for t in ticks if low <= math.log(t) <= high]
        spans = high - low <= math.log(ticks[-1] / ticks[0])
        if spans and len(inside) <= 7:
            return inside
    return [t for t in coarse if low <= math.log(t) <= high]
