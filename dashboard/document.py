"""The HTML document that every page is sent in: language, title, description, link card, colour scheme."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from dash import Dash
from flask import current_app, has_request_context, request

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.artefacts import ARTEFACTS, QUESTION_PAGES
from analysis.question import Question
from analysis.topic import topic
from dashboard import theme
from dashboard.downloads import site_of
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
            schemes=json.dumps(theme.FIGURE_SCHEMES, separators=(",", ":")),
            **{
                name: parts[name]
                for name in ("metas", "css", "app_entry", "config", "scripts", "renderer")
            },
        )

    def _card(self, path: str) -> str:
        """What a chat or a slide shows of a link: the verdict of its question where it has one."""
        page = page_at(path)
        if page is None or self.evidence is None:
            return ""
        title, said, picture = window_title(path), page.description, ""
        query = request.query_string.decode("utf-8", "replace") if has_request_context() else ""
        if (shown := page.preview(self.evidence, query)) is not None:
            title, said = f"{shown[0]} | {topic().site}", shown[1]
        if page.path == "/" or page.path in QUESTION_PAGES:
            question, _ = Question.from_query(query)
            found = answer(question, self.evidence)
            picture = ARTEFACTS["card.png"].address(question)
            said = found.sentence if page.path != "/" else f"{found.headline}. {found.sentence}"
            if page.path != "/":
                title = f"{found.headline} | {topic().site}"
            said = " ".join(filter(None, (said, *found.cautions, found.change_line)))
        # a host that nobody named may be anybody's: the picture's address is written for named hosts alone
        named = has_request_context() and bool(current_app.config.get("TRUSTED_HOSTS"))
        site = site_of(request) if named else ""
        facts = {"og:type": "website", "og:site_name": topic().site, "og:title": title, "og:description": said}
        if picture and site:
            facts |= {
                "og:image": f"{site}{picture}", "og:image:width": "1200", "og:image:height": "630",
                "og:image:alt": f"{title}. {said}", "twitter:card": "summary_large_image",
            }  # fmt: skip
        return "\n".join(
            f'<meta property="{escape(name)}" content="{escape(text)}">' for name, text in facts.items()
        )
