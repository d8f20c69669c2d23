"""The trail of a trial: each row enters an answer or says why not; each entry is what the answer holds."""

from __future__ import annotations

import math

import pytest

from analysis.answer import answer
from analysis.question import Question
from analysis.survey.entries import trail
from analysis.survey.studies import all_rows, reports
from tests.evidence_builder import Tiny, shipped

TRIALS = sorted({r.trial for r in reports(shipped())})[::6]


@pytest.mark.parametrize("trial", TRIALS)
def test_every_row_of_a_trial_enters_or_has_a_reason(trial):
    followed = trail(trial, shipped())
    rows = {row["row_id"] for row in all_rows(shipped()) if row["trial"] == trial}
    entered = {row_id for entry in followed.entries for row_id in entry.effect.row_ids}
    assert entered | set(followed.fates) == rows
    assert not entered & set(followed.fates)
    assert all(followed.fates.values())


def test_an_entry_is_the_trials_effect_in_that_answer():
    entries = trail("buchbinder-2009", shipped()).entries
    assert entries
    for entry in entries:
        found = answer(entry.question, shipped())
        assert entry.effect in found.studies
        assert entry.k == len(found.studies)
    assert len({entry.question for entry in entries}) == len(entries)


def test_a_question_on_the_trials_own_time_and_treatments_is_asked():
    tiny = Tiny().study("a")
    tiny.contrast("a", estimate=1.0)
    asked = {e.question for e in trail("a", tiny.evidence()).entries}
    assert asked == {Question(), Question(time="any")}


def test_a_cohort_is_followed_into_answers_that_admit_cohorts():
    tiny = Tiny().study("a", "VP NSM", design="comparative_cohort")
    tiny.contrast("a", "VP", "NSM")
    (entry, _) = trail("a", tiny.evidence()).entries
    assert "comparative_cohort" in entry.question.designs


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"estimate": math.nan, "ci_low": math.nan, "ci_high": math.nan}, "without numbers"),
        ({"not_poolable_reason": "as-treated"}, "not poolable as reported: as-treated"),
        ({"positive_favours": "unclear"}, "direction not stated"),
    ],
)
def test_a_row_that_cannot_enter_says_so_in_the_words_of_the_rules(cells, reason):
    tiny = Tiny().study("a")
    row_id = tiny.contrast("a", **cells)
    assert reason in trail("a", tiny.evidence()).fates[row_id]


def test_a_trial_that_is_not_there_has_an_empty_trail():
    followed = trail("no-such-trial", shipped())
    assert (followed.entries, followed.fates) == ((), {})
