"""The shipped evidence loads whole; what is faulty is left out, is reported once, and alone."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest

from analysis.evidence import Evidence, Fault, load_evidence
from analysis.evidence.load import DATA
from analysis.evidence.schema import TABLES
from tests.evidence_folder import copy_data, find_row, plant, read_rows, records, write_rows


@pytest.fixture(scope="module")
def shipped() -> Evidence:
    return load_evidence()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


def only_fault(folder: Path) -> Fault:
    faults = load_evidence(folder).faults
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def ids(evidence: Evidence, table: str) -> set[str]:
    return set(evidence.tables[table]["row_id"])


# --- the shipped files ---------------------------------------------------------------------------
def test_shipped_data_have_no_faults(shipped):
    assert [str(fault) for fault in shipped.faults] == []


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_shipped_file_is_loaded_in_order(shipped, name):
    frame = shipped.tables[name]
    rows = records(DATA, f"{name}.csv")
    assert list(frame["row"]) == list(range(2, len(rows) + 2))
    assert list(frame["row_id"]) == [f"{name}:{row}" for row in frame["row"]]


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_is_loaded_as_printed(shipped, name):
    frame, rows = shipped.tables[name], records(DATA, f"{name}.csv")
    for column in TABLES[name].columns:
        printed = [record[column] for record in rows]
        if TABLES[name].is_number(column):
            expected = [float(cell) if cell else np.nan for cell in printed]
            np.testing.assert_array_equal(frame[column].to_numpy(), expected)
        else:
            assert list(frame[column]) == printed


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_typed_text_without_missing_values_and_float_numbers(shipped, name):
    frame, table = shipped.tables[name], TABLES[name]
    assert list(frame.columns) == ["row", "row_id", *table.columns]
    assert frame["row"].dtype == "int64"
    for column in table.columns:
        if table.is_number(column):
            assert frame[column].dtype == "float64"
        else:
            assert str(frame[column].dtype) == "str"
            assert not frame[column].isna().any()


@pytest.mark.parametrize("name", TABLES)
def test_the_declared_columns_are_those_of_the_file(name):
    assert list(TABLES[name].columns) == read_rows(DATA, f"{name}.csv")[0]


@pytest.mark.parametrize("name", TABLES)
def test_the_data_dictionary_explains_every_column(name):
    text = (DATA / "README.md").read_text(encoding="utf-8")
    section = text.split(f"### `{name}.csv`", 1)[1].split("\n### ", 1)[0]
    missing = [column for column in TABLES[name].columns if f"| `{column}` |" not in section]
    assert missing == []


def test_version_is_the_fingerprint_of_the_bytes_of_the_files(shipped):
    digest = hashlib.sha256()
    for file in (*(table.file for table in TABLES.values()), "topic.toml"):
        content = (DATA / file).read_bytes()
        digest.update(f"{file} {len(content)}\n".encode() + content)
    assert shipped.version == digest.hexdigest()[:12]


def test_version_changes_with_a_single_byte(shipped, folder):
    assert load_evidence(folder).version == shipped.version
    with (folder / "claims.csv").open("ab") as handle:
        handle.write(b"\n")
    assert load_evidence(folder).version != shipped.version


def test_every_reference_of_what_is_loaded_resolves(shipped):
    arms = set(zip(shipped.arms["study_id"], shipped.arms["arm_id"], strict=True))
    results = zip(shipped.arm_results["study_id"], shipped.arm_results["arm_id"], strict=True)
    assert set(results) <= arms
    assert set(shipped.arms["study_id"]) <= set(shipped.studies["study_id"])


# --- the form of the files -----------------------------------------------------------------------
def test_byte_order_mark_and_windows_line_ends_are_read(folder, shipped):
    for file in folder.glob("*.csv"):
        content = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + content)
    evidence = load_evidence(folder)
    assert evidence.faults == ()
    for name, frame in shipped.tables.items():
        assert evidence.tables[name].equals(frame)


def test_columns_may_stand_in_another_order(folder, shipped):
    rows = read_rows(folder, "arms.csv")
    write_rows(folder, "arms.csv", [row[::-1] for row in rows])
    evidence = load_evidence(folder)
    assert evidence.faults == ()
    assert evidence.arms.equals(shipped.arms)


def test_blank_lines_are_no_rows_but_count_in_the_numbering(folder):
    rows = read_rows(folder, "claims.csv")
    rows[3:3] = [[""] * len(rows[0])]
    write_rows(folder, "claims.csv", [*rows, [], []])
    evidence = load_evidence(folder)
    assert evidence.faults == ()
    assert list(evidence.claims["row"][:4]) == [2, 3, 5, 6]


def test_a_quoted_line_break_does_not_shift_the_row_number(folder):
    plant(folder, "studies.csv", 3, "notes", "two\nlines")
    plant(folder, "studies.csv", 10, "year", "20007")
    fault = only_fault(folder)
    assert (fault.file, fault.row, fault.column) == ("studies.csv", 10, "year")


def test_a_missing_file_is_one_fault_and_an_empty_typed_table(folder):
    (folder / "claims.csv").unlink()
    fault = only_fault(folder)
    assert str(fault) == "claims.csv: found no such file; allowed: a readable file"
    claims = load_evidence(folder).claims
    assert claims.empty
    assert list(claims.columns) == ["row", "row_id", *TABLES["claims"].columns]


def test_without_studies_all_that_depends_on_them_is_left_out_in_one_fault(folder, shipped):
    (folder / "studies.csv").unlink()
    evidence = load_evidence(folder)
    assert len(evidence.faults) == 1
    dependent = ("arms", "arm_results", "contrasts", "risk_of_bias", "links")
    assert len(evidence.faults[0].left_out) == sum(len(shipped.tables[n]) for n in dependent)
    assert len(evidence.published_syntheses) == len(shipped.published_syntheses)


def test_a_missing_folder_is_one_fault(tmp_path):
    fault = only_fault(tmp_path / "nowhere")
    assert fault.found == "no such folder"


def test_a_folder_in_place_of_a_file_is_one_fault(folder):
    (folder / "claims.csv").unlink()
    (folder / "claims.csv").mkdir()
    assert only_fault(folder).found == "a folder where the file should be"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_one_fault(folder, content):
    (folder / "claim_origins.csv").write_bytes(content)
    assert only_fault(folder).found == "an empty file"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", "a,b\n".encode("utf-16")])
def test_a_file_of_another_kind_is_one_fault(folder, content):
    (folder / "claim_origins.csv").write_bytes(content)
    fault = only_fault(folder)
    assert (fault.file, fault.row, fault.column) == ("claim_origins.csv", 1, "")


def test_bytes_that_are_not_utf8_cost_their_row_only(folder, shipped):
    file = folder / "claims.csv"
    file.write_bytes(file.read_bytes().replace(b"Heat released", b"H\xe9at released"))
    fault = only_fault(folder)
    assert fault.found == "byte 0xE9 that is not UTF-8"
    assert len(load_evidence(folder).claims) == len(shipped.claims) - 1


def test_an_unknown_column_is_reported_and_not_read(folder, shipped):
    rows = read_rows(folder, "arms.csv")
    write_rows(
        folder, "arms.csv", [[*row, "weight" if not i else "70"] for i, row in enumerate(rows)]
    )
    fault = only_fault(folder)
    assert (fault.row, fault.column, fault.left_out) == (1, "weight", ())
    assert load_evidence(folder).arms.equals(shipped.arms)


def without_column(folder: Path, file: str, column: str) -> None:
    rows = read_rows(folder, file)
    at = rows[0].index(column)
    write_rows(folder, file, [row[:at] + row[at + 1 :] for row in rows])


def test_a_missing_annotation_is_reported_and_its_cells_are_empty(folder, shipped):
    without_column(folder, "arm_results.csv", "sd")
    fault = only_fault(folder)
    assert (fault.row, fault.column, fault.found) == (1, "sd", "no such column")
    results = load_evidence(folder).arm_results
    assert len(results) == len(shipped.arm_results)
    assert results["sd"].isna().all()


@pytest.mark.parametrize("column", ["not_poolable_reason", "kind", "change_printed_as"])
def test_without_a_column_that_decides_what_numbers_mean_the_file_is_left_out(folder, column):
    without_column(folder, "arm_results.csv", column)
    fault = only_fault(folder)
    assert fault.column == column
    assert len(fault.left_out) == len(records(DATA, "arm_results.csv"))
    assert load_evidence(folder).arm_results.empty


def test_a_column_that_is_there_twice_is_ambiguous_and_not_read(folder):
    rows = read_rows(folder, "arms.csv")
    at = rows[0].index("mean_age")
    write_rows(folder, "arms.csv", [[*row, row[at]] for row in rows])
    fault = only_fault(folder)
    assert (fault.column, fault.found) == ("mean_age", "the column 2 times")


@pytest.mark.parametrize("cells", [5, 7])
def test_a_ragged_row_is_one_fault(folder, cells):
    rows = read_rows(folder, "claims.csv")
    rows[4] = (rows[4] + ["", "more"])[:cells] if cells > 6 else rows[4][:cells]
    write_rows(folder, "claims.csv", rows)
    fault = only_fault(folder)
    assert (fault.row, fault.column, fault.found) == (5, "", f"{cells} cells")


@pytest.mark.parametrize("row", [30, 223])
def test_a_quote_that_is_never_closed_costs_its_row_only(folder, shipped, row):
    file = folder / "studies.csv"
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[row] = '"' + lines[row].replace('"', "")
    file.write_text("\n".join(lines), encoding="utf-8", newline="")
    evidence = load_evidence(folder)
    assert [fault.row for fault in evidence.faults] == [row + 1]
    assert len(evidence.studies) >= len(shipped.studies) - 1 - 4  # with reports of that trial


# --- what depends on a faulty row ----------------------------------------------------------------
def test_a_faulty_row_takes_no_other_row_of_its_table_down(folder, shipped):
    row = find_row(folder, "arm_results.csv", lambda r: r["sd"] != "")
    plant(folder, "arm_results.csv", row, "sd", "-1")
    evidence = load_evidence(folder)
    assert ids(shipped, "arm_results") - ids(evidence, "arm_results") == {f"arm_results:{row}"}
    for name in set(TABLES) - {"arm_results"}:
        assert evidence.tables[name].equals(shipped.tables[name])


def dependants(study: str) -> set[str]:
    tables = ("arms", "arm_results", "contrasts", "risk_of_bias")
    found = {
        f"{table}:{i + 2}"
        for table in tables
        for i, record in enumerate(records(DATA, f"{table}.csv"))
        if record["study_id"] == study
    }
    for i, record in enumerate(records(DATA, "studies.csv")):
        if record["parent_study_id"] == study:
            found |= {f"studies:{i + 2}"} | dependants(record["study_id"])
    return found


@pytest.mark.parametrize("column", ["year", "study_id", "design"])
@pytest.mark.parametrize("study", ["klazen-2010", "evans-2016", "ong-2018"])
def test_rows_of_a_dropped_study_go_with_it_and_are_counted_in_its_fault(folder, study, column):
    row = find_row(folder, "studies.csv", lambda r: r["study_id"] == study)
    plant(folder, "studies.csv", row, column, "?!")
    fault = only_fault(folder)
    assert (fault.row, fault.column) == (row, column)
    assert set(fault.left_out) == dependants(study)
    assert f"also leaves out {len(fault.left_out)} more rows" in str(fault)


def test_a_study_renamed_leaves_one_fault_at_the_first_row_that_misses_it(folder):
    row = find_row(folder, "studies.csv", lambda r: r["study_id"] == "evans-2016")
    plant(folder, "studies.csv", row, "study_id", "evans-2061")
    fault = only_fault(folder)
    assert (fault.column, fault.found, fault.allowed) == (
        "study_id",
        "evans-2016",
        "a study_id of studies.csv",
    )
    named = {f"{fault.file.removesuffix('.csv')}:{fault.row}", *fault.left_out}
    assert named == dependants("evans-2016")


@pytest.mark.parametrize("pair", [("evans-2016", "ong-2018"), ("ong-2018", "evans-2016")])
def test_of_two_different_rows_with_one_key_neither_is_trusted(folder, pair):
    rows = [
        find_row(folder, "studies.csv", lambda r, name=name: r["study_id"] == name) for name in pair
    ]
    plant(folder, "studies.csv", rows[0], "study_id", pair[1])
    fault = only_fault(folder)
    assert (fault.row, fault.column, fault.found) == (max(rows), "study_id", pair[1])
    assert fault.allowed == f"a study_id of its own; row {min(rows)} has these"
    expected = dependants(pair[0]) | dependants(pair[1]) | {f"studies:{min(rows)}"}
    assert set(fault.left_out) == expected


def test_of_two_rows_alike_one_stays(folder, shipped):
    rows = read_rows(folder, "arms.csv")
    write_rows(folder, "arms.csv", [*rows, rows[1]])
    fault = only_fault(folder)
    assert (fault.row, fault.left_out) == (len(rows) + 1, ())
    assert load_evidence(folder).arms.equals(shipped.arms)


def test_rows_of_a_dropped_arm_go_with_it(folder):
    row = find_row(folder, "arms.csv", lambda r: r["study_id"] == "wardlaw-2009")
    plant(folder, "arms.csv", row, "n", "0")
    fault = only_fault(folder)
    assert (fault.file, fault.row, fault.column, fault.found) == ("arms.csv", row, "n", "0")
    assert {name.split(":")[0] for name in fault.left_out} == {"arm_results", "contrasts"}


def test_an_arm_whose_study_does_not_exist_explains_its_results(folder):
    row = find_row(folder, "arms.csv", lambda r: r["study_id"] == "comstock-2013")
    plant(folder, "arms.csv", row, "study_id", "nobody-1999")
    fault = only_fault(folder)
    assert (fault.file, fault.row, fault.column, fault.found) == (
        "arms.csv",
        row,
        "study_id",
        "nobody-1999",
    )


def test_a_report_of_a_report_is_a_fault(folder):
    row = find_row(folder, "studies.csv", lambda r: r["parent_study_id"] == "kallmes-2009")
    plant(folder, "studies.csv", row, "parent_study_id", "kroon-2014")
    fault = only_fault(folder)
    assert (fault.row, fault.column, fault.found) == (row, "parent_study_id", "kroon-2014")
    assert "without a parent of its own" in fault.allowed


def test_a_fault_has_one_line_whatever_the_cell_holds(folder):
    plant(folder, "claims.csv", 3, "testable", "maybe\n\x1b[31m" + "x" * 500)
    line = str(only_fault(folder))
    assert line.isprintable()
    assert len(line) < 250


def test_all_cells_of_the_shipped_files_are_cut_as_the_csv_module_cuts_them(shipped):
    for name, frame in shipped.tables.items():
        with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as handle:
            assert len(frame) == sum(1 for _ in csv.reader(handle)) - 1
