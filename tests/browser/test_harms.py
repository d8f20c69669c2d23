"""Harms: every rate with its denominator as computed, every printed row with its source."""

from __future__ import annotations

from playwright.sync_api import expect

from analysis.figures.rates import counts_text, rate_text
from analysis.survey.harms import harms, printed_counts, rates
from tests.unit.evidence_builder import shipped


def test_every_rate_stands_with_its_interval_and_denominator(tab):
    page = tab.open("/harms")
    for harm in harms():
        rows = page.locator(f"#{harm.told.key}-rates table tbody tr")
        cells = [row.locator("th, td").all_text_contents()[2:4] for row in rows.all()]
        expected = [[rate_text(r), counts_text(r)] for r in rates(harm, shipped())]
        assert cells == expected, harm.told.key
    assert tab.complaints == []


def test_every_printed_row_is_listed_with_its_source(tab):
    page = tab.open("/harms")
    for harm in harms():
        rows = page.locator(f"#{harm.told.key} > details tbody tr")
        assert rows.count() == len(printed_counts(harm, shipped()))
    linked = page.locator("#infection > details tbody tr td:last-child a[href^=http]")
    assert linked.count() == page.locator("#infection > details tbody tr").count()


def test_claims_data_stand_apart_with_the_problem_of_selection(tab):
    page = tab.open("/harms")
    mortality = page.locator("#mortality")
    expect(mortality).to_contain_text("nobody was allocated")
    expect(mortality.get_by_role("heading", name="Claims data and registers")).to_be_visible()
    expect(mortality).to_contain_text("Edidin 2011")


def test_the_contents_lead_to_each_harm(tab):
    page = tab.open("/harms")
    page.get_by_role("navigation", name="Harms on this page").get_by_role(
        "link", name="Death"
    ).click()
    expect(page.locator("#mortality > h2")).to_be_in_viewport()
    assert page.url.endswith("/harms#mortality")


def test_settings_that_the_page_does_not_have_are_refused_in_words(tab):
    page = tab.open("/harms?unit=dogs")
    expect(page.locator("#content .note").first).to_contain_text("no settings")
    page.wait_for_url("**/harms")
