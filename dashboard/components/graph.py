"""A figure on a page: the drawing, its caption, the same numbers as a table, and what a picture of it is called.

A screen reader meets the caption and the table; the drawing is hidden from it
(`assets/plotly-on-page.js`). The colours of text and axes follow the page's scheme there, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

GRAPH_CONFIG: dict[str, Any] = {
    # plotly.js would offer to upload the figure to a service outside: never on this page
    "showSendToCloud": False,
    "displaylogo": False,
    # pictures are in the page's menu; a toolbar over the figure would cover labels
    "displayModeBar": False,
    "scrollZoom": False,
    "responsive": True,
}
"""For every `dcc.Graph` of the dashboard."""


def graph(id: str, figure: go.Figure | dict[str, Any], **options: Any) -> dcc.Graph:
    """The drawing alone; `figure_block` is what pages show."""
    shown = figure.to_dict() if isinstance(figure, go.Figure) else figure
    height = shown.get("layout", {}).get("height")
    style = {"height": f"{height}px"} if height else {}
    return dcc.Graph(id=id, figure=shown, config=GRAPH_CONFIG, style=style, **options)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Component | str | float | int]], caption: str
) -> html.Div:
    """A plain table; the first column names the row. Wider than a phone, it scrolls by itself."""
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in columns]))
    body = html.Tbody(
        [
            _filled(_ROW, [_filled(_NAME, row[0]), *(_filled(_CELL, cell) for cell in row[1:])])
            for row in rows
        ]
    )
    return html.Div(
        html.Table([html.Caption(caption), head, body]),
        className="table-frame",
        tabIndex="0",
        role="region",
        **{"aria-label": caption},
    )


def _plain(model: Component, *names: str) -> Component:
    """A component to copy, of which only these properties are ever written down."""
    model._prop_names, model._valid_wildcard_attributes = ["children", *names], []
    return model


_ROW, _CELL = _plain(html.Tr()), _plain(html.Td())
_NAME = _plain(html.Th(scope="row"), "scope")


def _filled(model: Component, children: object) -> Component:
    """The same component around other content. A page may have a thousand cells: Dash's constructor compares each
    argument with a list of its own, and so takes longer than the answer that the cells tell."""
    made = object.__new__(type(model))
    made.__dict__.update(model.__dict__, children=children)
    return made


def figure_block(
    id: str,
    figure: go.Figure | dict[str, Any],
    *,
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Component | str | float | int]],
    file_name: str,
    title: str = "",
    caption_shown: bool = True,
    sized: str = "",
    foot: str = "",
    spoken: Sequence[str] = (),
    pooled: Sequence[int] = (),
) -> html.Figure:
    """A figure with everything that belongs to it.

    Parameters
    ----------
    id : of the block; the graph inside is ``{id}-graph``, for callbacks and clicks.
    figure : built by `analysis.figures`; it knows nothing of pages.
    caption : what the figure shows, as a sentence with its numbers; also the text alternative.
    columns, rows : the same numbers as a table; the first cell of a row names it.
    file_name : of a downloaded picture, without the ending.
    title : stands above a downloaded picture; the caption where none is given.
    caption_shown : off where the page around the figure already says it; screen readers still meet it.
    sized : address that gives this figure in a size, with ``{size}`` for its name; without one the
        browser itself fits the figure to the shape of a slide.
    foot : stands below a downloaded picture, before where the data come from: question, studies, meaning.
    spoken : of the columns, those that are read out to one who walks the rows by keyboard; all where none is named.
    pooled : rows that are a pooled result and no study; they are announced as such.
    """
    return html.Figure(
        [
            html.Div(
                graph(f"{id}-graph", figure),
                tabIndex="0",
                role="group",
                **{
                    "data-walk": "-1",
                    "data-spoken": " ".join(str(columns.index(name)) for name in spoken),
                    "data-pooled": " ".join(map(str, pooled)),
                    "aria-label": "Figure. The arrow keys read its rows.",
                    "aria-describedby": f"{id}-caption",
                },
            ),
            html.P(className="figure-voice for-readers", role="status"),
            html.Figcaption(
                caption, id=f"{id}-caption", className="" if caption_shown else "for-readers"
            ),
            html.Details(
                [html.Summary("The same numbers as a table"), table(columns, rows, caption)],
                className="figure-foot",
            ),
        ],
        id=id,
        className="figure-block",
        **{
            "aria-labelledby": f"{id}-caption",
            "data-name": file_name,
            "data-title": title or caption,
            "data-sized": sized,
            "data-foot": foot,
        },
    )

