"""The words of a reader's cells in ours: outcomes, treatments, designs, times, addresses; and a cell that is none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from analysis import vocabulary as words
from analysis.errors import InputError
from analysis.reading.cells import NotANumber, Signs, number
from analysis.topic import Topic, topic

_TIME = re.compile(r"(\d+(?:[.,]\d+)?)\s*(d|day|w|wk|week|m|mo|month|y|yr|year)s?", re.IGNORECASE)
_WEEKS = {"d": 1 / 7, "w": 1.0, "m": 52 / 12, "y": 52.0}


class Wrong(InputError):
    """One cell that must be put right."""

    def __init__(self, role: str, found: str, allowed: str) -> None:
        super().__init__(role, found, allowed)
        self.role, self.found, self.allowed = role, found, allowed


def _by_words(labels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word.lower(): key for key, many in labels.items() for word in (key, *many)}


WORDS = ("outcome", "intervention", "comparator", "design", "etiology")
"""Roles whose cells hold words of the topic."""


def known(role: str) -> Mapping[str, str]:
    """The keys that a column of a reader's file may hold, by every word for them in the topic in force."""
    return _known(topic())[role]


@lru_cache(maxsize=4)
def _known(of: Topic) -> dict[str, dict[str, str]]:
    treated = _by_words({k: (t.label, t.short, t.spoken, *t.also) for k, t in of.treatments.items()})
    one_group = {words.NONE: (words.COMPARATORS[words.NONE], "none")}
    return {
        "outcome": _by_words({key: (one.label,) for key, one in of.outcomes.items()}),
        "intervention": treated,
        "comparator": treated | _by_words(one_group),
        "design": _by_words({key: (one.label,) for key, one in of.designs.items()}),
        "etiology": _by_words({key: (label,) for key, label in of.causes.items() if key != "any"}),
    }


def key_of(text: str, usual: str, role: str) -> str:
    if not text:
        return usual
    key = known(role).get(text.strip().lower())
    if key is None:
        raise Wrong(role, text, f"one of {', '.join(dict.fromkeys(known(role).values()))}")
    return key


def weeks_of(text: str, usual: float) -> tuple[float, str]:
    """Weeks since treatment, and the time in words."""
    if not text:
        return usual, _in_words(usual)
    window = next((w for w in words.WINDOWS.values() if text.lower() == w.label), None)
    if window is not None and window.target is not None:
        return window.target, text
    if found := _TIME.fullmatch(text.strip()):
        weeks = float(found[1].replace(",", ".")) * _WEEKS[found[2][0].lower()]
        return round(weeks, 2), text
    try:
        weeks = number(text, Signs()).value
    except NotANumber:
        weeks = math.nan
    if not weeks > 0:
        raise Wrong("weeks", text, "weeks above 0, or a time such as 6 months")
    return weeks, _in_words(weeks)


def _in_words(weeks: float) -> str:
    for window in words.WINDOWS.values():
        if window.target == weeks:
            return window.label
    return f"{weeks:g} weeks"


def address(text: str) -> str:
    """A DOI as an address; anything else as it is, for the rules to judge."""
    return f"https://doi.org/{text}" if re.match(r"10\.\d{4,9}/\S+$", text) else text


def plain(value: float) -> str:
    return f"{value:g}" if float(f"{value:g}") == value else repr(float(value))
