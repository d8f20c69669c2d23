"""Scores over time: which levels are drawn, which are computed, and which windows stay empty."""

from __future__ import annotations

import math

import pytest

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.figures.time_course import (
    course_figure,
    difference_caption,
    difference_figure,
    position,
)
from analysis.question import Question
from analysis.survey.trajectory import courses, differences, verdicts_in_words, why_none
from tests.evidence_builder import Tiny, shipped

BEFORE = {"weeks": 0.0, "timepoint": "baseline"}
YEAR = {"weeks": 52.0, "timepoint": "12 months"}


def trial() -> Tiny:
    """One sham trial with levels of the vertebroplasty arm before and at one month."""
    tiny = Tiny().study("a")
    tiny.level("a", "VP", 8.0, **BEFORE)
    tiny.level("a", "VP", 5.0)
    return tiny


def only(tiny: Tiny, question: Question | None = None):
    found = courses(question or Question(), tiny.evidence())
    assert len(found.drawn) == 1
    return found.drawn[0]


def test_levels_stand_as_printed_in_order_of_time():
    tiny = trial()
    tiny.level("a", "VP", 4.0, weeks=1.0, timepoint="1 week")
    levels = only(tiny).levels
    assert [(level.weeks, level.value) for level in levels] == [(0, 8.0), (1, 4.0), (4, 5.0)]
    assert not any(level.computed for level in levels)


def test_another_printed_range_is_rescaled_and_says_so():
    tiny = Tiny().study("a")
    scale = {"scale_min": 0.0, "scale_max": 100.0, "instrument": "VAS 100"}
    tiny.level("a", "VP", 80.0, **scale, **BEFORE)
    tiny.level("a", "VP", 35.0, **scale)
    levels = only(tiny).levels
    assert [level.value for level in levels] == [8.0, 3.5]
    assert all("rescaled" in level.flags for level in levels)


def test_a_printed_change_is_added_to_the_level_before_and_marked():
    tiny = Tiny().study("a")
    tiny.level("a", "VP", 7.4, **BEFORE)
    row = tiny.level("a", "VP", 2.6, kind="change", change_printed_as="improvement", **YEAR)
    last = only(tiny).levels[-1]
    assert (last.weeks, last.computed) == (52.0, True)
    assert math.isclose(last.value, 4.8)
    assert last.row_ids[-1] == row


def test_a_printed_level_wins_over_one_computed_from_a_change():
    tiny = trial()
    tiny.level("a", "VP", 9.0, kind="change", change_printed_as="improvement")
    assert [level.value for level in only(tiny).levels] == [8.0, 5.0]


def test_a_change_without_the_level_before_cannot_be_drawn():
    tiny = Tiny().study("a")
    tiny.level("a", "VP", 2.6, kind="change", change_printed_as="improvement", **YEAR)
    found = courses(Question(), tiny.evidence())
    assert found.drawn == ()
    assert found.changes_only == ("A, vertebroplasty",)


def test_a_change_on_another_range_is_not_added():
    tiny = trial()
    tiny.level(
        "a", "VP", 30.0, kind="change", change_printed_as="improvement", scale_max=100.0, **YEAR
    )
    assert [level.weeks for level in only(tiny).levels] == [0.0, 4.0]


def test_a_single_level_is_no_course():
    tiny = Tiny().study("a")
    tiny.level("a", "SHAM", 8.0, **BEFORE)
    found = courses(Question(), tiny.evidence())
    assert (found.drawn, found.single) == ((), ("A, sham",))


def test_medians_unpooled_rows_and_unknown_times_are_counted_by_reason():
    tiny = trial()
    tiny.level("a", "VP", 4.0, statistic="median", **YEAR)
    tiny.level("a", "VP", 4.5, weeks=26.0, timepoint="6 months", not_poolable_reason="as a graph")
    tiny.level("a", "VP", 3.0, weeks=math.nan, timepoint="later")
    found = courses(Question(), tiny.evidence())
    assert [level.weeks for level in found.drawn[0].levels] == [0.0, 4.0]
    assert dict(found.left_out) == {"measure": 1, "row": 1, "time": 1}


def test_only_kinds_of_study_that_may_enter_are_drawn():
    tiny = trial().study("b", arms="VP", design="single_arm")
    tiny.level("b", "VP", 9.0, **BEFORE)
    tiny.level("b", "VP", 1.0)
    assert {c.trial for c in courses(Question(), tiny.evidence()).drawn} == {"a"}
    every = Question(designs=tuple(words.DESIGNS))
    assert {c.trial for c in courses(every, tiny.evidence()).drawn} == {"a", "b"}


def test_levels_of_a_companion_report_join_the_arm_of_its_trial():
    tiny = trial().study("a-later", parent_study_id="a", label="Later")
    tiny.level("a-later", "VP", 3.0, **YEAR)
    course = only(tiny)
    assert (course.label, [level.value for level in course.levels]) == ("A", [8.0, 5.0, 3.0])


def test_shipped_sham_trials_show_both_arms():
    arms = {(c.trial, c.treatment) for c in courses(Question(), shipped()).drawn}
    assert {(t, arm) for t in ("buchbinder-2009", "carli-2023") for arm in ("VP", "SHAM")} <= arms


# --- differences ---------------------------------------------------------------------------------
def test_every_window_is_the_answer_to_its_question():
    question = Question(intervention="BKP", comparator="NSM")
    found = differences(question, shipped())
    assert [a.question.time for a in found] == [w.key for w in words.TIMED]
    for one in found:
        assert one == answer(question.replace(time=one.question.time), shipped())


def test_one_group_has_no_difference():
    with pytest.raises(ValueError, match="comparator"):
        differences(Question(comparator=words.NONE), shipped())


def test_an_empty_window_tells_silence_from_nothing():
    tiny = Tiny().study("a")
    tiny.contrast("a", estimate=math.nan, ci_low=math.nan, ci_high=math.nan, p_value=">0.05")
    by_time = {a.question.time: a for a in differences(Question(), tiny.evidence())}
    assert why_none(by_time["1m"]) == "no figure; 1 study reported without one"
    assert why_none(by_time["12m"]) == "no study"


# --- figures -------------------------------------------------------------------------------------
def test_the_verdicts_are_told_once_each_and_no_range_runs_over_a_time_without_a_study():
    told = differences(Question(), shipped())
    assert all(a.studies for a in told)
    expected = (
        "No important difference: first days to 6 months. Benefit too small to matter: 12 months. "
        "Uncertain: 24 months."
    )
    assert verdicts_in_words(told) == expected
    silent = next(a for a in differences(Question(comparator="NSM"), shipped()) if not a.studies)
    parted = [*told[:2], silent, *told[2:5]]
    assert verdicts_in_words(parted) == "No important difference: first days, 1 week and 1 month to 6 months."
    assert verdicts_in_words([silent]) == "No study gives this difference at any time."


def test_each_arm_is_a_line_of_its_own_that_names_its_trial():
    drawn = courses(Question(), shipped()).drawn
    figure = course_figure(drawn, Question())
    assert [trace.meta for trace in figure.data] == [c.trial for c in drawn]
    for trace, course in zip(figure.data, drawn, strict=True):
        assert list(trace.y) == [level.value for level in course.levels]
        assert list(trace.x) == [position(level.weeks) for level in course.levels]


def test_computed_levels_are_open_marks():
    drawn = courses(Question(), shipped()).drawn
    for trace, course in zip(course_figure(drawn, Question()).data, drawn, strict=True):
        opened = [symbol.endswith("-open") for symbol in trace.marker.symbol]
        assert opened == [level.computed for level in course.levels]


@pytest.mark.parametrize("narrow", [False, True])
def test_no_line_joins_two_windows(narrow):
    question = Question(intervention="AUG", comparator="NSM")
    figure = difference_figure(differences(question, shipped()), narrow=narrow)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert lines
    assert all(len(set(trace.x)) == 1 for trace in lines)


def test_windows_without_a_study_say_so_and_hold_no_mark():
    found = differences(Question(intervention="BKP", comparator="NSM"), shipped())
    empty = [a for a in found if not a.studies]
    assert empty
    figure = difference_figure(found)
    places = {x for trace in figure.data for x in trace.x}
    for one in empty:
        x = position(one.question.window.target)
        assert x not in places
        tick = list(figure.layout.xaxis.tickvals).index(x)
        assert figure.layout.xaxis.ticktext[tick].endswith("no study")
        assert one.question.window.label in difference_caption(found).split("No study at:")[1]


def test_nothing_to_draw_is_an_error_and_no_empty_figure():
    with pytest.raises(ValueError, match="nothing to draw"):
        course_figure((), Question())
    with pytest.raises(ValueError, match="nothing to draw"):
        difference_figure(differences(Question(intervention="BKP", comparator="SHAM"), shipped()))
