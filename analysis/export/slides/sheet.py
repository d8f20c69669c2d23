"""The workbook behind a chart: one row per mark, so that a presenter changes a number and the mark moves."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter

HEADINGS = (
    "Row", "Value", "Interval from", "Interval to", "Drawn from", "Drawn to", "Height", "Height",
)  # fmt: skip
_EPOCH = datetime(1980, 1, 1)  # the same bytes whenever it is made, like the entries of the archive
_HELP = "Change the columns Value, Interval from and Interval to; the rest follows."


@dataclass(frozen=True, slots=True)
class Entry:
    """A mark of the chart on the printed scale (ratios as ratios, proportions in percent); NaN for none."""

    label: str
    value: float
    low: float
    high: float
    height: float


def workbook(entries: Sequence[Entry], axis: tuple[float, float], lines: Sequence[Entry]) -> bytes:
    """The data sheet: the marks, then the vertical `lines`, which run from `low` to `high` in height.

    The columns "Drawn from" and "Drawn to" are formulas that keep an interval inside the axis.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"created": _EPOCH})
    sheet = book.add_worksheet("Data")
    sheet.write_row(0, 0, HEADINGS)
    sheet.write_row(0, 9, ("Axis", "to"))
    sheet.write_row(1, 9, axis)
    sheet.write_string(3, 9, _HELP)
    for i, entry in enumerate(entries, start=1):
        sheet.write_string(i, 0, entry.label)
        for column, number in enumerate((entry.value, entry.low, entry.high), start=1):
            if not math.isnan(number):
                sheet.write_number(i, column, number)
        if not math.isnan(entry.low):
            drawn = clipped(entry, axis)
            for column, source, number in ((4, "C", drawn[0]), (5, "D", drawn[1])):
                formula = f"=MIN(MAX({source}{i + 1},$J$2),$K$2)"
                sheet.write_formula(i, column, formula, None, number)
        sheet.write_row(i, 6, (entry.height, entry.height))
    for i, line in enumerate(lines, start=len(entries) + 1):
        sheet.write_string(i, 0, line.label)
        sheet.write_row(i, 4, (line.value, line.value, line.low, line.high))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 10, 13)
    book.close()
    return content.getvalue()


def clipped(entry: Entry, axis: tuple[float, float]) -> tuple[float, float]:
    """The part of an interval that lies on the axis."""
    low, high = axis
    return min(max(entry.low, low), high), min(max(entry.high, low), high)
