"""What readers come for is done in few clicks from the front page, and the result is on the screen they end on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from analysis import Question, answer
from tests.own_studies import MEANS

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


def another_estimator(reader: Reader) -> None:
    """Chosen in the settings; the page says what it was before."""
    reader.place("Compare")
    reader.click(reader.page.locator("#the-question summary"))
    reader.choose("Heterogeneity variance", "DerSimonian-Laird")
    reader.sees(reader.page.locator(".changes"), "DerSimonian-Laird. Before:")


def an_editable_slide_of_the_sham_trials_at_a_year(reader: Reader) -> None:
    page = reader.page
    reader.click(page.get_by_role("radio", name="12 months").locator("xpath=following-sibling::label"))
    expect(page.locator("#headline")).to_contain_text("12 months")
    reader.click(page.get_by_role("link", name="See the trials"))
    asked = YEAR.replace(designs=("sham_rct",))
    expect(page.locator(".statement strong")).to_have_text(answer(asked).sentence)
    reader.click(page.get_by_text("Download or cite"))
    with page.expect_download() as started:
        reader.click(page.get_by_text("Slide (PowerPoint)"))
    assert started.value.suggested_filename == f"{asked.slug()}-slide.pptx"


def funding_of_the_trials(reader: Reader) -> None:
    """Counted beside the verdict; study by study in the rows below."""
    reader.place("Compare")
    line = reader.page.locator(".question-line")
    reader.sees(line, "funding: 1 not industry, 1 industry")
    expect(reader.page.locator(".study-rows .quiet").first).to_contain_text("funded by")


def where_a_trials_number_comes_from(reader: Reader) -> None:
    """The mark of a study is not needed: its row opens with the steps, and each figure links its source."""
    reader.place("Compare")
    reader.click(reader.page.locator(".study-row summary"))
    source = reader.page.locator(".study-row[open] a[href^=http]").first
    expect(source).to_be_visible()
    assert source.bounding_box()["y"] < 900 * 2


def a_trial_of_ones_own(reader: Reader) -> None:
    """The template, the file, Include, and the answer with it: choosing the file is a click, too."""
    page = reader.page
    reader.click(page.get_by_role("link", name="My data", exact=True))
    with page.expect_download():
        reader.click(page.locator("#content").get_by_text("Template (CSV)"))
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": MEANS.encode()}
    with page.expect_file_chooser() as chooser:
        reader.click(page.locator("#own-file"))
    chooser.value.set_files([file])
    reader.click(page.locator("#own-include"))
    expect(page.locator("#own-banner")).to_contain_text("3 studies of your own are included")
    reader.place("Compare")
    reader.sees(page.locator(".changes"), "own")


def the_view_in_a_link(reader: Reader) -> None:
    reader.place("Compare")
    reader.choose("Compared with", "Non-surgical care")
    reader.page.wait_for_url("**/compare?v=1&comparator=NSM")


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


def the_one_trial_in_cancer(reader: Reader) -> None:
    """From vertebroplasty against sham to CAFE: kyphoplasty against non-surgical care."""
    only_malignant_fractures(reader)
    reader.choose("Treatment", "Kyphoplasty")
    reader.click(reader.page.get_by_role("link", name="Compared with non-surgical care (1 study)"))
    found = Question(intervention="BKP", comparator="NSM", etiology="malignant")
    reader.sees(reader.page.locator(".statement strong"), answer(found).sentence)
    expect(reader.page.locator(".study-rows")).to_contain_text("CAFE")


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
    another_estimator: 4,
    an_editable_slide_of_the_sham_trials_at_a_year: 4,
    funding_of_the_trials: 1,
    where_a_trials_number_comes_from: 2,
    a_trial_of_ones_own: 5,
    the_view_in_a_link: 3,
    one_procedure_against_the_other: 5,
    only_malignant_fractures: 3,
    the_one_trial_in_cancer: 6,
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


def focused(page: Page, what: str) -> bool:
    return page.evaluate("what => document.activeElement.matches(what)", what)


def presses_to(page: Page, what: str, key: str = "Tab", most: int = 40) -> int:
    """How often a key is pressed until the focus is on an element."""
    for n in range(1, most + 1):
        page.keyboard.press(key)
        if focused(page, what):
            return n
    raise AssertionError(f"{what} was not reached in {most} presses")


def test_with_the_keyboard_alone_a_reader_changes_the_question_reads_the_figure_and_opens_a_study(new_tab):
    """Task o: stops from the top of the page to the first menu, from the last one to the figure, to the studies."""
    tab = new_tab(1440, height=900, calm=True)
    page = tab.open("/compare")
    assert presses_to(page, "#the-question input") <= 18
    page.reload()
    tab.still()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    assert presses_to(page, "#the-question input") <= 3
    page.get_by_role("textbox", name="Time", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="12 months", exact=True).wait_for()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        if page.get_by_role("option", name="12 months", exact=True).get_attribute("data-combobox-selected"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".statement strong")).to_have_text(answer(YEAR).sentence)
    tab.still()
    assert presses_to(page, "[data-walk]") <= 7
    page.keyboard.press("ArrowDown")
    expect(page.locator("#forest .figure-voice")).to_contain_text("Row 1 of")
    page.keyboard.press("Enter")
    expect(page.locator(".study-row[open] summary")).to_be_focused()
    assert tab.complaints == []


SHEETS = {"/": 3, "/compare?v=1&time=12m": 3, "/patient": 2, "/harms": 3}
"""Task n: sheets of A4 that a page prints on."""


@pytest.mark.parametrize("path", SHEETS)
def test_a_page_prints_on_few_sheets(new_tab, path):
    page = new_tab(1440, calm=True).open(path)
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") <= SHEETS[path]
