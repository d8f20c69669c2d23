"""A table over as few slides as its rows need, in type as large as that allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.export.slides.deck import (
    BODY_BOTTOM,
    LEFT,
    PAD,
    SMALLEST,
    Cell,
    Column,
    Deck,
    add_table,
    row_height,
)
from analysis.export.slides.parts import title_bottom, titled
from analysis.figures.fit import width

_BETWEEN = 4.0


def table_slides(
    deck: Deck, title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], notes: str, *,
    sizes: Sequence[float] = (16, 15, SMALLEST), link: str = "", bold: str = "first", noun: str = "rows",
) -> None:  # fmt: skip
    """Add the slides: as few as the smallest of `sizes` allows, in the largest type that needs no more of them.

    `bold` says which column stands out: ``first`` or ``second``; `noun` is what a row is, in the plural.
    """
    room = BODY_BOTTOM - (top := title_bottom(title, noun) + 10)
    made = []
    for size in sizes:
        wide = whole_words(columns, rows, size)
        heights = [_height(row, wide, size) for row in rows]
        head = row_height([c.title for c in wide], wide, size, bold=True) + _BETWEEN
        made.append((size, wide, head, heights, _pages(heights, room - head)))
    size, columns, head, heights, pages = next(m for m in made if len(m[-1]) == len(made[-1][-1]))
    for own_title, page in titled(title, pages, [len(page) for page in pages], noun):
        slide, _ = deck.slide(own_title, notes, link=link)
        add_table(
            slide, columns, [_cells(rows[i], bold) for i in page],
            [head, *(heights[i] for i in page)], LEFT, top, size=size, name="Table",
            text=f"{own_title}: {'; '.join(rows[i][0] for i in page)}", lead=_BETWEEN / 2,
        )  # fmt: skip


def whole_words(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], size: float
) -> list[Column]:
    """The columns, wide enough for their longest words: what one of them lacks, the others give as they can.

    >>> columns = [Column("Study", 90), Column("When", 60)]
    >>> [round(c.width) for c in whole_words(columns, [("Ames 2001", "perioperative")], 10)]
    [76, 74]
    """
    texts = zip([c.title for c in columns], *rows, strict=True)
    least = [
        max(width(word, size, bold=True) for text in column for word in text.split()) + 2 * PAD + 1
        for column in ([text or "-" for text in column] for column in texts)
    ]
    more = [max(0.0, need - c.width) for need, c in zip(least, columns, strict=True)]
    less = [max(0.0, c.width - need) for need, c in zip(least, columns, strict=True)]
    moved = min(sum(more), sum(less))
    return [
        replace(c, width=c.width + moved * (m / (sum(more) or 1) - n / (sum(less) or 1)))
        for c, m, n in zip(columns, more, less, strict=True)
    ]


def _pages(heights: Sequence[float], room: float) -> list[list[int]]:
    """Rows page by page, on as few pages as they need, filled alike as far as the order allows.

    >>> _pages([30, 30, 30, 30, 30], 120)
    [[0, 1, 2], [3, 4]]
    """
    least = _greedy(heights, room)
    mean = sum(heights) / len(least)
    tried = (_greedy(heights, mean + (room - mean) * step / 20) for step in range(21))
    return next(pages for pages in tried if len(pages) == len(least))


def _greedy(heights: Sequence[float], room: float) -> list[list[int]]:
    pages: list[list[int]] = [[]]
    for i, height in enumerate(heights):
        if pages[-1] and sum(heights[j] for j in pages[-1]) + height > room:
            pages.append([])
        pages[-1].append(i)
    return pages


def _height(row: Sequence[str], columns: Sequence[Column], size: float) -> float:
    return row_height(row, columns, size, bold=True) + _BETWEEN


def _cells(row: Sequence[str], bold: str) -> list[Cell]:
    strong = ("first", "second").index(bold)
    return [Cell(text, bold=j == strong) for j, text in enumerate(row)]
