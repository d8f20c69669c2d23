"""Published judgements of certainty (GRADE), matched to a Question by one written mapping.

A judgement is a human act: it is read from the `certainty` column of `published_syntheses.csv`, shown with
its source, and never computed. The mapping below says which row speaks about which Question:

- outcome: the words of the row's `outcome` (`_OUTCOMES`);
- comparison: each clause of the row's `comparison` ("VP or BKP v conservative; VP v BKP") names the
  treatments on either side (`_TREATMENTS`); one of those asked about must stand on each side;
- cause of fracture: a row about osteoporotic fractures says nothing about malignant ones, and the other way
  round; a clause of the judgement that names fractures "unrelated to osteoporosis" is for those only;
- time: a row "up to 3 months" says nothing about later times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.effects.study_effect import StudyEffect
from analysis.evidence.load import Evidence
from analysis.evidence.records import records
from analysis.evidence.rules import Row, known
from analysis.question import Question, members

LEVELS = ("very low", "low", "moderate", "high")
"""GRADE's four levels, lowest first."""

_OUTCOMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\bpain\b", ("pain",)),
    (r"\b(disability|function)\b", ("rmdq", "odi")),
    (r"quality[ _]of[ _]life", ("pcs", "eq5d", "qualeffo")),
    (r"new[ _]fracture", ("new-fracture",)),
    (r"adjacent[ _]fracture", ("adjacent-fracture",)),
    (r"serious[ _]adverse[ _]event", ("serious-adverse-event",)),
    (r"radiographic|kyphotic", ("kyphosis", "height-mm", "height-loss")),
    (r"leakage", ("leakage",)),
    (r"mortality|\bdeath", ("mortality",)),
)
_TREATMENTS: tuple[tuple[str, str], ...] = (
    (r"\b(vertebroplasty|P?VP)\b", "VP"),
    (r"\b(kyphoplasty|[BP]?KP)\b", "BKP"),
    (r"\b(stent(ing)?|implants?|VAI|VBS)\b", "VAI"),
    (r"\b(placebo|sham)\b", "SHAM"),
    (r"\b(conservative|usual care|medical management|non-?surgical|non-?operative|NSM)\b", "NSM"),
)
_VERSUS = re.compile(r"\s(?:v|vs|versus|against)\.?\s", re.IGNORECASE)
_UP_TO = re.compile(r"up to (\d+) (week|month|year)s?", re.IGNORECASE)
_WEEKS = {"week": 1.0, "month": 52 / 12, "year": 52.0}
_OTHER_CAUSE = "unrelated to osteoporosis"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One published judgement: `level` is the lowest level it names, `printed` its own words.

    `differs` says in words where it covers more or less than was asked; empty where it covers just that.
    """

    level: str
    printed: str
    review: str
    population: str
    comparison: str
    outcome: str
    differs: str
    citation: str
    row_id: str
    source_url: str
    source_location: str


def judgements(
    question: Question, studies: Iterable[StudyEffect], evidence: Evidence
) -> tuple[Judgement, ...]:
    """The published judgements that speak about a Question, nearest to it first, then newest.

    The cause of fracture is the one asked about, else the one that all studies of the answer share.
    Only comparisons of randomised evidence are judged by the rows in hand: a Question about one group has
    none.
    """
    if question.one_group or not set(question.admits) <= set(words.RANDOMISED):
        return ()
    cause = _cause(question, studies)
    found: list[tuple[tuple[int, float], Judgement]] = []
    for row in records(evidence, "published_syntheses"):
        if not row["certainty"]:
            continue
        sides = covers(question, row)
        level = level_of(row["certainty"], cause)
        if sides is None or level is None or not _same_population(row, cause):
            continue
        differs = _differs(question, *sides)
        year = row["year"] if known(row["year"]) else 0.0
        judgement = Judgement(
            level, row["certainty"], _name(row), row["population"], row["comparison"], row["outcome"],
            differs, row["citation"], row["row_id"], row["source_url"], row["source_location"],
        )  # fmt: skip
        found.append(((int(bool(differs)), -year), judgement))
    return tuple(judgement for _, judgement in sorted(found, key=lambda pair: pair[0]))


def covers(question: Question, row: Row) -> tuple[set[str], set[str]] | None:
    """The two sides that a row compares, if outcome, treatments and time of the Question are among them."""
    outcomes = {o for pattern, keys in _OUTCOMES if _says(pattern, row["outcome"]) for o in keys}
    limit = _UP_TO.search(row["timepoint"])
    target = question.window.target
    too_late = limit is not None and (
        target is None or target > float(limit[1]) * _WEEKS[limit[2].lower()]
    )
    if question.outcome not in outcomes or too_late:
        return None
    asked_t, asked_c = set(members(question.intervention)), set(members(question.comparator))
    for clause in row["comparison"].split(";"):
        parts = _VERSUS.split(clause, maxsplit=1)
        if len(parts) != 2:
            continue
        left, right = treatments(parts[0]), treatments(parts[1])
        for t, c in ((left, right), (right, left)):
            if asked_t & t and asked_c & c:
                return t, c
    return None


def treatments(text: str) -> set[str]:
    """The treatments that a printed text names.

    >>> sorted(treatments("VP or BKP")), treatments("placebo (sham)")
    (['BKP', 'VP'], {'SHAM'})
    """
    return {code for pattern, code in _TREATMENTS if _says(pattern, text)}


def level_of(printed: str, cause: str = "") -> str | None:
    """The lowest GRADE level that a printed judgement names for a cause of fracture; None if it names none.

    >>> level_of("high- to moderate-quality"), level_of("GRADE Low")
    ('moderate', 'low')
    """
    clauses = [c for c in printed.split(";") if c.strip()]
    other = [c for c in clauses if _OTHER_CAUSE in c.lower()]
    chosen = other if other and cause in ("malignant", "traumatic") else clauses
    for clause in chosen:
        if clause in other and chosen is not other:
            continue
        text = clause.lower()
        named = [level for level in LEVELS if re.search(rf"(?<!very )\b{level}\b", text)]
        if named:
            return named[0]
    return None


def _cause(question: Question, studies: Iterable[StudyEffect]) -> str:
    if question.etiology != "any":
        return question.etiology
    causes = {study.etiology for study in studies}
    return causes.pop() if len(causes) == 1 else ""


def _same_population(row: Row, cause: str) -> bool:
    text = row["population"].lower()
    if cause in ("malignant", "traumatic"):
        mostly = "mostly osteoporotic" in text or "osteoporotic" not in text
        return mostly or _OTHER_CAUSE in row["certainty"].lower()
    if cause == "osteoporotic":
        return not re.search(r"metasta|malignan|myeloma", text)
    return True


def _differs(question: Question, t: set[str], c: set[str]) -> str:
    asked_t, asked_c = set(members(question.intervention)), set(members(question.comparator))
    parts = []
    if more := [*sorted(t - asked_t), *sorted(c - asked_c)]:
        named = " and ".join(words.TREATMENTS[code] for code in more)
        parts.append(f"judged together with {named}")
    if asked_t - t:
        named = " and ".join(words.TREATMENTS[code] for code in sorted(t & asked_t))
        parts.append(f"judged for {named} only")
    return "; ".join(parts)


def _name(row: Row) -> str:
    """Who judged, and when: the review's first author, or the house that published it."""
    year = f" {row['year']:.0f}" if known(row["year"]) else " (year not printed)"
    citation = row["citation"]
    if "cochrane" in citation.lower():
        return f"Cochrane review{year}"
    head = citation.split(". ")[0]
    authors = re.split(r",| et al", head)
    return f"{authors[0]} et al.{year}" if len(authors) > 1 else f"{head}{year}"


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
