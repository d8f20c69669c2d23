"""A forest plot as it goes on a slide, and how its width is shared between the drawing and the numbers beside it.

The drawing has at least `GOOD` of the width wherever the rows have room for two or three lines: names break, the
groups stand below the name, and the interval below the estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.export.slides.chart import Line, Mark, Scale
from analysis.export.slides.deck import PAD, ROOM
from analysis.figures.fit import LEADING, lines, shortened, width

GOOD = 0.55
"""Of the width: for the drawing."""
_LEAST = 250.0
"""Points that the drawing has in any case."""
_NAME = 0.26
"""Of the width: the most for names that may break."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the plot: what is drawn, and its texts; a heading has one text, which runs on."""

    mark: Mark
    texts: tuple[str, ...]
    bold: bool = False
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A forest plot; texts of a row belong to `columns`, of which the first `before` stand left of the drawing.

    `meaning` is written under the drawing where it fits, then as many sentences of `notes` as do. `over` is a place
    on the axis and what is written above the drawing there. The columns of `spare` give way, the first first, where
    they would leave too little room to draw.
    """

    rows: tuple[Row, ...]
    columns: tuple[tuple[str, str], ...]
    before: int
    scale: Scale
    lines: tuple[Line, ...] = ()
    sides: tuple[str, str] = ("", "")
    axis_title: str = ""
    meaning: str = ""
    notes: tuple[str, ...] = ()
    over: tuple[float, str] | None = None
    spare: tuple[int, ...] = ()


def laid_out(
    plot: Plot, sizes: Sequence[float], row: Callable[[float], float]
) -> tuple[Plot, float, list[float], float]:
    """The plot as it has room, the size of its type, the widths of its columns, and the least height of a row.

    Parameters
    ----------
    sizes : of type, the largest first.
    row : the height that a row may have at a size.
    """
    fitting = [size for size in sizes if size * LEADING + 1 <= row(size)]
    for size in fitting:
        for tried in _ways(plot, size, last=size == fitting[-1]):
            widths, least = _widths(tried, size), _tallest(tried) * size * LEADING + 1
            if least <= row(size) and ROOM - sum(widths) >= GOOD * ROOM:
                return tried, size, widths, least
    for size in fitting:
        widths = _widths(plot, size)
        if ROOM - sum(widths) >= _LEAST:
            return plot, size, widths, size * LEADING + 1
    if plot.spare:
        return laid_out(_without(plot, plot.spare[0]), sizes, row)
    size = fitting[-1]
    widths[0] = max(ROOM - _LEAST - sum(widths[1:]), 120.0)
    return plot, size, widths, size * LEADING + 1


def _ways(plot: Plot, size: float, *, last: bool) -> Iterator[Plot]:
    """The plot as it is, over several lines, and so without the columns that can be spared, one after the other.

    Groups that do not fit below the heading of the names wait for smaller type, of which there is none at `last`.
    """
    yield plot
    over = _stacked(plot, size)
    if last or not over.columns[0][0].endswith("…"):
        yield over
        while over.spare:
            over = _without(over, over.spare[0])
            yield over


def _widths(plot: Plot, size: float) -> list[float]:
    return [
        max(
            *(width(line, size, bold=True) for line in title.split("\n")),
            *(
                width(line, size, bold=row.bold)
                for row in plot.rows
                if not row.heading
                for line in row.texts[j].split("\n")
            ),
        )
        + 2 * PAD
        + 2
        for j, (title, _) in enumerate(plot.columns)
    ]


def _tallest(plot: Plot) -> int:
    """Lines of the highest row."""
    return max(text.count("\n") + 1 for row in plot.rows for text in row.texts)


def _stacked(plot: Plot, size: float) -> Plot:
    """The same numbers in fewer and narrower columns, a row over several lines."""
    arms = slice(1, plot.before)
    names = " v ".join(title for title, _ in plot.columns[arms])
    room = _NAME * ROOM - 2 * PAD - 2
    head = "\n".join(filter(None, (plot.columns[0][0], shortened(names, size, room, bold=True))))

    def texts(row: Row) -> tuple[str, ...]:
        if row.heading:
            return row.texts
        below = " v ".join(filter(None, row.texts[arms]))
        name = lines(row.texts[0], size, room, bold=row.bold)
        rest = (text.replace(" (", "\n(", 1) for text in row.texts[plot.before :])
        return ("\n".join([*name, *([below] if below else [])]), *rest)

    return replace(
        plot, rows=tuple(replace(row, texts=texts(row)) for row in plot.rows),
        columns=((head, plot.columns[0][1]), *plot.columns[plot.before :]), before=1,
        spare=tuple(i - plot.before + 1 for i in plot.spare if i >= plot.before),
    )  # fmt: skip


def _without(plot: Plot, column: int) -> Plot:
    """The plot with one column less."""
    rows = tuple(
        row if row.heading else replace(row, texts=(*row.texts[:column], *row.texts[column + 1 :]))
        for row in plot.rows
    )
    return replace(
        plot, rows=rows, columns=(*plot.columns[:column], *plot.columns[column + 1 :]),
        before=plot.before - (column < plot.before),
        spare=tuple(i - (i > column) for i in plot.spare[1:]),
    )  # fmt: skip
