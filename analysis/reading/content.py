"""What the cells of a column say of it, where its name leaves it open or misleads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.reading import cells, whole_names
from analysis.reading.naming import Named, tokens
from analysis.reading.roles import ROLES

_RANGE = re.compile(
    r"^[\[(]?\s*[-+\u2212]?[\d.,]+\s*(?:to|[,;:\u2013\u2014-]|\bbis\b|\ba\b|\.\.+)\s*[-+\u2212]?[\d.,]+\s*[\])]?$",
    re.IGNORECASE,
)


def looks_like_limits(text: str) -> bool:
    """Whether a cell holds two limits.

    >>> looks_like_limits("-2.1 to 0.4"), looks_like_limits("[0.4; 0.96]"), looks_like_limits("12")
    (True, True, False)
    """
    bare = text.strip()
    return (
        bool(_RANGE.match(bare))
        and len(re.findall(r"\d+", bare)) >= 2
        and not re.fullmatch(r"-?[\d]+[.,]?\d*", bare)
    )


def by_content(name: str, one: Named, column: Sequence[str]) -> None:
    """Correct what a name suggests by what the cells are."""
    filled = [text for text in column if text.strip()]
    if not filled:
        return
    numeric = sum(bool(re.match(r"^[\s<>~\u2212+(-]*[.,]?\d", text)) for text in filled) / len(
        filled
    )
    if (
        one.role in ("ci", "ci_text", "ci_low")
        and sum(map(looks_like_limits, filled)) > len(filled) / 2
    ):
        one.role, one.rank, one.quantity = "ci_text", 2, ""
    elif one.role == "ci_text":
        one.role = ""
    if one.quantity == "events" and "x" in tokens(name) and _are_fractions(filled):
        one.quantity = "mean"  # x1, x2 of means
    if one.quantity == "size" and "%" in tokens(name) and compound(filled):
        one.quantity = "events"  # No. (%)
        one.role = "" if one.group else "xi"
    if one.quantity == "size" and not one.group and _is_numbering(filled):
        one.role, one.quantity = "", ""
    if one.quantity == "time" and not numeric and one.group in (("1",), ("2",)):
        one.role = "intervention" if one.group == ("1",) else "comparator"  # t1, t2: treatments
        one.quantity, one.group = "", ()
    if one.role == "outcome" and numeric == 1 and len(set(filled)) == len(filled) > 1:
        one.role = ""  # a number of its own for each row
    if one.role == "ri" and _are_counts(filled):
        one.role, one.measure = "xi", ""  # r of n, as BUGS writes events
    if (
        one.role in ("treatment", "intervention", "comparator", "outcome", "subgroup", "measure")
        and numeric == 1
    ):
        if one.role in ("treatment", "intervention", "comparator") and compound(filled):
            one.quantity, one.group = "cell", tokens(name)
        if one.role not in ("outcome", "subgroup", "treatment"):
            one.role = ""
    if one.role == "" and one.quantity == "cell" and not compound(filled):
        one.quantity, one.group = "", ()
    is_number = one.quantity or (
        one.role in ROLES
        and one.role not in whole_names.WORD_ROLES
        and one.role not in ("ci_text", "")
    )
    if (
        is_number
        and not all(re.search(r"\d", t) or cells.is_missing(t) for t in filled)
        and numeric == 0
    ):
        one.role, one.quantity, one.group = "", "", ()


def _is_numbering(filled: Sequence[str]) -> bool:
    """Whether the cells number the rows: 1, 2, 3 ..."""
    return len(filled) > 2 and [t.strip() for t in filled] == [
        str(i + 1) for i in range(len(filled))
    ]


def _are_fractions(filled: Sequence[str]) -> bool:
    """Whether most cells are numbers with decimals."""
    return 2 * sum(bool(re.fullmatch(r"\s*-?\d*[.,]\d+\s*", text)) for text in filled) > len(filled)


def _are_counts(filled: Sequence[str]) -> bool:
    """Whether all numbers are whole, and some above 1."""
    return all(text.strip().isdecimal() for text in filled) and any(int(t) > 1 for t in filled)


def compound(filled: Sequence[str]) -> bool:
    two = sum(
        bool(re.search(r"\d\s*[(/\u00b1]|\d\s*\+/?-\s*\d|\d\s+(?:out\s+)?of\s+\d", text)) for text in filled
    )
    return two > len(filled) / 2
