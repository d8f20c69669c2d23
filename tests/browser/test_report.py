"""The report opened from a file with the network off: it asks for nothing, draws, prints, and can be read by all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import Question, answer, load_evidence
from analysis.export.artefacts import ARTEFACTS
from analysis.figures.forest_table import forest_table
from tests.browser.conftest import VIEWS

SHAM = Question(time="12m")


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("report") / "report.html"
    made.write_bytes(ARTEFACTS["report.html"].make(SHAM, load_evidence(), "https://example.org/x"))
    return made


def opened(new_tab: Callable, file: Path, **options):
    tab = new_tab(**options)
    tab.page.context.set_offline(True)
    tab.page.goto(file.as_uri())
    tab.page.locator("#forest .main-svg").first.wait_for()
    return tab


def weight() -> str:
    """What stands under the first study's name in the wide form of the figure alone."""
    return forest_table(answer(SHAM)).studies[0].weight_text


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_offline_it_draws_asks_for_nothing_fits_and_has_no_barrier(new_tab, file, width, scheme):
    tab = opened(new_tab, file, width=width, scheme=scheme, calm=True)
    page = tab.page
    assert tab.requests == [file.as_uri()]
    assert tab.complaints == []
    assert not tab.sideways()
    drawn = page.locator("#forest .plot").inner_text()
    assert "VERTOS V (Carli D 2023)" in drawn
    assert (weight() in drawn) == (width > 800)
    ink = page.locator("#forest .textpoint text").first.evaluate("e => getComputedStyle(e).fill")
    assert ink == {"light": "rgb(27, 32, 38)", "dark": "rgb(223, 227, 231)"}[scheme]
    page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true; })")
    assert tab.violations() == {}


def test_the_figure_answers_the_pointer(new_tab, file):
    page = opened(new_tab, file).page
    page.locator("#forest .scatterlayer .points path").first.hover(force=True)
    page.locator("#forest .hoverlayer .hovertext").wait_for()


def test_on_paper_it_is_ink_on_white_and_nothing_is_cut(new_tab, file):
    tab = opened(new_tab, file, width=390, scheme="dark")
    page = tab.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins
    page.locator("#forest .textpoint text", has_text=weight()).first.wait_for()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    box = page.locator("#forest .plot .main-svg").first.bounding_box()
    assert box["x"] + box["width"] <= 681


def test_references_are_saved_without_a_network(new_tab, file):
    page = opened(new_tab, file).page
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as BibTeX").click()
    assert saved.value.suggested_filename == "pain-vp-sham-12m-references.bib"
    assert "@article{buchbinder-2009," in Path(saved.value.path()).read_text(encoding="utf-8")


def test_without_scripts_the_numbers_are_there(launch, file, tmp_path):
    with launch(tmp_path, java_script_enabled=False) as profile:
        page = profile.new_page()
        page.goto(file.as_uri())
        pooled = forest_table(answer(SHAM)).summary[0]
        table = page.locator("#forest table").inner_text()
        assert f"{pooled.value}\t{pooled.limits}" in table.replace("\xa0", " ")
        assert page.locator("#forest noscript p", has_text="needs JavaScript").is_visible()
