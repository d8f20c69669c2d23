"""Building blocks of the table schemas: one function for each kind of column.

Every column carries in its metadata what it allows, in the words that a fault line prints, and its
unit. Text columns hold "" where a cell is empty, number columns hold NaN.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""A number as the files print it: decimal point, no thousands separator, no white space."""

# Control characters and lone surrogates cannot be written into XML, and so not into a slide or an
# SVG.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

WEB_ADDRESS = r"https?://[^\s/?#]+\.[^\s]+|github [\w.-]+/[\w.-]+ \S.*"
"""An address on the web, or a public repository's file as `github owner/repository path`."""


def parse_number(text: str) -> float | None:
    """The number in a cell; NaN for an empty cell, None for anything that is not a finite number.

    >>> parse_number("-0.33"), parse_number(".5"), parse_number("1,5"), parse_number("nan")
    (-0.33, 0.5, None, None)
    """
    if not text:
        return math.nan
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


Test = Callable[[Any], Sequence[bool]]
"""Says of each value of a column whether it is allowed; of a number column's, of those that are given."""


def each(test: Callable[[str], object]) -> Test:
    """`test` applied to every text of a column; once to texts that are alike."""

    def holds(values: Iterable[str]) -> list[bool]:
        values = list(values)
        found = {value: bool(test(value)) for value in set(values)}
        return [found[value] for value in values]

    return holds


def _column(
    kind: type,
    tests: list[Test],
    allowed: str | Callable[[], str],
    unit: str,
    **settings: object,
) -> pa.Column:
    metadata = {
        "allowed": allowed,
        "unit": unit,
        "tests": tests,
        "essential": settings.pop("essential", False),
        "optional": settings.pop("optional", False),
    }
    return pa.Column(kind, [_check(test) for test in tests], metadata=metadata, **settings)


def _check(test: Test) -> pa.Check:
    return pa.Check(lambda values: pd.Series(test(values), index=values.index, dtype=bool))


def allowed_words(column: pa.Column) -> str:
    """What a column allows, in the words of a fault line; a list of the topic as it is now in force."""
    allowed = column.metadata["allowed"]
    return allowed() if callable(allowed) else allowed


def text(
    pattern: str = "",
    allowed: str = "printable text",
    *,
    required: bool = False,
    essential: bool = False,
    optional: bool = False,
) -> pa.Column:
    """A column of text.

    Parameters
    ----------
    pattern : str
        Regular expression that the whole cell must match; any printable text when empty.
    allowed : str
        The same in words.
    required : bool
        Whether an empty cell is a fault.
    essential : bool
        Whether the file cannot be used at all without this column, although its cells may be empty.
        Required columns are always essential.
    optional : bool
        Whether a file may lack this column without a fault.
    """
    match = re.compile(pattern or r".*", re.DOTALL | re.ASCII).fullmatch

    def holds(value: str) -> bool:
        if not value:
            return not required
        return not UNPRINTABLE.search(value) and match(value) is not None

    words = allowed if required else f"{allowed}, or empty"
    return _column(str, [each(holds)], words, "", essential=essential or required, optional=optional)


def choice(
    values: Iterable[str] | Callable[[], Iterable[str]],
    *,
    required: bool = False,
    optional: bool = False,
) -> pa.Column:
    """A column of words from a closed vocabulary; a function gives that of the topic in force.

    A file may lack an `optional` one: its rows are not coded, and nothing is taken from their words instead.
    """
    listed = values if callable(values) else tuple(values).__iter__

    def words() -> str:
        names = list(listed())
        every = f"one of {', '.join(names)}" if len(names) > 1 else "".join(names) or "nothing"
        return every if required or not names else f"{every}, or empty"

    def holds(values: Iterable[str]) -> list[bool]:
        accepted = {*listed()} if required else {*listed(), ""}
        return [value in accepted for value in values]

    # Codes decide what a number means, so a file without such a column cannot be read at all.
    return _column(str, [holds], words, "", essential=not optional, optional=optional)


def codes(values: Callable[[], Iterable[str]], *, together: bool = False) -> pa.Column:
    """A required list of codes of the topic in force, separated by "; ".

    With `together`, an entry may join several codes by a plus sign.
    """

    def words() -> str:
        joined = ", joined by + where taken together" if together else ""
        return f"one or more of {', '.join(values())}{joined}, separated by '; '"

    def holds(cells: Iterable[str]) -> Sequence[bool]:
        accepted = {*values()}

        def listed(cell: str) -> bool:
            entries = cell.split("; ")
            parts = (c for entry in entries for c in (entry.split("+") if together else [entry]))
            return accepted.issuperset(parts)

        return each(listed)(cells)

    return _column(str, [holds], words, "", essential=True)


def yes_no() -> pa.Column:
    """A required yes or no, kept as text."""
    return choice(("yes", "no"), required=True)


def address() -> pa.Column:
    """A required address of a source."""
    words = 'a web address (http:// or https://), or "github owner/repository path"'
    return text(WEB_ADDRESS, words, required=True)


def number(
    low: float | Callable[[], float] | None = None,
    high: float | None = None,
    *,
    above: float | None = None,
    whole: bool = False,
    required: bool = False,
    optional: bool = False,
    unit: str = "",
) -> pa.Column:
    """A column of finite numbers, as float64.

    Parameters
    ----------
    low, high : float, optional
        Inclusive bounds; the lower may be a function of the topic in force.
    above : float, optional
        Exclusive lower bound.
    whole : bool
        Whether only whole numbers are accepted (counts; float64 all the same, for NaN).
    required : bool
        Whether an empty cell is a fault.
    optional : bool
        Whether a file may lack this column without a fault.
    unit : str
        Unit of the numbers, for the reader of the schema.
    """
    tests: list[Test] = []
    if low is not None:
        lowest = low if callable(low) else lambda: low
        tests.append(lambda values: values >= lowest())
    if above is not None:
        tests.append(lambda values: values > above)
    if high is not None:
        tests.append(lambda values: values <= high)
    if whole:
        tests.append(lambda values: values % 1 == 0)

    def words() -> str:
        least = low() if callable(low) else low
        said = "a whole number" if whole else "a number (decimal point, no spaces)"
        if above is not None:
            said += f" above {above:g}"
        if least is not None and high is not None:
            said += f" from {least:g} to {high:g}"
        elif least is not None:
            said += f", {least:g} or more"
        elif high is not None:
            said += f", {high:g} or less"
        return said if required else f"{said}, or empty"

    return _column(
        float, tests, words, unit, nullable=not required, essential=required, optional=optional
    )
