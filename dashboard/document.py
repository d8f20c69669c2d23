"""The HTML document that every page is sent in: language, title, description, link card, colour scheme."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from dash import Dash
from flask import has_request_context, request

from analysis.evidence import Evidence
from dashboard import cards, terms, theme
from dashboard.pages import page_at, pages
from dashboard.router import window_title

if TYPE_CHECKING:
    from dashboard.jobs.queue import Queue

_DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-pages="{pages}">
<head>
{metas}
<title>{title}</title>
<meta name="description" content="{description}">
{card}
<script>{scheme}</script>
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">
{css}
</head>
<body>
<noscript><p>These pages need JavaScript. Please switch it on and reload; nothing is loaded from
other sites.</p></noscript>
{app_entry}
{terms}
<script type="application/json" id="figure-schemes">{schemes}</script>
{config}
{scripts}
{renderer}
</body>
</html>"""

SCHEME_SCRIPT = """
(function () {
  var scheme = null;
  try { scheme = localStorage.getItem("mantine-color-scheme-value"); } catch (blocked) {}
  if (scheme !== "light" && scheme !== "dark") {
    scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
"""
"""Runs before anything is drawn, so that a dark page does not flash white. Mantine keeps the reader's choice under
this key."""


class Document(Dash):
    """Dash, with a document that knows which page was asked for, and with the way to long work."""

    queue: Queue | None = None
    evidence: Evidence | None = None

    def interpolate_index(self, **parts: str) -> str:
        path = request.path if has_request_context() else "/"
        page = page_at(path)
        return _DOCUMENT.format(
            pages=" ".join(p.path for p in pages()),
            title=escape(window_title(path)),
            description=escape(page.description if page else "There is no page at this address."),
            card=self._card(path),
            scheme=SCHEME_SCRIPT,
            terms=terms.definitions(),
            schemes=json.dumps(theme.FIGURE_SCHEMES, separators=(",", ":")),
            **{
                name: parts[name]
                for name in ("metas", "css", "app_entry", "config", "scripts", "renderer")
            },
        )

    def _card(self, path: str) -> str:
        if self.evidence is None or not has_request_context():
            return ""
        return cards.metas(path, request.query_string.decode("utf-8", "replace"), self.evidence)
