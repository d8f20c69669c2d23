"""Numbers with something written on them: the mark of a footnote, a unit, "n =", a word for patients.

What is written is taken off and said; a cell that may mean two numbers ("3k", "1O", "12 [1]") is none of these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.reading.cells import plain
from analysis.reading.roles import COUNTS, EFFECTS, WHOLE

_NUMBER = r"[-+]?(?:\d[\d.,'\u2019 ]*\d|\d|[.,]\d+)(?:[eE][-+]?\d+)?"
_SIGNS = "*\u2020\u2021\u00a7\u00b6\u2016#\u00aa\u00ba"
_RAISED = "\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u1d43-\u1d4d\u02b0\u1da0\u1d9c\u1d48"
_LETTERS = r"[a-df](?:\s?,\s?[a-df]){0,3}"
"""Not e, which is of an exponent; not k, m, l, o (thousands, millions, 1, 0); not g and h, which are units."""
_MARKED = re.compile(
    rf"({_NUMBER})(?:\s*([{_SIGNS}]+|[{_RAISED}]+|\^\w)|({_LETTERS}|\s[abc])|\s*[(\[]\s*({_LETTERS}|[{_SIGNS}]+)\s*[)\]])",
)
_POWER = re.compile(r"[-+]?10[\u00b2\u00b3\u00b9\u2070\u2074-\u2079^].*")
"""10 with a small figure above it may be a hundred."""
_LABELLED = re.compile(
    rf"\(?\s*(n|mean|sd|se|sem|or|rr|hr|md|smd|g|d|r)\s*[=:]\s*({_NUMBER})\s*\)?", re.IGNORECASE
)
_UNIT = re.compile(rf"({_NUMBER})\s*([^\W\d_][\w/\u00b5\u03bc.\u00b2 -]*|%|\u00b0C?)", re.UNICODE)

_SAME = {
    "mm": "mm", "cm": "cm", "m": "m", "km": "km", "kg": "kg", "g": "g", "mg": "mg", "ug": "ug", "mcg": "ug",
    "\u00b5g": "ug", "\u03bcg": "ug", "ng": "ng", "ml": "ml", "l": "l", "dl": "dl", "mmhg": "mmHg", "mm hg": "mmHg",
    "kpa": "kPa", "mmol/l": "mmol/l", "mg/dl": "mg/dl", "g/dl": "g/dl", "g/l": "g/l", "\u00b5mol/l": "\u00b5mol/l",
    "kg/m2": "kg/m2", "kg/m\u00b2": "kg/m2", "%": "%", "percent": "%", "points": "points", "point": "points",
    "pts": "points", "punkte": "points", "puntos": "points", "iu": "IU", "u": "U", "bpm": "bpm", "hz": "Hz",
    "ms": "ms", "\u00b0": "\u00b0", "\u00b0c": "\u00b0C", "degrees": "\u00b0",
}  # fmt: skip
_TIMES = {
    word: unit
    for unit, words in {
        "days": "d day days tage jours dias",
        "weeks": "wk wks week weeks wochen semaines semanas",
        "months": "mo mos month months monate mois meses",
        "years": "y yr yrs year years jahre ans anos",
        "hours": "h hr hrs hour hours stunden",
        "minutes": "min mins minute minutes minuten",
        "seconds": "s sec secs second seconds",
        "person-years": "py person-years patient-years patientyears personyears",
    }.items()
    for word in words.split()
}
_PEOPLE = frozenset(
    [
        "pts",
        "pt",
        "pat",
        "patients",
        "patient",
        "participants",
        "participant",
        "subjects",
        "subject",
        "people",
        "persons",
        "person",
        "individuals",
        "cases",
        "case",
        "events",
        "event",
        "deaths",
        "death",
        "women",
        "men",
        "children",
        "eyes",
        "adults",
        "patienten",
        "personen",
        "teilnehmer",
        "patientes",
        "pacientes",
        "participantes",
        "pazienti",
        "personnes",
    ]
)
_LABELS = {"n": WHOLE, "or": EFFECTS, "rr": EFFECTS, "hr": EFFECTS, "md": EFFECTS, "smd": EFFECTS}
_STEMS = {"mean": "m", "sd": "sd", "se": "se", "sem": "se"}
_SCALED = ("m", "sd", "se", "med", "q1_", "q3_", "min", "max", "low", "high")
_SIDES = ("1i", "2i", "i")
MEASURED = frozenset(f"{stem}{side}" for stem in _SCALED for side in _SIDES)
"""What is measured on the outcome's own scale: all of a table in one unit."""
_TIMED = frozenset({"t1i", "t2i", "ti"})


@dataclass(frozen=True, slots=True)
class Noted:
    """A number, and what was written on it: the mark of a footnote, a unit or word, or a label ("n =")."""

    number: str
    mark: str = ""
    unit: str = ""
    label: str = ""


def noted(text: str, role: str) -> Noted | None:
    """The number that a role takes from a cell with something written on it; None where it takes none.

    >>> noted("12a", "ai").number, noted("3.1 mm", "m1i").unit, noted("n = 40", "n1i").number
    ('12', 'mm', '40')
    >>> noted("3k", "n1i"), noted("1O", "ai"), noted("12 [1]", "ai"), noted("3 mm", "n1i"), noted("12", "ai")
    (None, None, None, None, None)
    """
    bare = plain(text, marks=True)
    if found := _LABELLED.fullmatch(bare):
        return Noted(found[2], label=found[1]) if _is_label(found[1].lower(), role) else None
    if found := _UNIT.fullmatch(bare):
        word = " ".join(found[2].lower().rstrip(".").split())
        if role in WHOLE | COUNTS and word in _PEOPLE:
            return Noted(found[1], unit=word)
        if role in MEASURED and (word in _SAME or word in _TIMES):
            return Noted(found[1], unit=_SAME.get(word) or _TIMES[word])
        if role in _TIMED and word in _TIMES:
            return Noted(found[1], unit=_TIMES[word])
    if (found := _MARKED.fullmatch(bare)) and not _POWER.fullmatch(bare):
        return Noted(found[1], mark=next(m for m in found.groups()[1:] if m))
    return None


def number_with_mark(text: str) -> bool:
    """Whether a cell is a number with a mark or a unit that no name of a column ends in.

    >>> number_with_mark("12a"), number_with_mark("3.1 mm"), number_with_mark("12 months"), number_with_mark("n = 40")
    (True, True, False, False)
    """
    bare = plain(text, marks=True)
    if _MARKED.fullmatch(bare):
        return True
    found = _UNIT.fullmatch(bare)
    return bool(found) and found[2].lower() in _SAME


def _is_label(label: str, role: str) -> bool:
    if label in _STEMS:
        return role in {f"{_STEMS[label]}{side}" for side in _SIDES}
    return role == "ri" if label == "r" else role in _LABELS.get(label, EFFECTS)


def other_units(units: Iterable[str]) -> tuple[str, frozenset[str]]:
    """Of the units of cells on one scale, the commonest and the others that occur."""
    counts = Counter(units)
    if len(counts) < 2:
        return "", frozenset()
    most = max(counts, key=lambda unit: counts[unit])
    return most, frozenset(counts) - {most}
