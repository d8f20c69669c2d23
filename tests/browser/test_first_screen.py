"""What a reader meets before scrolling: the message, on a screen and on a phone; and no page without an end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from dashboard.pages import pages

MESSAGES = {
    "/": "#headline",
    "/compare": ".statement strong",
    "/patient": "#content .finding-sentence",
    "/harms": "#content .lede",
    "/claims": "#content table strong",
}
"""Where the message of a page stands: of the first such element at least the first lines lie on the first screen."""
_LINES = 130
"""Pixels of five lines."""
TALLEST = 4500
"""Pixels of a page at 1440 before anything on it is opened; `test_shell` holds every page to it."""


def assert_message_on_first_screen(page: Page, path: str) -> None:
    """Of a page's message at least the first lines are seen before anybody scrolls; `test_shell` asks each page."""
    if path in MESSAGES:
        box = page.locator(MESSAGES[path]).first.bounding_box()
        assert box is not None, path
        assert box["y"] + min(box["height"], _LINES) <= page.viewport_size["height"], (path, box)


def test_every_message_is_looked_for_on_a_page_that_exists():
    assert MESSAGES.keys() <= {page.path for page in pages()}


def test_on_a_phone_the_message_for_a_patient_comes_before_the_folded_form(new_tab):
    tab = new_tab(390, height=844, calm=True)
    page = tab.open("/patient")
    message = page.locator("#content .finding-sentence").first.bounding_box()
    assert message is not None
    assert message["y"] <= 844 / 2
    choice = page.get_by_role("textbox", name="Procedure considered")
    expect(choice).to_be_hidden()
    page.get_by_text("Change the patient", exact=True).click()
    expect(choice).to_be_visible()
    wide = new_tab(calm=True).open("/patient")
    expect(wide.get_by_role("textbox", name="Procedure considered")).to_be_visible()


def test_an_answer_from_many_studies_is_not_longer_than_five_screens(new_tab):
    tab = new_tab(calm=True)
    tab.open("/compare?v=1&intervention=BKP&comparator=NONE&time=any")  # 32 studies
    assert tab.height() <= TALLEST
