"""The drawing of a forest has most of its figure: columns of text at its sides do not squeeze it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

LEAST = 0.55
"""Of the width of the block."""
SHARES = """() => Object.fromEntries([...document.querySelectorAll('.figure-block')]
    .map(block => [block.id, block.querySelector('.js-plotly-plot'), block.clientWidth])
    .filter(([, plot]) => plot && plot._fullLayout.xaxis2)
    .map(([id, plot, width]) => [id, plot._fullLayout.xaxis2._length / width]))"""
FORESTS = {
    "/": {"pain", "relief"},
    "/compare?v=1&time=12m": {"forest"},
    "/compare?v=1&outcome=new_fracture&intervention=AUG&comparator=NSM&time=any": {"forest"},
    "/reviews": {"compared-0", "one-group-0"},
    "/network": {"network-forest", "network-steps"},
    "/robustness?v=1&time=12m&view=influence": {"influence-leave-one-out"},
    "/robustness?v=1&time=12m&view=accumulation": {"accumulation-by-year"},
    "/claims?claim=all": set(),
    "/harms": {"leakage-rates"},
}
"""Pages with forests, and figures that have to be among them."""


IN_PASSING = {path: names for path, names in FORESTS.items() if "?" not in path and path != "/harms"}
"""Pages that `test_shell` opens as they are."""


def assert_drawings_have_room(page: Page, expected: set[str]) -> None:
    """Each forest that is drawn on a wide page has most of its block, and those that are expected are there."""
    shares = page.evaluate(SHARES)
    assert expected <= shares.keys()
    assert {name: share for name, share in shares.items() if share < LEAST} == {}


@pytest.mark.parametrize("path", [path for path in FORESTS if path not in IN_PASSING])
def test_the_drawing_has_most_of_its_block(new_tab, path):
    tab = new_tab(1440, calm=True)
    page = tab.open(path)
    if path == "/harms":
        page.locator("#leakage > summary").click()
    page.locator(".figure-block .js-plotly-plot .main-svg").first.wait_for()
    tab.still()
    assert_drawings_have_room(page, FORESTS[path])
