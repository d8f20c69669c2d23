"""The summary of findings as a table on a page: in numbers, in words or in pictures; what is behind a row, closed."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.dots import address, people, strip
from analysis.findings.model import Findings, Row
from analysis.findings.table import findings
from analysis.findings.words import COLUMNS, LEVELS_UNKNOWN, Cells, cells, studied
from analysis.network import Contrast
from analysis.prose import counted
from analysis.topic.vertebral.patient import Patient
from dashboard.components.graph import table

VIEWS = {"numbers": "Numbers", "words": "Words", "picture": "Pictures"}
_SIDES = {"benefit": "Benefits", "harm": "Harms"}
_HEADS = {
    "numbers": COLUMNS,
    "words": (COLUMNS[0], "In words", *COLUMNS[4:6]),
    "picture": COLUMNS[:6],
}


@remembered(maxsize=32)
def summary(patient: Patient, evidence: Evidence, view: str) -> tuple[Component, ...]:
    """The two sentences, what the data cannot say, and the table."""
    found = findings(patient, evidence)
    return (*_on_top(found), _table(found, view))


def _side(name: str, sentences: Sequence[str]) -> Component:
    """What is said of one side, a line for each sentence."""
    lines = [part for text in sentences for part in (html.Span(text), " ")]
    return html.P([html.Strong(f"{name}: "), *lines], className="finding-sentence")


def _on_top(found: Findings) -> list[Component]:
    sides = [_side("Benefits", found.benefits_said), _side("Harms", found.harms_said)]
    parts: list[Component] = [html.Div(sides, className="finding-sides")]
    if found.cannot_say:
        said = [html.Li(text) for text in found.cannot_say]
        parts.append(
            html.Ul(
                said, className="note cannot-say", **{"aria-label": "What these data cannot say"}
            )
        )
    return parts


def _table(found: Findings, view: str) -> Component:
    heads = _HEADS[view]
    bodies: list[Component] = []
    for side, title in _SIDES.items():
        rows = [row for row in found.rows if row.side == side]
        first = html.Tr(
            html.Th(title, colSpan=len(heads), scope="rowgroup", role="rowheader"),
            className="side", role="row",
        )  # fmt: skip
        lines = [line for row in rows for line in _lines(row, view, len(heads))]
        bodies.append(html.Tbody([first, *lines], role="rowgroup"))
    head = [html.Th(name, scope="col", role="columnheader") for name in heads]
    return html.Div(
        html.Table(
            [
                html.Caption(
                    "Averages of groups. Events: of 100 people. In brackets: 95% intervals. Certainty: as published; "
                    "distance: how the studies differ from this patient."
                ),
                html.Thead(html.Tr(head, role="row"), role="rowgroup"),
                *bodies,
            ],
            role="table",
            className=f"findings findings-{view}",
        ),
        className="table-frame",
    )


def _lines(row: Row, view: str, width: int) -> tuple[Component, Component]:
    """The row, and below it what is behind it, closed."""
    made, heads = cells(row), _HEADS[view]
    content = _content(row, made, view)
    shown: list[Component] = [html.Th(_name(row), scope="row", role="rowheader")]
    label = iter(heads[1:])
    for cell in content:
        span = cell[1] if isinstance(cell, tuple) else 1
        name = next(label)
        for _ in range(span - 1):
            next(label)
        if span == _SENTENCE:
            name = "In words"  # a phone prints the name before it
        shown.append(
            html.Td(
                cell[0] if isinstance(cell, tuple) else cell, role="cell", colSpan=span,
                **{"data-label": name},
            )
        )  # fmt: skip
    behind = html.Td(_behind(row, made, view), colSpan=width, role="cell")
    return (
        html.Tr(shown, id=row.id, className="finding", role="row"),
        html.Tr(behind, className="behind", role="row"),
    )


def _name(row: Row) -> list[Component | str]:
    return [html.Strong(row.label), html.Span(studied(row), className="against")]


Content = Component | str | list | tuple[Component, int]


_SENTENCE = 3
"""Columns that a sentence takes in place of without, with and difference."""


def _content(row: Row, made: Cells, view: str) -> list[Content]:
    marks = _marks(row)
    if view == "words":
        return [made.sentence, made.certainty, marks]
    if row.kind == "none" or (row.kind == "indirect" and view == "picture"):
        return [
            (html.Span(made.sentence), _SENTENCE),
            made.certainty,
            marks,
            *([made.evidence] if view == "numbers" else []),
        ]
    if view == "picture":
        return [*_pictures(row, made), made.difference, made.certainty, marks]
    sides: list[Content] = [made.without, made.with_]
    if made.without == LEVELS_UNKNOWN:
        sides = [(html.Span(LEVELS_UNKNOWN, className="quiet"), 2)]
    return [*sides, made.difference, made.certainty, marks, made.evidence]


def _marks(row: Row) -> Component | str:
    if not row.marks:
        return "none" if row.answer is not None else ""
    return html.Span([html.Span(mark, className="mark") for mark in row.marks], className="marks")


def _pictures(row: Row, made: Cells) -> list[Content]:
    n, found = row.numbers, row.answer
    assert found is not None
    q = found.question
    if q.spec.kind == "score" and found.told is not None:
        result = found.told.result
        mid = found.mid.value if found.mid is not None else None
        ends = (abs(result.ci_low), abs(result.ci_high), 2 * mid if mid else 0.0)
        reach = min(max(ends), _width(q.spec.scale) or max(ends))
        text = f"{row.label}: {made.difference}"
        drawn = strip(
            result.estimate, result.ci_low, result.ci_high, 1.1 * reach, mid, q.intervention, text
        )
        sides = ("better", "worse") if q.spec.lower_is_better else ("worse", "better")
        note = f"◀ {sides[0]} · {sides[1]} ▶" + (f"; grey: less than {mid:g} points" if mid else "")
        return [(html.Div([_image(drawn), html.Span(note, className="quiet")]), 2)]
    if n is None or n.with_ is None:
        return [made.without, made.with_]
    with_ = html.Div([_image(people(n.with_, q.intervention, made.with_)), html.Span(made.with_)])
    if n.without is None:
        return [made.without, with_]
    without = people(n.without, row.against, made.without)
    return [html.Div([_image(without), html.Span(made.without)]), with_]


def _width(scale: tuple[float, float] | None) -> float | None:
    return None if scale is None else scale[1] - scale[0]


def _image(svg: str) -> Component:
    """The words stand beside it: to a screen reader the picture says nothing more."""
    return html.Img(src=address(svg), alt="", className="picture")


# --- behind a row --------------------------------------------------------------------------------
def _behind(row: Row, made: Cells, view: str) -> Component:
    if row.indirect is not None:
        return _behind_indirect(row, row.indirect, view)
    if row.answer is None:
        return html.Span("")
    found = row.answer
    parts: list[Component] = []
    if view != "words":
        parts.append(html.P(made.sentence))
    if view != "numbers":
        parts.append(html.P(f"Evidence: {made.evidence}."))
    parts += [html.P(text) for text in found.cautions]
    parts += _list("Distance from this patient", row.distance)
    parts += _list("Certainty", _certainty(row))
    parts += _list("Counted in other ways, kept apart", row.others)
    parts += _risks(row)
    names = [study.label for study in found.studies]
    shown = names[:_NAMED]
    more = f" and {counted(len(names) - _NAMED, 'more', 'more')}" if len(names) > _NAMED else ""
    link = html.A(
        "Figures, studies and sources", href=f"/compare?{found.question.to_query()}",
        **{"aria-label": f"Figures, studies and sources: {found.question.title()}"},
    )  # fmt: skip
    parts.append(html.P([f"From {', '.join(shown)}{more}. ", link]))
    title = f"{row.label}, {studied(row)}"
    summary_ = html.Summary(
        "Why, and from which studies", **{"aria-label": f"{title}: why, and from which studies"}
    )
    return html.Details([summary_, html.Div(parts, className="behind-text")])


def _behind_indirect(row: Row, found: Contrast, view: str) -> Component:
    """What the network's result is, what it hangs on and how far it is from the patient."""
    said = [html.P(row.sentence)] if view == "numbers" else []
    link = html.A("See the network", href=f"/network?{found.question.to_query()}")
    title = f"{row.label}, {studied(row)}: why, and from which trials"
    return html.Details(
        [
            html.Summary("Why, and from which trials", **{"aria-label": title}),
            html.Div(
                [*said, *_list("What weakens it", row.distance), html.P([link, "."])],
                className="behind-text",
            ),
        ]
    )


_NAMED = 6


def _certainty(row: Row) -> list[str]:
    found = row.certainty
    said = [f"Published: {found.level}, by {found.source}."] if found.source else []
    if found.differs:
        said.append(f"That judgement covers other ground, too: {found.differs}.")
    if not found.source:
        said.append("No published judgement: what follows are facts, no rating.")
    return [*said, *(f"{s.title}, {s.reading}: {s.finding}" for s in found.signals)]


def _risks(row: Row) -> list[Component]:
    rows = []
    basis = row.numbers.basis if row.numbers is not None else ""
    for one in row.baselines:
        rows.append(
            [one.name, f"{one.without:.0f}", f"{one.with_:.0f} ({one.low:.0f} to {one.high:.0f})"]
        )
    if not rows:
        return [html.P(f"Without: {basis}.", className="quiet")] if basis else []
    caption = f"The same effect at other risks, of 100 people. In the table: {basis}"
    return [table(("Risk without", "Without", "With (95% interval)"), rows, caption)]


def _list(title: str, lines: Sequence[str]) -> list[Component]:
    if not lines:
        return []
    return [html.P(html.Strong(title)), html.Ul([html.Li(text) for text in lines])]
