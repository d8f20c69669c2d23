"""Gaps, published reviews and methods: the pages print what the analysis counts, and lead on."""

from __future__ import annotations

from playwright.sync_api import expect

from analysis.effects.study_effect import FLAGS
from analysis.evidence.select import REASONS
from analysis.figures.beside import groups
from analysis.figures.words import interval_text
from analysis.survey.agreement import pairs, review_figure
from analysis.survey.gaps import gaps, summary
from analysis.survey.reviews import readings
from tests.browser.reading import cells
from tests.evidence_builder import shipped

EVIDENCE = shipped()


def test_the_map_of_gaps_says_and_holds_what_the_analysis_counts(tab):
    page = tab.open("/gaps")
    found = gaps(EVIDENCE)
    for sentence in summary(found):
        expect(page.locator("#gaps-view")).to_contain_text(sentence)
    page.locator("#gap-map summary").click()
    links = page.locator("#gap-map td a")
    assert links.count() == sum(
        cell.asked for line in found.lines for g in line.cells for cell in g
    )
    for cell in found.cells[::97]:
        link = page.locator(f"#gap-map td a[href='/compare?{cell.question.to_query()}']")
        expect(link).to_have_text(cell.text)
    assert tab.complaints == []


def test_a_mark_of_the_map_opens_its_question_and_back_returns(tab):
    page = tab.open("/gaps?v=1&intervention=VP")
    page.evaluate("window.sameDocument = true")
    mark = page.locator("#gap-map .point[style*='opacity']").last
    mark.scroll_into_view_if_needed()
    box = page.locator("#gap-map-graph .trace .points path").last.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/compare?*")
    expect(page.locator("h1")).to_contain_text("vertebroplasty")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Evidence gaps")
    assert page.evaluate("window.sameDocument")


def test_another_procedure_changes_map_and_address(tab):
    page = tab.open("/gaps")
    page.get_by_role("textbox", name="Treatment", exact=True).click()
    page.get_by_role("option", name="Kyphoplasty", exact=True).click()
    page.wait_for_url("**/gaps?v=1&intervention=BKP")
    expect(page.locator("#gaps-view")).to_contain_text(summary(gaps(EVIDENCE, "BKP"))[0])
    page.go_back()
    expect(page.locator("#gaps-view")).to_contain_text(summary(gaps(EVIDENCE))[0])


def test_a_procedure_without_a_map_is_said(tab):
    page = tab.open("/gaps?intervention=NSM")
    expect(page.locator("#gaps-view .note")).to_contain_text("has no map")
    page.wait_for_url("**/gaps?v=1&intervention=AUG")


def test_published_reviews_stand_beside_our_answers_with_both_figures(tab):
    page = tab.open("/reviews")
    expect(page.locator(".lede")).to_contain_text(f"{len(readings(EVIDENCE))} results")
    for prefix, one_group in (("compared", False), ("one-group", True)):
        for i, group in enumerate(groups(pairs(EVIDENCE), one_group=one_group)):
            block = page.locator(f"#{prefix}-{i}")
            shown = cells(block.locator("tbody tr"))
            for row, pair in zip(shown, group.pairs, strict=True):
                assert row[2] == review_figure(pair.reading)
                ours = "no study with a result"
                if pair.answer.pooled is not None:
                    ours = interval_text(pair.answer)
                assert row[3].startswith(ours)
                assert row[5] == "; ".join(pair.differences)
    apart = sum(reading.question is None for reading in readings(EVIDENCE))
    assert page.locator("#apart tbody tr").count() == apart
    assert tab.complaints == []


def test_methods_list_every_rule_that_the_program_knows(tab):
    page = tab.open("/methods")
    text = page.locator("#content").text_content().casefold()
    for rule in (*REASONS.values(), *FLAGS.values()):
        assert rule.casefold() in text
    assert EVIDENCE.version in text
    page.locator("#content a", has_text="Words used here").click()
    expect(page.locator("h1")).to_have_text("Words used here")


def test_the_footer_leads_to_the_methods(tab):
    page = tab.open("/")
    page.locator("footer a", has_text="Methods").click()
    expect(page.locator("h1")).to_have_text("Methods")
