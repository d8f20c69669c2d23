"""Numbers as surfaces print them, read back from their text, and held against what an answer tells.

Nothing here prints: it reads. The scale of a measure is worked out here a second time, so that a fault in the
project's own back-transformation shows, too.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from dash.development.base_component import Component
from pptx import Presentation

from analysis.answer import Answer
from analysis.appraisal.verdict import Verdict

_N = r"[<>]?[−-]?\d+(?:\.\d+)?"
_UNIT = r"(?:%| percentage points)?"
_INTERVAL = re.compile(
    rf"(?<![\d.,])({_N}){_UNIT} to ({_N})(?![\d,]|\.\d| (?:weeks?|months?|years?|days?)\b)"
)
_TRIPLE = re.compile(
    rf"(?<!τ² )(?<!τ² <)(?<![\d.,])({_N}){_UNIT}(?: points| mm| degrees)?(?P<side> lower| higher)?"
    rf"\s*\((?:\d+(?:\.\d+)?% (?:CI|CrI) )?({_N}){_UNIT} to ({_N})"
)
_VERDICTS = "|".join(sorted((re.escape(v.value) for v in Verdict), key=len, reverse=True))
_SAID = re.compile(rf"\b({_VERDICTS}|unclear)\b(?=:)", re.IGNORECASE)


class Number(NamedTuple):
    """A printed number with the half of its last digit; bounds such as "<0.001" have a sign of their own."""

    value: float
    half: float
    bound: str = ""

    def is_of(self, exact: float) -> bool:
        """Whether an exact value is printed so."""
        if self.bound:
            return exact < self.value if self.bound == "<" else exact > self.value
        return abs(self.value - exact) <= self.half * (1 + 1e-6) + 1e-12


class Interval(NamedTuple):
    low: Number
    high: Number

    def is_of(self, told: Figures) -> bool:
        return self.low.is_of(told.low) and self.high.is_of(told.high)


class Triple(NamedTuple):
    estimate: Number
    low: Number
    high: Number

    def is_of(self, told: Figures) -> bool:
        found = (self.estimate, self.low, self.high)
        return all(n.is_of(e) for n, e in zip(found, told, strict=True))


class Figures(NamedTuple):
    """Estimate and limits on the scale that is printed: ratios, percent, points."""

    estimate: float
    low: float
    high: float


def printed_scale(measure: str, value: float) -> float:
    if measure in ("OR", "RR", "HR", "IRR"):
        return math.exp(value)
    if measure == "PLO":
        return 100 / (1 + math.exp(-value))
    if measure == "PAS":
        return 100 * math.sin(min(max(value, 0.0), math.pi / 2)) ** 2
    if measure == "PR":
        return 100 * min(max(value, 0.0), 1.0)
    return 100 * value if measure == "RD" else value


def told_by(found: Answer) -> Figures:
    assert found.told is not None
    r, measure = found.told.result, found.question.effect_measure
    return Figures(*(printed_scale(measure, v) for v in (r.estimate, r.ci_low, r.ci_high)))


def studies_of(found: Answer) -> list[Figures]:
    """Each study's own figures."""
    measure, level = found.question.effect_measure, found.question.level
    return [
        Figures(*(printed_scale(measure, v) for v in (s.estimate, *s.interval(level))))
        for s in found.studies
    ]


def number(text: str) -> Number:
    """As printed.

    >>> number("−0.53")
    Number(value=-0.53, half=0.005, bound='')
    """
    bound = text[0] if text[0] in "<>" else ""
    digits = text.lstrip("<>").replace("−", "-")
    decimals = len(digits.partition(".")[2])
    return Number(float(digits), 0.5 * 10.0**-decimals, bound)


def triples(text: str) -> list[Triple]:
    """Every "estimate (low to high)".

    >>> [t.estimate.value for t in triples("−0.53 (−1.42 to 0.34); it was 0.5 points lower (95% CrI −1.4 to 0.3)")]
    [-0.53, -0.5]
    """
    found = []
    for m in _TRIPLE.finditer(text):
        estimate = number(m[1])
        if m["side"] == " lower":
            estimate = estimate._replace(value=-estimate.value)
        found.append(Triple(estimate, number(m[3]), number(m[4])))
    return found


def intervals(text: str) -> list[Interval]:
    """Every "low to high" that is no time.

    >>> len(intervals("−1.42 to 0.34 in 2 to 3 weeks"))
    1
    """
    return [Interval(number(m[1]), number(m[2])) for m in _INTERVAL.finditer(text)]


def verdicts(text: str) -> set[str]:
    """The verdicts that a text pronounces: "Uncertain: ..." and "Unclear: ..." are one."""
    return {m[1].lower().replace("unclear", "uncertain") for m in _SAID.finditer(text)}


# --- surfaces as text ----------------------------------------------------------------------------
def text_of(part: object, without: tuple[str, ...] = ()) -> str:
    """The words of a component as a reader meets them, its parts apart; `without` the parts of these ids."""
    return "\n".join(_words(part, without))


def _words(part: object, without: tuple[str, ...]) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, (list, tuple)):
        for one in part:
            yield from _words(one, without)
    elif isinstance(part, Component) and getattr(part, "id", None) not in without:
        for name in ("title", "label", "children"):
            yield from _words(getattr(part, name, None), without)


def linked(part: object) -> Iterator[tuple[str, str]]:
    """Rows of tables and points of lists with exactly one link to an answer: the link's query and the words."""
    if isinstance(part, (list, tuple)):
        for one in part:
            yield from linked(one)
    elif isinstance(part, Component):
        if type(part).__name__ in ("Tr", "Li"):
            queries = {q for href in _links(part) if (q := href.partition("/compare?")[2])}
            if len(queries) == 1:
                yield queries.pop(), text_of(part)
                return
        yield from linked(getattr(part, "children", None))


def _links(part: object) -> Iterator[str]:
    if isinstance(part, (list, tuple)):
        for one in part:
            yield from _links(one)
    elif isinstance(part, Component):
        if isinstance(href := getattr(part, "href", None), str):
            yield href.partition("#")[0]
        yield from _links(getattr(part, "children", None))


def slides(content: bytes) -> list[str]:
    """The words of each slide: boxes, tables, notes."""
    found = []
    for slide in Presentation(io.BytesIO(content)).slides:
        parts = []
        for shape in slide.shapes:
            if shape.has_text_frame:
                parts.append(shape.text_frame.text)
            if shape.has_table:
                parts += [c.text for row in shape.table.rows for c in row.cells]
        found.append("\n".join([*parts, slide.notes_slide.notes_text_frame.text]))
    return found


def html_words(content: bytes) -> str:
    """The words of a page that stands on its own, without scripts and styles."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", content.decode(), flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "\n", bare)


def figure_words(figure: dict[str, object]) -> str:
    """Every text of a Plotly figure."""
    found: list[str] = []

    def walk(part: object) -> None:
        if isinstance(part, str):
            found.append(re.sub(r"<[^>]+>", " ", part))
        elif isinstance(part, dict):
            for one in part.values():
                walk(one)
        elif isinstance(part, (list, tuple)):
            for one in part:
                walk(one)

    walk(figure)
    return "\n".join(found)
