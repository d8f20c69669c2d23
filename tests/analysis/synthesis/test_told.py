"""`told`: which result is told for every number of studies, and why."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from analysis.synthesis import Pooled, pool, predictive, told
from analysis.synthesis.few import pool_few
from analysis.synthesis.told import LENGTHENED, MODELS

# Vertebroplasty against sham at one month, and a third trial that agrees.
TWO = ([-0.6, -0.4], [0.16, 0.20])
THREE = ([-0.6, -0.4, -0.5], [0.16, 0.20, 0.12])
APART = ([0.0, 1.0, 2.2, 3.1, 4.4, 0.4], [0.1, 0.1, 0.2, 0.1, 0.1, 0.3])


def but_for_prediction(result: Pooled) -> Pooled:
    return replace(result, pi_low=None, pi_high=None, pi_df=None)


def test_one_study_is_told_as_it_is() -> None:
    only = told([0.5], [0.04])
    assert (only.model, only.together, only.other, only.prediction) == ("single", False, None, None)
    assert only.result == pool([0.5], [0.04], ci="hksj-adhoc")


@pytest.mark.parametrize("k", [2, 3, 4])
def test_few_studies_are_averaged_over_how_much_they_may_differ(k: int) -> None:
    few = told(APART[0][:k], APART[1][:k])
    assert (few.model, few.together) == ("prior", k > 2)
    bare = pool_few(APART[0][:k], APART[1][:k])
    assert few.result.estimate == bare.estimate
    assert (few.result.tau2, few.result.weights.tolist()) == (bare.tau2, bare.weights.tolist())
    assert few.other == pool(APART[0][:k], APART[1][:k], tau2="REML", ci="hksj-adhoc")
    assert "too few" in few.reason


def test_studies_further_apart_than_the_prior_expects_are_told_as_long_as_random_effects() -> None:
    """Twenty errors apart: the posterior's interval holds none of them."""
    yi, vi = [0.1, -2.2, -0.2], [5e-4, 5e-7, 7e-3]
    apart, bare, wald = told(yi, vi), pool_few(yi, vi), pool(yi, vi, tau2="REML", ci="wald")
    found = apart.result
    assert found.ci_high - found.ci_low == pytest.approx(wald.ci_high - wald.ci_low, rel=1e-9)
    assert found.estimate == bare.estimate
    # both limits and the standard error in the same proportion
    times = apart.lengthened
    assert times > 2
    assert found.estimate - found.ci_low == pytest.approx(times * (bare.estimate - bare.ci_low))
    assert found.ci_high - found.estimate == pytest.approx(times * (bare.ci_high - bare.estimate))
    assert found.se == pytest.approx(times * bare.se)
    assert apart.reason.endswith(LENGTHENED)
    assert found.notes[:-1] == bare.notes
    assert f"{times:.3g}-fold" in found.notes[-1]


def test_studies_that_agree_are_told_with_the_posterior_as_it_is() -> None:
    few = told(*THREE)
    assert few.lengthened == 1
    assert few.result == pool_few(*THREE)
    assert LENGTHENED not in few.reason
    assert told([0.5], [0.04]).lengthened == 1


@pytest.mark.parametrize("k", [3, 4])
@pytest.mark.parametrize("apart", [1.0, 4.0, 16.0, 64.0])
def test_a_prediction_of_few_studies_reaches_beyond_the_interval_of_the_mean(k: int, apart: float) -> None:
    yi, vi = [apart * y for y in APART[0][:k]], APART[1][:k]
    few = told(yi, vi)
    assert few.predictive.low < few.result.ci_low
    assert few.predictive.high > few.result.ci_high


def test_the_floor_rests_on_reml_whatever_estimator_stands_in_the_question() -> None:
    yi, vi = APART[0][:3], APART[1][:3]
    assert told(yi, vi, tau2="DL", chosen=False).result == told(yi, vi).result


def test_effects_beyond_all_bounds_are_pooled_without_an_error() -> None:
    far = told([1e30, 0.0, 0.0], [0.1, 0.1, 1e-20])
    assert far.result.estimate == pytest.approx(1e30 / 3)


def test_five_studies_are_told_with_random_effects() -> None:
    five = told(APART[0][:5], APART[1][:5])
    assert (five.model, five.together, five.chosen) == ("random", True, False)
    pooled = pool(APART[0][:5], APART[1][:5], tau2="REML", ci="hksj-adhoc")
    assert but_for_prediction(five.result) == but_for_prediction(pooled)
    assert (five.result.pi_low, five.result.pi_high) == (five.prediction.low, five.prediction.high)
    assert five.other == pool(APART[0][:5], APART[1][:5], tau2="EE", ci="wald")


def test_an_agreeing_trial_makes_the_interval_no_wider() -> None:
    """The case that used to go from -1.11 to 0.08 to -1.71 to 0.26."""
    yi, vi = [-0.70, -0.41, -1.00], [0.5102**2, 0.3776**2, 0.347**2]
    lengths = [told(yi[:k], vi[:k]).result for k in (1, 2, 3)]
    assert lengths[0].ci_high - lengths[0].ci_low > lengths[1].ci_high - lengths[1].ci_low
    assert lengths[1].ci_high - lengths[1].ci_low > lengths[2].ci_high - lengths[2].ci_low
    assert lengths[2].ci_high < 0


@pytest.mark.parametrize(
    "choice", [{"tau2": "DL"}, {"ci": "wald"}, {"tau2": 0.3}, {"chosen": True}]
)
@pytest.mark.parametrize("studies", [TWO, THREE])
def test_a_model_that_the_reader_chose_is_told(studies: tuple, choice: dict) -> None:
    answer = told(*studies, **choice)
    options = {"tau2": "REML", "ci": "hksj-adhoc"} | choice
    options.pop("chosen", None)
    assert answer.chosen
    assert answer.model == "random"
    assert answer.result == but_for_prediction(pool(*studies, **options))
    assert answer.together == (len(studies[0]) > 2)


def test_a_common_effect_that_the_reader_chose_stands_beside_random_effects() -> None:
    answer = told(*THREE, tau2="EE", ci="wald")
    assert (answer.model, answer.chosen, answer.together) == ("common", True, True)
    assert answer.other == pool(*THREE, tau2="REML", ci="hksj-adhoc")


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_few_studies_predict_nothing_and_say_so(k: int) -> None:
    answer = told(APART[0][:k], APART[1][:k])
    assert answer.prediction is None
    assert answer.prediction_note.count(".") == 1


@pytest.mark.parametrize("k", [3, 4])
def test_the_details_may_still_predict_from_three_studies(k: int) -> None:
    answer = told(APART[0][:k], APART[1][:k])
    assert answer.predictive == predictive(APART[0][:k], APART[1][:k])


@pytest.mark.parametrize("k", [5, 6])
def test_a_prediction_is_told_from_five_studies(k: int) -> None:
    answer = told(APART[0][:k], APART[1][:k])
    assert answer.prediction_note == ""
    assert answer.prediction.low < answer.result.ci_low
    assert answer.prediction.high > answer.result.ci_high


def test_a_prediction_is_wider_than_the_interval_of_the_mean_where_tau2_is_0() -> None:
    """The usual prediction interval repeats the confidence interval there."""
    alike = told([-0.3, -1.13, -0.45, -1.3, -0.8], [0.37, 0.31, 0.17, 0.41, 0.2])
    assert alike.result.tau2 == 0
    usual = pool([-0.3, -1.13, -0.45, -1.3, -0.8], [0.37, 0.31, 0.17, 0.41, 0.2], ci="hksj-adhoc")
    assert usual.pi_low == usual.ci_low
    assert alike.prediction.low < alike.result.ci_low - 0.1
    assert alike.prediction.high > alike.result.ci_high + 0.1


def test_the_common_effect_predicts_no_other_effect() -> None:
    answer = told(*APART, tau2="EE", ci="wald")
    assert answer.prediction is None
    assert "one true effect" in answer.prediction_note


@pytest.mark.parametrize("k", range(1, 7))
def test_level_and_model_are_kept(k: int) -> None:
    answer = told(APART[0][:k], APART[1][:k], level=0.9)
    assert answer.result.level == 0.9
    assert answer.model in MODELS
    json.dumps(answer.result.to_dict())
