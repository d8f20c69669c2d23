"""A figure that leaves the page: the finding as its title, and inside the image everything to cite and reopen it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.figures import theme
from analysis.figures.fit import lines
from analysis.survey.provenance import data_line

QUIET = "#4b555e"


@dataclass(frozen=True, slots=True)
class Size:
    """A place that a figure is made for.

    Parameters
    ----------
    key, label : its name at the shell and in addresses, and in words.
    width : pixels that the figure is laid out in; the fewer, the larger its type where it is shown.
    aspect : width and height of the shape; None for as high as the figure is. A figure too high for it is laid out
        in up to a third more pixels of the same shape (narrow: three quarters more, as half a slide has room for few
        rows); one of still more rows is higher than the shape, because smaller type could not be read.
    pixels : width of a PNG.
    narrow : labels above the rows instead of columns beside the drawing.
    title, foot : type sizes of title and footer.
    millimetres : width on paper, for PDF and SVG files; None for 96 pixels to the inch.
    """

    key: str
    label: str
    width: int
    aspect: tuple[int, int] | None
    pixels: int
    narrow: bool
    title: int
    foot: int
    millimetres: float | None = None


SIZES = {
    size.key: size
    for size in (
        Size("slide", "slide, 16:9", 880, (16, 9), 1920, False, 20, 11, 338.67),  # 13.33 inches
        Size("half-slide", "half a slide", 456, (8, 9), 960, True, 18, 11, 169.33),
        Size(
            "column", "journal column, 85 mm", 400, None, 2008, True, 15, 10, 85
        ),  # 600 dots per inch
    )
}
PAGE = Size("page", "as on the page", 1280, None, 2560, False, 20, 12)
"""Free in height: what a rerun draws, and what the page shows."""
WIDTH = PAGE.width
_EDGE = 28
_WIDEN, _WIDEN_NARROW = 1.3, 1.75
"""In how many more pixels a figure may be laid out to keep its shape: its type gets smaller by as much."""
_GROW = 0.5
"""How much higher a drawing may become to fill its shape; beyond, the rest stays white."""


def standalone(
    figure: go.Figure, title: str, footer: Sequence[str], size: Size = PAGE
) -> go.Figure:
    """A copy of a page figure with title, footer and a white ground, for files and slides.

    `footer` lines are wrapped; the data version and the address of the question belong there.
    """
    layout = figure.layout
    edge = min(_EDGE, size.width // 20)
    width = size.width
    while True:  # a wider image may need fewer lines, never more
        head = lines(title, size.title, width - 2 * edge, bold=True)
        foot = [line for text in footer for line in lines(text, size.foot, width - 2 * edge)]
        above = round(1.3 * size.title) * len(head) + 24
        below = round(1.4 * size.foot) * len(foot) + 22
        height = needed = layout.height + above + below
        if size.aspect is None:
            break
        across, down = size.aspect
        height = width * down // across  # whole: the width is a multiple of its part
        if height >= needed:
            break
        wider = max(width // across + 1, math.ceil(needed / down)) * across
        if wider > (_WIDEN_NARROW if size.narrow else _WIDEN) * size.width:
            height = needed
            break
        width = wider
    drawn = layout.height - layout.margin.t - layout.margin.b
    taken = min(height - needed, int(_GROW * drawn))
    margin = {
        "l": edge, "r": edge, "t": layout.margin.t + above,
        "b": layout.margin.b + below + height - needed - taken,
    }  # fmt: skip
    drawn = height - margin["t"] - margin["b"]
    copy = go.Figure(figure)
    copy.update_layout(
        width=width, height=height, margin=margin, paper_bgcolor="#ffffff", font_color=theme.INK
    )
    copy.add_annotation(
        xref="paper", yref="paper", x=0, y=1 + (margin["t"] - 12) / drawn, xanchor="left",
        yanchor="top", align="left", showarrow=False, text=f"<b>{'<br>'.join(map(_plain, head))}</b>",
        font={"size": size.title, "color": theme.INK},
    )  # fmt: skip
    copy.add_annotation(
        xref="paper", yref="paper", x=0, y=-(margin["b"] - 12) / drawn, xanchor="left",
        yanchor="bottom", align="left", showarrow=False, text="<br>".join(map(_plain, foot)),
        font={"size": size.foot, "color": QUIET},
    )  # fmt: skip
    return copy


def _plain(text: str) -> str:
    """Plotly reads tags in texts; a name of a study may hold a sign that opens one."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def basis(answer: Answer) -> str:
    """The question, and how many studies and patients answer it, in one line."""
    known = [s.patients for s in answer.studies if not math.isnan(s.patients)]
    least = "at least " if len(known) < len(answer.studies) else ""
    k = len(answer.studies)
    many = f"{k} {'study' if k == 1 else 'studies'}"
    if known:
        many += f", {least}{sum(known):,.0f} {answer.question.unit}"
    return f"{answer.question.title()}; {many}"


def footer_of(answer: Answer, evidence: Evidence, link: str, size: Size = PAGE) -> list[str]:
    """The footer of one answer's figure: question, studies, what it means, data, address.

    The model stands in the figure itself. A narrow image leaves the meaning to the text around it.
    """
    first = f"{basis(answer)}."
    return [
        first if size.narrow else " ".join((first, *answer.details[:1])),
        *provenance(evidence, link),
    ]


def provenance(evidence: Evidence, link: str) -> list[str]:
    """The last lines of every exported figure: which data, what was done with them, where to see them again.

    A link without a host leads nowhere from a slide or a sheet of paper: it is left out.
    """
    return [
        f"{data_line(evidence)}. Published figures, pooled by a stated method. Not medical advice.",
        *([f"Reopen at {link}"] if link.startswith("http") else []),
    ]
