"""What an opened file holds: tables to choose from, or the analyses of a review; nothing is interpreted.

A cell is text as it stands in the file, a number where the file itself says that it is one (a
workbook, a review, a statistics file), or None where nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.errors import FileError

Cell = str | float | None


class Unreadable(FileError):
    """A file that cannot be used; the message says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one header.

    Attributes
    ----------
    name : of the sheet or the block; of the file, without its ending, where it holds one table.
    columns : the header as written, without spaces around it; two rows of header are joined by a
        space. Never empty, never twice: "column D" for a column without a name, "mean (2)" for the
        second of the same name.
    rows : one tuple per row, as long as `columns`.
    row_numbers : the number under which a spreadsheet shows each row, from 1.
    remarks : sentences on what was skipped or joined.
    faults : (row number, sentence) of rows that cannot be cut into the columns; they are not in
        `rows`, and nothing should be computed before they are put right.
    meanings : what each column is known by, where a heading names several numbers and its cells were cut
        (`several`); empty where that is its own name.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_numbers: tuple[int, ...]
    remarks: tuple[str, ...] = ()
    faults: tuple[tuple[int, str], ...] = ()
    meanings: tuple[str, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """The names by which columns are known."""
        return self.meanings or self.columns


@dataclass(frozen=True, slots=True)
class Printed:
    """The total that a review's file states for an analysis, on the scale that it prints.

    Ratios are ratios here, not logarithms. None where the file states nothing.
    """

    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    k: int | None = None
    tau2: float | None = None
    q: float | None = None
    i2: float | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One outcome of one comparison of a review.

    Attributes
    ----------
    number : as the review counts, "1.1"; "1.1.2" never stands alone, its rows carry the subgroup.
    name, comparison : the outcome's and the comparison's name.
    measure : RR, OR, RD, PETO, MD, SMD, HR, IRR, ROM; GEN where the file names none of these.
    model : "random", "fixed", or "" where the file does not say.
    method : MH, IV, PETO, or "".
    level : of the studies' intervals, 0.95; `level_total` that of the total.
    log_data : whether `yi` and `sei` are on the logarithmic scale; None where `yi` may also be a ratio whose
        logarithm has that error, and the file does not tell.
    groups : labels of the treated and the control group, "" where none is given.
    favours : labels left and right of the line of no effect.
    table : columns `study`, `year`, `subgroup`, then those that the analysis uses of
        `ai n1i ci n2i`, `m1i sd1i n1i m2i sd2i n2i`, `yi sei`, `o_minus_e variance`; `weight` (per
        cent, as the file states it), `note`, and one "risk of bias: ..." per domain.
    printed : the file's own total.
    """

    number: str
    name: str
    measure: str
    table: Table
    comparison: str = ""
    model: str = ""
    method: str = ""
    level: float = 0.95
    level_total: float = 0.95
    log_data: bool | None = False
    groups: tuple[str, str] = ("", "")
    favours: tuple[str, str] = ("", "")
    printed: Printed = field(default_factory=Printed)
    remarks: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """Rows of the analysis, studies that cannot be estimated among them."""
        return len(self.table.rows)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was read: `kind` in a reader's words, its tables or its analyses, remarks, and its name.

    Where there are several tables or analyses, one is to be chosen; a file with analyses has no
    tables.
    """

    kind: str
    tables: tuple[Table, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    remarks: tuple[str, ...] = ()
    file: str = ""


def trimmed(text: str) -> str | None:
    """A text without spaces and marks of width nothing around it; None where nothing is left.

    >>> trimmed(" a\u00a0"), trimmed("\ufeff ")
    ('a', None)
    """
    return text.strip().strip("\ufeff\u200b\u2060").strip() or None


def list_of(names: Sequence[object], most: int = 5) -> str:
    """A few names in a sentence.

    >>> list_of([2, 3]), list_of("abcdefg", 3)
    ('2, 3', 'a, b, c and 4 more')
    """
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
