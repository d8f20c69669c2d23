"""The two pages that only a published site has: the search, and where what needs a server lives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from analysis.export.artefacts import QUESTION_PAGES

LIVE = "live/index.html"
SEARCH = "search/index.html"
SEARCH_ADDRESS = "/search"

_GROUPS = {"/compare": "Questions", "/study": "Studies", "/claims": "Claims"}


class Entry(NamedTuple):
    """A page as the search knows it: where it lives on a server, its file, its heading, its first words."""

    path: str
    address: str
    file: str
    heading: str
    told: str


def live_page(pages: int, live: str) -> tuple[str, str, str]:
    """Title, description and body of the page that says where the rest lives; `site.js` fills in what was asked."""
    at = escape(live)
    where = (
        f'<p>The live dashboard of this site is at <a id="live-link" href="{at}">{at}</a>.</p>'
        if live
        else "<p>Start one with <code>python -m dashboard</code> (the project's README says how to install it), open "
        "the address that it prints, and put the address below behind it.</p>"
    )
    body = (
        '<h1 id="heading" tabindex="-1">This needs the live dashboard</h1>'
        f'<p class="lede">These pages are a copy that needs no server. It holds {pages} pages: those that most readers '
        "ask for. The live dashboard answers every other question, pools your own studies, adds a hypothetical trial, "
        f"and makes slides and reports.</p>{where}"
        '<p>What you asked for: <code id="live-address">any page</code></p>'
    )
    return "In the live dashboard", "What needs a server, and where it lives.", body


def search_page(index: Sequence[Entry]) -> tuple[str, str, str]:
    """Title, description and body of the page that lists every other, questions first."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(index, key=lambda e: (e.path != "/compare", e.path, e.heading)):
        usual = "Views of a question" if entry.path in QUESTION_PAGES else "Pages"
        groups[_GROUPS.get(entry.path, usual)].append(entry)
    up = "../" * SEARCH.count("/")
    listed = "".join(
        f'<section><h2>{name}</h2><ul class="found">{"".join(_line(e, up) for e in entries)}</ul></section>'
        for name, entries in groups.items()
    )
    body = (
        '<h1 id="heading" tabindex="-1">Search</h1><label class="search">An outcome, a treatment, a time, a study '
        f'<input type="search" id="search" autocomplete="off"></label><p role="status" id="search-said"></p>{listed}'
    )
    return "Search", "Every page of this site, by its words.", body


def _line(entry: Entry, up: str) -> str:
    link = f'<a href="{escape(up + entry.file)}">{escape(entry.heading)}</a>'
    return f'<li>{link} <span class="quiet">{escape(entry.told)}</span></li>'
