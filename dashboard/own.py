"""A reader's own studies in the browser: one store in the tab, merged into the evidence request by request.

The rows live in the tab's session storage and nowhere else; they come with each request, are checked
again, and are forgotten with the answer. Every callback that answers from evidence takes them:

- `state.inputs` brings them to callbacks of controls: ``change.evidence(evidence)``;
- any other callback adds ``State(own.STORE, "data")`` and calls `evidence_for`;
- a page's `layout` is given evidence into which they are merged already (`dashboard.router`).

`assets/own.js` writes the store when the reader switches them from the banner, and asks for the page again.
"""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.evidence.own import OwnRows, TooMuch, counted, is_hypothetical, with_own
from analysis.survey.provenance import newest

STORE = "own-rows"
BEFORE = "own-before"
"""Rows as they were before the reader removed some, for as long as they can be brought back."""
BANNER = "own-banner"
PAGE = "/own"


def stores() -> list[Component]:
    """Where the rows are kept: for as long as the tab is open, for this tab alone."""
    return [dcc.Store(id=STORE, storage_type="session"), dcc.Store(id=BEFORE)]


def kept_rows(kept: object) -> OwnRows:
    """What the tab keeps; nothing where it is more than the limits allow."""
    try:
        return OwnRows.from_store(kept)
    except TooMuch:
        return OwnRows()


def connect(app: Dash) -> None:
    """The page on screen is asked for again when the rows change."""
    app.clientside_callback(
        ClientsideFunction("own", "changed"),
        Output(STORE, "clear_data"),
        Input(STORE, "data"),
        prevent_initial_call=True,
    )


def evidence_for(evidence: Evidence, kept: object) -> Evidence:
    """The evidence of one request: the shipped one, with what the reader's tab keeps.

    Raises nothing: rows that the rules refuse are left out, and more than the limits allow is left out whole
    (the banner says so).
    """
    if not kept:
        return evidence
    try:
        return with_own(evidence, OwnRows.from_store(kept))
    except TooMuch:
        return evidence


def banner(kept: object, evidence: Evidence) -> list[Component]:
    """What stands above every page while a reader keeps own studies; `evidence` is that of the visit."""
    if not kept:
        return []
    try:
        own = OwnRows.from_store(kept)
    except TooMuch as error:
        return [_bar(f"Your own studies are not included: {error}.", [_button("Remove", "drop")])]
    if not own.studies:
        return []
    if not evidence.personal:
        words = f"{_counted(_ids(own))} kept in this tab, and not included in what you see."
        return [_bar(words, [_button("Switch on", "on"), _MANAGE], quiet=True)]
    parts = [f"{_counted(sorted(evidence.own))} included in every answer to the same question."]
    if own.only:
        parts.append("The published studies are left out.")
    buttons = [_button("Switch off", "off")]
    if any(map(is_hypothetical, evidence.own)):
        parts.append("What is hypothetical is not evidence.")
        buttons.append(_button("Remove what is hypothetical", "drop-hypothetical"))
    return [_bar(" ".join(parts), [*buttons, _MANAGE])]


def footer_line(evidence: Evidence) -> str:
    """What the footer says of the data; downloaded pictures print it, too."""
    faults = len(evidence.faults)
    left_out = "" if not faults else f", {faults} faults left out"
    year = newest(evidence)[0]
    until = f" up to {year}" if year else ""
    line = f"{len(evidence.studies)} reports{until}{left_out}. Data version {evidence.version}."
    if evidence.personal:
        line += f" {_counted(sorted(evidence.own))} included: not part of the published evidence."
    return line


def _ids(own: OwnRows) -> list[str]:
    return [row.get("study_id", "") for row in own.studies]


def _counted(names: list[str]) -> str:
    """How many, and of which kind, with the verb that follows."""
    return f"{counted(names)} {'is' if len(names) == 1 else 'are'}"


_MANAGE = html.A("Manage", href=PAGE)


def _button(label: str, act: str) -> Component:
    return html.Button(label, type="button", className="link-button", **{"data-own": act})


def _bar(words: str, links: list[Component], quiet: bool = False) -> Component:
    return html.Div(
        [html.P(words), html.Div(links, className="own-acts")],
        className="own-bar own-quiet" if quiet else "own-bar",
        role="status",
    )
