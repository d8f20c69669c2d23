"""Tables are made faster than Dash makes them, and travel to the browser as its own would."""

from __future__ import annotations

from dash import html
from dash._utils import to_json

from dashboard.components.graph import table


def test_a_table_is_written_as_one_of_dashs_own_components():
    link = html.A("source", href="/study?id=a", className="quiet")
    rows = [["Trial A", 1.5, link], ["Trial B", "", [link, " and more"]]]
    body = html.Tbody(
        [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows]
    )
    made = table(("Trial", "Effect", "Source"), rows, "Trials").children
    assert to_json(made.children[2]) == to_json(body)


def test_cells_share_nothing_that_one_of_them_could_change():
    first, second = table(("a", "b"), [["x", "y"], ["z", "w"]], "c").children.children[2].children
    first.children[1].children = "changed"
    assert second.children[1].children == "w"
    assert [cell._type for cell in second.children] == ["Th", "Td"]
