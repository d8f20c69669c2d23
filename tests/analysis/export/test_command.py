"""``python -m analysis export``: the files of one question or of claims, and clear lines where there are none."""

from __future__ import annotations

import pytest

from analysis import Question
from analysis.__main__ import main
from analysis.export.artefacts import ARTEFACTS, QUESTION, for_page, of
from analysis.export.command import formats_of

ASKED = Question(time="12m")
WITHOUT_CHROME = ",".join(sorted({a.ending for a in of(QUESTION)}))


def export(tmp_path, *options):
    return main(["export", "--out", str(tmp_path), *options])


def test_every_format_is_the_same_file_as_the_download(tmp_path, capsys):
    assert export(tmp_path, "--time", "12m", "--format", WITHOUT_CHROME) == 0
    names = {a.file_name(ASKED) for a in for_page("/network")}
    assert {file.name for file in tmp_path.iterdir()} == names
    assert sorted(capsys.readouterr().out.split()) == sorted(str(tmp_path / name) for name in names)


def test_options_are_those_of_the_address_and_links_take_the_site(tmp_path):
    address = "/compare?v=1&time=12m&tau2=DL"
    assert (
        export(tmp_path, "--question", address, "--format", "r", "--site", "https://h.example/")
        == 0
    )
    question = Question(time="12m", tau2="DL")
    text = (tmp_path / ARTEFACTS["script.R"].file_name(question)).read_text(encoding="utf-8")
    assert f"https://h.example{address}" in text


def test_claims_can_be_exported_too(tmp_path):
    assert export(tmp_path, "--claim", "heat", "--format", "pptx") == 0
    assert [file.name for file in tmp_path.iterdir()] == ["heat-claims.pptx"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "doc"), "format: found 'doc', allowed: all, svg, png, pdf"),
        (("--size", "poster"), "size: found 'poster', allowed: slide, half-slide, column"),
        (("--claim", "none-such"), "claim: found 'none-such', allowed: relief-85"),
        (("--site", "ftp://h"), "site: found 'ftp://h'"),
        (("--level", "9"), "level: found"),
        (("--claim", "heat", "--format", "svg"), "format: found 'svg'"),
    ],
)
def test_wrong_use_is_one_clear_line(tmp_path, capsys, options, said):
    assert export(tmp_path, *options) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.strip().count("\n") == 0
    assert not list(tmp_path.iterdir())


def test_a_question_without_an_answer_says_what_was_not_written_and_why(tmp_path, capsys):
    assert export(tmp_path, "--intervention", "BKP", "--time", "6m", "--format", "pptx") == 1
    error = capsys.readouterr().err
    assert (
        "Not written: slide.pptx, deck.pptx. No randomised trial has compared kyphoplasty with a sham"
        in error
    )
    assert not list(tmp_path.iterdir())


def test_without_chrome_the_other_files_are_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    assert export(tmp_path, "--time", "12m", "--format", "csv,svg") == 1
    assert "apt-get install chromium" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [ARTEFACTS["effects.csv"].file_name(ASKED)]


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert main(["export", "--format", "csv", "--out", str(tmp_path / "file" / "deep")]) == 1
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_formats_are_those_of_the_register():
    assert set(formats_of(())) == {"pptx", "html", "txt", "bib", "ris"}
    assert {"svg", "png", "pdf", "pptx", "xlsx", "csv", "R", "py", "html", "bib", "ris"} <= set(
        formats_of(ASKED)
    )
