"""What the curator is asked about reports that look alike; nothing of it keeps a row out."""

from __future__ import annotations

import csv

import pytest

from analysis.evidence import load_evidence
from analysis.evidence.likeness import questions
from analysis.evidence.schema import TABLES
from tests.evidence_builder import Tiny, shipped
from tests.evidence_folder import copy_data


def asked(tiny: Tiny) -> list[str]:
    return [str(fault) for fault in questions(tiny.evidence())]


def two(**cells: str) -> Tiny:
    return Tiny().study("a", **cells).study("b", **cells)


def test_the_shipped_data_leave_no_question_open():
    assert questions(shipped()) == ()


@pytest.mark.parametrize("column", ["title", "doi", "pmid", "registration"])
def test_one_name_of_two_reports_is_asked_about(column):
    (line,) = asked(two(**{column: "10.1/x"}))
    assert line.startswith(
        f"studies.csv, row 3, column {column}: found the {column} 10.1/x, as in row 2 (a)"
    )
    assert "allowed: a parent_study_id, or a row of links.csv" in line


def test_the_same_counts_are_asked_about_and_both_stay_in():
    tiny = two()
    for study in ("a", "b"):
        tiny.count(study, "VP", events=11.0, total=113.0)
    (line,) = asked(tiny)
    assert "11 of 113" in line


@pytest.mark.parametrize("what", ["same_report", "controls", "different"])
def test_a_declared_link_answers_the_question(what):
    tiny = two(title="One title")
    tiny.row("links", report_a="a", report_b="b", what=what, reason="seen")
    assert asked(tiny) == []


def test_small_counts_and_rounded_means_may_be_alike_by_chance():
    tiny = two()
    for study in ("a", "b"):
        tiny.count(study, "VP", events=3.0, total=20.0)
        tiny.count(study, "SHAM", events=0.0, total=50.0)
        tiny.level(study, "VP", 7.4)
    assert asked(tiny) == []


def with_links(folder, *rows: tuple[str, str, str, str]):
    copy_data(folder)
    with (folder / "links.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([tuple(TABLES["links"].columns), *rows])
    return load_evidence(folder)


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([("movrin-2012", "nobody", "controls", "x")], "row 2, column report_b"),
        ([("movrin-2012", "movrin-amb", "twins", "x")], "row 2, column what"),
        ([("movrin-2012", "movrin-2012", "patients", "x")], "row 2, column report_b"),
        (
            [("movrin-2012", "movrin-amb", "patients", "x"), ("movrin-amb", "movrin-2012", "patients", "x")],
            "row 2, column report_a",
        ),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_followed_is_a_fault_and_the_rest_loads(tmp_path, rows, where):
    evidence = with_links(tmp_path / "data", *rows)
    assert where in str(evidence.faults[0])
    assert len(evidence.arm_results) == len(shipped().arm_results)


def test_a_folder_without_links_has_none(tmp_path):
    folder = copy_data(tmp_path / "data")
    (folder / "links.csv").unlink()
    evidence = load_evidence(folder)
    assert (evidence.faults, len(evidence.links)) == ((), 0)
