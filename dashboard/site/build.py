"""Writes the published site: every page of the shelf, what pages offer to download, and what draws and finds it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from dash import html
from dash.development.base_component import Component
from flask.testing import FlaskClient

from analysis.evidence import Evidence
from analysis.export.artefacts import QUESTION_PAGES
from analysis.question import Question
from analysis.topic import topic
from dashboard import own, router, shell, state, theme
from dashboard.app import build as build_app
from dashboard.components.take_away import page_tools
from dashboard.document import SCHEME_SCRIPT
from dashboard.page import Page, Visit
from dashboard.places import navigation
from dashboard.site.menus import Choice, choices
from dashboard.site.render import to_html, walk
from dashboard.site.shelf import Shelf, Spot

MARK = "published-site.json"
"""The file that says a folder is a published site, and lists what was written into it."""

_ASSETS = Path(__file__).parents[1] / "assets"
_OWN_ASSETS = Path(__file__).with_name("assets")
_SERVER_ONLY = {"connection.js", "jobs.js", "late-grid.js", "own.js", "place.js"}
_PER_QUESTION = {"effects.csv", "tables.xlsx", "script.R", "script.py", "references.bib", "references.ris"}
"""Of the files of a question: those that take a moment and little room. There are hundreds of questions."""
_LIVE = "live/index.html"
_SEARCH = "search/index.html"
_COPY = "This copy needs no server, and its menus lead to the pages that it holds. Everything else"
_TOLD = 240
"""Letters of a page that the search shows and looks through."""
_SAY_EVERY = 2.0  # seconds


class NotOurs(ValueError):
    """The folder holds something that is not a published site; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written: pages, files in all, bytes, seconds."""

    pages: int
    files: int
    size: int
    seconds: float


def build(
    out: Path,
    evidence: Evidence,
    *,
    live: str = "",
    only: Iterable[str] | None = None,
    tell: Callable[[str], None] = print,
) -> Built:
    """Write the site of an evidence into a folder.

    Parameters
    ----------
    out : folder; new, empty, or a published site, which is then brought up to date: what is not written any more
        goes, and nothing else is touched.
    live : address of a dashboard, such as ``https://host``, for what needs a server.
    only : paths of pages, such as ``/harms``; all by default.
    tell : takes a line of progress.

    Raises
    ------
    NotOurs
        When the folder holds anything else, or is a file.
    """
    began = time.monotonic()
    before = _before(out)
    site = _Site(out, evidence, live.rstrip("/"), tell)
    tell("Finding out which questions have a study ...")
    site.shelf = Shelf(evidence, only)
    out.mkdir(parents=True, exist_ok=True)
    site.mark(before, finished=False)
    site.write_all()
    for name in sorted(before - site.written):
        (out / name).unlink(missing_ok=True)
        _prune((out / name).parent, out)
    site.mark(set(), finished=True)
    size = sum((out / name).stat().st_size for name in site.written)
    return Built(site.pages, len(site.written), size, time.monotonic() - began)


def _before(out: Path) -> set[str]:
    """What an earlier build wrote here."""
    if out.is_file():
        raise NotOurs(f"{out} is a file. Name a folder for the site.")
    if not out.is_dir() or not any(out.iterdir()):
        return set()
    try:
        listed = json.loads((out / MARK).read_text(encoding="utf-8"))["files"]
        return {name for name in listed if isinstance(name, str) and (out / name).resolve().is_relative_to(out.resolve())}
    except (OSError, ValueError, KeyError, TypeError):
        found = ", ".join(sorted(p.name for p in out.iterdir())[:3])
        raise NotOurs(
            f"{out} holds other files ({found} ...) and is not a site written by this command, so nothing was "
            "written. Name a new or an empty folder."
        ) from None


def _prune(folder: Path, out: Path) -> None:
    while folder != out and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


@dataclass
class _Site:
    out: Path
    evidence: Evidence
    live: str
    tell: Callable[[str], None]
    shelf: Shelf = field(init=False)
    written: set[str] = field(default_factory=set)
    pages: int = 0
    index: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = build_app(self.evidence)
        self.client: FlaskClient = app.server.test_client()
        self._downloads: dict[str, str | None] = {}

    def mark(self, before: set[str], *, finished: bool) -> None:
        """Written first, so that a build that was interrupted can be taken up again."""
        held = {
            "what": "A published site of the evidence dashboard: python -m dashboard site",
            "site": topic().site,
            "data_version": self.evidence.version,
            "finished": finished,
            "files": sorted(self.written | before),
        }
        (self.out / MARK).write_text(json.dumps(held, indent=1), encoding="utf-8")

    def write(self, name: str, content: bytes | str) -> None:
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        self.written.add(name)

    def write_all(self) -> None:
        self._write_assets()
        said = time.monotonic()
        for spot in self.shelf:
            self._write_page(spot)
            self.pages += 1
            if time.monotonic() - said > _SAY_EVERY:
                said = time.monotonic()
                self.tell(f"  {self.pages} of {len(self.shelf)} pages, now {spot.address[:70]}")
        self._write_live()
        self._write_search()

    def _write_assets(self) -> None:
        for folder in (_ASSETS, _OWN_ASSETS):
            for path in sorted(folder.iterdir()):
                if path.name not in _SERVER_ONLY:
                    self.write(f"assets/{path.name}", path.read_bytes())
        self.write("assets/theme.css", _theme())

    def _write_page(self, spot: Spot) -> None:
        visit = Visit(spot.page.path, spot.query, whole=True)
        content = spot.page.layout(self.evidence, visit)
        on_phone = spot.page.layout(self.evidence, Visit(spot.page.path, spot.query, narrow=True, whole=True))
        turn = _Turn(self, spot, _query_of(content, spot.query), _figures(on_phone))
        heading = next((_text(c) for c in walk(content) if c._type == "H1"), spot.page.title)
        written = self.document(
            spot.file,
            title=heading,
            description=spot.page.description,
            fill={
                router.CONTENT: content,
                router.NAVIGATION: _navigation(spot.page.path, turn.query if spot.page.path in QUESTION_PAGES else ""),
                router.TOOLS: page_tools(spot.page.path, spot.query),
            },
            turn=turn,
        )
        self.write(spot.file, written)
        told = next((_text(c) for c in walk(content) if getattr(c, "className", None) in ("lede", "statement")), "")
        self.index.append([spot.page.path, spot.address, spot.file, heading, told[:_TOLD]])

    def document(
        self, file: str, *, title: str, description: str, fill: Mapping[str, Any], turn: _Turn
    ) -> str:
        frame = shell.frame(self.evidence)
        for part in walk(frame):
            name = getattr(part, "id", None)
            if isinstance(name, str) and name in fill:
                part.children = fill[name]
            elif part._type == "Footer":
                part.children.children.append(html.P(_COPY, **{"data-live": _COPY}))
        up = "../" * file.count("/")
        files = sorted(n.removeprefix("assets/") for n in self.written if n.startswith("assets/"))
        return _DOCUMENT.format(
            title=escape(f"{title} | {topic().site}"),
            description=escape(description),
            scheme=SCHEME_SCRIPT,
            up=up,
            path=escape(turn.path),
            live=escape(self.live),
            css="\n".join(f'<link rel="stylesheet" href="{up}assets/{n}">' for n in _ordered(files, ".css")),
            body=to_html(frame, turn),
            schemes=json.dumps(theme.FIGURE_SCHEMES, separators=(",", ":")),
            scripts="\n".join(f'<script src="{up}assets/{n}"></script>' for n in _ordered(files, ".js")),
        )

    def download(self, href: str, spot: Spot) -> str | None:
        """The file behind a link, as the dashboard's own server makes it; its name in the site, or None."""
        path = urlsplit(href).path
        name = path.rsplit("/", 1)[-1]
        of_question = spot.page.path in QUESTION_PAGES and path.startswith("/take/")
        if of_question and name not in _PER_QUESTION or name.endswith(".html"):
            return None  # a report would bring the page and the figures' program once more
        if of_question:  # all views of a question offer the same files
            href = f"{path}?{Question.from_query(urlsplit(href).query)[0].to_query()}"
        if href not in self._downloads:
            self._downloads[href] = self._fetched(href)
        return self._downloads[href]

    def _fetched(self, href: str) -> str | None:
        answer = self.client.get(href)
        if answer.status_code != 200:
            return None
        called = re.search(r'filename="?([^";]+)"?', answer.headers.get("Content-Disposition", ""))
        name = f"files/{called[1] if called else href.rsplit('/', 1)[-1]}"
        if name in self.written:  # slides of a page, of several of its addresses
            stem, dot, ending = name.rpartition(".")
            name = f"{stem}-{hashlib.sha256(href.encode()).hexdigest()[:6]}{dot}{ending}"
        self.write(name, answer.data)
        return name

    # --- pages of the site's own ------------------------------------------------------------------
    def _own_page(self, file: str, title: str, description: str, body: str) -> None:
        turn = _Turn(self, None, "", {}, file)
        written = self.document(
            file, title=title, description=description, turn=turn,
            fill={router.NAVIGATION: _navigation("/"), router.CONTENT: None},
        )  # fmt: skip
        place = f'<div id="{router.CONTENT}">'
        self.write(file, written.replace(place, f"{place}<article>{body}</article>", 1))

    def _write_live(self) -> None:
        where = (
            f'<p>The live dashboard of this site is at <a id="live-link" href="{escape(self.live)}">{escape(self.live)}</a>.</p>'
            if self.live
            else "<p>Start one with <code>python -m dashboard</code> (the project's README says how to install it), open the "
            "address that it prints, and put the address below behind it.</p>"
        )
        self._own_page(
            _LIVE, "In the live dashboard", "What needs a server, and where it lives.",
            '<h1 id="heading" tabindex="-1">This needs the live dashboard</h1>'
            f'<p class="lede">These pages are a copy that needs no server. It holds {self.pages} pages: those that most '
            "readers ask for. The live dashboard answers every other question, pools your own studies, adds a "
            f"hypothetical trial, and makes slides and reports.</p>{where}"
            '<p>What you asked for: <code id="live-address">any page</code></p>',
        )  # fmt: skip

    def _write_search(self) -> None:
        groups: dict[str, list[list[str]]] = {}
        for path, _, file, heading, lede in sorted(self.index, key=lambda e: (e[0] != "/compare", e[0], e[3])):
            group = _GROUPS.get(path, "Pages" if path not in QUESTION_PAGES else "Views of a question")
            groups.setdefault(group, []).append([file, heading, lede])
        listed = "".join(
            f'<section><h2>{group}</h2><ul class="found">'
            + "".join(
                f'<li><a href="../{escape(file)}">{escape(heading)}</a> <span class="quiet">{escape(lede)}</span></li>'
                for file, heading, lede in entries
            )
            + "</ul></section>"
            for group, entries in groups.items()
        )
        self._own_page(
            _SEARCH, "Search", "Every page of this site, by its words.",
            '<h1 id="heading" tabindex="-1">Search</h1><label class="search">Words, such as pain sham 12 months '
            f'<input type="search" id="search" autocomplete="off"></label><p role="status" id="search-said"></p>{listed}',
        )  # fmt: skip
        known = {address: file for _, address, file, _, _ in self.index}
        self.write("assets/addresses.js", f"window.siteAddresses={json.dumps(known, separators=(',', ':'))};\n")


_GROUPS = {"/compare": "Questions", "/study": "Studies", "/claims": "Claims"}


class _Turn:
    """The page that is being written, as the renderer asks about it (`dashboard.site.render.Turn`)."""

    def __init__(
        self, site: _Site, spot: Spot | None, query: str, on_phone: Mapping[str, Mapping[str, Any]], file: str = ""
    ) -> None:
        self._site, self._spot, self._on_phone = site, spot, on_phone
        self.query = query
        self.path = spot.page.path if spot else ""
        self._file = spot.file if spot else file

    def _to(self, file: str) -> str:
        return os.path.relpath(file, os.path.dirname(self._file) or ".").replace(os.sep, "/")

    def link(self, href: str) -> tuple[str, bool]:
        if not href.startswith("/") or href.startswith("//"):
            return href, False
        fragment = urlsplit(href).fragment
        end = f"#{fragment}" if fragment else ""
        if urlsplit(href).path == f"/{_SEARCH.split('/')[0]}":
            return self._to(_SEARCH), False
        if "." in urlsplit(href).path and (held := self.file(href)):
            return held, False
        asks = self._spot is not None and self._spot.page.path not in QUESTION_PAGES
        spot = self._site.shelf.find(href, may_add=asks)
        if spot is not None:
            return f"{self._to(spot.file)}{end}", False
        if self._site.live:
            return f"{self._site.live}{href}", True
        return f"{self._to(_LIVE)}#{href}", True

    def file(self, href: str) -> str | None:
        name = self._site.download(href, self._spot) if self._spot else None
        return self._to(name) if name else None

    def choices(self, control: Component) -> list[Choice]:
        if self._spot is None:
            return []
        found = []
        for choice in choices(control, self._spot.page.path, self.query):
            spot = self._site.shelf.find(choice.address)
            if spot is not None or choice.current:
                address = self._to(spot.file if spot else self._file)
                found.append(Choice(choice.label, address, choice.current))
        return found

    def narrow(self, id: str, wide: Mapping[str, Any]) -> Mapping[str, Any] | None:
        figure = self._on_phone.get(id)
        return None if figure is None or figure == wide else figure

    def lives(self, what: str) -> str:
        href, _ = self.link(self._spot.address if self._spot else "/")
        if self._site.live:
            href = f"{self._site.live}{self._spot.address if self._spot else '/'}"
        else:
            href = f"{self._to(_LIVE)}#{self._spot.address if self._spot else '/'}"
        return f'{escape(what)}: <a class="live" href="{escape(href)}">in the live dashboard</a>.'


def _navigation(path: str, query: str = "") -> list[Component]:
    """The header's entries, with the search where a server would take a reader's own studies."""
    rows = navigation(path, query)
    entries = rows[0].children
    mine = next((e for e in entries if e.href == own.PAGE), None)
    if mine is not None:
        mine.children, mine.href = "Search", f"/{_SEARCH.split('/')[0]}"
    return rows


def _query_of(content: Component, query: str) -> str:
    """The query of a page in its own spelling: what its controls start from."""
    for part in walk(content):
        if getattr(part, "id", None) == state.QUESTION and isinstance(getattr(part, "data", None), dict):
            return part.data["query"]
    return query


def _figures(content: Component) -> dict[str, Mapping[str, Any]]:
    return {part.id: part.figure for part in walk(content) if part._type == "Graph"}


def _text(component: Component) -> str:
    """The words of a component."""
    children = getattr(component, "children", None)
    parts = children if isinstance(children, list | tuple) else [children]
    words = (_text(p) if isinstance(p, Component) else str(p) for p in parts if p is not None)
    return " ".join(" ".join(words).split()).replace(" .", ".")


def _ordered(files: list[str], ending: str) -> list[str]:
    """Plotly before what wraps it; our own rules after Mantine's colours and before what pages add."""
    first = ["plotly-basic.min.js", "without-dash.js", "house.css"]
    last = ["site.js", "site.css", "theme.css"]
    chosen = [n for n in files if n.endswith(ending) and n != "addresses.js"]
    return sorted(chosen, key=lambda n: (n not in first, n in last, n in last and last.index(n), n == "without-dash.js", n))


def _theme() -> str:
    """The variables that Mantine would set, from the same theme; and the icons without a file, because a page from
    ``file://`` may not use one as a mask."""
    accent, dark = theme.ACCENT, theme.DARK
    shade = theme.MANTINE["primaryShade"]
    light = {
        "text": theme.INK["light"], "anchor": accent[shade["light"]], "primary": accent[shade["light"]], "orange": "#fd7e14",
    }  # fmt: skip
    dim = {"text": theme.INK["dark"], "anchor": accent[3], "primary": accent[shade["dark"]], "orange": "#fd7e14"}
    rules = []
    for where, c in ((":root", light), (':root[data-mantine-color-scheme="dark"]', dim)):
        rules.append(
            f"{where} {{ --mantine-color-text: {c['text']}; --mantine-color-anchor: {c['anchor']}; "
            f"--mantine-primary-color-filled: {c['primary']}; --mantine-color-orange-6: {c['orange']}; "
            f"--mantine-color-accent-8: {accent[8]}; }}"
        )
    for name in ("sun", "moon"):
        drawn = quote((_ASSETS / f"{name}.svg").read_text(encoding="utf-8").strip())
        rules.append(f'.icon-{name} {{ --shape: url("data:image/svg+xml,{drawn}"); }}')
    font = f"body, button, input, select {{ font-family: {theme.FONT}; }}"
    return "\n".join([*rules, font, f':root[data-mantine-color-scheme="dark"] {{ background: {dark[7]}; }}', ""])


_DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-up="{up}" data-live="{live}" data-path="{path}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<script>{scheme}</script>
<link rel="icon" type="image/svg+xml" href="{up}assets/icon.svg">
{css}
</head>
<body>
{body}
<script type="application/json" id="figure-schemes">{schemes}</script>
{scripts}
</body>
</html>
"""
