"""A term's meaning in a real browser: by pointer, keyboard and finger, gone with Escape, and never in the way."""

from __future__ import annotations

from playwright.sync_api import expect

from dashboard.terms import STOPS, address, meanings

SHAM = "Sham procedure (SHAM)"
COMPARE = "/compare?v=1&time=12m"


def first_sham(page):
    return page.locator(f"#content .term[aria-describedby={address(SHAM)}][tabindex]")


def test_a_meaning_comes_with_the_pointer_stays_under_it_and_goes_with_escape(tab):
    page = tab.open(COMPARE)
    tip = page.locator(".term-tip")
    first_sham(page).hover()
    expect(tip).to_have_text(f"{SHAM}: {meanings()[SHAM]}")
    tip.hover()  # the pointer may rest on the meaning itself
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    first_sham(page).hover()
    expect(tip).to_be_visible()
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    assert tab.complaints == []


def test_the_keyboard_reaches_each_term_once_and_a_screen_reader_hears_what_it_means(tab):
    page = tab.open(COMPARE)
    tip = page.locator(".term-tip")
    stops = page.locator("#content .term[tabindex]")
    assert 3 < stops.count() <= STOPS
    first_sham(page).focus()
    expect(tip).to_be_visible()
    expect(first_sham(page)).to_have_accessible_description(f"{SHAM}: {meanings()[SHAM]}")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(first_sham(page)).to_be_focused()
    stops.nth(1).focus()
    expect(tip).to_be_visible()
    page.get_by_role("link", name="Compare").first.focus()
    expect(tip).to_be_hidden()


def test_a_sentence_is_read_and_copied_as_it_was_written(tab):
    page = tab.open(COMPARE)
    sentence = page.locator(".statement strong")
    first_sham(page).focus()
    assert meanings()[SHAM] not in page.locator("#content").inner_text()
    copied = sentence.evaluate(
        "e => { getSelection().selectAllChildren(e.closest('p')); return String(getSelection()); }"
    )
    assert copied.strip() == sentence.text_content()


def test_a_finger_shows_a_meaning_that_fits_a_phone_and_takes_it_away(new_tab):
    tab = new_tab(390, "dark")
    page = tab.open(COMPARE)
    tip = page.locator(".term-tip")
    touched = page.locator("#content .statement .term").last
    touched.scroll_into_view_if_needed()
    touched.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(tip).to_be_visible()
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert not tab.sideways()
    page.locator("h1").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(tip).to_be_hidden()


def test_print_shows_no_meaning_and_no_mark(tab):
    page = tab.open(COMPARE)
    first_sham(page).focus()
    page.emulate_media(media="print")
    expect(page.locator(".term-tip")).to_be_hidden()
    expect(first_sham(page)).to_have_css("text-decoration-line", "none")


def test_what_a_control_draws_again_is_marked_too(tab):
    page = tab.open(COMPARE)
    page.get_by_role("textbox", name="Time", exact=True).click()
    page.get_by_role("option", name="1 month", exact=True).click()
    expect(page.locator(".question-line")).to_contain_text("1 month")
    first_sham(page).hover()
    expect(page.locator(".term-tip")).to_contain_text(meanings()[SHAM])
    assert tab.complaints == []


def test_the_marks_of_claims_and_the_terms_of_every_kind_have_no_barrier_while_a_meaning_is_open(bare_tab):
    page = bare_tab.open("/claims")
    page.locator("#content .term[tabindex]").first.focus()
    expect(page.locator(".term-tip")).to_contain_text("without a comparison")
    assert bare_tab.violations() == {}
