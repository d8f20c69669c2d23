"""A table of hundreds of rows, drawn by the browser from its texts and links (`assets/long-table.js`).

As components every cell would be one: Dash asks each new one of all others, so that two hundred rows keep a
browser busy for seconds. `graph.table` is for tables of usual length, and for pages that are kept as files.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import MATCH, ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

Cell = Component | str
_ROWS, _PLACE = "long-table-rows", "long-table"


def long_table(name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], caption: str) -> html.Div:
    """The table; a cell is a text, or a link or span that holds one. `name` is unique on its page.

    A page that shows one calls `connect` once.
    """
    described = {"columns": list(columns), "caption": caption, "rows": [[_plain(c) for c in row] for row in rows]}
    return html.Div(
        [
            dcc.Store(id={"type": _ROWS, "of": name}, data=described),
            html.Div(
                id={"type": _PLACE, "of": name}, className="table-frame", tabIndex="0", role="region",
                **{"aria-label": caption},
            ),
        ]
    )  # fmt: skip


def connect(app: Dash) -> None:
    """Register the step from the texts to the table."""
    app.clientside_callback(
        ClientsideFunction("longTable", "draw"),
        Output({"type": _PLACE, "of": MATCH}, "data-rows"),
        Input({"type": _ROWS, "of": MATCH}, "data"),
    )


def _plain(cell: Cell) -> str | dict[str, str]:
    """A text, or the text and address of a link."""
    if isinstance(cell, str):
        return cell
    text = str(getattr(cell, "children", ""))
    return {"text": text, "href": cell.href} if isinstance(cell, html.A) else text
