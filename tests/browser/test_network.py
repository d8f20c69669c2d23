"""The network's page: its graph is its control, its menus refit it, and it fits a phone in both schemes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from analysis.network import network_answer
from analysis.question import Question
from tests.browser.test_address import choose
from tests.evidence_builder import shipped

ASKED = Question(intervention="BKP", comparator="SHAM", time="12m")
PATH = f"/network?{ASKED.to_query()}"
TARGETS = """() => {
    const plot = document.querySelector('#network-graph-graph .js-plotly-plot');
    const box = plot.getBoundingClientRect();
    const axis = (trace, letter) => plot._fullLayout[letter + 'axis' + (trace[letter + 'axis'] || letter).slice(1)];
    return plot.data.flatMap((trace, i) => !trace.customdata ? [] : plot.calcdata[i].map(at => {
        const x = axis(trace, 'x'), y = axis(trace, 'y');
        return [trace.customdata[at.i], box.left + x._offset + x.c2p(at.x), box.top + y._offset + y.c2p(at.y)];
    }));
}"""


def click(page: Page, path: str) -> str:
    """Click the last mark of the graph that leads to a page; returns its address."""
    page.locator("#network-graph-graph").scroll_into_view_if_needed()
    target, x, y = [t for t in page.evaluate(TARGETS) if t[0].startswith(path)][-1]
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    return target


@pytest.mark.parametrize("path", ["/compare", "/network"])
def test_a_click_on_the_graph_opens_a_comparison_or_changes_the_reference(tab, path):
    page = tab.open(PATH)
    page.wait_for_url(f"**{click(page, path)}")
    assert tab.complaints == []


def test_a_menu_and_a_link_refit_the_network(tab):
    page = tab.open(PATH)
    choose(page, "Time", "1 month")
    later = network_answer(ASKED.replace(time="1m"), shipped())
    expect(page.locator("#content h1")).to_have_text(later.headline)
    tab.open_details()
    page.get_by_label("Leave out kyphoplasty against non-surgical care").click()
    expect(page.locator("#trials")).to_contain_text("Left out by you")
    assert "without=berenson-2011" in page.url
    assert tab.complaints == []


def test_the_page_fits_a_phone(new_tab):
    tab = new_tab(width=390, scheme="dark")
    tab.open(PATH)
    assert not tab.sideways()
    assert tab.complaints == []
