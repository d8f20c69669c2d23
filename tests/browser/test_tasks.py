"""What readers come for is done in few clicks from the front page, and the result is on the screen they end on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from analysis import Question, answer

YEAR = Question(time="12m")


class Reader:
    """One who starts at the front page, at 1440 by 900, and counts clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.first.click()
        self.clicks += 1

    def place(self, name: str) -> None:
        self.click(self.page.locator("header").get_by_role("link", name=name, exact=True))

    def choose(self, menu: str, option: str) -> None:
        self.click(self.page.get_by_role("textbox", name=menu, exact=True))
        self.click(self.page.get_by_role("option", name=option, exact=True))

    def sees(self, what: Locator, text: str) -> None:
        """The text is there, and its first lines stand on the screen without scrolling."""
        expect(what.first).to_contain_text(text)
        expect(what.first).to_be_in_viewport()


def never_tested(reader: Reader) -> None:
    reader.sees(reader.page.locator("#content"), "never been tested against a sham procedure")
    expect(reader.page.get_by_text("never been tested against a sham").first).to_be_in_viewport()


def benefits_and_harms_for_a_patient(reader: Reader) -> None:
    reader.place("For a patient")
    sentences = reader.page.locator("#content .finding-sentence")
    reader.sees(sentences.first, "Benefits")
    reader.sees(sentences.nth(1), "Harms")


def leakage_of_a_hundred_patients(reader: Reader) -> None:
    reader.place("Harms")
    row = reader.page.locator(".harm-matrix tr", has_text="per patient, images not stated")
    reader.sees(row, "of 100")


def a_study_left_out(reader: Reader) -> None:
    reader.place("Compare")
    reader.choose("Time", "12 months")
    expect(reader.page.locator(".statement strong")).to_have_text(answer(YEAR).sentence)
    reader.click(reader.page.locator(".study-switch").last)
    reader.sees(reader.page.locator(".changes"), "left out. Before:")
    expect(reader.page.locator(".statement strong")).to_be_in_viewport()


def funding_of_the_trials(reader: Reader) -> None:
    reader.place("Compare")
    row = reader.page.locator(".study-rows .quiet").first
    expect(row).to_contain_text("paid by")
    assert row.bounding_box()["y"] < 2 * 900


def one_procedure_against_the_other(reader: Reader) -> None:
    reader.place("Compare")
    reader.choose("Treatment", "Kyphoplasty")
    # the menus are drawn anew with the answer
    expect(reader.page.locator("#content h1")).to_contain_text("kyphoplasty")
    reader.choose("Compared with", "Vertebroplasty")
    asked = Question(intervention="BKP", comparator="VP")
    reader.sees(reader.page.locator(".statement strong"), answer(asked).sentence)


def only_malignant_fractures(reader: Reader) -> None:
    """There are none: the page says so, and offers what there is."""
    reader.place("Compare")
    reader.choose("Cause of fracture", "Malignant fractures")
    reader.sees(reader.page.locator("#content h1"), "no usable result")
    offer = reader.page.get_by_text("In all patients (", exact=False)
    reader.sees(offer, "studies)")


def a_trial_of_200_that_found_one_point_more(reader: Reader) -> None:
    """Typed as people type numbers, and sent with Enter; the page shows both answers."""
    reader.place("Compare")
    result = reader.page.get_by_label("Result: mean difference, points")
    reader.click(result)
    result.press_sequentially("1,0")
    expect(reader.page.locator("#what-if-side")).to_have_text("1.0 favours a sham procedure.")
    patients = reader.page.get_by_label("Patients, both groups")
    reader.click(patients)
    patients.press_sequentially("200.0")
    patients.press("Enter")
    reader.sees(reader.page.locator("#before-and-after"), "With 1 hypothetical trial")


TASKS: dict[Callable[[Reader], None], int] = {
    never_tested: 0,
    benefits_and_harms_for_a_patient: 1,
    leakage_of_a_hundred_patients: 1,
    a_study_left_out: 4,
    funding_of_the_trials: 1,
    one_procedure_against_the_other: 5,
    only_malignant_fractures: 3,
    a_trial_of_200_that_found_one_point_more: 3,
}
"""Each task with the clicks it may take."""


@pytest.fixture
def reader(new_tab) -> Iterator[Reader]:
    tab = new_tab(1440, height=900, calm=True)
    page = tab.open("/")
    yield Reader(page)
    assert tab.complaints == [], urlsplit(page.url).path


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_a_task_takes_few_clicks_and_its_result_is_on_the_screen(reader, task):
    task(reader)
    assert reader.clicks <= TASKS[task]
