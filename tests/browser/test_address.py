"""The address is the Question: reload, Back, Forward and a pasted link restore the view."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def choose(page: Page, label: str, entry: str) -> None:
    """Pick an entry of a control, as a hand does."""
    page.get_by_role("textbox", name=label, exact=True).click()
    page.get_by_role("option", name=entry, exact=True).click()


def open_settings(page: Page) -> None:
    """Unfold the settings that the sentence does not name."""
    page.locator("#the-question summary").click()


def chosen(page: Page, label: str) -> str:
    return page.get_by_role("textbox", name=label, exact=True).input_value()


def expect_title(page: Page, title: str) -> None:
    """The line under the headline is the question; a published certainty may follow it."""
    expect(page.locator(".question-line")).to_have_text(re.compile(rf"{re.escape(title)}( ·|$)"))


SHAM = "Pain: vertebroplasty against sham procedure, 1 month"
CARE = "Pain: vertebroplasty against non-surgical care, 1 month"
YEAR = "Pain: vertebroplasty against non-surgical care, 12 months"


def test_a_pasted_link_opens_its_view(tab):
    page = tab.open("/compare?v=1&outcome=rmdq&intervention=BKP&comparator=NSM&time=12m")
    expect_title(
        page, "Disability (Roland-Morris): kyphoplasty against non-surgical care, 12 months"
    )
    assert chosen(page, "Treatment") == "Kyphoplasty"
    assert chosen(page, "Time") == "12 months"


def test_a_changed_control_changes_the_address_and_a_reload_restores_it(tab):
    page = tab.open("/compare")
    expect_title(page, SHAM)
    choose(page, "Compared with", "Non-surgical care")
    expect_title(page, CARE)
    page.wait_for_url("**/compare?v=1&comparator=NSM")
    page.reload()
    expect_title(page, CARE)
    assert chosen(page, "Compared with") == "Non-surgical care"
    assert tab.complaints == []


def test_back_undoes_a_changed_control_and_forward_does_it_again(tab):
    page = tab.open("/compare")
    page.evaluate("window.sameDocument = true")
    choose(page, "Compared with", "Non-surgical care")
    expect_title(page, CARE)
    choose(page, "Time", "12 months")
    expect_title(page, YEAR)
    page.wait_for_url("**/compare?v=1&comparator=NSM&time=12m")

    page.go_back()
    expect_title(page, CARE)
    assert (chosen(page, "Compared with"), chosen(page, "Time")) == (
        "Non-surgical care",
        "1 month",
    )
    page.go_back()
    expect_title(page, SHAM)
    assert chosen(page, "Compared with") == "Sham procedure"
    page.go_forward()
    expect_title(page, CARE)
    page.go_forward()
    expect_title(page, YEAR)
    assert chosen(page, "Time") == "12 months"

    assert page.evaluate("window.sameDocument")
    assert tab.complaints == []


def test_after_back_a_control_still_answers(tab):
    page = tab.open("/compare")
    choose(page, "Compared with", "Non-surgical care")
    expect_title(page, CARE)
    page.wait_for_url("**/compare?v=1&comparator=NSM")
    page.go_back()
    expect_title(page, SHAM)
    choose(page, "Time", "12 months")
    expect_title(page, "Pain: vertebroplasty against sham procedure, 12 months")
    page.wait_for_url("**/compare?v=1&time=12m")


def test_a_changed_control_costs_one_request(tab):
    page = tab.open("/compare")
    page.wait_for_url("**/compare?v=1")

    def asked() -> int:
        return sum("_dash-update-component" in url for url in tab.requests)

    assert asked() == 1  # controls and content came together
    choose(page, "Time", "12 months")
    page.wait_for_url("**/compare?v=1&time=12m")
    tab.still()
    assert asked() == 2


def test_what_was_not_understood_in_an_address_is_said_and_the_address_is_mended(tab):
    page = tab.open("/compare?outcome=nonsense&time=12m&evil=%3Cscript%3E")
    expect_title(page, "Pain: vertebroplasty against sham procedure, 12 months")
    expect(page.locator("#content .note").first).to_contain_text("nonsense")
    page.wait_for_url("**/compare?v=1&time=12m")
    assert tab.complaints == []


def test_a_treatment_is_not_compared_with_itself(tab):
    page = tab.open("/compare?v=1&intervention=VP&comparator=BKP")
    choose(page, "Treatment", "Kyphoplasty")
    expect_title(page, "Pain: kyphoplasty against vertebroplasty, 1 month")
    expect(page.locator("#content .note").first).to_contain_text("not compared with itself")
    assert chosen(page, "Compared with") == "Vertebroplasty"


def test_a_choice_that_depends_on_another_follows_it(tab):
    page = tab.open("/compare?v=1&outcome=leakage&comparator=NSM&measure=OR")
    open_settings(page)
    assert chosen(page, "Effect measure") == "Odds ratio"
    choose(page, "Outcome", "Pain")
    expect_title(page, CARE)
    expect(page.get_by_role("textbox", name="Effect measure", exact=True)).to_have_value(
        "Mean difference"
    )
    page.wait_for_url("**/compare?v=1&comparator=NSM")


def test_rotating_a_phone_keeps_the_view(new_tab):
    tab = new_tab(width=390)
    page = tab.open("/compare?v=1&time=12m")
    page.set_viewport_size({"width": 900, "height": 390})
    tab.still()
    expect_title(page, "Pain: vertebroplasty against sham procedure, 12 months")
    assert page.url.endswith("/compare?v=1&time=12m")
    assert tab.complaints == []
