"""Figures as files, drawn by the installed Chrome: valid, the same bytes twice, a clear line without one."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET

import psutil
import pytest

from analysis import Question
from analysis.export import images
from analysis.export.figure import question_figure
from analysis.figures.standalone import SIZES, WIDTH
from tests.evidence_builder import shipped

LINK = "https://host.example/compare?v=1&time=12m"


@pytest.fixture(scope="module")
def figure():
    return question_figure(Question(time="12m"), shipped(), LINK)


@pytest.fixture(scope="module")
def drawn(chrome, figure, tmp_path_factory):
    """The same figure, drawn by two browsers, in all formats: the first was ended in between."""
    folder = tmp_path_factory.mktemp("images")
    with pytest.MonkeyPatch.context() as patch, images.image_writer() as writer:
        patch.setenv("BROWSER_PATH", chrome)
        for kind in images.KINDS:
            writer.write(figure, folder / f"first.{kind}")
        end_children()
        for kind in images.KINDS:
            writer.write(figure, folder / f"second.{kind}")
        for size in SIZES.values():
            sized = question_figure(Question(time="12m"), shipped(), LINK, size)
            writer.write(sized, folder / f"{size.key}.png", size)
        for kind in ("svg", "pdf"):  # the last of them is the column
            writer.write(sized, folder / f"{size.key}.{kind}", size)
    return folder


def end_children():
    """End the browser that draws, as a machine short of memory would."""
    mine = psutil.Process().children()
    drawing = [child for child in mine if "--headless" in " ".join(child.cmdline())]
    assert drawing
    for child in drawing:
        child.kill()


@pytest.mark.parametrize("kind", images.KINDS)
def test_the_same_figure_gives_the_same_bytes_although_the_browser_died(drawn, kind):
    first, second = ((drawn / f"{run}.{kind}").read_bytes() for run in ("first", "second"))
    assert len(first) > 5000
    assert first == second


def png_size(path):
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", head[16:24])


def test_a_png_has_twice_the_pixels_of_its_figure(drawn, figure):
    assert png_size(drawn / "first.png") == (2 * WIDTH, 2 * figure.layout.height)


def test_sizes_have_the_shape_of_the_place_that_they_are_made_for(drawn):
    assert png_size(drawn / "slide.png") == (1920, 1080)
    across, down = png_size(drawn / "half-slide.png")
    assert across == 960
    assert down == 1080
    assert png_size(drawn / "column.png")[0] == 2008


def test_a_column_is_85_millimetres_wide_on_paper(drawn):
    root = ET.fromstring((drawn / "column.svg").read_text(encoding="utf-8"))
    assert root.attrib["width"] == "85mm"
    assert root.attrib["viewBox"].startswith("0 0 400 ")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+)", (drawn / "column.pdf").read_bytes())
    assert float(box.group(1)) * 25.4 / 72 == pytest.approx(85, abs=0.3)  # whole pixels


def test_a_pdf_is_one_page_without_the_day_it_was_made(drawn):
    content = (drawn / "first.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") == 1
    dates = set(re.findall(rb"/(?:CreationDate|ModDate) \(D:(\d{14})", content))
    assert dates == {b"19800101000000"}


def test_an_svg_is_one_document_with_the_words_of_the_figure(drawn, figure):
    root = ET.fromstring((drawn / "first.svg").read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.attrib["width"]) == WIDTH
    text = " ".join(root.itertext())
    assert "VERTOS IV" in text
    assert "95% interval" in text
    assert "Not medical advice" in text
    assert "4 studies, 469 patients" in text
    assert "reports up to" in text
    assert shipped().version in text
    assert LINK in text


def test_text_of_an_svg_stays_inside_the_picture(drawn, figure):
    svg = (drawn / "first.svg").read_text(encoding="utf-8")
    places = [
        (float(x), float(y)) for x, y in re.findall(r'<text[^>]* x="([-\d.]+)" y="([-\d.]+)"', svg)
    ]
    assert len(places) > 10
    assert all(x < WIDTH for x, _ in places)


def test_without_a_browser_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    with pytest.raises(images.NoChrome) as told, images.image_writer():
        pass
    message = str(told.value)
    assert "\n" not in message
    assert "apt-get install chromium" in message
    assert "BROWSER_PATH" in message
    assert "The other files do not need it" in message


def test_a_program_that_is_no_browser_is_told_in_one_line(monkeypatch, tmp_path):
    fake = tmp_path / "chrome"
    fake.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(fake))
    with pytest.raises(images.NoChrome, match="does not start"), images.image_writer():
        pass
