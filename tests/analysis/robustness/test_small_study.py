"""Small-study methods at their limits: few studies, equal effects, extreme magnitudes, bad input."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from analysis.robustness import small_study
from analysis.robustness.small_study.line import SAME_PREDICTOR
from analysis.robustness.small_study.trim_and_fill import number_missing

YI = [0.1, 0.3, 0.5, 0.5, 0.9, 0.2, 0.4, 0.6, 0.8, 1.1]
VI = [0.01, 0.02, 0.04, 0.09, 0.16, 0.015, 0.05, 0.08, 0.12, 0.2]
AI, N1, CI, N2 = [1, 4, 9, 40], [20, 40, 90, 400], [2, 7, 13, 40], [20, 40, 90, 400]


@pytest.mark.parametrize("model", ["multiplicative", "mixed-effects"])
@pytest.mark.parametrize("k", [1, 2])
def test_one_or_two_studies_give_no_line_and_say_so(model: str, k: int) -> None:
    found = small_study.egger(YI[:k], VI[:k], model)
    assert (found.slope, found.limit, found.statistic, found.p_value) == (None,) * 4
    assert f"found {k}" in found.notes[0]
    assert not found.enough_studies


def test_fewer_than_ten_studies_are_flagged_and_ten_are_not() -> None:
    assert small_study.pet(YI, VI).notes == ()
    few = small_study.pet(YI[:9], VI[:9])
    assert few.p_value is not None
    assert "9 studies: below 10" in few.notes[-1]


@pytest.mark.parametrize("model", ["multiplicative", "mixed-effects"])
def test_equal_standard_errors_give_no_slope(model: str) -> None:
    found = small_study.egger(YI, [0.04] * 10, model)
    assert found.slope is None
    assert found.notes == (SAME_PREDICTOR,)


def test_equal_effects_give_a_flat_line_without_a_test() -> None:
    found = small_study.egger([0.4] * 10, VI, "multiplicative")
    assert (found.slope.estimate, found.slope.se, found.p_value) == (0.0, 0.0, None)
    assert found.limit.estimate == 0.4
    assert "no test" in found.notes[0]


@pytest.mark.parametrize("model", ["multiplicative", "mixed-effects"])
def test_a_distant_origin_costs_no_digits(model: str) -> None:
    yi = np.round(np.array(YI) * 2**20) / 2**20
    here, there = small_study.egger(yi, VI, model), small_study.egger(yi + 1e6, VI, model)
    assert there.statistic == pytest.approx(here.statistic, rel=1e-12)
    assert there.limit.estimate - 1e6 == pytest.approx(here.limit.estimate, abs=1e-9)


def test_variances_over_twelve_decades_keep_the_exact_line() -> None:
    vi = 10.0 ** np.linspace(-8, 4, 7)
    for line, predictor in ((small_study.pet, np.sqrt(vi)), (small_study.peese, vi)):
        found = line(0.3 + 2 * predictor, vi)
        assert found.limit.estimate == pytest.approx(0.3, abs=1e-12)
        assert found.slope.estimate == pytest.approx(2, rel=1e-9)


def test_a_very_large_unit_is_no_singular_design() -> None:
    yi, vi = np.array(YI), np.array(VI)
    once, scaled = small_study.peese(yi, vi), small_study.peese(1e30 * yi, 1e60 * vi)
    assert scaled.limit.estimate == pytest.approx(1e30 * once.limit.estimate, rel=1e-9)
    assert scaled.p_value == pytest.approx(once.p_value, rel=1e-9)


def test_results_can_be_written_as_json() -> None:
    plain = json.loads(json.dumps(small_study.egger(YI, VI).to_dict()))
    assert plain["p_value"] == small_study.egger(YI, VI).p_value
    assert plain["slope"]["estimate"] == small_study.egger(YI, VI).slope.estimate


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predictor": "n"}, "predictor must be one of"),
        ({"model": "lm"}, "model must be one of"),
        ({"level": 95}, "level must lie between 0 and 1"),
        ({"predictor": "ninv"}, "needs the sample sizes"),
        ({"predictor": "ninv", "ni": [10] * 9}, "one value for each effect size"),
        ({"predictor": "ninv", "ni": [10] * 9 + [0]}, "ni must be positive"),
        ({"predictor": "ninv", "ni": ["10"] * 10}, "ni must hold numbers"),
        ({"predictor": "ninv", "ni": [10] * 9 + [math.nan]}, "ni must be finite"),
    ],
)
def test_bad_input_is_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_study.funnel_regression(YI, VI, **change)


def test_study_without_events_is_left_out_of_harbord_and_peters() -> None:
    with_empty = [[*AI, 0], [*N1, 50], [*CI, 0], [*N2, 50]]
    found = small_study.harbord(*with_empty)
    assert found.slope == small_study.harbord(AI, N1, CI, N2).slope
    assert found.notes[0].startswith("1 studies without events")
    yi = [-0.9, -0.7, -0.4, 0.0]
    assert (
        small_study.peters([*yi, 0.1], *with_empty).slope
        == small_study.peters(yi, AI, N1, CI, N2).slope
    )


def test_zero_cell_in_one_arm_needs_no_correction_in_harbord() -> None:
    assert small_study.harbord([0, 4, 9, 40], N1, CI, N2).p_value is not None


def test_no_study_with_events_gives_no_line() -> None:
    found = small_study.harbord([0, 0, 0], [9, 9, 9], [0, 0, 0], [9, 9, 9])
    assert (found.k, found.slope) == (0, None)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (([21, 4, 9, 40], N1, CI, N2), "ai must not exceed"),
        ((AI, N1, [-1, 7, 13, 40], N2), "ci must be a count of 0 or more"),
        ((AI, [0, 40, 90, 400], CI, N2), "n1i must be positive"),
        ((AI, N1[:3], CI, N2), "one value for each effect size"),
        (([], [], [], []), "ai is empty"),
    ],
)
def test_impossible_tables_are_named(table: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_study.harbord(*table)


def test_rank_test_of_one_study_and_of_equal_variances_says_why_there_is_none() -> None:
    assert small_study.begg([0.1], [0.1]).tau is None
    same = small_study.begg(YI, [0.1] * 10)
    assert (same.tau, same.p_value) == (None, None)
    assert "nothing to rank" in same.notes[0]


def test_rank_test_of_two_studies_has_a_p_of_one() -> None:
    assert small_study.begg([0.1, 0.4], [0.1, 0.2]).p_value == 1


def test_ties_switch_to_the_normal_approximation() -> None:
    found = small_study.begg(YI, [0.01, 0.01, *VI[2:]])
    assert not found.exact
    assert "equal ranks" in found.notes[0]


def test_pet_peese_takes_peese_when_pet_finds_an_effect() -> None:
    yi = 0.5 + np.array([0.01, -0.02, 0.02, -0.01, 0.0, 0.01, 0.02, -0.01, 0.01, -0.02])
    found = small_study.pet_peese(yi, VI)
    assert (found.chosen, found.estimate) == ("PEESE", found.peese.limit)
    assert small_study.pet_peese(YI[:2], VI[:2]).estimate is None


def test_trim_and_fill_of_one_study_fills_nothing() -> None:
    found = small_study.trim_and_fill([0.3], [0.1])
    assert (found.missing, found.side) == (0, "left")
    assert found.adjusted == found.observed
    assert "no slope" in found.notes[0]


def test_trim_and_fill_of_equal_effects_fills_nothing() -> None:
    assert small_study.trim_and_fill([0.3] * 10, VI).missing == 0


def test_side_can_be_given() -> None:
    assert small_study.trim_and_fill(YI, VI, side="right").side == "right"
    with pytest.raises(ValueError, match="side must be one of left, right"):
        small_study.trim_and_fill(YI, VI, side="up")
    with pytest.raises(ValueError, match="estimator must be one of L0, R0, Q0"):
        small_study.trim_and_fill(YI, VI, estimator="l0")


def test_number_missing_of_a_symmetric_funnel_is_not_positive() -> None:
    deviations = np.array([-0.3, -0.2, -0.1, 0.1001, 0.2001, 0.2999])
    for estimator in ("L0", "R0", "Q0"):
        assert number_missing(deviations, estimator) <= 0.5


def test_limit_meta_analysis_without_heterogeneity_is_pet_with_known_dispersion() -> None:
    vi = np.array(VI) * 10
    found = small_study.limit_meta_analysis(YI, vi)
    assert found.tau2 == 0
    assert found.adjusted.estimate == pytest.approx(small_study.pet(YI, vi).limit.estimate)
    assert found.g2 is None


def test_limit_meta_analysis_is_the_weighted_line_at_tau() -> None:
    yi, vi, tau2 = np.array(YI), np.array(VI), 0.04
    found = small_study.limit_meta_analysis(yi, vi, tau2=tau2)
    s = np.sqrt(vi + tau2)
    (alpha, beta), *_ = np.linalg.lstsq(np.column_stack([np.ones(10), 1 / s]), yi / s, rcond=None)
    assert found.bias.estimate == pytest.approx(alpha)
    assert found.adjusted.estimate == pytest.approx(beta + 0.2 * alpha)
    covariance = np.linalg.inv(np.array([[10, (1 / s).sum()], [(1 / s).sum(), (1 / s**2).sum()]]))
    at_tau = np.array([0.2, 1])
    assert found.adjusted.se == pytest.approx(math.sqrt(at_tau @ covariance @ at_tau))
    assert found.limit_effects == pytest.approx(beta + np.sqrt(tau2) / s * (yi - beta))
    x, y = 1 / np.sqrt(vi), found.limit_effects / np.sqrt(vi)
    assert found.g2 == pytest.approx(100 * (1 - np.corrcoef(x, y)[0, 1] ** 2))


def test_limit_meta_analysis_of_two_studies_is_none_and_says_so() -> None:
    found = small_study.limit_meta_analysis(YI[:2], VI[:2])
    assert (found.adjusted, found.q_small, len(found.limit_effects)) == (None, None, 0)
    assert "at least three" in found.notes[0]


def test_power_integrates_over_true_effects() -> None:
    found = small_study.excess_significance([0.3, 0.5], [0.04, 0.09], theta=0.4, tau2=0.05)

    def power_at(effect: float, v: float) -> float:
        edge = norm.isf(0.025) * math.sqrt(v)
        return norm.sf((edge - effect) / math.sqrt(v)) + norm.cdf((-edge - effect) / math.sqrt(v))

    for v, found_power in zip([0.04, 0.09], found.power, strict=True):
        expected, _ = quad(lambda e, v=v: power_at(e, v) * norm.pdf(e, 0.4, math.sqrt(0.05)), -3, 4)
        assert found_power == pytest.approx(expected, rel=1e-7)


def test_limit_estimate_is_where_the_test_reaches_its_level() -> None:
    yi, vi = [0.5, 0.6, 0.7, 0.9], [0.06, 0.09, 0.12, 0.2]
    for test in ("exact", "chi2", "binom"):
        found = small_study.excess_significance(yi, vi, test, tau2="EE")
        at_limit = small_study.excess_significance(yi, vi, test, tau2="EE", theta=found.limit)
        assert at_limit.p_value == pytest.approx(0.10)


def test_without_significant_studies_there_is_no_excess_and_no_limit() -> None:
    found = small_study.excess_significance([0.01, 0.02], [0.1, 0.1])
    assert (found.observed, found.p_value, found.limit) == (0, 1.0, None)
    assert "no limit estimate" in found.notes[0]
    with pytest.raises(ValueError, match="test must be one of"):
        small_study.excess_significance(YI, VI, test="chisq")
