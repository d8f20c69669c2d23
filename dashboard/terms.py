"""Terms of the glossary, explained where they stand on a page.

`marked` takes what a page shows and marks in its sentences and headings the first appearance of each term in each
section. What a term means is the first sentence of its entry in GLOSSARY.md; it stands once in the document, out of
sight (`definitions`), and `assets/terms.js` shows it on hover, focus and touch. So a sentence is read and copied as it
was written, and nothing moves when a meaning appears.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from types import MappingProxyType
from typing import Any

from dash import html
from dash.development.base_component import Component

from analysis import room
from analysis.root import ROOT
from analysis.topic import topic

STOPS = 12
"""So many marks of a page are reached with the Tab key: the first of each term. The others answer to a pointer."""
_MARKS = 24

_METHODS = MappingProxyType(
    {
        "Open randomised trial": ("open randomised trial", "open trial"),
        "Comparative cohort": ("comparative cohort",),
        "Uncontrolled series": ("uncontrolled series",),
        "Blinded": ("blinded",),
        "Natural history": ("natural history",),
        "Regression to the mean": ("regression to the mean",),
        "Responder": ("responder",),
        "Minimal important difference (MID)": ("minimal important difference", "important difference"),
        "Effect size (yi)": ("effect size",),
        "Mean difference (MD)": ("mean difference",),
        "Standardised mean difference (SMD, Hedges' g)": ("standardised mean difference", "Hedges' g", "SMD"),
        "Risk ratio (RR)": ("risk ratio",),
        "Odds ratio (OR)": ("odds ratio",),
        "Risk difference (RD)": ("risk difference",),
        "Hazard ratio (HR)": ("hazard ratio",),
        "Common-effect model": ("common-effect", "common effect"),
        "Random-effects model": ("random-effects", "random effects"),
        "Heterogeneity variance (tau²)": ("heterogeneity variance", "heterogeneity", "tau²", "τ²"),
        "I²": ("I²",),
        "Cochran's Q": ("Cochran's Q",),
        "Confidence interval (CI)": ("confidence interval",),
        "Credible interval (CrI)": ("credible interval", "CrI"),
        "Hartung-Knapp-Sidik-Jonkman (HKSJ)": ("HKSJ", "Hartung-Knapp"),
        "Prediction interval (PI)": ("prediction interval",),
        "Standard error (SE)": ("standard error",),
        "P value": ("P value",),
        "Network meta-analysis": ("network meta-analysis",),
        "Transitivity": ("transitivity",),
        "Direct, indirect evidence": ("direct evidence", "indirect evidence", "indirectly"),
        "P-score": ("P-score",),
        "Bias threshold": ("bias threshold",),
        "Certainty of evidence (GRADE)": ("certainty of evidence", "certainty", "GRADE"),
        "Risk of bias": ("risk of bias",),
        "Small-study effects": ("small-study effects",),
        "Funnel plot": ("funnel plot",),
        "Imprecision": ("imprecision",),
        "Inconsistency": ("inconsistency",),
        "Indirectness": ("indirectness",),
        "Outlier": ("outlier",),
    }
)
"""How the terms of methods are spelled on pages, by the heads of their entries in the glossary."""

_SENTENCES = {"P", "Li", "Dt", "Dd", "Th", "H2", "H3"}
"""What holds sentences and headings; a cell of a table (Td) holds data."""
_LEFT_ALONE = {"H1", "A", "Button", "Summary", "Label", "Legend", "Caption", "Code"}
"""What acts when it is pressed may hold no other stop; the rest is read as one."""


def spellings() -> dict[str, tuple[str, ...]]:
    """How all terms that are explained in place are spelled: those of methods, and those of the topic in force."""
    return {**room.terms(), **_METHODS}


@cache
def glossary() -> tuple[str, str]:
    """Title and body of the glossary."""
    title, body = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").split("\n", 1)
    return title.removeprefix("# "), body


@cache
def meanings() -> dict[str, str]:
    """The first sentence of each entry of the glossary, by the head of the entry."""
    entries = re.findall(r"^\*\*(.+?)\*\*: (.+?)(?=\n\n|\Z)", glossary()[1], re.MULTILINE | re.DOTALL)
    return {head: _first_sentence(" ".join(text.split())) for head, text in entries}


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=\.)\s+(?=[A-Z`*])", text)[0]


def address(head: str) -> str:
    """The id of a meaning in the document.

    >>> address("Heterogeneity variance (tau²)")
    'term-heterogeneity-variance'
    """
    return f"term-{re.sub('[^a-z0-9]+', '-', head.split(' (')[0].lower()).strip('-')}"


def definitions(needed: Iterable[str] | None = None) -> str:
    """HTML of the meanings, out of sight: what a mark is described by. All of them, or those of some ids."""
    wanted = None if needed is None else set(needed)
    lines = [
        f'<p id="{address(head)}">{escape(f"{head}: {meanings()[head]}", quote=False)}</p>'
        for head in spellings()
        if wanted is None or address(head) in wanted
    ]
    return f'<div id="terms" hidden>{"".join(lines)}</div>'


def _spelled() -> tuple[re.Pattern[str], dict[str, str]]:
    return _spelled_in(topic().room)


@cache
def _spelled_in(_room: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for all spellings, the longest first, and the head that each belongs to; kept for each room."""
    heads = {spelling: head for head, some in spellings().items() for spelling in some}
    parts = [
        f"(?i:{re.escape(s)}s?)" if s == s.lower() else re.escape(s)
        for s in sorted(heads, key=len, reverse=True)
    ]
    known = {s if s != s.lower() else s.lower(): head for s, head in heads.items()}
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])"), known


def _head_of(found: str) -> str:
    known = _spelled()[1]
    low = found.lower()
    return known.get(found) or known.get(low) or known[low.removesuffix("s")]


def explained(content: Any, described_by: str, *, stop: bool = True) -> html.Span:
    """A term; what it means is the text of another element, shown on hover, focus and touch, and read after it."""
    reached = {"tabIndex": "0"} if stop else {}
    return html.Span(content, className="term", **{"aria-describedby": described_by}, **reached)


def marked(content: Any) -> Any:
    """The same content with its terms marked: a component, a text or a list of these. Nothing is changed in place."""
    return _Marks().of(content, in_sentence=False)


class _Marks:
    """What was marked so far: on the page, and in the section that is being read."""

    def __init__(self) -> None:
        self._stops: set[str] = set()
        self._here: set[str] = set()
        self._count = 0

    def of(self, node: Any, *, in_sentence: bool) -> Any:
        if isinstance(node, str):
            return self._text(node) if in_sentence else node
        if isinstance(node, list | tuple):
            return self._list(node, in_sentence)
        if not isinstance(node, Component) or node._namespace != "dash_html_components":
            return node
        if getattr(node, "className", None) == "term":
            told = getattr(node, "aria-describedby")  # no name that Python could spell
            self._here.add(told)
            if hasattr(node, "tabIndex"):
                self._stops.add(told)
            return node
        if node._type in _LEFT_ALONE:
            return node
        children = getattr(node, "children", None)
        if children is None:
            return node
        if node._type == "Section":
            outside, self._here = self._here, set()
            inside = self.of(children, in_sentence=False)
            self._here = outside
        else:
            sentence = node._type in _SENTENCES or (in_sentence and node._type != "Td")
            inside = self.of(children, in_sentence=sentence)
        if inside is children:
            return node
        node = copy.copy(node)
        node.children = inside
        return node

    def _list(self, nodes: list | tuple, in_sentence: bool) -> Any:
        new: list[Any] = []
        for node in nodes:
            one = self.of(node, in_sentence=in_sentence)
            if isinstance(node, str) and isinstance(one, list):
                new += one
            else:
                new.append(one)
        same = len(new) == len(nodes) and all(a is b for a, b in zip(new, nodes, strict=True))
        return nodes if same else new

    def _text(self, text: str) -> str | list[Any]:
        parts = list(self._split(text))
        return parts if len(parts) > 1 or parts[0] is not text else text

    def _split(self, text: str) -> Iterator[Any]:
        at = 0
        for found in _spelled()[0].finditer(text):
            told = address(_head_of(found[0]))
            known = told in self._stops
            if told in self._here or self._count >= _MARKS or not (known or len(self._stops) < STOPS):
                continue
            self._here.add(told)
            self._stops.add(told)
            self._count += 1
            if found.start() > at:
                yield text[at : found.start()]
            yield explained(found[0], told, stop=not known)
            at = found.end()
        if at < len(text) or not text:
            yield text[at:] if at else text
