"""The matrix of missing results: each trial of a comparison, with a result or without."""

from __future__ import annotations

import math

import pytest

from analysis.answer import answer
from analysis.question import Question
from analysis.survey.missing import AVAILABLE, UNCLEAR, UNMEASURED, UNUSABLE, missing, missing_line
from tests.evidence_builder import Tiny, shipped

SILENT = {"estimate": math.nan, "ci_low": math.nan, "ci_high": math.nan}


def four() -> Tiny:
    tiny = Tiny()
    for name in ("has", "silent", "short", "unknown"):
        tiny.study(name, follow_up_weeks=4.0 if name == "short" else 52.0)
    tiny.contrast("has", weeks=52.0)
    tiny.contrast("silent", weeks=52.0, **SILENT)
    return tiny


def states(question: Question, tiny: Tiny, outcome: str = "pain") -> dict[str, str]:
    found = missing(question, tiny.evidence())
    at = found.outcomes.index(outcome)
    return {row.trial: row.states[at].state for row in found.rows}


def test_each_trial_is_in_one_of_four_states():
    assert states(Question(time="12m"), four()) == {
        "has": AVAILABLE, "silent": UNUSABLE, "short": UNMEASURED, "unknown": UNCLEAR,
    }  # fmt: skip


def test_a_result_at_another_time_leaves_it_unclear_whether_it_was_measured_now():
    assert states(Question(time="1m"), four())["has"] == UNCLEAR
    assert states(Question(time="any"), four())["has"] == AVAILABLE


def test_what_the_reader_leaves_out_is_not_missing():
    asked = Question(time="12m", without=("has",), industry=False, abstract=False)
    assert states(asked, four()) == states(Question(time="12m"), four())


def test_an_outcome_that_one_group_cannot_have_has_no_column():
    found = missing(Question(), four().evidence())
    assert "leakage" not in found.outcomes
    assert "leakage" in missing(Question(intervention="BKP", comparator="VP"), shipped()).outcomes


def test_companion_reports_are_one_trial_and_other_designs_are_none():
    tiny = (
        four()
        .study("companion", parent_study_id="has")
        .study("cohort", design="comparative_cohort")
    )
    assert set(states(Question(time="12m"), tiny)) == {"has", "silent", "short", "unknown"}


def test_the_line_under_a_pool_counts_what_the_matrix_counts():
    text = missing_line(Question(time="12m"), four().evidence())
    assert text == (
        "Of 4 trials of this comparison, 1 has a usable result, 1 measured it without one (Silent) and 1 ended "
        "before this time. For 1 it is unclear whether it was measured."
    )


@pytest.mark.parametrize("comparator", ["SHAM", "NSM"])
def test_the_shipped_matrix_agrees_with_the_answers(comparator):
    asked = Question(comparator=comparator, time="any")
    found = missing(asked, shipped())
    for outcome in ("pain", "rmdq", "new-fracture"):
        entered = {s.trial for s in answer(asked.replace(outcome=outcome), shipped()).studies}
        assert found.count(outcome)[AVAILABLE] == len(entered & {row.trial for row in found.rows})
        assert entered <= {row.trial for row in found.rows}
