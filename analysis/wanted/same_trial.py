"""Which published trial a study of a reader's file could be: by name and year, each with what speaks against it.

Sure is only what leaves no doubt: the first author's surname with the year of a report, or the trial's acronym. A
year that is missing, differs or has a letter, another spelling, other initials, a name that stands for a later
author: each is a doubt, for the reader to decide. A likeness that is missed would count patients twice in silence,
so that doubtful ones are many rather than few.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.records import studies_by_id

NEAR = 1
"""Years between a report's printing and its first appearance, or another source's date of it."""
_ALIKE = 0.83
"""Share of letters in common from which two names may be one, misspelt: Müller and Moller, Klasen and Klazen."""
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)([a-h](?![a-z]))?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_NO_NAME = {"et", "al", "and", "und", "y", "e"}
_PARTICLES = {"al", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le",
              "ten", "ter", "van", "vander", "von", "zu"}  # fmt: skip
_HYPHENS = {"\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-"}
_PLAIN = str.maketrans(
    {"ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}
    | _HYPHENS
)


@dataclass(frozen=True, slots=True)
class Likely:
    """A trial that a study could be; `doubt` is what speaks against it, "" where nothing does."""

    trial: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """The first author in a name: surname in words, initials, the words that follow, the parts of double names."""

    surname: tuple[str, ...]
    initials: str = ""
    later: tuple[str, ...] = ()
    parts: frozenset[str] = frozenset()

    @property
    def joined(self) -> str:
        return "".join(self.surname)


@dataclass(frozen=True, slots=True)
class _Report:
    trial: str
    year: float
    author: Author
    acronym: str


def likely(name: str, year: str, evidence: Evidence) -> tuple[Likely, ...]:
    """The trials that a study of this name and year could be, the likeliest first."""
    years = [(int(y), letter) for y, letter in _YEAR.findall(name) or _YEAR.findall(year)]
    before = _YEAR.split(name)[0]
    author = _author(before if _WORD.search(before) else name)
    found: dict[str, tuple[float, str]] = {}
    for report in _reports(evidence):
        apart = min((abs(y - report.year) for y, _ in years), default=math.nan)
        by_acronym = bool(report.acronym) and _has(name, report.acronym)
        if by_acronym:
            doubts = [] if math.isnan(apart) or apart <= NEAR else [_years(apart)]
        else:
            spelt = _of_name(author, report.author)
            if spelt is None or (spelt and apart > NEAR):
                continue
            letter = apart == 0 and any(mark for _, mark in years)
            more = ["the year has a letter"] if letter else []
            doubts = [*filter(None, (_years(apart), spelt)), *more]
        # a doubt about the name weighs more than one about the year
        order = 10 * len(doubts) + (5 if math.isnan(apart) else min(apart, 9))
        if report.trial not in found or order < found[report.trial][0]:
            found[report.trial] = (order, ", ".join(doubts))
    ordered = sorted(found, key=lambda trial: found[trial][0])
    return tuple(Likely(trial, found[trial][1]) for trial in ordered)


def years_fit(name: str, year: str, trial: str, evidence: Evidence) -> bool:
    """Whether no year speaks against a study's being this trial."""
    years = [int(y) for y, _ in _YEAR.findall(name) or _YEAR.findall(year)]
    of_trial = [r.year for r in _reports(evidence) if r.trial == trial and r.year == r.year]
    return not years or not of_trial or any(abs(y - r) <= NEAR for y in years for r in of_trial)


def _years(apart: float) -> str:
    if math.isnan(apart):
        return "no year to compare"
    if apart == 0:
        return ""
    return "the years differ by one" if apart <= NEAR else f"{apart:g} years apart"


def _has(name: str, acronym: str) -> bool:
    """Whether a name holds an acronym in capitals, and not that of its successor.

    >>> _has("VERTOS-IV 2018", "VERTOS IV"), _has("VERTOS II", "VERTOS"), _has("Star 2012", "STAR")
    (True, False, False)
    """
    wanted = r"[\s-]".join(map(re.escape, acronym.replace("-", " ").split()))
    return bool(re.search(rf"(?<!\w){wanted}(?!\w)(?![\s-]+(?:[IVX]+|\d\d?)(?!\w))", name))


# --- names ---------------------------------------------------------------------------------------
def _author(text: str) -> Author:
    """The first author's name out of a label.

    >>> _author("P. D. Hart et al.")
    Author(surname=('hart',), initials='pd', later=(), parts=frozenset())
    >>> _author("Stein & Aronson").later, sorted(_author("Frimodt-Møller").parts)
    (('aronson',), ['frimodt', 'moller'])
    """
    words = [w for w in _WORD.findall(text.translate(_PLAIN)) if w.casefold() not in _NO_NAME]
    # letters in capitals are initials, unless the whole name is written so
    initial = [w.isupper() and len(w) <= 3 and w.isascii() for w in words]
    if all(initial):
        initial = [i > 0 for i in range(len(words))]
    surname = tuple(folded(w) for w, short in zip(words, initial, strict=True) if not short)
    letters = "".join(folded(w) for w, short in zip(words, initial, strict=True) if short)
    double = [w for w, short in zip(words, initial, strict=True) if not short and "-" in w]
    parts = frozenset(folded(part) for w in double for part in w.split("-"))
    return Author(surname, letters, surname[1:], parts)


def _of_name(theirs: Author, ours: Author) -> str | None:
    """None where two names are of different people; else the doubt that is left, "" for none."""
    if not theirs.surname or not ours.surname:
        return None
    starts = {"".join(theirs.surname[: n + 1]) for n in range(len(theirs.surname))}
    if ours.joined in starts:
        other = theirs.initials and ours.initials and theirs.initials[0] != ours.initials[0]
        return "other initials" if other else ""
    if ours.joined in theirs.later:
        return "named as a later author"
    if ours.joined in theirs.parts or not starts.isdisjoint(ours.parts):
        return "part of a double name"
    plain = _spelt(ours.joined, ours.surname)
    for n in range(1, len(theirs.surname) + 1):
        name = _spelt("".join(theirs.surname[:n]), theirs.surname[:n])
        if name and plain and _alike(name, plain):
            return "the name is spelt otherwise"
    return None


def _spelt(joined: str, parts: Iterable[str]) -> str:
    """A surname without particles, its umlauts in one way.

    >>> _spelt("vanmueller", ("van", "mueller"))
    'muller'
    """
    rest = "".join(p for p in parts if p not in _PARTICLES) or joined
    return re.sub(r"([aou])e", r"\1", rest)


@lru_cache(maxsize=20_000)
def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < 4:
        return False
    same = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return same.quick_ratio() >= _ALIKE and same.ratio() >= _ALIKE


def folded(word: str) -> str:
    """A word in lower case, without accents and marks inside it.

    >>> folded("Frimodt-Møller"), folded("O’Brien"), folded("刘洪")
    ('frimodtmoller', 'obrien', '刘洪')
    """
    apart = unicodedata.normalize("NFKD", word.translate(_PLAIN)).casefold()
    return "".join(c for c in apart if c.isalpha())


# --- published reports ---------------------------------------------------------------------------
@remembered(maxsize=4)
def _reports(evidence: Evidence) -> tuple[_Report, ...]:
    return tuple(_each_report(evidence))


def _each_report(evidence: Evidence) -> Iterator[_Report]:
    for row in studies_by_id(evidence).values():
        acronym = row["acronym"].split("(")[0].strip()
        trial = row["parent_study_id"] or row["study_id"]
        yield _Report(trial, row["year"], _author(row["first_author"]), acronym)
