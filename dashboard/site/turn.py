"""One page while it is written: where its links, downloads and menus lead from where it stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from typing import Any, Protocol
from urllib.parse import urlsplit

from dash.development.base_component import Component

from analysis.export.artefacts import QUESTION_PAGES
from dashboard.site.menus import Choice, choices
from dashboard.site.own_pages import LIVE, SEARCH, SEARCH_ADDRESS
from dashboard.site.shelf import Shelf, Spot


class Holds(Protocol):
    """What a page needs to know of the site."""

    shelf: Shelf
    live: str

    def download(self, href: str, spot: Spot) -> str | None:
        """The name in the site of the file behind a link; None where it is not held."""


class Turn:
    """The page that is being written, as the renderer asks about it (`dashboard.site.render.Asked`)."""

    def __init__(
        self,
        site: Holds,
        spot: Spot | None,
        query: str,
        on_phone: Mapping[str, Mapping[str, Any]],
        file: str = "",
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
        if href == SEARCH_ADDRESS:
            return self._to(SEARCH), False
        if "." in urlsplit(href).path and (held := self.file(href)):
            return held, False
        asks = self._spot is not None and self._spot.page.path not in QUESTION_PAGES
        spot = self._site.shelf.find(href, may_add=asks)
        if spot is not None:
            return f"{self._to(spot.file)}{end}", False
        if self._site.live:
            return f"{self._site.live}{href}", True
        return f"{self._to(LIVE)}#{href}", True

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
            href = f"{self._to(LIVE)}#{self._spot.address if self._spot else '/'}"
        return f'{escape(what)}: <a class="live" href="{escape(href)}">in the live dashboard</a>.'
