"""The picture that a chat or a slide shows of a link: the headline, the sentence, and the studies' marks; PNG.

Drawn without a browser, because whoever pastes a link asks for it: a picture costs a twentieth of a second.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.figures import theme
from analysis.figures.axis import value_axis
from analysis.figures.forest_table import STUDY, forest_table
from analysis.question import Question
from analysis.survey.provenance import data_line
from analysis.topic import topic

WIDTH, HEIGHT = 1200, 630
"""The shape that previews of links have room for (Open Graph: 1.91 to 1)."""
_EDGE, _ROOM = 60, WIDTH - 120
_FONTS = ("LiberationSans-{}.ttf", "Arial{}.ttf", "DejaVuSans-{}.ttf")
_QUIET = "#4b555e"
_ACCENT = "#00647d"
_MOST_ROWS = 8
_LEADING = 1.25
_SAID = (38, 34, 30, 26)
"""Sizes of type for what a page finds."""


def question_card(question: Question, evidence: Evidence, link: str) -> bytes:
    """The card of one Question; one without studies says so. `link` stands under no card: it carries it."""
    answer = ask(question, evidence)
    image, draw = _begun(theme.colour(question.intervention), evidence)
    top = _fitted(draw, answer.headline, 88, (56, 50, 44, 38), bold=True, most=2)
    said = " ".join(text for text in parts_of(answer) if text)
    top = _fitted(draw, said, top + 16, (30, 26, 22), most=5)
    if answer.told is not None:
        _marks(draw, answer, top + 24, HEIGHT - 70)
    return _saved(image)


def page_card(title: str, said: str, evidence: Evidence) -> bytes:
    """The card of a page without a figure of its own: its title, and what it finds as far as there is room."""
    image, draw = _begun(_ACCENT, evidence)
    top = _fitted(draw, title, 96, (60, 54, 48, 42), bold=True, most=3)
    size, room = _SAID[-1], HEIGHT - 70 - top - 28
    for size in _SAID:
        if len(_lines(draw, said, _font(size, False))) * size * _LEADING <= room:
            break
    lines = _lines(draw, said, _font(size, False))
    most = int(room / (size * _LEADING))
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1].rsplit(' ', 1)[0]} …"]
    _written(draw, lines, top + 28, size, theme.INK)
    return _saved(image)


def _begun(colour: str, evidence: Evidence) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty card: a stripe, whose it is, and which data stand behind it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 12), fill=colour)
    _written(draw, (topic().site,), 40, 26, _QUIET)
    _written(draw, (data_line(evidence),), HEIGHT - 46, 20, _QUIET)
    return image, draw


def _saved(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def parts_of(answer: Answer) -> tuple[str, ...]:
    """What stands under the headline: the sentence where it says more, and what no copy may lose."""
    more = answer.sentence if answer.sentence.removesuffix(".") != answer.headline else ""
    cautions = (
        () if answer.question.one_group else answer.cautions
    )  # the headline of one group says it
    return (more, *cautions, answer.change_line)


def _marks(draw: ImageDraw.ImageDraw, answer: Answer, top: int, bottom: int) -> None:
    """The forest without its labels: band of the important difference, no effect, studies and pooled row."""
    rows = [row for row in forest_table(answer).rows if row.value]
    if len(rows) > _MOST_ROWS:  # the told result alone says more than a heap of thin lines
        rows = [row for row in rows if row.kind != STUDY]
    bottom -= 30  # for the words of the axis
    if not rows or bottom - top < 24 * len(rows):
        return
    axis, q = value_axis(answer), answer.question
    low, high = axis.low, axis.high

    def x(value: float) -> float:
        return _EDGE + _ROOM * (min(max(axis.at(value), low), high) - low) / (high - low)

    if not q.one_group:
        if answer.mid is not None:
            draw.rectangle((x(-answer.mid.value), top, x(answer.mid.value), bottom), fill="#eceff1")
        draw.line((x(0.0), top, x(0.0), bottom), fill=theme.GREY, width=3)
        _named(draw, "no difference", x(0.0), bottom)
    elif axis.percent:
        draw.line((_EDGE, bottom, _EDGE + _ROOM, bottom), fill=theme.GREY, width=3)
        _named(draw, f"{low:.0f}%", _EDGE, bottom)
        _named(draw, f"{high:.0f}%", _EDGE + _ROOM, bottom)
    step = min((bottom - top) / len(rows), 46)
    for i, row in enumerate(rows):
        y, at = top + (i + 0.5) * step, x(row.estimate)
        colour = theme.colour(q.intervention)
        thick, half = (3, 8) if row.kind == STUDY else (7, 13)
        draw.line((x(row.low), y, x(row.high), y), fill=colour, width=thick)
        corners = [(at - half, y), (at, y - half), (at + half, y), (at, y + half)]
        if row.kind == STUDY:
            corners = [
                (at + a * half, y + b * half) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
        draw.polygon(corners, fill=colour)


def _named(draw: ImageDraw.ImageDraw, text: str, at: float, top: int) -> None:
    """A word of the axis, under its place and inside the card."""
    font = _font(20, False)
    half = draw.textlength(text, font=font) / 2
    left = min(max(at - half, _EDGE), _EDGE + _ROOM - 2 * half)
    draw.text((left, top + 4), text, fill=_QUIET, font=font)


def _fitted(
    draw: ImageDraw.ImageDraw, text: str, top: int, sizes: Sequence[int], *, most: int, bold: bool = False
) -> int:  # fmt: skip
    """Write a text, all of it, in the largest type that takes at most `most` lines; gives where it ends."""
    for size in sizes:
        broken = _lines(draw, text, _font(size, bold))
        if len(broken) <= most:
            break
    return _written(draw, broken, top, size, theme.INK, bold=bold)


def _lines(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(_legible(longer), font=font) <= _ROOM:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _written(
    draw: ImageDraw.ImageDraw, lines: Sequence[str], top: int, size: int, colour: str, *, bold: bool = False
) -> int:  # fmt: skip
    for line in lines:
        draw.text((_EDGE, top), _legible(line), fill=colour, font=_font(size, bold))
        top += round(_LEADING * size)
    return top


@lru_cache(maxsize=32)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    """Arial or what has its widths; else the plain one that the library brings."""
    for name in _FONTS:
        style = ("Bold" if bold else "Regular") if "-" in name else (" Bold" if bold else "")
        try:
            return ImageFont.truetype(name.format(style), size)
        except OSError:
            continue
    return ImageFont.load_default(size)  # type: ignore[return-value]


def _legible(text: str) -> str:
    """The text in signs that the font has: the library's own has little beyond plain Latin letters."""
    if _font(20, False).getname()[0] != "Aileron":
        return text
    plain = text.replace("−", "-").replace("–", "-").replace("≥", ">=").replace("≤", "<=")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
