"""An empty presentation in the house's look, and slides with title, footer, number, texts, tables and notes.

16:9, Arial and the treatments' colours as the theme, real placeholders for title, footer and number, text
alternatives on everything that carries meaning. All lengths are in points; nothing depends on the clock.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from analysis import vocabulary as words
from analysis.archive import undated
from analysis.figures import theme
from analysis.figures.fit import LEADING, fitted, lines, shortened

WIDTH, HEIGHT = 960.0, 540.0
"""13.333 by 7.5 inches, 16:9."""
LEFT, ROOM = 40.0, 880.0
TITLE_TOP, TITLE_HEIGHT = 26.0, 88.0
BODY_BOTTOM = 488.0
SMALLEST = 14.0
"""The smallest type on a slide, in points: smaller cannot be read from the back row. What does not fit goes on to a
further slide, or into the notes."""
_FOOT_TOP, _FOOT_HEIGHT = 496.0, 36.0
_NUMBER = 50.0

INK, QUIET = theme.INK.lstrip("#"), "4B555E"
ACCENT = "046B7A"
_TITLE_SIZES = (28, 26, 24, 22, 20)
_LAYOUT = "Title Only"  # of those that python-pptx brings

_NO_GRID = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The table style without fill and lines."""


def _theme_colours() -> dict[str, str]:
    """The colours that PowerPoint offers first: those of the topic's treatments, as many as it has room for."""
    accents = [colour.lstrip("#") for colour in words.COLOURS.values()][:6]
    return {
        "dk1": INK,
        "lt1": "FFFFFF",
        "dk2": QUIET,
        "lt2": "EEF1F3",
        **{f"accent{i}": colour for i, colour in enumerate(accents, start=1)},
        "hlink": ACCENT,
        "folHlink": ACCENT,
    }


@dataclass(frozen=True, slots=True)
class Foot:
    """Where the numbers come from and where to see them again, on every slide; the data's whole hash in its notes."""

    source: str
    link: str
    sha256: str


class Deck:
    """A presentation that grows slide by slide; `saved` gives its bytes."""

    def __init__(self, title: str, subject: str, foot: Foot) -> None:
        self.foot = foot
        self._file = Presentation()
        self._file.slide_width, self._file.slide_height = Pt(WIDTH), Pt(HEIGHT)
        _dress(self._file)
        properties = self._file.core_properties
        properties.title, properties.subject = title[:255], subject[:255]
        properties.author, properties.keywords = "", foot.source[:255]
        properties.last_modified_by, properties.revision = "", 1
        for tag in ("dcterms:created", "dcterms:modified"):  # no date rather than an invented one
            for found in properties._element.findall(qn(tag)):
                properties._element.remove(found)

    @property
    def count(self) -> int:
        return len(self._file.slides)

    def slide(
        self, title: str, notes: str, *, link: str = "", kicker: str = ""
    ) -> tuple[Slide, float]:
        """A slide with its title as the finding, and where the room below the title begins.

        Parameters
        ----------
        notes : what a presenter needs beside the slide; source and link are added.
        link : where this slide's view is; the deck's own by default.
        kicker : a short line above the title.
        """
        slide = self._file.slides.add_slide(self._file.slide_layouts[0])
        shape = slide.shapes.title
        if kicker:
            add_text(slide, kicker, LEFT, TITLE_TOP - 10, ROOM, 20, sizes=(SMALLEST,), colour=QUIET,
                     name="Above the title")  # fmt: skip
        top, height, size, broken = _fitted_title(title, kicker)
        shape.left, shape.top, shape.width, shape.height = map(Pt, (LEFT, top, ROOM, height))
        shape.text_frame.text = _kept(title, broken)
        shape.text_frame.paragraphs[0].runs[0].font.size = Pt(size)
        self._foot(slide, link or self.foot.link)
        ends = (
            self.foot.source,
            f"SHA-256 of the data: {self.foot.sha256}",
            link or self.foot.link,
        )
        slide.notes_slide.notes_text_frame.text = "\n".join((f"{notes.strip()}\n", *ends))
        return slide, below_title(title, kicker)

    def _foot(self, slide: Slide, link: str) -> None:
        """Footer and slide number as placeholders, which python-pptx does not bring to a slide by itself."""
        for layout_shape in slide.slide_layout.placeholders:
            kind = layout_shape.element.find(".//" + qn("p:ph")).get("type")
            if kind not in ("ftr", "sldNum"):
                continue
            copy = deepcopy(layout_shape.element)
            copy.find(".//" + qn("p:cNvPr")).set("id", str(len(slide.shapes) + 2))
            slide.shapes._spTree.append(copy)
            if kind == "ftr":
                frame = slide.shapes[-1].text_frame
                room = ROOM - _NUMBER
                frame.text = shortened(self.foot.source, SMALLEST, room)
                if link.startswith("http"):  # without a host it opens nothing
                    run = frame.add_paragraph().add_run()
                    run.text = shortened(link, SMALLEST, room)
                    run.hyperlink.address = link

    def saved(self) -> bytes:
        """The file's bytes, the same for the same slides."""
        content = io.BytesIO()
        self._file.save(content)
        return undated(content.getvalue())


def _fitted_title(title: str, kicker: str) -> tuple[float, float, float, list[str]]:
    """Top and height of a title's box, the size of its type, and its lines."""
    top, height = (TITLE_TOP + 12, TITLE_HEIGHT - 8) if kicker else (TITLE_TOP, TITLE_HEIGHT)
    return top, height, *fitted(title, _TITLE_SIZES, ROOM, height, bold=True)


def below_title(title: str, kicker: str = "") -> float:
    """Where the room below a title begins (points)."""
    top, _, size, broken = _fitted_title(title, kicker)
    return top + len(broken) * size * LEADING + 4


# --- the look ------------------------------------------------------------------------------------
def _dress(file: Any) -> None:
    """Theme, master and the one layout that is used."""
    master = file.slide_master
    _theme(master)
    for layout in list(file.slide_layouts):
        if layout.name != _LAYOUT:
            file.slide_layouts.remove(layout)
    layout = file.slide_layouts[0]
    for owner in (master, layout):
        for shape in list(owner.placeholders):
            kind = shape.element.find(".//" + qn("p:ph")).get("type")
            place = {
                "title": (LEFT, TITLE_TOP, ROOM, TITLE_HEIGHT),
                "body": (LEFT, 146, ROOM, BODY_BOTTOM - 146),
                "ftr": (LEFT, _FOOT_TOP, ROOM - _NUMBER, _FOOT_HEIGHT),
                "sldNum": (LEFT + ROOM - _NUMBER, _FOOT_TOP, _NUMBER, _FOOT_HEIGHT),
            }.get(kind)
            if place is None:
                shape.element.getparent().remove(shape.element)
                continue
            shape.left, shape.top, shape.width, shape.height = map(Pt, place)
            _plain_body(shape)
    styles = master.element.find(qn("p:txStyles"))
    title = styles.find(f"{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    title.set("algn", "l")
    title.find(qn("a:defRPr")).set("sz", "2400")
    title.find(qn("a:defRPr")).set("b", "1")
    for style in master.element.iter(qn("a:lvl1pPr")):
        if style.getparent().tag == qn("a:lstStyle"):
            kind = style.getparent().getparent().getparent().find(".//" + qn("p:ph")).get("type")
            style.set("algn", "r" if kind == "sldNum" else "l")
            run = style.find(qn("a:defRPr"))
            run.set("sz", f"{100 * SMALLEST:.0f}")
            colour = run.find(f"{qn('a:solidFill')}/{qn('a:schemeClr')}")
            if colour is not None:  # python-pptx brings a tint too pale to read
                colour.set("val", "tx2")
                for tint in list(colour):
                    colour.remove(tint)


def _plain_body(shape: Any) -> None:
    body = shape.element.find(f"{qn('p:txBody')}/{qn('a:bodyPr')}")
    for name in ("lIns", "tIns", "rIns", "bIns"):
        body.set(name, "0")
    body.set("anchor", "t")
    for child in list(body):  # the size is fitted when the text is set
        body.remove(child)


def _theme(master: Any) -> None:
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    xml = part.blob.decode("utf-8")
    for name, colour in _theme_colours().items():
        xml = re.sub(
            rf"<a:{name}>.*?</a:{name}>",
            f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>',
            xml,
        )
    xml = xml.replace('<a:latin typeface="Calibri"/>', '<a:latin typeface="Arial"/>')
    part._blob = xml.replace('name="Office Theme"', 'name="Evidence"').encode("utf-8")


# --- things on a slide ---------------------------------------------------------------------------
def describe(shape: Any, name: str, text: str = "") -> None:
    """Name a shape, and give it its text alternative."""
    shape.name = name
    if text:
        shape._element.find(".//" + qn("p:cNvPr")).set("descr", text)


def add_text(
    slide: Slide,
    text: str,
    left: float,
    top: float,
    room: float,
    height: float,
    *,
    sizes: Sequence[float] = (18, 16, SMALLEST),
    bold: bool = False,
    colour: str = INK,
    align: str = "left",
    name: str = "",
) -> float:
    """A text box whose type is fitted to it; gives the height that the text takes."""
    size, broken = fitted(text, sizes, room, height, bold=bold)
    box = slide.shapes.add_textbox(Pt(left), Pt(top), Pt(room), Pt(height))
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.TOP
    if name:
        box.name = name
    for i, line in enumerate(_kept(text, broken).split("\n")):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        _write(paragraph, line, size, bold, colour, align)
    return len(broken) * size * LEADING


_FINDING: tuple[float, tuple[float, ...]] = (52, (17, 16, 15, SMALLEST))
_CAUTION: tuple[float, tuple[float, ...]] = (68, (SMALLEST,))
"""The most height of what stands under a title, and the sizes of its type."""


def add_said(slide: Slide, said: str, caution: str, top: float) -> float:
    """Under a title: the finding, then bold what no copy of it may lose; gives the height that they take."""
    most, sizes = _FINDING
    height = add_text(slide, said, LEFT, top, ROOM, most, sizes=sizes, name="Finding")
    if caution:
        most, sizes = _CAUTION
        add_text(slide, caution, LEFT, top + height + 2, ROOM, most, sizes=sizes, bold=True, name="Caution")
    return said_height(said, caution)


def said_height(said: str, caution: str) -> float:
    """The height that `add_said` takes."""
    parts = [(said, False, _FINDING), *([(caution, True, _CAUTION)] if caution else [])]
    height = 2.0 * (len(parts) - 1)
    for text, bold, (most, sizes) in parts:
        size, broken = fitted(text, sizes, ROOM, most, bold=bold)
        height += len(broken) * size * LEADING
    return height


def _kept(text: str, broken: Sequence[str]) -> str:
    """The text as it is; where it was cut to fit, its lines as one."""
    return " ".join(broken) if broken[-1].endswith("…") else text


_ALIGN = {"left": PP_ALIGN.LEFT, "right": PP_ALIGN.RIGHT, "center": PP_ALIGN.CENTER}


def _write(paragraph: Any, text: str, size: float, bold: bool, colour: str, align: str) -> None:
    paragraph.alignment = _ALIGN[align]
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold = Pt(size), bold
    if colour == INK:
        run.font.color.theme_color = MSO_THEME_COLOR.TEXT_1
    elif colour == QUIET:
        run.font.color.theme_color = MSO_THEME_COLOR.TEXT_2
    else:
        run.font.color.rgb = RGBColor.from_string(colour)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `span` columns wide."""

    text: str
    bold: bool = False
    colour: str = INK
    span: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in points, and where its text runs."""

    title: str
    width: float
    align: str = "left"


PAD = 4.0


def add_table(
    slide: Slide,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    heights: Sequence[float],
    left: float,
    top: float,
    *,
    size: float,
    name: str,
    text: str,
    lead: float | None = None,
) -> Any:
    """A native table; the first of `heights` is that of the headings. `text` is its alternative.

    `lead` starts the text of every row that far below its upper edge (points); else it is centred.
    """
    frame = slide.shapes.add_table(
        len(rows) + 1, len(columns), Pt(left), Pt(top), Pt(sum(c.width for c in columns)),
        Pt(sum(heights)),
    )  # fmt: skip
    describe(frame, name, text)
    table = frame.table
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = _NO_GRID
    table.horz_banding = False
    for column, spec in zip(table.columns, columns, strict=True):
        column.width = Pt(spec.width)
    for row, height in zip(table.rows, heights, strict=True):
        row.height = Pt(height)
    headings = [Cell(c.title, bold=True, colour=QUIET) for c in columns]
    for i, (row, cells) in enumerate(zip(table.rows, [headings, *rows], strict=True)):
        made = list(row.cells)  # `table.cell` would look through the whole table for each
        for cell in made:
            cell.margin_left = cell.margin_right = Pt(PAD)
            at_top = lead is not None and i > 0
            cell.margin_top, cell.margin_bottom = Pt(lead) if at_top else 0, 0
            cell.vertical_anchor = MSO_ANCHOR.TOP if at_top else MSO_ANCHOR.MIDDLE
            _size_of_empty(cell, size)
            _line_below(cell, "9AA3AB" if i == 0 else "E3E7EA", 1.0 if i == 0 else 0.5)
        j = 0
        for content in cells:
            cell = made[j]
            if content.span > 1:
                cell.merge(made[j + content.span - 1])
            for n, line in enumerate(content.text.split("\n") if content.text else ()):
                frame_ = cell.text_frame
                paragraph = frame_.add_paragraph() if n else frame_.paragraphs[0]
                _write(paragraph, line, size, content.bold, content.colour, columns[j].align)
            j += content.span
    return frame


def _size_of_empty(cell: Any, size: float) -> None:
    """An empty cell would be as high as a line of 18 points."""
    paragraph = cell.text_frame.paragraphs[0]._p
    etree.SubElement(paragraph, qn("a:endParaRPr"), sz=str(int(size * 100)))


def _line_below(cell: Any, colour: str, width: float) -> None:
    properties = cell._tc.get_or_add_tcPr()
    line = etree.SubElement(properties, qn("a:lnB"), w=str(int(width * 12700)))
    fill = etree.SubElement(line, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr"), val=colour)


def row_height(
    cells: Sequence[str], columns: Sequence[Column], size: float, *, bold: bool = False
) -> float:
    """The height that a row of these texts needs."""
    most = max(
        len(lines(text, size, column.width - 2 * PAD, bold=bold))
        for text, column in zip(cells, columns, strict=True)
    )
    return most * size * LEADING + 5
