"""The places of the site: what the header lists, and which pages are views of one question.

A place has a first page and, below the header, the names of its other pages. The views of a question keep it:
their links carry the query (`data-carries`), and `assets/place.js` renews it when a control changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard.page import Page
from dashboard.pages import page_at, pages


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the header; `paths` are its pages, the first one is where the entry leads.

    `carries`: its pages are views of one question. `aside`: it stands at the right.
    """

    name: str
    paths: tuple[str, ...]
    carries: bool = False
    aside: bool = False


PLACES = (
    Place("The finding", ("/",)),
    Place("For a patient", ("/patient",)),
    Place(
        "Compare",
        ("/compare", "/time-course", "/robustness", "/network", "/sources", "/missing"),
        carries=True,
    ),
    Place("Harms", ("/harms",)),
    Place(
        "Evidence",
        (
            "/claims",
            "/studies",
            "/reviews",
            "/gaps",
            "/wanted",
            "/history",
            "/what-changed",
            "/methods",
            "/words",
        ),
    ),
    Place("My data", ("/own",), aside=True),
)


def place_of(path: str) -> Place | None:
    """The place that a page belongs to; a single study belongs to the evidence.

    >>> place_of("/robustness").name, place_of("/nowhere")
    ('Compare', None)
    """
    page = page_at(path)
    wanted = "/studies" if page is not None and page.path == "/study" else page.path if page else ""
    return next((place for place in PLACES if wanted in place.paths), None)


def navigation(path: str, query: str = "") -> list[Component]:
    """The header's entries, and below them the views of the place on screen, if it has several."""
    here, page = place_of(path), page_at(path)
    asked = query if here is not None and here.carries else ""
    entries = [_entry(place, here, asked) for place in PLACES if _pages(place)]
    views = _pages(here) if here is not None else []
    rows: list[Component] = [html.Div(entries, className="places")]
    if len(views) > 1 and here is not None:
        links = [_link(v.name, v.path, "view-link", v is page, here.carries, asked) for v in views]
        rows.append(html.Div(links, className="views"))
    return rows


def _entry(place: Place, here: Place | None, asked: str) -> Component:
    return _link(
        place.name,
        _pages(place)[0].path,
        "nav-link aside" if place.aside else "nav-link",
        place is here,
        place.carries,
        asked,
    )


def _link(name: str, path: str, style: str, current: bool, carries: bool, asked: str) -> Component:
    more = {"aria-current": "page"} if current else {}
    if carries:
        more["data-carries"] = "question"
    href = f"{path}?{asked}" if carries and asked else path
    return html.A(name, href=href, className=style, **more)


def _pages(place: Place) -> list[Page]:
    """The pages of a place that the topic in force wants, in order."""
    there = {page.path: page for page in pages()}
    return [there[path] for path in place.paths if path in there]
