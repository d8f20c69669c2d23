"""What a page is, and what it is told about a visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dash import Dash
from dash.development.base_component import Component
from flask import Flask

from analysis.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page.

    Parameters
    ----------
    path, query : the address, without the question mark.
    narrow : the window is too narrow for side columns (a phone); figures put labels above rows.
    """

    path: str = "/"
    query: str = ""
    narrow: bool = False

    @classmethod
    def from_browser(cls, place: Mapping[str, object] | None) -> Visit:
        """Read what `assets/place.js` keeps in the store ``place``.

        >>> Visit.from_browser({"path": "/compare", "query": "v=1", "narrow": True})
        Visit(path='/compare', query='v=1', narrow=True)
        """
        place = place or {}
        return cls(
            path=str(place.get("path") or "/"),
            query=str(place.get("query") or ""),
            narrow=bool(place.get("narrow")),
        )


def _no_files(server: Flask, evidence: Evidence) -> None:
    """Most pages have no files of their own."""


def _no_callbacks(app: Dash, evidence: Evidence) -> None:
    """Most pages only show."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the dashboard.

    Parameters
    ----------
    path : where it lives, for example ``/compare``.
    name : its name in the navigation; short.
    title : the window's title, before the name of the site.
    description : one sentence for search engines and link previews.
    layout : builds the page's content; its first heading is an `html.H1`.
    connect : registers the page's callbacks, once per application.
    serve : adds the page's own files to the server, once per application.
    """

    path: str
    name: str
    title: str
    description: str
    layout: Callable[[Evidence, Visit], Component]
    connect: Callable[[Dash, Evidence], None] = _no_callbacks
    serve: Callable[[Flask, Evidence], None] = _no_files
