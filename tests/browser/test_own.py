"""My data, as a reader uses them: a file comes in, is seen everywhere as theirs, and goes again."""

from __future__ import annotations

import io
import json
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from analysis import Question, answer
from analysis.evidence.own import with_own
from tests.own_studies import MEANS, own_rows
from tests.reference.review_cases import BCG

DOOR = Path(__file__).parents[1] / "door"
REVIEW = Path(__file__).parents[1] / "analysis/wanted/files/test_data_review.rm5"
YEAR = Question(time="12m")
FAULTY = MEANS + "Dietz,2024,12,2,30,3,2,30,4\n"


def bring(page: Page, text: str = MEANS, name: str = "mine.csv") -> None:
    """Choose a file on the page, and wait until its preview stands."""
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("#own-file input[type=file]").set_input_files([file])
    expect(page.locator("#own-include")).to_contain_text("Include 3 studies")
    expect(page.locator("#own-mapping")).to_contain_text("What each column holds")


def include(page: Page) -> None:
    page.locator("#own-include").click()
    expect(page.locator("#own-banner")).to_contain_text("3 studies of your own are included")
    expect(page.locator("#own-kept table")).to_have_count(2)


def test_a_file_is_previewed_included_marked_switched_off_taken_away_and_removed(tab):
    page = tab.open("/own")
    bring(page, FAULTY)
    preview = page.locator("#own-preview")
    expect(preview).to_contain_text("Nothing has been added yet")
    wrong = preview.locator("table").last.locator("tbody tr").all_text_contents()
    (row,) = wrong
    assert row.startswith("mine.csv, row 5m1i“12”within the scale, 0 to 10; ")
    assert "Scale: upper end" in row
    include(page)

    found = answer(Question(), with_own(answer_evidence(), own_rows()))
    page.get_by_role("link", name="Compare", exact=True).first.click()
    expect(page.locator(".statement strong")).to_have_text(found.sentence)
    expect(page.locator("#main")).to_contain_text("Ahlberg 2021 (your study)")
    expect(page.locator("#before-and-after")).to_contain_text("Published studies alone")
    page.locator("#forest .main-svg").first.wait_for()
    drawn = page.locator("#forest .js-plotly-plot").evaluate("e => JSON.stringify(e.data)")
    assert "(your study)" in drawn.replace("<br>", " ")
    expect(page.locator("#data-version")).to_contain_text(found.data_version)

    page.locator("#own-banner").get_by_role("button", name="Switch off").click()
    expect(page.locator(".statement strong")).to_have_text(answer(Question()).sentence)
    expect(page.locator("#own-banner")).to_contain_text("not included in what you see")
    page.locator("#own-banner").get_by_role("button", name="Switch on").click()
    expect(page.locator(".statement strong")).to_have_text(found.sentence)

    page.locator("#own-banner").get_by_role("link", name="Manage").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Your rows (XLSX)").click()
    book = load_workbook(io.BytesIO(started.value.path().read_bytes()))
    labels = [row[1].value for row in book["studies"].iter_rows(min_row=2)]
    assert labels == [row["label"] for row in own_rows().studies]
    page.get_by_role("button", name="Remove: Ahlberg 2021 (your study)").click()
    expect(page.locator("#own-banner")).to_contain_text("2 studies of your own")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#own-banner")).to_contain_text("3 studies of your own")
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("#own-kept")).to_contain_text("Nothing yet")
    expect(page.locator("#own-banner")).to_be_empty()
    assert tab.complaints == []


def choose(page: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("#own-file input[type=file]").set_input_files([file])


def test_a_review_on_any_topic_is_pooled_asked_about_and_never_outlives_its_file(tab):
    page = tab.open("/own")
    result, questions = page.locator("#own-result"), page.locator("#own-questions")
    choose(
        page,
        "ratios.csv",
        b"study,estimate,lower,upper\nA,0.62,0.40,0.96\nB,0.80,0.55,1.17\nC,0.51,0.28,0.92\n",
    )
    expect(result).to_contain_text("Pooled from 3 studies: ratio 0.")
    expect(result).to_contain_text("read as ratios as reported")
    choose(page, "reviews.rm5", (DOOR / "b04_small.rm5").read_bytes())
    expect(questions).to_contain_text("holds 2 analyses: which one?")
    expect(result).not_to_contain_text("Pooled")
    questions.get_by_label("1.1 New fracture").check()
    expect(result).to_contain_text("Pooled from 2 studies: risk ratio 0.")
    questions.get_by_role("button", name="Undo: analysis 1.1").click()
    expect(questions).to_contain_text("which one?")
    choose(page, "photo.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    expect(page.locator("#own-said")).to_contain_text("photo.png")
    expect(result).to_be_empty()
    expect(questions).to_be_empty()
    expect(page.locator("#own-mapping")).to_be_empty()
    choose(page, "dependent.csv", (DOOR / "a64_dependent.csv").read_bytes())
    expect(result).to_contain_text("three-level model")
    expect(result).to_contain_text("not independent")
    assert tab.complaints == []


def test_a_column_that_is_not_known_stands_on_top_and_is_matched_by_hand(tab):
    page = tab.open("/own")
    choose(page, "odd.csv", b"study,zz,sei\nA,0.1,0.2\nB,0.3,0.2\n")
    result = page.locator("#own-result")
    expect(result).to_contain_text("Nothing is pooled yet")
    expect(result).to_contain_text("Other names are matched with “What each column holds” below")
    expect(page.locator("#own-join")).to_be_hidden()
    page.locator("#own-mapping").get_by_label("zz", exact=True).click()
    page.get_by_role("option", name="effect as analysed").click()
    expect(result).to_contain_text("Pooled from 2 studies")
    page.get_by_role("button", name="Undo: zz").click()
    expect(result).to_contain_text("Nothing is pooled yet")
    assert tab.complaints == []


def test_what_explains_the_differences_is_chosen_by_the_keyboard_alone(tab):
    page = tab.open("/own")
    choose(page, "bcg.csv", BCG.encode())
    result = page.locator("#own-result")
    expect(result).to_contain_text("Pooled from 13 studies: odds ratio 0.")
    explained = page.locator("#own-pooling").get_by_label("Explained by")
    for word in ("alloc", "ablat"):
        explained.focus()
        page.keyboard.type(word)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
    expect(result).to_contain_text("Whether alloc, ablat explains what differs between 13 studies: F ")
    expect(result).to_contain_text("Groups by alloc, each pooled apart; test of difference: Q ")
    method = page.locator("#own-pooling").get_by_label("Model", exact=True)
    method.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Bayes")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(result).to_contain_text("the Bayesian model takes no moderators")
    explained.focus()
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(result).to_contain_text("Bayes: flat prior of the mean")
    assert tab.complaints == []


def test_a_review_stands_beside_the_answer_and_fills_what_is_missing(tab):
    page = tab.open("/own")
    choose(page, REVIEW.name, REVIEW.read_bytes())
    page.locator("#own-questions").get_by_label("1.1 Pain at 1 month").check()
    preview, button = page.locator("#own-preview"), page.locator("#own-include")
    expect(preview).to_contain_text("Which published trial is it?")
    expect(preview).to_contain_text("reported without numbers here")
    expect(button).to_have_text("Fill 3 published trials")
    expect(page.locator("#own-settings-of-file")).to_contain_text("Weeks since treatment")
    preview.get_by_label("Clark 2016", exact=True).click()
    page.get_by_role("option", name="none of them").click()
    expect(button).to_have_text("Fill 2 published trials and include 1 study")
    preview.get_by_label("Clark 2016", exact=True).click()
    page.get_by_role("option", name="Clark W 2016").click()
    expect(button).to_have_text("Fill 3 published trials")
    button.click()
    expect(page.locator("#own-banner")).to_contain_text("3 published trials with your figures")
    page.get_by_role("link", name="Compare", exact=True).first.click()
    expect(page.locator("#main")).to_contain_text("VAPOUR (Clark W 2016) (your figures)")
    expect(page.locator("#main")).to_contain_text("3 published trials with your figures")
    assert tab.complaints == []


def test_nothing_of_a_file_stays_when_the_server_fails_on_the_next(tab):
    page = tab.open("/own")
    choose(page, "first.csv", b"study,yi,sei\nA,0.1,0.2\nB,0.3,0.2\n")
    expect(page.locator("#own-result")).to_contain_text("Pooled from 2 studies")
    page.route("**/_dash-update-component", lambda route: route.abort())
    choose(page, "second.csv", b"study,yi,sei\nC,1.1,0.2\nD,1.3,0.2\n")
    expect(page.locator("#own-result")).to_be_empty()
    expect(page.locator("#own-preview")).to_be_empty()
    expect(page.locator("#own-include-acts")).to_be_hidden()


def answer_evidence():
    from analysis.answer import shipped_evidence

    return shipped_evidence()


def test_two_readers_do_not_see_each_others_rows_and_a_closed_tab_keeps_none(tab, new_tab):
    page = tab.open("/own")
    bring(page)
    include(page)
    page.reload()
    expect(page.locator("#own-banner")).to_contain_text("3 studies of your own are included")
    other = new_tab()
    theirs = other.open("/compare")
    expect(theirs.locator(".statement strong")).to_have_text(answer(Question()).sentence)
    expect(theirs.locator("#own-banner")).to_be_empty()
    again = page.context.new_page()  # another tab of the same reader
    again.goto(tab.address + "/compare")
    expect(again.locator(".statement strong")).to_have_text(answer(Question()).sentence)
    assert again.evaluate("localStorage.getItem('own-rows')") is None
    assert tab.complaints == other.complaints == []


def test_a_long_page_that_is_loaded_anew_keeps_what_was_switched(tab):
    """Dash would build so many parts in the place of others for ten seconds: `place.js` loads the document."""
    page = tab.open("/reviews")
    page.evaluate("rows => sessionStorage.setItem('own-rows', rows)", json.dumps(own_rows().to_store()))
    page = tab.open("/reviews")
    banner = page.locator("#own-banner")
    expect(banner).to_contain_text("3 studies of your own are included")
    with page.expect_navigation():
        banner.get_by_role("button", name="Switch off").click()
    tab.still()
    expect(banner).to_contain_text("not included in what you see")
    assert tab.complaints == []


def test_what_if_moves_the_answer_says_so_and_goes_with_one_click(new_tab):
    tab = new_tab()
    page = tab.open(f"/compare?{YEAR.to_query()}")
    before = answer(YEAR).sentence
    page.get_by_label("Result: mean difference, points").fill("-2")
    page.get_by_label("Patients, both groups").fill("400")
    page.get_by_role("button", name="Add the hypothetical trial").click()
    expect(page.locator("#own-banner")).to_contain_text("1 hypothetical trial is included")
    expect(page.locator(".changes")).to_contain_text(
        "Changed from the default: 1 hypothetical trial"
    )
    expect(page.locator(".statement strong")).to_contain_text("5 trials")
    rows = page.locator("#before-and-after tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Published studies alone")
    expect(page.locator("#certainty")).to_contain_text(
        "no published judgement of certainty covers that"
    )
    page.locator("#forest .main-svg").first.wait_for()
    page.get_by_text("Download or cite").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Picture as SVG").click()
    picture = started.value.path().read_text(encoding="utf-8")
    assert "hypothetical" in picture
    assert "-hypothetical" in picture  # the data version
    assert started.value.suggested_filename.endswith("-hypothetical.svg")
    with page.expect_download() as started:
        page.get_by_role("link", name="Effects of the studies (CSV)").click()
    assert "What-if trial 1 (hypothetical)" in started.value.path().read_text(encoding="utf-8-sig")
    assert started.value.suggested_filename.endswith("-effects-hypothetical.csv")
    page.locator("#before-and-after").get_by_role(
        "button", name="Remove what is hypothetical"
    ).click()
    expect(page.locator(".statement strong")).to_have_text(before)
    expect(page.locator("#own-banner")).to_be_empty()
    assert tab.complaints == []


def test_what_a_tab_keeps_cannot_break_a_page_or_lose_its_mark(tab):
    page = tab.open("/compare")
    stored = own_rows().to_store()
    stored["studies"][0]["label"] = "<img src=x onerror=alert(1)>"
    stored["arm_results"][2]["mean"] = "1e999"
    page.evaluate("rows => sessionStorage.setItem('own-rows', rows)", json.dumps(stored))
    page = tab.open("/compare")
    expect(page.locator("#main")).to_contain_text("‹img src=x onerror=alert(1)› (your study)")
    expect(page.locator("#forest")).not_to_contain_text("Brandt")
    assert page.locator("#content img").count() == 0
    assert tab.complaints == []


def test_axe_finds_no_violation_with_a_file_in_hand_and_after(calm_tab):
    page = calm_tab.open("/own")
    bring(page, FAULTY)
    calm_tab.assert_no_barrier()
    include(page)
    expect(page.locator("#own-preview")).to_be_empty()
    calm_tab.assert_no_barrier()
