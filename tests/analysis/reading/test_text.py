"""CSV in the dialects that people save: separators, encodings, quotes."""

from __future__ import annotations

import pytest

from analysis.reading import Limits, Unreadable, open_file

ROWS = [
    ["study", "m1i", "sd1i", "n1i"],
    ["Müller 2001", "3.1", "2.0", "40"],
    ["Öberg 2009", "3.6", "2.2", "30"],
]


def table(content: bytes, name: str = "pain.csv"):
    (only,) = open_file(name, content).tables
    return only


def cells(found) -> list[list[object]]:
    return [list(found.columns), *map(list, found.rows)]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_any_end_of_line(sign, end):
    text = end.join(sign.join(row) for row in ROWS)
    assert cells(table(text.encode())) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])  # fmt: skip
def test_unicode_with_and_without_a_mark(encoding):
    text = "\n".join(",".join(row) for row in ROWS)
    found = table(text.encode(encoding))
    assert cells(found) == ROWS
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("latin-1", "Müller|Öberg|Gómez|Françoise|Søren Århus|Łuk"),
        ("cp1252", "O’Neill|Zhang – Li|Gómez-Peña"),
        ("mac_roman", "Müller|Öberg|Gómez|Françoise"),
        ("mac_roman", "Élodie|Łuk|Peña"),
        ("cp850", "Müller|Öberg|Gómez"),
        ("cp1250", "Dvořák|Paweł Wójcik|Šimůnek"),
        ("cp1251", "Иванов|Петров|Сидоренко"),
    ],
)
def test_names_in_old_encodings_are_told_by_their_letters(encoding, names):
    labels = [n for n in names.split("|") if n.encode(encoding, "ignore").decode(encoding) == n]
    text = "study;yi\n" + "\n".join(f"{label} 2001;0,5" for label in labels)
    found = table(text.encode(encoding))
    assert [row[0] for row in found.rows] == [f"{label} 2001" for label in labels]
    assert "check the letters" in found.remarks[0]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_a_plus_minus_sign_is_read_as_one(encoding):
    text = "study,mean1\nA,4.1 ± 2.1\nB,3.8 ± 2.2"
    assert table(text.encode(encoding)).rows[0][1] == "4.1 ± 2.1"


def test_decimal_commas_do_not_separate():
    found = table(b"study;yi;sei\nA;1,234;0,321\nB;-0,567;0,210\n")
    assert found.columns == ("study", "yi", "sei")
    assert found.rows[0] == ("A", "1,234", "0,321")


def test_the_line_that_excel_writes_about_the_separator_is_obeyed():
    assert cells(table(b"sep=;\nstudy;yi\nA;1,5\n")) == [["study", "yi"], ["A", "1,5"]]


def test_cells_with_line_breaks_and_quotes():
    found = table(b'study,yi,note\n"A, first",0.1,"two\nlines"\nB,0.2,"a ""b"""\n')
    assert found.rows == (("A, first", "0.1", "two\nlines"), ("B", "0.2", 'a "b"'))
    assert found.row_numbers == (2, 3)


def test_row_numbers_are_those_of_a_spreadsheet():
    assert table(b"study,yi\n\nA,0.1\n,,\nB,0.2\n").row_numbers == (3, 5)


def test_blanks_around_quoted_cells():
    found = table(b'study , "yi" , "vi"\n"Alm, A" , 0.1 , 0.2\n"B" ,0.3,"0.4" \n')
    assert found.rows == (("Alm, A", "0.1", "0.2"), ("B", "0.3", "0.4"))


def test_an_open_quote_names_its_line():
    with pytest.raises(Unreadable, match="line 3 is no valid CSV"):
        open_file("x.csv", b'study,yi\nA,0.1\n"B,0.2\n')


def test_lines_in_quotes_as_a_whole_are_unwrapped():
    found = table(b'"study,yi"\n"A,0.1"\n"B,0.2"\n')
    assert cells(found) == [["study", "yi"], ["A", "0.1"], ["B", "0.2"]]
    assert "quotation marks" in found.remarks[0]


def test_what_write_table_of_r_writes():
    found = table(b'"study" "yi"\n"1" "Alm 2001" 0.1\n"2" "Bey" 0.2\n', "r.txt")
    assert found.columns == ("column A", "study", "yi")
    assert found.rows[0] == ("1", "Alm 2001", "0.1")


def test_quotation_marks_as_r_escapes_them():
    text = (
        b'"study" "note" "yi"\n"1" "Alm, A" "the \\"first\\", early" 0.1\n"2" "Bey, B" "a, b" 0.2\n'
    )
    assert table(text, "r.txt").rows == (
        ("1", "Alm, A", 'the "first", early', "0.1"), ("2", "Bey, B", "a, b", "0.2"),
    )  # fmt: skip


def test_a_comma_too_many_is_a_fault_of_its_row():
    found = table(b"study,yi,vi\nA,0.1,0.2\nB,0,3,0.4\n")
    assert found.rows == (("A", "0.1", "0.2"),)
    ((row, sentence),) = found.faults
    assert row == 3
    assert "4 cells under 3 column names" in sentence


@pytest.mark.parametrize("text", ["study,yi\nA,0,5\nB,0,7\n", "study;yi\nA;1;5\nB;1;7\n"])
def test_a_cell_too_many_in_every_row_is_never_taken_for_a_name(text):
    found = table(text.encode())
    assert found.rows == ()
    assert [row for row, _ in found.faults] == [2, 3]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_separators_at_the_end_of_rows_alone_move_nothing(sign):
    text = "study,yi,vi\nA,0.1,0.2,\nB,0.3,0.4,\n".replace(",", sign)
    found = table(text.encode())
    assert found.columns == ("study", "yi", "vi")
    assert found.rows == (("A", "0.1", "0.2"), ("B", "0.3", "0.4"))


def test_a_table_of_plain_text_with_lines_drawn():
    text = "| study | yi |\n|---|:--:|\n| A | 0.1 |\n| B | 0.2 |\n"
    assert cells(table(text.encode(), "a.md")) == [["study", "yi"], ["A", "0.1"], ["B", "0.2"]]


def test_bytes_of_two_encodings_keep_the_letters_of_the_common_one():
    content = "study,yi\nMüller,1\nÖberg,2\nJosé,3\n".encode() + b"Bj\xf6rk,4\n"
    assert [row[0] for row in table(content).rows][:3] == ["Müller", "Öberg", "José"]


def test_zeros_at_the_end_of_a_file_are_not_part_of_it():
    assert cells(table(b"study,yi\nA,1\n\0\0")) == [["study", "yi"], ["A", "1"]]


def test_short_rows_end_in_empty_cells():
    assert table(b"study,yi,vi\nA,0.1\nB,0.2,0.3\n").rows[0] == ("A", "0.1", None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (b"\xef\xbb\xbf", "an empty file"),
        (b"study,yi,vi\n", "one row only"),
        (b"A,0.1,0.2\nB,0.3,0.4\n", "row 1 .* holds numbers where the names"),
        (b"\x00\x01\x02\x03" * 50, "binary data"),
    ],
)
def test_what_is_no_table_says_so(content, words):
    with pytest.raises(Unreadable, match=words):
        open_file("x.csv", content)


def test_limits_name_what_is_too_much():
    small = Limits(bytes=1_000, rows=3, columns=4, cells=9)
    for content, words in (
        (b"a" * 1_001, "MB"),
        (b"a,b\n" + b"1,2\n" * 5, "rows"),
        (b"a,b,c,d,e\n1,2,3,4,5\n", "columns"),
        (b"a,b,c,d\n" + b"1,2,3,4\n" * 3, "cells"),
    ):
        with pytest.raises(Unreadable, match=words):
            open_file("x.csv", content, small)
