"""What was known when: only reports published by then enter, and the path is the cumulative meta-analysis."""

from __future__ import annotations

import math

import pytest

from analysis.answer import answer
from analysis.figures.history import history_figure
from analysis.question import Question
from analysis.robustness.cumulative import cumulative
from analysis.survey.history import (
    as_of,
    changed,
    path,
    reading,
    stories,
    then,
    undated,
    value_text,
    years,
)
from analysis.topic import topic
from tests.evidence_builder import Tiny, shipped

SERIES = Question(
    outcome="responder", intervention="VP", comparator="NONE", time="any", designs=("single_arm",)
)


def tiny() -> Tiny:
    """A trial of 2009 with a companion of 2014, and one of 2018, each with a printed difference."""
    made = Tiny().study("a", year=2009.0).study("a2", year=2014.0, parent_study_id="a", label="A 2")
    made.study("b", year=2018.0).study("c", year=math.nan)
    made.contrast("a", estimate=1.0, ci_low=0.0, ci_high=2.0)
    made.contrast("a2", estimate=3.0, ci_low=2.0, ci_high=4.0, weeks=52.0, timepoint="12 months")
    made.contrast("b", estimate=0.5, ci_low=-0.5, ci_high=1.5)
    made.contrast("c", estimate=9.0, ci_low=8.0, ci_high=10.0)
    return made


def test_a_later_report_changes_the_answer_only_when_it_appeared():
    steps = path(Question(time="any"), tiny().evidence(), 2024)
    assert [(s.year, len(s.answer.studies), s.added) for s in steps] == [
        (2009, 1, ("A",)), (2014, 1, ("A",)), (2018, 2, ("B",)),
    ]  # fmt: skip
    assert [round(s.answer.studies[0].yi, 6) for s in steps] == [-1.0, -3.0, -3.0]


def test_nothing_published_after_the_year_enters():
    for year in topic().landmarks:
        known = as_of(shipped(), year)
        assert known.studies["year"].max() <= year
        ids = set(known.studies["study_id"])
        for name in ("arms", "arm_results", "contrasts"):
            assert set(known.tables[name]["study_id"]) <= ids


def test_reports_without_a_year_enter_no_year_and_are_named():
    evidence = tiny().evidence()
    last = path(Question(), evidence, 2100)[-1]
    assert "C" not in {s.label for s in last.answer.studies}
    assert undated(Question(), evidence) == ("C",)


@pytest.mark.parametrize(
    "question",
    [
        Question(),
        Question(time="12m"),
        Question(intervention="BKP", comparator="NSM", time="1w"),
        SERIES,
    ],
    ids=lambda q: q.slug(),
)
def test_where_no_trial_reported_twice_the_path_is_the_cumulative_meta_analysis(question):
    _, last = years(shipped())
    steps = path(question, shipped(), last)
    final = steps[-1].answer
    dates = shipped().studies.set_index("study_id")["year"]
    expected = cumulative(
        [s.yi for s in final.studies], [s.vi for s in final.studies],
        [int(dates[s.study_id]) for s in final.studies],
        tau2=question.tau2, ci=question.ci, level=question.level, together=True,
    )  # fmt: skip
    assert [s.year for s in steps] == [e.label for e in expected]
    for step, one in zip(steps, expected, strict=True):
        found = step.answer.told.result
        assert found.k == one.k
        if found.k == 1:  # a single study is told with the limits that it printed, counts exactly
            assert math.isclose(found.estimate, one.estimate, rel_tol=1e-7)
            continue
        # batch and single fits of the same likelihood agree to about 1e-9
        assert math.isclose(found.estimate, one.estimate, rel_tol=1e-7)
        assert math.isclose(found.ci_low, one.ci_low, rel_tol=1e-6)
        assert math.isclose(found.ci_high, one.ci_high, rel_tol=1e-6)


def test_the_last_step_is_the_answer_as_of_the_year_shown():
    for story in stories("any"):
        for _, question in story.lines:
            for year in (2010, 2018):
                steps = path(question, shipped(), year)
                now = answer(question, as_of(shipped(), year))
                assert steps[-1].answer.pooled == now.pooled if steps else now.pooled is None


def test_the_sentence_tells_value_interval_studies_and_newest_report():
    steps = path(Question(), tiny().evidence(), 2018)
    said = then(steps, "Vertebroplasty", 2018)
    assert said.startswith(f"Vertebroplasty: {value_text(steps[-1].answer)} from 2 studies")
    assert "CrI" in said
    assert said.endswith("Newest report: 2018, B.")
    assert "2009" in changed(steps)


def test_before_the_first_report_the_sentence_says_that_there_was_none():
    steps = path(Question(), tiny().evidence(), 2005)
    assert steps == ()
    assert "no report with a usable result" in then(steps, "Vertebroplasty", 2005)
    assert changed(steps) == ""


def test_a_change_of_reading_is_said():
    made = Tiny().study("a", year=2009.0).study("b", year=2018.0)
    made.contrast("a", estimate=3.0, ci_low=2.5, ci_high=3.5)
    made.contrast("b", estimate=-3.0, ci_low=-3.5, ci_high=-2.5)
    steps = path(Question(), made.evidence(), 2018)
    assert reading(steps[0].answer) is not reading(steps[1].answer)
    assert f"changed from “{reading(steps[0].answer).value}”" in changed(steps)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_axes_do_not_move_with_the_year_and_later_reports_are_not_drawn(narrow):
    span = years(shipped())
    for story in stories("any"):
        ranges = set()
        for year in (2009, 2018):
            lines = [
                (label, q, path(q, shipped(), year), path(q, shipped(), span[1]))
                for label, q in story.lines
            ]
            figure = history_figure(lines, span, year, narrow=narrow)
            ranges.add((figure.layout.xaxis.range, figure.layout.yaxis.range))
            assert all(x is None or x < year + 0.5 for trace in figure.data for x in trace.x)
        assert len(ranges) == 1


def test_a_story_without_any_report_is_not_drawn():
    with pytest.raises(ValueError, match="nothing to draw"):
        history_figure([("X", Question(), (), ())], (2003, 2024), 2009)
