"""Evidence gaps: how many studies can answer each question, and where there is none."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qs, parse_qsl, urlencode

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.gap_map import gap_map, legend
from analysis.question import Question
from analysis.survey.gaps import Cell, Gaps, comparison_name, gaps, summary
from analysis.survey.missing import missing
from dashboard import state
from dashboard.components.controls import choices, control
from dashboard.components.graph import figure_block
from dashboard.components.missing_matrix import folded, signs
from dashboard.components.page_parts import heading, notice, page_link, section
from dashboard.page import Page, Visit
from dashboard.terms import marked

_PAGE = "gaps"
_MAP = "gap-map"
_VIEW = "gaps-view"
_FIELDS = ("intervention", "designs", "etiology", "time")


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, said = _read(visit.query)
    return html.Article(
        [
            state.question_store(question),
            heading("Evidence gaps"),
            html.P(
                "What has been studied, and what has not. Each mark is a question: choose one to see its answer, or "
                "why there is none.",
                className="lede",
            ),
            html.Form(
                [_procedure(question), *(control(_PAGE, question, f) for f in _FIELDS[1:])],
                className="filters filters-few",
                **{"aria-label": "What the map is about"},
            ),
            html.Div(
                [*notice(said), *_view(evidence, question, visit)], id=_VIEW, className="answer"
            ),
            section(
                "What this map does not show",
                html.P(
                    [
                        "A question without a study may have been answered in a paper that was read as an "
                        "abstract only, or in a full text that was not reached. A study that is used is "
                        "counted as one, however small or open to bias. Which studies there are: ",
                        page_link("Studies", "/studies"),
                        ".",
                    ]
                ),
            ),
        ]
    )


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        output={"view": Output(_VIEW, "children"), "state": state.outputs(_PAGE)},
        inputs={"change": state.inputs(_PAGE)},
        prevent_initial_call=True,
    )
    def changed(change: dict) -> dict[str, object]:
        change = state.read(**change)
        theirs = change.evidence(evidence)
        view = [*notice(change.notes), *_view(theirs, change.question, change.visit)]
        return {"view": marked(view), "state": state.write(change, partial(_offered, evidence=theirs))}

    app.clientside_callback(
        ClientsideFunction("gapMap", "open"),
        Output(_MAP, "title"),
        Input(f"{_MAP}-graph", "clickData"),
        prevent_initial_call=True,
    )


def _read(query: str) -> tuple[Question, list[str]]:
    """The Question of this page: procedure, designs and cause; the rest of an address is not its business."""
    asked, said = Question.from_query(query)
    # an address that a control has written leaves out the usual treatment
    intervention = (
        asked.intervention
        if {"intervention", "v"} & set(parse_qs(query))
        else next(iter(words.MAPS))
    )
    if intervention not in words.MAPS:
        said.append(f"intervention: found {intervention!r}, which has no map; the default is used")
        intervention = next(iter(words.MAPS))
    question = Question(
        intervention=intervention, designs=_comparative(asked.designs), etiology=asked.etiology,
        time=asked.time,
    )  # fmt: skip
    return question, said


def _comparative(designs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(d for d in designs if d in words.COMPARATIVE)


def _procedure(question: Question) -> Component:
    return dmc.Select(
        id=state.control_id(_PAGE, "intervention"),
        label="Treatment",
        data=_procedures(),
        value=question.intervention,
        allowDeselect=False,
        checkIconPosition="right",
    )


def _procedures() -> list[dict[str, str]]:
    named = ((key, words.INTERVENTIONS[key]) for key in words.MAPS)
    return [{"value": key, "label": text[0].upper() + text[1:]} for key, text in named]


def _offered(question: Question, field: str, evidence: Evidence) -> list | None:
    return _procedures() if field == "intervention" else choices(question, field, evidence)


def _view(evidence: Evidence, question: Question, visit: Visit) -> list[Component]:
    designs = _comparative(question.designs)
    drawn = _map(evidence, question.intervention, designs, question.etiology, visit.narrow)
    return [*drawn, _missing(evidence, question, designs)]


@remembered(maxsize=8)
def _map(
    evidence: Evidence, intervention: str, designs: tuple[str, ...], etiology: str, narrow: bool
) -> list[Component]:
    """Summary, drawing and table; kept, because hundreds of links take a tenth of a second to make."""
    found = gaps(evidence, intervention, designs, etiology)
    said = summary(found)
    return [
        html.Ul([html.Li(text) for text in said]),
        html.P(legend(), className="quiet"),
        figure_block(
            _MAP,
            gap_map(found, narrow=narrow),
            caption=" ".join(said),
            columns=(
                "Outcome and comparison",
                *(window.label for window in words.WINDOWS.values()),
            ),
            rows=_rows(found),
            file_name=f"evidence-gaps-{intervention.lower()}",
            caption_shown=False,
        ),
    ]


def _missing(evidence: Evidence, question: Question, designs: tuple[str, ...]) -> Component:
    """Study by study: what each trial has on each outcome at the time chosen."""
    asked = [
        Question(
            intervention=t,
            comparator=c,
            time=question.time,
            etiology=question.etiology,
            designs=designs,
        )
        for t, c in words.MAPS[question.intervention]
        if c != words.NONE
    ]
    matrices = [found for q in asked if (found := missing(q, evidence)).rows]
    return section(
        f"Study by study, {question.window.label}",
        html.P(
            "Every trial of a comparison, with a result or without. A result that was measured and cannot be used "
            "is missing evidence. What a protocol promised is not in the data, so that a trial is known not to "
            "have measured an outcome only where its follow-up ended before."
        ),
        signs(),
        *(folded(found) for found in matrices),
        *([] if matrices else [html.P("No trial of these treatments was found.")]),
        id="missing",
    )


def _rows(found: Gaps) -> list[list[Component | str]]:
    return [
        [f"{line.label}, {comparison_name(pair)}", *(_cell(cell) for cell in cells)]
        for line in found.lines
        for pair, cells in zip(found.comparisons, line.cells, strict=True)
        if any(cell.asked for cell in cells)
    ]


def _cell(cell: Cell) -> Component:
    return html.A(
        cell.text, href=f"/compare?{cell.question.to_query()}", className="" if cell.k else "quiet"
    )


def _canonical(query: str) -> str:
    """The map's treatment is always named: what is left out means another one here than in other addresses."""
    question = _read(query)[0]
    rest = {k: v for k, v in parse_qsl(question.to_query()) if k not in ("v", "intervention")}
    return urlencode({"intervention": question.intervention} | rest)


PAGE = Page(
    path="/gaps",
    name="Gaps",
    title="Evidence gaps",
    description="Outcome by comparison by time: how many studies can answer, how many reported without a "
    "figure, and which questions nobody has answered.",
    layout=layout,
    connect=connect,
    published=lambda evidence: tuple(f"intervention={key}" for key in words.MAPS),
    canonical=_canonical,
)
"""The map of what is missing."""
