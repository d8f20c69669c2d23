"""The multiverse: which specifications are crossed, that each is the answer to its Question, what they say."""

from __future__ import annotations

import time

import numpy as np
import pytest

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.effects.scale import shown
from analysis.question import Question
from analysis.robustness.multiverse import choices_of, multiverse, summarise
from analysis.robustness.multiverse.run import run
from tests.evidence_builder import Tiny, shipped

MONTH, YEAR = Question(), Question(time="12m")
RELIEF = Question(
    outcome="responder", intervention="BKP", comparator="NONE", time="any", designs=("single_arm",)
)
CHANGE = Question(intervention="AUG", comparator="NONE", time="12m")
NOBODY = Question(intervention="BKP", comparator="SHAM")
FRACTURES = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")


def levels(question: Question) -> dict[str, tuple]:
    return {choice.field: choice.levels for choice in choices_of(question)}


# --- which specifications ------------------------------------------------------------------------
def test_neighbouring_windows_are_crossed_and_the_longest_follow_up_has_none():
    assert levels(YEAR)["time"] == ("6m", "12m", "24m")
    assert levels(Question(time="24m"))["time"] == ("12m", "24m")
    assert "time" not in levels(Question(time="any"))


def test_designs_climb_the_ladder_of_rigour_and_keep_the_kinds_asked():
    ladder = (("sham_rct",), words.RANDOMISED, words.COMPARATIVE)
    assert levels(MONTH)["designs"] == ladder
    odd = ("open_rct", "comparative_cohort")
    assert levels(Question(designs=odd))["designs"] == (odd, *ladder)
    assert levels(RELIEF)["designs"][1] == ("single_arm",)


def test_other_patients_are_another_question():
    assert levels(MONTH)["etiology"] == ("any", "osteoporotic")
    assert "etiology" not in levels(Question(etiology="malignant"))
    assert "fracture_age" not in levels(MONTH)


def test_what_only_one_group_can_choose_is_crossed_there_alone():
    assert levels(CHANGE.replace(r=0.8))["r"] == (0.3, 0.5, 0.7, 0.8)
    assert levels(RELIEF)["measure"] == ("PLO", "PAS", "PR")
    assert not {"r", "measure"} & set(levels(FRACTURES))


# --- each specification is the answer to its Question --------------------------------------------
@pytest.mark.parametrize(
    "question", [MONTH, YEAR, RELIEF, CHANGE, FRACTURES], ids=lambda q: q.slug()
)
def test_every_row_is_the_answer_to_its_own_question(question):
    found = multiverse(question, shipped())
    rows = np.unique(np.linspace(0, len(found) - 1, 60).astype(int))
    assert found.question_at(found.asked) == question
    for row in rows:
        asked = found.question_at(row)
        pooled = answer(asked, shipped()).pooled
        assert found.k[row] == (pooled.k if pooled else 0), asked.to_query()
        if pooled is None:
            assert np.isnan([found.estimate[row], found.ci_low[row], found.ci_high[row]]).all()
            continue
        expected = [pooled.estimate, pooled.ci_low, pooled.ci_high]
        if question.one_group and question.spec.kind == "event":
            expected = shown(asked.effect_measure, expected)
        # one fit and many fits differ by the order of sums; rows are equal to nine decimals anyway
        np.testing.assert_allclose(
            [found.estimate[row], found.ci_low[row], found.ci_high[row]], expected, atol=2e-8,
            err_msg=asked.to_query(),
        )  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        RELIEF.replace(model="glmm"),
        Question(outcome="mortality", intervention="BKP", comparator="NONE", time="any"),
        FRACTURES.replace(measure="OR", model="peto"),
    ],
    ids=lambda q: f"{q.slug()}-{q.model}",
)
def test_counts_are_pooled_by_the_model_that_tells_the_answer(question):
    found, asked = multiverse(question, shipped()), answer(question, shipped()).pooled
    measure = question.effect_measure
    expected = [asked.estimate, asked.ci_low, asked.ci_high]
    if question.one_group:
        expected = shown(measure, expected)
    row = found.asked
    values = [found.estimate[row], found.ci_low[row], found.ci_high[row]]
    np.testing.assert_allclose(values, expected, atol=1e-8)
    assert found.question_at(row) == question


def test_every_row_can_be_opened_by_its_address():
    found = multiverse(RELIEF, shipped())
    for row in range(0, len(found), 37):
        asked = found.question_at(row)
        assert Question.from_query(asked.to_query()) == (asked, [])


def test_levels_that_were_merged_give_the_same_answer():
    found = multiverse(YEAR, shipped())
    merged = {c.field: group for c in found.choices for group in c.groups if len(group) > 1}
    assert "tau2" in merged
    for field, group in merged.items():
        estimates = {
            round(answer(YEAR.replace(**{field: level}), shipped()).pooled.estimate, 8)
            for level in group
        }
        assert len(estimates) == 1, field


# --- counting ------------------------------------------------------------------------------------
def test_run_merged_and_distinct_are_told_apart():
    found = multiverse(YEAR, shipped())
    crossed = [*found.choices, *found.settled]
    assert found.run == np.prod([len(choice.levels) for choice in choices_of(YEAR)])
    kept = {c.field: {level for group in c.groups for level in group} for c in crossed}
    for choice in choices_of(YEAR):
        aside = {level for field, level in found.impossible if field == choice.field}
        left = set(choice.levels) - aside
        assert kept.get(choice.field, left) == left
        assert choice.field in kept or len(left) == 1
    assert len(found) == np.prod(found.shape)
    assert len({c.field for c in crossed}) == len(crossed)
    results = {
        tuple(np.round(values, 8))
        for values in zip(found.k, found.estimate, found.ci_low, found.ci_high, strict=True)
        if values[0] > 0
    }
    assert found.distinct == len(results)


def test_a_choice_without_consequence_is_settled_and_an_impossible_level_named():
    found = multiverse(MONTH, shipped())
    assert {"borrow", "outliers"} <= {choice.field for choice in found.settled}
    assert found.impossible == (("abstract", False),)
    assert answer(MONTH.replace(abstract=False), shipped()).pooled is None


def test_specifications_without_a_study_and_with_one_are_counted():
    found = multiverse(MONTH, shipped())
    said = summarise(found)
    assert said.none == (found.k == 0).sum() > 0
    assert said.single == (found.k == 1).sum() > 0
    assert said.rows == len(found)


def test_without_any_study_there_is_one_row_and_it_is_empty():
    found = multiverse(NOBODY, shipped())
    said = summarise(found, mid=1.5)
    assert (len(found), found.k.tolist(), found.distinct, found.impossible) == (1, [0], 0, ())
    assert found.run > 10_000
    assert (said.median, said.shares.better, said.movements) == (None, None, ())


def test_ten_thousand_analyses_take_less_than_two_seconds_of_processor_time():
    run(MONTH, shipped())  # joins the rows of the outcome, once
    started = time.process_time()
    assert run(YEAR, shipped()).run >= 10_000
    assert time.process_time() - started < 2.0


# --- what they say -------------------------------------------------------------------------------
def three_trials() -> Tiny:
    """Two trials in favour of the intervention, and one funded by industry that is twice as much so."""
    tiny = Tiny()
    for name, estimate, funding in (("a", 1.0, ""), ("b", 1.0, ""), ("c", 4.0, "industry")):
        tiny.study(name, funding=funding, etiology="osteoporotic")
        tiny.contrast(name, estimate=estimate, ci_low=estimate - 0.5, ci_high=estimate + 0.5)
    return tiny


def test_shares_follow_the_side_of_benefit_and_the_important_difference():
    found = multiverse(MONTH, three_trials().evidence())
    said = summarise(found, mid=1.5)
    benefit = -found.estimate  # less pain is better
    assert said.shares.better == said.shares.wholly_better + np.mean(found.ci_high >= 0) == 1
    assert said.shares.important == pytest.approx(np.mean(benefit >= 1.5))
    assert said.shares.wholly_important == pytest.approx(np.mean(-found.ci_high > 1.5))
    assert 0 < said.shares.important < 1
    assert (said.highest, said.shares.harmful) == (pytest.approx(-1.0), 0.0)


def test_turning_the_question_round_turns_the_shares_round():
    evidence = three_trials().evidence()
    there = summarise(multiverse(MONTH, evidence), mid=1.5).shares
    back = MONTH.replace(intervention="SHAM", comparator="VP")
    again = summarise(multiverse(back, evidence), mid=1.5).shares
    assert (again.better, again.worse) == (there.worse, there.better)
    assert (again.harmful, again.wholly_harmful) == (there.important, there.wholly_important)


def test_the_choice_that_moves_the_answer_most_comes_first():
    found = multiverse(MONTH, three_trials().evidence())
    said = summarise(found)
    assert [c.field for c in found.choices] == ["industry", "tau2", "ci"]
    assert said.movements[0].field == "industry"
    industry = said.movements[0]
    alone = found.estimate.reshape(found.shape)
    moves = np.abs(alone[0] - alone[1])
    assert industry.typical == pytest.approx(moves.mean())
    assert industry.greatest == pytest.approx(moves.max())
    assert [g.median for g in industry.groups][1] == pytest.approx(-1.0)


def test_an_interval_method_moves_no_estimate_but_may_turn_what_the_interval_says():
    said = summarise(multiverse(MONTH, three_trials().evidence()))
    ci = next(m for m in said.movements if m.field == "ci")
    assert (ci.typical, ci.variance_share) == (0.0, 0.0)
    assert ci.turning > 0


def test_one_group_is_held_against_a_value_of_interest_and_never_favours():
    said = summarise(multiverse(RELIEF, shipped()), mark=0.85)
    assert said.shares.better is None
    has = multiverse(RELIEF, shipped()).k > 0
    estimate = multiverse(RELIEF, shipped()).estimate[has]
    assert said.shares.above_mark == pytest.approx(np.mean(estimate > 0.85))
    assert 0 <= said.lowest <= said.median <= said.highest <= 1
