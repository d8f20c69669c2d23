"""Parts of a page that say where the reader is, and what happened and what to do when a thing is not.

`notice` tells of a small surprise, `empty` of a question without an answer, `trouble` of a fault of
ours. Each says first what happened, then what to do.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis.topic import topic
from analysis.topic.read import PAGES

Children = Component | str | Sequence[Component | str]


def page(title: str, *content: Component, lede: Children | None = None) -> html.Article:
    """A page: its heading, one sentence under it, and the content."""
    return html.Article(
        [heading(title), *([html.P(lede, className="lede")] if lede else []), *content]
    )


def heading(title: str) -> html.H1:
    """The first heading; it takes the focus when the reader came by a link."""
    return html.H1(title, id="heading", tabIndex="-1")


def section(
    title: str, *content: Component, id: str | None = None, live: str = ""
) -> html.Section:
    """A part of a page with a heading of its own; `live`: what needs a server in it, for the published site."""
    named = ({"id": id} if id else {}) | ({"data-live": live} if live else {})
    return html.Section([html.H2(title), *content], **named)


def notice(lines: Sequence[str]) -> list[Component]:
    """What was not done as the reader may expect, one line each; nothing when there are no lines."""
    if not lines:
        return []
    return [html.Div([html.P(line) for line in lines], className="note", role="status")]


def empty(happened: str, to_do: Children) -> html.Div:
    """No answer: why, and what would give one."""
    return html.Div([html.P(html.Strong(happened)), html.P(to_do)], className="note")


def trouble(happened: str, to_do: Children) -> html.Div:
    """A fault of ours, in plain words."""
    return html.Div(
        [html.P(html.Strong(happened)), html.P(to_do)], className="note note-trouble", role="alert"
    )


def page_link(text: str, path: str) -> Component | str:
    """A link to a page; its name alone where the topic does not want that page."""
    wanted = topic().pages
    optional = path.strip("/") in PAGES
    return html.A(text, href=path) if not optional or path.strip("/") in wanted else text


def lost_page(path: str) -> html.Article:
    """What stands at an address that has no page, or one that the topic does not want."""
    if path.strip("/") in PAGES:
        return page(
            "Page not found",
            html.P(["Start from ", html.A("the first page", href="/"), "."]),
            lede=[f"The evidence on {topic().name} has no page ", html.Code(path[:120]), "."],
        )
    return page(
        "Page not found",
        html.P(
            [
                "The link may be old or incomplete. Start from ",
                html.A("the finding", href="/"),
                " or ask a question on ",
                html.A("Compare", href="/compare"),
                ".",
            ]
        ),
        lede=["There is no page at ", html.Code(path[:120]), "."],
    )
