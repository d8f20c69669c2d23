"""Numbers and lists as sentences write them: the one place where a noun follows its number."""

from __future__ import annotations

from collections.abc import Sequence


def counted(n: int, one: str, many: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "study"), counted(3, "study"), counted(2, "trial"), counted(1200, "series", "series")
    ('1 study', '3 studies', '2 trials', '1,200 series')
    """
    return f"{n:,} {one if n == 1 else many or plural(one)}"


def plural(noun: str) -> str:
    """A regular plural.

    >>> plural("study"), plural("trial"), plural("uncontrolled series")
    ('studies', 'trials', 'uncontrolled series')
    """
    if noun.endswith("series"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def listed(items: Sequence[str]) -> str:
    """Words in a row: a, b and c; of nothing, nothing.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def capital(text: str) -> str:
    """The text with a capital at its start.

    >>> capital("no important difference"), capital("")
    ('No important difference', '')
    """
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """A label inside a sentence; one that starts with an abbreviation keeps its capitals.

    >>> lower_first("Pain relief"), lower_first("EQ-5D index")
    ('pain relief', 'EQ-5D index')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def words_in(text: str) -> int:
    """How many words a reader counts.

    >>> words_in("Pain at 12 months: uncertain")
    5
    """
    return len(text.split())
