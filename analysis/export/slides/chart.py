"""A forest plot as a native XY chart: every mark, interval and line is a series that reads the chart's data sheet.

Chosen over grouped shapes because a presenter can open the data sheet, change a number, and see the mark move.
Custom error bars would be the obvious way to draw intervals, but programs other than PowerPoint leave them out;
so each interval is a line between two points. The series of points comes first: the other order loses lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from pptx.chart.data import XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from analysis.appraisal.mid import Mid
from analysis.export.slides.deck import INK, SMALLEST, describe
from analysis.export.slides.sheet import Entry, clipped, workbook
from analysis.figures.words import too_small

AXIS_HEIGHT = 30.0
"""Points below the rows for the axis and its numbers."""

EDGE = 0.03
"""Share of the chart's width that the axis leaves free at either end, for half of its outer numbers."""

_INDEX = "@"
"""Stands for a series' number until all are known."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the chart.

    Parameters
    ----------
    label : names it in the data sheet.
    value, low, high : on the printed scale; `value` NaN where only the interval is drawn (a prediction
        interval), all NaN for a row without a mark (a heading).
    colour : six hexadecimal digits.
    symbol : of DrawingML: square, diamond, triangle, circle, x.
    size : of the symbol in points.
    line : width of the interval's line in points.
    """

    label: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    colour: str = INK
    symbol: str = "square"
    size: int = 8
    line: float = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line through all rows: no effect, the pooled value, a threshold."""

    label: str
    value: float
    dash: str = "solid"
    colour: str = "75808A"
    width: float = 1.25


def important(mid: Mid | None) -> list[Line]:
    """The lines of the minimal important difference, either way; none where there is none."""
    if mid is None:
        return []
    name = "Minimal important difference"
    return [Line(name, side * mid.value, "sysDash", "A8B0B7", 1) for side in (-1, 1)]


def over_small(mid: Mid | None) -> tuple[float, str] | None:
    """What stands above the drawing, between these lines, and where."""
    return None if mid is None else (0.0, too_small(mid))


@dataclass(frozen=True, slots=True)
class Scale:
    """The value axis; `base` of a logarithmic one, on which `low` and `high` are powers of it."""

    low: float
    high: float
    step: float
    base: int | None = None
    percent: bool = False

    def share(self, value: float) -> float:
        """Where a value stands between the ends of the axis: 0 at its low end, 1 at its high one.

        >>> Scale.linear(-1, 3).share(0), Scale.ratio(0.5, 2).share(1)
        (0.25, 0.5)
        """
        low, high, value = (
            (math.log(v) for v in (self.low, self.high, value))
            if self.base
            else (self.low, self.high, value)
        )
        return (value - low) / (high - low)

    @classmethod
    def linear(cls, low: float, high: float, *, percent: bool = False) -> Scale:
        """An axis that holds a range, with round numbers at its ends.

        >>> Scale.linear(-1.7, 0.8)
        Scale(low=-2.0, high=1.0, step=0.5, base=None, percent=False)
        """
        wide = max(high - low, 1e-9)
        power = 10.0 ** math.floor(math.log10(wide / 4))
        step = next(power * n for n in (1, 2, 2.5, 5, 10) if wide / (power * n) <= 6)
        low, high = (math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)
        return cls(round(low, 10), round(high, 10), round(step, 10), None, percent)

    @classmethod
    def ratio(cls, low: float, high: float) -> Scale:
        """An axis of ratios; programs put its numbers at powers of the base, counted from its lower end.

        >>> Scale.ratio(0.4, 2.3).base, Scale.ratio(0.02, 30).low
        (2, 0.01)
        """
        low, high = min(low, 1.0), max(high, 1.0)
        base = next((b for b, most in ((2, 24), (5, 300)) if high / low <= most), 10)
        first = math.floor(math.log(low, base) + 1e-9)
        last = math.ceil(math.log(high, base) - 1e-9)
        return cls(float(base) ** first, float(base) ** max(last, first + 1), base, base)


def add_chart(
    slide: Slide, marks: Sequence[Mark], lines: Sequence[Line], scale: Scale, left: float,
    top: float, width: float, row: float, *, name: str, text: str,
) -> Any:  # fmt: skip
    """Put the chart on a slide, its rows `row` points high from `top` down; `text` is its alternative."""
    height = len(marks) * row + AXIS_HEIGHT
    data = XyChartData()
    data.add_series("Value").add_data_point(0, 0)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.XY_SCATTER, Pt(left), Pt(top), Pt(width), Pt(height), data
    )
    describe(frame, name, text)
    entries = [Entry(m.label, m.value, m.low, m.high, -float(i)) for i, m in enumerate(marks)]
    spans = list(_spans(marks))
    lines = [line for line in lines for _ in spans]
    upright = [
        Entry(line.label, line.value, low, high, 0)
        for line, (low, high) in zip(lines, spans * len(lines), strict=False)
    ]
    part = frame.chart.part
    part.chart_workbook.update_from_xlsx_blob(workbook(entries, (scale.low, scale.high), upright))
    external = part._element.find(qn("c:externalData"))
    xml = _chart_xml(marks, entries, lines, upright, scale, len(marks) * row / height)
    part._element = parse_xml(xml)
    part._element.append(external)
    return frame


def _spans(marks: Sequence[Mark]) -> Iterator[tuple[float, float]]:
    """Bottom and top of neighbouring rows that hold a drawing; lines leave out the text of headings."""
    first: int | None = None
    for i, mark in enumerate([*marks, Mark("")]):
        if math.isnan(mark.low):
            if first is not None:
                yield 0.5 - i, 0.5 - first
            first = None
        elif first is None:
            first = i


# --- the chart as XML ----------------------------------------------------------------------------
def _chart_xml(
    marks: Sequence[Mark], entries: Sequence[Entry], lines: Sequence[Line],
    upright: Sequence[Entry], scale: Scale, share: float,
) -> bytes:  # fmt: skip
    axis = (scale.low, scale.high)
    series = [
        _axis_series(axis),
        *_points(marks, entries, axis),
        *_intervals(marks, entries, axis),
        *_uprights(lines, upright, len(entries), axis),
    ]
    numbered = "".join(one.replace(_INDEX, str(i)) for i, one in enumerate(series))
    return f"""<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<c:date1904 val="0"/><c:roundedCorners val="0"/>
<c:chart><c:autoTitleDeleted val="1"/><c:plotArea>
<c:layout><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>
<c:x val="{EDGE}"/><c:y val="0"/><c:w val="{1 - 2 * EDGE:g}"/><c:h val="{share:.5f}"/></c:manualLayout></c:layout>
<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>
{numbered}
<c:axId val="1001"/><c:axId val="1002"/></c:scatterChart>
{_value_axis(scale)}
<c:valAx><c:axId val="1002"/><c:scaling><c:orientation val="minMax"/><c:max val="0.5"/>
<c:min val="{-(len(marks) - 0.5):g}"/></c:scaling><c:delete val="1"/><c:axPos val="l"/>
<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>
<c:minorTickMark val="none"/><c:tickLblPos val="none"/><c:crossAx val="1001"/><c:crosses val="min"/>
<c:crossBetween val="midCat"/></c:valAx>
<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr></c:plotArea>
<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>
<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>
<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{100 * SMALLEST:.0f}">{_fill("tx1", theme=True)}
<a:latin typeface="+mn-lt"/></a:defRPr></a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>
</c:chartSpace>""".encode()


def _value_axis(scale: Scale) -> str:
    base = f'<c:logBase val="{scale.base}"/>' if scale.base else ""
    step = f'<c:majorUnit val="{scale.step:g}"/>'
    number = "General" if scale.base else _number_format(scale)
    return f"""<c:valAx><c:axId val="1001"/><c:scaling>{base}<c:orientation val="minMax"/>
<c:max val="{scale.high:.10g}"/><c:min val="{scale.low:.10g}"/></c:scaling><c:delete val="0"/>
<c:axPos val="b"/><c:numFmt formatCode="{escape(number, {'"': "&quot;"})}" sourceLinked="0"/>
<c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>
<c:spPr><a:ln w="12700">{_fill("75808A")}</a:ln></c:spPr><c:crossAx val="1002"/>
<c:crosses val="min"/><c:crossBetween val="midCat"/>{step}</c:valAx>"""


def _number_format(scale: Scale) -> str:
    """As many decimals as the step has, with a true minus sign.

    >>> _number_format(Scale.linear(-1.7, 0.8)), _number_format(Scale.linear(0, 100, percent=True))
    ('0.0;"−"0.0;0', '0"%";"−"0"%";0"%"')
    """
    decimals = len(f"{scale.step:.10f}".rstrip("0").split(".")[1])
    digits = "0" + ("." + "0" * decimals if decimals else "")
    sign = '"%"' if scale.percent else ""
    return f'{digits}{sign};"−"{digits}{sign};0{sign}'


def _axis_series(axis: tuple[float, float]) -> str:
    """An unseen series from end to end of the axis: LibreOffice leaves out a first series of one point."""
    return (
        f'<c:ser><c:idx val="{_INDEX}"/><c:order val="{_INDEX}"/><c:tx><c:strRef><c:f>Data!$J$1</c:f>'
        '<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>Axis</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        '<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>'
        '<c:marker><c:symbol val="none"/></c:marker>'
        f"{_numbers('x', '$J$2:$K$2', axis)}{_numbers('y', '$G$2:$H$2', (0.0, 0.0))}"
        '<c:smooth val="0"/></c:ser>'
    )


def _points(
    marks: Sequence[Mark], entries: Sequence[Entry], axis: tuple[float, float]
) -> Iterator[str]:
    """A series for each symbol: looks given point by point are not reliable in LibreOffice."""
    for i, (mark, entry) in enumerate(zip(marks, entries, strict=True)):
        if not axis[0] <= entry.value <= axis[1]:
            continue
        yield (
            f"{_named(mark.label, i + 2)}"
            f'<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>{_marker(mark)}'
            f"{_numbers('x', f'$B${i + 2}', [entry.value])}"
            f"{_numbers('y', f'$G${i + 2}', [entry.height])}"
            '<c:smooth val="0"/></c:ser>'
        )


def _intervals(
    marks: Sequence[Mark], entries: Sequence[Entry], axis: tuple[float, float]
) -> Iterator[str]:
    for i, (mark, entry) in enumerate(zip(marks, entries, strict=True)):
        if math.isnan(entry.low):
            continue
        low, high = clipped(entry, axis)
        head = '<a:headEnd type="triangle" w="med" len="med"/>' if entry.low < axis[0] else ""
        tail = '<a:tailEnd type="triangle" w="med" len="med"/>' if entry.high > axis[1] else ""
        yield (
            f"{_named(mark.label, i + 2)}"
            f'<c:spPr><a:ln w="{int(mark.line * 12700)}" cap="flat">{_fill(mark.colour)}{head}{tail}</a:ln></c:spPr>'
            '<c:marker><c:symbol val="none"/></c:marker>'
            f"{_numbers('x', f'$E${i + 2}:$F${i + 2}', (low, high))}"
            f"{_numbers('y', f'$G${i + 2}:$H${i + 2}', (entry.height, entry.height))}"
            '<c:smooth val="0"/></c:ser>'
        )


def _uprights(
    lines: Sequence[Line], upright: Sequence[Entry], above: int, axis: tuple[float, float]
) -> Iterator[str]:
    for i, (line, entry) in enumerate(zip(lines, upright, strict=True), start=above + 2):
        if not axis[0] <= line.value <= axis[1]:
            continue
        yield (
            f"{_named(line.label, i)}"
            f'<c:spPr><a:ln w="{int(line.width * 12700)}">{_fill(line.colour)}'
            f'<a:prstDash val="{line.dash}"/></a:ln></c:spPr>'
            '<c:marker><c:symbol val="none"/></c:marker>'
            f"{_numbers('x', f'$E${i}:$F${i}', (entry.value, entry.value))}"
            f"{_numbers('y', f'$G${i}:$H${i}', (entry.low, entry.high))}"
            '<c:smooth val="0"/></c:ser>'
        )


def _named(name: str, row: int) -> str:
    """The opening of a series; its name is a cell of the sheet."""
    return (
        f'<c:ser><c:idx val="{_INDEX}"/><c:order val="{_INDEX}"/><c:tx><c:strRef>'
        f'<c:f>Data!$A${row}</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{escape(name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    )


def _numbers(which: str, place: str, values: Sequence[float]) -> str:
    points = "".join(
        f'<c:pt idx="{i}"><c:v>{value!r}</c:v></c:pt>'
        for i, value in enumerate(map(float, values))
        if not math.isnan(value)
    )
    return (
        f"<c:{which}Val><c:numRef><c:f>Data!{place}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef></c:{which}Val>'
    )


def _marker(mark: Mark) -> str:
    fill = _fill(mark.colour)
    return (
        f'<c:marker><c:symbol val="{mark.symbol}"/><c:size val="{mark.size}"/>'
        f'<c:spPr>{fill}<a:ln w="9525">{fill}</a:ln></c:spPr></c:marker>'
    )


def _fill(colour: str, *, theme: bool = False) -> str:
    kind = f'<a:schemeClr val="{colour}"/>' if theme else f'<a:srgbClr val="{colour}"/>'
    return f"<a:solidFill>{kind}</a:solidFill>"
