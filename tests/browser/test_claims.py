"""Claims: the page prints the answers of the register, opens one claim at a time, and keeps to its address."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from analysis.answer import answer
from analysis.appraisal.certainty import signals
from analysis.appraisal.plain import plain_sentence
from analysis.appraisal.published import judgements
from analysis.figures.words import interval_text
from analysis.question import Question
from analysis.topic.vertebral import claims
from analysis.topic.vertebral.claims.register import REGISTER
from tests.evidence_builder import shipped

EVIDENCE = shipped()
FOUND = claims.claim_answers(EVIDENCE)


def test_every_claim_stands_there_with_its_verdict_and_its_sentence(tab):
    page = tab.open("/claims")
    sections = page.locator("section.claim")
    assert sections.evaluate_all("all => all.map(e => e.id)") == [c.claim_id for c in FOUND]
    overview = page.get_by_role("region", name="Every claim and its verdict").locator("tbody tr")
    for i, claim in enumerate(FOUND):
        section = page.locator(f"#{claim.claim_id}")
        expect(section.locator(".verdict strong")).to_have_text(claim.verdict.value)
        expect(section.locator(".claim-answer")).to_have_text(claim.sentence)
        expect(overview.nth(i)).to_contain_text(claim.verdict.value)
    assert tab.complaints == []


def test_no_claim_is_open_before_it_is_asked_for(tab):
    page = tab.open("/claims")
    expect(page.locator("section.claim")).to_have_count(len(FOUND))
    assert page.locator(".claim .figure-block").count() == 0


def test_the_table_of_a_claim_holds_the_answers_and_leads_to_compare(tab):
    page = tab.open("/claims?claim=prevents-injury")
    claim_figure = REGISTER["prevents-injury"].claim_figures[0]
    page.locator("#prevents-injury-1 summary").click()
    rows = page.locator("#prevents-injury-1 tbody tr")
    for i, question in enumerate(claim_figure.questions):
        found = answer(question, EVIDENCE)
        if found.studies:
            expect(rows.nth(i).locator("td").nth(1)).to_contain_text(interval_text(found))
    link = rows.first.locator("a")
    link.click()
    page.wait_for_url(f"**/compare?{claim_figure.questions[0].to_query()}")
    expect(page.locator("h1")).to_have_text(answer(claim_figure.questions[0], EVIDENCE).headline)


def test_opening_a_claim_shows_it_at_once_and_back_closes_it(tab):
    page = tab.open("/claims")
    page.evaluate("window.sameDocument = true")
    page.locator("#rare-risks a", has_text="Figure, certainty, studies").click()
    page.wait_for_url("**/claims?claim=rare-risks#rare-risks")
    page.locator("#rare-risks-1 .main-svg").first.wait_for()
    expect(page.locator("#rare-risks")).to_be_in_viewport()
    assert page.locator("#contradiction-1").count() == 0
    page.go_back()
    expect(page.locator("#rare-risks-1")).to_have_count(0)
    assert page.evaluate("window.sameDocument")


def test_a_pasted_link_to_a_claim_opens_it_in_view(tab):
    page = tab.open("/claims?claim=height#height")
    page.locator("#height-2 .main-svg").first.wait_for()
    expect(page.locator("#height h2")).to_be_in_viewport()


def test_junk_in_the_address_is_said_and_no_claim_opens(tab):
    page = tab.open("/claims?claim=moon&colour=red")
    note = page.locator("#content .note")
    expect(note).to_contain_text("there is none called 'moon'")
    expect(note).to_contain_text("colour: not understood")
    assert page.locator(".claim .figure-block").count() == 0


@pytest.mark.parametrize(
    "query", ["v=1&time=12m", "v=1&intervention=BKP&comparator=NSM", "v=1&comparator=NONE"]
)
def test_compare_shows_the_published_certainty_and_every_signal(tab, query):
    page = tab.open(f"/compare?{query}")
    found = answer(Question.from_query(query)[0], EVIDENCE)
    block = page.locator("#certainty")
    judged = judgements(found.question, found.studies, EVIDENCE)
    for judgement in judged:
        expect(block).to_contain_text(judgement.printed)
    sentence = plain_sentence(found, judged[0] if judged else None)
    if sentence:
        expect(block.locator(".plain-sentence")).to_have_text(sentence)
    for signal in signals(found, EVIDENCE):
        expect(block).to_contain_text(f"{signal.title}: {signal.reading}. {signal.finding}")


def test_axe_finds_no_violation_with_every_claim_open(calm_tab):
    page = calm_tab.open("/claims?claim=all")
    page.locator("#cause-osteoporosis-1 .main-svg").first.wait_for()
    calm_tab.assert_no_barrier()
