"""The map of gaps: a cell counts what its Question's answer holds, and silence apart."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import pytest

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence.candidates import RANKED_BY
from analysis.evidence.select import select
from analysis.figures.gap_map import gap_map
from analysis.question import Question
from analysis.survey.gaps import gaps, summary
from tests.evidence_builder import Tiny, shipped

NONE = {"estimate": math.nan, "ci_low": math.nan, "ci_high": math.nan}


def cell(found, label, pair, time):
    line = next(line for line in found.lines if line.label == label)
    return line.cells[found.comparisons.index(pair)][list(words.WINDOWS).index(time)]


def test_a_cell_counts_the_studies_of_its_answer():
    found = gaps(shipped())
    for one in found.cells[::23]:
        assert one.k == len(answer(one.question, shipped()).studies)
    assert sum(one.k for one in found.cells) > 0


@pytest.mark.parametrize("intervention", words.MAPS)
def test_every_map_has_all_outcomes_comparisons_and_times(intervention):
    found = gaps(shipped(), intervention)
    assert found.comparisons == words.MAPS[intervention]
    for line in found.lines:
        assert [len(group) for group in line.cells] == [len(words.WINDOWS)] * len(found.comparisons)


def test_a_study_that_printed_no_figure_is_counted_apart_at_its_time_and_at_the_longest():
    tiny = Tiny().study("loud").study("silent")
    tiny.contrast("loud")
    tiny.contrast("silent", **NONE)
    found = gaps(tiny.evidence(), "VP")
    month, year, last = (cell(found, "Pain", ("VP", "SHAM"), t) for t in ("1m", "12m", "any"))
    assert [(c.k, c.silent) for c in (month, year, last)] == [(1, 1), (0, 0), (1, 1)]
    assert month.text == "1 study, 1 more without numbers"


def test_silence_without_a_time_is_counted_once_not_at_every_time():
    tiny = Tiny().study("silent")
    tiny.contrast("silent", weeks=math.nan, timepoint="", **NONE)
    found = gaps(tiny.evidence(), "VP")
    group = next(line for line in found.lines if line.label == "Pain").cells[0]
    assert [c.silent for c in group] == [int(time == "any") for time in words.WINDOWS]


def test_a_comparison_of_leaks_with_a_group_without_cement_is_no_gap():
    found = gaps(shipped())
    leak = cell(found, "Cement leakage", ("AUG", "SHAM"), "any")
    assert not leak.asked
    assert leak not in found.cells


def test_the_summary_says_when_all_studies_are_of_one_procedure():
    sham = summary(gaps(shipped()))[0]
    assert sham.startswith("Augmentation against sham")
    assert "All of these studies are of vertebroplasty" in sham
    kyphoplasty = summary(gaps(shipped(), "BKP"))[0]
    assert kyphoplasty.startswith("Kyphoplasty against sham: no study answers any of the")


def test_an_unknown_procedure_is_refused_by_name():
    with pytest.raises(ValueError, match="intervention: found 'NSM', allowed: AUG"):
        gaps(shipped(), "NSM")


@pytest.mark.parametrize("narrow", [False, True])
def test_the_drawing_holds_every_question_once_and_each_mark_opens_it(narrow):
    found = gaps(shipped())
    figure = gap_map(found, narrow=narrow)
    assert isinstance(figure, go.Figure)
    assert {trace.type for trace in figure.data} == {"scatter"}
    drawn = [query for trace in figure.data for query in (trace.customdata or ())]
    assert sorted(drawn) == sorted(c.question.to_query() for c in found.cells)
    assert all(Question.from_query(query)[1] == [] for query in drawn[::50])


def test_ranking_is_explained_place_by_place():
    candidates = select(Question(), shipped()).candidates
    ranks = {len(candidate.rank) for trial in candidates.values() for candidate in trial}
    assert ranks == {len(RANKED_BY)}
