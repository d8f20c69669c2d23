"""My data: bring any file, see what it says by itself, set it beside the published studies, download it."""

from __future__ import annotations

import hashlib
import json

import dash_mantine_components as dmc
from dash import (
    ALL,
    MATCH,
    ClientsideFunction,
    Dash,
    Input,
    Output,
    State,
    ctx,
    dcc,
    html,
    no_update,
)
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.evidence.own import (
    MOST_STUDIES,
    OwnRows,
    TooMuch,
    is_hypothetical,
)
from analysis.reading import Unreadable
from analysis.reading.mapping import WrongChoice
from analysis.review.opening import Brought as Read
from analysis.review.opening import studies_of
from analysis.upload import write
from analysis.upload.files import LIMITS
from analysis.wanted.beside import lay_beside
from dashboard import own
from dashboard.components import own_beside, own_file, own_review
from dashboard.components.graph import table
from dashboard.components.page_parts import empty, heading, section
from dashboard.page import Page, Visit

_FILE = "own-file"
_CHOSEN = "own-chosen"
_QUESTIONS = "own-questions"
_POOLING = "own-pooling"
_RESULT = "own-result"
_JOIN = "own-join"
_MAPPING = "own-mapping"
_SETTINGS = "own-settings-of-file"
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
            dcc.Store(id=_CHOSEN),
            heading("My data"),
            html.P(
                "Bring a file of any review, on any outcome or topic, and see what it says by itself; or set trials of "
                "this topic beside the published ones, in every answer, figure and table, marked as yours. Your rows "
                "stay in this browser tab. Nothing is stored on the server; when you close the tab they are gone.",
                className="lede",
            ),
            section("Kept in this tab", html.Div(id=_KEPT), id="kept"),
            section(
                "Bring a file",
                html.P(
                    "CSV or text, Excel, LibreOffice, RevMan, JASP, Stata and others. Columns are known by the names "
                    "that metafor, meta, RevMan, JASP and plain English give them; others are matched below. What the "
                    "file does not decide is asked. Formulas are not calculated: only the values stored beside them "
                    "count."
                ),
                html.P(
                    f"At most {LIMITS.bytes // 1_000_000} MB and {LIMITS.rows:,} rows; "
                    f"{MOST_STUDIES} studies beside the "
                    "published ones.",
                    className="quiet",
                ),
                html.Div([_take(k, label) for k, label in _TEMPLATES.items()], className="own-acts"),
                dcc.Upload(
                    html.Span("Choose a file, or drop it here"),
                    id=_FILE,
                    className="own-drop",
                    multiple=True,
                    max_size=-1,
                ),
                html.Div(id=_SAID, role="status"),
                html.Div(id=_QUESTIONS),
                html.Div(id=_RESULT),
                html.Div(id=_POOLING, className="own-settings"),
                html.Div(
                    [
                        html.H3("Beside the published studies", id="own-preview-heading"),
                        html.Div(
                            dmc.Button("Include them", id=_INCLUDE, n_clicks=0, variant="default"),
                            id=_ACTS,
                            hidden=True,
                        ),
                        html.Div(id=_PREVIEW),
                        html.Div(id=_SETTINGS),
                    ],
                    id=_JOIN,
                    hidden=True,
                ),
                html.Div(id=_MAPPING),
                id="bring",
            ),
            section(
                "What if a new trial had found ...",
                html.P(
                    [
                        "On ",
                        html.A("Compare", href="/compare#what-if"),
                        " a hypothetical trial can be added to any comparison, to see how the answer changes.",
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
    file = {"contents": Input(_FILE, "contents"), "called": State(_FILE, "filename")}

    def controls(kind: type) -> dict[str, object]:
        """The controls that say how the file is read."""
        return {
            "chosen": kind(_CHOSEN, "data"),
            "roles": kind({"own-column": ALL, "of": ALL}, "value"),
            "columns": State({"own-column": ALL, "of": ALL}, "id"),
            "settings": kind({"own-setting": ALL}, "value"),
            "names": State({"own-setting": ALL}, "id"),
            "pooling": kind({"own-review": ALL}, "value"),
            "pools": State({"own-review": ALL}, "id"),
        }

    @app.callback(
        output={"said": Output(_SAID, "children"), "mapping": Output(_MAPPING, "children"),
                "pooling": Output(_POOLING, "children"), "settings": Output(_SETTINGS, "children")},
        inputs={**file, "chosen": Input(_CHOSEN, "data"), "there": State(_SETTINGS, "children")},
        prevent_initial_call=True,
    )  # fmt: skip
    def brought(contents: object, called: object, chosen: object, there: object) -> dict[str, object]:
        nothing = {"said": [], "mapping": [], "pooling": [], "settings": []}
        if not contents:
            return nothing
        again = ctx.triggered_id == _CHOSEN and bool(there)  # what the reader set there stays
        try:
            found = own_file.brought(contents, called)
            if found.opened is None:
                return {**nothing, "mapping": own_file.tables_panel(found)}
            choices, _ = own_review.choices_from(chosen, _mark(contents), {})
            picked = own_file.picked_of(found, choices)
        except (Unreadable, WrongChoice) as error:
            return {**nothing, "said": [empty("This file cannot be used.", _said(error))]}
        if picked.table is None:
            return nothing
        return {
            "said": [],
            "mapping": own_file.columns_panel(picked.table, picked.choices),
            "pooling": own_review.pooling_panel(picked.table),
            "settings": no_update if again else own_file.settings_panel(),
        }

    # Nothing of an earlier file stays under a new one, whatever becomes of the new one.
    app.clientside_callback(
        ClientsideFunction("own", "cleared"),
        Output(_QUESTIONS, "children", allow_duplicate=True),
        Output(_RESULT, "children", allow_duplicate=True),
        Output(_PREVIEW, "children", allow_duplicate=True),
        Output(_ACTS, "hidden", allow_duplicate=True),
        Input(_FILE, "contents"),
        prevent_initial_call=True,
    )

    @app.callback(
        output={"questions": Output(_QUESTIONS, "children"), "result": Output(_RESULT, "children"),
                "preview": Output(_PREVIEW, "children"), "join": Output(_JOIN, "hidden"),
                "acts": Output(_ACTS, "hidden"), "label": Output(_INCLUDE, "children")},
        inputs={**file, **controls(Input), "kept": State(own.STORE, "data")},
        prevent_initial_call=True,
    )  # fmt: skip
    def previewed(contents, called, kept, **how) -> dict[str, object]:
        nothing = {
            "questions": [],
            "result": [],
            "preview": [],
            "join": True,
            "acts": True,
            "label": no_update,
        }
        if not contents:
            return nothing
        try:
            found = own_file.brought(contents, called)
            choices, options, given = _choices(found, contents, **how)
            read = _read(found, choices)
            checked = _checked(found, choices, how, given)
        except (Unreadable, WrongChoice) as error:
            wrong = [empty("This file cannot be read so.", _said(error))]
            again = own_review.questions_panel(
                (), own_review.answers(how["chosen"], _mark(contents))
            )
            return {
                **nothing,
                "result": wrong if isinstance(error, WrongChoice) else [],
                "questions": again,
            }
        asked = read.studies.questions if read else ()
        # nothing to pool and nothing to include: what the columns hold comes first
        nothing_yet = read is not None and not read.studies.labels and not checked.review.sound.studies
        return {
            "questions": own_review.questions_panel(asked, given),
            "result": own_review.result_panel(read, options) if read else [],
            "preview": own_beside.beside_parts(checked, evidence)
            + own_file.preview_parts(checked.review, evidence, own.kept_rows(kept)),
            "join": bool(asked) or nothing_yet,
            "acts": not checked.review.sound.studies,
            "label": own_beside.label_of(checked),
        }

    # One column's change is undone without the others'.
    column = {"own-column": MATCH, "of": MATCH}
    app.clientside_callback(
        ClientsideFunction("own", "differs"),
        Output({**column, "part": "undo"}, "hidden"),
        Input(column, "value"),
        State({**column, "part": "undo"}, "data-was"),
    )
    app.clientside_callback(
        ClientsideFunction("own", "undone"),
        Output(column, "value"),
        Input({**column, "part": "undo"}, "n_clicks"),
        State({**column, "part": "undo"}, "data-was"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(_CHOSEN, "data"),
        Input({"own-answer": ALL}, "value"),
        Input({"own-again": ALL}, "n_clicks"),
        State(_CHOSEN, "data"),
        State(_FILE, "contents"),
        prevent_initial_call=True,
    )
    def answered(values, clicks, chosen, contents) -> object:
        """What the reader answered, kept with the mark of the file that was asked about."""
        mark = _mark(contents)
        given = own_review.answers(chosen, mark)
        if isinstance(ctx.triggered_id, dict) and "own-again" in ctx.triggered_id:
            gone = ctx.triggered_id["own-again"]
            kept = [list(pair) for i, pair in enumerate(given) if gone not in ("all", str(i))]
            return {"mark": mark, "options": kept} if any(clicks) else no_update
        more = [list(pair) for value in values for pair in own_review.chosen(value)]
        if not more:
            return no_update
        return {"mark": mark, "options": [*map(list, given), *more]}

    @app.callback(
        Output(_CHOSEN, "data", allow_duplicate=True),
        Input({"own-match": ALL, "was": ALL}, "value"),
        State({"own-match": ALL, "was": ALL}, "id"),
        State(_CHOSEN, "data"),
        State(_FILE, "contents"),
        prevent_initial_call=True,
    )
    def matched(values, ids, chosen, contents) -> object:
        """Which published trials the reader says the studies of the file are."""
        mark = _mark(contents)
        pairs = zip(ids, values, strict=True)
        more = [
            own_beside.heard(i["own-match"], v)
            for i, v in pairs
            if isinstance(v, str) and v != i["was"]
        ]
        if not more:
            return no_update  # the controls have just been built
        return {"mark": mark, "options": [*map(list, own_review.answers(chosen, mark)), *more]}

    @app.callback(
        output={"kept": Output(own.STORE, "data"), "said": Output(_SAID, "children", allow_duplicate=True)},
        inputs={"clicks": Input(_INCLUDE, "n_clicks"), "contents": State(_FILE, "contents"),
                "called": State(_FILE, "filename"), **controls(State), "kept": State(own.STORE, "data")},
        prevent_initial_call=True,
    )  # fmt: skip
    def included(clicks, contents, called, kept, **how) -> dict[str, object]:
        if not clicks or not contents:
            return {"kept": no_update, "said": no_update}
        try:
            found = own_file.brought(contents, called)
            choices, _, given = _choices(found, contents, **how)
            together = own.kept_rows(kept) + _checked(found, choices, how, given).review.sound
            together.within_limits()
        except (Unreadable, WrongChoice, TooMuch) as error:
            return {"kept": no_update, "said": [empty("Nothing was included.", _said(error))]}
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

    def _checked(found, choices, how, given):
        """The rows for the published studies, reviewed against them and matched with them."""
        names = [i["own-setting"] for i in how["names"] or []]
        chosen = {
            n: "" if v == "-" else v for n, v in zip(names, how["settings"] or [], strict=False)
        }
        rows = own_file.candidate(found, choices, own_file.settings_of(chosen))
        return lay_beside(rows, evidence, own_beside.said_by(given))


def _choices(found, contents, *, chosen, roles, columns, pooling, pools, **_):
    """What the reader chose, how to pool, and the answers given to questions."""
    mark = _mark(contents)
    controls = dict(zip([i["own-review"] for i in pools or []], pooling or [], strict=False))
    given = own_review.answers(chosen, mark)
    choices, options = own_review.choices_from(chosen, mark, controls)
    if found.opened is None:
        return choices, options, given
    table_ = own_file.picked_of(found, choices).table
    if table_ is None:
        return choices, options, given
    choices = own_review.of_table(choices, table_)
    return own_file.choices_of(table_, roles or [], columns or [], choices), options, given


def _read(found: own_file.Brought, choices) -> Read | None:
    """What the file says by itself; None for tables in the format of this project."""
    return None if found.opened is None else studies_of(found.opened, choices)


def _mark(contents: object) -> str:
    """Tells one file from another, so that answers about one are never taken for the next."""
    return hashlib.sha256(json.dumps(contents).encode()).hexdigest()[:12]


def _said(error: Exception) -> str:
    text = str(error)
    return text if text.endswith(".") else f"{text}."


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
    name="My data",
    title="My data",
    description="Bring a trial or a review of your own, and see it beside the published studies; it stays in your tab.",
    layout=layout,
    connect=connect,
    published=lambda evidence: (),
)
