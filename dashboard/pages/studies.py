"""Studies: every report here, to search, filter, sort and take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from flask import Flask, Response

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.survey.filters import Filter, causes, outcomes_in_hand
from analysis.survey.studies import FUNDING, Report, cells, columns, reports, to_csv
from dashboard import own, state
from dashboard.components import late_grid
from dashboard.components.page_parts import heading, notice, page_link
from dashboard.page import Page, Visit

_GRID = "studies-grid"
_COUNT = "studies-count"
_NOTES = "studies-notes"
_CSV = "studies-csv"
_WHOLE = "/studies.csv"
_FILE = "studies-file"
_CONTROLS = ("search", "design", "cause", "funding", "outcome", "missing")
_LABELS = {
    "search": "Search",
    "design": "Kind of study",
    "cause": "",
    "funding": "Funding",
    "outcome": "Has a result on",
    "missing": "Reported without numbers",
}


def layout(evidence: Evidence, visit: Visit) -> Component:
    chosen, said = Filter.from_query(visit.query, evidence)
    found = chosen.apply(evidence)
    return html.Article(
        [
            dcc.Store(id=state.QUESTION, data={"query": chosen.to_query(), "history": "replace"}),
            dcc.Download(id=_FILE),
            heading("Studies"),
            html.P(
                [
                    "Every report with results that were found. Most were read as abstracts only, so what is "
                    "not listed may still have been measured. Where evidence is missing altogether, see ",
                    page_link("evidence gaps", "/gaps"),
                    ".",
                ],
                className="lede",
            ),
            html.Div(notice(said), id=_NOTES),
            html.Form(
                [_control(name, chosen, evidence) for name in _CONTROLS],
                className="filters",
                **{
                    "aria-label": "Choose studies",
                    "data-live": "Choosing by kind, cause, funding and outcome",
                },
            ),
            html.Div(
                [
                    html.P(_count(found, evidence), id=_COUNT, role="status"),
                    html.A("Download as CSV", href=_WHOLE, download="studies.csv")
                    if visit.whole
                    else dmc.Button(
                        "Download as CSV", id=_CSV, variant="default", size="compact-md"
                    ),
                ],
                className="figure-foot",
            ),
            late_grid.late_grid(_GRID, "The table is loading.", **_table(found, chosen, visit)),
            html.P(
                "Choose a column's heading to sort. With the keyboard: arrow keys move through the table, Enter opens "
                "a study.",
                className="quiet on-screen",
            ),
        ]
    )


def connect(app: Dash, evidence: Evidence) -> None:
    late_grid.connect(app, _GRID)

    @app.callback(
        late_grid.output(_GRID),
        Output(_COUNT, "children"),
        Output(_NOTES, "children"),
        Output(state.QUESTION, "data", allow_duplicate=True),
        [Input(_id(name), "value") for name in _CONTROLS],
        State(state.QUESTION, "data"),
        State(state.PLACE, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def narrowed(*values: object) -> tuple:
        *wished, question, place, kept = values
        theirs = own.evidence_for(evidence, kept)
        before, _ = Filter.from_query(question["query"], theirs)
        after = replace(
            before,
            **{
                name: str(value or "").strip()
                for name, value in zip(_CONTROLS, wished, strict=True)
            },
        )
        if after == before:
            return no_update, no_update, no_update, no_update
        found = after.apply(theirs)
        table = late_grid.described(_GRID, **_table(found, after, Visit.from_browser(place)))
        address = {"query": after.to_query(), "history": "push"}
        return table, _count(found, theirs), [], address

    @app.callback(
        Output(state.QUESTION, "data", allow_duplicate=True),
        Input(_GRID, "columnState"),
        State(state.QUESTION, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def sorted_by(columns: list[dict] | None, question: dict[str, str], kept: object) -> object:
        theirs = own.evidence_for(evidence, kept)
        before, _ = Filter.from_query(question["query"], theirs)
        after = replace(before, sort=_sort(columns or []))
        if not columns or after == before:
            return no_update
        return {"query": after.to_query(), "history": "push"}

    @app.callback(
        Output(_FILE, "data"),
        Input(_CSV, "n_clicks"),
        State(state.QUESTION, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def taken(clicks: int | None, question: dict[str, str], kept: object) -> object:
        if not clicks or ctx.triggered_id != _CSV:
            return no_update
        theirs = own.evidence_for(evidence, kept)
        chosen, _ = Filter.from_query(question["query"], theirs)
        return dcc.send_string(to_csv(chosen.apply(theirs), theirs.version), "studies.csv")


def serve(server: Flask, evidence: Evidence) -> None:
    """The whole list as a file; a reader's choice of it comes by the button of the page."""

    def whole() -> Response:
        content = to_csv(reports(evidence), evidence.version)
        named = {"Content-Disposition": "attachment; filename=studies.csv"}
        return Response(content, mimetype="text/csv", headers=named)

    server.add_url_rule(_WHOLE, "studies_csv", whole)


def _id(name: str) -> str:
    return f"studies-{name}"


def _control(name: str, chosen: Filter, evidence: Evidence) -> Component:
    common = {
        "id": _id(name),
        "label": _LABELS[name] or words.CAUSE_NAME,
        "value": getattr(chosen, name),
    }
    if name == "search":
        return dmc.TextInput(debounce=300, placeholder="name, title, country, DOI", **common)
    return dmc.Select(
        data=[{"value": "", "label": "Any"}, *_choices(name, evidence)],
        allowDeselect=False,
        checkIconPosition="right",
        **common,
    )


def _choices(name: str, evidence: Evidence) -> list[dict[str, str]]:
    choices = {
        "design": words.DESIGNS,
        "cause": {cause: cause for cause in causes()},
        "funding": {value: text for value, text in FUNDING.items() if value},
        "outcome": outcomes_in_hand(evidence),
        "missing": {"yes": "at least one result"},
    }[name]
    return [{"value": v, "label": text[:1].upper() + text[1:]} for v, text in choices.items()]


def _count(found: Sequence[Report], evidence: Evidence) -> str:
    total = len(reports(evidence))
    if not found:
        return f"None of the {total} reports fits. Choose less, or clear the search."
    silent = sum(bool(r.no_figure) for r in found)
    rows = sum(r.rows for r in found)
    some = f"{len(found)} of {total}" if len(found) < total else f"All {total}"
    missing = f"; {silent} of them report something without numbers" if silent else ""
    return f"{some} reports with {rows} reported results{missing}."


# --- the table -----------------------------------------------------------------------------------
_SHOWN = tuple(name for name in columns() if name not in ("title", "study_id"))
_WIDTHS = {"label": 210, "design": 185, "in_hand": 330, "no_figure": 180, "cause": 135,
           "funding": 135, "blinded": 140}  # fmt: skip
_NUMBERS = ("year", "n", "follow_up")
_SCREEN_ONLY = ("in_hand", "no_figure", "follow_up")
"""What paper leaves out: with these the list takes three times as many sheets."""
_WRAPPED = ("label", "in_hand", "no_figure")


def _table(found: Sequence[Report], chosen: Filter, visit: Visit) -> dict[str, object]:
    return {
        "rowData": [cells(report) for report in found],
        "columnDefs": [_column(name, chosen, visit) for name in _SHOWN],
        "defaultColDef": {"sortable": True, "resizable": True, "filter": False, "width": 130},
        "dashGridOptions": {
            "animateRows": False,
            "suppressCellFocus": False,
            "suppressMovableColumns": True,
            "suppressColumnVirtualisation": True,
            "suppressNoRowsOverlay": True,
            "enableCellTextSelection": True,
        },
        "getRowId": "params.data.study_id",
        "className": "ag-theme-quartz house-grid",
        "style": {"height": "36rem", "width": "100%"},
    }


def _column(name: str, chosen: Filter, visit: Visit) -> dict[str, object]:
    column: dict[str, object] = {
        "field": name,
        "headerName": columns()[name],
        "width": _WIDTHS.get(name, 110),
        "wrapHeaderText": True,
        "autoHeaderHeight": True,
    }
    if name in _SCREEN_ONLY:
        column["context"] = {"paper": False}
    if name in _NUMBERS:
        column |= {
            "type": "numericColumn",
            "width": 100,
            "valueFormatter": {"function": "params.value == null ? 'not stated' : params.value"},
        }
    if name in _WRAPPED:
        column |= {"wrapText": True, "autoHeight": True}
    if name == "label":
        column |= {"cellRenderer": "StudyLink", "pinned": None if visit.narrow else "left"}
    if name == chosen.sort.removeprefix("-"):
        column["sort"] = "desc" if chosen.sort.startswith("-") else "asc"
    return column


def _sort(columns: Sequence[dict]) -> str:
    """The filter's `sort` from the state of the grid's columns; columns that have no order give none."""
    by = next((c for c in columns if c.get("sort")), None)
    if by is None:
        return ""
    wished = f"{'-' if by['sort'] == 'desc' else ''}{by['colId']}"
    return Filter.from_query(f"sort={wished}")[0].sort


def _preview(evidence: Evidence, query: str) -> tuple[str, str]:
    chosen, _ = Filter.from_query(query, evidence)
    found = chosen.apply(evidence)
    kinds = Counter(report.design for report in found)
    said = ", ".join(f"{words.DESIGNS[d]}: {kinds[d]}" for d in words.DESIGNS if kinds[d])
    return PAGE.title, f"{_count(found, evidence)} By kind: {said}." if found else _count(found, evidence)


PAGE = Page(
    path="/studies",
    name="Studies",
    title="Studies",
    description="Every report here: kind of study, patients, funding, blinding, follow-up, and what it "
    "reported, with or without numbers.",
    layout=layout,
    connect=connect,
    serve=serve,
    preview=_preview,
    canonical=lambda query: "",  # one table, in which a reader searches
)
"""The table of reports."""
