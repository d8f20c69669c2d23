"""What a chat or a slide shows of a link: the title, what the page finds, and a picture made on this host.

A view of a question shows the question's own picture, with its studies; every other page one with its words.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.artefacts import ARTEFACTS, PNG, QUESTION_PAGES
from analysis.export.card import page_card
from analysis.question import Question
from analysis.topic import topic
from dashboard.downloads import HOUR, site_of
from dashboard.page import Page
from dashboard.pages import page_at
from dashboard.router import window_title
from dashboard.web import in_words

_PICTURE = "/card.png"
_PAGE = "page"
"""The part of the picture's address that names the page; the rest is the page's own query."""


def connect(server: Flask, evidence: Evidence) -> None:
    """Serve the pictures of pages."""

    def picture() -> Response:
        page = page_at(request.args.get(_PAGE, ""))
        if page is None:
            return in_words("No such picture", "There is no page of this name.", 404)
        pairs = [pair for pair in request.args.items(multi=True) if pair[0] != _PAGE]
        response = Response(page_card(*told(page, urlencode(pairs), evidence), evidence), mimetype=PNG)
        response.cache_control.public = True
        response.cache_control.max_age = HOUR
        return response

    server.add_url_rule(_PICTURE, "card", picture)


def told(page: Page, query: str, evidence: Evidence) -> tuple[str, str]:
    """Title and sentence of a link; the page's name and description where its query finds nothing of its own."""
    if (found := page.preview(evidence, query)) is not None:
        return found
    if page.path in QUESTION_PAGES or page.path == "/":
        asked = answer(Question.from_query(query)[0], evidence)
        said = " ".join(filter(None, (asked.sentence, *asked.cautions, asked.change_line)))
        return (page.title, f"{asked.headline}. {said}") if page.path == "/" else (asked.headline, said)
    return page.title, page.description


def metas(path: str, query: str, evidence: Evidence) -> str:
    """The card as tags of the document's head; empty where there is no page."""
    page = page_at(path)
    if page is None:
        return ""
    title, said = told(page, query, evidence)
    title = window_title(path) if title == page.title else f"{title} | {topic().site}"
    facts = {"og:type": "website", "og:site_name": topic().site, "og:title": title, "og:description": said}
    # a host that nobody named may be anybody's: the picture's address is written for named hosts alone
    if current_app.config.get("TRUSTED_HOSTS") and (site := site_of(request)):
        facts |= {
            "og:image": f"{site}{_picture(page, query, evidence)}", "og:image:width": "1200", "og:image:height": "630",
            "og:image:alt": f"{title}. {said}", "twitter:card": "summary_large_image",
        }  # fmt: skip
    return "\n".join(
        f'<meta property="{escape(name)}" content="{escape(text)}">' for name, text in facts.items()
    )


def _picture(page: Page, query: str, evidence: Evidence) -> str:
    asks = page.path in QUESTION_PAGES or page.path == "/"
    if asks and page.preview(evidence, query) is None:
        return ARTEFACTS["card.png"].address(Question.from_query(query)[0])
    return f"{_PICTURE}?{urlencode({_PAGE: page.path})}" + (f"&{query}" if query else "")
