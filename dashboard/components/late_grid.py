"""A sortable table (AG Grid, community edition) whose program is fetched only by the page that shows it.

Dash loads the scripts of every imported library on every page. AG Grid's are larger than all others
together, so they are marked as dynamic here: registered and served, but not loaded. `late_grid` puts a
description of the table on the page; `assets/late-grid.js` fetches the program, then hands it on.
"""

from __future__ import annotations

from typing import Any

import dash_ag_grid
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.fingerprint import build_fingerprint
from dash_ag_grid import AgGrid

for _script in dash_ag_grid._js_dist:
    if "async" not in _script:
        _script["dynamic"] = True

# The version in the address lets browsers keep the file; Dash wants a hexadecimal number behind it.
PROGRAM = "/_dash-component-suites/dash_ag_grid/" + build_fingerprint(
    "dash_ag_grid.min.js", dash_ag_grid.__version__, "0"
)


def late_grid(id: str, waiting: str, **properties: Any) -> html.Div:
    """A place for the grid: until the program is there, the sentence `waiting`.

    The page calls `connect` once with the same `id`.
    """
    return html.Div(
        [
            dcc.Store(id=_described(id), data=described(id, **properties)),
            html.Div(html.P(waiting, className="quiet"), id=_place(id), role="status"),
        ]
    )


def described(id: str, **properties: Any) -> dict[str, Any]:
    """The grid as it travels to the browser, and where its program is."""
    component = AgGrid(id=id, enableEnterpriseModules=False, **properties)
    return {"program": PROGRAM, "component": component.to_plotly_json()}


def output(id: str) -> Output:
    """Where a callback writes what `described` returns, to change what the table shows."""
    return Output(_described(id), "data")


def connect(app: Dash, id: str) -> None:
    """Register the step from the description to the table."""
    app.clientside_callback(
        ClientsideFunction("lateGrid", "show"),
        Output(_place(id), "children"),
        Input(_described(id), "data"),
    )


def _described(id: str) -> str:
    return f"{id}-described"


def _place(id: str) -> str:
    return f"{id}-place"
