"""What each family of effect sizes means, checked by hand calculation and by known identities."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.effects import (
    binary,
    change,
    continuous,
    convert,
    correlation,
    quantiles,
    rates,
    recover,
    single_group,
    variability,
)
from analysis.effects.arrays import small_sample_correction

ONE_ARM = {"m1i": 5.0, "sd1i": 2.0, "n1i": 20.0, "m2i": 6.0, "sd2i": 3.0, "n2i": 30.0}


def test_scalars_give_scalar_arrays_and_vectors_broadcast() -> None:
    assert continuous.md(**ONE_ARM).yi.shape == ()
    assert continuous.md(**ONE_ARM | {"m1i": [1, 2, 3]}).vi.shape == (3,)


def test_hedges_correction_equals_its_gamma_ratio_and_its_usual_approximation() -> None:
    assert float(small_sample_correction(3)) == pytest.approx(math.gamma(1.5) / math.sqrt(1.5))
    assert float(small_sample_correction(1e5)) == pytest.approx(1 - 3 / (4e5 - 1), abs=1e-10)


def test_hedges_correction_does_not_exist_for_one_degree_of_freedom() -> None:
    assert np.isnan(small_sample_correction(1))
    assert np.isnan(continuous.smd(5, 1, 1, 4, 1, 2).yi)


def test_md_of_two_groups_without_spread_is_marked_as_not_poolable() -> None:
    effect = continuous.md(5, 0, 10, 4, 0, 10)
    assert float(effect.vi) == 0
    assert not effect.defined


def test_missing_input_gives_nan_in_both_and_leaves_other_studies_alone() -> None:
    effect = continuous.smd([5, np.nan], 2, 20, 4, 2, 20)
    assert np.isnan(effect.yi).tolist() == np.isnan(effect.vi).tolist() == [False, True]


def test_a_split_control_arm_may_have_a_size_that_is_not_whole() -> None:
    assert continuous.md(**ONE_ARM | {"n2i": 12.5}).defined


def test_pooled_sd_ignores_a_group_of_less_than_one_patient() -> None:
    assert float(continuous.pooled_sd(2.0, 10, 99.0, 0.5)) == pytest.approx(math.sqrt(9 * 4 / 8.5))


@pytest.mark.parametrize("means", [(5, -4), (0, 4), (5, 0)])
def test_ratio_of_means_of_opposite_sign_is_undefined_not_wrong(means) -> None:
    effect = continuous.rom(means[0], 1, 20, means[1], 1, 20)
    assert np.isnan(effect.yi)
    assert np.isnan(effect.vi)
    assert np.isnan(change.romc(means[0], 1, means[1], 1, 20, 0.5).yi)


def test_ratio_of_two_negative_means_is_that_of_their_sizes() -> None:
    below = continuous.rom(-10, 2, 20, -5, 1, 20)
    above = continuous.rom(10, 2, 20, 5, 1, 20)
    assert float(below.yi) == float(above.yi)


def test_average_variance_of_smd_ignores_studies_with_missing_numbers() -> None:
    args = ([5, 6, np.nan], 2, 20, 4, 2, 20)
    whole = continuous.smd([5, 6], 2, 20, 4, 2, 20, vtype="AV")
    with_gap = continuous.smd(*args, vtype="AV")
    np.testing.assert_allclose(with_gap.vi[:2], whole.vi, rtol=1e-14)
    assert np.isnan(with_gap.vi[2])


def test_zero_cells_are_corrected_where_the_rule_says() -> None:
    events = ([0, 5], [20, 20], [3, 4], [22, 20])
    plain = binary.corrected_tables(*events, to="none")
    only0 = binary.corrected_tables(*events)
    all_if = binary.corrected_tables(*events, to="if0all")
    assert [float(a) for a in plain[0]] == [0, 5]
    assert [float(a) for a in only0[0]] == [0.5, 5]
    assert [float(a) for a in all_if[0]] == [0.5, 5.5]
    assert [float(b) for b in only0[1]] == [20.5, 15]


def test_if0all_adds_nothing_where_no_table_has_a_zero() -> None:
    tables = binary.corrected_tables(5, 20, 4, 20, to="if0all")
    assert [float(cell) for cell in tables] == [5, 15, 4, 16]


def test_a_zero_cell_without_correction_is_undefined() -> None:
    for function in (binary.odds_ratio, binary.risk_ratio):
        effect = function(0, 20, 3, 22, to="none")
        assert np.isnan(effect.yi)
        assert np.isnan(effect.vi)


def test_drop00_drops_studies_without_events_or_without_nonevents() -> None:
    effect = binary.odds_ratio([0, 20, 1], 20, [0, 20, 2], 20, drop00=True)
    assert np.isnan(effect.yi).tolist() == [True, True, False]


def test_a_dropped_study_does_not_trigger_the_correction_of_the_others() -> None:
    alone = binary.odds_ratio(5, 20, 4, 20)
    beside = binary.odds_ratio([0, 5], 20, [0, 4], 20, drop00=True, to="if0all")
    assert float(beside.yi[1]) == float(alone.yi)


def test_risk_difference_without_correction_stays_as_counted() -> None:
    effect = binary.risk_difference(0, 20, 0, 25, to="none")
    assert (float(effect.yi), float(effect.vi)) == (0, 0)
    assert not effect.defined


def test_peto_is_observed_minus_expected_over_variance() -> None:
    effect = binary.peto(3, 10, 6, 12)
    expected = 9 * 10 / 22
    variance = 10 * 12 * 9 * 13 / (22**2 * 21)
    assert float(effect.yi) == pytest.approx((3 - expected) / variance)
    assert float(effect.vi) == pytest.approx(1 / variance)


def test_peto_with_no_events_at_all_is_undefined_without_correction() -> None:
    assert np.isnan(binary.peto(0, 10, 0, 12, to="none").yi)


def test_rate_ratio_of_equal_rates_is_zero_and_a_zero_count_is_corrected() -> None:
    assert float(rates.incidence_rate_ratio(4, 100, 8, 200).yi) == pytest.approx(0)
    corrected = rates.incidence_rate_ratio(0, 100, 8, 200)
    assert float(corrected.vi) == pytest.approx(1 / 0.5 + 1 / 8.5)


def test_rates_without_any_event_can_be_dropped() -> None:
    effect = rates.incidence_rate_ratio([0, 1], 100, [0, 2], 100, drop00=True)
    assert np.isnan(effect.yi).tolist() == [True, False]


@pytest.mark.parametrize("x", [0, 1, 7, 12])
def test_freeman_tukey_returns_each_proportion_at_its_own_size(x: int) -> None:
    effect = single_group.pft(x, 12)
    assert float(single_group.inverse_pft(effect.yi, 12)) == pytest.approx(x / 12, abs=1e-12)


def test_freeman_tukey_is_clamped_beyond_the_transforms_of_none_and_all() -> None:
    assert single_group.inverse_pft([-0.2, 0.0, 1.57, 3.0], 12).tolist() == [0, 0, 1, 1]


def test_freeman_tukey_depends_on_the_size_that_stands_in() -> None:
    assert float(single_group.inverse_pft(1.2, 10)) > float(single_group.inverse_pft(1.2, 1000))


def test_freeman_tukey_rate_comes_back_and_is_clamped() -> None:
    effect = rates.irft([0, 3], 16.0)
    np.testing.assert_allclose(rates.inverse_irft(effect.yi, 16.0), [0, 3 / 16], atol=1e-14)
    assert float(rates.inverse_irft(-1.0, 16.0)) == 0


def test_logit_comes_back_without_overflow() -> None:
    assert single_group.inverse_logit([-1000.0, 0.0, 1000.0]).tolist() == [0, 0.5, 1]


def test_harmonic_mean_leaves_missing_sizes_out() -> None:
    assert single_group.harmonic_mean([10, np.nan, 40]) == pytest.approx(16)


def test_log_mean_of_a_mean_below_zero_is_undefined() -> None:
    assert np.isnan(single_group.mnln([-1, 0], 1, 10).yi).all()


def test_sd_of_change_lies_between_difference_and_sum_of_the_sds() -> None:
    assert float(change.sd_of_change(3, 4, 1)) == pytest.approx(1)
    assert float(change.sd_of_change(3, 4, -1)) == pytest.approx(7)
    assert float(change.sd_of_change(3, 3, 1)) == 0


def test_change_without_spread_is_not_poolable() -> None:
    assert not change.mc(4, 3, 8, 3, 25, 1).defined
    assert np.isnan(change.smcc(4, 3, 8, 3, 25, 1).yi)


def test_correlation_comes_back_from_sds() -> None:
    sd = change.sd_of_change(12, 11, 0.6)
    assert float(recover.correlation_from_sds(12, 11, sd)) == pytest.approx(0.6)


def test_fisher_z_comes_back_and_needs_four_patients() -> None:
    effect = correlation.zcor([0.5, 0.5, 1.0], [28, 3, 28])
    assert float(correlation.inverse_zcor(effect.yi[0])) == pytest.approx(0.5)
    assert np.isnan(effect.yi[1:]).all()


def test_unbiased_correlation_is_larger_in_size_and_tends_to_r() -> None:
    small, large = correlation.ucor(0.5, [10, 100000]).yi
    assert 0.5 < float(large) < float(small)
    assert float(large) == pytest.approx(0.5, abs=1e-5)


def test_variability_ratio_of_equal_spreads_and_sizes_is_zero() -> None:
    assert float(variability.vr(2, 20, 2, 20).yi) == 0
    assert np.isnan(variability.vr(0, 20, 2, 20).yi)
    assert np.isnan(variability.cvln(-5, 2, 20).yi)


def test_odds_ratio_to_smd_and_back_is_the_identity() -> None:
    for distribution in ("logistic", "normal"):
        there = convert.or_to_smd(0.8, 0.04, distribution=distribution)
        back = convert.smd_to_or(there.yi, there.vi, distribution=distribution)
        assert (float(back.yi), float(back.vi)) == pytest.approx((0.8, 0.04))


def test_interval_and_p_of_one_normal_estimate_give_the_same_variance() -> None:
    se = 0.2
    q = float(convert.quantile(0.95))
    from_ci = convert.from_interval(0.5, 0.5 - q * se, 0.5 + q * se)
    p = 2 * 0.5 * math.erfc(0.5 / se / math.sqrt(2))
    assert float(from_ci.vi) == pytest.approx(0.04)
    assert float(convert.from_p(0.5, p).vi) == pytest.approx(0.04)


def test_asymmetry_shows_an_interval_on_the_wrong_scale() -> None:
    ratio = (2.0, 1.0, 4.0)
    assert float(convert.interval_asymmetry(*ratio, scale="log")) == pytest.approx(0)
    assert float(convert.interval_asymmetry(*ratio)) == pytest.approx(-1 / 3)


def test_a_difference_of_zero_holds_no_spread() -> None:
    assert np.isnan(recover.sd_from_p(0.0, 0.5, 20, 20))
    assert np.isnan(recover.sd_from_t(3.0, 0.0, 20, 20))
    assert np.isnan(recover.sd_change_from_p(0.0, 0.5, 20))
    assert np.isnan(convert.from_statistic(0.0, 0.0).vi)


def test_sd_of_a_change_from_t_p_and_se_agree() -> None:
    t = float(convert.statistic_from_p(0.01, df=24))
    sd = float(recover.sd_change_from_p(-2.0, 0.01, 25))
    assert sd == pytest.approx(2.0 * 5 / t)
    assert sd == pytest.approx(float(recover.sd_change_from_t(-2.0, -t, 25)))
    assert sd == pytest.approx(float(recover.sd_from_se(2.0 / t, 25)))


def test_sd_from_the_interval_of_a_difference() -> None:
    half = float(convert.quantile(0.95, 56)) * 1.3
    sd = float(recover.sd_from_difference_ci(2 - half, 2 + half, 30, 28))
    assert sd == pytest.approx(1.3 / math.sqrt(1 / 30 + 1 / 28))


def test_merging_arms_equals_the_patients_taken_together() -> None:
    rng = np.random.default_rng(3)
    arms = [rng.normal(5, 2, 7), rng.normal(8, 1, 12), rng.normal(6, 3, 9)]
    merged = recover.merge_arms(
        [len(a) for a in arms], [a.mean() for a in arms], [a.std(ddof=1) for a in arms]
    )
    everyone = np.concatenate(arms)
    assert merged == pytest.approx((28, everyone.mean(), everyone.std(ddof=1)))


def test_mean_and_sd_from_quartiles_of_a_symmetric_summary() -> None:
    summary = quantiles.mean_sd(n=1_000_000, q1=-0.6745, median=0, q3=0.6745)
    assert float(summary.mean) == pytest.approx(0, abs=1e-12)
    assert float(summary.sd) == pytest.approx(1, abs=1e-4)


def test_without_a_complete_scenario_nothing_is_recovered() -> None:
    summary = quantiles.mean_sd(n=40, median=5, q1=3)
    assert np.isnan(summary.mean)
    assert np.isnan(summary.sd)
    assert not quantiles.skewness_test(n=40, median=5, q1=3).skewed


def test_range_quartile_sds_agree_with_the_summary() -> None:
    assert float(quantiles.sd_from_range(2, 14, 20)) == float(
        quantiles.mean_sd(n=20, minimum=2, median=6, maximum=14).sd
    )
    assert float(quantiles.sd_from_iqr(4, 9, 50)) == float(
        quantiles.mean_sd(n=50, q1=4, median=6, q3=9).sd
    )


@pytest.mark.parametrize(("n", "sd"), [(10, None), (40, 3.0), (100, 2.0)])
def test_hozo_changes_its_rule_with_the_size(n: int, sd: float | None) -> None:
    summary = quantiles.mean_sd(n=n, minimum=2, median=6, maximum=14, method="hozo")
    exact = math.sqrt((16 / 4 + 144) / 12)
    assert float(summary.sd) == pytest.approx(exact if sd is None else sd)
