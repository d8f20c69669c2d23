"""For this patient: the form makes the address, and the page prints what the analysis finds nearest."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from analysis.evidence import load_evidence
from analysis.topic.vertebral.patient import Found, Patient, parts

EVIDENCE = load_evidence()


def choose(page: Page, label: str, entry: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).click()
    page.get_by_role("option", name=entry, exact=True).click()


def expect_patient(page: Page, patient: Patient) -> None:
    """The page shows this patient: heading, every sentence, every distance."""
    expect(page.locator("h1")).to_have_text(patient.in_words())
    for part in parts(patient, EVIDENCE):
        section = page.locator(f"#{part.matter}")
        for item in part.items:
            expect(section).to_contain_text(item.sentence)
            if isinstance(item, Found):
                for text in (*item.nearest.departures, *item.nearest.remarks):
                    expect(section).to_contain_text(text)


def test_the_first_patient_is_shown_with_the_nearest_evidence(tab):
    page = tab.open("/patient")
    expect_patient(page, Patient())
    assert tab.complaints == []


def test_a_changed_field_changes_page_and_address_reload_keeps_it_and_back_undoes_it(tab):
    page = tab.open("/patient")
    page.evaluate("window.sameDocument = true")
    choose(page, "Cause of the fracture", "Cancer in the vertebra")
    cancer = Patient(cause="malignant")
    expect_patient(page, cancer)
    page.wait_for_url("**/patient?cause=malignant")
    choose(page, "Age of the fracture", "More than 3 months")
    page.wait_for_url("**/patient?cause=malignant&age=old")
    expect_patient(page, cancer.replace(age="old"))
    page.go_back()
    expect_patient(page, cancer)
    assert page.evaluate("window.sameDocument")
    page.reload()
    expect_patient(page, cancer)
    field = page.get_by_role("textbox", name="Cause of the fracture", exact=True)
    expect(field).to_have_value("Cancer in the vertebra")
    assert tab.complaints == []


def test_what_does_not_matter_goes_and_the_last_thing_stays(tab):
    page = tab.open("/patient?matters=pain-now,fracture")
    expect(page.locator("section.matter")).to_have_count(2)
    page.get_by_role("checkbox", name="Pain in the first month").uncheck()
    expect(page.locator("section.matter")).to_have_count(1)
    page.wait_for_url("**/patient?matters=fracture")
    page.get_by_role("checkbox", name="A new vertebral fracture").click()
    expect(page.locator("#content .note")).to_contain_text("Something has to matter")
    expect(page.get_by_role("checkbox", name="A new vertebral fracture")).to_be_checked()


def test_a_procedure_is_not_compared_with_itself(tab):
    page = tab.open("/patient?procedure=VP&matters=fracture")
    choose(page, "Alternative", "Vertebroplasty")
    expect(page.locator("#content .note")).to_contain_text(
        "the procedure is now balloon kyphoplasty"
    )
    procedure = page.get_by_role("textbox", name="Procedure considered", exact=True)
    expect(procedure).to_have_value("Balloon kyphoplasty")
    page.wait_for_url("**/patient?alternative=VP&matters=fracture")


def test_icons_table_and_sentence_hold_the_same_numbers(tab):
    page = tab.open("/patient?matters=fracture")
    item = parts(Patient(matters=("fracture",)), EVIDENCE)[0].items[0]
    numbers = item.absolute
    block = page.locator("#fracture .figure-block")
    block.locator(".main-svg").first.wait_for()
    points = block.locator(".scatterlayer .trace").evaluate_all(
        "all => all.map(t => t.querySelectorAll('.points path').length).filter(n => n)"
    )
    without, with_ = round(numbers.without), round(numbers.with_)
    assert points == [without, 100 - without, with_, 100 - with_]
    block.locator("summary").click()
    cells = block.locator("tbody tr").evaluate_all(
        "rows => rows.map(r => r.querySelector('td').textContent)"
    )
    assert cells == [str(without), str(with_)]


def test_the_link_of_an_answer_opens_its_question(tab):
    page = tab.open("/patient?matters=fracture")
    item = parts(Patient(matters=("fracture",)), EVIDENCE)[0].items[0]
    page.locator("#fracture a", has_text="Studies and sources").click()
    page.wait_for_url(f"**/compare?{item.nearest.answer.question.to_query()}")
    expect(page.locator("h1")).to_have_text(item.nearest.answer.question.title())


def test_junk_in_the_address_is_said(tab):
    page = tab.open("/patient?cause=moon&name=Jane")
    expect(page.locator("#content .note").first).to_contain_text("cause: found 'moon'")
    expect(page.locator("#content .note").first).to_contain_text("name: not a field of this form")
    expect(page.locator("h1")).to_have_text(Patient().in_words())


def test_the_keyboard_alone_changes_the_patient(tab):
    page = tab.open("/patient?matters=fracture")
    field = page.get_by_role("textbox", name="Age of the fracture", exact=True)
    field.focus()
    field.press("Enter")
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/patient?age=*")


def test_axe_finds_no_violation_with_everything_open(bare_tab):
    page = bare_tab.open("/patient")
    page.locator("#fracture .main-svg").first.wait_for()
    bare_tab.open_details()
    assert bare_tab.violations_in_both_schemes() == {}
    assert not bare_tab.sideways()
