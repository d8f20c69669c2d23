"""The front page, as a reader uses it: words, figures and tables say what the analysis says at each time."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from analysis import Question, answer
from analysis.answer import shipped_evidence
from analysis.figures.words import interval_text
from analysis.topic.vertebral import claims
from tests.browser.reading import cells, targets


def expect_time(page: Page, time: str) -> None:
    """Headline, sentences, figure, its table and the address all stand for one time."""
    found = claims.finding(shipped_evidence(), time)
    for sentence in found.headline.split(". "):
        expect(page.locator("#headline")).to_contain_text(sentence.removesuffix("."))
    expect(page.locator("#in-words li")).to_have_text(list(found.sentences))
    expect(page.locator("#unknown li")).to_have_text(list(found.unknown))
    page.locator("#pain .main-svg").first.wait_for()
    answers = [answer(q) for q in claims.questions(claims.pain_layers(time)[::-1])]
    shown = page.locator("#pain .js-plotly-plot").evaluate(
        "e => e.data.filter(t => t.marker && typeof t.marker.symbol === 'string')"
        ".map(t => t.text[0].replace(/<br>|\\s/g, ''))"
    )
    pooled = [a for a in answers if a.pooled is not None and not a.apart]  # else one by one
    single = [f"<b>{a.studies[0].label}</b>, {a.studies[0].timepoint}" if len(a.studies) == 1 else "" for a in pooled]
    expected = ("".join((name + a.sentence).split()) for name, a in zip(single, pooled, strict=True))
    assert sorted(shown) == sorted(expected)
    for row, a in zip(cells(page.locator("#pain tbody tr")), answers, strict=True):
        if a.pooled is None:
            assert row[2] == claims.why_empty(a.question, shipped_evidence())
        else:
            assert (row[2], row[5]) == (interval_text(a), str(len(a.studies)))
    page.wait_for_url(lambda url: urlsplit(url).query == Question(time=time).to_query())


def test_the_front_page_says_what_the_analysis_says(tab):
    page = tab.open("/")
    page.locator("#relief .main-svg").first.wait_for()
    expect_time(page, "1m")
    layers = claims.relief_layers()
    told = [answer(q) for q in claims.questions(layers)]
    rows = cells(page.locator("#relief tbody tr"))
    assert [row[2] for row in rows] == [interval_text(a) for a in told]
    tab.still()
    assert tab.complaints == []
    inside = (f"{tab.address}/", "data:", "blob:")
    assert [url for url in tab.requests if not url.startswith(inside)] == []


def test_the_keyboard_changes_the_time_and_back_reload_and_a_link_restore_it(tab, new_tab):
    page = tab.open("/")
    expect_time(page, "1m")
    page.get_by_role("radio", name="1 month", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect_time(page, "3m")
    page.keyboard.press("ArrowRight")
    expect_time(page, "6m")
    page.go_back()
    expect_time(page, "3m")
    expect(page.get_by_role("radio", name="3 months", exact=True)).to_be_checked()
    page.reload()
    expect_time(page, "3m")
    other = new_tab()
    other.page.goto(page.url)
    expect_time(other.page, "3m")
    assert tab.complaints == other.complaints == []


@pytest.mark.parametrize("query", ["?time=24m", "?time=nonsense&x=%3Cscript%3E", "?v=9"])
def test_a_time_that_the_page_does_not_have_falls_back_to_the_usual_one(tab, query):
    page = tab.open(f"/{query}")
    expect_time(page, "1m")
    assert tab.complaints == []


def test_every_row_of_a_table_opens_its_own_question(tab):
    page = tab.open("/?v=1&time=12m")
    expect_time(page, "12m")
    links = page.locator("#pain tbody a, #relief tbody a")
    asked = claims.questions((*claims.pain_layers("12m")[::-1], *claims.relief_layers()))
    assert [urlsplit(target).query for target in targets(links)] == [q.to_query() for q in asked]
    page.get_by_text("The same numbers as a table").first.click()
    links.nth(7).click()
    expect(page.locator("h1")).to_have_text(answer(asked[7]).headline)
    assert tab.complaints == []


def test_each_definition_of_relief_has_its_source(tab):
    page = tab.open("/")
    page.get_by_text("How each study defined relief").click()
    rows = page.locator("#relief-section details table").last.locator("tbody tr")
    answers = [answer(q) for q in claims.questions(claims.relief_layers())]
    assert rows.count() == sum(len(s.row_ids) for a in answers for s in a.studies)
    assert rows.filter(has_not=page.locator("a[href^='http'], span")).count() == 0


def test_a_phone_shows_both_figures_without_scrolling_sideways(new_tab):
    tab = new_tab(width=390)
    page = tab.open("/")
    expect_time(page, "1m")
    tab.open_details()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    widths = page.locator(".js-plotly-plot").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().right)"
    )
    assert len(widths) == 2
    assert max(widths) <= 390
    assert tab.complaints == []
