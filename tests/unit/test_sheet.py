"""The sheet reader: what it accepts, what it names as a fault, what it leaves out by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analysis.effects import binary, continuous
from analysis.effects.sheet import Sheet, read_sheet
from analysis.effects.sheet_text import SheetError

COUNTS = "study,ai,n1i,ci,n2i\nAnna,5,20,8,22\nBert,0,30,3,28\n"
Read = Callable[..., Sheet]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write text (or bytes) to a file and read it as a sheet."""

    def reading(text: str | bytes, measure: str | None = None) -> Sheet:
        path = tmp_path / "sheet.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return read_sheet(path, measure)

    return reading


def faults(sheet: Sheet) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in sheet.faults]


def test_counts_become_the_effect_of_the_measure_named(read: Read) -> None:
    sheet = read(COUNTS, "rr")
    expected = binary.risk_ratio([5, 0], [20, 30], [8, 3], [22, 28])
    np.testing.assert_array_equal(sheet.yi, expected.yi)
    np.testing.assert_array_equal(sheet.vi, expected.vi)
    assert sheet.labels == ("Anna", "Bert")
    assert sheet.rows == (2, 3)
    assert sheet.corrected == ("Bert",)
    assert not sheet.guessed


def test_nonevents_stand_in_for_sizes(read: Read) -> None:
    sheet = read("ai,bi,ci,di\n5,15,8,14\n", "OR")
    assert sheet.yi.tolist() == binary.odds_ratio([5], 20, 8, 22).yi.tolist()


@pytest.mark.parametrize(
    ("header", "row", "measure"),
    [
        ("yi,vi", "1,1", "GEN"),
        ("yi,sei,ai,n1i,ci,n2i", "1,1,5,9,5,9", "GEN"),
        ("ai,n1i,ci,n2i", "1,9,2,9", "OR"),
        ("ai,bi,ci,di", "1,9,2,9", "OR"),
        ("m1i,sd1i,n1i,m2i,sd2i,n2i", "1,1,9,2,1,9", "MD"),
        ("x1i,t1i,x2i,t2i", "1,9,2,9", "IRR"),
        ("m1i,sd1i,m2i,sd2i,ni,ri", "1,1,2,1,9,0.5", "MC"),
        ("xi,ni", "1,9", "PLO"),
        ("xi,ti", "1,9", "IRLN"),
        ("mi,sdi,ni", "1,1,9", "MN"),
        ("ri,ni", "0.5,9", "ZCOR"),
    ],
)
def test_the_columns_suggest_a_measure_and_it_is_marked_as_guessed(
    read: Read, header: str, row: str, measure: str
) -> None:
    sheet = read(f"{header}\n{row}\n")
    assert (sheet.measure.name, sheet.guessed) == (measure, True)


def test_yi_and_vi_of_a_named_measure_are_taken_as_they_stand(read: Read) -> None:
    sheet = read("yi,vi\n-0.5,0.04\n", "OR")
    assert (sheet.measure.name, sheet.ready_made, sheet.guessed) == ("OR", True, False)
    assert sheet.yi.tolist() == [-0.5]


def test_counts_win_over_ready_made_effects_when_the_measure_is_named(read: Read) -> None:
    sheet = read("ai,n1i,ci,n2i,yi,vi\n5,20,8,22,99,1\n", "RD")
    assert sheet.yi[0] == pytest.approx(5 / 20 - 8 / 22)


def test_standard_errors_are_squared_and_fill_gaps_of_vi(read: Read) -> None:
    sheet = read("yi,vi,sei\n1,,0.2\n2,0.09,\n")
    assert sheet.vi == pytest.approx([0.04, 0.09])


@pytest.mark.parametrize(
    "text",
    [
        "Study;YI;Vi\nA;0,25;0,04\nB;-1,5;1,234\n",
        "study\tyi\tvi\r\nA\t0.25\t.04\r\nB\t-1.5\t1.234\r\n",
        "sep=;\nstudy;yi;vi\nA;0,25;0,04\nB;\N{MINUS SIGN}1,5;1,234\n",
        '\N{BYTE ORDER MARK}study,yi,vi\n"A","0.25","4e-2"\n\n"B","-1.5"," 1.234 "\n',
        'study,yi,vi\nA,"0,25","0,04"\nB,"-1,5","1,234"\n',
        "study|yi|vi\nA|0.25|0.04\nB|-1.5|1.234\n",
    ],
    ids=["semicolon", "tab", "sep line", "mark, quotes, blank line", "quoted commas", "bars"],
)
def test_separators_marks_and_decimal_commas_are_read_alike(read: Read, text: str) -> None:
    sheet = read(text)
    assert sheet.faults == ()
    assert sheet.labels == ("A", "B")
    assert sheet.yi.tolist() == [0.25, -1.5]
    assert sheet.vi.tolist() == [0.04, 1.234]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_names_survive_the_usual_encodings(read: Read, encoding: str) -> None:
    sheet = read("study,yi,vi\nMüller,1,1\n".encode(encoding))
    assert sheet.labels == ("Müller",)


def test_blank_lines_count_as_rows_as_they_do_in_a_spreadsheet(read: Read) -> None:
    sheet = read("yi,vi\n\n1,1\n\n2,-1\n")
    assert faults(sheet) == [(5, "vi")]


def test_a_thousands_comma_is_never_read_as_a_decimal(read: Read) -> None:
    sheet = read("xi;ni\n5;1,234\n")
    assert faults(sheet) == [(2, "ni")]
    assert "1234 without a separator" in sheet.faults[0].allowed


def test_a_thousands_comma_in_a_size_is_a_fault_even_among_decimal_commas(read: Read) -> None:
    sheet = read("mi;sdi;ni\n5,5;2,25;1,234\n")
    assert faults(sheet) == [(2, "ni")]


def test_two_decimal_signs_in_one_file_are_a_fault(read: Read) -> None:
    sheet = read("yi;vi\n0.5;0.1\n0,7;0.1\n")
    assert faults(sheet) == [(3, "yi")]
    assert "one decimal sign" in sheet.faults[0].allowed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ai,n1i,ci,n2i\n21,20,1,20\n", (2, "ai")),
        ("ai,n1i,ci,n2i\n1,20,30,20\n", (2, "ci")),
        ("ai,n1i,ci,n2i\n-1,20,1,20\n", (2, "ai")),
        ("ai,n1i,ci,n2i\n1,0,1,20\n", (2, "n1i")),
        ("ai,bi,ci,di\n0,0,1,20\n", (2, "ai")),
        ("ai,bi,n1i,ci,n2i\n5,15,21,1,20\n", (2, "bi")),
        ("m1i,sd1i,n1i,m2i,sd2i,n2i\n1,-1,9,1,1,9\n", (2, "sd1i")),
        ("m1i,sd1i,n1i,m2i,sd2i,n2i\n1,0,9,1,0,9\n", (2, "vi")),
        ("xi,ni\n9,8\n", (2, "xi")),
        ("xi,ti\n9,0\n", (2, "ti")),
        ("ri,ni\n1.5,20\n", (2, "ri")),
        ("yi,vi\n1,0\n", (2, "vi")),
        ("yi,sei\n1,-0.1\n", (2, "sei")),
        ("yi,vi,sei\n1,0.3,0.3\n", (2, "vi")),
        ("yi,vi\nhigh,1\n", (2, "yi")),
        ("yi,vi\n45%,1\n", (2, "yi")),
        ("yi,vi\ninf,1\n", (2, "yi")),
        ("yi,vi\n1e999,1\n", (2, "yi")),
        ("yi,vi\n1_0,1\n", (2, "yi")),
        ("yi,vi\n1,2,3\n", (2, "3")),
    ],
)
def test_each_fault_is_named_by_row_and_column(
    read: Read, text: str, fault: tuple[int, str]
) -> None:
    sheet = read(text)
    assert faults(sheet) == [fault]
    assert sheet.yi.size == 0


def test_every_fault_is_reported_and_says_what_was_found_and_is_allowed(read: Read) -> None:
    sheet = read("study,ai,n1i,ci,n2i\nA,25,20,x,20\nB,1,20,1,20\nC,1,20,25,-2\n")
    assert [str(fault) for fault in sheet.faults] == [
        'row 2, column ci: found "x"; allowed: a number, or an empty cell',
        "row 4, column n2i: found -2; allowed: a group size above 0",
    ]


@pytest.mark.parametrize("empty", ["", "NA", "n/a", ".", "-", "\N{EN DASH}", "NaN"])
def test_an_incomplete_row_is_left_out_by_name(read: Read, empty: str) -> None:
    sheet = read(f"study,yi,vi\nA,1,{empty}\nB,2,1\n")
    assert [str(row) for row in sheet.left_out] == ["row 2 (A) left out: no value in vi (or sei)"]
    assert sheet.labels == ("B",)
    assert sheet.faults == ()


def test_a_short_row_is_incomplete_rather_than_shifted(read: Read) -> None:
    assert [row.row for row in read("study,yi,vi\nA,1\nB,2,1\n").left_out] == [2]


def test_a_study_without_the_measure_is_left_out_with_the_reason(read: Read) -> None:
    sheet = read("m1i,sd1i,n1i,m2i,sd2i,n2i\n-1,1,9,1,1,9\n2,1,9,1,1,9\n", "ROM")
    assert sheet.yi == pytest.approx(continuous.rom([2], 1, 9, 1, 1, 9).yi)
    assert "opposite signs" in sheet.left_out[0].reason


def test_columns_that_the_measure_does_not_need_are_not_judged(read: Read) -> None:
    assert read("yi,vi,ai,n1i\n1,1,30,20\n").faults == ()


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("yi,vi\n1,1\n", ("row 2",)),
        ("trial,author,year,yi,vi\n1,Aronson,1948,1,1\n", ("Aronson 1948",)),
        ("slab,study,yi,vi\nX 2001,Y,1,1\n", ("X 2001",)),
        ("study,year,yi,vi\nX (2001),2001,1,1\n", ("X (2001)",)),
        ("study,source,yi,vi\n1,Edinburgh,1,1\n", ("Edinburgh",)),
        ("study,yi,vi\n7,1,1\n", ("7",)),
        ("group,yi,vi\nfirst,1,1\n", ("first",)),
    ],
)
def test_labels_are_words_where_the_sheet_has_them(
    read: Read, text: str, labels: tuple[str, ...]
) -> None:
    assert read(text).labels == labels


def test_sizes_are_kept_for_the_back_transformation(read: Read) -> None:
    assert read("xi,ni\n1,9\n2,12\n", "PFT").sizes.tolist() == [9, 12]
    assert read("yi,vi\n1,1\n", "PFT").sizes is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "empty file"),
        (b"  \n \n", "empty file"),
        (b"yi,vi\n", "no row below"),
        (b"yi,vi,YI\n1,1,1\n", "column yi twice"),
        (b"a,b\n1,2\n", "no usable columns: found a, b; allowed: yi"),
        (b'yi,vi\n"1,1\n2,2\n', "no valid CSV"),
        (b"\x7fELF\x02\x01\x00", "binary data"),
        (b"PK\x03\x04xlsx", "binary data"),
    ],
)
def test_a_file_without_use_is_refused_in_one_line(read: Read, text: bytes, message: str) -> None:
    with pytest.raises(SheetError, match=message) as error:
        read(text)
    assert "\n" not in str(error.value)


def test_a_measure_without_its_columns_says_what_it_needs(read: Read) -> None:
    with pytest.raises(SheetError, match=r"SMD needs m1i, sd1i, n1i, m2i.*found study, ai"):
        read(COUNTS, "SMD")


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="no such file"):
        read_sheet(tmp_path / "absent.csv")
    with pytest.raises(SheetError, match="directory"):
        read_sheet(tmp_path)
