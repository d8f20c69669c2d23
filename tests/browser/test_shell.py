"""The frame around every page, in a real browser: nothing breaks, nothing leaves, everybody can use it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from dashboard.pages import pages
from tests.browser.conftest import VIEWS
from tests.browser.test_figure_width import IN_PASSING, assert_drawings_have_room
from tests.browser.test_first_screen import TALLEST, assert_message_on_first_screen

PATHS = [page.path for page in pages()]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_without_complaint_asks_no_other_host_fits_and_has_no_barrier(new_tab, path):
    """On a phone by night, then on a wide screen by day; what is folded is opened after a look at the first screen."""
    tab = new_tab(390, "dark", height=844, calm=True)
    page = tab.open(path)
    assert tab.complaints == []
    inside = (f"{tab.address}/", "data:", "blob:")
    assert [url for url in tab.requests if not url.startswith(inside)] == []
    assert page.evaluate("document.documentElement.lang") == "en"
    # plotly.js offers by itself to share a figure
    assert page.locator(".modebar-btn, [href*='plotly.com'], [href*='plot.ly']").count() == 0
    assert not tab.sideways()
    assert_message_on_first_screen(page, path)
    tab.looks(1440, "light", height=900)
    assert not tab.sideways()
    assert tab.height() <= TALLEST
    assert_message_on_first_screen(page, path)
    assert_drawings_have_room(page, IN_PASSING.get(path, set()))
    for width, scheme in VIEWS:
        tab.looks(width, scheme)
        tab.open_details()
        short = tab.violations()
        assert short == {}, json.dumps(short, indent=1)
        assert not tab.sideways()
    tab.looks(768, "dark")
    assert not tab.sideways()
    assert tab.complaints == []


def test_content_that_has_arrived_is_not_dimmed_with_reduced_motion(new_tab):
    """A transition's delay outlives `prefers-reduced-motion`: text stayed pale after it had arrived."""
    page = new_tab(calm=True).open("/study")
    opacity = """async loading => {
        const content = document.getElementById("content");
        content.setAttribute("data-dash-is-loading", loading);
        const frame = () => new Promise(requestAnimationFrame);
        for (let i = 0; i < 3; i++) await frame();
        if (loading) await new Promise(done => setTimeout(done, 400));
        return Number(getComputedStyle(content).opacity);
    }"""
    assert page.evaluate(opacity, True) < 0.6
    assert page.evaluate(opacity, False) == 1


def test_the_keyboard_reaches_content_and_pages(tab):
    page = tab.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(2 + len(PATHS)):  # the name of the site, then the pages
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Compare":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare*")
    expect(page.locator("h1")).to_be_focused()
    assert (
        page.locator("h1").inner_text() != "Compare"
    )  # the answer itself, in the window's title too
    headline = page.locator("h1").inner_text().replace("\n", " ")
    expect(page).to_have_title(re.compile("^" + re.escape(headline)))
    expect(page.locator("nav a[aria-current=page]")).to_have_text(["Compare", "Answer"])
    assert tab.complaints == []


def test_the_skip_link_moves_the_focus_past_the_header(tab):
    page = tab.open("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("#main")


def test_a_link_changes_the_page_without_loading_a_new_document(tab):
    page = tab.open("/")
    page.evaluate("window.sameDocument = true")
    page.locator("nav a", has_text="Compare").click()
    page.locator(".question-line", has_text="against").wait_for()
    page.go_back()
    page.locator("h1", has_text="relieve pain").wait_for()
    assert page.evaluate("window.sameDocument")
    assert page.url.split("?")[0] == f"{tab.address}/"


def test_the_colour_scheme_follows_the_system_switches_and_is_remembered(new_tab):
    tab = new_tab(scheme="dark")
    page = tab.open("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")
    light = page.evaluate(ground)
    assert (dark, light) == ("rgb(21, 25, 30)", "rgb(255, 255, 255)")
    page.reload()
    page.locator("h1").wait_for()
    assert page.evaluate(ground) == light


def test_an_address_without_a_page_says_so_and_shows_the_way(tab):
    page = tab.open("/no-such-page")
    assert page.locator("h1").text_content() == "Page not found"
    assert "/no-such-page" in page.locator(".lede").text_content()
    page.locator("#content a", has_text="Compare").click()
    page.locator(".question-line", has_text="against").wait_for()


def test_a_server_that_does_not_answer_is_reported_and_the_report_goes_when_it_does(tab):
    page = tab.open("/")
    page.context.set_offline(True)
    page.locator("nav a", has_text="Compare").click()
    page.get_by_text("The server does not answer").wait_for()
    page.context.set_offline(False)
    page.locator("nav a", has_text="Compare").click()
    page.locator(".question-line", has_text="against").wait_for()
    assert page.get_by_text("The server does not answer").is_hidden()


def test_a_fault_of_ours_is_told_in_plain_words_and_the_page_goes_on(tab, monkeypatch):
    page = tab.open("/compare?v=1&mid=1.37")  # asked nowhere else, so no kept answer stands in for the fault
    with monkeypatch.context() as broken:
        broken.setattr("dashboard.state.read", lambda **_: 1 / 0)
        page.get_by_role("textbox", name="Time", exact=True).click()
        page.get_by_role("option", name="12 months", exact=True).click()
        alert = page.get_by_role("alert").filter(has_text="could not be worked out")
        alert.wait_for()
    assert "division" not in page.locator("body").text_content()
    page.get_by_role("textbox", name="Time", exact=True).click()
    page.get_by_role("option", name="6 months", exact=True).click()
    expect(page.locator(".question-line")).to_contain_text("6 months")
    expect(alert).to_have_count(0)
