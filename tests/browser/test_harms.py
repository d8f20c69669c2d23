"""Harms: the matrix as computed, and behind each harm, opened in place, every rate and every row with its source."""

from __future__ import annotations

from playwright.sync_api import expect

from analysis.findings import matrix
from analysis.findings.words import of_100
from analysis.survey.harms import harms, printed_counts, rates
from analysis.survey.rate_words import counts_text, rate_text
from tests.browser.conftest import Tab
from tests.browser.reading import cells
from tests.evidence_builder import shipped


def open_harm(tab: Tab, key: str) -> None:
    tab.page.locator(f"#{key} > summary").click()
    tab.page.locator(f"#{key} > div p").first.wait_for()
    tab.still()  # what is drawn moves the names below it, and the next click would miss


def test_the_matrix_stands_first_and_nothing_behind_it_is_built_before_it_is_opened(tab):
    page = tab.open("/harms")
    page.set_viewport_size({"width": 1440, "height": 900})
    found = matrix(shipped())
    rows = page.locator("table.harm-matrix tbody tr")
    expect(rows).to_have_count(len(found.rows))
    for line, texts in zip(found.rows, cells(rows), strict=True):
        for rate, text in zip(line.cells, texts[2:], strict=True):
            assert text.startswith("no count" if rate is None else of_100(rate))
    assert page.locator(".figure-block").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") < 4500
    assert tab.complaints == []


def test_behind_a_harm_stand_every_rate_and_every_printed_row_with_its_source(tab):
    page = tab.open("/harms")
    for harm in harms():
        open_harm(tab, harm.told.key)
        shown = cells(page.locator(f"#{harm.told.key}-rates table tbody tr"))
        expected = [[rate_text(r), counts_text(r)] for r in rates(harm, shipped())]
        assert [row[2:4] for row in shown] == expected, harm.told.key
        rows = page.locator(f"#{harm.told.key} > div > details tbody tr")
        assert rows.count() == len(printed_counts(harm, shipped()))
    linked = page.locator("#infection > div > details tbody tr td:last-child a[href^=http]")
    assert linked.count() == page.locator("#infection > div > details tbody tr").count()
    assert tab.complaints == []


def test_claims_data_stand_apart_with_the_problem_of_selection(tab):
    page = tab.open("/harms")
    open_harm(tab, "mortality")
    mortality = page.locator("#mortality")
    expect(mortality).to_contain_text("nobody was allocated")
    expect(mortality.get_by_role("heading", name="Claims data and registers")).to_be_visible()
    expect(mortality).to_contain_text("Edidin 2011")


def test_the_names_in_the_matrix_lead_to_each_harm(tab):
    page = tab.open("/harms")
    page.locator("table.harm-matrix").get_by_role("link", name="Death", exact=True).click()
    expect(page.locator("#mortality > summary")).to_be_in_viewport()
    assert page.url.endswith("/harms#mortality")


def test_settings_that_the_page_does_not_have_are_refused_in_words(tab):
    page = tab.open("/harms?unit=dogs")
    expect(page.locator("#content .note").first).to_contain_text("no settings")
    page.wait_for_url("**/harms")


def test_axe_finds_no_violation_with_a_harm_open(bare_tab):
    page = bare_tab.open("/harms")
    open_harm(bare_tab, "infection")
    page.locator("#infection .main-svg").first.wait_for()
    bare_tab.open_details()
    assert bare_tab.violations() == {}
    assert not bare_tab.sideways()
