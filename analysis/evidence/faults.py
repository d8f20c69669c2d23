"""What is wrong in a data folder, one line per fault."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

LONGEST = 80
"""Characters of a found value that a line shows."""


def one_line(text: str) -> str:
    """A printed value on one line: white space collapsed, unprintables escaped, cut when long.

    >>> one_line("7.1\\n(2.0)"), one_line("a\\x00b")
    ('7.1 (2.0)', 'a\\\\x00b')
    """
    flat = re.sub(r"\s+", " ", text)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in flat)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def row_id(table: str, row: int) -> str:
    """The name of a row: its table and the row number that a spreadsheet shows.

    >>> row_id("arm_results", 57)
    'arm_results:57'
    """
    return f"{table}:{row}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a data folder says wrongly.

    Attributes
    ----------
    file : str
        Name of the CSV file.
    row : int or None
        Row as a spreadsheet numbers it (the header is row 1); None for a file as a whole.
    column : str
        Name of the column (of `topic.toml`: table and key); empty where the row or the file as a whole is meant.
    found : str
        The value as printed in the cell (quoted in the line), or a description of the file's state.
    allowed : str
        What would have been accepted, in words.
    left_out : tuple of str
        The `row_id` of every *other* row that is left out because of this fault: rows that name or
        depend on this one. The row itself is always left out.
    quoted : bool
        Whether `found` is the content of a cell rather than a description.
    """

    file: str
    row: int | None
    column: str
    found: str
    allowed: str
    left_out: tuple[str, ...] = ()
    quoted: bool = True

    @property
    def consequence(self) -> str:
        """What else is left out, in words; empty where nothing is."""
        if not self.left_out:
            return ""
        tables = Counter(name.partition(":")[0] for name in self.left_out)
        rows = ", ".join(f"{table} {count}" for table, count in tables.items())
        total = len(self.left_out)
        return f"also leaves out {total} more row{'s' if total > 1 else ''} ({rows})"

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            word = "" if self.file.endswith(".toml") else "column "
            place += f", {word}{one_line(self.column)}"
        found = f'"{one_line(self.found)}"' if self.quoted else one_line(self.found)
        if self.quoted and not self.found:
            found = "an empty cell"
        line = f"{place}: found {found}; allowed: {self.allowed}"
        return f"{line}; {self.consequence}" if self.left_out else line
