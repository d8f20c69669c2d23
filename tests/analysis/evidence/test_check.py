"""Each kind of fault gives its one line; ten faults give ten, and the command says so by its exit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from analysis import __main__ as command_line
from analysis.evidence import load_evidence
from analysis.evidence.check import run
from analysis.evidence.load import DATA
from tests.evidence_folder import Record, copy_data, find_row, plant, records, write_rows

ROOT = DATA.parent


class Planted(NamedTuple):
    """One wrong cell: in the first row that `where` accepts, and what the fault should say."""

    file: str
    where: Callable[[Record], bool]
    column: str
    value: str
    allowed: str
    reported: str = ""  # the column of the fault, where it is not the one changed


def anything(record: Record) -> bool:
    return True


def score(record: Record) -> bool:
    return record["kind"] == "mean" and record["scale_max"] == "10" and record["sd"] != ""


def counts(record: Record) -> bool:
    return record["total"] == "40" and record["percent"] == ""


def interval(record: Record) -> bool:
    return record["measure"] == "MD" and record["ci_low"] != ""


def ratio(record: Record) -> bool:
    return record["measure"] == "HR" and record["ci_low"] != ""


WHOLE = "a whole number, 1 or more, or empty"
NUMBER = "a number (decimal point, no spaces), or empty"
RESULTS, CONTRASTS = "arm_results.csv", "contrasts.csv"

CELLS = {
    "a word outside the vocabulary": Planted(
        "arms.csv", anything, "treatment", "vertebroplasty",
        "one of BKP, VP, VAI, SHAM, NSM, OTHER",
    ),
    "a required cell empty": Planted(
        "studies.csv", anything, "label", "", "printable text",
    ),
    "a decimal comma": Planted(RESULTS, score, "mean", "7,1", NUMBER),
    "no number": Planted(RESULTS, score, "mean", "n/a", NUMBER),
    "not a number, in words that Python would read": Planted(RESULTS, score, "mean", "nan", NUMBER),
    "an infinite number": Planted(RESULTS, score, "mean", "1e999", NUMBER),
    "a count with a fraction": Planted(RESULTS, lambda r: r["n"] == "40", "n", "39.5", WHOLE),
    "a negative count": Planted(
        RESULTS, counts, "events", "-1", "a whole number, 0 or more, or empty",
    ),
    "a standard deviation of zero": Planted(
        RESULTS, score, "sd", "0", "a number (decimal point, no spaces) above 0, or empty",
    ),
    "a standard error below zero": Planted(
        RESULTS, lambda r: r["se"] != "", "se", "-0.1",
        "a number (decimal point, no spaces) above 0, or empty",
    ),
    "weeks before treatment": Planted(
        CONTRASTS, interval, "weeks", "-4",
        "a number (decimal point, no spaces), 0 or more, or empty",
    ),
    "a percentage above 100": Planted(
        "claim_origins.csv", anything, "figure_pct", "850",
        "a number (decimal point, no spaces) from 0 to 100",
    ),
    "an address without a protocol": Planted(
        "risk_of_bias.csv", anything, "source_url", "www.nice.org.uk/guidance/ta279",
        'a web address (http:// or https://), or "github owner/repository path"',
    ),
    "neither yes nor no": Planted(
        "studies.csv", anything, "title_as_printed", "TRUE", "one of yes, no",
    ),
    "a P value above 1": Planted(
        CONTRASTS, interval, "p_value", "1.2",
        "a P value from 0 to 1 such as 0.04, .04 or <0.001, or empty",
    ),
    "no confidence level": Planted(
        CONTRASTS, interval, "ci_level", "0.95",
        "a number (decimal point, no spaces) from 50 to 99.99, or empty",
    ),
    "a threshold of nothing": Planted(
        "minimal_important_differences.csv", anything, "mcid", "0",
        "a number (decimal point, no spaces) above 0",
    ),
    "a DOI as a link": Planted(
        "published_syntheses.csv", anything, "doi", "https://doi.org/10.1136/bmj.d3952",
        "a DOI such as 10.1136/bmj.d3952, or empty",
    ),
    "a control character": Planted(
        "claims.csv", anything, "statement", "relief\x07", "printable text",
    ),
}  # fmt: skip

ROWS = {
    "more events than patients": Planted(
        RESULTS, counts, "events", "41", "no more than total (40)",
    ),
    "a percentage that the counts contradict": Planted(
        RESULTS, lambda r: (r["events"], r["total"]) == ("14", "54"), "percent", "62",
        "within one point of 14 of 54",
    ),
    "an interval upside down": Planted(
        CONTRASTS, lambda r: interval(r) and r["ci_high"] == "3.62", "ci_high", "-2",
        "not below ci_low (-0.88)",
    ),
    "half an interval": Planted(
        CONTRASTS, interval, "ci_high", "", "given exactly where ci_low is",
    ),
    "an estimate outside its interval": Planted(
        CONTRASTS, lambda r: interval(r) and r["ci_high"] == "3.62", "estimate", "3.7",
        "between -0.88 and 3.62",
    ),
    "a negative ratio": Planted(
        CONTRASTS, ratio, "ci_low", "-0.5", "above 0 for a ratio (HR)",
    ),
    "a direction for a ratio": Planted(
        CONTRASTS, ratio, "positive_favours", "intervention",
        "empty for a ratio (HR): below 1 means fewer events in arm_t",
    ),
    "a missing figure that may be pooled": Planted(
        CONTRASTS, lambda r: r["not_poolable_reason"] == "no estimate printed"
        and not r["ci_low"], "poolable", "yes",
        "no where not_poolable_reason says why",
    ),
    "pain beyond the scale": Planted(
        RESULTS, lambda r: score(r) and r["weeks"] == "0", "mean", "71",
        "within the scale, 0 to 10",
    ),
    "a spread wider than the scale": Planted(
        RESULTS, score, "sd", "20", "no larger than the scale is wide, 0 to 10",
    ),
    "a scale upside down": Planted(
        RESULTS, score, "scale_max", "-10", "above scale_min (0)",
    ),
    "a scale without its basis": Planted(
        RESULTS, score, "scale_basis", "", "given exactly where scale_min is",
    ),
    "a score called an event": Planted(
        RESULTS, lambda r: score(r) and r["ci_low"] == "", "kind", "event",
        "empty in a row of kind event (only scores have it)", "mean",
    ),
    "a change without its direction": Planted(
        RESULTS, lambda r: r["kind"] == "change" and r["mean"] != "", "change_printed_as", "",
        "given exactly where kind is change and a mean is reported",
    ),
    "a baseline after treatment": Planted(
        RESULTS, lambda r: r["timepoint"] == "baseline", "weeks", "4",
        "yes exactly where weeks is 0", "is_baseline",
    ),
    "an arm against itself": Planted(
        CONTRASTS, lambda r: r["arm_c"] == "SHAM" and r["treatment_c"] == "SHAM", "arm_t", "SHAM",
        "an arm other than arm_t (SHAM)", "arm_c",
    ),
    "a study that is its own parent": Planted(
        "studies.csv", lambda r: r["study_id"] == "evans-2016", "parent_study_id", "evans-2016",
        "the study_id of another report",
    ),
}  # fmt: skip

TABLES_APART = {
    "a parent that does not exist": Planted(
        "studies.csv", lambda r: r["study_id"] == "kroon-2014", "parent_study_id", "buchbinder",
        "a study_id of studies.csv",
    ),
    "a judgement on a study that does not exist": Planted(
        "risk_of_bias.csv", anything, "study_id", "buchbinder-2010", "a study_id of studies.csv",
    ),
    "an arm that does not exist": Planted(
        RESULTS, lambda r: r["study_id"] == "wardlaw-2009", "arm_id", "PLACEBO",
        "an arm_id of arms.csv for wardlaw-2009",
    ),
    "a comparison with an arm that does not exist": Planted(
        CONTRASTS, lambda r: r["study_id"] == "wardlaw-2009", "arm_c", "PLACEBO",
        "an arm_id of arms.csv for wardlaw-2009",
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_data(tmp_path / "data")


@pytest.mark.parametrize("kind", {**CELLS, **ROWS, **TABLES_APART})
def test_one_wrong_cell_gives_exactly_one_line_with_its_place(folder, capsys, kind):
    planted = {**CELLS, **ROWS, **TABLES_APART}[kind]
    row = find_row(folder, planted.file, planted.where)
    plant(folder, planted.file, row, planted.column, planted.value)
    column = planted.reported or planted.column
    cell = records(folder, planted.file)[row - 2][column]

    assert run(folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"{planted.file}, row {row}, column {column}: found ")
    assert f"; allowed: {planted.allowed}" in lines[0]

    (fault,) = load_evidence(folder).faults
    assert (fault.file, fault.row, fault.column) == (planted.file, row, column)
    assert (fault.found, fault.allowed) == (cell, planted.allowed)


def test_a_treatment_that_contradicts_its_arm_names_the_row_of_the_arm(folder):
    row = find_row(folder, CONTRASTS, lambda r: r["study_id"] == "comstock-2013")
    arm = find_row(folder, "arms.csv", lambda r: (r["study_id"], r["arm_id"]) == (
        "comstock-2013", "VP"))  # fmt: skip
    plant(folder, CONTRASTS, row, "treatment_t", "BKP")
    (fault,) = load_evidence(folder).faults
    assert (fault.row, fault.found) == (row, "BKP")
    assert fault.allowed == f"VP, as arms.csv row {arm} says"


def test_more_patients_in_a_result_than_in_its_arm_is_a_fault(folder):
    row = find_row(folder, RESULTS, lambda r: r["study_id"] == "staples-2011" and r["n"] == "106")
    plant(folder, RESULTS, row, "n", "400")
    (fault,) = load_evidence(folder).faults
    assert (fault.row, fault.column, fault.found) == (row, "n", "400")
    assert fault.allowed.startswith("no more than the arm's n (106, arms.csv row ")


def test_a_result_that_stands_twice_is_reported_where_it_repeats(folder):
    header, *rows = [list(r) for r in _raw(folder, RESULTS)]
    write_rows(folder, RESULTS, [header, *rows, rows[0]])
    (fault,) = load_evidence(folder).faults
    assert (fault.row, fault.found) == (len(rows) + 2, "the same cells as row 2")


def _raw(folder: Path, file: str) -> list[list[str]]:
    found = records(folder, file)
    return [list(found[0]), *(list(record.values()) for record in found)]


def test_two_faults_of_one_row_in_different_cells_are_two_lines(folder):
    row = find_row(folder, CONTRASTS, interval)
    plant(folder, CONTRASTS, row, "weeks", "-1")
    plant(folder, CONTRASTS, row, "source_url", "abstract")
    assert [fault.column for fault in load_evidence(folder).faults] == ["weeks", "source_url"]


def test_sound_data_are_counted_and_accepted(capsys):
    rows = sum(len(records(DATA, file.name)) for file in DATA.glob("*.csv"))
    assert run() == 0
    assert capsys.readouterr().out == f"10 files, {rows} rows, no faults\n"


def plant_ten(folder: Path) -> set[tuple[str, str]]:
    """Ten faults of different kinds in different places; returns file and column of each."""
    chosen = [
        CELLS["a word outside the vocabulary"],
        CELLS["a decimal comma"],
        CELLS["an address without a protocol"],
        CELLS["a percentage above 100"],
        CELLS["a DOI as a link"],
        CELLS["a threshold of nothing"],
        ROWS["more events than patients"],
        ROWS["an estimate outside its interval"],
        TABLES_APART["a parent that does not exist"],
    ]
    for fault in chosen:
        row = find_row(folder, fault.file, fault.where)
        plant(folder, fault.file, row, fault.column, fault.value)
    claims = _raw(folder, "claims.csv")
    claims[-1].append("one cell too many")
    write_rows(folder, "claims.csv", claims)
    return {(fault.file, fault.column) for fault in chosen} | {("claims.csv", "")}


def test_ten_planted_faults_give_ten_lines_and_exit_status_one(folder):
    expected = plant_ten(folder)
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "check", str(folder)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 1, done.stderr
    assert len(lines) == 10, done.stdout
    assert {(f.file, f.column) for f in load_evidence(folder).faults} == expected
    assert all("; allowed: " in line and ", row " in line for line in lines)


def test_the_command_accepts_the_shipped_folder():
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "check"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("rows, no faults\n")


def test_reports_of_several_tables_that_name_nobody_are_one_fault(folder):
    """The name of a report is damaged, and rows of several tables, one with an unreadable key, ask for it."""
    row = find_row(folder, "studies.csv", lambda r: r["study_id"] == "wardlaw-2009")
    plant(folder, "studies.csv", row, "study_id", "No Name")
    child = find_row(folder, "studies.csv", lambda r: r["parent_study_id"] == "wardlaw-2009")
    arm = find_row(folder, "arms.csv", lambda r: r["study_id"] == "wardlaw-2009")
    plant(folder, "arms.csv", arm, "arm_id", "")
    faults = load_evidence(folder).faults
    assert {(f.file, f.row) for f in faults} == {("studies.csv", row), ("arms.csv", arm)}
    assert f"studies:{child}" in faults[0].left_out


@pytest.mark.parametrize(
    ("separator", "upper", "shown"),
    [(";", False, "study_id;arm_id;treatment;trea…"), (",", True, "STUDY_ID,ARM_ID,TREATMENT,TREA…")],
)
def test_a_header_in_another_form_is_shown_as_it_stands(tmp_path, separator, upper, shown):
    folder = copy_data(tmp_path)
    lines = (folder / "arms.csv").read_text(encoding="utf-8").splitlines()
    head = lines[0].upper() if upper else lines[0].replace(",", separator)
    (folder / "arms.csv").write_text("\n".join([head, *lines[1:]]), encoding="utf-8")
    (fault,) = load_evidence(folder).faults
    assert f"found no column of this file in “{shown}”; allowed: UTF-8 text, separated by commas" in str(fault)


def test_studies_that_cannot_be_read_are_one_fault(tmp_path):
    """The edition names reports, too: that none is there is told once."""
    folder = copy_data(tmp_path)
    shutil.copy(DATA / "edition.toml", folder)
    text = (folder / "studies.csv").read_text(encoding="utf-8")
    (folder / "studies.csv").write_bytes(text.encode("utf-16"))
    (fault,) = load_evidence(folder).faults
    assert fault.file == "studies.csv"


@pytest.mark.parametrize(
    "command",
    [
        ("wanted", "FOLDER"), ("robustness", "--data", "FOLDER"), ("export", "--data", "FOLDER"),
        ("network", "--data", "FOLDER"), ("--data", "FOLDER", "--out", "OUT"), ("diff", "FOLDER", "FOLDER"),
        ("save", "OUT", "FOLDER"),
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_without_a_study_every_command_stops_with_a_sentence(tmp_path, capsys, command):
    (tmp_path / "empty").mkdir()
    names = {"FOLDER": str(tmp_path / "empty"), "OUT": str(tmp_path / "out")}
    assert command_line.main([names.get(word, word) for word in command]) in (1, 2)
    out, err = capsys.readouterr()
    assert (out, "no study can be read" in err) == ("", True)
    assert not (tmp_path / "out").exists()
