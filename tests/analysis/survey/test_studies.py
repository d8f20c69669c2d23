"""The list of reports: counts, filters and their address, the file that is taken away."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import vocabulary as words
from analysis.survey.filters import SORTABLE, Filter, outcomes_in_hand
from analysis.survey.studies import all_rows, cells, columns, reports, to_csv, weeks_text
from tests.evidence_builder import Tiny, shipped


def test_every_report_and_every_printed_row_is_counted_once():
    evidence = shipped()
    found = reports(evidence)
    assert sorted(r.study_id for r in found) == sorted(evidence.studies["study_id"])
    printed = len(evidence.arm_results) + len(evidence.contrasts)
    assert sum(r.rows for r in found) == printed
    assert len(list(all_rows(evidence))) == printed


def test_a_result_without_a_figure_is_counted_apart():
    tiny = Tiny().study("a")
    tiny.level("a", "VP", 3.0)
    tiny.contrast("a", estimate=math.nan, ci_low=math.nan, ci_high=math.nan, p_value="0.4",
                  not_poolable_reason="no figure")  # fmt: skip
    (report,) = reports(tiny.evidence())
    assert (report.in_hand, report.no_figure) == ({"pain": 1}, {"pain": 1})


def test_companion_reports_name_each_other():
    tiny = Tiny().study("main").study("late", parent_study_id="main").study("alone")
    found = {r.study_id: r for r in reports(tiny.evidence())}
    assert found["main"].companions == ("late",)
    assert (found["late"].companions, found["late"].trial) == (("main",), "main")
    assert found["alone"].companions == ()


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("design=sham_rct&search=kallmes", []),
        ("design=nonsense", ["design: found 'nonsense'"]),
        ("outcome=<script>&x=1", ["outcome: found", "x: not a filter"]),
        ("sort=-title", ["sort: found"]),
        ("missing=no", ["missing: found"]),
        ("%ff=%00&x[]=1", ["\ufffd: not a filter", "x[]: not a filter"]),
    ],
)
def test_what_an_address_cannot_mean_is_said_and_left_out(query, left):
    chosen, said = Filter.from_query(query, shipped())
    assert len(said) == len(left)
    assert all(start in text for start, text in zip(left, said, strict=True))
    assert Filter.from_query(chosen.to_query(), shipped()) == (chosen, [])


@given(
    search=st.text(max_size=60).map(lambda t: " ".join(t.split())),
    design=st.sampled_from(["", *words.DESIGNS]),
    sort=st.sampled_from(["", *SORTABLE, *(f"-{s}" for s in SORTABLE)]),
)
def test_a_filter_survives_its_address(search, design, sort):
    chosen = Filter(search=search, design=design, sort=sort)
    try:
        query = chosen.to_query()
    except UnicodeEncodeError:  # half of a surrogate pair cannot be typed into a browser
        return
    assert Filter.from_query(query) == (chosen, [])


def test_filters_narrow_and_combine():
    evidence = shipped()
    sham = Filter(design="sham_rct").apply(evidence)
    assert sham
    assert {r.design for r in sham} == {"sham_rct"}
    both = Filter(design="sham_rct", search="buchbinder 2009").apply(evidence)
    assert "buchbinder-2009" in {r.study_id for r in both}
    assert {r.study_id for r in both} < {r.study_id for r in sham}
    silent = Filter(missing="yes", outcome="pain").apply(evidence)
    assert silent
    assert all("pain" in r.no_figure for r in silent)
    assert Filter(search="no such words at all").apply(evidence) == []


@pytest.mark.parametrize("name", SORTABLE)
def test_sorting_puts_what_was_not_printed_last_either_way(name):
    for sort in (name, f"-{name}"):
        values = [cells(r)[name] for r in Filter(sort=sort).apply(shipped())]
        printed = [v for v in values if v is not None]
        assert values == printed + [None] * (len(values) - len(printed))
        ordered = [v.casefold() if isinstance(v, str) else v for v in printed]
        assert ordered == sorted(ordered, reverse=sort.startswith("-"))


def test_the_file_holds_the_same_rows_and_names_the_data_version():
    evidence = shipped()
    chosen = Filter(design="open_rct", sort="label").apply(evidence)
    lines = list(csv.DictReader(io.StringIO(to_csv(chosen, evidence.version))))
    assert [line["Report"] for line in lines] == [r.study_id for r in chosen]
    assert {line["Data version"] for line in lines} == {evidence.version}
    assert set(lines[0]) == {*columns().values(), "Data version"}


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless():
    tiny = Tiny().study("a", title="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in to_csv(reports(tiny.evidence()), "v")


def test_outcomes_are_those_that_some_report_has():
    codes = outcomes_in_hand(shipped())
    assert set(codes) == {*shipped().arm_results["outcome"], *shipped().contrasts["outcome"]}


@pytest.mark.parametrize(("weeks", "text"), [(0.43, "3 days"), (1, "1 week"), (13, "3 months")])
def test_lengths_of_time_read_naturally(weeks, text):
    assert weeks_text(weeks) == text
