"""Your studies: bring a file, see what is in it, include it, switch it, take it away again."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.evidence.own import (
    MOST_STUDIES,
    OwnRows,
    TooMuch,
    is_hypothetical,
)
from analysis.upload import write
from analysis.upload.files import MOST_BYTES, MOST_ROWS, UploadError
from dashboard import own
from dashboard.components import own_file
from dashboard.components.graph import table
from dashboard.components.page_parts import empty, heading, section
from dashboard.page import Page, Visit

_FILE = "own-file"
_MAPPING = "own-mapping"
_PREVIEW = "own-preview"
_INCLUDE = "own-include"
_ACTS = "own-include-acts"
_SAID = "own-said"
_KEPT = "own-kept"
_TAKEN = "own-taken"
_TEMPLATES = {"template-xlsx": "Template (XLSX)", "template-csv": "Template (CSV)"}
_ROWS = {"rows-xlsx": "Your rows (XLSX)", "rows-csv": "Your rows (CSV, zipped)"}
_BUTTON = "own-take"


def layout(evidence: Evidence, visit: Visit) -> Component:
    return html.Article(
        [
            dcc.Download(id=_TAKEN),
            heading("Your studies"),
            html.P(
                "Bring a trial, or a whole review of your own, and see it beside the published studies: in every "
                "answer, figure and table, marked as yours. Your rows stay in this browser tab. Nothing is stored "
                "on the server; when you close the tab they are gone.",
                className="lede",
            ),
            section("Kept in this tab", html.Div(id=_KEPT), id="kept"),
            section(
                "Bring a file",
                html.P(
                    "One row per study under the column names of the R package metafor (ai, n1i, ci, n2i; m1i, "
                    "sd1i, n1i and so on; xi, ni; yi with vi or sei), or sheets in the format of this project's "
                    "own tables. Other column names can be matched by hand. CSV in any dialect, XLSX, XLS and ODS "
                    "are read, and files of RevMan, JASP, jamovi and Stata. Formulas are not worked out: only the "
                    "values stored beside them count."
                ),
                html.P(
                    f"At most {MOST_BYTES // 1_000_000} MB, {MOST_ROWS:,} rows and {MOST_STUDIES} studies.",
                    className="quiet",
                ),
                html.Div([_take(k, label) for k, label in _TEMPLATES.items()], className="own-acts"),
                dcc.Upload(
                    html.Span("Choose a file, or drop it here"),
                    id=_FILE,
                    className="own-drop",
                    multiple=True,
                ),
                html.Div(id=_SAID, role="status"),
                html.Div(id=_MAPPING),
                html.Div(id=_PREVIEW),
                html.Div(
                    dmc.Button("Include them", id=_INCLUDE, n_clicks=0, variant="default"), id=_ACTS, hidden=True
                ),
                id="bring",
            ),
            section(
                "What if a new trial had found ...",
                html.P(
                    [
                        "On ",
                        html.A("Compare", href="/compare#what-if"),
                        " a hypothetical trial can be added to any comparison, to see the answer move.",
                    ]
                ),
                id="what-if-here",
            ),
        ],
        **{"data-holds-work": "yes"},
    )  # fmt: skip


def _take(kind: str, label: str) -> Component:
    return dmc.Button(label, id={_BUTTON: kind}, variant="default", size="compact-md", n_clicks=0)


def connect(app: Dash, evidence: Evidence) -> None:
    read = {
        "roles": Input({"own-column": ALL}, "value"),
        "settings": Input({"own-setting": ALL}, "value"),
        "names": State({"own-setting": ALL}, "id"),
    }

    @app.callback(
        Output(_SAID, "children"),
        Output(_MAPPING, "children"),
        Input(_FILE, "contents"),
        State(_FILE, "filename"),
        prevent_initial_call=True,
    )
    def brought(contents: object, called: object) -> tuple:
        try:
            found = own_file.brought(contents, called)
        except UploadError as error:
            return [empty("This file cannot be used.", f"{error}.")], []
        return [], own_file.mapping(found)

    @app.callback(
        output={"preview": Output(_PREVIEW, "children"), "acts": Output(_ACTS, "hidden"),
                "label": Output(_INCLUDE, "children")},
        inputs={"contents": Input(_FILE, "contents"), "called": State(_FILE, "filename"), **read,
                "kept": State(own.STORE, "data")},
        prevent_initial_call=True,
    )  # fmt: skip
    def previewed(contents, called, roles, settings, names, kept) -> dict[str, object]:
        nothing = {"preview": [], "acts": True, "label": no_update}
        if not contents:
            return nothing
        try:
            checked = _checked(contents, called, roles, settings, names, evidence)
        except UploadError:
            return nothing
        n, out = len(checked.sound.studies), checked.left_out
        rest = f"; leave {out} {'row' if out == 1 else 'rows'} out" if out else ""
        return {
            "preview": own_file.preview_parts(checked, evidence, own.kept_rows(kept)),
            "acts": n == 0,
            "label": f"Include {n} {'study' if n == 1 else 'studies'}{rest}",
        }

    @app.callback(
        output={"kept": Output(own.STORE, "data"), "said": Output(_SAID, "children", allow_duplicate=True)},
        inputs={"clicks": Input(_INCLUDE, "n_clicks"), "contents": State(_FILE, "contents"),
                "called": State(_FILE, "filename"),
                "roles": State({"own-column": ALL}, "value"),
                "settings": State({"own-setting": ALL}, "value"),
                "names": State({"own-setting": ALL}, "id"), "kept": State(own.STORE, "data")},
        prevent_initial_call=True,
    )  # fmt: skip
    def included(clicks, contents, called, roles, settings, names, kept) -> dict[str, object]:
        if not clicks or not contents:
            return {"kept": no_update, "said": no_update}
        try:
            checked = _checked(contents, called, roles, settings, names, evidence)
            together = own.kept_rows(kept) + checked.sound
            together.within_limits()
        except (UploadError, TooMuch) as error:
            return {"kept": no_update, "said": [empty("Nothing was included.", f"{error}.")]}
        return {"kept": together.to_store(), "said": []}

    @app.callback(Output(_KEPT, "children"), Input(own.STORE, "data"), Input(own.BEFORE, "data"))
    def listed(kept: object, before: object) -> list[Component]:
        return _listed(kept, before, evidence)

    @app.callback(
        Output(_TAKEN, "data"),
        Input({_BUTTON: ALL}, "n_clicks"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def taken(clicks: list[int], kept: object) -> object:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            return no_update
        if not ctx.triggered[0]["value"]:
            return no_update  # the button has just been built
        kind = ctx.triggered_id[_BUTTON]
        if kind == "template-csv":
            return dcc.send_bytes(write.template_csv(), "studies-template.csv")
        if kind == "template-xlsx":
            return dcc.send_bytes(write.template_xlsx(), "studies-template.xlsx")
        rows = own.kept_rows(kept)
        if kind == "rows-csv":
            return dcc.send_bytes(write.rows_csv(rows), "your-studies.zip")
        return dcc.send_bytes(write.rows_xlsx(rows), "your-studies.xlsx")


def _checked(contents, called, roles, settings, names, evidence):
    """The reader's file, read as the controls say and reviewed."""
    found = own_file.brought(contents, called)
    chosen = {
        i["own-setting"]: "" if v == "-" else v for i, v in zip(names or [], settings or [], strict=False)
    }  # fmt: skip
    wanted = ["" if r in (None, "-") else str(r) for r in roles or found.roles]
    if found.flat is not None and len(wanted) != len(found.flat.grid.header):
        wanted = list(found.roles)  # the controls are still those of the file before
    rows = own_file.candidate(found, wanted, own_file.settings_of(chosen))
    return own_file.reviewed(rows, evidence)


# --- what is kept --------------------------------------------------------------------------------
def _listed(kept: object, before: object, evidence: Evidence) -> list[Component]:
    undo = [_undo()] if before else []
    try:
        rows = OwnRows.from_store(kept)
    except TooMuch as error:
        return [empty("Your own studies cannot be used.", f"{error}.")]
    if not rows.studies:
        return [html.P("Nothing yet."), *undo]
    return [
        _switches(rows),
        _studies(rows),
        html.Div(
            [*(_take(k, label) for k, label in _ROWS.items()), _act("Remove all", "drop"), *undo],
            className="own-acts",
        ),
        html.H3("What they say, each on its own"),
        own_file.effects_table(rows, evidence, "Your studies, each on its own, with links to the answers"),
    ]  # fmt: skip


def _switches(rows: OwnRows) -> Component:
    included = _act("Switch all off", "off") if rows.active else _act("Switch all on", "on")
    alone = (
        _act("Answer from published studies, too", "also")
        if rows.only
        else _act("Answer from my studies alone", "only")
    )
    state = "included in every answer" if rows.active else "not included in any answer"
    among = "; the published studies are left out" if rows.only and rows.active else ""
    return html.Div([html.P(f"They are {state}{among}."), included, alone], className="own-acts")


def _studies(rows: OwnRows) -> Component:
    cells = []
    for study in rows.studies:
        name = study.get("study_id", "")
        label = study.get("label") or name
        off = name in rows.off
        number = sum(r.get("study_id") == name for r in (*rows.arm_results, *rows.contrasts))
        cells.append(
            [
                label,
                "hypothetical" if is_hypothetical(name) else "your study",
                f"{number} {'row' if number == 1 else 'rows'} of results",
                "left out" if off or not rows.active else "included",
                html.Div(
                    [
                        _act("Include" if off else "Leave out", "study-on" if off else "study-off", name, label),
                        _act("Remove", "remove", name, label),
                    ],
                    className="own-acts",
                ),
            ]
        )  # fmt: skip
    return table(("Study", "Kind", "Holds", "Now", "Change"), cells, "Your studies in this tab")


def _act(words: str, act: str, study: str = "", label: str = "") -> Component:
    named = {"data-own": act, **({"data-study": study} if study else {})}
    if label:
        named["aria-label"] = f"{words}: {label}"
    return html.Button(words, type="button", className="link-button", **named)


def _undo() -> Component:
    return html.Span(["Removed. ", _act("Undo", "undo")])


PAGE = Page(
    path=own.PAGE,
    name="Your studies",
    title="Your studies",
    description="Bring a trial or a review of your own, and see it beside the published studies; it stays in your tab.",
    layout=layout,
    connect=connect,
)
