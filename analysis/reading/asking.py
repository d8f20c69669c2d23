"""What reading a file has to say: a remark, a question with its choices, a fault in a cell.

A page shows questions as radio buttons; a command refuses with the choices and what to type for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: `options` are (name, value) pairs as `Choices` takes them, and as typed at a shell."""

    words: str
    options: tuple[tuple[str, str], ...]

    @property
    def typed(self) -> str:
        """What to type at a shell.

        >>> Choice("as printed", (("map", "ratio=my OR"),)).typed
        '--map "ratio=my OR"'
        """
        return " ".join(f"--{name} {_quoted(value)}" for name, value in self.options)


@dataclass(frozen=True, slots=True)
class Question:
    """What the file does not decide: one sentence that ends in "?", and the answers."""

    key: str
    text: str
    choices: tuple[Choice, ...]

    def __str__(self) -> str:
        return " ".join([self.text, *(f"{c.words}: {c.typed};" for c in self.choices)]).rstrip(";")


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that must be put right: row as a spreadsheet numbers it, the reader's own column.

    `allowed` names the cure, too: what to type, or which option to set.
    """

    row: int
    column: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: found {self.found}; allowed: {self.allowed}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One row that does not enter, and why."""

    row: int
    label: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row} ({self.label}) left out: {self.reason}"


def listed(names: list[str] | tuple[str, ...], most: int = 8) -> str:
    """Names in a row of words, cut after `most`.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w=.,-]+", value) else f'"{value}"'
