"""A file to fill in: the trial's own name, outcome, treatments and time are there, the cells of numbers are empty.

The columns are those of a flat sheet (`analysis.reading.roles`). The name ends in "[joins STUDY_ID]": what is
filled in and brought back on *My data* joins that trial (`analysis.evidence.own`).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

from analysis import vocabulary as words
from analysis.archive import undated
from analysis.evidence.own import joining_label
from analysis.wanted.find import Wanted

SCORE = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i", "yi", "ci_low", "ci_high")
COUNTS = ("ai", "n1i", "ci", "n2i")
ONE_GROUP = ("xi", "ni")
_ABOUT = ("study", "outcome", "intervention", "comparator", "weeks", "design")
_AFTER = ("source_url", "what_is_missing")
UNKNOWN_TIME = "?"
"""Stands where no time was printed: it is no time, so that nobody forgets to fill it in."""


def numbers_of(one: Wanted) -> tuple[str, ...]:
    """The columns that this line needs: all of a kind, or an effect with its limits instead."""
    if words.OUTCOMES[one.outcome].kind == "score":
        return SCORE
    return ONE_GROUP if one.control == words.NONE else COUNTS


def sheet(lines: Iterable[Wanted]) -> list[list[str]]:
    """Header and one row per wanted figure; columns of numbers that none of them needs are left out."""
    lines = list(lines)
    every = dict.fromkeys((*SCORE, *COUNTS, *ONE_GROUP))
    wanted = {column for one in lines for column in numbers_of(one)}
    numbers = [column for column in every if column in wanted]
    header = [*_ABOUT, *numbers, *_AFTER]
    return [header, *(_row(one, len(numbers)) for one in lines)]


def _row(one: Wanted, numbers: int) -> list[str]:
    weeks = UNKNOWN_TIME if math.isnan(one.weeks) else f"{one.weeks:g}"
    about = [
        joining_label(one.label, one.trial),
        one.outcome,
        one.treated,
        one.control,
        weeks,
        one.design,
    ]
    return [*about, *[""] * numbers, one.source_url, one.missing]


def to_csv(lines: Iterable[Wanted]) -> bytes:
    """UTF-8 with a byte-order mark, as spreadsheet programs expect it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(sheet(lines))
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(lines: Iterable[Wanted]) -> bytes:
    """A workbook of one sheet; every cell that is there is text."""
    # Imported here: few readers take a workbook away.
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    page.title = "to fill in"
    for r, row in enumerate(sheet(lines), start=1):
        for c, text in enumerate(row, start=1):
            if text:
                cell = page.cell(r, c, text)
                cell.data_type = "s"
                cell.font = Font(bold=r == 1)
    for c, name in enumerate(sheet(())[0][: len(_ABOUT)], start=1):
        page.column_dimensions[get_column_letter(c)].width = 44 if name == "study" else 14
    page.freeze_panes = "B2"
    packed = io.BytesIO()
    book.save(packed)
    return undated(packed.getvalue())
