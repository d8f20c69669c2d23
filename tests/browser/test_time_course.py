"""Time course: what the page prints is what the analysis computes, and one study can be picked out."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from analysis import vocabulary as words
from analysis.figures.words import interval_text
from analysis.question import Question
from analysis.survey.trajectory import courses, differences, verdicts_in_words
from tests.browser.reading import cells
from tests.browser.test_address import choose, open_settings
from tests.evidence_builder import shipped

OPACITIES = """() => document.querySelector('#time-course .js-plotly-plot').data
    .filter(t => t.opacity === undefined || t.opacity === 1).map(t => t.meta)"""


def table_of(page: Page, block: str) -> list[list[str]]:
    """The table beside a figure, cell by cell."""
    page.locator(f"#{block} summary").first.click()
    return cells(page.locator(f"#{block} table tbody tr"))


def test_levels_and_differences_are_those_of_the_analysis(tab):
    page = tab.open("/time-course")
    levels = table_of(page, "time-course")
    drawn = courses(Question(), shipped()).drawn
    assert [row[3] for row in levels] == [
        f"{level.value:.2f}" for course in drawn for level in course.levels
    ]
    printed = table_of(page, "differences")
    for row, answer in zip(printed, differences(Question(), shipped()), strict=True):
        assert row[0] == answer.question.window.label
        assert row[1].startswith(interval_text(answer) if answer.studies else "no")
        assert row[2] == str(len(answer.studies))
    assert tab.complaints == []


def test_the_question_stands_as_a_sentence_and_comes_along_from_compare(tab):
    """Every part but the time, which this view settles; Back leads through the changes to where one was."""
    page = tab.open("/compare?v=1&comparator=NSM&time=12m&without=evans-2016")
    page.get_by_role("link", name="Over time", exact=True).click()
    page.wait_for_url("**/time-course?v=1&comparator=NSM&time=12m&without=evans-2016")
    expect(page.locator(".sentence .settled")).to_have_text("over time")
    expect(page.get_by_role("textbox", name="Time", exact=True)).to_have_count(0)
    expect(page.locator("#content h1")).to_have_text(
        "Pain: vertebroplasty against non-surgical care, over time"
    )
    expect(page.locator(".changes")).to_contain_text("left out")
    asked = Question(comparator="NSM", time="12m", without=("evans-2016",))
    told = page.locator(".statement strong")
    expect(told).to_have_text(verdicts_in_words(differences(asked, shipped())))
    choose(page, "Cause of fracture", "Malignant fractures")
    page.wait_for_url("**/time-course?*etiology=malignant*")
    expect(page.locator("#content h1")).to_contain_text("malignant")
    page.go_back()
    expect(page.locator("#content h1")).not_to_contain_text("malignant")
    page.go_back()
    page.wait_for_url("**/compare?v=1&comparator=NSM&time=12m&without=evans-2016")
    assert tab.complaints == []


def test_the_menus_offer_what_can_be_followed_and_every_trial_of_every_time(tab):
    page = tab.open("/time-course")
    page.get_by_role("textbox", name="Outcome", exact=True).click()
    offered = page.locator(".mantine-Select-option:visible").all_text_contents()
    assert offered == [words.OUTCOMES[key].label for key in words.OUTCOMES if key in words.OVER_TIME]
    page.keyboard.press("Escape")
    open_settings(page)
    page.locator(".mantine-MultiSelect-input").last.click()
    trials = {s.label for a in differences(Question(), shipped()) for s in a.studies}
    expect(page.locator(".mantine-MultiSelect-option:visible")).to_have_count(len(trials))
    assert set(page.locator(".mantine-MultiSelect-option:visible").all_text_contents()) == trials
    assert tab.complaints == []


def test_the_address_holds_the_choice_and_back_undoes_it(tab):
    page = tab.open("/time-course")
    choose(page, "Compared with", "Non-surgical care")
    expect(page.locator("#by-time h2")).to_contain_text("against non-surgical care")
    page.wait_for_url("**/time-course?v=1&comparator=NSM")
    page.reload()
    expect(page.locator("#by-time h2")).to_contain_text("against non-surgical care")
    page.go_back()
    expect(page.locator("#by-time h2")).to_contain_text("against sham procedure")
    assert tab.complaints == []


def test_focus_on_a_study_makes_its_lines_stand_out_and_a_pressed_button_keeps_them(tab):
    page = tab.open("/time-course")
    page.locator("#time-course .main-svg").first.wait_for()
    every = {course.trial for course in courses(Question(), shipped()).drawn}
    button = page.locator("[data-course=carli-2023]")
    button.focus()
    assert set(page.evaluate(OPACITIES)) == {"carli-2023"}
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.locator("h1").focus()
    assert set(page.evaluate(OPACITIES)) == {"carli-2023"}
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.locator("h1").focus()
    page.mouse.move(5, 5)
    assert set(page.evaluate(OPACITIES)) == every


def test_pointing_at_a_study_in_the_list_does_the_same(tab):
    page = tab.open("/time-course")
    page.locator("#time-course .main-svg").first.wait_for()
    page.locator(".course-list li", has=page.locator("[data-course=buchbinder-2009]")).hover()
    assert set(page.evaluate(OPACITIES)) == {"buchbinder-2009"}


def test_what_cannot_be_followed_over_time_is_said(tab):
    page = tab.open("/time-course?v=1&outcome=leakage&comparator=NONE&nonsense=1")
    notes = page.locator("#content .note").first
    expect(notes).to_contain_text("leakage")
    expect(notes).to_contain_text("differences")
    expect(notes).to_contain_text("nonsense")
    page.wait_for_url("**/time-course?v=1&comparator=NSM")


def test_without_a_study_there_is_a_sentence_and_no_empty_figure(tab):
    page = tab.open("/time-course?v=1&outcome=eq5d&intervention=VAI&comparator=SHAM")
    expect(page.locator("#levels .note")).to_contain_text("No arm of these treatments")
    expect(page.locator("#by-time .note")).to_contain_text("No study here")
    assert page.locator(".js-plotly-plot").count() == 0
    assert tab.complaints == []


def test_a_phone_shows_both_figures_without_scrolling_sideways(new_tab):
    page = new_tab(width=390).open("/time-course?v=1&intervention=AUG&comparator=NSM")
    page.locator("#differences .main-svg").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_pointing_at_a_line_in_the_figure_makes_its_study_stand_out(tab):
    page = tab.open("/time-course")
    page.locator("#time-course .main-svg").first.wait_for()
    page.locator("#time-course").evaluate("e => e.scrollIntoView({block: 'center'})")
    place = page.evaluate(
        """() => {
            const plot = document.querySelector('#time-course .js-plotly-plot');
            const trace = plot.data.find(t => t.meta === 'evans-2016');
            const box = plot.getBoundingClientRect(), axes = plot._fullLayout;
            const last = trace.x.length - 1;
            return [box.left + axes._size.l + axes.xaxis.l2p(trace.x[last]),
                    box.top + axes._size.t + axes.yaxis.l2p(trace.y[last])];
        }"""
    )
    page.mouse.move(place[0] - 60, place[1] - 60)
    page.mouse.move(*place, steps=8)
    expect(page.locator("#time-course .hoverlayer .hovertext").first).to_be_visible()
    assert set(page.evaluate(OPACITIES)) == {"evans-2016"}
