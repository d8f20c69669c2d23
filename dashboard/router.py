"""From the address to the page. `assets/place.js` says where the reader is; this builds what is there."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, dcc
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.topic import topic
from dashboard import own, state
from dashboard.components.downloads import page_tools
from dashboard.components.page_parts import lost_page
from dashboard.page import Visit
from dashboard.pages import page_at, pages
from dashboard.places import navigation
from dashboard.terms import marked

CONTENT = "content"
NAVIGATION = "navigation"
DATA_VERSION = "data-version"
TOOLS = "page-tools"
_ARRIVAL = "arrival"
_ADDRESS = "address"


def stores() -> list[Component]:
    """What the routing keeps in the browser: the place, and what was shown last."""
    return [
        dcc.Store(id=state.PLACE),
        dcc.Store(id=_ARRIVAL),
        dcc.Store(id=_ADDRESS),
        *own.stores(),
    ]


def window_title(path: str) -> str:
    page = page_at(path)
    return f"{page.title if page else 'Page not found'} | {topic().site}"


def connect(app: Dash, evidence: Evidence) -> None:
    """Register the routing and the callbacks of every page."""

    @app.callback(
        Output(CONTENT, "children"),
        Output(NAVIGATION, "children"),
        Output(_ARRIVAL, "data"),
        Output(own.BANNER, "children"),
        Output(DATA_VERSION, "children"),
        Output(TOOLS, "children"),
        Input(state.PLACE, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def arrive(place: dict, kept: dict | None) -> tuple:
        visit = Visit.from_browser(place)
        page = page_at(visit.path)
        theirs = own.evidence_for(evidence, kept)
        return (
            marked(page.layout(theirs, visit)) if page else lost_page(visit.path),
            navigation(visit.path, visit.query),
            {"title": window_title(visit.path)},
            own.banner(kept, theirs),
            own.footer_line(theirs),
            page_tools(page.path, visit.query) if page else [],
        )

    app.clientside_callback(
        ClientsideFunction("place", "start"),
        Output(state.PLACE, "data"),
        Input(state.PLACE, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("place", "arrived"),
        Output(_ARRIVAL, "id"),
        Input(_ARRIVAL, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("place", "remember"),
        Output(_ADDRESS, "data"),
        Input(state.QUESTION, "data"),
    )
    own.connect(app)
    for page in pages():
        page.connect(app, evidence)
