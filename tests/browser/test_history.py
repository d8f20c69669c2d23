"""What was known when: slider, buttons and address go to the same year, and the page tells what was known then."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from analysis.survey.history import path, stories, then, years
from tests.browser.test_address import choose
from tests.evidence_builder import shipped


def expect_year(page: Page, year: int, time: str = "any") -> None:
    """The heading, the slider and the sentences of a year."""
    expect(page.locator("#history-view h2").first).to_have_text(f"At the end of {year}")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", str(year))
    for story in stories(time):
        for label, question in story.lines:
            said = then(path(question, shipped(), year), label, year)
            expect(page.locator(f"#{story.key}")).to_contain_text(said)


def test_it_opens_today_and_a_button_goes_back_to_a_year(tab):
    page = tab.open("/history")
    expect_year(page, years(shipped())[1])
    page.get_by_role("button", name="2009", exact=True).click()
    expect_year(page, 2009)
    page.wait_for_url("**/history?year=2009")
    page.reload()
    expect_year(page, 2009)
    assert tab.complaints == []


def test_the_slider_answers_to_the_keyboard_and_has_a_name(tab):
    page = tab.open("/history?year=2010")
    slider = page.get_by_role("slider", name="Year up to which reports enter")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect_year(page, 2009)
    page.wait_for_url("**/history?year=2009")
    expect(slider).to_be_focused()
    page.keyboard.press("Home")
    expect_year(page, years(shipped())[0])


def test_back_undoes_a_year_and_after_it_the_buttons_still_answer(tab):
    page = tab.open("/history")
    page.get_by_role("button", name="2018", exact=True).click()
    expect_year(page, 2018)
    page.wait_for_url("**/history?year=2018")
    page.go_back()
    expect_year(page, years(shipped())[1])
    page.get_by_role("button", name="2010", exact=True).click()
    expect_year(page, 2010)
    page.get_by_role("button", name="Today", exact=True).click()
    expect_year(page, years(shipped())[1])
    page.wait_for_url("**/history")
    assert tab.complaints == []


def test_another_time_after_treatment_keeps_the_year(tab):
    page = tab.open("/history?year=2018")
    choose(page, "Time after treatment (pain)", "12 months")
    expect_year(page, 2018, "12m")
    page.wait_for_url("**/history?year=2018&time=12m")


def test_a_year_that_cannot_be_is_said(tab):
    page = tab.open("/history?year=1875&time=noon&x=1")
    note = page.locator("#content .note").first
    for part in ("1875", "noon", "x: not understood"):
        expect(note).to_contain_text(part)
    expect_year(page, years(shipped())[1])
    page.wait_for_url("**/history")


def test_reports_without_a_year_are_listed_apart(tab):
    page = tab.open("/history")
    missing = int(shipped().studies["year"].isna().sum())
    expect(page.locator("#undated")).to_contain_text(f"{missing} reports here give no year")
    expect(page.locator("#undated")).to_contain_text("E.VE.RES.T")
