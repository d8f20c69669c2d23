"""For a patient: the form makes the address, and the page shows the summary of findings as computed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from analysis.findings.table import findings
from analysis.findings.words import LEVELS_UNKNOWN, cells
from analysis.topic.vertebral.patient import Patient
from tests.evidence_builder import shipped

EVIDENCE = shipped()
CLOSED = 4500
"""Pixels at 1440: no page is longer before anything is opened."""


def choose(page: Page, label: str, entry: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).click()
    page.get_by_role("option", name=entry, exact=True).click()


def expect_patient(page: Page, patient: Patient) -> None:
    """The page shows this patient: heading, both sentences, every row with its marks and its distance."""
    found = findings(patient, EVIDENCE)
    expect(page.locator("h1")).to_have_text(patient.in_words())
    expect(page.locator(".finding-sentence").first).to_contain_text(found.benefits)
    expect(page.locator(".finding-sentence").last).to_contain_text(found.harms)
    for row in found.rows:
        line, made = page.locator(f"#{row.id}"), cells(row)
        if row.answer is not None and made.without != LEVELS_UNKNOWN:
            expect(line).to_contain_text(made.with_)
        for mark in row.marks:
            expect(line.locator(".mark", has_text=mark)).to_have_count(1)
        for text in row.distance:
            expect(page.locator(f"#{row.id} + .behind")).to_contain_text(text)


def test_the_first_patient_is_shown_with_every_row_and_no_page_is_too_long(tab):
    page = tab.open("/patient")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect_patient(page, Patient())
    assert page.evaluate("document.documentElement.scrollHeight") < CLOSED
    top = page.locator(".finding-sentence").last.bounding_box()
    assert top["y"] + top["height"] < 900
    assert tab.complaints == []


def test_a_changed_field_changes_page_and_address_reload_keeps_it_and_back_undoes_it(tab):
    page = tab.open("/patient")
    page.evaluate("window.sameDocument = true")
    choose(page, "Cause of the fracture", "Cancer in the vertebra")
    cancer = Patient(cause="malignant")
    expect_patient(page, cancer)
    page.wait_for_url("**/patient?cause=malignant")
    choose(page, "Age of the patient", "80 and over")
    page.wait_for_url("**/patient?cause=malignant&years=80")
    expect_patient(page, cancer.replace(years="80"))
    page.go_back()
    expect_patient(page, cancer)
    assert page.evaluate("window.sameDocument")
    page.reload()
    expect_patient(page, cancer)
    field = page.get_by_role("textbox", name="Cause of the fracture", exact=True)
    expect(field).to_have_value("Cancer in the vertebra")
    assert tab.complaints == []


def test_words_numbers_and_pictures_are_kept_in_the_address(tab):
    page = tab.open("/patient")
    page.get_by_text("Words", exact=True).click()
    page.wait_for_url("**/patient?show=words")
    row = findings(Patient(), EVIDENCE).rows[0]
    expect(page.locator(f"#{row.id}")).to_contain_text(row.sentence)
    page.get_by_text("Pictures", exact=True).click()
    page.wait_for_url("**/patient?show=picture")
    expect(page.locator("#new-fracture-nsm img")).to_have_count(2)
    page.reload()
    expect(page.locator("#new-fracture-nsm img").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < CLOSED
    assert tab.complaints == []


def test_a_procedure_is_not_compared_with_itself(tab):
    page = tab.open("/patient?procedure=VP")
    choose(page, "Instead of", "Vertebroplasty")
    expect(page.locator("#content .note").first).to_contain_text(
        "the procedure is now kyphoplasty"
    )
    procedure = page.get_by_role("textbox", name="Procedure considered", exact=True)
    expect(procedure).to_have_value("Kyphoplasty")
    page.wait_for_url("**/patient?alternative=VP")


def test_the_link_behind_a_row_opens_its_question(tab):
    page = tab.open("/patient")
    row = next(r for r in findings(Patient(), EVIDENCE).rows if r.key == "new-fracture")
    behind = page.locator(f"#{row.id} + .behind")
    behind.locator("summary").click()
    behind.get_by_role("link").click()
    page.wait_for_url(f"**/compare?{row.answer.question.to_query()}")


def test_junk_in_the_address_is_said(tab):
    page = tab.open("/patient?cause=moon&name=Jane&show=loud")
    note = page.locator("#content .note").first
    for text in ("cause: found 'moon'", "name: not a field of this form", "show: found 'loud'"):
        expect(note).to_contain_text(text)
    expect(page.locator("h1")).to_have_text(Patient().in_words())


def test_the_keyboard_alone_changes_the_patient(tab):
    page = tab.open("/patient")
    field = page.get_by_role("textbox", name="Age of the fracture", exact=True)
    field.focus()
    field.press("Enter")
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/patient?age=*")


def test_axe_finds_no_violation_with_everything_open(calm_tab):
    page = calm_tab.open("/patient?cause=malignant&sex=m&show=picture")
    page.locator(".finding").first.wait_for()
    calm_tab.assert_no_barrier()


def test_the_table_of_a_patient_has_no_barrier_and_fits_phone_and_tablet_in_the_dark(new_tab):
    tab = new_tab(390, "dark", calm=True)
    tab.open("/patient").locator(".finding").first.wait_for()
    for width in (390, 768):
        tab.looks(width, "dark")
        assert tab.violations() == {}
        assert not tab.sideways()


def test_the_table_fits_a_sheet_of_a4(tab):
    page = tab.open("/patient")
    page.emulate_media(media="print")
    expect(page.locator(".patient-form")).to_be_hidden()
    page.set_viewport_size({"width": 703, "height": 1000})  # 186 mm at 96 per inch
    frame = page.locator("table.findings")
    assert frame.evaluate("e => e.scrollWidth <= e.parentElement.clientWidth")
