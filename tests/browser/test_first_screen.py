"""What a reader meets before scrolling: the message, on a screen and on a phone; and no page without an end."""

from __future__ import annotations

import pytest

from dashboard.pages import pages

MESSAGES = {
    "/": "#headline",
    "/compare?v=1&time=12m": ".statement strong",
    "/patient": "#content .finding-sentence",
    "/harms": "#content .lede",
    "/claims": "#content table strong",
}
"""Where the message of a page stands: of the first such element at least the first lines lie on the first screen."""
_LINES = 130
"""Pixels of five lines."""
TALLEST = 4500
"""Pixels of a page at 1440 before anything on it is opened."""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_message_stands_on_the_first_screen(new_tab, width, height):
    tab = new_tab(width=width, height=height, reduced_motion="reduce")
    for path, message in MESSAGES.items():
        box = tab.open(path).locator(message).first.bounding_box()
        assert box is not None, path
        assert box["y"] + min(box["height"], _LINES) <= height, (path, box)


def test_no_page_is_longer_than_five_screens_before_anything_is_opened(new_tab):
    tab = new_tab(reduced_motion="reduce")
    tab.page.set_default_timeout(90_000)  # What changed works out two editions when it is first asked
    long = "/compare?v=1&intervention=BKP&comparator=NONE&time=any"  # 32 studies
    for path in [*(page.path for page in pages() if page.path != "/study"), long]:
        tab.open(path)
        tall = tab.page.evaluate("document.documentElement.scrollHeight")
        assert tall <= TALLEST, (path, tall)
