"""Figures as files, drawn by the installed Chrome: valid, the same bytes twice, a clear line without one."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET

import pytest

from analysis import Question, answer
from analysis.export import images
from analysis.figures import forest
from analysis.figures.standalone import WIDTH, footer_of, standalone


@pytest.fixture(scope="module")
def figure():
    a = answer(Question(time="12m"))
    return standalone(forest(a), a.statement.finding, footer_of(a))


@pytest.fixture(scope="module")
def drawn(chrome, figure, tmp_path_factory):
    """The same figure, written twice by two writers, in both formats."""
    folder = tmp_path_factory.mktemp("images")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROWSER_PATH", chrome)
        for run in ("first", "second"):
            with images.image_writer() as writer:
                for kind in ("svg", "png"):
                    writer.write(figure, folder / f"{run}.{kind}")
    return folder


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_figure_gives_the_same_bytes(drawn, kind):
    first, second = ((drawn / f"{run}.{kind}").read_bytes() for run in ("first", "second"))
    assert len(first) > 5000
    assert first == second


def test_a_png_has_twice_the_pixels_of_its_figure(drawn, figure):
    head = (drawn / "first.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (2 * WIDTH, 2 * figure.layout.height)


def test_an_svg_is_one_document_with_the_words_of_the_figure(drawn, figure):
    root = ET.fromstring((drawn / "first.svg").read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.attrib["width"]) == WIDTH
    text = " ".join(root.itertext())
    assert "VERTOS IV" in text
    assert "95% CI" in text
    assert "Not medical advice" in text


def test_text_of_an_svg_stays_inside_the_picture(drawn, figure):
    svg = (drawn / "first.svg").read_text(encoding="utf-8")
    places = [
        (float(x), float(y)) for x, y in re.findall(r'<text[^>]* x="([-\d.]+)" y="([-\d.]+)"', svg)
    ]
    assert len(places) > 10
    assert all(x < WIDTH for x, _ in places)


def test_without_a_browser_the_line_says_what_to_install(monkeypatch):
    from choreographer.browsers.chromium import ChromeNotFoundError

    def missing(*args: object, **options: object) -> None:
        raise ChromeNotFoundError("no chrome here")

    monkeypatch.setattr("kaleido.start_sync_server", missing)
    with pytest.raises(images.NoChrome) as told, images.image_writer():
        pass
    message = str(told.value)
    assert "\n" not in message
    assert "apt-get install chromium" in message
    assert "BROWSER_PATH" in message
    assert "The tables do not need it" in message
