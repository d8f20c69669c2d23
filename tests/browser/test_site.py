"""The published site opened as files: figures drawn, nothing asked of a network, nothing wrong for anybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from analysis.evidence import load_evidence
from analysis.topic import topic, use
from dashboard.site.build import build
from tests.browser.conftest import VIEWS

DATA = Path(__file__).resolve().parents[1] / "acceptance" / "bcg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    before = topic()
    out = tmp_path_factory.mktemp("sites") / "bcg"
    try:
        build(
            out,
            load_evidence(DATA),
            only=("/", "/compare", "/harms", "/studies", "/words"),
            tell=lambda line: None,
        )
        yield out
    finally:
        use(before)


@pytest.fixture
def opened(new_tab, folder):
    """Open a file of the site in a tab of its own."""

    def at(name, **options):
        tab = new_tab(**options)
        tab.address = f"file://{folder}/"
        tab.open(name)
        return tab

    return at


PAGES = ("index.html", "compare/index.html", "harms/index.html", "studies/index.html", "search/index.html",
         "live/index.html#/own")  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_page_stands_by_itself(opened, width, scheme):
    tab = opened(PAGES[0], width=width, scheme=scheme, calm=True)
    for name in PAGES:
        tab.requests.clear()
        tab.open(name)
        tab.open_details()
        for place in tab.page.locator(".dash-graph").all():
            place.scroll_into_view_if_needed()
            expect(place.locator("svg.main-svg").first).to_be_visible()
        asked = [url for url in tab.requests if not url.startswith(("file:", "data:", "blob:"))]
        assert (name, asked, tab.complaints) == (name, [], [])
        assert not tab.sideways(), name
        # axe would fetch the style sheets a second time, which a page from file:// may not
        assert (name, tab.violations(preload=False)) == (name, {})


def test_menus_links_search_and_colours_work_without_a_server(opened):
    tab = opened("compare/index.html")
    page = tab.page
    height = page.locator("#forest .dash-graph").bounding_box()["height"]
    assert height > 200
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.get_by_role("link", name="Search").click()
    expect(page).to_have_title("Search | BCG vaccine: the evidence")
    page.get_by_label("An outcome, a treatment").fill("no comparison group")
    expect(page.locator("#search-said")).to_contain_text("with these words")
    page.locator(".found a:visible").first.click()
    expect(page.locator("#content h1")).to_be_visible()
    assert tab.complaints == []


def test_an_address_of_the_live_dashboard_opens_its_page_or_says_where_it_lives(opened, folder):
    tab = opened("compare/index.html?v=1&comparator=NONE")
    expect(tab.page).to_have_url(f"file://{folder}/compare/tuberculosis-bcg-none-any.html")
    tab.open("compare/index.html?v=1&tau2=DL")
    expect(tab.page.locator("#live-address")).to_have_text("/compare?v=1&tau2=DL")
