"""Studies and one study: what the pages print is what the analysis holds, and the address keeps the choice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from analysis.answer import answer
from analysis.effects.scale import printed
from analysis.survey.entries import trail
from analysis.survey.filters import Filter
from analysis.survey.studies import reports, to_csv
from tests.evidence_builder import shipped

EVIDENCE = shipped()
SHAM = Filter(design="sham_rct")


def rows(page: Page):
    return page.locator(".ag-center-cols-container [role=row]")


def first_study(page: Page):
    return page.locator(".ag-row[row-index='0'] a[href^='/study']")


def test_the_table_opens_with_all_reports_and_narrows_to_the_address(tab):
    page = tab.open("/studies")
    expect(page.locator("#studies-count")).to_contain_text(f"All {len(reports(EVIDENCE))} reports")
    expect(first_study(page)).to_have_text(reports(EVIDENCE)[0].label)
    page = tab.open(f"/studies?{SHAM.to_query()}&sort=-n")
    found = Filter(design="sham_rct", sort="-n").apply(EVIDENCE)
    expect(page.locator("#studies-count")).to_contain_text(f"{len(found)} of")
    expect(first_study(page)).to_have_text(found[0].label)
    assert tab.complaints == []


def test_a_search_changes_the_address_and_back_undoes_it(tab):
    page = tab.open("/studies")
    first_study(page).wait_for()
    page.get_by_label("Search").fill("buchbinder")
    found = Filter(search="buchbinder").apply(EVIDENCE)
    page.wait_for_url("**/studies?search=buchbinder")
    expect(page.locator("#studies-count")).to_contain_text(f"{len(found)} of")
    page.go_back()
    expect(page.locator("#studies-count")).to_contain_text("All ")
    expect(page.get_by_label("Search")).to_have_value("")
    assert page.url.endswith("/studies")


def test_a_heading_sorts_and_the_address_keeps_the_order(tab):
    page = tab.open(f"/studies?{SHAM.to_query()}")
    first_study(page).wait_for()
    page.locator(".ag-header-cell[col-id=n]").click()
    page.wait_for_url("**/studies?design=sham_rct&sort=n")
    page.locator(".ag-header-cell[col-id=n]").click()
    page.wait_for_url("**/studies?design=sham_rct&sort=-n")
    largest = Filter(design="sham_rct", sort="-n").apply(EVIDENCE)[0].label
    expect(first_study(page)).to_have_text(largest)
    page.reload()
    expect(first_study(page)).to_have_text(largest)


def test_nothing_found_is_said(tab):
    page = tab.open("/studies?search=no+such+study")
    expect(page.locator("#studies-count")).to_contain_text("None of the")
    assert tab.complaints == []


def test_the_download_holds_what_the_filter_leaves(new_tab, tmp_path):
    tab = new_tab()
    page = tab.open(f"/studies?{SHAM.to_query()}")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download as CSV").click()
    target = tmp_path / "studies.csv"
    started.value.save_as(target)
    expected = to_csv(SHAM.apply(EVIDENCE), EVIDENCE.version)
    assert target.read_text(encoding="utf-8") == expected


def test_the_keyboard_reaches_a_study_through_the_table(tab):
    page = tab.open(f"/studies?{SHAM.to_query()}")
    first_study(page).wait_for()
    page.get_by_role("button", name="Download as CSV").focus()
    page.keyboard.press("Tab")  # into the table: the first heading
    page.keyboard.press("ArrowDown")
    label = first_study(page).text_content()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(label)
    assert "/study?id=" in page.url


def test_only_the_page_with_the_table_loads_its_program(tab):
    tab.open("/")
    tab.still()
    assert not [url for url in tab.requests if "ag_grid" in url]
    page = tab.page
    page.locator("nav").get_by_role("link", name="Evidence", exact=True).click()
    page.locator(".views").get_by_role("link", name="Studies", exact=True).click()
    first_study(page).wait_for()
    assert [url for url in tab.requests if "ag_grid" in url]
    assert not [url for url in tab.requests if "enterprise" in url]
    assert tab.complaints == []


def test_the_table_follows_the_colour_scheme(new_tab):
    tab = new_tab(scheme="dark")
    page = tab.open("/studies")
    expect(page.locator("body")).to_have_attribute("data-ag-theme-mode", "dark")
    expect(page.locator(".ag-root-wrapper")).to_have_css("background-color", "rgb(21, 25, 30)")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator(".ag-root-wrapper")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_a_study_prints_the_effects_of_its_answers_and_links_to_them(tab):
    page = tab.open("/study?id=kallmes-2009")
    entries = trail("kallmes-2009", EVIDENCE).entries
    for entry in entries:
        q, effect = entry.question, entry.effect
        link = page.locator(f"a[href='/compare?{q.to_query()}']")
        row = page.locator("#entries tr", has=link)
        low, high = effect.interval(q.level)
        shown = f"{printed(q, effect.yi)} ({printed(q, low, unit=False)} to {printed(q, high)})"
        expect(row.locator("td").first).to_have_text(shown)
    assert page.locator("#rows tbody tr").count() == sum(
        r.rows for r in reports(EVIDENCE) if r.study_id == "kallmes-2009"
    )
    page.locator("#entries a").first.click()
    expect(page.locator("h1")).to_have_text(answer(entries[0].question, EVIDENCE).headline)
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/study", "names no study"),
        ("/study?id=no-such-study", "no study called 'no-such-study'"),
        ("/study?id=%3Cscript%3E&x=1", "no study called '<script>'"),
    ],
)
def test_a_broken_link_says_so_and_leads_back(tab, path, said):
    page = tab.open(path)
    expect(page.locator("#content")).to_contain_text(said)
    page.locator("#content a", has_text="Studies").click()
    expect(page.locator("h1")).to_have_text("Studies")
    assert tab.complaints == []


def test_a_misspelt_study_offers_those_of_the_same_author(tab):
    page = tab.open("/study?id=buchbinder-1999")
    page.get_by_role("link", name=re.compile("Buchbinder")).first.click()
    expect(page.locator("h1")).to_contain_text("Buchbinder")


def test_axe_finds_no_violation_once_table_and_study_are_there(calm_tab):
    page = calm_tab.open("/studies?missing=yes")
    first_study(page).wait_for()
    calm_tab.assert_no_barrier()
    calm_tab.open("/study?id=kallmes-2009")
    calm_tab.assert_no_barrier()
