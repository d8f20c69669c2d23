"""GLMMs on bad input, rare events, boundaries and extremes; and their quadrature."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.integrate import dblquad

from analysis.synthesis.counts.tables import tables
from analysis.synthesis.glmm import (
    IRR_MODELS,
    OR_MODELS,
    glmm_odds_ratio,
    glmm_proportion,
    glmm_rate,
    glmm_rate_ratio,
    models,
)
from analysis.synthesis.glmm.families import Binomial, Hypergeometric, Poisson
from analysis.synthesis.glmm.quadrature import Rule, expand, log_likelihood

ARMS = ([4, 0, 8, 2, 11], [30, 25, 60, 18, 70], [9, 3, 10, 2, 30], [32, 24, 55, 20, 66])
RARE = ([0, 1, 0, 2, 0], [100, 200, 150, 300, 90], [1, 0, 2, 3, 0], [100, 180, 150, 310, 90])


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([11], [10]), {}, "xi must be at most ni"),
        (([1, 2], [10]), {}, "same length"),
        (([], []), {}, "at least one study"),
        (([1.0, math.inf], [10, 10]), {}, "xi must be finite"),
        (([1, 2], [10, 10]), {"nodes": 0}, "nodes must be from 1 to 101"),
        (([1, 2], [10, 10]), {"nodes": 2.5}, "nodes must be a whole number"),
        (([1, 2], [10, 10]), {"test": "hksj"}, "test must be one of wald, t"),
        (([1, 2], [10, 10]), {"level": 1.0}, "level"),
        (([1, 2, 3], [10, 10, 10]), {"moderators": [1.0, 1.0, 1.0]}, "cannot be told apart"),
        (([1, 2, 3], [10, 10, 10]), {"moderators": [1.0, 2.0]}, "2 values for 3"),
    ],
)
def test_impossible_input_is_refused(arguments, options, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        glmm_proportion(*arguments, **options)


def test_unknown_models_codings_and_fractional_counts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"model must be one of UM\.FS, UM\.RS, CM\.AL, CM\.EL"):
        glmm_odds_ratio(*ARMS, model="UM")
    with pytest.raises(ValueError, match=r"model must be one of UM\.FS, UM\.RS, CM\.EL"):
        glmm_rate_ratio(*ARMS, model="CM.AL")
    with pytest.raises(ValueError, match="coding"):
        glmm_odds_ratio(*ARMS, coding=2)
    with pytest.raises(ValueError, match="whole numbers"):
        glmm_odds_ratio([3.5], [10], [5], [12], model="CM.EL")


@pytest.mark.parametrize(("events", "reason"), [(0, "no study has an event"), (9, "every patient")])
def test_no_event_or_only_events_gives_no_logit_and_says_so(events: int, reason: str) -> None:
    result = glmm_proportion([events] * 3, [9, 9, 9])
    assert not result.converged
    assert (result.estimate, result.tau2, result.back_transformed()) == (None, None, None)
    assert reason in result.notes[0]


def test_a_single_event_in_all_studies_is_pooled_without_heterogeneity() -> None:
    result = glmm_proportion([0, 0, 1], [10, 20, 30])
    assert result.tau2 == 0
    assert result.estimate == pytest.approx(math.log(1 / 59), rel=1e-10)
    assert result.se == pytest.approx(math.sqrt(1 + 1 / 59), rel=1e-8)
    assert result.q_wald is None
    assert "Wald test" in result.notes[-1]


@pytest.mark.parametrize("test", ["wald", "t"])
def test_one_study_is_shown_not_pooled(test: str) -> None:
    result = glmm_proportion([3], [10], test=test)
    assert result.estimate == pytest.approx(math.log(3 / 7))
    assert result.se == pytest.approx(math.sqrt(1 / 3 + 1 / 7))
    assert (result.tau2, result.pi_low, result.q_lrt, result.test_df) == (None, None, None, None)
    assert result.notes[0].startswith("one study")


def test_two_studies_have_no_prediction_interval() -> None:
    result = glmm_proportion([3, 9], [10, 10])
    assert result.tau2 > 0
    assert result.pi_low is None


def test_studies_at_both_ends_with_nothing_between_have_no_finite_heterogeneity() -> None:
    result = glmm_proportion([0, 50, 0, 50], [50] * 4)
    assert not result.converged
    assert "without end" in result.notes[0]


def test_few_nodes_far_out_are_judged_by_a_finer_rule() -> None:
    # With 7 nodes the likelihood seems to rise again beyond an SD of 8; it does not. metafor,
    # climbing from near 0, stops at the same tau2 = 17.01.
    arms = (
        [8, 2, 1, 0, 1, 0, 0, 0, 6, 5, 0, 0, 2, 2, 0],
        [12, 10, 12, 8, 11, 12, 10, 10, 7, 9, 13, 10, 9, 7, 10],
        [0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 1, 0, 1, 0, 0],
        [13, 13, 8, 5, 7, 10, 15, 12, 9, 8, 9, 10, 12, 7, 12],
    )
    result = glmm_odds_ratio(*arms, model="CM.AL")
    assert result.tau2 == pytest.approx(17.0086, rel=3e-3)
    assert "take more nodes" in result.notes[-1]
    more = [glmm_odds_ratio(*arms, model="CM.AL", nodes=nodes).tau2 for nodes in (61, 101)]
    assert more == pytest.approx([35.4, 35.07], abs=0.01)


def test_one_patient_per_study_says_nothing_of_heterogeneity() -> None:
    result = glmm_proportion([0, 1, 1, 1] * 5, [1] * 20)
    assert result.estimate == pytest.approx(math.log(3))
    assert result.tau2 is None
    assert "0 or 1" in result.notes[0]


def test_a_moderator_that_separates_events_is_reported() -> None:
    result = glmm_proportion([0, 0, 10, 20], [10, 20, 10, 20], moderators={"arm": list("aabb")})
    assert not result.converged
    assert "without bound" in result.notes[0]


def test_equal_proportions_have_no_heterogeneity_and_the_common_logit() -> None:
    result = glmm_proportion([3, 6, 30], [10, 20, 100])
    assert result.tau2 == 0
    assert result.estimate == pytest.approx(math.log(3 / 7), rel=1e-12)
    assert result.se == pytest.approx(1 / math.sqrt(130 * 0.21), rel=1e-8)
    assert result.i2 == 0


def test_billions_of_patients_and_tiny_heterogeneity() -> None:
    x, n = np.array([300_000_000, 300_100_000, 299_900_000]), 10**9
    result = glmm_proportion(x, [n] * 3)
    logits = np.log(x / n) - np.log1p(-x / n)
    # With so many patients the model is the normal one: ML for equal variances.
    variance = 1 / (n * 0.21)
    assert result.estimate == pytest.approx(logits.mean(), rel=1e-7)
    assert result.tau2 == pytest.approx(logits.var() - variance, rel=1e-3)


def test_one_event_in_a_billion() -> None:
    result = glmm_proportion([1, 0, 2], [10**9] * 3)
    assert result.estimate == pytest.approx(math.log(1e-9), rel=1e-8)
    assert result.tau2 == 0


def test_rates_do_not_depend_on_the_unit_of_time() -> None:
    x, t = [0, 3, 5, 2], np.array([10.0, 20.0, 15.0, 40.0])
    years, seconds = glmm_rate(x, t), glmm_rate(x, t * 3.15e7)
    assert seconds.estimate + math.log(3.15e7) == pytest.approx(years.estimate, rel=1e-8)
    assert seconds.tau2 == pytest.approx(years.tau2, rel=1e-7)
    assert not glmm_rate([0, 0], [1.0, 2.0]).converged


@pytest.mark.parametrize("model", OR_MODELS)
def test_rare_events_are_pooled_and_empty_studies_named(model: str) -> None:
    result = glmm_odds_ratio(*RARE, model=model)
    assert result.k == 4
    assert result.tau2 == 0
    assert -1 < result.estimate < -0.4
    assert "1 of 5 studies left out" in result.notes[0]


@pytest.mark.parametrize("model", OR_MODELS)
def test_an_arm_without_any_event_has_no_finite_odds_ratio(model: str) -> None:
    result = glmm_odds_ratio([0, 0, 0], [10, 20, 30], [1, 2, 0], [10, 20, 30], model=model)
    assert not result.converged
    assert "a group has no event" in result.notes[0]
    nothing = glmm_odds_ratio([0, 0], [10, 20], [0, 0], [10, 20], model=model)
    assert (nothing.k, nothing.estimate) == (0, None)


@pytest.mark.parametrize("model", OR_MODELS)
def test_effects_that_swing_from_end_to_end_are_reported(model: str) -> None:
    result = glmm_odds_ratio([0, 10, 0, 10], [10] * 4, [10, 0, 10, 0], [10] * 4, model=model)
    assert not result.converged


@pytest.mark.parametrize("model", IRR_MODELS)
def test_rate_ratios_of_rare_events(model: str) -> None:
    result = glmm_rate_ratio(*RARE, model=model)
    assert result.converged
    assert -1 < result.estimate < -0.4
    assert not glmm_rate_ratio([0, 0], [1, 2], [1, 1], [1, 2], model=model).converged
    assert not glmm_rate_ratio([0, 0], [1, 2], [0, 0], [1, 2], model=model).converged


def test_one_odds_ratio_is_the_studies_own() -> None:
    result = glmm_odds_ratio([3], [10], [5], [12])
    assert result.estimate == pytest.approx(math.log(3 * 7 / (7 * 5)), rel=1e-9)
    assert result.se == pytest.approx(math.sqrt(1 / 3 + 1 / 7 + 1 / 5 + 1 / 7), rel=1e-7)
    assert result.tau2 is None


def test_coding_moves_the_heterogeneity_between_the_groups() -> None:
    # The random effect belongs to the first group, the second, or half to each.
    found = [glmm_odds_ratio(*ARMS, model="UM.RS", coding=c) for c in (0.0, 0.5, 1.0)]
    assert len({round(item.log_likelihood, 6) for item in found}) == 3
    # With a free level for each study it does not matter how the effect is divided, nearly.
    fixed = [glmm_odds_ratio(*ARMS, model="UM.FS", coding=c).estimate for c in (0.0, 0.5, 1.0)]
    assert max(fixed) - min(fixed) < 0.05


def test_moderators_come_back_named_with_their_test() -> None:
    result = glmm_odds_ratio(*ARMS, moderators={"year": [1, 2, 3, 4, 5]}, test="t")
    assert [item.name for item in result.coefficients] == ["intercept", "year"]
    assert result.test_df == 3
    assert result.moderator_test.df_residual == 3
    assert result.moderator_test.statistic == pytest.approx(
        result.coefficients[1].statistic ** 2, rel=1e-9
    )
    assert result.pi_low is None


def test_moderators_of_studies_left_out_are_left_out_too() -> None:
    without = [row[:4] for row in RARE]
    year = [1.0, 2.0, 3.0, 4.0, 99.0]
    ours = glmm_odds_ratio(*RARE, model="CM.EL", moderators={"year": year})
    theirs = glmm_odds_ratio(*without, model="CM.EL", moderators={"year": year[:4]})
    assert ours.coefficients == theirs.coefficients


def test_more_nodes_settle_the_estimate() -> None:
    found = [glmm_odds_ratio(*ARMS, model="UM.RS", nodes=nodes).tau2 for nodes in (5, 9, 13)]
    assert abs(found[2] - found[1]) < 0.1 * abs(found[1] - found[0]) + 1e-7


def test_result_turns_into_json() -> None:
    result = glmm_odds_ratio(*ARMS, moderators={"year": [1, 2, 3, 4, 5]})
    found = json.loads(json.dumps(result.to_dict()))
    assert found["coefficients"][1]["name"] == "year"
    assert found["moderator_test"]["df"] == 1


ETA = np.linspace(-6, 6, 25)[None, None, :]


@pytest.mark.parametrize(
    "family",
    [
        Binomial(np.array([[17.0]])),
        Poisson(),
        Hypergeometric.of(np.array([9.0]), np.array([12.0]), np.array([7.0])),
        # Wide enough that only a window of the support is summed.
        Hypergeometric.of(np.array([4000.0]), np.array([5000.0]), np.array([3000.0])),
    ],
    ids=["binomial", "Poisson", "hypergeometric", "wide hypergeometric"],
)
def test_cumulants_are_derivatives_of_each_other(family) -> None:
    h = 1e-4
    up, down, at = (family.cumulants(ETA + d) for d in (h, -h, 0.0))
    for order in range(3):
        slope = (up[order] - down[order]) / (2 * h)
        scale = np.abs(at[order + 1]).max()
        np.testing.assert_allclose(slope, at[order + 1], rtol=1e-6, atol=1e-6 * scale)


def test_a_window_of_the_support_gives_the_whole_sum() -> None:
    wide = Hypergeometric.of(np.array([4000.0]), np.array([5000.0]), np.array([3000.0]))
    assert wide._width < wide.terms.shape[1]
    for eta in (-2.0, 0.0, 1.5):
        whole = wide.terms[0] + eta * np.arange(wide.terms.shape[1])
        expected = np.logaddexp.reduce(whole) + eta * wide.lowest[0]
        found = wide.cumulants(np.full((1, 1, 1), eta))[0][0, 0, 0]
        assert found == pytest.approx(expected, rel=1e-13)


def test_derivatives_are_those_of_the_likelihood() -> None:
    model = models.odds_ratio(tables(*ARMS), "UM.RS", 0.5).likelihood
    rule = Rule.of(3, 2)
    predictors = np.tile([-1.2, -0.4], (5, 1)) + np.linspace(-0.3, 0.3, 5)[:, None]
    sd = np.array([0.7, 0.5])
    expansion = expand(model, rule, predictors, sd)

    def value(shift: np.ndarray) -> np.ndarray:
        return log_likelihood(model, rule, predictors + shift[:2], sd + shift[2:])

    h, unit = 1e-3, np.eye(4)
    np.testing.assert_allclose(expansion.value, value(np.zeros(4)), rtol=1e-13)
    for i in range(4):
        slope = (value(h * unit[i]) - value(-h * unit[i])) / (2 * h)
        np.testing.assert_allclose(expansion.gradient[:, i], slope, rtol=1e-5, atol=1e-5)
        for j in range(4):
            mixed = (
                value(h * (unit[i] + unit[j]))
                - value(h * (unit[i] - unit[j]))
                - value(h * (unit[j] - unit[i]))
                + value(-h * (unit[i] + unit[j]))
            ) / (4 * h * h)
            np.testing.assert_allclose(expansion.hessian[:, i, j], mixed, rtol=1e-5, atol=1e-5)


def test_two_random_effects_are_integrated_as_by_dblquad() -> None:
    model = models.odds_ratio(tables([3], [12], [5], [11]), "UM.RS", 0.5).likelihood
    level, effect, sigma, tau = -0.8, -0.4, 0.9, 0.6

    def binomial(x: int, n: int, logit: float) -> float:
        return math.comb(n, x) * math.exp(x * logit) / (1 + math.exp(logit)) ** n

    def integrand(v: float, u: float) -> float:
        first = binomial(3, 12, level + effect + sigma * u + tau * v / 2)
        second = binomial(5, 11, level + sigma * u - tau * v / 2)
        return first * second * math.exp(-(u * u + v * v) / 2) / (2 * math.pi)

    expected, _ = dblquad(integrand, -7, 7, -7, 7, epsabs=1e-9)
    found = log_likelihood(
        model, Rule.of(15, 2), np.array([[level, effect]]), np.array([sigma, tau])
    )
    assert math.exp(found[0]) == pytest.approx(expected, rel=1e-6)
