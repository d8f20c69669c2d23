"""A forest plot on a slide: a native table, and the native chart over its empty column, row on row.

The type is as large as the number of rows allows; what does not fit legibly is split over several slides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pptx.slide import Slide

from analysis.errors import InputError
from analysis.export.slides.chart import AXIS_HEIGHT, EDGE, add_chart
from analysis.export.slides.deck import (
    BODY_BOTTOM,
    INK,
    LEFT,
    PAD,
    QUIET,
    ROOM,
    SMALLEST,
    Cell,
    Column,
    add_table,
    add_text,
)
from analysis.export.slides.plot import Plot, Row, laid_out
from analysis.figures.fit import LEADING, lines, shortened, whole_sentences, width

_SIZES = (18, 17, 16, 15, SMALLEST)
_BELOW = 36.0
"""Points below the axis for the two sides and the title."""
_TALLEST = 34.0
_NOTE = 38.0
"""Points at the bottom for a note of two lines."""
_HEADS = 2
"""Lines of a column's title."""


def rows_below(top: float) -> int:
    """Rows that a slide can hold at the smallest type, where the plot begins at `top`."""
    room = BODY_BOTTOM - top - AXIS_HEIGHT - _BELOW - _NOTE
    return int((room - _head(SMALLEST)) / (SMALLEST * LEADING + 1))


def _head(size: float) -> float:
    return _HEADS * size * LEADING + 4


MOST_ROWS = rows_below(146)
"""Rows below a title of one line, with nothing between."""


def add_plot(slide: Slide, plot: Plot, top: float, *, name: str, text: str) -> None:
    """Lay a plot out on a slide; `text` is the chart's alternative.

    Raises
    ------
    ValueError
        For more rows than a slide can hold legibly: split them before.
    """
    n = len(plot.rows)
    room = BODY_BOTTOM - top - AXIS_HEIGHT - _BELOW - _NOTE
    if _head(SMALLEST) + n * (SMALLEST * LEADING + 1) > room:
        raise InputError(f"rows: found {n}, the slide holds at most {rows_below(top)}")
    plot, size, widths, least = laid_out(plot, _SIZES, lambda size: (room - _head(size)) / n)
    head = _head(size)
    height = min((room - head) / n, max(least + 4, _TALLEST))
    drawing = ROOM - sum(widths)
    titles = [
        Column(title, wide, align)
        for (title, align), wide in zip(plot.columns, widths, strict=True)
    ]
    columns = [*titles[: plot.before], Column("", drawing), *titles[plot.before :]]
    cells = [_cells(row, plot, widths, size) for row in plot.rows]
    add_table(
        slide, columns, cells, [head, *[height] * n], LEFT, top, size=size, name=f"{name}: table",
        text=f"The numbers of the chart as a table. {text}",
    )  # fmt: skip
    at = LEFT + sum(widths[: plot.before])
    add_chart(
        slide, [row.mark for row in plot.rows], plot.lines, plot.scale, at, top + head, drawing,
        height, name=f"{name}: chart", text=text,
    )  # fmt: skip
    said = _words_over(slide, plot, at, drawing, top + head - SMALLEST * LEADING - 3)
    below = top + head + height * n + AXIS_HEIGHT
    _words_below(slide, plot, at, drawing, below)
    free = BODY_BOTTOM - _NOTE - below - _BELOW - 14
    if _fits(plot.meaning, free):
        add_text(
            slide,
            plot.meaning,
            LEFT,
            below + _BELOW + 10,
            ROOM,
            free,
            sizes=_SIZES[:-1],
            name="Meaning",
        )
    note = whole_sentences((_cut(plot), said, *plot.notes), SMALLEST, ROOM, 2)
    if note:
        add_text(
            slide, note, LEFT, BODY_BOTTOM - _NOTE + 2, ROOM, _NOTE - 2, sizes=(SMALLEST,),
            colour=QUIET, name="Note",
        )  # fmt: skip


def _cut(plot: Plot) -> str:
    """Says so where an interval is wider than the axis; not every program draws the arrow at its end."""
    drawn = [row.mark for row in plot.rows if not math.isnan(row.mark.low)]
    if all(plot.scale.low <= m.low and m.high <= plot.scale.high for m in drawn):
        return ""
    return "A line that reaches the edge of the drawing goes on beyond it; its numbers are beside it."


def _fits(text: str, height: float) -> bool:
    """Whether the text can stand there whole; the notes of the slide hold it anyway."""
    size = _SIZES[-2]
    return bool(text) and len(lines(text, size, ROOM)) * size * LEADING <= height


def _cells(row: Row, plot: Plot, widths: Sequence[float], size: float) -> list[Cell]:
    if row.heading:
        return [Cell(row.texts[0], bold=True, span=len(plot.columns) + 1)]
    room = widths[0] - 2 * PAD
    first = [shortened(line, size, room, bold=row.bold) for line in row.texts[0].split("\n")]
    texts = ("\n".join(first), *row.texts[1:])
    cells = [Cell(text, bold=row.bold) for text in texts]
    return [*cells[: plot.before], Cell(""), *cells[plot.before :]]


def _words_over(slide: Slide, plot: Plot, at: float, drawing: float, top: float) -> str:
    """Write what stands above the drawing; where it has no room there, give it as a sentence."""
    if plot.over is None:
        return ""
    value, text = plot.over
    wide = width(text, SMALLEST) + 2
    if wide > drawing:
        return f"Dashed: {text}."
    inner = drawing * (1 - 2 * EDGE)
    middle = at + drawing * EDGE + inner * plot.scale.share(value)
    left = min(max(middle - wide / 2, at), at + drawing - wide)
    add_text(slide, text, left, top, wide, SMALLEST * LEADING + 2, sizes=(SMALLEST,), colour=QUIET,
             align="center", name="Above the drawing")  # fmt: skip
    return ""


def _words_below(slide: Slide, plot: Plot, at: float, drawing: float, top: float) -> None:
    """What lies towards either end, and what the axis measures."""
    half = drawing / 2 - 4
    left, right = (_one_line(side) for side in plot.sides)
    if left:
        wide = max(width(left, SMALLEST) + 2, half)  # it may begin left of the drawing
        start = max(at + half - wide, LEFT)
        add_text(slide, left, start, top, wide, 18, sizes=(SMALLEST,), colour=INK, name="Left side")
    if right:
        wide = max(width(right, SMALLEST) + 2, half)
        add_text(
            slide, right, min(at + drawing - half, LEFT + ROOM - wide), top, wide, 18, sizes=(SMALLEST,), colour=INK,
            align="right" if wide == half else "left", name="Right side",
        )  # fmt: skip
    if plot.axis_title:
        below = top + (18 if left or right else 0)
        wide = min(max(width(plot.axis_title, SMALLEST) + 2, drawing), ROOM)
        left_end = min(max(at + drawing / 2 - wide / 2, LEFT), LEFT + ROOM - wide)
        add_text(
            slide, plot.axis_title, left_end, below, wide, 18, sizes=(SMALLEST,), colour=QUIET,
            align="center", name="Axis title",
        )  # fmt: skip


def _one_line(side: str) -> str:
    """The two lines of a side as one, its arrow at the outer end.

    >>> _one_line("favours ▶<br>sham")
    'favours sham ▶'
    """
    words = side.replace("<br>", " ")
    return f"{words.replace(' ▶', '').strip()} ▶" if "▶" in words else words


def shown(parts: Sequence[Sequence[Row]], closing: Sequence[Row] = ()) -> list[int]:
    """How many rows of the whole each part of `split` holds, without headings and the closing rows."""
    return [sum(not row.heading for row in part) - len(closing) for part in parts]


def split(
    rows: Sequence[Row], closing: Sequence[Row], most: int = MOST_ROWS
) -> list[tuple[Row, ...]]:
    """Rows in parts that each fit a slide, as even as they can be; every part ends in the `closing` rows.

    A heading does not stand last in its part; a part that goes on under a heading repeats it.
    """
    space = most - len(closing) - any(row.heading for row in rows)
    done: list[tuple[Row, ...]] = []
    rest = list(rows)
    above: Row | None = None
    while rest:
        n = math.ceil(len(rest) / math.ceil(len(rest) / space))
        cut = next((i for i in range(n, max(n - 4, 1), -1) if i == len(rest) or rest[i].heading), n)
        taken, rest = rest[:cut], rest[cut:]
        repeated = [above] if above is not None and not taken[0].heading else []
        above = next((row for row in reversed(taken) if row.heading), above)
        if above is not None:
            above = replace(above, texts=(_continued(above.texts[0]),))
        done.append((*repeated, *taken, *closing))
    return done or [tuple(closing)]


def _continued(title: str) -> str:
    return title if title.endswith(" (continued)") else f"{title} (continued)"
