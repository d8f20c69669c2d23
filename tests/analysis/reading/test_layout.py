"""Where the header is, and which rows are none."""

from __future__ import annotations

import pytest

from analysis.reading import open_file
from analysis.reading.mapping import NO_CHOICES
from analysis.review.opening import studies_of


def tables(text: str):
    return open_file("pain.csv", text.encode()).tables


def only(text: str):
    (table,) = tables(text)
    return table


def test_title_rows_above_the_header_are_skipped_and_named():
    found = only("Table 2. Pain,,\nmeasured at one month,,\n\nstudy,yi,vi\nA,0.1,0.2\n")
    assert found.columns == ("study", "yi", "vi")
    assert found.row_numbers == (5,)
    assert "Table 2. Pain" in found.remarks[0]


def test_keys_and_values_above_the_header_are_skipped():
    found = only("Author,Smith,,,\nDate,2019,,,\nstudy,ai,n1i,ci,n2i\nA,1,20,3,21\nB,2,20,3,21\n")
    assert found.columns == ("study", "ai", "n1i", "ci", "n2i")


@pytest.mark.parametrize(
    "upper",
    [
        "study,Treatment,,,Control,,",
        "study,Treatment,Treatment,Treatment,Control,Control,Control",
        ",Treatment,,,Control,,",
        "study,,Treatment,,,Control,",
        "study,,,Treatment,,,Control",
    ],
)
def test_two_rows_of_header_become_one(upper):
    lower = "study" if upper[0] == "," else ""
    found = only(f"{upper}\n{lower},mean,SD,n,mean,SD,n\nA,3,2,40,4,2,41\n")
    assert found.columns == (
        "study", "Treatment mean", "Treatment SD", "Treatment n", "Control mean", "Control SD", "Control n",
    )  # fmt: skip
    assert found.row_numbers == (3,)


def test_groups_of_other_widths_are_carried_to_the_right():
    found = only("study,Treatment,,Control,,P\n,mean,n,mean,SD,\nA,3,40,4,2,0.1\n")
    assert found.columns == (
        "study", "Treatment mean", "Treatment n", "Control mean", "Control SD", "P",
    )  # fmt: skip


def test_two_rows_of_header_under_a_title():
    found = only("Pain,,,,\nstudy,T,,C,\n,events,n,events,n\nA,1,20,3,21\n")
    assert found.columns == ("study", "T events", "T n", "C events", "C n")


def test_a_row_of_units_is_no_study():
    found = only("study,mean,sd,n\n,points,points,patients\nA,1,2,3\n")
    assert found.columns == ("study", "mean", "sd", "n")
    assert found.row_numbers == (3,)
    assert "units" in found.remarks[0]


def test_a_study_that_reports_nothing_is_no_header():
    found = only("study,m1i,sd1i,n1i\nA,NR,NR,NR\nB,3.1,2,40\n")
    assert found.columns == ("study", "m1i", "sd1i", "n1i")
    assert found.rows[0] == ("A", "NR", "NR", "NR")


def test_notes_and_comments_are_left_out_by_name():
    found = only(
        "study,yi,vi\n# checked twice,,\nA,0.1,0.2\n\n* unpublished,,\nSource: registry,,\n"
    )
    assert [row[0] for row in found.rows] == ["A"]
    assert all(word in found.remarks[0] for word in ("checked twice", "unpublished", "registry"))


def test_comments_above_the_header_may_hold_commas():
    found = only("# made by, someone, in 2020\n# second, line\nstudy,yi,vi\nA,0.1,0.2\n")
    assert found.columns == ("study", "yi", "vi")
    assert only("#,study,yi\n1,A,0.1\n").columns == ("#", "study", "yi")


def test_excel_errors_are_cells_and_no_comments():
    assert only("yi,vi\n#DIV/0!,0.1\n#N/A,0.2\n").rows == (("#DIV/0!", "0.1"), ("#N/A", "0.2"))


def test_names_that_occur_twice_are_numbered():
    found = only("study,mean,sd,n,mean,sd,n\nA,1,2,3,4,5,6\n")
    assert found.columns == ("study", "mean", "sd", "n", "mean (2)", "sd (2)", "n (2)")


def test_a_column_without_a_name_is_named_by_its_letter_and_an_empty_one_dropped():
    assert only("study,yi,,\nA,0.1,seen,\nB,0.2,,\n").columns == ("study", "yi", "column C")


def test_blocks_with_titles_are_tables_of_their_own():
    found = tables("Pain,,\nstudy,yi,vi\nA,1,2\nB,3,4\n\nFunction,,\nstudy,yi,vi\nA,5,6\n")
    assert [t.name for t in found] == ["pain, “Pain”", "pain, “Function”"]
    assert [len(t.rows) for t in found] == [2, 1]
    assert found[1].row_numbers == (8,)


def test_a_header_repeated_among_the_rows_is_left_out():
    found = only("study,yi\nA,0.1\nstudy,yi\nB,0.2\n")
    assert [row[0] for row in found.rows] == ["A", "B"]
    assert "row 3" in found.remarks[0]


def test_a_footer_with_commas_is_not_a_table():
    found = only("study,yi,vi\nA,0.1,0.2\nB,0.1,0.2\n\nNR, not reported,\n")
    assert len(found.rows) == 3


def test_names_may_hold_numbers_and_one_may_be_one():
    assert only("study,30-day events,2019\nA,1,20\nB,2,30\n").columns == ("study", "30-day events", "2019")  # fmt: skip


def test_one_column_is_a_table():
    assert only("yi\n0.1\n0.2\n").rows == (("0.1",), ("0.2",))


@pytest.mark.parametrize("head", ["95", "90%", "99 %", "%", "de", "ET"])
def test_a_header_that_is_a_level_or_half_a_word_is_a_header(head) -> None:
    opened = open_file("t.csv", f"study,yi,vi,{head}\nA,0.1,0.02,1\nB,0.3,0.02,2\n".encode())
    assert studies_of(opened, NO_CHOICES).studies.yi.tolist() == [0.1, 0.3]


@pytest.mark.parametrize("cell", ["181e-300 (31.6%)", "1e999 (31.6%)", "-3 (31.6%)", "x (31.6%)", "12 of 0"])
def test_a_share_beside_what_is_no_count_is_a_row_at_fault_or_left_out(cell) -> None:
    text = f"study,events1,n1,events2,n2\nA,20%,40,30%,40\nB,12 (21.8%),55,{cell},57\nC,3,50,5,48\n"
    found = studies_of(open_file("t.csv", text.encode()), NO_CHOICES).studies
    assert "B" not in found.labels or 3 in {f.row for f in found.faults}
