"""Writes the published site: every page of the shelf, what pages offer to download, and what draws and finds it."""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dash import html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.export.artefacts import QUESTION_PAGES
from analysis.question import Question
from analysis.topic import topic
from dashboard import own, router, shell, state
from dashboard.app import build as build_app
from dashboard.components.downloads import page_tools
from dashboard.page import Visit
from dashboard.places import navigation
from dashboard.site.document import ASSETS, document, theme_css
from dashboard.site.files import Fetched, Files, named, put
from dashboard.site.own_pages import LIVE, SEARCH, SEARCH_ADDRESS, Entry, live_page, search_page
from dashboard.site.render import to_html, walk
from dashboard.site.shelf import Shelf, Spot
from dashboard.site.turn import Turn
from dashboard.terms import marked

MARK = "published-site.json"
"""The file that says a folder is a published site, and lists what was written into it."""

_SERVER_ONLY = {"connection.js", "jobs.js", "late-grid.js", "long-table.js", "own.js", "place.js"}
_PER_QUESTION = {
    "effects.csv",
    "tables.xlsx",
    "script.R",
    "script.py",
    "references.bib",
    "references.ris",
}
"""Of the files of a question: those that take a moment and little room. There are hundreds of questions."""
_COPY = "This copy needs no server, and its menus lead to the pages that it holds. Everything else"
_TOLD = 240
"""Letters of a page that the search shows and looks through."""
_WORTH_SHARING = 40
"""Pages below which another process takes longer to start than it saves."""
_CAN_FORK = "fork" in multiprocessing.get_all_start_methods() and sys.platform == "linux"
_SAY_EVERY = 2.0  # seconds


_SHARED: list[tuple[_Site, list[Spot]]] = []
"""What processes share: they see it as it was when they were forked, with all pages known and all caches warm."""


class NotOurs(ValueError):
    """The folder holds something that is not a published site; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written: pages, files in all, bytes, seconds; `failed` are addresses of files that could not be made."""

    pages: int
    files: int
    size: int
    seconds: float
    failed: tuple[str, ...]


def build(
    out: Path,
    evidence: Evidence,
    *,
    live: str = "",
    only: Iterable[str] | None = None,
    processes: int = 1,
    tell: Callable[[str], None] = print,
) -> Built:
    """Write the site of an evidence into a folder.

    Parameters
    ----------
    out : folder; new, empty, or a published site, which is then brought up to date: what is not written any more
        goes, and nothing else is touched.
    live : address of a dashboard, such as ``https://host``, for what needs a server.
    only : paths of pages, such as ``/harms``; all by default.
    processes : how many share the pages about questions, where the system can fork; the files are the same.
    tell : takes a line of progress.

    Raises
    ------
    NotOurs
        When the folder holds anything else, or is a file.
    """
    began = time.monotonic()
    before = _before(out)
    site = _Site(out, evidence, live.rstrip("/"), tell, processes if _CAN_FORK else 1)
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
    return Built(site.pages, len(site.written), size, time.monotonic() - began, tuple(site.failed))


def _before(out: Path) -> set[str]:
    """What an earlier build wrote here."""
    if out.is_file():
        raise NotOurs(f"{out} is a file. Name a folder for the site.")
    if not out.is_dir() or not any(out.iterdir()):
        return set()
    try:
        listed = json.loads((out / MARK).read_text(encoding="utf-8"))["files"]
        inside = out.resolve()
        return {name for name in map(str, listed) if (out / name).resolve().is_relative_to(inside)}
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


@dataclass(frozen=True, slots=True)
class _Written:
    """A page that was written: what the search knows of it, and which files it offers."""

    entry: Entry
    files: tuple[Fetched, ...]


@dataclass
class _Site:
    out: Path
    evidence: Evidence
    live: str
    tell: Callable[[str], None]
    processes: int
    shelf: Shelf = field(init=False)
    written: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    pages: int = 0
    _said: float = 0.0

    def __post_init__(self) -> None:
        self._files = Files(self.out, build_app(self.evidence).server.test_client())

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
        done: dict[str, _Written] = {}
        for (
            spot
        ) in self.shelf.before_questions():  # these may add questions, so one after the other
            self._note(done, spot.file, self._write_page(spot))
        questions = list(self.shelf)
        for file, page in self._shared(questions):
            self._note(done, file, page)
        pages = [done[spot.file] for spot in self.shelf.spots()]
        files = [one for page in pages for one in page.files]
        self.failed += dict.fromkeys(one.href for one in files if one.failed)
        self.written |= put(self.out, named(files), [p.entry.file for p in pages if p.files])
        index = [page.entry for page in pages]
        self._own_page(LIVE, live_page(self.pages, self.live))
        self._own_page(SEARCH, search_page(index))
        known = {entry.address: entry.file for entry in index}
        self.write(
            "assets/addresses.js",
            f"window.siteAddresses={json.dumps(known, separators=(',', ':'))};\n",
        )

    def _note(self, done: dict[str, _Written], file: str, page: _Written) -> None:
        done[file] = page
        self.written.add(file)
        self.pages += 1
        if time.monotonic() - self._said > _SAY_EVERY:
            self._said = time.monotonic()
            self.tell(f"  {self.pages} of {len(self.shelf)} pages, now {page.entry.address[:70]}")

    def _shared(self, spots: Sequence[Spot]) -> Iterator[tuple[str, _Written]]:
        """Pages that add no others, written by several processes; views of one question by the same one."""
        if self.processes < 2 or len(spots) < _WORTH_SHARING:
            for spot in spots:
                yield spot.file, self._write_page(spot)
            return
        views: dict[str, list[Spot]] = {}
        for spot in spots:
            views.setdefault(_question_of(spot.query), []).append(spot)
        _SHARED[:] = [(self, part) for part in views.values()]
        try:
            with multiprocessing.get_context("fork").Pool(self.processes) as pool:
                for part in pool.imap_unordered(_write_part, range(len(_SHARED))):
                    yield from part
        finally:
            _SHARED.clear()

    def _write_assets(self) -> None:
        for folder in ASSETS:
            for path in sorted(folder.iterdir()):
                if path.name not in _SERVER_ONLY:
                    self.write(f"assets/{path.name}", path.read_bytes())
        self.write("assets/theme.css", theme_css())

    def _write_page(self, spot: Spot) -> _Written:
        visit = Visit(spot.page.path, spot.query, whole=True)
        content = spot.page.layout(self.evidence, visit)
        on_phone = spot.page.layout(
            self.evidence, Visit(spot.page.path, spot.query, narrow=True, whole=True)
        )
        turn = Turn(self, spot, _query_of(content, spot.query), _figures(on_phone))
        heading = next((_text(c) for c in walk(content) if c._type == "H1"), spot.page.title)
        written = self.document(
            spot.file,
            title=heading,
            description=spot.page.description,
            fill={
                router.CONTENT: marked(content),
                router.NAVIGATION: _navigation(
                    spot.page.path, turn.query if spot.page.path in QUESTION_PAGES else ""
                ),
                router.TOOLS: page_tools(spot.page.path, spot.query),
            },
            turn=turn,
        )
        self.write(spot.file, written)
        told = next(
            (
                _text(c)
                for c in walk(content)
                if getattr(c, "className", None) in ("lede", "statement")
            ),
            "",
        )
        entry = Entry(spot.page.path, spot.address, spot.file, heading, told[:_TOLD])
        return _Written(entry, self._files.of_page())

    def document(
        self, file: str, *, title: str, description: str, fill: Mapping[str, Any], turn: Turn
    ) -> str:
        """A page in the frame that all pages stand in."""
        frame = shell.frame(self.evidence)
        for part in walk(frame):
            name = getattr(part, "id", None)
            if isinstance(name, str) and name in fill:
                part.children = fill[name]
            elif part._type == "Footer":
                part.children.children.append(html.P(_COPY, **{"data-live": _COPY}))
        assets = [n.removeprefix("assets/") for n in self.written if n.startswith("assets/")]
        return document(
            to_html(frame, turn), file, title=title, description=description, path=turn.path, live=self.live,
            assets=assets,
        )  # fmt: skip

    def download(self, href: str, spot: Spot) -> str | None:
        """The file behind a link, as the dashboard's own server makes it; its name in the site, or None."""
        path = urlsplit(href).path
        name = path.rsplit("/", 1)[-1]
        of_question = spot.page.path in QUESTION_PAGES and path.startswith("/take/")
        if (of_question and name not in _PER_QUESTION) or name.endswith(".html"):
            return None  # a report would bring the page and the figures' program once more
        if of_question:  # all views of a question offer the same files
            href = f"{path}?{_question_of(urlsplit(href).query)}"
        return self._files.mark(href)

    # --- pages of the site's own ------------------------------------------------------------------
    def _own_page(self, file: str, page: tuple[str, str, str]) -> None:
        title, description, body = page
        written = self.document(
            file, title=title, description=description, turn=Turn(self, None, "", {}, file),
            fill={router.NAVIGATION: _navigation("/"), router.CONTENT: None},
        )  # fmt: skip
        place = f'<div id="{router.CONTENT}">'
        self.write(file, written.replace(place, f"{place}<article>{body}</article>", 1))


def _write_part(number: int) -> list[tuple[str, _Written]]:
    site, spots = _SHARED[number]
    return [(spot.file, site._write_page(spot)) for spot in spots]


def _question_of(query: str) -> str:
    """A query in the spelling of its question, whatever the view."""
    return Question.from_query(query)[0].to_query()


def _navigation(path: str, query: str = "") -> list[Component]:
    """The header's entries, with the search where a server would take a reader's own studies."""
    rows = navigation(path, query)
    entries = rows[0].children
    mine = next((e for e in entries if e.href == own.PAGE), None)
    if mine is not None:
        mine.children, mine.href = "Search", SEARCH_ADDRESS
    return rows


def _query_of(content: Component, query: str) -> str:
    """The query of a page in its own spelling: what its controls start from."""
    for part in walk(content):
        if getattr(part, "id", None) == state.QUESTION and isinstance(
            getattr(part, "data", None), dict
        ):
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
