"""A table over as few slides as its rows need, in type as large as that allows."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.export.slides.deck import (
    BODY_BOTTOM,
    LEFT,
    Cell,
    Column,
    Deck,
    Foot,
    add_table,
    row_height,
)

_BETWEEN = 4.0


def table_slides(
    deck: Deck, title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], notes: str, *,
    sizes: Sequence[float], link: str = "", bold: str = "first",
) -> None:  # fmt: skip
    """Add the slides: the largest of `sizes` that keeps the table on one, else as many as the smallest needs.

    `bold` says which column stands out: ``first`` or ``second``.
    """
    _, below = Deck("", "", Foot("", "", "")).slide(f"{title} (9 of 9)", "")  # thrown away
    top = below + 10
    for size in sizes:
        heights = [_height(row, columns, size) for row in rows]
        head = row_height([c.title for c in columns], columns, size, bold=True) + _BETWEEN
        if top + head + sum(heights) <= BODY_BOTTOM:
            break
    pages: list[list[int]] = [[]]
    for i, height in enumerate(heights):
        if pages[-1] and top + head + sum(heights[j] for j in pages[-1]) + height > BODY_BOTTOM:
            pages.append([])
        pages[-1].append(i)
    for n, page in enumerate(pages, start=1):
        which = f" ({n} of {len(pages)})" if len(pages) > 1 else ""
        slide, _ = deck.slide(f"{title}{which}", notes, link=link)
        add_table(
            slide, columns, [_cells(rows[i], bold) for i in page],
            [head, *(heights[i] for i in page)], LEFT, top, size=size, name="Table",
            text=f"{title}: {'; '.join(rows[i][0] for i in page)}", lead=_BETWEEN / 2,
        )  # fmt: skip


def _height(row: Sequence[str], columns: Sequence[Column], size: float) -> float:
    return row_height(row, columns, size, bold=True) + _BETWEEN


def _cells(row: Sequence[str], bold: str) -> list[Cell]:
    strong = ("first", "second").index(bold)
    return [Cell(text, bold=j == strong) for j, text in enumerate(row)]
