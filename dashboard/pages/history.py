"""What was known when: the evidence replayed to a year, and how the answers changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.figures.history import Line, history_figure
from analysis.question import Question
from analysis.survey.history import (
    Story,
    changed,
    path,
    stories,
    then,
    times,
    undated,
    value_text,
    years,
)
from analysis.topic import topic
from dashboard import own, state
from dashboard.components.graph import figure_block
from dashboard.components.page_parts import empty, heading, notice, section
from dashboard.page import Page, Visit
from dashboard.terms import marked

_YEAR = "history-year"
_TIME = "history-time"
_VIEW = "history-view"
_BUTTON = "history-go-to"


@dataclass(frozen=True, slots=True)
class Asked:
    """The page's own state: a year, and the time window of the stories about pain."""

    year: int
    time: str

    def to_query(self, last: int) -> str:
        """Only what differs from today and the longest follow-up."""
        parts = [f"year={self.year}"] if self.year != last else []
        return "&".join(parts + ([f"time={self.time}"] if self.time != "any" else []))


def read(query: str, span: tuple[int, int]) -> tuple[Asked, list[str]]:
    """The state from an address; what is not understood falls back to today, and is said.

    >>> read("year=2009&time=12m", (2003, 2024))
    (Asked(year=2009, time='12m'), [])
    >>> read("year=1875", (2003, 2024))[1]
    ["year: found '1875', allowed: 2003 to 2024; the last year is shown"]
    """
    first, last = span
    year, time, said = last, "any", []
    for name, value in parse_qsl(query, max_num_fields=None):
        if name == "year":
            if value.isascii() and value.isdigit() and first <= int(value[:6]) <= last:
                year = int(value)
            else:
                said.append(
                    f"year: found {value[:20]!r}, allowed: {first} to {last}; the last year is shown"
                )
        elif name == "time":
            if value in times():
                time = value
            else:
                said.append(
                    f"time: found {value[:20]!r}, allowed: {', '.join(times())}; the longest is shown"
                )
        else:
            said.append(f"{name[:40]}: not understood on this page; left out")
    return Asked(year, time), said


def layout(evidence: Evidence, visit: Visit) -> Component:
    span = years(evidence)
    if span == (0, 0):
        return html.Article(
            [
                heading("What was known when"),
                empty(
                    "No report with a year was found.",
                    "There is nothing to replay. The health page of the server says what is wrong with the data.",
                ),
            ]
        )
    asked, said = read(visit.query, span)
    return html.Article(
        [
            dcc.Store(
                id=state.QUESTION, data={"query": asked.to_query(span[1]), "history": "replace"}
            ),
            heading("What was known when"),
            html.P(
                "Go back to a year: only reports published by its end count. The answer of that year is shown with how "
                "it had changed.",
                className="lede",
            ),
            *notice(said),
            _controls(asked, span),
            html.Div(_view(evidence, asked, visit.narrow), id=_VIEW, className="answer"),
            _undated(evidence),
        ]
    )


def _controls(asked: Asked, span: tuple[int, int]) -> Component:
    first, last = span
    labelled = {first, 2009, 2018, last}
    marks = [
        {"value": year, "label": str(year)} if year in labelled else {"value": year}
        for year in sorted({*topic().landmarks, last})
        if first <= year <= last
    ]
    return html.Form(
        [
            html.Div(
                [
                    html.Span("Year", className="slider-name", **{"aria-hidden": "true"}),
                    dmc.Slider(
                        id=_YEAR, value=asked.year, min=first, max=last, step=1, marks=marks,
                        labelAlwaysOn=False, thumbLabel="Year up to which reports enter", thumbSize=24,
                        updatemode="mouseup",
                    ),
                ],
                className="year-slider",
            ),
            html.Div(
                [_button(year, str(year)) for year in topic().landmarks if first <= year <= last]
                + [_button(last, "Today")],
                className="study-buttons",
                role="group",
                **{"aria-label": "Go to a year"},
            ),
            dmc.Select(
                id=_TIME, label="Time after treatment (pain)", value=asked.time, allowDeselect=False,
                checkIconPosition="right", className="history-time",
                data=[{"value": t, "label": _capital(words.WINDOWS[t].label)} for t in times()],
            ),
        ],
        className="history-controls",
        **{"aria-label": "Year and time"},
    )  # fmt: skip


def _button(year: int, text: str) -> Component:
    return dmc.Button(
        text, id={"type": _BUTTON, "year": year}, variant="default", size="compact-md", n_clicks=0
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        Output(_VIEW, "children"),
        Output(_YEAR, "value"),
        Output(state.QUESTION, "data", allow_duplicate=True),
        Input(_YEAR, "value"),
        Input(_TIME, "value"),
        Input({"type": _BUTTON, "year": ALL}, "n_clicks"),
        State(state.QUESTION, "data"),
        State(state.PLACE, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def moved(
        year: int,
        time: str,
        clicks: Sequence[int],
        question: dict,
        place: dict | None,
        kept: object,
    ) -> tuple:
        theirs = own.evidence_for(evidence, kept)
        span = years(theirs)
        before, _ = read(question["query"], span)
        if isinstance(ctx.triggered_id, dict) and any(clicks):
            year = ctx.triggered_id["year"]
        after, _ = read(f"year={year}&time={time}", span)
        if after == before:
            return no_update, no_update, no_update
        view = _view(theirs, after, Visit.from_browser(place).narrow)
        return marked(view), after.year, {"query": after.to_query(span[1]), "history": "push"}


# --- the view ------------------------------------------------------------------------------------
def _view(evidence: Evidence, asked: Asked, narrow: bool) -> list[Component]:
    span = years(evidence)
    known = len(evidence.studies[evidence.studies["year"] <= asked.year])
    total = int(evidence.studies["year"].notna().sum())
    reports = "1 report" if known == 1 else f"{known} reports"
    return [
        html.H2(f"At the end of {asked.year}"),
        html.P(
            f"{reports} of {total} with a reported year had been published.",
            role="status",
        ),
        *(_story(story, evidence, asked, span, narrow) for story in stories(asked.time)),
    ]


def _story(
    story: Story, evidence: Evidence, asked: Asked, span: tuple[int, int], narrow: bool
) -> Component:
    lines: list[Line] = [
        (label, q, path(q, evidence, asked.year), path(q, evidence, span[1]))
        for label, q in story.lines
    ]
    said = [
        html.Li(f"{then(steps, label, asked.year)} {changed(steps)}".strip())
        for label, _, steps, _ in lines
    ]
    intro = html.P(f"{story.meaning} {_when(lines[0][1])}".strip(), className="quiet")
    if not any(every for *_, every in lines):
        return section(
            story.title,
            intro,
            empty(
                f"No dated report here answers this {_time_words(asked.time)}.",
                ["Choose another time after treatment, or see what there is on ", _compare(lines), "."],
            ),
            id=story.key,
        )  # fmt: skip
    return section(
        story.title,
        intro,
        html.Ul(said),
        figure_block(
            f"history-{story.key}",
            history_figure(lines, span, asked.year, narrow=narrow),
            caption=_caption(story, lines, asked.year),
            columns=("Treatment", "From", "Answer (95% interval)", "Studies", "New"),
            rows=_rows(lines),
            file_name=f"history-{story.key}-{asked.time}-{asked.year}",
            title=f"{story.title}: what was known at the end of {asked.year}",
            caption_shown=False,
        ),
        html.P(["The answer of today, with every study: ", _compare(lines), "."]),
        id=story.key,
    )


def _when(question: Question) -> str:
    if question.time == "any":
        return "Each study at the longest follow-up that it had reported by then."
    return f"At {question.window.label}."


def _time_words(time: str) -> str:
    return "at any time" if time == "any" else f"at {words.WINDOWS[time].label}"


def _compare(lines: Sequence[Line]) -> html.Span:
    parts: list[Component | str] = []
    for label, q, _, _ in lines:
        parts += [", "] if parts else []
        name = f"{label.lower()} on Compare" if len(lines) > 1 else "Compare"
        parts.append(html.A(name, href=f"/compare?{q.to_query()}"))
    return html.Span(parts)


def _caption(story: Story, lines: Sequence[Line], year: int) -> str:
    parts = [
        f"{label}: " + "; ".join(f"{s.year} {value_text(s.answer)}" for s in steps)
        if steps
        else f"{label}: no report"
        for label, _, steps, _ in lines
    ]
    return f"{story.title}, reports up to {year}. {'. '.join(parts)}."


def _rows(lines: Sequence[Line]) -> list[list[str]]:
    rows = []
    for label, _, steps, _ in lines:
        if not steps:
            rows.append([label, "no report yet", "", "0", ""])
        for step in steps:
            k = len(step.answer.studies)
            rows.append(
                [
                    label, str(step.year), f"{value_text(step.answer)}", str(k),
                    ", ".join(step.added),
                ]
            )  # fmt: skip
    return rows


def _undated(evidence: Evidence) -> Component:
    """Reports without a printed year: they cannot be placed, and what they change today."""
    missing = int(evidence.studies["year"].isna().sum())
    items = []
    for story in stories("any"):
        for label, q in story.lines:
            names = undated(q, evidence)
            if names:
                link = html.A(
                    value_text(ask(q, evidence)),
                    href=f"/compare?{q.to_query()}",
                )
                items.append(
                    html.Li([f"{story.title}, {label.lower()}: {', '.join(names)}. With them: ", link, "."])
                )  # fmt: skip
    return section(
        "Reports without a year",
        html.P(
            f"{missing} reports here give no year on the pages that were read. They cannot be placed and enter no "
            "year above."
        ),
        *([html.P("They would count in these answers at the longest follow-up:"), html.Ul(items)] if items else []),
        id="undated",
    )  # fmt: skip


PAGE = Page(
    path="/history",
    name="History",
    title="What was known when",
    description="The evidence replayed year by year: what was known when, and how the answers changed.",
    layout=layout,
    connect=connect,
    published=lambda evidence: ("", *(f"year={year}" for year in topic().landmarks)),
)
"""The replay."""
