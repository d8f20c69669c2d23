"""The multiverse as it is shown: sentences, figure and table agree with the numbers, and stay light."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from analysis.answer import answer
from analysis.figures.choice_words import choice_name, level_words
from analysis.figures.spec_curve import MOST_MARKS, spec_curve
from analysis.question import Question
from analysis.robustness.multiverse import choices_of, multiverse
from analysis.robustness_views.multiverse import KEY, view
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.view import View
from tests.evidence_builder import Tiny, shipped

MONTH, YEAR = Question(), Question(time="12m")
KYPHOPLASTY = Question(intervention="BKP", comparator="NSM")
RELIEF = Question(
    outcome="responder", intervention="BKP", comparator="NONE", time="any", designs=("single_arm",)
)
SERIES = Question(intervention="AUG", comparator="NONE", time="any")
FRACTURES = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")
NOBODY = Question(intervention="BKP", comparator="SHAM")
ALL = [MONTH, YEAR, KYPHOPLASTY, RELIEF, SERIES, FRACTURES, NOBODY]


def by_slug(question: Question) -> str:
    return question.slug()


@pytest.mark.parametrize("question", ALL, ids=by_slug)
def test_a_view_is_plain_data_in_readable_sentences(question):
    shown = view(question, shipped())
    assert View.from_json(json.loads(json.dumps(shown.to_json()))) == shown
    said = " ".join([shown.finding, *shown.sentences, *shown.cautions])
    assert re.search(r"\bnan\b|\bNone\b|  |\.\.|significant|\b1 (studies|analyses)\b", said) is None
    assert all(len(row) == len(p.columns) for p in shown.panels for row in p.rows)


def test_the_finding_counts_what_was_run_and_how_results_fall():
    shown = view(YEAR, shipped())
    facts = shown.facts
    assert f"{facts['run']:,} analyses give {facts['distinct']} different results" in shown.finding
    assert facts["shares"]["better"] == 1
    share = round(100 * facts["shares"]["wholly_better"])
    assert f"whole interval favours vertebroplasty in {share}%" in shown.finding
    assert facts["shares"]["important"] == 0
    assert "never reaches the important difference of 1.5 points" in shown.finding
    assert "no study is left with it: results read in abstracts (left out)" in shown.sentences[-1]


def test_the_claim_of_85_percent_is_the_mark_of_relief_in_series():
    shown = view(RELIEF, shipped())
    share = round(100 * shown.facts["shares"]["above_mark"])
    assert f"exceeds the claimed 85% in {share}%" in shown.finding
    texts = [note["text"] for note in shown.panels[0].figure["layout"]["annotations"]]
    assert "claimed: over 85%" in texts


def test_without_any_study_there_is_a_sentence_and_no_figure():
    shown = view(NOBODY, shipped())
    assert shown.panels == ()
    assert shown.finding == answer(NOBODY, shipped()).sentence
    assert re.match(r"[\d,]+ analyses were tried; none of them has a study", shown.sentences[0])


def test_a_single_study_is_said_to_be_alone():
    tiny = Tiny().study("a", etiology="osteoporotic")
    tiny.contrast("a")
    shown = view(MONTH, tiny.evidence())
    assert "each from one study alone" in shown.finding
    assert "No analysis has more than one study: nothing was pooled." in shown.cautions


def test_a_question_that_no_study_answers_may_have_neighbours_that_one_does():
    asked = Question(comparator="NSM", time="3m")
    assert answer(asked, shipped()).pooled is None
    shown = view(asked, shipped())
    assert shown.sentences[0] == "The analysis as asked has no study."
    assert shown.panels[0].figure is not None


def test_the_table_holds_every_level_once():
    shown = view(YEAR, shipped())
    found = multiverse(YEAR, shipped())
    levels = sum(len(c.groups) for c in found.choices) + len(found.settled)
    assert len(shown.panels[0].rows) == levels
    time = [row for row in shown.panels[0].rows if row[0].startswith("Time: ")]
    assert sum(int(row[1]) for row in time) == len(found)
    assert sum(int(row[2]) for row in time) == (found.k > 0).sum()


# --- the figure ----------------------------------------------------------------------------------
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("question", [YEAR, KYPHOPLASTY, RELIEF, SERIES, FRACTURES], ids=by_slug)
def test_the_figure_is_light_and_made_of_what_the_pages_can_draw(question, narrow):
    figure = spec_curve(answer(question, shipped()), multiverse(question, shipped()), narrow=narrow)
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert len(figure.to_json()) < 400_000


@pytest.mark.parametrize("question", [YEAR, SERIES], ids=by_slug)
def test_marks_open_their_analysis_and_hide_no_extreme(question):
    found = multiverse(question, shipped())
    figure = spec_curve(answer(question, shipped()), found)
    points, asked = (t for t in figure.data if t.customdata is not None)
    assert len(points.x) <= MOST_MARKS[False] + 3
    assert list(points.x) == sorted(points.x)
    assert min(points.y) == pytest.approx(np.nanmin(found.estimate), rel=1e-3)
    assert max(points.y) == pytest.approx(np.nanmax(found.estimate), rel=1e-3)
    for query, y in list(zip(points.customdata, points.y, strict=True))[::41]:
        again, said = Question.from_query(query)
        assert said == []
        assert answer(again, shipped()).pooled.estimate == pytest.approx(y, rel=1e-3)
    assert list(asked.customdata) == [question.to_query()]


def test_a_thinned_figure_draws_the_widest_intervals_and_every_level():
    found = multiverse(SERIES, shipped())
    figure = spec_curve(answer(SERIES, shipped()), found)
    assert len(found) > 10 * MOST_MARKS[False]
    points = next(t for t in figure.data if t.customdata is not None)
    drawn = set(points.customdata)
    has = np.flatnonzero(found.k > 0)
    widest = (
        has[found.ci_low[has] == found.ci_low[has].min()],
        has[found.ci_high[has] == found.ci_high[has].max()],
    )
    for rows in widest:
        assert any(found.question_at(row).to_query() in drawn for row in rows)
    grid = figure.data[-1]
    assert len(set(grid.y)) == sum(len(choice.groups) for choice in found.choices)
    assert min(grid.marker.opacity) > 0


def test_levels_are_said_in_words():
    for question in (YEAR, RELIEF, SERIES):
        for choice in choices_of(question):
            assert choice_name(choice.field)
            for level in choice.levels:
                text = level_words(question, choice.field, level)
                assert text
                assert "_" not in text


def test_the_registry_knows_the_view():
    assert VIEWS[KEY].view is view
    assert all(spec.asks.endswith("?") for spec in VIEWS.values())
