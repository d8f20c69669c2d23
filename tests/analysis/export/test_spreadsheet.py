"""Tables to take away: read back by other programs, nothing runs as a formula, the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile

import openpyxl
import pytest

from analysis import Question, answer
from analysis.__main__ import main
from analysis.export.artefacts import ARTEFACTS, link_to
from analysis.export.sheets import Sheet, sheets
from analysis.export.spreadsheet import disarmed, to_csv, to_xlsx, to_zip
from tests.evidence_builder import changed_study, shipped

SHAM = Question()
COUNTS = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")
ONE_GROUP = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")
NOTHING = Question(intervention="BKP")
LINK = "https://example.org/compare?v=1"
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=cmd|"/c calc"!A0')


def of(question: Question) -> dict[str, Sheet]:
    return {s.name: s for s in sheets(answer(question, shipped()), shipped(), LINK)}


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.parametrize("question", [SHAM, COUNTS, ONE_GROUP, NOTHING])
def test_effects_and_results_hold_the_numbers_of_the_answer(question):
    a, content = answer(question, shipped()), of(question)
    rows = content["effects"].records()
    assert [(r["yi"], r["vi"]) for r in rows] == [(s.yi, s.vi) for s in a.studies]
    results = content["results"].records()
    assert [r["estimate"] for r in results] == [
        p.estimate for p in (a.pooled, a.told.other if a.told else None) if p
    ]
    assert len(content["left out"].rows) == len(a.left_out)
    assert all(r["source_url"] for name in ("printed", "left out") for r in content[name].records())
    assert {r["row_id"] for r in content["printed"].records()} == {
        row for s in a.studies for row in s.row_ids
    }


@pytest.mark.parametrize("question", [SHAM, COUNTS, NOTHING])
def test_the_codebook_explains_every_column_of_every_sheet(question):
    content = of(question)
    explained = {(r["sheet"], r["column"]) for r in content["codebook"].records()}
    columns = {
        (s.name, c.name) for s in content.values() if s.name not in ("codebook", "about") for c in s.columns
    }  # fmt: skip
    assert explained == columns
    assert all(r["meaning"] for r in content["codebook"].records())


def test_about_names_link_version_hash_and_program():
    stated = {r["item"]: r["value"] for r in of(SHAM)["about"].records()}
    assert stated["Link"] == LINK
    assert stated["SHA-256 of the data"] == shipped().sha256
    assert stated["Data version"] == shipped().version == shipped().sha256[:12]
    assert "released" in stated["Program"]


def test_the_same_question_gives_the_same_bytes_in_every_format():
    for name in ("effects.csv", "tables.zip", "tables.xlsx"):
        make = ARTEFACTS[name].make
        assert make(SHAM, shipped(), LINK) == make(SHAM, shipped(), LINK)


def test_another_program_reads_the_workbook_back():
    content = of(COUNTS)
    made = book(ARTEFACTS["tables.xlsx"].make(COUNTS, shipped(), LINK))
    assert made.sheetnames == ["about", *(name for name in content if name != "about")]
    for name, sheet in content.items():
        page = made[name]
        assert page.freeze_panes == "A2"
        header, *rows = page.iter_rows(values_only=True)
        assert list(header) == [c.name for c in sheet.columns]
        # a workbook keeps 15 to 17 digits of a number
        for found, expected in zip(rows, sheet.rows, strict=True):
            for a, b in zip(found, expected, strict=True):
                assert a == b or math.isclose(a, b, rel_tol=1e-14)
    effects = made["effects"]
    at = [c.value for c in effects[1]].index("effect")
    assert effects[2][at].number_format == "0.000"


def test_every_csv_of_the_zip_reads_back():
    content = of(SHAM)
    with zipfile.ZipFile(io.BytesIO(ARTEFACTS["tables.zip"].make(SHAM, shipped(), LINK))) as z:
        assert sorted(z.namelist()) == sorted(f"{n.replace(' ', '_')}.csv" for n in content)
        rows = read_csv(z.read("effects.csv"))
    assert [float(r["yi"]) for r in rows] == [r["yi"] for r in content["effects"].records()]
    assert {r["data_sha256"] for r in rows} == {shipped().sha256}


@pytest.mark.parametrize("text", HOSTILE)
def test_text_never_becomes_a_formula_and_numbers_stay_numbers(text):
    column = of(SHAM)["about"].columns
    sheet = Sheet("s", column, ((text, -0.5),))
    row = list(csv.reader(io.StringIO(to_csv(sheet).decode("utf-8-sig"), newline="")))[1]
    assert row == [f"'{text}", "-0.5"] == [disarmed(text), "-0.5"]
    page = book(to_xlsx((sheet,), "t"))["s"]
    assert page["A2"].data_type == "s"
    assert page["A2"].value.replace("_x000D_", "\r") == text  # how XLSX writes a carriage return
    assert (page["B2"].data_type, page["B2"].value) == ("n", -0.5)


def test_a_hostile_label_of_a_study_is_disarmed_in_every_file():
    evidence = changed_study(shipped(), "kallmes-2009", label='=HYPERLINK("http://x","y")')
    rows = read_csv(ARTEFACTS["effects.csv"].make(SHAM, evidence, LINK))
    assert rows[0]["study"].startswith("'=HYPERLINK")
    made = book(ARTEFACTS["tables.xlsx"].make(SHAM, evidence, LINK))
    cells = [c for page in made for row in page.iter_rows() for c in row]
    assert {c.data_type for c in cells} <= {"s", "n"}
    assert not any(c.hyperlink for c in cells)


def test_a_zip_holds_no_time_of_the_clock():
    with zipfile.ZipFile(io.BytesIO(to_zip(tuple(of(SHAM).values())))) as z:
        assert {entry.date_time[0] for entry in z.infolist()} == {1980}


@pytest.mark.parametrize("question", [SHAM, COUNTS, ONE_GROUP])
def test_the_command_pool_reads_the_effects_and_finds_the_same(question, tmp_path, capsys):
    file = tmp_path / "effects.csv"
    file.write_bytes(ARTEFACTS["effects.csv"].make(question, shipped(), link_to(question)))
    assert main(["pool", str(file), "--measure", "GEN", "--json"]) == 0
    found, expected = json.loads(capsys.readouterr().out), answer(question, shipped()).pooled
    names = (
        "k",
        "estimate",
        "ci_low",
        "ci_high",
        "tau2",
        "i2",
        *(("pi_low",) if expected.pi_low else ()),
    )
    for name in names:
        assert found[name] == pytest.approx(getattr(expected, name), rel=1e-12)
