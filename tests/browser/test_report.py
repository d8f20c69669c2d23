"""The report opened from a file with the network off: it asks for nothing, draws, prints, and can be read by all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import Question, load_evidence
from analysis.export.artefacts import ARTEFACTS

SHAM = Question(time="12m")


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("report") / "report.html"
    made.write_bytes(ARTEFACTS["report.html"].make(SHAM, load_evidence(), "https://example.org/x"))
    return made


def opened(new_tab: Callable, file: Path, **options):
    tab = new_tab(offline=True, **options)
    tab.page.goto(file.as_uri())
    tab.page.locator("#forest .main-svg").first.wait_for()
    return tab


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_offline_it_draws_asks_for_nothing_and_fits(new_tab, file, width, scheme):
    tab = opened(new_tab, file, width=width, scheme=scheme)
    page = tab.page
    assert tab.requests == [file.as_uri()]
    assert tab.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    drawn = page.locator("#forest .plot").inner_text()
    assert "VERTOS V (Carli D 2023)" in drawn
    assert ("Weight" in drawn) == (width > 800)  # phones get the narrow form, without columns
    ink = page.locator("#forest .textpoint text").first.evaluate("e => getComputedStyle(e).fill")
    assert ink == {"light": "rgb(27, 32, 38)", "dark": "rgb(223, 227, 231)"}[scheme]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_no_violation(new_tab, file, width, scheme):
    tab = opened(new_tab, file, width=width, scheme=scheme, bypass_csp=True)
    tab.page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true; })")
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
    page.locator("#forest .textpoint text", has_text="Weight").first.wait_for()
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


def test_without_scripts_the_numbers_are_there(new_tab, file):
    tab = new_tab(java_script_enabled=False)
    tab.page.goto(file.as_uri())
    assert "−0.72" in tab.page.locator("#forest table").inner_text()
    assert tab.page.locator("noscript p", has_text="needs JavaScript").is_visible()
