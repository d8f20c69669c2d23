"""Workbooks: sheets, merged cells, formulas, formats, what is hidden."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from analysis.reading import Unreadable, open_file
from tests.analysis.reading import builders as b

SAVED = ("studies.xlsx", "studies.ods", "studies.xls")
"""One workbook, saved by LibreOffice 7.4 in three formats."""


def saved(name: str):
    return open_file(name, (b.FILES / name).read_bytes())


@pytest.mark.parametrize("name", SAVED)
def test_visible_sheets_are_choices_and_hidden_ones_are_said(name):
    opened = saved(name)
    assert [t.name for t in opened.tables] == ["Studies", "Other"]
    assert "Hidden" in opened.remarks[0]


@pytest.mark.parametrize("name", SAVED)
def test_hidden_rows_are_read_and_said(name):
    table = saved(name).tables[0]
    assert table.row_numbers == (3, 4, 5)
    assert any("hidden" in r and "row 5" in r for r in table.remarks)


@pytest.mark.parametrize("name", SAVED)
def test_formats_are_what_the_reader_sees(name):
    table = saved(name).tables[0]
    share, when, seen = table.rows[0][6:]
    assert share == "25%"
    assert when == "2001-03-12 (a date)"
    assert seen == "#DIV/0!"
    assert table.rows[1][8] == 240.0  # the stored result of a formula


@pytest.mark.parametrize("name", SAVED)
def test_merged_names_and_merged_studies(name):
    table = saved(name).tables[1]
    assert table.columns == ("study", "Treatment mean", "Treatment n", "Control mean", "Control n")
    assert [row[0] for row in table.rows] == ["A", "A"]
    assert any("merged" in remark for remark in table.remarks)


def test_a_formula_without_a_stored_result_is_no_number_and_is_said():
    rows = [["study", "yi", "vi"], ["A", "=1+1", 0.2], ["B", 0.3, 0.4]]
    table = open_file("x.xlsx", b.xlsx(rows)).tables[0]
    assert table.rows == (
        ("A", "=1+1 (a formula whose result is not stored)", 0.2),
        ("B", 0.3, 0.4),
    )
    assert "not stored" in table.remarks[0]


def test_a_formula_at_the_right_edge_is_seen():
    table = open_file("x.xlsx", b.xlsx([["study", "yi"], ["A", "=1+1"], ["B", "=2"]])).tables[0]
    assert [row[1][:2] for row in table.rows] == ["=1", "=2"]


def test_long_notes_and_empty_sheets_do_no_harm():
    content = b.xlsx([["study", "yi", "note"], ["A", 0.1, "x" * 20_000]], Empty=[])
    opened = open_file("x.xlsx", content)
    assert len(opened.tables) == 1
    assert len(opened.tables[0].rows[0][2]) == 20_000


def test_a_sheet_without_rows_is_passed_over_by_name():
    opened = open_file("x.xlsx", b.xlsx(Notes=[["remember to check"]]))
    assert [t.name for t in opened.tables] == ["Studies"]
    assert "Notes" in opened.remarks[0]


def test_a_workbook_without_any_table_says_why():
    with pytest.raises(Unreadable, match="one row only"):
        open_file("x.xlsx", b.xlsx([["nothing here"]]))
    with pytest.raises(Unreadable, match="without any filled sheet"):
        open_file("x.xlsx", b.xlsx([]))


def test_numbers_of_a_workbook_stay_numbers_and_text_stays_text():
    rows = [["study", "year", "yi", "flag"], ["007", 2001, 0.1, True], ["1E5", 2002, 1e-8, False]]
    table = open_file("x.xlsx", b.xlsx(rows)).tables[0]
    assert table.rows == (("007", 2001.0, 0.1, "TRUE"), ("1E5", 2002.0, 1e-8, "FALSE"))


def test_a_raised_mark_behind_a_number_is_no_digit_of_it():
    raised = CellRichText("12", TextBlock(InlineFont(vertAlign="superscript"), "3"))
    table = open_file("x.xlsx", b.xlsx((b.COLUMNS, ("Alm 2001", 2001, raised, 400, 20, 398))))
    assert table.tables[0].rows[0][2] == "12"
    assert "123 read as 12" in table.remarks[0]


def test_a_row_that_is_struck_through_is_told() -> None:
    book = load_workbook(io.BytesIO(b.xlsx()))
    book.active["A3"].font = Font(strike=True)
    content = io.BytesIO()
    book.save(content)
    table = open_file("struck.xlsx", content.getvalue()).tables[0]
    said = [r for r in table.remarks if "struck through" in r]
    assert len(said) == 1
    assert "row 3" in said[0]
    assert not [r for r in open_file("plain.xlsx", b.xlsx()).tables[0].remarks if "struck" in r]
