"""Terms are explained where they stand: from the glossary alone, each once in a section, and few of them in the way."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape

import pytest
from dash import html

from dashboard.page import Visit
from dashboard.pages import pages
from dashboard.site.build import build
from dashboard.terms import STOPS, address, definitions, marked, meanings, spellings
from tests.analysis.test_words import _Plain
from tests.evidence_builder import shipped

LONGEST = 30
"""Words that can be read while a pointer rests."""
HEAVIEST = 5_000
"""Bytes that the marks may add to a page, before it is packed."""


def spans(node: object) -> list[dict]:
    """The properties of each mark, in the order of the page."""
    if isinstance(node, list):
        return [one for part in node for one in spans(part)]
    if not isinstance(node, dict):
        return []
    props = node.get("props", {})
    own = [props] if props.get("className") == "term" else []
    return own + spans(props.get("children"))


def as_sent(component: object) -> str:
    return json.dumps(component, cls=_Plain)


def marks(component: object) -> list[dict]:
    return spans(json.loads(as_sent(component)))


def text(component: object) -> str:
    """All words, without what joins them."""

    def walk(node: object) -> str:
        if isinstance(node, list):
            return "".join(map(walk, node))
        return walk(node.get("props", {}).get("children")) if isinstance(node, dict) else str(node or "")

    return walk(json.loads(as_sent(component)))


@pytest.mark.parametrize("head", meanings())
def test_the_first_sentence_of_an_entry_can_stand_alone(head):
    said = meanings()[head]
    assert len(said.split()) <= LONGEST
    assert said.endswith(".")
    assert not re.match(r"(it|its|they|these|this|that|the other|same)\b", said, re.IGNORECASE)
    assert not re.search(r"\b(above|below|likewise)\b|\*", said)


def test_every_term_that_is_marked_has_its_meaning_from_the_glossary_once():
    assert set(spellings()) <= set(meanings())
    every = [spelling.lower() for some in spellings().values() for spelling in some]
    assert len(every) == len(set(every))
    held = unescape(definitions())
    assert len(re.findall(r'id="', held)) == len(spellings()) + 1
    for head in spellings():
        assert f'id="{address(head)}">{head}: {meanings()[head]}</p>' in held
    assert definitions(["term-i"]).count("<p") == 1


def test_a_term_is_marked_at_its_first_place_in_a_section_and_reached_once_by_the_keyboard():
    page = html.Article(
        [
            html.H1("A sham"),
            html.P(["A sham, another sham, and ", html.A("the sham", href="/"), "."]),
            html.Section([html.H2("Heterogeneity"), html.P("tau² against sham")]),
            html.Section([html.Table(html.Tr([html.Th("I²"), html.Td("a sham procedure")]))]),
        ]
    )
    before = as_sent(page)
    found = [(m["children"], "tabIndex" in m) for m in marks(marked(page))]
    assert found == [("sham", True), ("Heterogeneity", True), ("sham", False), ("I²", True)]
    assert text(marked(page)) == text(page)
    assert as_sent(page) == before  # layouts may be kept: they are not changed in place


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Two sham-controlled trials", ["sham-controlled trials"]),
        ("Shamanism, shampoo, an unblinded grade", []),
        ("GRADE and a CrI, a P value", ["GRADE", "CrI", "P value"]),
        ("Odds ratios", ["Odds ratios"]),
        ("", []),
    ],
)
def test_a_term_is_a_whole_word_in_the_spelling_of_pages(sentence, found):
    assert [m["children"] for m in marks(marked(html.P(sentence)))] == found
    assert text(marked(html.P(sentence))) == sentence


def test_marked_twice_is_marked_once():
    once = marked(html.Div([html.P("a sham, a sham and tau²")]))
    assert [m["children"] for m in marks(marked(once))] == ["sham", "tau²"]


@cache
def drawn(path: str) -> tuple[object, object]:
    """A page as its module makes it, and with the terms marked."""
    page = next(p for p in pages() if p.path == path)
    plain = page.layout(shipped(), Visit(path, whole=True))
    return plain, marked(plain)


@pytest.mark.parametrize(
    "path",
    # the page on what changed asks every standard question
    [pytest.param(p.path, marks=pytest.mark.slow if p.path == "/what-changed" else ()) for p in pages()],
)
def test_no_page_has_many_stops_more_or_grows_by_much_and_its_words_stay(path):
    plain, shown = drawn(path)
    stops = [m["aria-describedby"] for m in marks(shown) if "tabIndex" in m]
    assert len(stops) == len(set(stops)) <= STOPS
    assert len(as_sent(shown)) - len(as_sent(plain)) <= HEAVIEST
    assert text(shown) == text(plain)
    ids = set(re.findall(r'id="([^"]+)"', definitions())) | set(re.findall(r'"id": "([^"]+)"', as_sent(shown)))
    assert {m["aria-describedby"] for m in marks(shown)} <= ids


def test_the_pages_that_a_reader_decides_by_explain_their_words():
    needed = {"/", "/claims", "/patient", "/compare", "/time-course", "/robustness", "/network", "/harms",
              "/reviews", "/gaps", "/methods"}  # fmt: skip
    assert needed <= {p.path for p in pages()}
    assert [path for path in sorted(needed) if not marks(drawn(path)[1])] == []


def test_the_published_site_brings_the_meanings_of_each_page_and_no_more(tmp_path):
    build(tmp_path, shipped(), only=("/words", "/methods"), tell=lambda line: None)
    written = (tmp_path / "methods" / "index.html").read_text(encoding="utf-8")
    described = set(re.findall(r'aria-describedby="(term-[^"]+)"', written))
    assert described
    assert set(re.findall(r'<p id="(term-[^"]+)"', written)) == described
    assert "assets/terms.js" in written
    assert '<p id="term-' not in (tmp_path / "words" / "index.html").read_text(encoding="utf-8")
