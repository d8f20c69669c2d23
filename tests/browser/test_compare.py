"""Compare, as a reader uses it: sentence, figure, table and trail say what the analysis says."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from analysis import Question, answer
from analysis.figures.forest_table import COLUMNS, forest_table
from tests.browser.reading import cells

YEAR = Question(time="12m")
KINDS = (
    Question(),
    YEAR.replace(level=0.99, mid=3.0),
    Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any"),
    Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any", unit="vertebrae"),
    Question(intervention="BKP", comparator="NONE"),
    Question(time="6m"),
)  # fmt: skip


def address_of(question: Question) -> str:
    return f"/compare?{question.to_query()}"


def studies_drawn(page: Page) -> list[str]:
    """The trials of the marks, as the drawing holds them."""
    return page.locator("#forest .js-plotly-plot").evaluate(
        "e => (e.data || []).flatMap(t => t.customdata || [])"  # none while it is drawn again
    )


def said(page: Page) -> str:
    return " ".join(page.locator(".statement p").all_text_contents())


def expect_shown(page: Page, question: Question) -> None:
    """Heading, sentence, figure and address all stand for one Question."""
    a = answer(question)
    expect(page.locator("h1")).to_have_text(a.headline)
    expect(page.locator(".statement strong")).to_have_text(a.sentence)
    expect(page.locator(".study-rows .study-name")).to_have_text([s.label for s in a.studies])
    page.wait_for_url(lambda url: urlsplit(url).query == question.to_query())
    page.locator("#forest .main-svg").first.wait_for()
    wanted, end = [s.trial for s in a.studies], time.monotonic() + 20
    while (drawn := studies_drawn(page)) != wanted and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert drawn == wanted


def open_table(page: Page) -> Locator:
    page.get_by_text("The same numbers as a table").click()
    return page.locator("#forest table")


def trail_of(page: Page, label: str) -> Locator:
    """The trail of a study, open in its place."""
    row = page.locator(".study-row", has=page.get_by_text(label, exact=True))
    expect(row).to_have_attribute("open", "")
    return row


# --- what is shown -------------------------------------------------------------------------------
@pytest.mark.parametrize("question", KINDS, ids=Question.slug)
def test_the_page_says_what_the_analysis_says(tab, question):
    page = tab.open(address_of(question))
    expect_shown(page, question)
    a = answer(question)
    for part in (question.title(), a.sentence, *a.cautions):
        assert part in said(page)
    assert " ".join(a.details) in page.locator("#behind").text_content()
    shown = cells(open_table(page).locator("tbody tr"))
    at = COLUMNS.index("Weight")
    assert [(row[0], row[at]) for row in shown] == [
        (row.label, row.weight_text) for row in forest_table(a).rows
    ]
    assert tab.complaints == []
    inside = (f"{tab.address}/", "data:", "blob:")
    assert [url for url in tab.requests if not url.startswith(inside)] == []


@pytest.mark.parametrize("question", KINDS[1:4], ids=Question.slug)
def test_a_phone_never_scrolls_sideways_not_even_in_a_trail(new_tab, question):
    tab = new_tab(width=390)
    page = tab.open(address_of(question))
    expect_shown(page, question)
    page.locator(".study-rows summary").first.click()
    trail_of(page, answer(question).studies[0].label)
    open_table(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert tab.complaints == []


# --- the trail of a study ------------------------------------------------------------------------
def test_a_click_on_a_mark_opens_its_study_again_and_again(new_tab):
    tab = new_tab(calm=True)
    page = tab.open(address_of(YEAR))
    expect_shown(page, YEAR)
    studies = answer(YEAR).studies

    def click(at: int) -> None:
        # the marks of the studies are the only ones with text for the pointer
        mark = page.locator("#forest .scatterlayer .trace").filter(has=page.locator("path.point"))
        point = mark.locator("path.point").nth(at)
        point.scroll_into_view_if_needed()
        box = point.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    click(0)
    trail_of(page, studies[0].label)
    page.locator(".study-rows summary").nth(3).click()
    trail_of(page, studies[3].label)
    click(0)
    trail_of(page, studies[0].label)
    assert tab.complaints == []


def test_a_button_opens_the_trail_from_print_to_effect_with_its_source(tab):
    page = tab.open(address_of(YEAR))
    study = answer(YEAR).studies[1]
    page.locator(".study-rows summary").nth(1).press("Enter")
    trail = trail_of(page, study.label)
    steps = trail.locator("ol > li").all_text_contents()
    assert steps == [step.text for step in study.steps]
    links = trail.locator("table a")
    assert links.count() == len(study.row_ids)
    for link in links.all():
        assert link.get_attribute("href").startswith("https://")
        assert link.get_attribute("rel") == "noopener noreferrer"


# --- changing the question -----------------------------------------------------------------------
def test_the_keyboard_alone_changes_the_time_and_everything_follows(tab):
    page = tab.open(address_of(Question()))
    expect_shown(page, Question())
    time = page.get_by_role("textbox", name="Time", exact=True)
    time.focus()
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="12 months", exact=True).wait_for()
    border = page.evaluate("getComputedStyle(document.activeElement).borderColor")  # its change is over by now
    for _ in range(3):  # 3, 6, 12 months
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect_shown(page, YEAR)
    expect(time).to_be_focused()
    page.keyboard.press("Tab")
    unfocused = time.evaluate("e => getComputedStyle(e).borderColor")
    assert page.evaluate(ring) != "none" or border != unfocused
    assert tab.complaints == []


def test_reload_back_forward_and_a_pasted_link_restore_figure_and_sentence(tab, new_tab):
    page = tab.open(address_of(Question()))
    expect_shown(page, Question())
    for entry in ("12 months", "6 months"):
        page.get_by_role("textbox", name="Time", exact=True).click()
        page.get_by_role("option", name=entry, exact=True).click()
        expect(page.locator(".question-line")).to_contain_text(entry)
        page.wait_for_url("**time=*")
    expect_shown(page, Question(time="6m"))
    page.go_back()
    expect_shown(page, YEAR)
    page.reload()
    expect_shown(page, YEAR)
    page.go_back()
    expect_shown(page, Question())
    page.go_forward()
    expect_shown(page, YEAR)
    other = new_tab()
    other.page.goto(page.url)
    expect_shown(other.page, YEAR)
    assert tab.complaints == other.complaints == []


def test_a_study_left_out_leaves_figure_and_pool_and_back_brings_it_back(tab):
    page = tab.open(address_of(YEAR))
    expect_shown(page, YEAR)
    page.locator("#the-question summary").click()
    page.get_by_label("Studies to leave out").first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="VERTOS V (Carli D 2023)", exact=True).click()
    expect_shown(page, YEAR.replace(without=("carli-2023",)))
    page.locator(".views a", has_text="Missing").click()
    expect(page.locator("#left-out")).to_contain_text("Left out by the reader")
    page.go_back()
    expect_shown(page, YEAR.replace(without=("carli-2023",)))
    page.go_back()
    expect_shown(page, YEAR)
    assert tab.complaints == []


def test_a_link_with_another_model_says_so_and_takes_it_back(tab):
    question = YEAR.replace(tau2="DL")
    page = tab.open(address_of(question))
    expect_shown(page, question)
    changed = page.locator(".statement .changes")
    expect(changed).to_contain_text(answer(question).change_line)
    changed.locator("a").first.click()
    expect_shown(page, YEAR)


def test_an_emptied_number_means_the_usual_one(tab):
    page = tab.open(address_of(YEAR.replace(mid=3.0)))
    page.locator("#the-question summary").click()
    page.get_by_role("textbox", name="Minimal important difference").fill("")
    page.keyboard.press("Tab")
    expect_shown(page, YEAR)
    correlation = page.get_by_role("textbox", name="Correlation before-after")
    correlation.fill("")
    page.keyboard.press("Tab")
    expect(correlation).to_have_value("0.5")
    assert page.locator("#content .note").count() == 0


def test_what_a_pasted_link_says_wrongly_is_told_once(tab):
    page = tab.open("/compare?v=1&intervention=SHAM&comparator=SHAM&a=1&a=2&level=7&time=12m")
    lines = page.locator("#content .note").first.locator("p").all_text_contents()
    assert len(lines) == len(set(lines)) >= 3
    expect_shown(page, YEAR)


# --- no answer -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "first"),
    [
        (Question(comparator="NSM", time="6m"), "At 12 months (1 study)"),
        (Question(intervention="BKP"), "Compared with vertebroplasty (1 study)"),
    ],
    ids=["another time", "another comparison"],
)
def test_a_question_without_an_answer_leads_to_questions_that_have_one(tab, question, first):
    assert answer(question).pooled is None
    page = tab.open(address_of(question))
    note = page.locator("#content .note")
    expect(note.locator("a").first).to_have_text(first)
    assert page.locator("#forest").count() == 0
    links = note.locator("a")
    assert links.count() >= 2
    for link in links.all():
        promised = int(re.search(r"\((\d+) stud", link.text_content()).group(1))
        asked, said_of_it = Question.from_query(urlsplit(link.get_attribute("href")).query)
        assert said_of_it == []
        assert len(answer(asked).studies) == promised > 0
    links.first.click()
    page.locator("#forest .main-svg").first.wait_for()
    assert tab.complaints == []


# --- everybody, everywhere -----------------------------------------------------------------------
def test_axe_finds_no_violation_in_an_open_trail(bare_tab):
    page = bare_tab.open(address_of(YEAR.replace(level=0.99, without=("carli-2023",))))
    page.locator(".study-rows summary").first.click()
    page.locator(".study-row[open]").first.wait_for()
    bare_tab.open_details()
    assert bare_tab.violations() == {}


def test_a_download_has_its_title_its_source_and_nothing_cut_off(new_tab, tmp_path):
    for width, across in ((1440, 1200), (390, 640)):
        tab = new_tab(width=width)
        page = tab.open(address_of(YEAR))
        expect_shown(page, YEAR)
        page.locator("#take-away summary").click()
        with page.expect_download() as started:
            page.get_by_role("button", name="Picture as SVG").click()
        target = tmp_path / f"{width}.svg"
        started.value.save_as(target)
        svg = target.read_text(encoding="utf-8")
        words = re.sub(r"<[^>]+>", " ", svg)
        words = re.sub(r"\s+", " ", words)
        a = answer(YEAR)
        assert a.sentence[:40] in words
        assert a.data_version in words
        assert "Reopen at" in words
        assert re.search(rf'<svg[^>]* width="{across}"', svg)
        drawn = page.locator("#forest .js-plotly-plot").bounding_box()["height"]
        tall = float(re.search(r'<svg[^>]* height="([\d.]+)"', svg).group(1))
        assert (
            drawn < tall < drawn + 250
        )  # title and source are added, the drawing is not stretched
