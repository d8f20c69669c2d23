"""What a page is, and what it is told about a visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

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
    whole : nobody can ask for more later (a published site, `dashboard.site`): what a page brings only when a
        reader opens it, or when a job is done, has to be there at once.
    """

    path: str = "/"
    query: str = ""
    narrow: bool = False
    whole: bool = False

    @classmethod
    def from_browser(cls, place: Mapping[str, object] | None) -> Visit:
        """Read what `assets/place.js` keeps in the store ``place``.

        >>> Visit.from_browser({"path": "/compare", "query": "v=1", "narrow": True})
        Visit(path='/compare', query='v=1', narrow=True, whole=False)
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


def as_asked(query: str) -> str:
    """The same address in one spelling; what most pages need to be told apart by.

    >>> as_asked("time=12m&v=1&claim=height")
    'claim=height&time=12m'
    """
    return urlencode(sorted(pair for pair in parse_qsl(query) if pair[0] != "v"))


def _bare(evidence: Evidence) -> Iterable[str]:
    """Most pages are one page."""
    return ("",)


def _no_preview(evidence: Evidence, query: str) -> None:
    return None


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
    published : the queries under which a published site holds the page; none: it lives on a server only.
    canonical : one spelling for all queries that show the same page there.
    preview : title and sentence of a link to what a query shows; None where the page's own say it.
    """

    path: str
    name: str
    title: str
    description: str
    layout: Callable[[Evidence, Visit], Component]
    connect: Callable[[Dash, Evidence], None] = _no_callbacks
    serve: Callable[[Flask, Evidence], None] = _no_files
    published: Callable[[Evidence], Iterable[str]] = _bare
    canonical: Callable[[str], str] = as_asked
    preview: Callable[[Evidence, str], tuple[str, str] | None] = _no_preview
