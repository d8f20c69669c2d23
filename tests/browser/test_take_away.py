"""Download it: each file is downloaded in the browser and opened by something that is not the browser."""

from __future__ import annotations

import csv
import io
import json
import struct
import xml.etree.ElementTree as ET
import zipfile

import pytest
from playwright.sync_api import expect
from pptx import Presentation

from analysis import Question, answer
from analysis.export.artefacts import ARTEFACTS, QUESTION, of
from tests.evidence_builder import shipped

ASKED = Question(time="12m")


@pytest.fixture
def panel(new_tab):
    tab = new_tab()
    page = tab.open(f"/compare?{ASKED.to_query()}")
    page.locator(".js-plotly-plot .xtitle, .js-plotly-plot .x2title").first.wait_for()
    page.get_by_text("Download or cite").click()
    yield page
    assert tab.complaints == []


def taken(page, link, tmp_path):
    with page.expect_download() as started:
        link.click()
    target = tmp_path / started.value.suggested_filename
    started.value.save_as(target)
    return target


def check(name, content):
    """Open a file as its receiver would; each ending has its own check."""
    ending = name.rsplit(".", 1)[1]
    found = answer(ASKED, shipped())
    first = found.studies[0].label
    if ending == "pptx":
        slides = Presentation(io.BytesIO(content)).slides
        assert slides[0].shapes.title.text == found.headline
    elif ending in ("xlsx", "zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            inside = b"".join(archive.read(n) for n in archive.namelist()).decode(
                "utf-8", "replace"
            )
            assert first in inside
    elif ending == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert any(first in cell for row in rows for cell in row)
    else:
        text = content.decode("utf-8")
        signs = {"R": "metafor", "py": "import", "html": "<html", "bib": "@", "ris": "TY  - "}
        assert signs.get(ending, shipped().version) in text


def test_every_file_of_a_view_can_be_taken_and_opened(panel, tmp_path):
    links = panel.locator("#take-away a[data-take]")
    assert links.count() == len(of(QUESTION))
    for i in range(links.count()):
        link = links.nth(i)
        artefact = ARTEFACTS[link.get_attribute("data-take")]
        file = taken(panel, link, tmp_path)
        assert file.name == artefact.file_name(ASKED)
        content = file.read_bytes()
        check(file.name, content)
        if artefact.ending in ("R", "py", "html", "txt"):  # the link leads back to this view
            assert f"/compare?{ASKED.to_query()}" in content.decode().replace("&amp;", "&")
    expect(panel.locator(".take-status")).to_have_text("".join([file.name, " is ready."]))


def test_a_picture_has_the_size_that_was_chosen_and_carries_question_data_and_link(panel, tmp_path):
    shapes = {"slide": (1920, 1080), "half-slide": (960, 1080), "column": (2008, None)}
    button = panel.get_by_role("button", name="Picture as PNG")
    for size, (width, height) in shapes.items():
        panel.locator("#take-away .picture-size").select_option(size)
        file = taken(panel, button, tmp_path)
        assert file.name == f"{ASKED.slug()}-{size}.png"
        pixels = struct.unpack(">II", file.read_bytes()[16:24])
        assert pixels[0] == width
        assert height in (None, pixels[1])
    button = panel.get_by_role("button", name="Picture as SVG")
    for size in ("", "slide"):
        panel.locator("#take-away .picture-size").select_option(size)
        root = ET.fromstring(taken(panel, button, tmp_path).read_bytes())
        text = " ".join("".join(root.itertext()).split())
        assert "4 studies, 469 patients" in text
        assert shipped().version in text
        assert "up to 20" in text
        assert f"/compare?{ASKED.to_query()}" in text.replace(" ", "")
        assert "Not medical advice" in text


def test_files_are_taken_by_keyboard_and_link_and_citation_copied(panel):
    link = panel.get_by_role("link", name="Slide (PowerPoint)")
    link.focus()
    with panel.expect_download() as started:
        panel.keyboard.press("Enter")
    assert started.value.suggested_filename == ARTEFACTS["slide.pptx"].file_name(ASKED)
    panel.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said = panel.locator(".take-status")
    panel.get_by_role("button", name="Share").click()
    expect(said).to_have_text(f"Copied: {panel.url}")
    assert panel.evaluate("navigator.clipboard.readText()") == panel.url
    panel.get_by_role("button", name="Copy a citation").click()
    expect(said).to_contain_text(f"Data version {shipped().version}")
    assert ASKED.title() in panel.evaluate("navigator.clipboard.readText()")


def test_waiting_and_failing_are_told_beside_the_link_and_the_page_stays(new_tab):
    tab = new_tab()
    page = tab.open(f"/compare?{ASKED.to_query()}")
    page.get_by_text("Download or cite").click()
    said = page.locator(".take-status")
    link = page.get_by_role("link", name="Slide (PowerPoint)")
    page.route("**/take/**", lambda route: route.abort())
    link.click()
    expect(said).to_have_text(
        "This did not work. The server does not answer. Check the connection, then try again."
    )
    page.unroute("**/take/**")
    broken = (
        "<!DOCTYPE html><html><body><main><h1>No</h1><p>The fault is ours.</p></main></body></html>"
    )
    page.route("**/take/**", lambda r: r.fulfill(status=500, body=broken, content_type="text/html"))
    link.click()
    expect(said).to_have_text("This did not work. The fault is ours.")
    page.unroute("**/take/**")
    held = []
    page.route("**/take/**", lambda route: held.append(route))
    link.click()
    expect(said).to_have_text("Preparing…")
    with page.expect_download():
        held[0].continue_()
    expect(said).to_have_text(f"{ARTEFACTS['slide.pptx'].file_name(ASKED)} is ready.")


def test_the_readers_own_studies_go_along_with_the_request(new_tab):
    tab = new_tab()
    page = tab.open(f"/compare?{ASKED.to_query()}")
    kept = json.dumps({"studies": [{"study_id": "own-1"}], "active": True})
    page.evaluate("rows => sessionStorage.setItem('own-rows', rows)", kept)
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".take-status")).to_contain_text("The link does not carry your 1 trial")
    page.get_by_text("Download or cite").click()
    with (
        page.expect_request("**/take/effects.csv*") as sent,
        page.expect_download(),
    ):
        page.get_by_role("link", name="Effects of the studies (CSV)").click()
    assert sent.value.method == "POST"
    assert json.loads(sent.value.post_data) == json.loads(kept)


@pytest.mark.parametrize(("query", "most"), [("", 200), ("?claim=height", 6)])
def test_the_claims_can_be_taken_all_or_one(new_tab, tmp_path, query, most):
    tab = new_tab()
    page = tab.open(f"/claims{query}")
    page.get_by_text("Download or cite").click()
    link = page.get_by_role("link", name=ARTEFACTS["claims.pptx"].label)
    slides = Presentation(taken(page, link, tmp_path)).slides
    assert 1 <= len(slides) <= most
    assert query or len(slides) > 6
    assert tab.complaints == []


def test_the_menu_lists_the_figures_that_can_be_seen_and_escape_closes_it(new_tab):
    page = new_tab().open("/")
    page.locator("#relief .js-plotly-plot").wait_for()
    summary = page.get_by_text("Download or cite")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".picture-figure option").count() == 2
    assert page.locator(".picture-size option:not([disabled])").count() == 2
    page.keyboard.press("Escape")
    expect(page.locator("#take-away[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.textContent") == "Download or cite"


def test_the_print_says_of_when_it_is_and_cuts_no_figure(new_tab):
    page = new_tab().open(f"/compare?{ASKED.to_query()}")
    page.locator(".js-plotly-plot .xtitle, .js-plotly-plot .x2title").first.wait_for()
    page.set_viewport_size(
        {"width": 690, "height": 1000}
    )  # the width of the paper between its margins
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    line = page.locator("#print-line").inner_text()
    assert shipped().version in line
    assert page.url in line
    assert page.locator("#content form").first.is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    wide = "document.querySelector('.js-plotly-plot svg').getBoundingClientRect().right"
    assert page.evaluate(wide) <= 690
    names = page.locator(".study-name")
    assert names.count() == len(answer(ASKED, shipped()).studies)
    assert all(name.is_visible() for name in names.all())
    assert page.locator("#what-if").is_hidden()  # an empty form is nothing to read


def test_figures_are_printed_in_dark_ink_from_a_dark_page(new_tab):
    page = new_tab(scheme="dark").open(f"/compare?{ASKED.to_query()}")
    title = page.locator(".js-plotly-plot .xtitle, .js-plotly-plot .x2title").first
    ink = "node => getComputedStyle(node).fill"
    bright = title.evaluate(ink)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(title).to_have_css("fill", "rgb(27, 32, 38)")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(title).to_have_css("fill", bright)


def test_a_table_that_scrolls_is_printed_whole(new_tab):
    page = new_tab().open("/studies")
    page.locator(".house-grid .ag-row").first.wait_for()
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".of-a-grid tbody tr").count() == len(shipped().studies)
    shown = page.locator(".of-a-grid thead th").all_text_contents()
    assert shown[:4] == ["Study", "Year", "Kind of study", "Patients"]
    assert "Reported without numbers" in page.locator(".of-a-grid caption").inner_text()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") <= 6
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".house-grid").is_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".of-a-grid").count() == 0
