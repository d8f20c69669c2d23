"""How robust? Every view of robustness opens, has an address, and says what the analysis says."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from analysis import Question, answer
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.view import View
from tests.browser.test_address import choose, expect_title
from tests.evidence_builder import shipped

YEAR = Question(comparator="NSM", time="12m")
PATH = f"/robustness?{YEAR.to_query()}"
SOME = Question(time="any")


# Where the first point that stands for an analysis is on the screen.
_FIRST_ANALYSIS = """graph => {
  const { xaxis, yaxis } = graph._fullLayout, frame = graph.getBoundingClientRect();
  const trace = graph.data.find(t => t.customdata);
  return [frame.x + xaxis._offset + xaxis.l2p(trace.x[0]), frame.y + yaxis._offset + yaxis.l2p(trace.y[0])];
}"""


def made(question: Question, key: str) -> View:
    return VIEWS[key].view(question, shipped())


def expect_view(page: Page, view: View) -> None:
    expect(page.locator("#robustness-view .statement")).to_have_text(view.finding)


def test_every_view_opens_by_its_link_says_its_finding_and_back_returns(tab):
    page = tab.open(f"/robustness?{SOME.to_query()}")
    usual, *others = VIEWS
    expect_view(page, made(SOME, usual))
    for key in others:
        page.locator(".view-links a", has_text=VIEWS[key].label).click()
        page.wait_for_url(f"**/robustness?{SOME.to_query()}&view={key}")
        view = made(SOME, key)
        expect_view(page, view)
        for caution in view.cautions:
            expect(page.locator(".cautions")).to_contain_text(caution)
        expect(page.locator("#robustness-view figure")).to_have_count(
            sum(panel.figure is not None for panel in view.panels)
        )
        expect(page.locator(".view-links [aria-current=page]")).to_have_text(VIEWS[key].label)
    page.go_back()
    expect_view(page, made(SOME, others[-2]))
    assert tab.complaints == []


def test_a_changed_control_changes_view_and_address_and_keeps_the_view_chosen(tab):
    page = tab.open(f"{PATH}&view=influence")
    expect_view(page, made(YEAR, "influence"))
    choose(page, "Time", "Longest follow-up")
    expect_view(page, made(YEAR.replace(time="any"), "influence"))
    page.wait_for_url("**/robustness?v=1&comparator=NSM&time=any&view=influence")
    page.go_back()
    expect_view(page, made(YEAR, "influence"))


def test_what_was_not_understood_is_said(tab):
    page = tab.open("/robustness?view=palmistry&time=noon&study=nobody")
    note = page.locator("#content .note").first
    for part in ("palmistry", "noon", "nobody"):
        expect(note).to_contain_text(part)
    page.wait_for_url("**/robustness?v=1")


def test_compare_leads_here_and_back_with_the_same_question(tab):
    page = tab.open(f"/compare?{YEAR.to_query()}")
    page.locator(".views a", has_text="How robust").click()
    expect_view(page, made(YEAR, next(iter(VIEWS))))
    page.locator(".views a", has_text="Answer").click()
    expect_title(page, YEAR.title())
    page.wait_for_url(f"**/compare?{YEAR.to_query()}")


def test_a_point_of_the_specification_curve_offers_its_analysis_and_does_not_jump(tab):
    page = tab.open(PATH)
    figure = page.locator("#multiverse-specification-curve .js-plotly-plot")
    figure.locator(".points path").first.wait_for(state="attached")
    tab.still()
    figure.scroll_into_view_if_needed()
    page.mouse.click(*figure.evaluate(_FIRST_ANALYSIS))
    link = page.get_by_role("link", name="Open this analysis on Compare")
    query = link.get_attribute("href").partition("?")[2]
    asked, said = Question.from_query(query)
    assert said == []
    expect(page.locator("#robustness-picked")).to_contain_text(answer(asked, shipped()).sentence)
    assert page.url.endswith(PATH)
    link.click()
    expect_title(page, asked.title())


def test_subsets_are_coloured_by_the_study_that_the_reader_chooses(tab):
    page = tab.open(f"/robustness?{SOME.to_query()}&view=subsets")
    study = answer(SOME, shipped()).studies[0]
    choose(page, "Coloured by the presence of", study.label)
    page.wait_for_url(f"**&view=subsets&study={study.trial}")
    expect(page.locator("#robustness-view figcaption").first).to_contain_text(study.label)
    page.reload()
    field = page.get_by_role("textbox", name="Coloured by the presence of")
    expect(field).to_have_value(study.label)
    assert tab.complaints == []


def test_no_view_has_a_barrier_or_scrolls_sideways_on_a_phone_in_the_dark(new_tab):
    tab = new_tab(width=390, scheme="dark", calm=True)
    page = tab.open(f"/robustness?{SOME.to_query()}")
    for key, spec in VIEWS.items():
        page.locator(".view-links a", has_text=spec.label).click()
        expect_view(page, made(SOME, key))
        tab.open_details()
        assert tab.violations() == {}, key
        assert not tab.sideways(), key
