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

from analysis.export.slides.deck import INK, describe
from analysis.export.slides.sheet import Entry, clipped, workbook

AXIS_HEIGHT = 24.0
"""Points below the rows for the axis and its numbers."""

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
    hollow : the symbol is not filled.
    """

    label: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    colour: str = INK
    symbol: str = "square"
    size: int = 8
    line: float = 1.5
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line through all rows: no effect, the pooled value, a threshold."""

    label: str
    value: float
    dash: str = "solid"
    colour: str = "75808A"
    width: float = 1.25


@dataclass(frozen=True, slots=True)
class Scale:
    """The value axis; `base` of a logarithmic one, on which `low` and `high` are powers of it."""

    low: float
    high: float
    step: float
    base: int | None = None
    percent: bool = False

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
        base = 2 if high / low <= 100 else 10
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
    bottom = -(len(marks) - 0.5)
    upright = [Entry(line.label, line.value, bottom, 0.5, 0) for line in lines]
    part = frame.chart.part
    part.chart_workbook.update_from_xlsx_blob(workbook(entries, (scale.low, scale.high), upright))
    external = part._element.find(qn("c:externalData"))
    xml = _chart_xml(marks, entries, lines, upright, scale, len(marks) * row / height)
    part._element = parse_xml(xml)
    part._element.append(external)
    return frame


# --- the chart as XML ----------------------------------------------------------------------------
def _chart_xml(
    marks: Sequence[Mark], entries: Sequence[Entry], lines: Sequence[Line],
    upright: Sequence[Entry], scale: Scale, share: float,
) -> bytes:  # fmt: skip
    axis = (scale.low, scale.high)
    series = [
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
<c:x val="0.03"/><c:y val="0"/><c:w val="0.94"/><c:h val="{share:.5f}"/></c:manualLayout></c:layout>
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
<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1100">{_fill("tx1", theme=True)}
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
    ('0.0;−0.0;0', '0"%";−0"%";0"%"')
    """
    decimals = len(f"{scale.step:.10f}".rstrip("0").split(".")[1])
    digits = "0" + ("." + "0" * decimals if decimals else "")
    sign = '"%"' if scale.percent else ""
    return f"{digits}{sign};−{digits}{sign};0{sign}"


def _points(
    marks: Sequence[Mark], entries: Sequence[Entry], axis: tuple[float, float]
) -> Iterator[str]:
    """The symbols; neighbours of one kind are one series, so that a study can be added to it."""
    for first, last in _runs(marks):
        kind = marks[first]
        points = "".join(
            f'<c:dPt><c:idx val="{i - first}"/>{_marker(marks[i])}<c:bubble3D val="0"/></c:dPt>'
            for i in range(first, last + 1)
        )
        inside = [
            e.value if axis[0] <= e.value <= axis[1] else math.nan
            for e in entries[first : last + 1]
        ]
        yield (
            f"{_named(kind.label if first == last else 'Studies', first if first == last else None)}"
            f'<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>{_marker(kind)}{points}'
            f"{_numbers('x', f'$B${first + 2}:$B${last + 2}', inside)}"
            f"{_numbers('y', f'$G${first + 2}:$G${last + 2}', [e.height for e in entries[first : last + 1]])}"
            '<c:smooth val="0"/></c:ser>'
        )


def _runs(marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """First and last index of neighbouring marks with a value and one colour and line."""
    first: int | None = None
    for i, mark in enumerate([*marks, Mark("")]):
        ends = math.isnan(mark.value) or (
            first is not None
            and (mark.colour, mark.line) != (marks[first].colour, marks[first].line)
        )
        if first is not None and ends:
            yield first, i - 1
            first = None
        if first is None and not math.isnan(mark.value):
            first = i


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
            f"{_named(f'Interval: {mark.label}', None)}"
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
            f"{_named(line.label, i - 2)}"
            f'<c:spPr><a:ln w="{int(line.width * 12700)}">{_fill(line.colour)}'
            f'<a:prstDash val="{line.dash}"/></a:ln></c:spPr>'
            '<c:marker><c:symbol val="none"/></c:marker>'
            f"{_numbers('x', f'$E${i}:$F${i}', (entry.value, entry.value))}"
            f"{_numbers('y', f'$G${i}:$H${i}', (entry.low, entry.high))}"
            '<c:smooth val="0"/></c:ser>'
        )


def _named(name: str, row: int | None) -> str:
    """The opening of a series; its name is a cell of the sheet where it has a row of its own."""
    said = escape(name)
    tx = (
        f"<c:v>{said}</c:v>"
        if row is None
        else f'<c:strRef><c:f>Data!$A${row + 2}</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{said}</c:v></c:pt></c:strCache></c:strRef>'
    )
    return f'<c:ser><c:idx val="{_INDEX}"/><c:order val="{_INDEX}"/><c:tx>{tx}</c:tx>'


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
    fill = _fill("FFFFFF") if mark.hollow else _fill(mark.colour)
    return (
        f'<c:marker><c:symbol val="{mark.symbol}"/><c:size val="{mark.size}"/>'
        f'<c:spPr>{fill}<a:ln w="9525">{_fill(mark.colour)}</a:ln></c:spPr></c:marker>'
    )


def _fill(colour: str, *, theme: bool = False) -> str:
    kind = f'<a:schemeClr val="{colour}"/>' if theme else f'<a:srgbClr val="{colour}"/>'
    return f"<a:solidFill>{kind}</a:solidFill>"
