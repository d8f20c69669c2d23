"""Names in every script: files carry them whole, and pictures with boxes are not made in silence."""

from __future__ import annotations

import io
import logging
import zipfile

import plotly.graph_objects as go
import pytest

from analysis.evidence.own import with_own
from analysis.export import fonts
from analysis.export.artefacts import ARTEFACTS
from analysis.export.images import ImageWriter
from analysis.question import Question
from tests.evidence_builder import shipped
from tests.own_studies import own_rows

NAMES = ("山田太郎", "Иванов", "Παπαδόπουλος", "الحسن", "Nguye\u0302\u0303n")
SHEET = "Author,Year,m1i,sd1i,n1i,m2i,sd2i,n2i,weeks\n" + "".join(
    f"{name},{2018 + i},3.{i},2.1,40,4.2,2.2,41,4\n" for i, name in enumerate(NAMES)
)


@pytest.mark.parametrize(
    "name",
    ["slide.pptx", "deck.pptx", "tables.xlsx", "tables.zip", "report.html", "script.R", "references.ris"],
)  # fmt: skip
def test_a_file_carries_names_of_every_script_unharmed(name):
    evidence = with_own(shipped(), own_rows(SHEET))
    made = ARTEFACTS[name].make(Question(), evidence, "https://host/compare?v=1")
    if made.startswith(b"PK"):
        packed = zipfile.ZipFile(io.BytesIO(made))
        made = b"".join(packed.read(part) for part in packed.namelist())
    for author in NAMES:
        assert author.encode() in made, author


@pytest.fixture
def only(monkeypatch):
    """Pretend that the fonts of this machine have the letters given, and no others."""

    def have(letters: str) -> None:
        monkeypatch.setattr(fonts, "_drawn", lambda letter: letter in letters)

    return have


def test_letters_without_a_font_are_named_once_and_latin_is_never_asked_about(only):
    only("Иванов")
    assert fonts.without_font("Müller, Иванов, 山田山") == "山田"
    assert "山田" in fonts.advice("山田")
    assert "fonts-noto-cjk" in fonts.advice("山田")


def test_a_picture_with_boxes_is_told_of_once(only, caplog, tmp_path, monkeypatch):
    only("")
    writer = ImageWriter()
    monkeypatch.setattr(writer, "draw", lambda *_: b"")
    figure = go.Figure(layout={"annotations": [{"text": "山田 2021"}]})
    with caplog.at_level(logging.WARNING):
        for name in ("a.svg", "b.svg"):
            writer.write(figure, tmp_path / name)
    assert [record.getMessage() for record in caplog.records] == [fonts.advice("山田")]


def test_without_fontconfig_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(fonts.shutil, "which", lambda _: None)
    fonts._drawn.cache_clear()
    assert fonts.without_font("山") == ""
    fonts._drawn.cache_clear()
